"""Staff start, write, send again, leave."""

from __future__ import annotations

import pytest
from made_facts import ANA, NOW, OURS, PRACTICE, conversation, outbound, replied, started

from convokit.decisions import NOTHING, Before, decide
from convokit.domain.consent_ledger import Consent
from convokit.domain.delivery import Delivery
from convokit.domain.instant import HOUR
from convokit.effects import SendText
from convokit.errors import Conflict, NotFound
from convokit.facts import SendAgainAsked, UnsureLeft

OUT = Consent(address=ANA, opted_out=True, since_us=NOW - HOUR)


def again(**changes: object) -> SendAgainAsked:
    return SendAgainAsked(conversation_id="c_1", entry_id="m_1", at_us=NOW, by_id="u1")


def left() -> UnsureLeft:
    return UnsureLeft(conversation_id="c_1", entry_id="m_1", at_us=NOW, by_id="u1")


def test_start_makes_an_open_conversation_with_its_first_event() -> None:
    decision = decide(Before(), started(patient_id="p4", patient_name="Bella", urgency=3), PRACTICE)
    after = decision.conversation
    assert after is not None
    assert (after.id, after.title, after.team_member, after.urgency_level, after.initiated_by) == (
        "c_new",
        "Lab results",
        "Dr. Kim",
        "urgent",
        "practice",
    )
    assert [(e.seq, e.event, e.author_id) for e in decision.entries] == [(1, "started", "u1")]


def test_start_refuses_a_second_open_conversation_and_names_the_first() -> None:
    with pytest.raises(Conflict, match="c_1") as caught:
        decide(Before(conversation=conversation()), started(), PRACTICE)
    assert caught.value.code == "conversation.already_open"


def test_a_reply_is_owed_and_answers_the_client() -> None:
    before = Before(conversation=conversation(unread=2, awaiting_us=NOW - HOUR))
    decision = decide(before, replied(client_ref="r1"), PRACTICE)
    (entry,) = decision.entries
    assert (entry.seq, entry.delivery, entry.author_id, entry.client_ref) == (2, Delivery.QUEUED, "u1", "r1")
    assert decision.effects == (SendText(entry_id="m_new", conversation_id="c_1", sender=OURS, to=ANA),)
    assert decision.effects[0].key == "m_new.1"
    after = decision.conversation
    assert after is not None
    assert (after.unread, after.awaiting_us, after.last_side, after.last_delivery) == (
        0,
        None,
        "practice",
        Delivery.QUEUED,
    )
    assert replied(client_ref="r1").identity == "ref:r1"
    assert replied().identity is None


def test_the_client_sees_the_team_member_and_the_author_stays() -> None:
    before = Before(conversation=conversation(team_member="Reception"))
    (entry,) = decide(before, replied(), PRACTICE).entries
    assert (entry.author_name, entry.author_id) == ("Reception", "u1")
    first = decide(Before(conversation=conversation(team_member="")), replied(), PRACTICE)
    assert first.conversation is not None
    assert first.conversation.team_member == "Dr. Kim"
    assert first.entries[0].author_name == "Dr. Kim"


def test_p06_a_reply_to_an_opted_out_number_is_kept_shown_as_failed_and_owed_to_nobody() -> None:
    before = Before(conversation=conversation(unread=1, awaiting_us=5), consent=OUT)
    decision = decide(before, replied(), PRACTICE)
    assert decision.effects == ()
    (entry,) = decision.entries
    assert (entry.delivery, entry.reason) == (Delivery.FAILED, "opted_out")
    assert entry.indicator is not None
    assert entry.indicator.mark == "info"
    assert decision.conversation is not None
    assert (decision.conversation.failed, decision.conversation.awaiting_us, decision.conversation.unread) == (1, 5, 1)


def test_an_app_message_is_sent_once_stored_and_an_opt_out_of_texts_does_not_touch_it() -> None:
    before = Before(conversation=conversation(channel="app"), consent=OUT)
    decision = decide(before, replied(), PRACTICE)
    assert decision.effects == ()
    assert decision.entries[0].delivery is Delivery.SENT


def test_nobody_writes_into_an_ended_or_unknown_conversation() -> None:
    with pytest.raises(Conflict) as caught:
        decide(Before(conversation=conversation(ended=True)), replied(), PRACTICE)
    assert caught.value.code == "conversation.ended"
    with pytest.raises(NotFound) as unknown:
        decide(Before(), replied(), PRACTICE)
    assert unknown.value.code == "conversation.unknown"


@pytest.mark.parametrize(("delivery", "flags", "failed"), [(Delivery.FAILED, (), 0), (Delivery.UNSURE, ("left",), 1)])
def test_send_again_is_a_new_attempt_not_a_step_back(delivery: Delivery, flags: tuple[str, ...], failed: int) -> None:
    entry = outbound(delivery=delivery, attempt=2, flags=flags)
    before = Before(conversation=conversation(failed=1, last_message_seq=1), entry=entry)
    decision = decide(before, again(), PRACTICE)
    (change,) = decision.deliveries
    assert (change.attempt, change.delivery, change.flags) == (3, Delivery.QUEUED, ())
    assert decision.effects[0].key == "m_1.3"
    assert decision.conversation is not None
    assert (decision.conversation.failed, decision.conversation.last_delivery) == (failed, Delivery.QUEUED)


def test_send_again_to_an_opted_out_number_is_refused_and_what_is_known_stays() -> None:
    before = Before(conversation=conversation(failed=1), entry=outbound(delivery=Delivery.UNSURE), consent=OUT)
    with pytest.raises(Conflict) as caught:
        decide(before, again(), PRACTICE)
    assert caught.value.code == "client.opted_out"


def test_an_automatic_answer_is_never_sent_twice() -> None:
    before = Before(conversation=conversation(), entry=outbound(kind="automatic", delivery=Delivery.FAILED))
    with pytest.raises(Conflict) as caught:
        decide(before, again(), PRACTICE)
    assert caught.value.code == "message.automatic"


@pytest.mark.parametrize(("seen", "unread"), [(None, 0), (4, 1), (5, 0)])
def test_a_message_that_came_while_staff_wrote_stays_unread(seen: int | None, unread: int) -> None:
    held = conversation(unread=1, awaiting_us=5, last_side="client", last_message_seq=5, last_seq=5)
    after = decide(Before(conversation=held), replied(seen_seq=seen), PRACTICE).conversation
    assert after is not None
    assert (after.unread, after.awaiting_us) == (unread, 5 if unread else None)


@pytest.mark.parametrize(
    ("entry", "ended", "code"),
    [
        (outbound(delivery=Delivery.SENT), False, "message.not_failed"),
        (outbound(side="client", delivery=None), False, "message.not_failed"),
        (outbound(delivery=Delivery.FAILED), True, "conversation.ended"),
    ],
)
def test_send_again_refuses(entry: object, ended: bool, code: str) -> None:
    with pytest.raises(Conflict) as caught:
        decide(Before(conversation=conversation(ended=ended), entry=entry), again(), PRACTICE)  # type: ignore[arg-type]
    assert caught.value.code == code


@pytest.mark.parametrize("delivery", [Delivery.UNSURE, Delivery.FAILED])
def test_leave_takes_a_text_off_the_list_once(delivery: Delivery) -> None:
    entry = outbound(delivery=delivery, reason="landline", provider_id="p9")
    decision = decide(Before(conversation=conversation(failed=1), entry=entry), left(), PRACTICE)
    (change,) = decision.deliveries
    assert (change.flags, change.delivery) == (("left",), delivery)
    assert (change.reason, change.provider_id) == ("landline", "p9")
    assert decision.conversation is not None
    assert decision.conversation.failed == 0
    twice = outbound(delivery=Delivery.UNSURE, flags=("left",))
    assert decide(Before(conversation=conversation(), entry=twice), left(), PRACTICE) is NOTHING


def test_leave_refuses_what_is_not_failed_or_not_there() -> None:
    with pytest.raises(Conflict) as caught:
        decide(Before(conversation=conversation(), entry=outbound(delivery=Delivery.SENT)), left(), PRACTICE)
    assert caught.value.code == "message.not_failed"
    with pytest.raises(NotFound) as unknown:
        decide(Before(conversation=conversation()), left(), PRACTICE)
    assert unknown.value.code == "message.unknown"
