"""The yardsticks: convokit beside bare limits and peers, both in turn in one run.

    python benchmarks/run.py                    everything; writes the tables of docs/explanation/speed.md
    python benchmarks/run.py inbound inbox      only these
    python benchmarks/run.py --quick            smaller; writes nothing

Ends with 1 where a goal was missed by more than the noise of the run itself.
"""

from __future__ import annotations

import argparse
import platform
import sqlite3
import sys
from importlib import import_module
from pathlib import Path
from typing import Final

from harness import Effort, Figure, Report, amount

NAMES: Final = (
    "imports",
    "delivery",
    "observers",
    "phone",
    "inbound",
    "repeats",
    "inbox",
    "search",
    "transcripts",
    "export",
    "export_memory",
    "dashboard",
    "first_picture",
    "hanging",
    "postgres",
    "webhooks",
    "memory",
    "claims",
)
PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "explanation" / "speed.md"


def main(arguments: list[str] | None = None) -> int:
    """Run what is asked for."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if unknown := set(asked.names) - set(NAMES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    effort = Effort(quick=asked.quick, smoke=asked.smoke)
    missed = False
    for name in asked.names or NAMES:
        print(f"{name}: {_module_says(name)}", flush=True)
        report: Report = import_module(name).run(effort)
        _show(report)
        missed |= report.missed
        if not (asked.quick or asked.smoke):
            PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), name, table(report)), encoding="utf-8")
    # Figures of a smoke run mean nothing, so they miss nothing.
    return int(missed and not asked.smoke)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(NAMES))
    parser.add_argument("--quick", action="store_true", help="smaller sizes, fewer rounds; the manual stays as it is")
    parser.add_argument("--smoke", action="store_true", help="as little as shows that it runs")
    return parser


def _module_says(name: str) -> str:
    return (import_module(name).__doc__ or "").splitlines()[0]


def _show(report: Report) -> None:
    for figure in report.figures:
        print("  " + "  ".join(f"{cell:<{width}}" for cell, width in zip(cells(figure), _WIDTHS, strict=True)))
    for check in report.checks:
        print(f"  {'holds' if check.holds else 'DOES NOT HOLD'}: {check.what}")
    for note in report.notes:
        print(f"  {note}")
    print(flush=True)


_WIDTHS: Final = (62, 42, 9, 9, 8, 7, 8, 12)


def cells(figure: Figure) -> tuple[str, ...]:
    """A figure in words: what, beside what, both sides, ratio, noise, goal, verdict."""
    return (
        figure.what,
        figure.against,
        amount(figure.ours, figure.unit),
        amount(figure.theirs, figure.unit),
        f"{figure.ratio:.2f}x",
        f"±{figure.noise:.2f}",
        "" if figure.goal is None else str(figure.goal),
        figure.verdict,
    )


def table(report: Report) -> str:
    """The report as Markdown: the ratios alone, for the times say more about a machine than about the code."""
    lines = []
    if report.figures:
        lines += ["| what | beside | ratio | noise | goal | |", "|---|---|---|---|---|---|"]
    for figure in report.figures:
        what, against, _, _, *rest = _bold(cells(figure))
        lines.append("| " + " | ".join((what, against, *rest)) + " |")
    if report.figures and report.checks:
        lines.append("")
    lines += [f"- {check.what}: {'holds' if check.holds else '**does not hold**'}" for check in report.checks]
    measured = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.system()}"
    return "\n".join([*lines, "", f"Measured with {measured}."])


def _bold(row: tuple[str, ...]) -> tuple[str, ...]:
    return (*row[:-1], "**missed**" if row[-1] == "missed" else row[-1])


def with_table(page: str, name: str, content: str) -> str:
    """The page with what stands between the markers of ``name`` replaced."""
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"
    head, found, rest = page.partition(begin)
    if not found or end not in rest:
        raise ValueError(f"{PAGE.name} has no markers for {name}")
    return f"{head}{begin}\n{content}\n\n{end}{rest.partition(end)[2]}"


if __name__ == "__main__":
    sys.exit(main())
