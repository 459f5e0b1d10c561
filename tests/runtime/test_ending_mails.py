"""Ending a conversation, and the mails with its transcript, on both stores."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import attrs
import pytest
from desks import ANA, ANA_PHONE, BELLA, HAPPY_PAWS, KIM, World, world
from scripted_mailer import FRONT, SENDER, ScriptedMailer, mailing

import convokit
from convokit.outcomes import Accepted, Refused, TryLater, Unsure
from convokit.plugins import hookimpl
from convokit.ports.mail import MailOutcome, RecipientRefusal
from convokit.runtime.last_text import WAIT_FOR_TEXT
from convokit.transcripts.verifying import verify

CANARY = "the secret of a plugin"


@pytest.fixture
def mailer() -> ScriptedMailer:
    return ScriptedMailer()


@pytest.fixture
def w(store_url: str, mailer: ScriptedMailer) -> Iterator[World]:
    with world(store_url, plugins=(mailer,)) as made:
        made.kit.add_practice(mailing(HAPPY_PAWS))
        made.desk = made.kit.practice("happy-paws")
        yield made


def begun(w: World, channel: str = "sms") -> convokit.Conversation:
    found = w.desk.start(client=ANA, patient=BELLA, channel=channel, title="Lab results", by=KIM)  # type: ignore[arg-type]
    w.desk.send(found.id, "Bella's results are in.", by=KIM)
    w.settle()
    return found


def told(w: World, conversation_id: str) -> list[tuple[str, str]]:
    events = w.desk.thread(conversation_id).items
    return [(e.event, e.text) for e in events if e.event is not None and e.event.startswith("transcript")]


def test_the_transcript_is_mailed_by_rule_with_text_and_pdf(w: World, mailer: ScriptedMailer) -> None:
    found = begun(w)
    ended = w.desk.end(found.id, by=KIM)
    assert ended.ended
    assert mailer.sent == []
    w.settle()
    (mail,) = mailer.sent
    assert (mail.sender, mail.sender_name, mail.recipients) == (SENDER, "Happy Paws", (FRONT,))
    assert mail.subject == "Transcript: Ana Ruiz (Bella, Lab results)"
    assert "Bella's results are in." in mail.text
    assert "Dr. Kim ended the conversation." in mail.text
    (pdf,) = mail.attachments
    assert (pdf.name, pdf.content_type) == ("transcript-2026-03-02-bella.pdf", "application/pdf")
    assert pdf.content.startswith(b"%PDF-")
    assert told(w, found.id) == [("transcript_mailed", f"The transcript was mailed to {FRONT}.")]
    before = w.desk.conversation(found.id)
    assert (before.ended, before.last_us) == (True, ended.last_us)
    assert w.kit.work().performed == 0


def test_no_mail_has_a_note_and_no_record_an_address_of_the_staff(w: World, mailer: ScriptedMailer) -> None:
    found = begun(w)
    w.desk.note(found.id, "Upset about the bill", by=KIM)
    w.desk.end(found.id, by=KIM, mail_to=[FRONT, "client"])
    w.settle()
    assert len(mailer.sent) == 2
    assert not [mail for mail in mailer.sent if "Upset" in mail.text]
    record = w.desk.transcript(found.id, internal_notes=True).text()
    assert FRONT not in record
    assert "* The transcript was mailed to the practice." in record
    assert "* The transcript was mailed to ana@example.com." in record


@pytest.mark.parametrize(
    ("mail_to", "recipients"),
    [
        ((), []),
        (["client"], [("ana@example.com",)]),
        ("boss@example.com", [("boss@example.com",)]),
        ({"boss@example.com": 1, "client": 2}, [("boss@example.com",), ("ana@example.com",)]),
    ],
)
def test_the_caller_may_name_others(w: World, mailer: ScriptedMailer, mail_to: object, recipients: object) -> None:
    found = begun(w)
    w.desk.end(found.id, by=KIM, mail_to=mail_to)  # type: ignore[arg-type]
    w.settle()
    assert [mail.recipients for mail in mailer.sent] == recipients


def test_the_client_gets_the_messages_alone(w: World, mailer: ScriptedMailer) -> None:
    found = begun(w)
    w.desk.set_urgency(found.id, "urgent", by=KIM)
    w.desk.end(found.id, by=KIM, mail_to=["client"])
    w.settle()
    (mail,) = mailer.sent
    assert mail.subject == "Your conversation with Happy Paws (Bella, Lab results)"
    assert "Bella's results are in." in mail.text
    for inside in ("urgent", "ended the conversation", "started"):
        assert inside not in mail.text
    assert "Contents:     The messages alone, without other events such as opt-outs," in mail.text
    (pdf,) = mail.attachments
    assert verify(BytesIO(pdf.content)).whole


@pytest.mark.parametrize(
    ("mail_to", "code", "field"),
    [
        (7, "mail.recipients", "mail_to"),
        (["a@b.example"] * 51, "mail.recipients", "mail_to"),
        (["Ana <ana@example.com>"], "email.characters", "mail_to"),
        (["staff"], "email.domain", "mail_to"),
        ([None], "email.type", "mail_to"),
    ],
)
def test_recipients_that_are_none_are_refused(w: World, mail_to: object, code: str, field: str) -> None:
    found = begun(w)
    with pytest.raises(convokit.InvalidInput) as caught:
        w.desk.end(found.id, by=KIM, mail_to=mail_to)  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.field) == (code, field)
    assert not w.desk.conversation(found.id).ended


def test_without_a_sender_no_mail_is_promised(w: World) -> None:
    w.kit.add_practice(HAPPY_PAWS)
    desk = w.kit.practice("happy-paws")
    found = desk.start(client=ANA, by=KIM)
    with pytest.raises(convokit.InvalidInput) as caught:
        desk.end(found.id, by=KIM, mail_to=[FRONT])
    assert (caught.value.code, caught.value.field) == ("mail.sender", "rules.mail.sender")
    assert desk.end(found.id, by=KIM, mail_to=()).ended


def test_send_and_end_is_one_act(w: World, mailer: ScriptedMailer) -> None:
    found = begun(w)
    before = w.desk.changes()[-1].number
    ended = w.desk.send_and_end(found.id, "Take care!", by=KIM, client_ref="r1")
    assert (ended.ended, ended.last_text) == (True, "Take care!")
    assert w.desk.changes()[-1].number == before + 1
    again = w.desk.send_and_end(found.id, "Take care!", by=KIM, client_ref="r1")
    assert again == attrs.evolve(ended, change=again.change)
    with pytest.raises(convokit.Conflict) as caught:
        w.desk.send_and_end(found.id, "Something else", by=KIM, client_ref="r1")
    assert caught.value.code == "message.client_ref"
    w.settle()
    assert w.carrier.phone(ANA_PHONE).received[-1].text == "Take care!"
    (mail,) = mailer.sent
    assert "Take care!" in mail.text
    assert "Waiting to be sent" not in mail.text
    with pytest.raises(convokit.Conflict) as caught:
        w.desk.send_and_end(found.id, "Once more", by=KIM)
    assert caught.value.code == "conversation.ended"


def test_a_reference_of_a_message_is_not_one_of_an_end(w: World) -> None:
    found = begun(w)
    w.desk.send(found.id, "Take care!", by=KIM, client_ref="r1")
    with pytest.raises(convokit.Conflict) as caught:
        w.desk.send_and_end(found.id, "Take care!", by=KIM, client_ref="r1")
    assert caught.value.code == "message.client_ref"
    assert not w.desk.conversation(found.id).ended


def test_nothing_is_stored_of_a_message_that_is_refused(w: World) -> None:
    found = begun(w)
    with pytest.raises(convokit.InvalidInput):
        w.desk.send_and_end(found.id, " ", by=KIM)
    assert not w.desk.conversation(found.id).ended


def test_a_transcript_does_not_say_that_the_last_text_waits(w: World, mailer: ScriptedMailer) -> None:
    found = begun(w)
    w.desk.send_and_end(found.id, "Take care!", by=KIM)
    (job,) = w.kit.jobs.due(10)
    assert w.kit.jobs.perform(w.kit.known_practice("happy-paws"), job)  # faster than the text
    assert mailer.sent == []
    w.settle()
    assert len(mailer.sent) == 1
    # A carrier that is away keeps no transcript waiting for long.
    other = w.desk.restart(found.id, by=KIM)
    w.desk.send_and_end(other.id, "Bye!", by=KIM)
    w.clock.pass_(seconds=WAIT_FOR_TEXT / 1_000_000)
    (job,) = w.kit.jobs.due(10)
    assert w.kit.jobs.perform(w.kit.known_practice("happy-paws"), job)
    assert len(mailer.sent) == 2


def test_what_fails_for_now_is_tried_again_with_the_same_mail(w: World, mailer: ScriptedMailer) -> None:
    mailer.answers = [MailOutcome(outcome=TryLater(raw="451 later"))] * 3
    found = begun(w)
    w.desk.end(found.id, by=KIM)
    for _ in range(20):
        w.kit.work()
        w.clock.pass_(seconds=15)
    assert len(mailer.sent) == 4
    assert len({(mail.id, mail.sent_at) for mail in mailer.sent}) == 1
    assert [event for event, _ in told(w, found.id)] == ["transcript_mailed"]


def test_it_is_given_up_after_a_day_and_said_so(w: World, mailer: ScriptedMailer) -> None:
    mailer.answers = [MailOutcome(outcome=TryLater())] * 1_000
    found = begun(w)
    w.desk.end(found.id, by=KIM)
    for _ in range(30):
        w.kit.work()
        w.clock.pass_(hours=1)
    assert [event for event, _ in told(w, found.id)] == ["transcript_not_mailed"]
    assert w.desk.thread(found.id).items[-1].reason == "expired"
    assert len(mailer.sent) < 30


def test_some_recipients_later_and_alone(w: World, mailer: ScriptedMailer) -> None:
    to = ("a@example.com", "b@example.com", "c@example.com")
    mailer.answers = [
        MailOutcome(
            outcome=Accepted(provider_id="x"),
            refusals=(
                RecipientRefusal(address="b@example.com", outcome=TryLater(raw="450 greylisted")),
                RecipientRefusal(address="c@example.com", outcome=Refused(reason="invalid_number", raw="550 no")),
                RecipientRefusal(address="somebody@else.example", outcome=Refused(reason="unknown")),
            ),
        )
    ]
    found = begun(w)
    w.desk.end(found.id, by=KIM, mail_to=to)
    w.settle()
    assert [mail.recipients for mail in mailer.sent] == [to, ("b@example.com",)]
    assert len({mail.id for mail in mailer.sent}) == 1
    assert [event for event, _ in told(w, found.id)] == [
        "transcript_mailed",
        "transcript_not_mailed",
        "transcript_mailed",
    ]


@pytest.mark.parametrize(
    ("answer", "event", "words"),
    [
        (MailOutcome(outcome=Refused(reason="account_problem", raw="535")), "transcript_not_mailed", "turned down"),
        (MailOutcome(outcome=Refused(reason="made-up")), "transcript_not_mailed", "did not say why"),
        (MailOutcome(outcome=Unsure(why="hung up")), "transcript_unsure", "Nobody can know"),
        (RuntimeError(CANARY), "transcript_unsure", "Nobody can know"),
        (SystemExit(CANARY), "transcript_unsure", "Nobody can know"),
        ("no outcome", "transcript_unsure", "Nobody can know"),
        (MailOutcome(outcome="sent"), "transcript_unsure", "Nobody can know"),  # type: ignore[arg-type]
    ],
)
def test_what_goes_wrong_is_told_to_staff_and_not_repeated(
    w: World, mailer: ScriptedMailer, caplog: pytest.LogCaptureFixture, answer: object, event: str, words: str
) -> None:
    mailer.answers = [answer]
    found = begun(w)
    w.desk.end(found.id, by=KIM)
    w.settle()
    ((said, text),) = told(w, found.id)
    assert said == event
    assert words in text
    assert len(mailer.sent) == 1
    assert CANARY not in caplog.text


def test_a_worker_that_died_leaves_the_mail_unsure(w: World, mailer: ScriptedMailer) -> None:
    found = begun(w)
    w.desk.end(found.id, by=KIM)
    (job,) = w.kit.jobs.due(10)
    assert w.kit.store.begin_job("happy-paws", job.key, w.kit.world.now_us(), 60_000_000) is not None
    w.clock.pass_(minutes=5)
    w.settle()
    assert [event for event, _ in told(w, found.id)] == ["transcript_unsure"]
    assert mailer.sent == []


def test_a_practice_that_lost_its_sender_is_told(w: World, mailer: ScriptedMailer) -> None:
    found = begun(w)
    w.desk.end(found.id, by=KIM)
    w.kit.add_practice(HAPPY_PAWS)
    w.settle()
    assert mailer.sent == []
    assert w.desk.thread(found.id).items[-1].reason == "sender_invalid"


def test_a_veto_is_told(store_url: str, mailer: ScriptedMailer) -> None:
    class Strict:
        name = "strict"

        @hookimpl
        def convokit_veto(self, practice_id: str, effect: object) -> str | None:
            return "no mails today"

    with world(store_url, plugins=(mailer, Strict())) as w:
        w.kit.add_practice(mailing(HAPPY_PAWS))
        desk = w.kit.practice("happy-paws")
        found = desk.start(client=ANA, by=KIM)
        desk.end(found.id, by=KIM)
        w.settle()
        assert mailer.sent == []
        assert desk.thread(found.id).items[-1].reason == "cancelled"


def test_without_a_mailer_it_waits_for_one(store_url: str) -> None:
    with world(store_url) as w:
        w.kit.add_practice(mailing(HAPPY_PAWS))
        desk = w.kit.practice("happy-paws")
        found = desk.start(client=ANA, by=KIM)
        desk.end(found.id, by=KIM)
        w.settle()
        assert told(attrs.evolve(w, desk=desk), found.id) == []
        assert len(w.kit.store.due_jobs(2**60, 10)) == 1


def test_a_restart_within_the_wait_changes_nothing_of_what_is_owed(w: World, mailer: ScriptedMailer) -> None:
    found = begun(w)
    w.desk.end(found.id, by=KIM)
    assert not w.desk.restart(found.id, by=KIM).ended
    w.settle()
    assert len(mailer.sent) == 1
    assert [event for event, _ in told(w, found.id)] == ["transcript_mailed"]
    w.desk.end(found.id, by=KIM)
    w.settle()
    assert len({mail.id for mail in mailer.sent}) == 2
