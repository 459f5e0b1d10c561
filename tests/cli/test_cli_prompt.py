"""The demo's prompt: sessions typed by a visitor, through the real standard input."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command import convokit, environment


def _session(tmp_path: Path, *commands: str) -> list[tuple[str, str]]:
    """Each command and what was answered to it."""
    done = convokit("demo", "--out", str(tmp_path / "out"), given="\n".join([*commands, ""]))
    assert (done.returncode, done.stderr) == (0, "")
    visit = done.stdout.partition("You are the front desk now.")[2].partition("The files of this day")[0]
    parts = re.split(r"^(?:\w{3} \d+ \w{3} )?\d\d:\d\d (?:\S+ )?> (.*)\n", visit, flags=re.MULTILINE)
    assert parts[1::2][: len(commands)] == list(commands)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def _answers(tmp_path: Path, *commands: str) -> list[str]:
    return [answer for _, answer in _session(tmp_path, *commands)]


def test_the_end_of_the_input_ends_it_cleanly(tmp_path: Path) -> None:
    done = convokit("demo", "--out", str(tmp_path))
    assert done.returncode == 0
    assert "Try next" in done.stdout.splitlines()[-4]


@pytest.mark.parametrize("word", ["quit", "exit", "Q"])
def test_quit(tmp_path: Path, word: str) -> None:
    done = convokit("demo", "--out", str(tmp_path), given=f"{word}\ninbox\n")
    assert done.returncode == 0
    assert "> inbox" not in done.stdout


def test_a_phone_that_is_off_fails_a_text_until_it_is_sent_again(tmp_path: Path) -> None:
    answers = _answers(
        tmp_path,
        "open 6",
        "phone off",
        "reply Yes, rabbits too",
        "wait 10s",
        "6",
        "inbox",
        "1",
        "again",
        "phone on",
        "again",
    )
    assert "Do you see rabbits too?" in answers[0]
    assert "✓  Sent, not yet delivered" in answers[2]
    assert "ⓘ  failed" in answers[5].splitlines()[2]
    assert "switched off" in answers[6]
    assert "switched off" in answers[7]
    assert "✓✓ Delivered" in answers[9]


def test_an_unsure_text_is_left_and_a_late_report_settles_it(tmp_path: Path) -> None:
    answers = _answers(
        tmp_path,
        "open 6",
        "carrier",
        "carrier silent",
        "reply Yes!",
        "carrier ok",
        "leave",
        "inbox",
        "1",
        "wait 30m",
        "inbox",
    )
    assert "carrier silent, or carrier ok?" in answers[1]
    assert "?  It is not known whether the carrier took this text" in answers[3]
    assert "Left as it is" in answers[5]
    assert answers[6].splitlines()[2].endswith("?  unsure")
    assert answers[9].splitlines()[2].endswith("✓✓ delivered")


def test_a_client_opts_out_and_in(tmp_path: Path) -> None:
    answers = _answers(
        tmp_path,
        "open 6",
        "phone STOP",
        "reply hello",
        "optin",
        "phone CANCEL",
        "phone START",
        "optout",
        "phone Stop",
        "end",
    )
    assert "The client opted out" in answers[1]
    assert "automatic" in answers[1]
    assert "asked by text not to be texted" in answers[2]
    assert "Sam recorded that the client allows texts again." in answers[3]
    assert "CANCEL may have meant an appointment" in answers[4]
    assert "allowed texts again" in answers[5]
    assert "Sam opted the client out" in answers[6]
    assert "automatic" not in answers[7]
    assert "Ended" in answers[8]


def test_the_app_moves_the_checks(tmp_path: Path) -> None:
    answers = _answers(
        tmp_path, "open 1", "reply See you", "app open", "app read", "app", "phone thank you", "urgent", "unread"
    )
    assert answers[1].rstrip().endswith("✓  Sent, unread")
    assert answers[2].rstrip().endswith("✓✓ Received: the client opened the app")
    assert answers[3].rstrip().endswith("✓✓ Read: the client opened the conversation")
    assert "app open, or app read?" in answers[4]
    assert "Chloe Tran" in answers[5]
    assert "URGENT     1  app   Chloe Tran · Mochi" in answers[6].splitlines()[2]


def test_end_restart_history_and_a_new_conversation_after_the_window(tmp_path: Path) -> None:
    answers = _answers(
        tmp_path, "open 6", "end", "reply no", "restart", "end", "history", "1", "wait 80h", "phone Hello?", "unread"
    )
    assert "restart it first" in answers[2]
    assert "Sam restarted the conversation." in answers[3]
    assert "+13035550188" in answers[5].splitlines()[2]
    assert "It is Sat 16 May" in answers[7]
    assert "this is a new one" in answers[8]
    assert "Hello?" in answers[8]
    assert "Active 6" in answers[9]


def test_urgency_levels_and_marking_unread(tmp_path: Path) -> None:
    answers = _answers(
        tmp_path, "open 2", "urgent low", "urgent high", "open 6", "urgent very", "urgent high", "open 1", "unread"
    )
    assert answers[1].splitlines()[7].split()[1] == "low"
    assert "Open a conversation first" in answers[2]
    assert "low, normal, high, urgent" in answers[4]
    assert answers[5].splitlines()[2].split()[1] == "high"
    assert re.match(r" +1  high +1  text", answers[7].splitlines()[2])


MISTAKES = [
    ("open", "Which one? The list has 6"),
    ("open 0", "Which one?"),
    ("open 99999999999999999999", "Which one?"),
    ("reply hi", "Open a conversation first"),
    ("dance", "There is no command dance"),
    ("\x1b[31mred", "There is no command [31mred"),
    ("wait", "How long?"),
    ("wait forever", "How long?"),
    ("open 1", "Chloe Tran"),
    ("reply", "That is refused: the message is empty"),
    ("optout", "in the app; that is about texts"),
    ("again", "No text here has failed or is unsure"),
    ("phone", "What does the client write?"),
    ("phone off", "in the app; that is about texts"),
    ("transcript", "To which file?"),
    ("transcript x.doc", "That is refused: a transcript is written"),
    ("open 3", "Eva Lind"),
    ("app open", "has no app here"),
    ("leave", "Left as it is"),
    ("leave", "No text here has failed or is unsure"),
    ("help", "switch the client's phone"),
]


def test_mistakes_are_answered(tmp_path: Path) -> None:
    done = convokit("demo", "--out", str(tmp_path), given="\n".join([*(command for command, _ in MISTAKES), ""]))
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    answers = done.stdout.partition("You are the front desk now.")[2].split("> ")[1:]
    for (command, expected), answer in zip(MISTAKES, answers, strict=False):
        assert expected in " ".join(answer.split()), command


def test_a_transcript_of_the_open_conversation(tmp_path: Path) -> None:
    answers = _answers(tmp_path, "open 1", "transcript mochi.txt", f"transcript {tmp_path / 'mochi.pdf'}")
    assert "mochi.txt" in answers[1]
    assert "thyroid" in (tmp_path / "out" / "mochi.txt").read_text(encoding="utf-8")
    assert (tmp_path / "mochi.pdf").read_bytes().startswith(b"%PDF-")


def test_bytes_that_are_no_text_do_not_end_the_visit(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "convokit", "demo", "--out", str(tmp_path)]
    done = subprocess.run(
        command, input=b"open 1\nreply \xff\xfe\ninbox\n", capture_output=True, env=environment(), check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_ctrl_c_ends_it_with_130(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "convokit", "demo", "--out", str(tmp_path)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("wait 1m\n")
    process.stdin.flush()
    while "It is" not in process.stdout.readline():
        pass
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in errors
