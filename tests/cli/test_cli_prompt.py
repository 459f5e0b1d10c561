"""The demo's prompt: sessions typed by a visitor, through the real standard input."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command import convokit, environment, unmeasured

from convokit.cli.demo.help import TOPICS


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
    assert "?  It is not known whether the carrier took this text; left as it is\n" in answers[5]
    assert answers[6].splitlines()[2].endswith("?  left")
    assert "✓✓ Delivered" in answers[8]
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
    assert "has opted out of texts" in answers[2]
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
        tmp_path, "urgent high", "open 2", "urgent low", "open 6", "urgent very", "urgent high", "unread", "2", "unread"
    )
    assert "Open a conversation first" in answers[0]
    assert answers[2].splitlines()[7].split()[1] == "low"
    assert "low, normal, high, urgent" in answers[4]
    assert answers[5].splitlines()[2].split()[1] == "high"
    assert re.match(r" +1  high +1  text", answers[6].splitlines()[2])
    assert re.match(r" +2 +1  app   Chloe", answers[8].splitlines()[3])


def test_urgent_and_unread_keep_the_conversation_open(tmp_path: Path) -> None:
    answers = _answers(tmp_path, "open 6", "urgent", "unread", "reply Yes, we do", "end", "urgent low", "thread")
    assert "URGENT     1  text  +13035550188" in answers[2]
    assert "Yes, we do" in answers[3]
    assert "Active" in answers[5]
    assert [line.split()[0] for line in answers[5].splitlines()[2:] if "0188" in line] == ["1"]  # of the history
    assert "Yes, we do" in answers[6]


def test_the_thread_is_shown_again(tmp_path: Path) -> None:
    answers = _answers(tmp_path, "thread", "", "open 6", "reply Yes", "", "unread", "thread", "inbox")
    assert "Open a conversation first" in answers[0]
    assert "Active 6 · Unread 1" in answers[1]
    assert "✓✓ Delivered" in answers[4]
    assert answers[4] == answers[6]
    assert "Unread 1" in answers[7]


def test_the_clock_stands_still_for_what_is_refused(tmp_path: Path) -> None:
    refused = ["open 99", "again", "dance", "reply", "?", "help", "wait", "app open", "transcript"] * 20
    done = convokit("demo", "--out", str(tmp_path), given="\n".join(["open 6", *refused, ""]))
    times = re.findall(r"^(\d\d:\d\d) \S+ > ", done.stdout, re.MULTILINE)
    assert len(times) == len(refused) + 1
    assert len(set(times)) == 1


def test_waiting_shows_what_changed(tmp_path: Path) -> None:
    answers = _answers(
        tmp_path, "open 6", "wait 5", "reply Yes", "wait 10s", "wait 5", "carrier silent", "reply So?", "4", "wait 30m"
    )
    assert answers[1].split("\n")[:2] == ["  It is 17:51 now.", "  Nothing has changed."]
    assert "Nothing has changed" not in answers[3]
    assert "Yes\n                           ✓✓ Delivered" in answers[3]
    assert "Do you see rabbits" not in answers[3]
    assert "Nothing has changed" in answers[4]
    assert "Changed: +13035550188. The inbox shows how." in answers[8]


def test_a_text_that_an_opt_out_stopped(tmp_path: Path) -> None:
    answers = _answers(tmp_path, "open 3", "again", "leave", "inbox", "3", "leave", "optin", "reply Hello", "wait 10s")
    assert "has opted out of texts" in " ".join(answers[1].split())
    assert "Not sent" in answers[1]
    assert "it never reached the client, who has opted out" in answers[2]
    assert "Could not be delivered; left as it is." in answers[2]
    assert answers[3].splitlines()[4].endswith("ⓘ  left")
    assert "left as it is" in answers[4]
    assert "It was left already." in answers[5]
    assert "✓✓ Delivered" in answers[8]


def test_a_failed_text_is_left(tmp_path: Path) -> None:
    answers = _answers(tmp_path, "open 6", "phone off", "reply Yes", "leave")
    assert "Left as it is: it did not reach the client." in answers[3]
    assert "left as it is. The phone was switched off" in answers[3]


def test_days_are_named_when_a_thread_has_several(tmp_path: Path) -> None:
    answers = _answers(tmp_path, "open 6", "wait 20h", "phone Hello?", "thread")
    assert "2026" not in answers[0]
    assert answers[2].splitlines()[0] == "  Wednesday, 13 May 2026"
    assert [line for line in answers[3].splitlines() if "2026" in line] == [
        "  Tuesday, 12 May 2026",
        "  Wednesday, 13 May 2026",
    ]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("?", "let 5 minutes pass"),
        ("help carrier", "nobody can know whether it has them"),
        ("help reply", "handed to the carrier"),
        ("? wait", "A number alone is minutes"),
        ("help PHONE", "A text to a phone that is off fails"),
        ("help dance", "There is no command dance"),
    ],
)
def test_help(tmp_path: Path, asked: str, words: str) -> None:
    answer = _answers(tmp_path, asked)[0]
    assert words in " ".join(answer.split())


def test_what_the_help_names_is_there(tmp_path: Path) -> None:
    named = [command for topic in TOPICS for command in topic.commands if command not in {"quit", "exit", "q"}]
    answers = _answers(tmp_path, *named)
    assert not [answer for answer in answers if "There is no command" in answer]


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
    ("leave", "It was left already."),
    ("again", "Not sent: this client has opted out"),
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
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=unmeasured(),
        # A shell that starts the tests in the background makes them ignore Ctrl-C, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads here
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("wait 1m\n")
    process.stdin.flush()
    while " now." not in (line := process.stdout.readline()):
        assert line, process.stderr
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in errors
