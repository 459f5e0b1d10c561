"""News of a hand-over: reports and settlements feed one join."""

from __future__ import annotations

import itertools

import pytest
from attrs import evolve
from made_facts import ANA, NOW, PRACTICE, conversation, outbound, owed, reported, settled

from convokit.decisions import NOTHING, Before, Settlement, decide, delivery
from convokit.decisions.delivery import OURSELVES
from convokit.domain.consent_ledger import Consent
from convokit.domain.delivery import Delivery
from convokit.domain.instant import HOUR, MINUTE, SECOND
from convokit.domain.reasons import REASONS
from convokit.effects import SendText
from convokit.outcomes import Accepted, Refused, TryLater, Unsure

OUT = Consent(address=ANA, opted_out=True, since_us=NOW)


def before(**changes: object) -> Before:
    base = Before(
        conversation=conversation(last_message_seq=1, last_delivery=Delivery.QUEUED), entry=outbound(), effect=owed()
    )
    return evolve(base, **changes)


def test_a_report_moves_the_check_and_the_inbox_row() -> None:
    decision = decide(before(), reported(Delivery.DELIVERED), PRACTICE)
    assert [(c.entry_id, c.delivery, c.raw) for c in decision.deliveries] == [("m_1", Delivery.DELIVERED, "word")]
    assert decision.conversation is not None
    assert (decision.conversation.last_delivery, decision.conversation.version) == (Delivery.DELIVERED, 2)


def test_a_report_on_an_older_message_leaves_the_inbox_row() -> None:
    state = before(conversation=conversation(last_message_seq=7, last_delivery=Delivery.QUEUED))
    after = decide(state, reported(Delivery.SENT), PRACTICE).conversation
    assert after is not None
    assert after.last_delivery is Delivery.QUEUED


@pytest.mark.parametrize(
    ("state", "fact"),
    [
        (before(entry=None), reported()),
        (before(), reported(None)),
        (before(), reported(Delivery.DELIVERED, attempt=2)),
        (before(entry=outbound(delivery=Delivery.DELIVERED)), reported(Delivery.SENT)),
        (before(entry=outbound(delivery=Delivery.SENT, raw="word")), reported(Delivery.SENT)),
        (before(entry=outbound(delivery=Delivery.SENT, raw="xyz")), reported(Delivery.SENT)),
        (before(entry=outbound(attempt=2)), reported(Delivery.FAILED)),
        (before(entry=outbound(attempt=2)), reported(Delivery.SENT)),
        (before(effect=None), settled()),
        (before(entry=None), settled()),
    ],
)
def test_nothing_new_writes_nothing(state: Before, fact: object) -> None:
    decision = decide(state, fact, PRACTICE)  # type: ignore[arg-type]
    assert decision == NOTHING
    assert decision.changes_nothing


def test_p05_a_text_is_never_read() -> None:
    (change,) = decide(before(), reported(Delivery.READ), PRACTICE).deliveries
    assert change.delivery is Delivery.DELIVERED


def test_p05_failure_after_delivery_is_an_anomaly_noted_once() -> None:
    state = before(entry=outbound(delivery=Delivery.DELIVERED))
    (change,) = decide(state, reported(Delivery.FAILED, reason="landline"), PRACTICE).deliveries
    assert (change.delivery, change.reason, change.flags) == (Delivery.DELIVERED, None, ("reports_disagree",))
    noted = before(entry=outbound(delivery=Delivery.DELIVERED, flags=("reports_disagree",)))
    assert decide(noted, reported(Delivery.FAILED), PRACTICE) == NOTHING


def test_p05_only_delivered_clears_a_failure() -> None:
    failed = before(entry=outbound(delivery=Delivery.FAILED), conversation=conversation(failed=1))
    assert decide(failed, reported(Delivery.SENT), PRACTICE) == NOTHING
    decision = decide(failed, reported(Delivery.DELIVERED), PRACTICE)
    assert decision.conversation is not None
    assert decision.conversation.failed == 0


def test_delivery_of_an_earlier_attempt_still_means_that_the_client_has_it() -> None:
    state = before(entry=outbound(attempt=2))
    (change,) = decide(state, reported(Delivery.DELIVERED), PRACTICE).deliveries
    assert (change.delivery, change.attempt) == (Delivery.DELIVERED, 2)


def test_an_entry_without_delivery_counts_as_queued() -> None:
    (change,) = decide(before(entry=outbound(delivery=None)), reported(Delivery.SENT), PRACTICE).deliveries
    assert change.delivery is Delivery.SENT


def test_accepted_is_one_check_with_the_providers_id() -> None:
    decision = decide(before(), settled(), PRACTICE)
    assert [(c.delivery, c.provider_id) for c in decision.deliveries] == [(Delivery.SENT, "p9")]
    assert decision.settlement == Settlement(key="m_1.1", tries=1, provider="sim", provider_id="p9")


def test_accepted_as_delivered() -> None:
    (change,) = decide(before(), settled(Accepted(delivery="delivered")), PRACTICE).deliveries
    assert change.delivery is Delivery.DELIVERED


def test_a_report_before_the_answer_still_lets_the_answer_settle() -> None:
    state = before(entry=outbound(delivery=Delivery.DELIVERED))
    decision = decide(state, settled(Accepted()), PRACTICE)
    assert decision.deliveries == ()
    assert decision.settlement is not None


def test_refused_is_the_black_i_with_reason_and_raw_words() -> None:
    decision = decide(before(), settled(Refused(reason="landline", raw="x" * 900)), PRACTICE)
    (change,) = decision.deliveries
    assert (change.delivery, change.reason, len(change.raw)) == (Delivery.FAILED, "landline", 500)
    assert decision.conversation is not None
    assert decision.conversation.failed == 1


def test_unsure_counts_as_trouble_and_is_done() -> None:
    decision = decide(before(), settled(Unsure(why="no answer")), PRACTICE)
    assert decision.deliveries[0].delivery is Delivery.UNSURE
    assert decision.settlement is not None
    assert decision.settlement.again_us is None
    assert decision.conversation is not None
    assert decision.conversation.failed == 1


def test_unsure_then_failed_counts_once_and_left_counts_again_with_news() -> None:
    unsure = before(entry=outbound(delivery=Delivery.UNSURE), conversation=conversation(failed=1))
    after = decide(unsure, reported(Delivery.FAILED), PRACTICE).conversation
    assert after is not None
    assert after.failed == 1
    left = before(entry=outbound(delivery=Delivery.UNSURE, flags=("left",)), conversation=conversation(failed=0))
    decision = decide(left, reported(Delivery.FAILED), PRACTICE)
    assert decision.deliveries[0].flags == ()
    assert decision.conversation is not None
    assert decision.conversation.failed == 1


@pytest.mark.parametrize(
    ("tries", "asked", "seconds"), [(1, None, 15), (2, None, 30), (3, 300, 300), (9, None, 900), (1, 999_999, 3600)]
)
def test_try_later_waits_longer_each_time(tries: int, asked: int | None, seconds: int) -> None:
    state = before(effect=owed(tries=tries, owed_us=NOW))
    decision = decide(state, settled(TryLater(after=asked), tries=tries), PRACTICE)
    assert decision.deliveries == ()
    assert decision.settlement is not None
    assert decision.settlement.again_us == NOW + seconds * SECOND


def test_try_later_gives_up_in_the_end_and_says_so() -> None:
    state = before(effect=owed(owed_us=NOW - 4 * HOUR))
    decision = decide(state, settled(TryLater(raw="429")), PRACTICE)
    assert [(c.delivery, c.reason) for c in decision.deliveries] == [(Delivery.FAILED, "expired")]
    assert decision.settlement is not None
    assert decision.settlement.again_us is None


def test_a_confirmation_is_not_tried_after_its_five_minutes() -> None:
    effect = SendText(
        entry_id="m_1", conversation_id="c_1", sender="s", to=ANA, because="confirmation", not_after_us=NOW + 1
    )
    state = before(effect=owed(effect=effect, owed_us=NOW - MINUTE))
    assert decide(state, settled(TryLater()), PRACTICE).deliveries[0].reason == "expired"


@pytest.mark.parametrize("stale", [owed(tries=2), owed(state="done"), owed(state="owed")])
def test_p03_an_answer_after_the_lease_is_evidence_and_settles_nothing(stale: object) -> None:
    unsure = outbound(delivery=Delivery.UNSURE)
    decision = decide(before(effect=stale, entry=unsure), settled(), PRACTICE)
    assert decision.settlement is None
    assert decision.deliveries[0].delivery is Delivery.SENT
    assert decide(before(effect=stale, entry=unsure), settled(TryLater()), PRACTICE) == NOTHING


def test_p06_a_text_that_was_leaving_when_the_client_opted_out_is_marked_crossed() -> None:
    (change,) = decide(before(consent=OUT), settled(), PRACTICE).deliveries
    assert "crossed" in change.flags
    again = before(consent=OUT, entry=outbound(flags=("crossed",), delivery=Delivery.SENT))
    assert decide(again, settled(Accepted()), PRACTICE).deliveries == ()


@pytest.mark.parametrize(
    ("effect", "outcome", "consent"),
    [
        (owed(), Refused(reason="landline"), OUT),
        (owed(), None, Consent(address=ANA)),
        (
            owed(effect=SendText(entry_id="m_1", conversation_id="c_1", sender="s", to=ANA, because="confirmation")),
            None,
            OUT,
        ),
    ],
)
def test_what_is_not_crossed(effect: object, outcome: object, consent: Consent) -> None:
    decision = decide(before(effect=effect, consent=consent), settled(outcome), PRACTICE)
    assert all("crossed" not in c.flags for c in decision.deliveries)


@pytest.mark.parametrize(
    "fact",
    [settled(Refused(reason="opted_out", raw="21610")), reported(Delivery.FAILED, reason="opted_out", raw="21610")],
)
def test_p07_the_carriers_opt_out_becomes_ours(fact: object) -> None:
    decision = decide(before(), fact, PRACTICE)  # type: ignore[arg-type]
    (line,) = decision.consent
    assert (line.address, line.action, line.source, line.evidence) == (ANA, "opt_out", "gateway", "21610")
    assert decide(before(consent=OUT), fact, PRACTICE).consent == ()  # type: ignore[arg-type]


@pytest.mark.parametrize("category", sorted(REASONS))
def test_p07_every_block_and_nothing_else_becomes_an_opt_out(category: str) -> None:
    """By whatever way the carrier says it: at once, after the lease, in a report, about an earlier attempt."""
    ways = (
        (before(), settled(Refused(reason=category, raw="21610"))),
        (before(effect=owed(tries=2)), settled(Refused(reason=category, raw="21610"))),
        (before(effect=owed(state="done")), settled(Refused(reason=category, raw="21610"))),
        (before(), reported(Delivery.FAILED, reason=category, raw="21610")),
        (before(entry=outbound(attempt=2)), reported(Delivery.FAILED, reason=category, raw="21610")),
        (before(entry=outbound(delivery=Delivery.DELIVERED)), reported(Delivery.FAILED, reason=category, raw="21610")),
        (before(entry=outbound(delivery=Delivery.FAILED)), reported(Delivery.FAILED, reason=category, raw="21610")),
    )
    for state, fact in ways:
        mirrored = [(line.action, line.source) for line in decide(state, fact, PRACTICE).consent]
        assert mirrored == ([("opt_out", "gateway")] if category == "opted_out" else [])


def test_p06_what_we_settled_ourselves_never_left_and_so_never_crossed() -> None:
    decision = decide(before(consent=OUT), settled(Accepted(), provider=OURSELVES), PRACTICE)
    assert all("crossed" not in c.flags for c in decision.deliveries)


def test_p07_our_own_gate_is_no_carriers_word() -> None:
    decision = decide(before(), settled(Refused(reason="opted_out"), provider=OURSELVES), PRACTICE)
    assert decision.consent == ()
    assert decision.deliveries[0].reason == "opted_out"


def test_the_identity_of_a_report_is_the_providers_event_or_its_content() -> None:
    assert reported(event_id="ev1").identity == "dlr:sim:m_1.1:ev1"
    assert reported(Delivery.SENT).identity != reported(Delivery.FAILED).identity
    assert len(reported(raw="x" * 5000).identity) <= 300


def test_p07_the_carriers_opt_out_counts_whichever_attempt_it_is_about() -> None:
    fact = reported(Delivery.FAILED, reason="opted_out", raw="21610")
    decision = decide(before(entry=outbound(attempt=2)), fact, PRACTICE)
    assert [line.source for line in decision.consent] == ["gateway"]
    assert decision.deliveries == ()


EVIDENCE = [
    reported(Delivery.SENT, raw="sent"),
    reported(Delivery.SENT, raw="buffered"),
    reported(Delivery.FAILED, reason="landline", raw="11"),
    reported(Delivery.FAILED, reason="unknown", raw="99"),
    reported(Delivery.FAILED, reason="number_inactive", raw="1"),
    reported(Delivery.DELIVERED, raw="delivered"),
    reported(Delivery.READ, raw="read"),
    reported(None, raw="teleported"),
    settled(Accepted()),
    settled(Unsure(why="no answer")),
]


def fold(sequence: tuple[object, ...]) -> tuple[object, ...]:
    """The whole message, and the count of trouble, after the evidence in this order."""
    entry, held = outbound(), conversation(last_message_seq=1)
    for fact in sequence:
        decision = decide(Before(conversation=held, entry=entry, effect=owed()), fact, PRACTICE)  # type: ignore[arg-type]
        held = decision.conversation or held
        for change in decision.deliveries:
            entry = evolve(entry, delivery=change.delivery, reason=change.reason, raw=change.raw, flags=change.flags)
    return entry.delivery, entry.reason, entry.raw, frozenset(entry.flags), held.failed, held.last_delivery


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_p05_every_order_of_the_same_evidence_leaves_the_same_message(length: int) -> None:
    for facts in itertools.combinations_with_replacement(EVIDENCE, length):
        assert len({fold(order) for order in set(itertools.permutations(facts))}) == 1, facts


@pytest.mark.soak
@pytest.mark.parametrize("length", [5, 6])
def test_p05_every_order_of_five_and_six_leaves_the_same_message(length: int) -> None:
    for facts in itertools.combinations(EVIDENCE, length):
        assert len({fold(order) for order in itertools.permutations(facts)}) == 1, facts


def test_p05_the_harness_of_orders_catches_its_mutant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "_telling", lambda why: 0)  # of two failures the first one stays
    pairs = itertools.permutations(EVIDENCE, 2)
    assert any(fold((a, b)) != fold((b, a)) for a, b in pairs)
