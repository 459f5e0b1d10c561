"""The commands `convokit transcript ...`."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from attrs import asdict

from convokit.cli.exits import PARTLY_DONE
from convokit.cli.options import chosen_practices, desk_of, desk_options, print_json
from convokit.cli.transcript_verify import keygen, verify

if TYPE_CHECKING:
    from convokit.runtime.export.running import ExportProgress, ExportReport
    from convokit.runtime.kit import Convokit


@click.group()
def transcript() -> None:
    """Conversations as documents."""


@transcript.command()
@click.argument("conversation_id", required=False)
@desk_options
@click.option("--all", "everything", is_flag=True, help="All conversations, as far as the options below narrow them.")
@click.option("--practice", metavar="ID", help="The practice. Required with a CONVERSATION_ID; else all.")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="FILE.pdf, .html, .json, .txt or .zip; with --all a folder.",
)
@click.option(
    "--format", "form", type=click.Choice(["pdf", "html", "json", "txt", "zip"]), default="pdf", show_default=True
)
@click.option("--since", metavar="DATE", help="With --all: of that day (2026-01-01, local to the practice) or later.")
@click.option("--before", metavar="DATE", help="With --all: begun before that day.")
@click.option("--client", metavar="ID", help="With --all: this client only.")
@click.option("--patient", metavar="ID", help="With --all: this patient only.")
@click.option("--state", type=click.Choice(["open", "ended"]), help="With --all: only these.")
@click.option("--processes", type=click.IntRange(1, 64), help="With --all: how many write. Default: one a core.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def export(
    ctx: click.Context,
    /,
    conversation_id: str | None,
    everything: bool,
    practice: str | None,
    out: Path,
    as_json: bool,
    **given: object,
) -> None:
    """Write the transcript of a conversation, or of very many.

    With --all, --out is a folder. Stopped in the middle, the same command goes on where it was.
    """
    if everything is (conversation_id is not None):
        raise click.UsageError("give a CONVERSATION_ID, or --all")
    with desk_of(given, ctx).open() as kit:
        if everything:
            _all(ctx, kit, practice, out, as_json, given)
        elif practice is None or conversation_id is None:
            raise click.UsageError("a CONVERSATION_ID needs --practice")
        else:
            _one(kit, practice, conversation_id, out, as_json)


def _one(kit: Convokit, practice: str, conversation_id: str, out: Path, as_json: bool) -> None:
    document = kit.practice(practice).transcript(conversation_id)
    written = document.write(out)
    said = document.transcript
    if as_json:
        print_json({"file": str(written), "conversation": conversation_id, "entries": said.count, "head": said.head})
    else:
        click.echo(f"{written}: {said.count} entries, SHA-256 chain ends in {said.head}")


def _all(
    ctx: click.Context, kit: Convokit, practice: str | None, out: Path, as_json: bool, given: dict[str, object]
) -> None:
    """Practice by practice, for ``--since`` is a day of the practice's own."""
    reports = []
    for one in chosen_practices(kit, practice):
        with _Bar(one.name) as bar:
            reports.append(
                kit.export_transcripts(
                    out,
                    practice_id=one.id,
                    format=str(given["form"]),
                    since=_midnight(given["since"], one.time_zone, "--since"),
                    before=_midnight(given["before"], one.time_zone, "--before"),
                    client_id=_text(given["client"]),
                    patient_id=_text(given["patient"]),
                    state=_text(given["state"]),
                    processes=given["processes"] if isinstance(given["processes"], int) else None,
                    progress=bar.show,
                )
            )
    _tell(reports, as_json)
    ctx.exit(PARTLY_DONE if any(report.failed for report in reports) else 0)


def _tell(reports: list[ExportReport], as_json: bool) -> None:
    failed = [row for report in reports for row in report.failed]
    written, kept = sum(report.written for report in reports), sum(report.kept for report in reports)
    manifest = str(reports[0].manifest)
    if as_json:
        rows = [asdict(row, filter=lambda field, _: field.name in _SHOWN) for row in failed]
        print_json({"written": written, "kept": kept, "failed": rows, "manifest": manifest})
        return
    click.echo(f"{written} written, {kept} kept, {len(failed)} failed; the manifest is {manifest}")
    for row in failed:
        click.echo(f"convokit: {row.practice}: {row.conversation} could not be written: {row.error}", err=True)


_SHOWN = {"practice", "conversation", "error"}


class _Bar:
    """A progress bar on stderr, with the rate and the time that remains; nothing where nobody watches."""

    def __init__(self, name: str) -> None:
        self._bar = click.progressbar(
            length=0, label=name, file=sys.stderr, show_eta=True, item_show_func=self._rate, hidden=not _watched()
        )
        self._began = 0.0
        self._seen = 0

    def _rate(self, so_far: ExportProgress | None) -> str | None:
        from time import monotonic

        self._began = self._began or monotonic()
        passed = monotonic() - self._began
        return None if so_far is None or passed < 1 else f"{so_far.written / passed:.0f} a second"

    def show(self, so_far: ExportProgress) -> None:
        """Move on."""
        self._bar.length = so_far.of
        self._bar.update(so_far.looked_at - self._seen, so_far)
        self._seen = so_far.looked_at

    def __enter__(self) -> _Bar:
        self._bar.__enter__()
        return self

    def __exit__(self, *ending: object) -> None:
        self._bar.render_finish()


def _watched() -> bool:
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def _text(given: object) -> str | None:
    return given if isinstance(given, str) else None


def _midnight(given: object, zone: str, option: str) -> datetime | None:
    """The first moment of a day, local to the practice."""
    if not isinstance(given, str):
        return None
    from datetime import date
    from zoneinfo import ZoneInfo

    try:
        day = date.fromisoformat(given)
    except ValueError:
        raise click.UsageError(f"{option} is a day, as in 2026-01-01") from None
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))


transcript.add_command(verify)
transcript.add_command(keygen)
