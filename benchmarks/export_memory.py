"""The transcripts of very many conversations: whether memory stays flat, with one process and with two."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from attrs import frozen
from export import ONE, TWO, made
from harness import Check, Effort, Report

import convokit
from convokit.runtime.export.running import ExportProgress

_GROWTH: Final = 1.1
"""Ten times as many conversations may take so much of the memory; less is the noise of the allocator."""
_STATUS: Final = Path("/proc")


@frozen
class Case:
    """What is exported: a format, by so many processes, of few conversations and of ten times as many."""

    form: str
    processes: int
    few: int

    def __str__(self) -> str:
        return f"{10 * self.few:,} as {self.form}, {ONE if self.processes == 1 else TWO}"


def run(effort: Effort) -> Report:
    """The peak of each process, for few conversations and for ten times as many."""
    if not (_STATUS / "self" / "status").exists():
        return Report(figures=(), notes=("peak memory is read from /proc, which is not here",))
    # What a PDF leaves behind is cleared away in rounds, so a process has not reached its peak after a few hundred.
    texts, pages = effort.of(2_000, 200, 2), effort.of(600, 40, 2)
    cases = [Case("txt", 1, texts), Case("txt", 2, texts), Case("pdf", 1, pages), Case("pdf", 2, 2 * pages)]
    if effort.smoke:
        cases = cases[-1:]
    checks, notes = [], []
    with tempfile.TemporaryDirectory() as folder:
        for case in cases:
            few, many = (_peak(Path(folder), case, number) for number in (case.few, 10 * case.few))
            # Of an export as small as in a smoke run the peak says nothing.
            holds = effort.smoke or many <= few * _GROWTH
            checks.append(Check(what=f"{case}: no more memory than a tenth of it", holds=holds))
            notes.append(f"{case}: {many >> 20} MiB, of a tenth {few >> 20} MiB")
    return Report(figures=(), checks=tuple(checks), notes=tuple(notes))


def _peak(folder: Path, case: Case, count: int) -> int:
    """Peak memory in bytes of the largest process of an export, in a process of its own."""
    database, out = folder / f"{case.form}-{count}.db", folder / "out"
    if not database.exists():
        made(database, count)
    given = f"{str(database)!r}, {str(out)!r}, {case.form!r}, {case.processes}"
    code = f"import export_memory; export_memory.measured({given})"
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
