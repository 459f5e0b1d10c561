"""The command `convokit send`."""

from __future__ import annotations

import json
from pathlib import Path

import attrs
import pytest
from click.testing import CliRunner

import convokit as api
from convokit.cli import cli

ANA = api.Client(id="c1", name="Ana Ruiz", phone="+13035550123")
KIM = api.Staff(id="u1", name="Dr. Kim")
PRACTICE = api.Practice(id="happy-paws", name="Happy Paws", region="US", numbers=["+13035550100"])


@pytest.fixture
def desk(tmp_path: Path) -> tuple[str, str]:
    """A desk of two practices, and the open conversation of one of them: both as the command takes them."""
    url = f"sqlite:///{(tmp_path / 'desk.db').as_posix()}"
    with api.open(url) as kit:
        kit.add_practice(api.Practice(id="animals", name="Animals"))
        kit.add_practice(PRACTICE)
        return url, kit.practice("happy-paws").start(client=ANA, channel="sms", by=KIM).id


def _send(url: str, *arguments: str, given: bytes = b"") -> tuple[int, str, str]:
    done = CliRunner().invoke(cli, ["send", "--db", url, *arguments], input=given)
    return done.exit_code, done.stdout, done.stderr


def _thread(url: str, conversation: str) -> list[api.Entry]:
    with api.open(url) as kit:
        return [e for e in kit.practice("happy-paws").thread(conversation).items if e.kind == "message"]


def test_a_text_is_owed_and_says_by_whom(desk: tuple[str, str]) -> None:
    url, chat = desk
    code, shown, told = _send(url, chat, "The results are in.", "--by", "u1", "--name", "Dr. Kim")
    (entry,) = _thread(url, chat)
    assert (code, shown, told) == (0, f"{entry.id}\n", "convokit: Waiting to be sent\n")
    assert (entry.text, entry.author_id, entry.author_name) == ("The results are in.", "u1", "Dr. Kim")
    with api.open(url) as kit:
        assert kit.store.unsettled() == 1


def test_stdin_a_reference_and_a_file(desk: tuple[str, str], tmp_path: Path) -> None:
    url, chat = desk
    with api.open(url) as kit:
        chat = kit.practice("happy-paws").start(client=ANA, channel="app", by=KIM).id
    handout = tmp_path / "care.pdf"
    handout.write_bytes(b"%PDF-1.4\n%%EOF\n")
    arguments = (chat, "-", "--by", "u1", "--ref", "r1", "--attach", str(handout), "--json")
    first, again = (_send(url, *arguments, given="Größe: 3 kg\n".encode()) for _ in range(2))
    assert first[0] == 0, first
    told = json.loads(first[1])
    (entry,) = _thread(url, chat)
    assert told == {"id": entry.id, "conversation": chat, "delivery": "sent", "reason": None}
    assert json.loads(again[1])["id"] == entry.id
    assert entry.text == "Größe: 3 kg"
    assert [file.name for file in entry.attachments] == ["care.pdf"]


def test_send_and_end(desk: tuple[str, str]) -> None:
    url, chat = desk
    code, shown, _ = _send(url, chat, "Bye!", "--by", "u1", "--end", "--practice", "happy-paws")
    (entry,) = _thread(url, chat)
    assert (code, shown.strip()) == (0, entry.id)
    with api.open(url) as kit:
        assert kit.practice("happy-paws").conversation(chat).ended


def test_what_a_program_sends_waits_for_the_end_of_quiet_hours(desk: tuple[str, str]) -> None:
    url, chat = desk
    with api.open(url) as kit:
        always = api.QuietHours(begin="00:01", end="00:00")
        kit.add_practice(attrs.evolve(PRACTICE, rules=api.Rules(quiet_hours=always)))
    code, _, told = _send(url, chat, "Bella is due.", "--by", "robot", "--automatic", "--client-zone", "Asia/Tokyo")
    assert (code, told) == (0, "convokit: Waits for the end of the quiet hours\n")
    with api.open(url) as kit:
        (job,) = kit.store.due_jobs(2**60, 9)
        assert (job.job.kind, kit.store.unsettled()) == ("release_text", 0)


def test_a_client_who_opted_out_is_not_written_to(desk: tuple[str, str]) -> None:
    url, chat = desk
    with api.open(url) as kit:
        kit.practice("happy-paws").opt_out("+13035550123", by=KIM, reason="asked")
    code, _, told = _send(url, chat, "Hello", "--by", "u1")
    assert code == 1
    assert "Could not be delivered. This client has opted out of texts" in told
    with api.open(url) as kit:
        assert kit.store.unsettled() == 0


@pytest.mark.parametrize(
    ("arguments", "given", "code", "words"),
    [
        (("c_unknown", "x", "--by", "u1"), b"", 3, "conversation.unknown"),
        (("CHAT", "x", "--by", "u1", "--practice", "animals"), b"", 3, "conversation.unknown"),
        (("CHAT", "x", "--by", "u1", "--practice", "nobody"), b"", 3, "practice.unknown"),
        (("CHAT", "", "--by", "u1"), b"", 1, "message.empty"),
        (("CHAT", "-", "--by", "u1"), b"\xff\xfe", 1, "message.encoding"),
        (("CHAT", "-", "--by", "u1"), b"a" * 100_001, 1, "message.too_long"),
        (("CHAT", "x"), b"", 2, "--by"),
        (("CHAT", "x", "--by", "u1", "--client-zone", "UTC"), b"", 1, "time.zone"),
        (("CHAT", "x", "--by", "u1", "--automatic", "--end"), b"", 2, "--automatic"),
    ],
)
def test_what_is_refused_says_why_and_writes_nothing(
    desk: tuple[str, str], arguments: tuple[str, ...], given: bytes, code: int, words: str
) -> None:
    url, chat = desk
    done, shown, told = _send(url, *(chat if one == "CHAT" else one for one in arguments), given=given)
    assert (done, shown) == (code, "")
    assert words in told
    assert _thread(url, chat) == []
