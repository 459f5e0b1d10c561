"""Things of the demo: a photo from a phone, a film, a hand-out, the host's reminders, a mailbox that is a folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

from attrs import frozen

from convokit.outcomes import Accepted
from convokit.plugins import hookimpl
from convokit.ports.mail import MailerOffer, MailMessage, MailOutcome
from convokit.ports.reminders import Every, PatientReminders, Recurring, Reminder, Reminders

_PLACE: Final = b"Exif\0\0"
"""Where a JPEG keeps what the phone knows of it: model, moment, and the place."""


def photo() -> bytes:
    """A JPEG as a phone makes it: with its model, and the place where it was taken."""
    return Path(__file__).with_name("nala-ear.jpg").read_bytes()


def has_place(jpeg: bytes) -> bool:
    """Whether a picture still carries what the phone wrote into it."""
    return _PLACE in jpeg


def handout() -> bytes:
    """A PDF of one page that the practice hands out."""
    words = b"BT /F1 18 Tf 72 720 Td (Ear care at home: clean gently, twice a day, for a week.) Tj ET"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(words), words),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    made = bytearray(b"%PDF-1.4\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    end = b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return bytes(made + end % (size, table, size, len(made)))


def video() -> bytes:
    """Four seconds of film, as a camera makes it: MP4 with H.264; drawn for this demo."""
    return Path(__file__).with_name("luna-walks.mp4").read_bytes()


_DUE: Final = {
    "p1": (
        Reminder(kind="wellness exam", due=date(2026, 3, 1)),
        Recurring(kind="rabies", since=date(2023, 4, 2), every=Every(years=3)),
    ),
    "p17": (Recurring(kind="dental", since=date(2025, 2, 3), every=Every(years=1)),),
}


class Records:
    """The host's records, as far as reminders go: what Bella and Miso need; nothing is known of the others."""

    name = "records"

    @hookimpl
    def convokit_reminders(self) -> Reminders:
        """The records are this object itself."""
        return self

    def due_for(self, practice_id: str, patient_id: str) -> PatientReminders | None:
        """What a pet needs."""
        reminders = _DUE.get(patient_id)
        return None if reminders is None else PatientReminders(patient_id=patient_id, reminders=reminders)


@frozen
class NoSettings:
    """The mailbox needs no settings."""


class Mailbox:
    """A mailer whose mails are files: the text, the HTML and the attachments of each."""

    name = "mailbox"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mails: list[MailMessage] = []

    @hookimpl
    def convokit_mailers(self) -> list[MailerOffer]:
        """One mailer, for all practices."""
        return [MailerOffer(name="mailbox", settings=NoSettings, build=lambda settings: self)]

    def send(self, message: MailMessage) -> MailOutcome:
        """Keep a mail."""
        self.mails.append(message)
        return MailOutcome(outcome=Accepted(provider_id=message.id))

    def write(self, mail: MailMessage, name: str) -> Path:
        """A mail as people would see it: its HTML in a file, or its text where it has none."""
        path = self.folder / f"{name}{'.txt' if mail.html is None else '.html'}"
        path.write_text(mail.text if mail.html is None else mail.html, encoding="utf-8")
        return path
