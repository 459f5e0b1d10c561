"""The commands `convokit transcript ...`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from attrs import asdict

from convokit.cli.exits import PARTLY_DONE
from convokit.cli.options import chosen_practices, desk_of, desk_options, print_json
from convokit.cli.transcript_bar import Bar
from convokit.cli.transcript_verify import keygen, verify

if TYPE_CHECKING:
    from convokit.domain.people import Staff
    from convokit.domain.redaction import Redaction
    from convokit.runtime.desk import PracticeDesk
    from convokit.runtime.export.running import ExportReport
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
@click.option("--internal-notes", is_flag=True, help="With the notes that staff wrote for each other.")
@click.option(
    "--redact",
    "left_out",
    multiple=True,
    type=click.Choice(["client-name", "phone-numbers"]),
    help="Leave these out, and say so in the transcript; repeatable.",
)
@click.option(
    "--redact-message",
    "messages",
    multiple=True,
    metavar="ID",
    help="With a CONVERSATION_ID: leave the words and files of this message out; repeatable.",
)
@click.option(
    "--by",
    "staff_id",
    metavar="ID",
    envvar="CONVOKIT_STAFF",
    show_envvar=True,
    help="Id of the member of staff who takes the files: the threads then say so. Default: they say nothing.",
)
@click.option(
    "--name",
    "staff_name",
    metavar="NAME",
    envvar="CONVOKIT_STAFF_NAME",
    show_envvar=True,
    help="Their name, as colleagues read it. Default: the id.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["pdf", "html", "json", "txt", "zip"]),
    help="With --all: the format. Default: pdf.",
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
    _check(conversation_id, practice, everything, given)
    with desk_of(given, ctx).open() as kit:
        if conversation_id is None or practice is None:
            _all(ctx, kit, practice, out, as_json, given)
        else:
            _one(kit.practice(practice), conversation_id, out, as_json, given)


_OF_MANY: Final = ("format", "since", "before", "client", "patient", "state", "processes")


def _check(conversation_id: str | None, practice: str | None, everything: bool, given: dict[str, object]) -> None:
    """Refuse what does not go together: an option that is passed over in silence is believed to have worked."""
    if everything is (conversation_id is not None):
        raise click.UsageError("give a CONVERSATION_ID, or --all")
    if everything and given["messages"]:
        raise click.UsageError("--redact-message needs a CONVERSATION_ID: messages are chosen in one conversation")
    if everything:
        return
    if practice is None:
        raise click.UsageError("a CONVERSATION_ID needs --practice")
    passed_over = [name for name in _OF_MANY if given["form" if name == "format" else name] is not None]
    if passed_over:
        raise click.UsageError(f"--{passed_over[0]} needs --all; one transcript is written in the format of --out")


def _redaction(given: dict[str, object]) -> Redaction:
    from convokit.domain.redaction import Redaction

    left_out, messages = given["left_out"], given["messages"]
    assert isinstance(left_out, tuple)  # noqa: S101 - click makes it
    assert isinstance(messages, tuple)  # noqa: S101 - click makes it
    return Redaction(
        phone_numbers="phone-numbers" in left_out, client_name="client-name" in left_out, messages=messages
    )


def _staff(given: dict[str, object]) -> Staff | None:
    from convokit.domain.people import Staff
    from convokit.runtime.checks import check_staff

    known = _text(given["staff_id"])
    return None if known is None else check_staff(Staff(id=known, name=_text(given["staff_name"]) or known))


def _one(desk: PracticeDesk, conversation_id: str, out: Path, as_json: bool, given: dict[str, object]) -> None:
    by = _staff(given)
    document = desk.transcript(
        conversation_id, internal_notes=given["internal_notes"] is True, redact=_redaction(given)
    )
    written = document.write(out)
    if by is not None:
        desk.transcript_taken(document, by=by)
    said = document.transcript
    if as_json:
        print_json({"file": str(written), "conversation": conversation_id, "entries": said.count, "head": said.head})
    else:
        click.echo(f"{written}: {said.count} entries, SHA-256 chain ends in {said.head}")


def _all(
    ctx: click.Context, kit: Convokit, practice: str | None, out: Path, as_json: bool, given: dict[str, object]
) -> None:
    practices = chosen_practices(kit, practice)
    with Bar(practices[0].name if len(practices) == 1 else f"{len(practices)} practices") as bar:
        report = kit.export_transcripts(
            out,
            practice_id=practice,
            format=_text(given["form"]) or "pdf",
            since=_day(given["since"], "--since"),
            before=_day(given["before"], "--before"),
            client_id=_text(given["client"]),
            patient_id=_text(given["patient"]),
            state=_text(given["state"]),
            internal_notes=given["internal_notes"] is True,
            redact=_redaction(given),
            by=_staff(given),
            processes=given["processes"] if isinstance(given["processes"], int) else None,
            progress=bar.show,
        )
    _tell(report, as_json)
    ctx.exit(PARTLY_DONE if report.failed else 0)


def _tell(report: ExportReport, as_json: bool) -> None:
    manifest = str(report.manifest)
    if as_json:
        rows = [asdict(row, filter=lambda field, _: field.name in _SHOWN) for row in report.failed]
        print_json({"written": report.written, "kept": report.kept, "failed": rows, "manifest": manifest})
        return
    told = f"{report.written} written, {report.kept} kept, {len(report.failed)} failed"
    click.echo(f"{told}; the manifest is {manifest}")
    for row in report.failed:
        click.echo(f"convokit: {row.practice}: {row.conversation} could not be written: {row.error}", err=True)


_SHOWN = {"practice", "conversation", "error"}


def _text(given: object) -> str | None:
    return given if isinstance(given, str) else None


def _day(given: object, option: str) -> date | None:
    """A day, local to each practice."""
    if not isinstance(given, str):
        return None
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise click.UsageError(f"{option} is a day, as in 2026-01-01") from None


transcript.add_command(verify)
transcript.add_command(keygen)
