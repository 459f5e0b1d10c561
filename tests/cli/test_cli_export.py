"""The options of `convokit transcript export`, and its progress bar."""

from __future__ import annotations

import io
import json
import re
import sys
import time
from pathlib import Path

import pytest
from attrs import define
from click.testing import CliRunner

import convokit
from convokit import Client, Practice, Staff
from convokit.cli import cli
from convokit.cli.transcript_bar import Bar
from convokit.runtime.export.running import ExportProgress

KIM = Staff(id="u1", name="Dr. Kim")


@define
class Desk:
    """A desk of two practices, each with one conversation; the ids are the first one's."""

    url: str
    talk: str = ""
    message: str = ""

    def run(self, *arguments: str, **environment: str) -> tuple[int, str, str]:
        given = ["transcript", "export", *arguments, "--db", self.url]
        done = CliRunner().invoke(cli, given, env=environment)
        return done.exit_code, done.stdout, done.stderr

    def told(self) -> list[str]:
        """What the threads say of downloads."""
        with convokit.open(self.url) as kit:
            desks = [kit.practice(practice.id) for practice in kit.practices()]
            entries = [e for desk in desks for known in desk.inbox().items for e in desk.thread(known.id).items]
        return [f"{e.author_id}: {e.text}" for e in entries if e.event == "transcript_downloaded"]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(f"sqlite:///{tmp_path.as_posix()}/desk.db")
    with convokit.open(made.url) as kit:
        for practice_id in ("tails", "happy-paws"):
            kit.add_practice(Practice(id=practice_id, name=practice_id, time_zone="America/Denver", region="US"))
            own = kit.practice(practice_id)
            made.talk = own.start(client=Client(id="c1", name="Ana Ruiz"), channel="app", by=KIM).id
            made.message = own.send(made.talk, "Ana, please call (303) 555-0199.", by=KIM).id
            own.note(made.talk, "Upset about the bill", by=KIM)
    return made


@pytest.mark.parametrize(
    "option",
    [
        ["--format", "pdf"], ["--since", "2026-01-01"], ["--before", "2026-01-01"], ["--client", "c1"],
        ["--patient", "p1"], ["--state", "open"], ["--processes", "2"],
    ],
    ids=lambda option: option[0],
)  # fmt: skip
def test_p18_what_one_transcript_does_not_take_is_refused(desk: Desk, tmp_path: Path, option: list[str]) -> None:
    out = tmp_path / "bella.txt"
    code, _, errors = desk.run(desk.talk, "--practice", "happy-paws", "--out", str(out), *option)
    assert (code, out.exists()) == (2, False)
    assert f"{option[0]} needs --all" in errors


def test_p18_messages_are_chosen_in_one_conversation(desk: Desk, tmp_path: Path) -> None:
    code, _, errors = desk.run("--all", "--out", str(tmp_path / "out"), "--redact-message", desk.message)
    assert (code, "needs a CONVERSATION_ID" in errors) == (2, True)


def test_one_transcript_with_notes_redacted_and_by_somebody(desk: Desk, tmp_path: Path) -> None:
    out = tmp_path / "bella.txt"
    base = [desk.talk, "--practice", "happy-paws", "--out", str(out)]
    assert desk.run(*base)[0] == 0
    assert "(303) 555-0199" in out.read_text()
    assert desk.told() == []
    redacted = ["--redact", "phone-numbers", "--redact", "client-name", "--internal-notes"]
    assert desk.run(*base, *redacted, "--by", "u2", "--name", "Sam")[0] == 0
    text = out.read_text()
    assert "Upset" in text
    assert not any(word in text for word in ("Ana", "555-0199"))
    (told,) = desk.told()
    assert told.startswith("u2: Sam downloaded the transcript, with the internal notes, without client's name and")
    assert desk.run(*base, "--redact-message", desk.message)[0] == 0
    assert "please call" not in out.read_text()


def test_who_is_nobody_takes_nothing(desk: Desk, tmp_path: Path) -> None:
    out = tmp_path / "bella.txt"
    code, _, errors = desk.run(desk.talk, "--practice", "happy-paws", "--out", str(out), "--by", "u" * 1000)
    assert (code, out.exists(), "staff.id" in errors) == (1, False, True), errors


def test_all_of_all_practices_with_notes_redacted_and_by_somebody(desk: Desk, tmp_path: Path) -> None:
    given = ["--all", "--out", str(tmp_path / "out"), "--format", "txt", "--redact", "client-name"]
    given += ["--internal-notes", "--processes", "1", "--json"]
    code, shown, errors = desk.run(*given, CONVOKIT_STAFF="u2")
    assert (code, errors, json.loads(shown)["written"]) == (0, "", 2)
    texts = [path.read_text() for path in (tmp_path / "out").glob("*.txt")]
    assert ["Upset" in text and "Ana" not in text for text in texts] == [True, True]
    assert [told.partition(",")[0] for told in desk.told()] == ["u2: u2 downloaded the transcript"] * 2
    assert json.loads(desk.run(*given)[1])["kept"] == 2


class Screen(io.StringIO):
    """A terminal that keeps what it was shown."""

    def isatty(self) -> bool:
        return True


def test_the_bar_tells_the_rate_and_the_remaining_time(monkeypatch: pytest.MonkeyPatch) -> None:
    screen, now = Screen(), [1_000.0]
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    for clock in ("time", "monotonic"):
        monkeypatch.setattr(time, clock, lambda: now[0])
    with Bar("3 practices") as bar:
        for done in range(0, 121, 20):
            bar.show(ExportProgress(looked_at=done, of=240, written=done))
            now[0] += 2
    (last,) = [line for line in screen.getvalue().split("\r") if "50%" in line][-1:]
    assert "3 practices" in last
    assert "10 a second" in last
    assert re.search(r"00:00:1[0-3]\b", last), last


def test_nobody_who_does_not_watch_is_shown_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "dumb")
    with Bar("3 practices") as bar:
        bar.show(ExportProgress(looked_at=1, of=2, written=1))
    assert screen.getvalue() == ""
