"""A desk that mails through a real SMTP server on this machine: transcripts, refusals, the end of the day."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import pytest
from command import unmeasured
from desks import ANA, BELLA, HAPPY_PAWS, KIM
from mail_servers import PASSWORD, USER, Handler, Server
from scripted_mailer import FRONT, SENDER, mailing

import convokit

pytest.importorskip("convokit_mail_smtp")

OTHER = "vet@happy-paws.example"
MONDAY = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    started: list[Server] = []

    def start(handler: Handler, **options: object) -> Server:
        started.append(Server(handler, **options))
        return started[-1]

    yield start
    for server in started:
        server.close()


@attrs.define
class Rig:
    handler: Handler
    kit: convokit.Convokit
    now: list[datetime]

    @property
    def desk(self) -> convokit.PracticeDesk:
        return self.kit.practice("happy-paws")

    def work(self, minutes: int = 0, rounds: int = 1) -> None:
        for _ in range(rounds):
            self.kit.work()
            self.now[0] += timedelta(minutes=minutes)

    def ended(self, *mail_to: str) -> convokit.Conversation:
        found = self.desk.start(client=ANA, patient=BELLA, title="Lab results", by=KIM)
        self.desk.send(found.id, "Bella's results are in: größer als 5 µg 🐕", by=KIM)
        return self.desk.end(found.id, by=KIM, mail_to=mail_to or None)

    def events(self, conversation_id: str) -> list[tuple[str | None, str | None]]:
        entries = self.desk.thread(conversation_id).items
        return [(e.event, e.reason) for e in entries if e.event is not None and e.event.startswith("transcript")]


@pytest.fixture
def rig(serve: Callable[..., Server], tmp_path: Path) -> Iterator[Rig]:
    handler = Handler()
    server = serve(handler, authenticator=handler.authenticate, auth_require_tls=False)
    settings = {
        "smtp": {"host": "127.0.0.1", "port": server.port, "security": "none", "username": USER, "password": PASSWORD}
    }
    now = [MONDAY]
    url = f"sqlite:///{tmp_path}/desk.db"
    with convokit.open(url, plugins=["smtp"], settings=settings, clock=lambda: now[0]) as kit:
        kit.add_practice(mailing(HAPPY_PAWS, end_of_day=convokit.EndOfDay(recipients=[FRONT])))
        yield Rig(handler, kit, now)


def test_an_ended_conversation_arrives_as_text_and_pdf(rig: Rig) -> None:
    found = rig.ended()
    rig.work()
    (mail,) = rig.handler.delivered
    assert (mail.recipients, mail.sender, mail.sender_name) == (frozenset({FRONT}), SENDER, "Happy Paws")
    assert mail.subject == "Transcript: Ana Ruiz (Bella, Lab results)"
    assert "größer als 5 µg 🐕" in mail.text
    (pdf,) = mail.attachments
    assert (pdf.name, pdf.content_type) == ("transcript-2026-03-02-bella.pdf", "application/pdf")
    assert pdf.content.startswith(b"%PDF-")
    assert rig.events(found.id) == [("transcript_mailed", None)]
    rig.work(minutes=30, rounds=3)
    assert len(rig.handler.delivered) == 1


def test_greylisting_is_waited_for(rig: Rig) -> None:
    rig.handler.refused = {OTHER: "451 4.7.1 greylisted, come back later"}
    found = rig.ended(FRONT, OTHER)
    rig.work()
    assert [mail.recipients for mail in rig.handler.delivered] == [frozenset({FRONT})]
    rig.handler.refused = {}
    rig.work(minutes=1, rounds=3)
    assert [mail.recipients for mail in rig.handler.delivered] == [frozenset({FRONT}), frozenset({OTHER})]
    assert len({mail.message_id for mail in rig.handler.delivered}) == 1
    assert rig.events(found.id) == [("transcript_mailed", None)] * 2


def test_an_address_that_does_not_exist_is_told_to_staff(rig: Rig) -> None:
    rig.handler.refused = {OTHER: "550 5.1.1 no such user"}
    found = rig.ended(FRONT, OTHER)
    rig.work(minutes=20, rounds=5)
    assert rig.events(found.id) == [("transcript_mailed", None), ("transcript_not_mailed", "invalid_number")]
    last = rig.desk.thread(found.id).items[-1]
    assert OTHER in last.text
    assert "Look for a typing mistake." in last.text
    assert last.raw == "550 5.1.1 no such user"


def test_bad_credentials_are_told_to_staff_and_no_secret_is(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.handler.login = False
    found = rig.ended()
    rig.work(minutes=20, rounds=3)
    assert rig.handler.delivered == []
    assert rig.events(found.id) == [("transcript_not_mailed", "account_problem")]
    last = rig.desk.thread(found.id).items[-1]
    assert "turned down your practice's login" in last.text
    for secret in (PASSWORD, "cGFzcy1waHJhc2U"):
        assert secret not in caplog.text + last.text + last.raw


def test_a_connection_that_breaks_at_the_end_is_unsure_and_not_repeated(rig: Rig) -> None:
    rig.handler.hangs_up = True
    found = rig.ended()
    rig.work(minutes=20, rounds=5)
    assert rig.events(found.id) == [("transcript_unsure", None)]
    assert len(rig.handler.sessions) == 1


def test_the_end_of_the_day_arrives_as_text_and_html(rig: Rig) -> None:
    rig.desk.app_message(ANA, "Is Bella well?", patient=BELLA)
    rig.now[0] = datetime(2026, 3, 3, 0, 30, tzinfo=UTC)
    rig.work(minutes=5, rounds=4)
    (mail,) = rig.handler.delivered
    assert mail.subject == "Happy Paws: 1 conversation is still open"
    assert mail.html is not None
    for text in (mail.text, mail.html):
        assert "Ana Ruiz, Bella" in text
        assert "Is Bella well?" in text
    (report,) = rig.desk.end_of_day().days
    assert (report.state, report.open_count) == ("sent", 1)


def test_the_command_worker_mails_too(serve: Callable[..., Server], tmp_path: Path) -> None:
    handler = Handler()
    server = serve(handler)
    url = f"sqlite:///{tmp_path}/desk.db"
    with convokit.open(url) as kit:
        kit.add_practice(mailing(HAPPY_PAWS))
        desk = kit.practice("happy-paws")
        found = desk.start(client=ANA, by=KIM)
        desk.end(found.id, by=KIM)
    settings = tmp_path / "settings.toml"
    settings.write_text(f'[smtp]\nhost = "127.0.0.1"\nport = {server.port}\nsecurity = "none"\n', encoding="utf-8")
    command = [sys.executable, "-m", "convokit", "worker", "--db", url, "--plugin", "smtp", "--settings", str(settings)]
    running = subprocess.Popen(command, env={**os.environ, **unmeasured()}, stderr=subprocess.PIPE, text=True)
    try:
        with convokit.open(url) as kit:
            desk = kit.practice("happy-paws")
            wait = threading.Event()
            while desk.thread(found.id).items[-1].event != "transcript_mailed":
                assert running.poll() is None
                wait.wait(0.1)
    finally:
        running.send_signal(signal.SIGTERM)
        errors = running.communicate(timeout=60)[1]
    assert len(handler.delivered) == 1
    assert "worker ended" in errors
