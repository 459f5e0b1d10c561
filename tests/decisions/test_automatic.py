"""What is sent by itself: the away reply, the greeting, the confirmation, the answer to HELP, and the cap on all."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from made_facts import ANA, OURS, PRACTICE, arrived, conversation, replied

from convokit.decisions import NOTHING, Before, Decision, Needs, decide, needs, needs_more
from convokit.domain.consent_ledger import Consent
from convokit.domain.conversation import Conversation
from convokit.domain.delivery import Delivery
from convokit.domain.departments import Department
from convokit.domain.hours import NEVER, ConversationHours
from convokit.domain.instant import HOUR, MINUTE, to_micros
from convokit.domain.rules import Practice, Rules
from convokit.effects import SendText

HOURS = ConversationHours(
    week={"mon-fri": "8:00-18:00"}, away="{practice} is closed. Call {phone}.", greeting="Welcome to {practice}!"
)
KEPT = evolve(PRACTICE, rules=Rules(hours=HOURS))
DENVER = ZoneInfo("America/Denver")
AWAY = f"Happy Paws is closed. Call {OURS}."


def local(text: str) -> int:
    return to_micros(datetime.fromisoformat(text).replace(tzinfo=DENVER))


NOON = local("2026-03-02T12:00")  # a Monday
NIGHT = local("2026-03-02T22:00")
MORNING = local("2026-03-03T08:00")


def answer(before: Before, text: str = "Hello", practice: Practice = KEPT, **changes: Any) -> Decision:
    return decide(before, arrived(text, **{"at_us": NIGHT, **changes}), practice)


def sent(decision: Decision) -> list[str]:
    """The automatic entries; on texts each is owed, in the app none is."""
    entries = [entry for entry in decision.entries if entry.kind == "automatic"]
    on_text = [entry.id for entry in entries if entry.channel == "sms"]
    assert [effect.entry_id for effect in decision.effects] == on_text
    return [entry.text for entry in entries]


def after(decision: Decision) -> Conversation:
    assert decision.conversation is not None
    return decision.conversation


# --- away and greeting ------------------------------------------------------------------------------------------------


def test_the_away_reply_is_owed_as_a_text_that_does_not_pass_the_gate() -> None:
    decision = answer(Before(conversation=conversation()))
    assert decision.effects == (
        SendText(
            entry_id="m_answer",
            conversation_id="c_1",
            sender=OURS,
            to=ANA,
            because="away",
            not_after_us=NIGHT + HOUR,
        ),
    )
    assert not decision.effects[0].passes_opt_out
    entry = decision.entries[-1]
    assert (entry.kind, entry.side, entry.text, entry.delivery) == ("automatic", "practice", AWAY, Delivery.QUEUED)
    # It answers nothing: the client still waits, and the inbox shows what the client wrote.
    shown = after(decision)
    assert (shown.away_us, shown.awaiting_us, shown.last_text, shown.unread) == (MORNING, NIGHT, "Hello", 1)
    assert (shown.last_seq, shown.last_message_seq) == (3, 2)


@pytest.mark.parametrize(
    ("away_us", "at", "expected"),
    [
        (None, "2026-03-02T22:00", [AWAY]),
        (MORNING, "2026-03-02T23:00", []),  # told in this closed time
        (MORNING, "2026-03-03T20:00", [AWAY]),  # another one
        (MORNING, "2025-03-04T20:00", [AWAY]),  # the clock went back: another one
        (None, "2026-03-03T12:00", []),
    ],
)
def test_the_away_reply_is_sent_once_in_a_closed_time(away_us: int | None, at: str, expected: list[str]) -> None:
    before = Before(conversation=conversation(away_us=away_us))
    assert sent(answer(before, at_us=local(at))) == expected


def test_the_away_reply_leaves_before_it_opens_or_not_at_all() -> None:
    at_us = MORNING - 10 * MINUTE
    assert answer(Before(conversation=conversation()), at_us=at_us).effects[0].not_after_us == MORNING


def test_what_never_opens_is_told_once() -> None:
    shut = evolve(PRACTICE, rules=Rules(hours=ConversationHours(week={"mon": ""}, away="Closed.")))
    decision = answer(Before(conversation=conversation()), practice=shut)
    assert (after(decision).away_us, decision.effects[0].not_after_us) == (NEVER, NIGHT + HOUR)
    assert sent(answer(Before(conversation=after(decision)), practice=shut)) == []


@pytest.mark.parametrize(
    ("before", "at_us", "expected"),
    [
        (Before(), NOON, ["Welcome to Happy Paws!"]),
        (Before(conversation=conversation()), NOON, []),
        (Before(conversation=conversation(ended=True, ended_us=NOON - HOUR)), NOON, []),  # reopened
        (Before(conversation=conversation(ended=True, ended_us=0)), NOON, ["Welcome to Happy Paws!"]),  # a new one
        (Before(), NIGHT, [AWAY]),  # one message, not two
    ],
)
def test_the_greeting_is_sent_when_a_client_begins_a_conversation(
    before: Before, at_us: int, expected: list[str]
) -> None:
    decision = answer(before, at_us=at_us)
    assert sent(decision) == expected
    assert all(effect.because == ("away" if at_us == NIGHT else "greeting") for effect in decision.effects)


def test_a_greeting_needs_no_hours() -> None:
    always = evolve(PRACTICE, rules=Rules(hours=ConversationHours(greeting="Hi!")))
    decision = answer(Before(), practice=always)
    assert sent(decision) == ["Hi!"]
    assert decision.effects[0].not_after_us == NIGHT + HOUR


def test_in_the_app_it_is_stored_and_owed_to_nobody() -> None:
    app = {"channel": "app", "sender": "app", "address": "c17"}
    for before, at_us, expected in (
        (Before(), NOON, "Welcome to Happy Paws!"),
        (Before(conversation=conversation(**app)), NIGHT, AWAY),
    ):
        decision = answer(before, at_us=at_us, **app)
        assert sent(decision) == [expected]
        assert (decision.effects, decision.entries[-1].delivery) == ((), Delivery.SENT)


def test_a_department_has_its_own_hours_or_the_practices() -> None:
    own = ConversationHours(week={"mon-sun": "0:00-24:00"}, greeting="Emergency desk here.")
    rules = Rules(
        hours=HOURS,
        departments=(Department(id="er", name="Emergency", hours=own), Department(id="lab", name="Laboratory")),
    )
    practice = evolve(PRACTICE, rules=rules)
    for department, expected in (("er", []), ("lab", [AWAY]), ("", [AWAY]), ("gone", [AWAY])):
        assert sent(answer(Before(conversation=conversation(department=department)), practice=practice)) == expected


@pytest.mark.parametrize("text", ["STOP", "START", "HELP", "YES"])
def test_a_keyword_gets_its_own_answer_and_no_other(text: str) -> None:
    practice = evolve(KEPT, rules=evolve(KEPT.rules, confirmation="bye", help_reply="help"))
    opted_out = Consent(address=ANA, opted_out=text in {"START", "YES"})
    decision = answer(Before(conversation=conversation(), consent=opted_out), text, practice)
    assert sent(decision) == {"STOP": ["bye"], "HELP": ["help"]}.get(text, [])
    assert after(decision).away_us is None


# --- who gets none ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["22395", "PAYPAL", ""])
def test_machines_get_no_automatic_message(address: str) -> None:
    for at_us in (NOON, NIGHT):
        decision = answer(Before(), at_us=at_us, address=address)
        assert (sent(decision), decision.entries[0].flags) == ([], ())


def test_p06_a_client_who_opted_out_gets_none() -> None:
    opted_out = Consent(address=ANA, opted_out=True)
    for found, at_us in ((conversation(), NIGHT), (None, NOON)):
        decision = answer(Before(conversation=found, consent=opted_out), at_us=at_us)
        assert (sent(decision), decision.entries[-1].flags) == ([], ())


@pytest.mark.parametrize("text", ["Hello", "ST0P"])
@pytest.mark.parametrize("at_us", [NOON, NIGHT], ids=["greeting", "away"])
def test_a_maybe_holds_automatic_messages_until_a_person_decides(text: str, at_us: int) -> None:
    maybe = Consent(address=ANA, maybe=text == "Hello")
    decision = answer(Before(consent=maybe), text, at_us=at_us)
    assert (sent(decision), decision.effects) == ([], ())
    assert "automatic_held" in decision.entries[0].flags
    # It is not made up for: the next message of this closed time is not flagged again.
    again = answer(Before(conversation=after(decision), consent=maybe), at_us=at_us)
    assert again.entries[0].flags == ()
    decided = answer(Before(), at_us=at_us)
    assert len(sent(decided)) == 1


def test_a_maybe_does_not_hold_the_answer_to_help() -> None:
    before = Before(conversation=conversation(), consent=Consent(address=ANA, maybe=True))
    assert [effect.because for effect in answer(before, "HELP").effects] == ["help"]


# --- the cap ----------------------------------------------------------------------------------------------------------

THREE = (("help", NIGHT - 1), ("greeting", NIGHT - MINUTE), ("away", NIGHT - 2 * MINUTE))


@pytest.mark.parametrize(
    ("found", "text", "at_us"),
    [(conversation(), "Hello", NIGHT), (None, "Hello", NOON), (conversation(), "HELP", NIGHT)],
    ids=["away", "greeting", "help"],
)
def test_p24_three_automatic_texts_an_hour_are_the_most(found: Conversation | None, text: str, at_us: int) -> None:
    assert len(sent(answer(Before(conversation=found, recent=THREE[:2]), text, at_us=at_us))) == 1
    decision = answer(Before(conversation=found, recent=THREE), text, at_us=at_us)
    assert sent(decision) == []
    assert "automatic_capped" in decision.entries[0].flags


def test_p24_the_confirmation_of_an_opt_out_is_never_held_back_by_the_cap() -> None:
    assert len(sent(answer(Before(recent=THREE), "STOP"))) == 1


def test_p24_the_count_is_loaded_only_when_an_automatic_text_is_owed() -> None:
    fact = arrived(at_us=NIGHT)
    assert needs(fact).recent_us is None
    owed = decide(Before(), fact, KEPT)
    assert needs_more(fact, Before(), owed) == evolve(needs(fact), recent_us=NIGHT)
    assert needs_more(fact, Before(recent=()), owed) is None
    nothing_owed = decide(Before(), fact, PRACTICE)
    assert needs_more(fact, Before(), nothing_owed) is None
    reply = replied()
    assert needs_more(reply, Before(), decide(Before(conversation=conversation()), reply, KEPT)) is None
    assert needs_more(fact, Before(), NOTHING) is None
    assert needs(reply) == Needs(conversation_id="c_1", consent=True, reach=True)


# --- the one confirmation ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "confirmed"), [(0, False), (4, False), (5, False), (5.01, True), (60, True), (-10, False)]
)
def test_p06_stop_start_stop_within_five_minutes_is_confirmed_once(minutes: float, confirmed: bool) -> None:
    recent = (("confirmation", NIGHT - round(minutes * MINUTE)),)
    decision = answer(Before(conversation=conversation(), recent=recent), "STOP")
    assert [line.action for line in decision.consent] == ["opt_out"]
    assert len(sent(decision)) == confirmed
    assert decision.entries[0].flags == ()


def test_p06_another_automatic_text_does_not_stand_for_the_confirmation() -> None:
    assert len(sent(answer(Before(conversation=conversation(), recent=(("help", NIGHT),)), "STOP"))) == 1
