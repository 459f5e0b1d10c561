"""The demo's day: what it promises to show, and that it is the same every time."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from command import convokit, environment

import convokit as api
from convokit.transcripts.verifying import verify

WIDEST = 100


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("day")


@pytest.fixture(scope="module")
def day(folder: Path) -> str:
    done = convokit("demo", "--headless", "--out", str(folder))
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def _part(day: str, start: str, end: str) -> str:
    assert start in day
    return day[day.index(start) :].partition(end)[0]


def _rows(table: str) -> list[str]:
    return re.findall(r"^ {2,3}\d+  (.*)$", table, re.MULTILINE)


def test_the_same_seed_plays_the_same_day(day: str, folder: Path, tmp_path: Path) -> None:
    again = convokit("demo", "--headless", "--out", str(tmp_path)).stdout
    assert again.replace(str(tmp_path), "OUT") == day.replace(str(folder), "OUT")
    for name in ("bella-transcript.pdf", "bella-transcript.txt"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_another_seed_has_other_luck(day: str, tmp_path: Path) -> None:
    other = convokit("demo", "--headless", "--seed", "8", "--out", str(tmp_path)).stdout
    moments = re.compile(r"\d\d:\d\d:\d\d")
    assert moments.findall(other) != moments.findall(day)
    assert len(moments.findall(other)) == len(moments.findall(day))


def test_urgent_jumps_to_the_top(day: str) -> None:
    before = _rows(_part(day, "Five messages have come in", "08:13"))
    after = _rows(_part(day, "sets it to urgent", "08:17"))
    assert "Ana Ruiz · Bella" in before[0]
    assert "Ben Ortega · Max" in before[1]
    assert after[0].startswith("URGENT")
    assert "Ben Ortega · Max" in after[0]
    assert "Ana Ruiz · Bella" in after[1]
    assert [row for row in after if "Ben" not in row][1:] == [
        row.replace("3 min", "4 min").replace("7 min", "8 min") for row in before if "Ben" not in row
    ][1:]


@pytest.mark.parametrize(
    ("start", "marks"),
    [
        ("Dr. Kim answers in the app", ["✓  Sent, unread", "✓✓ Received:", "✓✓ Read:"]),
        ("Sam answers Ana by text", ["◷  Waiting to be sent", "✓  Sent, not yet delivered", "✓✓ Delivered"]),
        ("presses Send again", ["ⓘ  Could not", "◷  Waiting", "✓  Sent, not yet", "✓✓ Delivered"]),
        ("Farid's text: the carrier's report came late", ["◷  Waiting", "?  It is not known", "✓  Sent", "✓✓ Deliv"]),
    ],
)
def test_checks_move_in_order(day: str, start: str, marks: list[str]) -> None:
    lines = re.findall(r"^ {9}\d\d:\d\d:\d\d  (.*)$", _part(day, start, "\n\n"), re.MULTILINE)
    assert len(lines) == len(marks)
    assert all(line.startswith(mark) for line, mark in zip(lines, marks, strict=True))


@pytest.mark.parametrize(
    "promised",
    [
        "The second time nothing moved",
        "ⓘ  Could not be delivered. The phone was switched off or had no",
        "?  It is not known whether the carrier took this text",
        "The client opted out of texts.",
        "This client has opted out of texts",
        "and nothing left the house",
        "CANCEL may have meant an appointment",
        "The client allowed texts again.",
        "Sam ended the conversation.",
        "Reopened: the client wrote again.",
        "conversation ended on Friday, more than 72 hours ago: this is a new one, linked to it.",
        "Filters combine.",
        "Active 6 · Unread 1 · History 12",
        "in the evening no mail told anybody that it is open. The desk opens at 08:00",
        "Dr. Kim set the client: Amélie Roy.",
        "took this text; left as it is",
        "to 3 files; who opens one now gets 410.",
        "The payment of 184.50 USD was declined: Max: treatment. The client can try again.",
        "420.00 USD for Mochi's pills, cancelled; 42.00 USD for Mochi's pills, requested; 18.00 USD for Nala's ear",
        "Arrêtez de m'envoyer des messages",
        "Sam recorded that the client allows texts again.",
        'The desk writes that into its ledger (gateway, "SIM-610 on the list of opt-outs")',
        "what she is due for: 🦷 Dental care. Back to Mochi, for whom nothing is past due.",
        "The client's bank disputes the payment of 18.00 USD: Nala's ear drops.",
        "The request for 42.00 USD has expired: Mochi's pills.",
        "the button is gray and says why: The conversation has ended; restart it first.",
        "Karl's number is marked as a landline.",
        "It shows Front desk and Dermatology; Laboratory is internal.",
        "automatic Thank you for writing to Dermatology of Happy Paws.",
        "To Farid Sam can only text: The app is not switched on for this client.",
        "now it can be used",
        "ordered a second number. The carriers are still checking the practice's texting number.",
        "Por favor no me manden más mensajes",
        "automatic Happy Paws: call +13035550100 to reach us.",
        "the desk flags it and holds automatic messages until somebody decides",
        "Sam decided that the text did not mean an opt-out.",
        "(note for staff) Called him: he meant the queue.",
        "Sam types a text of 2 segments: the ’ makes it UCS-2. With a plain one it is 1",
        "Hello Omar, Zaza is ready to go home. Sam, Happy Paws",
        "30.00 USD of 184.50 USD refunded: Max: treatment.",
        "a search for his dog finds nothing. His number stays opted out",
        "the phone had put the place into it, what is kept has none",
        "[Photo: nala-ear.jpg,",
        "[PDF: ear-care.pdf,",
        "Assigned to Dr. Kim.",
        "Sam moved the conversation to Dermatology.",
        "Paid today: invoice 1042, 184.50 USD.",
        "184.50 USD paid: Max: treatment.",
        "Sam chose Hugo Berg as the client.",
        "From now on the desk says so before anybody writes: This number belongs to a landline",
        'Search for "thyroid": Chloe Tran:',
        "past due for Bella: 🩺 Wellness exam · 🦇 Rabies vaccination",
        "The transcript was mailed to ana@example.com.",
        "5 transcripts have gone out by mail",
        "The transcript was filed in the medical record (12 entries, SHA-256",
        "Subject: Happy Paws: 6 conversations are still open",
        "Happy Paws is closed until 8 am. For emergencies call (303) 555-0199.",
        "Still without an answer, for everybody to see: +13035550188.",
        "the photo with the text, the video as a signed link, the pdf as a signed link. He opens 2 of 2 links",
        "[Video: luna-walks.mp4, 22 KB]",
        'Sam marks it unread (1 unread) and shows its team member as "Dr. Kim, emergency".',
        "for staff only: Max bites when he is in pain",
        "Sam opted the client out of texts.",
        "Sam restarted the conversation.",
        "Try next",
    ],
)
def test_a_promised_moment_is_there(day: str, promised: str) -> None:
    flowing = " ".join(day.split())
    assert " ".join(promised.split()) in flowing


def test_stop_gets_one_confirmation(day: str) -> None:
    thread = _part(day, "Eva Lind · Otto · Dental week", "12:05")
    assert thread.count("automatic") == 1
    assert thread.count("Eva Lind  ") == 2


def test_nobody_reads_a_log(day: str) -> None:
    assert max(len(line) for line in day.splitlines() if "/" not in line) <= WIDEST
    assert "\x1b" not in day
    assert not re.search(r"\b[cm]_[0-9a-f]{8}", day)


def test_it_ends_with_the_files_and_three_hints(day: str, folder: Path) -> None:
    files, hints = day.partition("The files of this day")[2].split("Try next")
    (filed,) = (folder / "records").glob("happy-paws_*/patient_p1_*/2026-05-12-1720_Bella_Ana-Ruiz_*.pdf")
    assert [Path(line.split("  ")[2].strip()) for line in files.strip("\n").splitlines() if line.strip()] == [
        folder / "desk.db",
        folder / "bella-transcript.pdf",
        folder / "bella-transcript.txt",
        filed,
        folder / "end-of-day.html",
    ]
    assert len(hints.strip().splitlines()) == 3
    assert (folder / "bella-transcript.pdf").read_bytes().startswith(b"%PDF-")
    assert "I'm running late" in (folder / "bella-transcript.txt").read_text(encoding="utf-8")


def test_what_ended_is_filed_in_the_record_of_each_patient(day: str, folder: Path) -> None:
    filed = sorted(path.name.split("_")[1] for path in (folder / "records").rglob("*.pdf"))
    assert filed == ("Bella Bella Bruno Coco Coco Coco Figaro Kiwi Lola Max Milo Minou Minou Nala Pepper Zaza".split())
    (bella,) = (folder / "records").glob("*/*/2026-05-12-1720_Bella_*.pdf")
    with bella.open("rb") as file:
        verdict = verify(file)
    assert (verdict.whole, verdict.count) == (True, 12)
    assert f"12 entries, SHA-256 {verdict.head[:12]}" in " ".join(day.split())


def test_the_database_is_a_real_desk(day: str, folder: Path) -> None:
    with api.open(f"sqlite:///{(folder / 'desk.db').as_posix()}") as kit:
        desk = kit.practice("happy-paws")
        assert desk.badges().active == 6
        assert [e.action for e in desk.consent_ledger("+13035550177")] == ["opt_out", "opt_in"]
        assert [e.action for e in desk.consent_ledger("+13035550155")] == ["opt_out"]
        assert kit.store.unsettled() == 0


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_an_old_terminal_gets_ascii(tmp_path: Path, encoding: str) -> None:
    done = convokit("demo", "--headless", "--out", str(tmp_path), PYTHONUTF8="0", PYTHONIOENCODING=encoding)
    assert done.returncode == 0
    # The letters of the Spanish texts go out in the terminal's own encoding, which is not what is read here.
    assert done.stdout.replace("\ufffd", "").isascii()
    assert "vv Delivered, says the carrier" in done.stdout
    assert "i  Could not be delivered" in done.stdout


def test_a_closed_pipe_ends_it_quietly(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "convokit", "demo", "--headless", "--out", str(tmp_path)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=environment()
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert (process.wait(timeout=60), errors) == (0, b"")


def test_it_never_plays_on_a_desk_that_exists(folder: Path, day: str, tmp_path: Path) -> None:
    before = (folder / "desk.db").read_bytes()
    for given in (["--db", str(folder / "desk.db")], ["--out", str(folder)]):
        done = convokit("demo", "--headless", *given)
        assert done.returncode == 2
        assert "new file" in done.stderr
    assert (folder / "desk.db").read_bytes() == before
    (tmp_path / "file").touch()
    assert convokit("demo", "--headless", "--out", str(tmp_path / "file" / "below")).returncode == 2


def test_without_places_a_new_folder_is_made(tmp_path: Path) -> None:
    done = convokit("demo", "--headless", TMPDIR=str(tmp_path), CONVOKIT_COMMAND="python3 go.py run")
    made = list(tmp_path.glob("convokit-demo-*/*"))
    (database,) = (path for path in made if path.name == "desk.db")
    assert f"  python3 go.py run inbox --db {database}\n" in done.stdout
    assert {path.name for path in made} >= {"desk.db", "bella-transcript.pdf", "bella-transcript.txt"}
    assert all(str(path) in done.stdout for path in made if path.suffix in {".db", ".pdf", ".txt"})


def test_its_help_calls_it_as_it_was_called() -> None:
    for command in ("convokit", "python3 go.py run"):
        done = convokit("demo", "--help", CONVOKIT_COMMAND=command)
        assert f"Usage: {command} demo [OPTIONS]" in done.stdout


@pytest.mark.parametrize("given", ["b.db", "sqlite:///b.db"])
def test_the_database_is_given_as_everywhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.chdir(tmp_path)
    assert convokit("demo", "--headless", "--db", given).returncode == 0
    assert {p.name for p in tmp_path.glob("*.*")} >= {"b.db", "bella-transcript.pdf", "bella-transcript.txt"}
    assert "Chloe Tran" in convokit("inbox", "--db", given).stdout


@pytest.mark.parametrize(("given", "words"), [("memory:", "must be a file"), (".", "is a folder")])
def test_the_database_of_the_demo_is_a_file(tmp_path: Path, given: str, words: str) -> None:
    done = convokit("demo", "--headless", "--out", str(tmp_path), "--db", given)
    assert done.returncode == 2
    assert words in done.stderr


def _on_a_terminal(*arguments: str, **changes: str) -> str:
    """Run the command on a pseudo terminal; what it printed."""
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "convokit", *arguments]
    process = subprocess.Popen(command, stdout=theirs, stdin=subprocess.DEVNULL, env=environment(**changes))
    os.close(theirs)
    seen = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # Linux ends a terminal this way
            break
        if not part:
            break
        seen += part
    os.close(ours)
    assert process.wait(timeout=60) == 0
    return seen.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")
def test_color_on_a_terminal_and_the_same_day(tmp_path: Path, day: str, folder: Path) -> None:
    shown = _on_a_terminal("demo", "--headless", "--out", str(tmp_path), TERM="xterm")
    assert "\x1b[" in shown
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown).replace("\r\n", "\n")
    assert [line.rstrip() for line in plain.replace(str(tmp_path), "OUT").splitlines()] == [
        line.rstrip() for line in day.replace(str(folder), "OUT").splitlines()
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")
@pytest.mark.usefixtures("day")
@pytest.mark.parametrize(
    ("changes", "colored"),
    [({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
)
def test_color_only_on_a_terminal_that_wants_it(folder: Path, changes: dict[str, str], colored: bool) -> None:
    assert ("\x1b[" in _on_a_terminal("inbox", "--db", str(folder / "desk.db"), **changes)) is colored


def test_the_mail_of_the_end_of_the_day_is_a_table(day: str, folder: Path) -> None:
    html = (folder / "end-of-day.html").read_text(encoding="utf-8")
    (head, *rows) = re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)
    assert [row.count("<td") for row in rows] == [head.count("<th")] * 6


# --- in the browser ---------------------------------------------------------------------------------------------------


def _served(*given: str, home: Path) -> tuple[subprocess.Popen[str], str]:
    """A demo that is open, and its address."""
    command = [sys.executable, "-m", "convokit", "demo", "--no-browser", *given]
    environment = {**os.environ, "TMPDIR": str(home), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    assert process.stdout is not None
    said = process.stdout.readline()
    found = re.search(r"http://127\.0\.0\.1:[0-9]+/", said)
    if found is None:
        process.kill()
        raise AssertionError(said + process.stdout.read())
    return process, found[0]


def _fetched(url: str) -> str:
    for _ in range(100):
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return answer.read().decode()
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"nobody answers at {url}")


def _ended(process: subprocess.Popen[str]) -> str:
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 0, said
    return said


@pytest.mark.parametrize("keep", [False, True])
def test_the_demo_opens_says_where_and_ends_cleanly(tmp_path: Path, keep: bool) -> None:
    process, url = _served(*(["--keep"] if keep else []), home=tmp_path)
    assert "The dashboard of the practice" in _fetched(url)
    listed = _fetched(f"{url}desk/active")
    assert all(name in listed for name in ("Ben Ortega", "Ana Ruiz", "Eva Lind"))
    assert "phone" in _fetched(f"{url}phone")
    said = _ended(process)
    assert "Traceback" not in said
    assert bool(list(tmp_path.rglob("desk.db"))) == keep


def test_without_the_dashboard_it_says_what_to_install(tmp_path: Path) -> None:
    hidden = "import sys; sys.modules['convokit_dashboard'] = None; from convokit.cli import main; main()"
    command = [sys.executable, "-c", hidden, "demo", "--no-browser"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "convokit-dashboard[demo]" in done.stderr
    assert "Traceback" not in done.stderr
