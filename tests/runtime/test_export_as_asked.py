"""One export of many practices, as it was asked for: of which days, how made, by whom; and what an end in it leaves."""

from __future__ import annotations

import gc
import json
import os
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from attrs import evolve

import convokit
from convokit import Client, Convokit, InvalidInput, Patient, Practice, PracticeDesk, Redaction, Staff
from convokit.runtime.export.manifest import MANIFEST
from convokit.runtime.export.running import ExportProgress

KIM, SAM = Staff(id="u1", name="Dr. Kim"), Staff(id="u2", name="Sam")
DENVER = Practice(id="denver", name="Denver Paws", time_zone="America/Denver", region="US")
TOKYO = Practice(id="tokyo", name="Tokyo Paws", time_zone="Asia/Tokyo", region="JP")
NOON = datetime(2026, 3, 8, 18, 0, tzinfo=UTC)
"""Noon of 8 March in Denver, and 3 o'clock of 9 March in Tokyo."""


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Convokit]:
    with convokit.open(f"sqlite:///{tmp_path}/desk.db", clock=Clock()) as made:
        yield made


def filled(kit: Convokit, practice: Practice, count: int, *, words: bool = False) -> PracticeDesk:
    """A practice with conversations, which have words on request: every one of them is a commit."""
    kit.add_practice(practice)
    desk = kit.practice(practice.id)
    for number in range(count):
        ana = Client(id=f"c{number}", name="Ana Ruiz", phone="+13035550123")
        known = desk.start(client=ana, patient=Patient(id="p1", name="Bella"), channel="app", by=KIM)
        if words:
            desk.send(known.id, "Ana, please call (303) 555-0199.", by=KIM)
            desk.note(known.id, "Upset about the bill", by=KIM)
    return desk


def rows_of(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / MANIFEST).read_text(encoding="ascii").splitlines()]


def texts_of(folder: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.txt"))]


def told(desk: PracticeDesk) -> list[tuple[str | None, str]]:
    """Who is said to have which transcript, in all threads."""
    threads = (desk.thread(known.id).items for known in desk.inbox().items)
    return [(e.author_id, e.raw) for entries in threads for e in entries if e.event == "transcript_downloaded"]


# --- many practices ---------------------------------------------------------------------------------------------------


def test_a_day_begins_when_it_does_at_each_practice(kit: Convokit, tmp_path: Path) -> None:
    for practice in (DENVER, TOKYO):
        filled(kit, practice, 1)
    for narrowed, expected in (
        ({"since": date(2026, 3, 9)}, ["tokyo"]),
        ({"before": date(2026, 3, 9)}, ["denver"]),
        ({"since": date(2026, 3, 8), "before": date(2026, 3, 10)}, ["denver", "tokyo"]),
    ):
        out = tmp_path / "-".join([*narrowed, "out"])
        kit.export_transcripts(out, format="txt", **narrowed)  # type: ignore[arg-type]
        assert [row["practice"] for row in rows_of(out)] == expected


def test_small_practices_together_are_work_for_several_processes(kit: Convokit, tmp_path: Path) -> None:
    for number in range(3):
        filled(kit, evolve(DENVER, id=f"denver-{number}"), 15)
    journals: set[str] = set()
    so_far: list[ExportProgress] = []

    def look(progress: ExportProgress) -> None:
        so_far.append(progress)
        journals.update(path.name for path in (tmp_path / "out").glob("manifest.partial-*.jsonl"))

    kit.export_transcripts(tmp_path / "out", format="txt", processes=2, progress=look)
    assert journals
    assert f"manifest.partial-{os.getpid()}.jsonl" not in journals
    assert (so_far[-1].of, so_far[-1].looked_at, so_far[-1].written) == (45, 45, 45)
    assert len(rows_of(tmp_path / "out")) == len(texts_of(tmp_path / "out")) == 45
    assert not list((tmp_path / "out").glob("manifest.partial-*"))


# --- stopped in the middle --------------------------------------------------------------------------------------------


class Stopped(Exception):
    """The end of an export in the middle."""


@pytest.mark.parametrize("processes", [1, 2])
def test_no_file_that_is_there_is_made_again(kit: Convokit, tmp_path: Path, processes: int) -> None:
    filled(kit, DENVER, 50)

    def stop(_: ExportProgress) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        kit.export_transcripts(tmp_path / "out", format="txt", processes=processes, progress=stop)
    there = len(texts_of(tmp_path / "out"))
    assert 0 < there < 50 or processes == 2
    report = kit.export_transcripts(tmp_path / "out", format="txt")
    assert (report.written, report.kept) == (50 - there, there)
    assert not list((tmp_path / "out").glob("manifest.partial-*"))


def test_journals_of_a_killed_export_are_believed_as_far_as_the_files_are_there(kit: Convokit, tmp_path: Path) -> None:
    desk, out = filled(kit, DENVER, 2), tmp_path / "out"
    kit.export_transcripts(out, format="txt")
    older, newer = (out / MANIFEST).read_bytes(), desk.inbox().items[0]
    desk.send(newer.id, "One more thing", by=KIM)
    kit.export_transcripts(out, format="txt")
    (out / "manifest.partial-1.jsonl").write_bytes(older + b'{"torn')
    (out / "manifest.partial-2.jsonl").write_bytes((out / MANIFEST).read_bytes())
    report = kit.export_transcripts(out, format="txt")
    assert (report.written, report.kept) == (0, 2)
    assert sum("One more thing" in text for text in texts_of(out)) == 1


# --- how they are made ------------------------------------------------------------------------------------------------


def test_other_options_make_the_files_anew_and_the_manifest_says_how(kit: Convokit, tmp_path: Path) -> None:
    filled(kit, DENVER, 1, words=True)
    out = tmp_path / "out"
    nothing, everything = Redaction(), Redaction(phone_numbers=True, client_name=True)
    for notes, redact, expected in (
        (False, nothing, []),
        (True, nothing, []),
        (True, everything, ["client_name", "phone_numbers"]),
    ):
        report = kit.export_transcripts(out, format="txt", internal_notes=notes, redact=redact)
        assert (report.written, report.kept) == (1, 0)
        assert kit.export_transcripts(out, format="txt", internal_notes=notes, redact=redact).kept == 1
        ((row,), (text,)) = (rows_of(out), texts_of(out))
        assert (row["internal_notes"], row["redacted"]) == (notes, expected)
        assert ("Upset" in text, "Ana" in text, "555-0199" in text) == (notes, not expected, not expected)
    assert [path.name for path in out.glob("*.txt") if "Ana" in path.name] == []


@pytest.mark.parametrize("redact", [Redaction(messages=["m_1"]), "names", None])
def test_p18_an_export_of_many_chooses_no_messages(kit: Convokit, tmp_path: Path, redact: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        kit.export_transcripts(tmp_path / "out", redact=redact)  # type: ignore[arg-type]
    assert caught.value.code == "transcript.redact"


# --- who has them -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("processes", [1, 2])
def test_the_threads_say_once_who_has_the_files_and_the_files_stay(
    kit: Convokit, tmp_path: Path, processes: int
) -> None:
    desk, so_far = filled(kit, DENVER, 41), list[ExportProgress]()
    report = kit.export_transcripts(tmp_path / "out", format="txt", by=SAM, processes=processes, progress=so_far.append)
    assert (report.written, report.kept, so_far[-1].looked_at, so_far[-1].of) == (41, 0, 41, 41)
    rows = rows_of(tmp_path / "out")
    assert sorted(told(desk)) == sorted(("u2", str(row["head"])) for row in rows)
    assert {row["by"] for row in rows} == {"u2"}
    for by in (SAM, KIM, None):
        again = kit.export_transcripts(tmp_path / "out", format="txt", by=by)
        assert (again.written, again.kept) == (0, 41)
    assert len(told(desk)) == 41
    desk.send(desk.inbox().items[0].id, "One more thing", by=KIM)
    assert kit.export_transcripts(tmp_path / "out", format="txt", by=SAM).written == 1
    assert len(told(desk)) == 42


def test_files_of_an_export_by_nobody_are_said_to_be_somebodys_later(kit: Convokit, tmp_path: Path) -> None:
    desk = filled(kit, DENVER, 2)
    kit.export_transcripts(tmp_path / "out", format="txt")
    assert told(desk) == []
    report = kit.export_transcripts(tmp_path / "out", format="txt", by=SAM)
    assert (report.written, report.kept) == (0, 2)
    assert sorted(told(desk)) == sorted(("u2", str(row["head"])) for row in rows_of(tmp_path / "out"))


def test_of_a_file_that_is_old_already_nothing_is_said(kit: Convokit, tmp_path: Path) -> None:
    desk = filled(kit, DENVER, 25)
    later: list[str] = []

    def meanwhile(_: ExportProgress) -> None:
        if not later:
            later.extend(desk.send(known.id, "Meanwhile", by=KIM).id for known in desk.inbox().items)

    report = kit.export_transcripts(tmp_path / "out", format="txt", by=SAM, progress=meanwhile)
    assert report.kept == 0
    heads = [(row["by"], row["head"]) for row in rows_of(tmp_path / "out")]
    assert set(heads) <= set(told(desk))
    assert all("Meanwhile" in text for text in texts_of(tmp_path / "out"))


def test_p18_who_takes_them_is_a_member_of_staff(kit: Convokit, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        kit.export_transcripts(tmp_path / "out", by="Sam")  # type: ignore[arg-type]
    assert caught.value.code == "by.type"


def test_a_document_that_was_written_first_is_said_to_be_somebodys(kit: Convokit) -> None:
    desk = filled(kit, DENVER, 1)
    (known,) = desk.inbox().items
    document = desk.transcript(known.id, redact=Redaction(phone_numbers=True))
    assert told(desk) == []
    after = desk.transcript_taken(document, by=SAM)
    assert (told(desk), after.version) == ([("u2", document.transcript.head)], known.version + 1)


# --- memory -----------------------------------------------------------------------------------------------------------


def _swept(so_far: ExportProgress) -> None:
    """Take garbage away now and then: when its collector comes by itself depends on other tests."""
    if so_far.looked_at % 25 == 0:
        gc.collect()


def test_ten_times_as_many_texts_take_no_more_memory(kit: Convokit, tmp_path: Path) -> None:
    filled(kit, DENVER, 30)
    filled(kit, TOKYO, 300)
    kit.export_transcripts(tmp_path / "warm", practice_id="denver", format="txt")
    peaks = []
    gc.collect()
    gc.freeze()  # what other tests have left is looked through no more, so that each look is short
    tracemalloc.start()
    try:
        for practice_id in ("denver", "tokyo"):
            tracemalloc.reset_peak()
            before, _ = tracemalloc.get_traced_memory()
            kit.export_transcripts(tmp_path / practice_id, practice_id=practice_id, format="txt", progress=_swept)
            peaks.append(tracemalloc.get_traced_memory()[1] - before)
    finally:
        tracemalloc.stop()
        gc.unfreeze()
    few, many = peaks
    assert many <= few + 150_000, peaks  # the rows of the others alone would take twice as much
