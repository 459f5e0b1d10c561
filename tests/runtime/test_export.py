"""Many transcripts at once."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from attrs import evolve
from command import convokit as command
from command import environment
from hypothesis import given
from hypothesis import strategies as st

import convokit
from convokit import Client, Convokit, Patient, Practice, Staff
from convokit.domain.conversation import Conversation
from convokit.errors import Conflict, ConvokitError, InvalidInput, StorageError
from convokit.runtime.export.manifest import MANIFEST, PARTIAL, Manifest
from convokit.runtime.export.names import file_name
from convokit.runtime.export.running import ExportProgress
from convokit.transcripts.record import check_json

KIM = Staff(id="u1", name="Dr. Kim")
PAWS = Practice(id="happy-paws", name="Happy Paws", time_zone="America/Denver", region="US")
NOON = datetime(2026, 3, 8, 18, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


def filled(kit: Convokit, count: int, practice: Practice = PAWS) -> list[str]:
    kit.add_practice(practice)
    desk = kit.practice(practice.id)
    made = []
    for number in range(count):
        known = desk.start(
            client=Client(id=f"c{number}", name=f"Ana Ruíz {number}"),
            patient=Patient(id=f"p{number % 3}", name="Bella"),
            channel="app",
            by=KIM,
        )
        desk.send(known.id, f"Message {number} of {practice.name}", by=KIM)
        if number % 2:
            desk.end(known.id, by=KIM)
        made.append(known.id)
    return made


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Convokit]:
    with convokit.open(f"sqlite:///{tmp_path}/desk.db", clock=Clock()) as made:
        yield made


def rows_of(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / MANIFEST).read_text(encoding="ascii").splitlines()]


def assert_true(folder: Path, count: int) -> None:
    """The manifest tells of every file, each is whole, and nothing else is there."""
    rows = rows_of(folder)
    assert len(rows) == count
    for row in rows:
        content = (folder / str(row["file"])).read_bytes()
        assert (len(content), sha256(content).hexdigest()) == (row["bytes"], row["sha256"])
    assert (folder / PARTIAL).stat().st_size == 0
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [MANIFEST, PARTIAL, *(str(row["file"]) for row in rows)]
    )


@pytest.mark.parametrize("form", ["pdf", "html", "json", "txt", "zip"])
def test_every_conversation_and_a_true_manifest(kit: Convokit, tmp_path: Path, form: str) -> None:
    ids = filled(kit, 3)
    report = kit.export_transcripts(tmp_path / "out", format=form)
    assert (report.written, report.kept, report.failed) == (3, 0, ())
    assert report.manifest == tmp_path / "out" / MANIFEST
    assert_true(tmp_path / "out", 3)
    assert sorted(str(row["conversation"]) for row in rows_of(tmp_path / "out")) == sorted(ids)


def test_files_are_what_the_desk_writes_and_heads_can_be_verified(kit: Convokit, tmp_path: Path) -> None:
    filled(kit, 2)
    kit.export_transcripts(tmp_path, format="json")
    for row in rows_of(tmp_path):
        document = kit.practice("happy-paws").transcript(str(row["conversation"]))
        content = (tmp_path / str(row["file"])).read_bytes()
        assert content == document.json().encode()
        assert check_json(content, head=str(row["head"]), count=int(str(row["entries"]))).whole


def test_again_makes_only_what_has_changed(kit: Convokit, tmp_path: Path) -> None:
    first, *_ = filled(kit, 4)
    out = tmp_path / "out"
    kit.export_transcripts(out)
    kept = {path.name: path.stat().st_mtime_ns for path in out.iterdir() if path.suffix == ".pdf"}
    kit.practice("happy-paws").send(first, "One more thing", by=KIM)
    report = kit.export_transcripts(out)
    assert (report.written, report.kept) == (1, 3)
    moved = [name for name, at in kept.items() if (out / name).stat().st_mtime_ns != at]
    assert len(moved) == 1
    assert_true(out, 4)


@pytest.mark.parametrize("harm", [b"", b"%PDF-half", None])
def test_a_file_that_is_not_whole_is_made_again(kit: Convokit, tmp_path: Path, harm: bytes | None) -> None:
    filled(kit, 2)
    kit.export_transcripts(tmp_path / "out")
    victim = next((tmp_path / "out").glob("*.pdf"))
    if harm is None:
        victim.unlink()
    else:
        victim.write_bytes(harm)
    report = kit.export_transcripts(tmp_path / "out")
    assert (report.written, report.kept) == (1, 1)
    assert_true(tmp_path / "out", 2)


@pytest.mark.parametrize(
    ("narrowed", "expected"),
    [
        ({}, 6),
        ({"state": "open"}, 3),
        ({"state": "ended"}, 3),
        ({"client_id": "c2"}, 1),
        ({"patient_id": "p0"}, 2),
        ({"patient_id": "p0", "state": "ended"}, 1),
        ({"since": NOON}, 6),
        ({"since": NOON + timedelta(days=1)}, 0),
        ({"before": NOON}, 0),
        ({"before": NOON + timedelta(days=1)}, 6),
        ({"practice_id": "happy-paws"}, 6),
    ],
    ids=str,
)
def test_what_is_wanted(kit: Convokit, tmp_path: Path, narrowed: dict[str, object], expected: int) -> None:
    filled(kit, 6)
    report = kit.export_transcripts(tmp_path / "out", format="txt", **narrowed)  # type: ignore[arg-type]
    assert report.written == expected
    assert_true(tmp_path / "out", expected)


def test_two_practices_and_one_manifest(kit: Convokit, tmp_path: Path) -> None:
    filled(kit, 2)
    filled(kit, 2, evolve(PAWS, id="tails", name="Tails"))
    assert kit.export_transcripts(tmp_path / "out", practice_id="tails", format="txt").written == 2
    assert all("Tails" in path.read_text() for path in (tmp_path / "out").glob("*.txt"))
    assert kit.export_transcripts(tmp_path / "out", format="txt").written == 2
    assert_true(tmp_path / "out", 4)


def test_several_processes_write_the_same(kit: Convokit, tmp_path: Path) -> None:
    filled(kit, 45)
    told: list[ExportProgress] = []
    one = kit.export_transcripts(tmp_path / "one", format="json")
    two = kit.export_transcripts(tmp_path / "two", format="json", processes=2, progress=told.append)
    assert (one.written, two.written) == (45, 45)
    assert (tmp_path / "one" / MANIFEST).read_bytes() == (tmp_path / "two" / MANIFEST).read_bytes()
    assert_true(tmp_path / "two", 45)
    assert (told[-1].of, told[-1].looked_at, told[-1].written) == (45, 45, 45)


def test_what_changes_meanwhile_is_written_as_it_then_is(kit: Convokit, tmp_path: Path) -> None:
    first, *_ = filled(kit, 25)
    desk = kit.practice("happy-paws")
    later: list[str] = []

    def meanwhile(_: ExportProgress) -> None:
        if not later:
            later.append(desk.send(first, "Meanwhile", by=KIM).id)

    report = kit.export_transcripts(tmp_path / "out", format="txt", progress=meanwhile)
    assert report.written == 26
    assert_true(tmp_path / "out", 25)
    assert any("Meanwhile" in path.read_text() for path in (tmp_path / "out").glob("*.txt"))


DAMAGE = {
    "an entry": ("UPDATE convokit_entry SET delivery = 99 WHERE seq = 2 AND conversation_pk = ?", "KeyError"),
    "the row itself": ("UPDATE convokit_conversation SET last_delivery = 99 WHERE pk = ?", "KeyError"),
    "its files": (
        "UPDATE convokit_entry SET attachments = '[{' WHERE seq = 2 AND conversation_pk = ?",
        "JSONDecodeError",
    ),
}


def damage(database: Path, conversation_id: str, statement: str) -> None:
    """What a bad disk, or somebody with an editor, does to a file."""
    with sqlite3.connect(database) as raw:
        (broken,) = raw.execute(
            "SELECT pk FROM convokit_conversation WHERE public_id = ?", [conversation_id]
        ).fetchone()
        assert raw.execute(statement, [broken]).rowcount == 1


@pytest.mark.parametrize("what", DAMAGE)
@pytest.mark.parametrize("processes", [1, 2])
def test_a_damaged_conversation_is_said_and_stops_nothing(
    kit: Convokit, tmp_path: Path, what: str, processes: int
) -> None:
    ids = filled(kit, 50)
    statement, error = DAMAGE[what]
    damage(tmp_path / "desk.db", ids[1], statement)
    report = kit.export_transcripts(tmp_path / "out", format="txt", processes=processes)
    assert report.written == 49
    ((failed,), rows) = (report.failed, rows_of(tmp_path / "out"))
    assert (failed.conversation, failed.error, failed.file) == (ids[1], error, "")
    assert [row["error"] for row in rows if row["conversation"] == ids[1]] == [error]
    assert len(list((tmp_path / "out").glob("*.txt"))) == 49


def test_the_command_says_which_conversation_could_not_be_written(kit: Convokit, tmp_path: Path) -> None:
    ids = filled(kit, 3)
    damage(tmp_path / "desk.db", ids[1], DAMAGE["an entry"][0])
    given_ = ("transcript", "export", "--all", "--db", str(tmp_path / "desk.db"), "--out", str(tmp_path / "out"))
    done = command(*given_, "--processes", "1")
    assert done.returncode == 4
    assert done.stdout.startswith("2 written, 0 kept, 1 failed")
    assert f"{ids[1]} could not be written: KeyError" in done.stderr
    told = json.loads(command(*given_, "--json").stdout)
    assert (told["written"], told["kept"]) == (0, 2)
    assert told["failed"] == [{"practice": "happy-paws", "conversation": ids[1], "error": "KeyError"}]


def test_a_good_file_outlives_damage_that_comes_later(kit: Convokit, tmp_path: Path) -> None:
    ids = filled(kit, 2)
    kit.export_transcripts(tmp_path / "out", format="txt")
    kit.practice("happy-paws").send(ids[0], "One more thing", by=KIM)
    damage(tmp_path / "desk.db", ids[0], DAMAGE["an entry"][0])
    report = kit.export_transcripts(tmp_path / "out", format="txt")
    assert [(row.conversation, row.error) for row in report.failed] == [(ids[0], "KeyError")]
    assert_true(tmp_path / "out", 2)
    assert [row["error"] for row in rows_of(tmp_path / "out") if row["conversation"] == ids[0]] == ["KeyError"]


def test_p20_no_file_keeps_the_name_of_somebody_who_was_erased(kit: Convokit, tmp_path: Path) -> None:
    filled(kit, 3)
    kit.export_transcripts(tmp_path / "out", format="txt")
    kit.practice("happy-paws").erase_client("c1", by=KIM, reason="request of 2 March")
    assert kit.export_transcripts(tmp_path / "out", format="txt").written == 1
    assert_true(tmp_path / "out", 3)
    assert not [path for path in (tmp_path / "out").glob("*.txt") if "Ruiz-1" in path.name]
    assert not [path for path in (tmp_path / "out").glob("*.txt") if "Message 1 " in path.read_text()]


def test_p18_two_exports_into_one_folder(kit: Convokit, tmp_path: Path) -> None:
    filled(kit, 1)
    with Manifest(tmp_path), pytest.raises(Conflict) as caught:
        kit.export_transcripts(tmp_path)
    assert caught.value.code == "export.running"
    assert kit.export_transcripts(tmp_path).written == 1


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"format": "docx"}, "export.format"),
        ({"state": "half"}, "export.state"),
        ({"since": datetime(2026, 1, 1)}, "time.naive"),  # noqa: DTZ001 - what is refused
        ({"since": "2026-01-01"}, "export.since"),
        ({"before": 1}, "export.before"),
        ({"processes": 0}, "export.processes"),
        ({"processes": True}, "export.processes"),
        ({"client_id": ""}, "client_id.type"),
        ({"patient_id": 1}, "patient_id.type"),
        ({"practice_id": "nobody"}, "practice.unknown"),
    ],
    ids=str,
)
def test_p18_what_cannot_be_asked(kit: Convokit, tmp_path: Path, asked: dict[str, object], code: str) -> None:
    with pytest.raises(ConvokitError) as caught:
        kit.export_transcripts(tmp_path / "out", **asked)  # type: ignore[arg-type]
    assert caught.value.code == code


@pytest.mark.parametrize("folder", [None, 1, "a\0b", __file__])
def test_p18_what_is_no_folder(kit: Convokit, folder: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        kit.export_transcripts(folder)  # type: ignore[arg-type]
    assert caught.value.code == "export.folder"


def test_a_folder_that_cannot_be_made(kit: Convokit, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError) as caught:
        kit.export_transcripts(tmp_path / "file" / "out")
    assert caught.value.code == "export.not_written"


def test_a_torn_last_line_and_foreign_lines_are_not_believed(kit: Convokit, tmp_path: Path) -> None:
    filled(kit, 2)
    kit.export_transcripts(tmp_path, format="txt")
    whole = (tmp_path / MANIFEST).read_bytes()
    others = [(b'"file": "', b'"file": "../'), (b'"redacted": []', b'"redacted": [1]'), (b"false", b"0")]
    for partial in (whole[:-20], *(whole.replace(*other) for other in others), b"null\n", b"\xff"):
        (tmp_path / MANIFEST).unlink(missing_ok=True)
        (tmp_path / PARTIAL).write_bytes(partial)
        kit.export_transcripts(tmp_path, format="txt")
        assert (tmp_path / MANIFEST).read_bytes() == whole
        assert (tmp_path / PARTIAL).stat().st_size == 0


def killed_twice(database: Path, out: Path, count: int, after: int) -> tuple[dict[str, object], int]:
    """Export with the command, killed twice after so many files each; then whole.

    What the last run printed, and how many files were there when it began.
    """
    given_ = ["transcript", "export", "--all", "--db", str(database), "--out", str(out), "--processes", "2"]
    seen = 0
    for _ in range(2):
        process = subprocess.Popen(
            [sys.executable, "-m", "convokit", *given_],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        deadline = time.monotonic() + 600
        while files_in(out) < seen + after and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)  # a look at a folder, not a guess at a time
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        seen = files_in(out)
        assert 0 < seen < count
        assert all(path.read_bytes().endswith(b"%%EOF\n") for path in out.glob("*.pdf"))
        assert not (out / MANIFEST).exists()
    done = subprocess.run(
        [sys.executable, "-m", "convokit", *given_, "--json"],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout)), seen


def files_in(folder: Path) -> int:
    return sum(name.endswith(".pdf") for name in os.listdir(folder)) if folder.is_dir() else 0


@pytest.mark.parametrize(
    ("count", "after"), [(150, 20), pytest.param(10_000, 2_500, marks=pytest.mark.soak)], ids=["150", "10,000"]
)
def test_an_export_that_was_killed_twice_ends_with_whole_files_and_one_true_manifest(
    kit: Convokit, tmp_path: Path, count: int, after: int
) -> None:
    ids = filled(kit, count)
    out = tmp_path / "out"
    said, there = killed_twice(tmp_path / "desk.db", out, count, after)
    assert (said["failed"], int(str(said["written"])) + int(str(said["kept"]))) == ([], count)
    assert there - 2 <= int(str(said["kept"])) <= there  # each of two processes had one in its hands
    assert_true(out, count)
    rows = rows_of(out)
    assert {row["conversation"] for row in rows} == set(ids)
    assert [row["file"] for row in rows] == sorted(str(row["file"]) for row in rows)
    desk = kit.practice("happy-paws")
    for row in rows[:: count // 10]:
        document = desk.transcript(str(row["conversation"]))
        assert (out / str(row["file"])).read_bytes() == document.pdf()
        assert (row["head"], row["entries"]) == (document.transcript.head, document.transcript.count)


def test_the_command_narrows_and_tells(kit: Convokit, tmp_path: Path) -> None:
    ids = filled(kit, 4)
    base = ["transcript", "export", "--db", f"{tmp_path}/desk.db", "--out"]
    done = command(
        *base, str(tmp_path / "out"), "--all", "--format", "txt", "--state", "ended", "--since", "2026-03-08"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"2 written, 0 kept, 0 failed; the manifest is {tmp_path}/out/{MANIFEST}\n"
    assert command(*base, str(tmp_path / "none"), "--all", "--before", "2026-03-08").stdout.startswith("0 written")
    for wrong in (["--all", ids[0]], [], [ids[0]], ["--all", "--since", "yesterday"]):
        assert command(*base, str(tmp_path / "x"), *wrong).returncode == 2
    assert command(*base, str(tmp_path / "one.json"), ids[0], "--practice", "happy-paws").returncode == 0


SAFE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(_[A-Za-z0-9-]+)*_[0-9a-f]{16}\.pdf")


@given(st.text(), st.text(), st.text(min_size=1))
def test_p15_names_are_safe_everywhere(patient: str, client: str, conversation_id: str) -> None:
    known = Conversation(
        id=conversation_id,
        channel="app",
        sender="app",
        address="c1",
        client_name=client,
        patient_name=patient,
        started_us=0,
        last_us=0,
    )
    name = file_name(PAWS, known, ".pdf")
    assert SAFE.fullmatch(name)
    assert len(name) <= 130
    assert name != file_name(PAWS, evolve(known, id=conversation_id + "x"), ".pdf")


@pytest.mark.parametrize(
    ("patient", "client", "middle"),
    [
        ("Bella", "Ana Ruíz", "_Bella_Ana-Ruiz_"),
        ("", "", "_"),
        ("../../etc", "CON", "_etc_CON_"),
        ("贝拉", "Søren Ås", "_Sren-As_"),
        ("x" * 300, "a\0b\nc", f"_{'x' * 40}_a-b-c_"),
    ],
)
def test_names_tell_who_it_is(patient: str, client: str, middle: str) -> None:
    known = Conversation(
        id="c_1", channel="app", sender="app", address="c1", client_name=client, patient_name=patient,
        started_us=1_800_000_000_000_000, last_us=0,
    )  # fmt: skip
    assert re.fullmatch(f"2027-01-15{re.escape(middle)}[0-9a-f]{{16}}[.]html", file_name(PAWS, known, ".html"))
