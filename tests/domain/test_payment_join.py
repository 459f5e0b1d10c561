"""The join of payments: every order, repetition and delay of the same evidence ends the same."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from convokit.domain.instant import HOUR
from convokit.domain.money import Money
from convokit.domain.payment import FLAGS, Evidence, Movement, Payment, evidence_of

NOW = 1_800_000_000_000_000
ASKED = Money(minor=8450, currency="USD")
HOUR_LONG = timedelta(hours=1)

Step = Callable[[Evidence, Evidence], Evidence]


def payment(*said: Evidence) -> Payment:
    made = Payment(
        id="pay_1",
        conversation_id="c_1",
        title="Invoice 1042",
        invoice="1042",
        money=ASKED,
        provider="simulator",
        by_id="u1",
        by_name="Dr. Kim",
        requested_us=NOW,
        expires_us=NOW + HOUR,
    )
    for number, evidence in enumerate(said):
        made = made.joined(evidence, NOW + number)
    return made


def paid(movement_id: str = "ch_1", minor: int = 8450, currency: str = "USD", *, test: bool = False) -> Evidence:
    return evidence_of("paid", movement_id=movement_id, money=Money(minor=minor, currency=currency), test=test)


def refund(movement_id: str = "re_1", minor: int = 8450, currency: str = "USD") -> Evidence:
    return evidence_of("refunded", movement_id=movement_id, money=Money(minor=minor, currency=currency))


def failed(movement_id: str = "re_1") -> Evidence:
    return evidence_of("refund_failed", movement_id=movement_id)


OPENED, PROCESSING, DECLINED = evidence_of("opened"), evidence_of("processing"), evidence_of("declined")
EXPIRED, CANCELLED, DISPUTED = evidence_of("expired"), evidence_of("cancelled"), evidence_of("disputed")
TEST = paid(test=True)

ALPHABETS = {
    "the usual, twice paid": (
        OPENED,
        PROCESSING,
        DECLINED,
        CANCELLED,
        paid(),
        paid("ch_2"),
        refund(),
        refund(minor=50),
    ),
    "what does not fit": (
        EXPIRED,
        DISPUTED,
        TEST,
        paid(minor=1),
        paid(currency="CAD"),
        paid(),
        refund("re_2"),
        DECLINED,
    ),
    "refunds that fail": (
        CANCELLED,
        paid(),
        paid("ch_2"),
        refund(),
        refund(minor=50),
        refund("re_2", 8400),
        failed(),
        failed("re_2"),
    ),
}


def last_word(current: Evidence, said: Evidence) -> Evidence:
    """The seeded mutant: the state is the last report."""
    return said


def decline_ends_it(current: Evidence, said: Evidence) -> Evidence:
    """The seeded mutant: a declined card stops a later payment."""
    return current if "declined" in current.seen else current.joined(said)


def refunds_add_up(current: Evidence, said: Evidence) -> Evidence:
    """The seeded mutant: a repeated refund is counted again."""
    repeated = [evolve(one, id=f"{one.id}+") for one in said.refunds if one in current.refunds]
    return current.joined(evolve(said, refunds=tuple(repeated) or said.refunds))


def refund_needs_payment(current: Evidence, said: Evidence) -> Evidence:
    """The seeded mutant: a refund that comes before its payment is dropped."""
    return current if said.refunds and not current.charges else current.joined(said)


def second_payment_is_swallowed(current: Evidence, said: Evidence) -> Evidence:
    """The seeded mutant: once paid, other payments are repetitions."""
    return current if current.charges and said.charges else current.joined(said)


def failure_needs_refund(current: Evidence, said: Evidence) -> Evidence:
    """The seeded mutant: the failure of a refund that is not known yet is dropped."""
    return current if said.failed and not current.refunds else current.joined(said)


MUTANTS = [
    last_word,
    decline_ends_it,
    refunds_add_up,
    refund_needs_payment,
    second_payment_is_swallowed,
    failure_needs_refund,
]


def ends(step: Step, alphabet: Sequence[Evidence], length: int) -> tuple[int, dict[frozenset[int], Evidence]]:
    """How many sequences there are, and where each set of evidence ends; a set with two ends is a failure."""
    found: dict[frozenset[int], Evidence] = {}
    count = 0
    front: list[tuple[frozenset[int], Evidence]] = [(frozenset(), Evidence())]
    for _ in range(length):
        following = []
        for said, state in front:
            for number, evidence in enumerate(alphabet):
                count += 1
                after, where = step(state, evidence), said | {number}
                assert found.setdefault(where, after) == after
                following.append((where, after))
        front = following
    return count, found


@pytest.mark.parametrize("name", ALPHABETS)
def test_p08_all_sequences_up_to_six_end_the_same(name: str) -> None:
    count, found = ends(Evidence.joined, ALPHABETS[name], 6)
    assert count == sum(8**n for n in range(1, 7)) == 299_592
    assert len(found) == sum(1 for size in range(1, 7) for _ in itertools.combinations(range(8), size))


@pytest.mark.parametrize("mutant", MUTANTS)
def test_p08_the_harness_catches_its_mutants(mutant: Step) -> None:
    with pytest.raises(AssertionError):
        ends(mutant, [*ALPHABETS["the usual, twice paid"], refund("re_2"), failed("re_2")], 3)


def test_p08_no_wrong_transition_over_all_orders_of_five_events_with_repetitions() -> None:
    said = (OPENED, DECLINED, EXPIRED, paid(), refund(minor=50))
    for order in itertools.permutations((*said, paid()), 6):
        ended = payment(*order)
        assert ended.state == "partly_refunded"
        assert ended.flags == ("paid_late",)
        assert (ended.received, ended.refunded) == (ASKED, Money(minor=50, currency="USD"))


said_at_all = st.lists(st.sampled_from([e for alphabet in ALPHABETS.values() for e in alphabet]), max_size=12)


@given(said_at_all, said_at_all)
def test_p08_idempotent_commutative_associative_monotone(one: list[Evidence], other: list[Evidence]) -> None:
    a, b = payment(*one).evidence, payment(*other).evidence
    assert a.joined(a) == a
    assert a.joined(b) == b.joined(a)
    assert a.joined(b).joined(b) == a.joined(b)
    assert set(a.charges) <= set(a.joined(b).charges)
    assert payment(*one, *other).received.minor >= payment(*one).received.minor


@given(said_at_all)
def test_p08_paid_is_said_only_when_a_charge_fits_to_the_cent(said: list[Evidence]) -> None:
    ended = payment(*said)
    fits = any(charge == Movement(id=charge.id, minor=8450, currency="USD") for e in said for charge in e.charges)
    assert ended.settled == fits
    assert (ended.paid_us is not None) == fits
    assert set(ended.flags) <= FLAGS.keys()
    assert len(ended.advice) == len(ended.flags)


STATES = [
    ((), "requested", ()),
    ((OPENED,), "opened", ()),
    ((OPENED, PROCESSING), "processing", ()),
    ((PROCESSING, DECLINED), "declined", ()),
    ((DECLINED, paid()), "paid", ()),
    ((paid(), DECLINED), "paid", ()),
    ((DECLINED, EXPIRED), "expired", ()),
    ((EXPIRED, CANCELLED), "cancelled", ()),
    ((CANCELLED, paid()), "paid", ("paid_late",)),
    ((paid(), EXPIRED), "paid", ("paid_late",)),
    ((paid(), paid()), "paid", ()),
    ((paid(), paid("ch_2")), "paid", ("paid_twice",)),
    ((paid(), paid("ch_2"), refund(minor=8000)), "paid", ("paid_twice",)),
    ((paid(), paid("ch_2"), refund()), "paid", ()),
    ((paid(), refund(minor=50)), "partly_refunded", ()),
    ((paid(), refund(minor=50), refund("re_2", 8400)), "refunded", ()),
    ((paid(), refund(minor=50), refund(minor=8450)), "refunded", ()),
    ((paid(), refund(minor=9000)), "refunded", ("refund_too_large",)),
    ((paid(), refund(), failed()), "paid", ("refund_failed",)),
    ((paid(), refund(minor=50), refund("re_2"), failed("re_2")), "partly_refunded", ("refund_failed",)),
    ((paid(), refund(), failed(), refund("re_2")), "refunded", ("refund_failed",)),
    ((paid(), paid("ch_2"), refund(), failed()), "paid", ("paid_twice", "refund_failed")),
    ((paid(), failed("re_9")), "paid", ("refund_failed",)),
    ((refund(minor=50),), "requested", ("payment_missing",)),
    ((refund(minor=50), paid()), "partly_refunded", ()),
    ((paid(), DISPUTED), "disputed", ()),
    ((DISPUTED,), "requested", ("payment_missing",)),
    ((paid(minor=845),), "requested", ("wrong_amount",)),
    ((OPENED, paid(minor=8451)), "opened", ("wrong_amount",)),
    ((paid(minor=4000), paid("ch_2", 4450)), "requested", ("wrong_amount",)),
    ((paid(minor=4000), paid("ch_2")), "paid", ("wrong_amount", "paid_twice")),
    ((paid(currency="CAD"),), "requested", ("wrong_currency",)),
    ((paid(), refund(currency="CAD")), "paid", ("wrong_currency",)),
    ((TEST,), "requested", ("test_event",)),
    ((evidence_of("declined", test=True),), "requested", ("test_event",)),
    ((evidence_of("paid", movement_id="ch_1"),), "requested", ("wrong_currency",)),
    ((Evidence(seen=("link_failed",)),), "requested", ("link_failed",)),
    ((Evidence(seen=("link_failed",)), CANCELLED), "cancelled", ()),
]


@pytest.mark.parametrize(("said", "state", "flags"), STATES, ids=range(len(STATES)))
def test_p08_the_state_and_what_a_person_must_look_at(said: Sequence[Evidence], state: str, flags: tuple[str]) -> None:
    for order in itertools.permutations(said):
        ended = payment(*order)
        assert (ended.state, ended.flags) == (state, flags)


def test_past_its_time_it_has_expired_whatever_the_provider_says() -> None:
    open_one = payment(OPENED)
    assert open_one.as_of(NOW + HOUR).state == "opened"
    assert open_one.as_of(NOW + HOUR + 1).state == "expired"
    assert payment(paid()).as_of(NOW + 2 * HOUR) == payment(paid())
    assert payment(CANCELLED).as_of(NOW + 2 * HOUR).state == "cancelled"


def test_the_moment_of_payment_is_the_first_one_that_fits() -> None:
    ended = payment(paid(minor=1), paid(), paid("ch_2"))
    assert ended.paid_us == NOW + 1
    assert ended.paid_at is not None
    assert payment().paid_at is None
    assert (ended.requested_at.tzinfo, ended.expires_at - ended.requested_at) == (ended.paid_at.tzinfo, HOUR_LONG)


def test_what_is_kept_has_an_end_and_the_same_one_in_every_order() -> None:
    many = [paid(f"ch_{n:03}") for n in range(130)]
    forward, back = payment(*many), payment(*reversed(many))
    assert forward.evidence == back.evidence
    assert len(forward.evidence.charges) == 100
    assert (forward.state, forward.flags) == ("paid", ("paid_twice",))
