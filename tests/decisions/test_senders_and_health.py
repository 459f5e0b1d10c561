"""No text from a number that is not ready; what carriers say of a number; several clients with one number."""

from __future__ import annotations

import pytest
from attrs import evolve
from made_facts import (
    ANA,
    NOW,
    OURS,
    PRACTICE,
    arrived,
    conversation,
    outbound,
    owed,
    replied,
    reported,
    settled,
    started,
)

from convokit.decisions import NOTHING, Before, decide, needs
from convokit.domain.candidates import Candidate, ClientChoice
from convokit.domain.delivery import Delivery
from convokit.domain.number_health import NumberHealth, is_lasting
from convokit.domain.reasons import REASONS
from convokit.domain.sender_states import SENDER_STATES
from convokit.domain.senders import NOT_READY, sender_state
from convokit.errors import Conflict, InvalidInput
from convokit.facts import ClientChosen, Fact, SendAgainAsked
from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure

FAILED = outbound(delivery=Delivery.FAILED)
AGAIN = SendAgainAsked(conversation_id="c_1", entry_id="m_1", at_us=NOW, by_id="u1")


# --- sender numbers ---------------------------------------------------------------------------------------------------


def test_every_state_but_ready_has_a_reason() -> None:
    assert {*NOT_READY, "ready"} == set(SENDER_STATES)
    assert {why.category for why in NOT_READY.values()} <= REASONS.keys()
    assert all(why.code == f"sender.{state}" for state, why in NOT_READY.items())


@pytest.mark.parametrize("state", sorted(NOT_READY))
@pytest.mark.parametrize(
    ("before", "fact"),
    [
        (Before(), started()),
        (Before(conversation=conversation()), replied()),
        (Before(conversation=conversation(), entry=FAILED), AGAIN),
    ],
)
def test_nothing_is_owed_from_a_number_that_is_not_ready(before: Before, fact: Fact, state: str) -> None:
    practice = evolve(PRACTICE, sender_states={OURS: state})
    assert sender_state(practice, OURS) == state
    with pytest.raises(Conflict) as caught:
        decide(before, fact, practice)
    assert (caught.value.code, caught.value.field) == (f"sender.{state}", "sender")


def test_the_app_and_other_numbers_go_on() -> None:
    practice = evolve(PRACTICE, numbers=(OURS, "+13035550101"), sender_states={"+13035550101": "suspended"})
    assert decide(Before(), started(), practice).conversation is not None
    stopped = evolve(practice, sender_states={OURS: "suspended"})
    app = conversation(channel="app", sender="app", address="c17")
    assert decide(Before(conversation=app), replied(), stopped).entries
    assert decide(Before(), arrived(), stopped).entries[0].text == "Thanks!"


# --- the health of numbers --------------------------------------------------------------------------------------------


def before(**changes: object) -> Before:
    base = Before(
        conversation=conversation(last_message_seq=1, last_delivery=Delivery.QUEUED), entry=outbound(), effect=owed()
    )
    return evolve(base, **changes)


@pytest.mark.parametrize("category", sorted(REASONS))
def test_a_lasting_reason_marks_the_number_and_no_other_does(category: str) -> None:
    mark = NumberHealth(address=ANA, reason=category, since_us=NOW, entry_id="m_1") if is_lasting(category) else None
    assert decide(before(), reported(Delivery.FAILED, reason=category), PRACTICE).health == mark
    assert decide(before(), settled(Refused(reason=category)), PRACTICE).health == mark


def test_only_three_reasons_last() -> None:
    assert {name for name in REASONS if is_lasting(name)} == {"landline", "invalid_number", "number_inactive"}
    assert not is_lasting(None)


@pytest.mark.parametrize(
    ("outcome", "clears"),
    [(Accepted(delivery="delivered"), True), (Accepted(), False), (Unsure(why="?"), False), (TryLater(), False)],
)
def test_a_delivery_clears_the_mark_and_nothing_less_does(outcome: Outcome, clears: bool) -> None:
    expected = NumberHealth(address=ANA) if clears else None
    assert decide(before(), settled(outcome), PRACTICE).health == expected


def test_a_delivery_after_the_failure_of_the_same_text_clears_the_mark() -> None:
    failed = before(entry=outbound(delivery=Delivery.FAILED, reason="landline"))
    assert decide(failed, reported(), PRACTICE).health == NumberHealth(address=ANA)


def test_a_failure_of_a_text_that_arrived_marks_nothing() -> None:
    arrived_already = before(entry=outbound(delivery=Delivery.DELIVERED))
    decision = decide(arrived_already, reported(Delivery.FAILED, reason="landline"), PRACTICE)
    assert decision.deliveries[0].flags == ("reports_disagree",)
    assert decision.health is None


def test_what_is_known_already_is_not_said_again() -> None:
    failed = before(entry=outbound(delivery=Delivery.FAILED, reason="landline", raw="word"))
    assert decide(failed, reported(Delivery.FAILED, reason="landline"), PRACTICE) == NOTHING


def test_what_the_health_of_a_number_says() -> None:
    well, ill = NumberHealth(address=ANA), NumberHealth(address=ANA, reason="landline", since_us=NOW)
    assert (well.can_receive, well.since, well.advice) == (True, None, "")
    assert (ill.can_receive, ill.advice) == (False, REASONS["landline"].advice)
    assert ill.since is not None
    assert int(ill.since.timestamp()) == NOW // 1_000_000


# --- shared numbers ---------------------------------------------------------------------------------------------------

TWO = (
    Candidate(client_id="c17", client_name="Ana Ruiz", client_email="ana@example.com", patient_id="p4"),
    Candidate(client_id="c18", client_name="Ben Ruiz", patient_name="Bella"),
)
REMEMBERED = ClientChoice(address=ANA, client_id="c18", by_id="u1", by_name="Dr. Kim", at_us=1)


def chosen(client_id: str) -> ClientChosen:
    return ClientChosen(
        conversation_id="c_1", entry_id="m_e", at_us=NOW, client_id=client_id, by_id="u1", by_name="Dr. Kim"
    )


def test_the_choice_is_looked_up_only_where_there_is_one_to_make() -> None:
    assert not needs(arrived()).choice
    assert needs(arrived(candidates=TWO)).choice


@pytest.mark.parametrize("previous", [None, conversation(ended=True, ended_us=1)])
def test_of_several_clients_none_is_guessed(previous: object) -> None:
    decision = decide(Before(conversation=previous), arrived(candidates=TWO), PRACTICE)  # type: ignore[arg-type]  # both
    after = decision.conversation
    assert after is not None
    assert (after.client_id, after.client_name, after.candidates) == (None, "", TWO)
    assert [(e.seq, e.kind, e.event) for e in decision.entries] == [
        (1, "event", "several_clients"),
        (2, "message", None),
    ]
    assert "Ana Ruiz, Ben Ruiz" in decision.entries[0].text
    assert (after.last_seq, after.last_message_seq, after.unread) == (2, 2, 1)


def test_whom_staff_chose_before_is_the_client() -> None:
    decision = decide(Before(choice=REMEMBERED), arrived(candidates=TWO), PRACTICE)
    after = decision.conversation
    assert after is not None
    assert (after.client_id, after.client_name, after.patient_name, after.candidates) == (
        "c18",
        "Ben Ruiz",
        "Bella",
        TWO,
    )
    assert [e.kind for e in decision.entries] == ["message"]
    assert decision.entries[0].author_name == "Ben Ruiz"


def test_a_choice_that_the_host_no_longer_names_is_not_used() -> None:
    merged = evolve(REMEMBERED, client_id="c99")
    after = decide(Before(choice=merged), arrived(candidates=TWO), PRACTICE).conversation
    assert after is not None
    assert after.client_id is None


def test_staff_choose_and_it_is_remembered_for_the_number() -> None:
    decision = decide(Before(conversation=conversation(client_id=None, candidates=TWO)), chosen("c17"), PRACTICE)
    after = decision.conversation
    assert after is not None
    assert (after.client_id, after.client_email, after.patient_id) == ("c17", "ana@example.com", "p4")
    assert (after.address, after.candidates) == (ANA, TWO)
    assert decision.choice == ClientChoice(address=ANA, client_id="c17", by_id="u1", by_name="Dr. Kim", at_us=NOW)
    assert [e.text for e in decision.entries] == ["Dr. Kim chose Ana Ruiz as the client."]


def test_choosing_the_same_again_changes_nothing() -> None:
    before_ = Before(conversation=conversation(client_id="c17", candidates=TWO))
    assert decide(before_, chosen("c17"), PRACTICE) == NOTHING


@pytest.mark.parametrize("candidates", [(), TWO])
def test_only_a_candidate_can_be_chosen(candidates: tuple[Candidate, ...]) -> None:
    with pytest.raises(InvalidInput) as caught:
        decide(Before(conversation=conversation(candidates=candidates)), chosen("c99"), PRACTICE)
    assert (caught.value.code, caught.value.limit) == ("client.not_candidate", "c17, c18" if candidates else None)
