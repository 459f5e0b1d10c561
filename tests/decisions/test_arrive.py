"""A client wrote."""

from __future__ import annotations

import pytest
from attrs import evolve
from made_facts import ANA, NOW, OURS, PRACTICE, arrived, conversation

from convokit.decisions import Before, decide
from convokit.domain.consent_ledger import Consent
from convokit.domain.delivery import Delivery
from convokit.domain.instant import HOUR, MINUTE
from convokit.domain.rules import Practice, Rules

OUT = Consent(address=ANA, opted_out=True, since_us=NOW - HOUR)
TEXT_RULES = evolve(PRACTICE, rules=Rules(confirmation="{practice}: bye {phone}.", help_reply="{practice} {phone}"))


def test_first_text_starts_a_conversation_with_what_the_directory_knows() -> None:
    fact = arrived("Hello", client_id="c17", client_name="Ana Ruiz", patient_id="p4", patient_name="Bella")
    decision = decide(Before(consent=Consent(address=ANA)), fact, PRACTICE)
    after = decision.conversation
    assert after is not None
    assert (after.id, after.initiated_by, after.client_name, after.patient_name) == (
        "c_new",
        "client",
        "Ana Ruiz",
        "Bella",
    )
    assert (after.unread, after.last_seq, after.last_us, after.awaiting_us, after.last_side) == (
        1,
        1,
        NOW,
        NOW,
        "client",
    )
    assert [(e.seq, e.side, e.text) for e in decision.entries] == [(1, "client", "Hello")]
    assert decision.effects == ()
    assert decision.consent == ()


def test_a_text_joins_the_open_conversation_and_keeps_the_first_waiting_time() -> None:
    before = Before(conversation=conversation(unread=2, awaiting_us=NOW - HOUR))
    after = decide(before, arrived(), PRACTICE).conversation
    assert after is not None
    assert (after.id, after.version, after.unread, after.awaiting_us) == ("c_1", 2, 3, NOW - HOUR)


def test_p09_a_clock_set_back_moves_neither_order_nor_top() -> None:
    before = Before(conversation=conversation(last_us=NOW + HOUR))
    decision = decide(before, arrived(at_us=NOW - 365 * 24 * HOUR), PRACTICE)
    assert decision.conversation is not None
    assert decision.conversation.last_us == NOW + HOUR
    assert decision.entries[0].seq == 2


@pytest.mark.parametrize(("hours", "same"), [(1, True), (72, True), (73, False)])
def test_writing_again_reopens_within_the_window_else_starts_a_linked_one(hours: int, same: bool) -> None:
    ended = conversation(ended=True, ended_us=NOW - hours * HOUR, last_seq=4)
    decision = decide(Before(conversation=ended), arrived(), PRACTICE)
    after = decision.conversation
    assert after is not None
    assert after.ended is False
    if same:
        assert (after.id, after.version, after.previous_id) == ("c_1", 2, None)
        assert [(e.seq, e.event) for e in decision.entries] == [(5, "reopened"), (6, None)]
        assert len({e.id for e in decision.entries}) == 2
    else:
        assert (after.id, after.previous_id, after.client_name) == ("c_new", "c_1", "Ana Ruiz")
        assert [e.seq for e in decision.entries] == [1]


def test_an_ended_row_without_a_time_counts_as_long_ago() -> None:
    decision = decide(Before(conversation=conversation(ended=True)), arrived(), PRACTICE)
    assert decision.conversation is not None
    assert decision.conversation.id == "c_new"


def test_what_the_directory_says_outweighs_the_conversation_before() -> None:
    ended = conversation(ended=True, ended_us=0)
    decision = decide(Before(conversation=ended), arrived(client_id="c99", client_name="Ben"), PRACTICE)
    assert decision.conversation is not None
    assert (decision.conversation.client_id, decision.conversation.client_name) == ("c99", "Ben")


def test_p06_stop_is_on_the_ledger_in_the_same_decision_with_one_confirmation() -> None:
    decision = decide(Before(conversation=conversation()), arrived("STOP"), TEXT_RULES)
    (line,) = decision.consent
    assert (line.address, line.action, line.source, line.evidence, line.provider_id) == (
        ANA,
        "opt_out",
        "text",
        "STOP",
        "p1",
    )
    assert line.classifier
    assert [(e.kind, e.event, e.seq) for e in decision.entries] == [
        ("message", None, 2),
        ("event", "opted_out", 3),
        ("automatic", None, 4),
    ]
    (effect,) = decision.effects
    assert (effect.because, effect.passes_opt_out, effect.to, effect.sender) == ("confirmation", True, ANA, OURS)
    assert effect.not_after_us == NOW + 5 * MINUTE
    assert effect.entry_id == decision.entries[2].id
    assert (decision.entries[2].text, decision.entries[2].delivery) == (f"Happy Paws: bye {OURS}.", Delivery.QUEUED)
    assert decision.conversation is not None
    assert decision.conversation.last_seq == 4
    assert decision.conversation.last_text == "STOP"


@pytest.mark.parametrize(
    ("text", "consent", "answers", "action", "effects"),
    [
        ("STOP", OUT, {}, None, []),
        ("STOP", None, {"gateway_answers_stop": True}, "opt_out", []),
        ("START", OUT, {}, "opt_in", []),
        ("START", None, {}, None, []),
        ("YES", OUT, {}, "opt_in", []),
        ("YES", None, {}, None, []),
        ("HELP", None, {}, None, ["help"]),
        ("HELP", OUT, {}, None, ["help"]),
        ("HELP", None, {"gateway_answers_help": True}, None, []),
        ("ST0P", None, {}, "maybe", []),
        ("stop by at 5?", None, {}, None, []),
    ],
)
def test_what_a_text_says_about_consent(
    text: str, consent: Consent | None, answers: dict[str, bool], action: str | None, effects: list[str]
) -> None:
    fact = evolve(arrived(text), **answers)
    decision = decide(Before(conversation=conversation(), consent=consent), fact, PRACTICE)
    assert [line.action for line in decision.consent] == ([] if action is None else [action])
    assert [e.because for e in decision.effects] == effects
    assert [e.event for e in decision.entries if e.kind == "event"] == (
        [] if action is None else [{"opt_out": "opted_out", "opt_in": "opted_in", "maybe": "maybe_opt_out"}[action]]
    )
    assert [e.seq for e in decision.entries] == list(range(2, 2 + len(decision.entries)))


def test_a_maybe_is_flagged_on_the_message() -> None:
    decision = decide(Before(conversation=conversation()), arrived("ST0P"), PRACTICE)
    assert "maybe_opt_out" in decision.entries[0].flags


def test_cancel_opts_out_and_tells_staff_that_it_may_have_meant_an_appointment() -> None:
    decision = decide(Before(conversation=conversation()), arrived("Cancel"), PRACTICE)
    assert [line.action for line in decision.consent] == ["opt_out"]
    assert "appointment" in decision.entries[1].text
    assert "may_be_appointment" in decision.entries[0].flags


def test_stop_in_the_app_is_a_word_to_the_practice() -> None:
    app = conversation(channel="app", sender="app", address="c17")
    decision = decide(Before(conversation=app), arrived("STOP", channel="app", address="c17"), PRACTICE)
    assert decision.consent == ()
    assert decision.effects == ()


def test_practice_words_opt_out() -> None:
    practice = evolve(PRACTICE, rules=Rules(stop_words=frozenset({"genug"})))
    assert decide(Before(), arrived("Genug!"), practice).consent[0].action == "opt_out"
    assert decide(Before(), arrived("Genug!"), PRACTICE).consent == ()


def test_names_with_braces_are_never_templates() -> None:
    practice = Practice(id="p", name="{phone}{0.__class__}", phone="{practice}", rules=Rules(help_reply="{practice}!"))
    decision = decide(Before(), arrived("HELP"), practice)
    assert "class" in decision.entries[-1].text


def test_stop_as_the_first_text_confirms_from_the_new_conversation() -> None:
    decision = decide(Before(), arrived("stop"), PRACTICE)
    assert {e.conversation_id for e in decision.entries} == {"c_new"}
    assert decision.effects[0].conversation_id == "c_new"


def test_all_of_it_belongs_to_the_conversation_it_joins() -> None:
    decision = decide(Before(conversation=conversation()), arrived("stop"), PRACTICE)
    assert {e.conversation_id for e in decision.entries} == {"c_1"}
    assert decision.effects[0].conversation_id == "c_1"


def test_same_id_other_content_is_another_fact() -> None:
    assert arrived().identity == "in:sim:p1"
    assert arrived(flags=("same_id_other_content",)).identity == "in:sim:p1:f1"


@pytest.mark.parametrize("address", ["22395", "PAYPAL", ""])
def test_machines_get_no_automatic_answer(address: str) -> None:
    for words in ("STOP", "HELP"):
        assert decide(Before(), arrived(words, address=address), PRACTICE).effects == ()
