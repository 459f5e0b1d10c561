"""A day at the front desk and its end: transcripts by mail, and one reminder of what is still open.

The mailer here writes each mail into a folder, as a .txt file beside an .html one. For real mails:
plugins=["smtp"], settings={"smtp": {"host": ...}}.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from attrs import frozen

import convokit
from convokit.outcomes import Accepted
from convokit.plugins import hookimpl
from convokit.ports.mail import MailerOffer, MailMessage, MailOutcome


@frozen
class FolderSettings:
    folder: str


@frozen
class FolderMailer:
    settings: FolderSettings

    def send(self, mail: MailMessage) -> MailOutcome:
        Path(self.settings.folder, f"{mail.id}.txt").write_text(mail.text, encoding="utf-8")
        if mail.html is not None:
            Path(self.settings.folder, f"{mail.id}.html").write_text(mail.html, encoding="utf-8")
        for file in mail.attachments:
            Path(self.settings.folder, file.name).write_bytes(file.content)
        print(f"{mail.subject} -> {', '.join(mail.recipients)}")
        return MailOutcome(outcome=Accepted(provider_id=mail.id))


class FolderMail:
    """The plugin."""

    name = "folder-mail"

    @hookimpl
    def convokit_mailers(self) -> list[MailerOffer]:
        return [MailerOffer(name="folder", settings=FolderSettings, build=FolderMailer)]


def main(folder: str) -> None:
    now = [datetime(2026, 3, 2, 15, 0, tzinfo=UTC)]  # Monday, 8 o'clock in Denver; only here
    settings = {"folder": {"folder": folder}}
    rules = convokit.Rules(
        mail=convokit.MailRules(
            sender="desk@happy-paws.example", transcript_to=["client", "records@happy-paws.example"]
        ),
        end_of_day=convokit.EndOfDay(recipients=["front@happy-paws.example"], holidays=["12-25", "4th thu nov"]),
    )
    with convokit.open("memory:", plugins=[FolderMail()], settings=settings, clock=lambda: now[0]) as kit:
        kit.add_practice(convokit.Practice(id="hp", name="Happy Paws", time_zone="America/Denver", rules=rules))
        desk = kit.practice("hp")
        kim = convokit.Staff(id="u1", name="Dr. Kim")
        ana = convokit.Client(id="c17", name="Ana Ruiz", email="ana@example.com")
        ben = convokit.Client(id="c18", name="Ben Okafor")
        cleo = convokit.Client(id="c19", name="Cleo Marsh")

        bella = desk.start(client=ana, patient=convokit.Patient(id="p4", name="Bella"), title="Lab results", by=kim)
        desk.send_and_end(bella.id, "All values are fine. Take care!", by=kim)
        desk.app_message(ben, "When can I pick up Rex?", patient=convokit.Patient(id="p9", name="Rex"))
        choking = desk.app_message(cleo, "Momo is choking!", patient=convokit.Patient(id="p7", name="Momo"))
        desk.set_urgency(choking.conversation_id, "urgent", by=kim)
        kit.work()  # kit.run() is the worker that does so all day

        for hour in (20, 24 + 1, 48 + 1):  # 13:00, 18:00 (half an hour late), and 18:00 of the next day
            now[0] = datetime(2026, 3, 2 + hour // 24, hour % 24, 0, tzinfo=UTC)
            kit.work()
        for day in reversed(desk.end_of_day().days):
            print(f"{day.day}: {day.state}, {day.open_count} open")


if __name__ == "__main__":
    main(sys.argv[1])
