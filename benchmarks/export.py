"""The transcripts of very many conversations: two processes beside one, and whether memory stays flat."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from attrs import frozen
from filled import Size, fill
from harness import Check, Effort, Goal, Report, Work, compare, race

import convokit
from convokit.runtime.export.running import ExportProgress

_ONE, _TWO = "one process", "two processes"
_GROWTH: Final = 1.1
"""Ten times as many conversations may take so much of the memory; less is the noise of the allocator."""
_STATUS: Final = Path("/proc")


def run(effort: Effort) -> Report:
    """PDFs written by one process and by two, in turn; then the peak memory of each, for few and for ten times more."""
    many, rounds = effort.of(10_000, 120, 2), effort.of(1, 3, 1)
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "desk.db"
        made(database, many)
        sides = {_ONE: partial(_exporting, database, 1), _TWO: partial(_exporting, database, 2)}
        times = race(sides, rounds=rounds)
        figure = compare(
            times, _TWO, _ONE, what=f"transcripts as PDF, {_TWO}", items=many, goal=Goal(">=", 1.7), named=_ONE
        )
        checks, notes = _memory(Path(folder), effort)
    return Report(figures=(figure,), checks=checks, notes=notes)


@contextmanager
def _exporting(database: Path, processes: int) -> Iterator[Work]:
    """One export into a new folder."""
    out = database.with_name(f"out-{processes}")

    def work(_: int) -> object:
        with convokit.open(f"sqlite:///{database}") as kit:
            return kit.export_transcripts(out, processes=processes)

    yield work
    shutil.rmtree(out)


def made(database: Path, conversations: int) -> None:
    """A practice with so many conversations of six messages."""
    fill(database, Size(conversations=conversations, practices=1, open_each=min(50, conversations)))
    with sqlite3.connect(database) as raw:
        raw.execute(_MESSAGES)
        raw.execute("UPDATE convokit_conversation SET last_seq = 6, last_message_seq = 6")


_MESSAGES: Final = """
INSERT INTO convokit_entry (
  practice_pk, conversation_pk, public_id, seq, at_us, kind, side, event, text, author_id, author_name, attempt,
  delivery, reason, raw, provider_id, client_ref, flags, attachments
)
WITH number(n) AS (VALUES (1), (2), (3), (4), (5), (6))
SELECT practice_pk, pk, 'm_' || lower(hex(randomblob(16))), n, last_us - (6 - n) * 60000000, 'message',
  iif(n % 2, 'client', 'practice'), NULL,
  iif(n % 2, 'Is Bella ready to be picked up this afternoon, or tomorrow? 🐶 That is number ' || (pk % 97) || '.',
      'Good morning! Her results are in and look fine; please come at ' || (pk % 12) || ':30 and bring the leash.'),
  iif(n % 2, NULL, 'u1'), iif(n % 2, client_name, team_member), 1, iif(n % 2, NULL, 4), NULL, '', NULL, NULL, '', ''
FROM convokit_conversation, number
"""


# --- memory -----------------------------------------------------------------------------------------------------------


@frozen
class Case:
    """What is exported: a format, by so many processes, of few conversations and of ten times as many."""

    form: str
    processes: int
    few: int

    def __str__(self) -> str:
        return f"{10 * self.few:,} as {self.form}, {_ONE if self.processes == 1 else _TWO}"


def _memory(folder: Path, effort: Effort) -> tuple[tuple[Check, ...], tuple[str, ...]]:
    if not (_STATUS / "self" / "status").exists():
        return (), ("peak memory is read from /proc, which is not here",)
    # What a PDF leaves behind is cleared away in rounds, so a process has not reached its peak after a few hundred.
    texts, pages = effort.of(2_000, 200, 2), effort.of(600, 40, 2)
    cases = [Case("txt", 1, texts), Case("txt", 2, texts), Case("pdf", 1, pages), Case("pdf", 2, 2 * pages)]
    if effort.smoke:
        cases = cases[-1:]
    checks, notes = [], []
    for case in cases:
        few, many = (_peak(folder, case, count) for count in (case.few, 10 * case.few))
        # Of an export as small as in a smoke run the peak says nothing.
        holds = effort.smoke or many <= few * _GROWTH
        checks.append(Check(what=f"{case}: no more memory than a tenth of it", holds=holds))
        notes.append(f"{case}: {many >> 20} MiB, of a tenth {few >> 20} MiB")
    return tuple(checks), tuple(notes)


def _peak(folder: Path, case: Case, count: int) -> int:
    """Peak memory in bytes of the largest process of an export, in a process of its own."""
    database, out = folder / f"{case.form}-{count}.db", folder / "out"
    if not database.exists():
        made(database, count)
    code = f"import export; export.measured({str(database)!r}, {str(out)!r}, {case.form!r}, {case.processes})"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True)
    shutil.rmtree(out)
    told: dict[str, int] = json.loads(done.stdout)
    if told["written"] != count:
        raise RuntimeError(f"{told['written']} of {count} were written")
    return told["peak"]


def measured(database: str, out: str, form: str, processes: int) -> None:
    """Export, and print how many were written and the peak memory of the largest process."""
    peaks = [0]

    def look(_: ExportProgress) -> None:
        peaks.extend(high_water(child.pid) for child in multiprocessing.active_children() if child.pid is not None)

    with convokit.open(f"sqlite:///{database}") as kit:
        report = kit.export_transcripts(out, format=form, processes=processes, progress=look)
    print(json.dumps({"written": report.written, "peak": max(high_water(os.getpid()), *peaks)}))


def high_water(pid: int) -> int:
    """The most memory that a process has had, in bytes; 0 for one that is gone."""
    try:
        lines = (_STATUS / str(pid) / "status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)
