"""What staff and the app do to a conversation as a whole."""

from __future__ import annotations

import pytest
from attrs import evolve
from made_facts import ANA, NOW, PRACTICE, conversation

from convokit.decisions import NOTHING, Before, Needs, decide, needs
from convokit.domain.consent_ledger import Consent
from convokit.domain.delivery import Delivery
from convokit.errors import Conflict
from convokit.facts import (
    AppOpened,
    AssigneeSet,
    ConsentRecorded,
    ConversationEnded,
    ConversationRestarted,
    MarkedUnread,
    StaffRead,
    TeamMemberRenamed,
    ThreadRead,
    UrgencySet,
)

STAMP = {"conversation_id": "c_1", "entry_id": "m_e", "at_us": NOW, "by_id": "u1", "by_name": "Dr. Kim"}
APP = conversation(channel="app", sender="app", address="c17", last_seq=5, last_message_seq=5)
OUT = Consent(address=ANA, opted_out=True, since_us=1)
MAYBE = Consent(address=ANA, maybe=True, since_us=1)


def test_end_moves_to_history_with_an_event() -> None:
    decision = decide(Before(conversation=conversation(unread=3, awaiting_us=1)), ConversationEnded(**STAMP), PRACTICE)
    after = decision.conversation
    assert after is not None
    assert (after.ended, after.ended_us, after.unread, after.awaiting_us, after.last_seq) == (True, NOW, 3, None, 2)
    assert [(e.event, e.author_id, e.seq) for e in decision.entries] == [("ended", "u1", 2)]
    with pytest.raises(Conflict) as caught:
        decide(Before(conversation=after), ConversationEnded(**STAMP), PRACTICE)
    assert caught.value.code == "conversation.ended"


def test_restart_opens_again_unless_another_one_is_open_beside_it() -> None:
    ended = conversation(ended=True, ended_us=5)
    decision = decide(Before(conversation=ended), ConversationRestarted(**STAMP), PRACTICE)
    assert decision.conversation is not None
    assert (decision.conversation.ended, decision.conversation.ended_us) == (False, None)
    for before, code in [
        (Before(conversation=conversation()), "conversation.open"),
        (Before(conversation=evolve(ended, address="")), "conversation.erased"),
        (Before(conversation=ended, open_beside=conversation(id="c_2")), "conversation.already_open"),
    ]:
        with pytest.raises(Conflict) as caught:
            decide(before, ConversationRestarted(**STAMP), PRACTICE)
        assert caught.value.code == code


def test_rename_and_urgency_are_events_and_repeating_them_is_nothing() -> None:
    renamed = decide(Before(conversation=conversation()), TeamMemberRenamed(**STAMP, name="Reception"), PRACTICE)
    assert renamed.conversation is not None
    assert renamed.conversation.team_member == "Reception"
    assert decide(Before(conversation=conversation()), TeamMemberRenamed(**STAMP, name="Dr. Kim"), PRACTICE) is NOTHING
    urgent = decide(Before(conversation=conversation()), UrgencySet(**STAMP, urgency=3), PRACTICE)
    assert urgent.conversation is not None
    assert (urgent.conversation.urgency_level, urgent.conversation.last_us) == ("urgent", conversation().last_us)
    assert decide(Before(conversation=conversation()), UrgencySet(**STAMP, urgency=1), PRACTICE) is NOTHING


def test_reading_covers_what_was_seen_only() -> None:
    state = Before(conversation=conversation(unread=2, last_message_seq=9))
    seen = decide(state, StaffRead(conversation_id="c_1", at_us=NOW, upto_seq=9), PRACTICE)
    assert seen.conversation is not None
    assert seen.conversation.unread == 0
    assert decide(state, StaffRead(conversation_id="c_1", at_us=NOW, upto_seq=8), PRACTICE) is NOTHING
    read = Before(conversation=conversation())
    assert decide(read, StaffRead(conversation_id="c_1", at_us=NOW, upto_seq=9), PRACTICE) is NOTHING


def test_mark_unread_works_in_every_state() -> None:
    for ended in (False, True):
        state = Before(conversation=conversation(ended=ended))
        after = decide(state, MarkedUnread(conversation_id="c_1", at_us=NOW), PRACTICE).conversation
        assert after is not None
        assert after.unread == 1
    unread = Before(conversation=conversation(unread=1))
    assert decide(unread, MarkedUnread(conversation_id="c_1", at_us=NOW), PRACTICE) is NOTHING


@pytest.mark.parametrize(
    ("kind", "upto", "expected"),
    [
        (AppOpened, None, (5, 0, Delivery.DELIVERED)),
        (ThreadRead, None, (5, 5, Delivery.READ)),
        (ThreadRead, 4, (4, 4, Delivery.SENT)),
        (ThreadRead, 99, (5, 5, Delivery.READ)),
    ],
)
def test_the_apps_watermarks_rise(kind: type[AppOpened | ThreadRead], upto: int | None, expected: object) -> None:
    state = Before(
        conversation=conversation(channel="app", last_seq=5, last_message_seq=5, last_delivery=Delivery.SENT)
    )
    after = decide(state, kind(conversation_id="c_1", at_us=NOW, upto_seq=upto), PRACTICE).conversation
    assert after is not None
    assert (after.opened_seq, after.read_seq, after.last_delivery) == expected


def test_watermarks_never_fall_and_repeats_are_nothing() -> None:
    high = conversation(channel="app", last_seq=5, last_message_seq=5, opened_seq=5, read_seq=5)
    state = Before(conversation=high)
    assert decide(state, ThreadRead(conversation_id="c_1", at_us=NOW, upto_seq=2), PRACTICE) is NOTHING
    assert decide(state, AppOpened(conversation_id="c_1", at_us=NOW), PRACTICE) is NOTHING
    clients = Before(conversation=conversation(channel="app", last_seq=5, last_message_seq=5, last_delivery=None))
    after = decide(clients, ThreadRead(conversation_id="c_1", at_us=NOW), PRACTICE).conversation
    assert after is not None
    assert after.last_delivery is None


def test_a_text_conversation_knows_no_reading() -> None:
    with pytest.raises(Conflict) as caught:
        decide(Before(conversation=conversation()), ThreadRead(conversation_id="c_1", at_us=NOW), PRACTICE)
    assert caught.value.code == "conversation.channel"


@pytest.mark.parametrize(
    ("action", "consent", "event"),
    [
        ("opt_out", None, "opted_out"),
        ("opt_out", OUT, None),
        ("opt_in", OUT, "opted_in"),
        ("opt_in", None, None),
        ("dismiss", MAYBE, "maybe_dismissed"),
        ("dismiss", None, None),
    ],
)
def test_staff_record_consent(action: str, consent: Consent | None, event: str | None) -> None:
    fact = ConsentRecorded(
        address=ANA,
        entry_id="m_e",
        at_us=NOW,
        action=action,  # type: ignore[arg-type]
        by_id="u1",
        by_name="Dr. Kim",
        reason="asked by phone",
    )
    decision = decide(Before(consent=consent), fact, PRACTICE)
    if event is None:
        assert decision is NOTHING
        return
    (line,) = decision.consent
    assert (line.action, line.source, line.actor, line.evidence) == (action, "staff", "u1", "asked by phone")
    assert decision.conversation is None
    told = decide(Before(conversation=conversation(), consent=consent), fact, PRACTICE)
    assert [(e.event, e.author_id) for e in told.entries] == [(event, "u1")]
    assert told.consent == decision.consent


def test_consent_projection_follows_the_ledger() -> None:
    from convokit.domain.consent_ledger import ConsentEntry

    def line(action: str, at_us: int) -> ConsentEntry:
        return ConsentEntry(address=ANA, action=action, source="staff", at_us=at_us)  # type: ignore[arg-type]

    state = Consent(address=ANA)
    assert (state := state.after(line("maybe", 1))) == Consent(address=ANA, maybe=True)
    assert (state := state.after(line("opt_out", 2))) == Consent(address=ANA, opted_out=True, since_us=2)
    assert state.after(line("opt_out", 3)).since_us == 2
    assert (state := state.after(line("maybe", 4))) == Consent(address=ANA, opted_out=True, maybe=True, since_us=2)
    assert (state := state.after(line("dismiss", 5))) == Consent(address=ANA, opted_out=True, since_us=2)
    assert state.after(line("opt_in", 6)) == Consent(address=ANA, since_us=6)


def test_needs_of_each_kind_stay_small() -> None:
    assert needs(ConversationRestarted(**STAMP)) == Needs(conversation_id="c_1", beside=True)
    assert needs(MarkedUnread(conversation_id="c_1", at_us=NOW)) == Needs(conversation_id="c_1")


@pytest.mark.parametrize(
    ("before", "whom", "words"),
    [
        ((None, ""), ("u2", "Lee"), "Assigned to Lee."),
        (("u1", "Dr. Kim"), ("u2", "Lee"), "Assigned to Lee."),
        (("u2", "Lee"), (None, ""), "Nobody is assigned any more."),
        (("u2", "Leigh"), ("u2", "Lee"), "Assigned to Lee."),
        (("u2", "Lee"), ("u2", "Lee"), ""),
        ((None, ""), (None, ""), ""),
    ],
)
@pytest.mark.parametrize("ended", [False, True])
def test_an_assignment_is_an_event_unless_it_changes_nothing(
    before: tuple[str | None, str], whom: tuple[str | None, str], words: str, ended: bool
) -> None:
    known = conversation(assignee_id=before[0], assignee_name=before[1], ended=ended, unread=1, awaiting_us=1)
    fact = AssigneeSet(**STAMP, assignee_id=whom[0], assignee_name=whom[1])
    decision = decide(Before(conversation=known), fact, PRACTICE)
    assert needs(fact) == Needs(conversation_id="c_1")
    assert [(e.event, e.text, e.author_id) for e in decision.entries] == ([("assigned", words, "u1")] if words else [])
    if decision.conversation is None:
        assert not words
    else:
        after = evolve(known, assignee_id=whom[0], assignee_name=whom[1], version=2, last_seq=2)
        assert decision.conversation == after
