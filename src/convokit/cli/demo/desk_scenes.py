"""Scenes of the day that are not about a single text: files, numbers, finding, mails."""

from __future__ import annotations

from typing import Final

from convokit.cli.demo.cast import CHLOE, HANNA, HUGO, INES, KARL, KIM, LENA, MISO, PETS, SAM
from convokit.cli.demo.props import handout, has_place, photo
from convokit.cli.demo.stage import ZONE
from convokit.cli.demo.telling import Telling
from convokit.cli.screen import COLUMNS, wrap
from convokit.cli.views import inbox_lines, reminder_lines
from convokit.domain.conversation import Conversation
from convokit.ports.mail import MailMessage
from convokit.ports.wire import HttpRequest

_MAIL_LINES: Final = 22


class DeskScenes(Telling):
    """What a desk does besides texting."""

    def friday(self) -> None:
        """What is over already when the day begins."""
        stage = self.stage
        stage.texts(LENA, "Coco's stitches look fine, thank you!")
        stage.reply(LENA, "Good to hear, Lena.", SAM)
        stage.wait(30)
        self.desk.end(stage.of(LENA).id, by=SAM, mail_to=())

    def before_hours(self) -> None:
        """A client writes when nobody is there yet."""
        stage, desk = self.stage, self.desk
        stage.at("07:56")
        stage.texts(LENA, "Are you open today? Coco is limping")
        stage.at("07:57")
        stage.texts(LENA, "Hello?")
        stage.at("08:00")
        stage.reply(LENA, "Good morning Lena, yes we are. Please come at 9.", SAM)
        stage.wait(30)
        before = desk.conversation(stage.of(LENA).previous_id or "")
        last = before.ended_at.astimezone(ZONE) if before.ended_at else stage.clock()
        self.tell(
            "Before opening time Lena texts, twice. She is told once where to turn to; at 8 Sam answers. Her last "
            f"conversation ended on {last:%A}, more than 72 hours ago: this is a new one, linked to it."
        )
        self.thread(LENA)
        desk.end(stage.of(LENA).id, by=SAM, mail_to=())

    def photo_and_pdf(self) -> None:
        """A client sends a photo; it is looked after by a department, and answered with a PDF."""
        stage, desk = self.stage, self.desk
        stage.at("10:20")
        taken = photo()
        message = desk.app_message(
            INES,
            "This spot on Nala's ear is new",
            patient=PETS[INES.id],
            attachments=[desk.uploaded(desk.upload("nala-ear.jpg", taken, by=INES).id, by=INES)],
        )
        kept = desk.attachment(message.attachments[0].id, by=KIM)
        content = b"".join(desk.open_file(kept.id, by=KIM))
        page = stage.kit.front(HttpRequest(method="GET", url=desk.file_url(kept.id, by=KIM)))
        known = stage.of(INES)
        desk.assign(known.id, KIM, by=SAM)
        desk.move(known.id, "skin", by=SAM)
        stage.at("10:26")
        desk.send(
            known.id,
            "Please do not touch it. Here is how to clean the ear until we see her.",
            by=KIM,
            attachments=[desk.upload("ear-care.pdf", handout(), by=KIM)],
        )
        stage.at("10:31")
        desk.app_read(known.id, client_id=INES.id)
        place = "the phone had put the place into it" if has_place(taken) else "it says no place"
        left = "still has it" if has_place(content) else "has none"
        assigned = ", ".join(one.name for one in desk.assignees())
        self.tell(
            f"Ines sends a photo in the app; {place}, what is kept {left}. The dashboard shows it by a link for "
            f"Dr. Kim alone ({page.status}, {page.header('Content-Type')}). Sam gives it to Dr. Kim and to "
            f"Dermatology (the inbox can be narrowed to what is assigned to {assigned}); Dr. Kim answers with a PDF."
        )
        self.thread(INES)

    def numbers(self) -> None:
        """Two clients with one number, and a number that is no phone for texts."""
        stage, desk = self.stage, self.desk
        stage.at("12:40")
        stage.texts(HANNA, "Figaro is eating again!")
        shared = next(c for c in desk.inbox().items if c.address == HANNA.phone)
        names = " or ".join(one.client_name for one in shared.candidates)
        desk.choose_client(shared.id, HUGO.id, by=SAM)
        desk.send(shared.id, "So glad to hear it, Hugo!", by=SAM)
        stage.wait(20)
        self.tell(
            f"A text from a number that two clients have: {names}? Sam asks, chooses Hugo, and the desk remembers."
        )
        self.thread(HUGO)
        desk.end(shared.id, by=SAM, mail_to=())
        stage.at("12:50")
        stage.phone(KARL).state = "landline"
        started = desk.start(client=KARL, patient=PETS[KARL.id], channel="sms", title="Bruno's stitches", by=SAM)
        desk.send(started.id, "How is Bruno today?", by=SAM)
        stage.wait(30)
        health = desk.number_health(KARL.phone or "")
        why = next(choice.reason for choice in desk.channels(KARL) if choice.channel == "sms")
        self.tell(
            f"Karl's number is marked as a {health.reason}. From now on the desk says so before anybody writes: {why}"
        )
        self.thread(KARL)
        desk.end(started.id, by=SAM, mail_to=())

    def finding(self) -> None:
        """The list narrowed, searched, and with what is past due."""
        stage, desk = self.stage, self.desk
        stage.at("14:10")
        waiting = desk.inbox(awaiting_reply=True, sort="awaiting_reply").items
        self.tell("Who is waiting for an answer, longest first:")
        self._rows(waiting)
        narrowed = desk.inbox(failed=True, channel="sms", initiated_by="practice", unread=False, sort="newest").items
        self.tell("Filters combine. By text, begun by the practice, read, and with a text that did not arrive:")
        self._rows(narrowed)
        hits = desk.search("thyroid").items
        self.tell(
            'Search for "thyroid": ' + "; ".join(f"{hit.conversation.client_name}: {hit.snippet}" for hit in hits)
        )
        rows = desk.inbox().items
        self.tell("The whole list; below it what is past due for its pets, from the host's records:")
        self._rows(rows)
        for line in reminder_lines(self.screen, rows, desk.past_due_for(rows)):
            self.screen.say(line)
        desk.end(stage.of(INES).id, by=KIM, mail_to=())
        self._another_pet()

    def _another_pet(self) -> None:
        desk, known = self.desk, self.stage.of(CHLOE)
        desk.set_patient(known.id, MISO, by=SAM)
        due = ", ".join(f"{one.emoji} {one.label}" for one in desk.past_due(known.id).items)
        desk.set_patient(known.id, PETS[CHLOE.id], by=SAM)
        left = len(desk.past_due(known.id).items)
        self.tell(
            f"Chloe has two cats. Sam selects the other one, Miso, and sees what she is due for: {due}. Back to Mochi, "
            f"for whom {left or 'nothing'} is past due."
        )

    def mails(self) -> None:
        """What has left by mail: transcripts of ended conversations, and the reminder at the end of the day."""
        stage = self.stage
        stage.at("17:30")
        stage.at("17:46")
        mails = stage.mailbox.mails
        reminder = mails[-1]
        self.files.append((stage.mailbox.write(reminder, "end-of-day"), "the mail of the end of the day"))
        transcripts = [mail for mail in mails if mail.attachments]
        self.tell(
            f"{len(transcripts)} transcripts have gone out by mail, each when its conversation ended. At 17:30 the "
            "desk is reminded of what is still open:"
        )
        self._mail(reminder)

    def _rows(self, rows: tuple[Conversation, ...]) -> None:
        self.screen.say()
        for line in inbox_lines(self.screen, rows, self.stage.clock(), ZONE):
            self.screen.say(line)

    def _mail(self, mail: MailMessage) -> None:
        self.screen.say()
        self.screen.say(f"       To: {', '.join(mail.recipients)}")
        self.screen.say(f"       Subject: {self.screen.clean(mail.subject)}")
        for line in mail.text.splitlines()[:_MAIL_LINES]:
            for part in wrap(self.screen.clean(line), COLUMNS - 7) or [""]:
                self.screen.say(f"       {part}")
