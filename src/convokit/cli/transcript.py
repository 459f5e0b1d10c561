"""The commands `convokit transcript ...`."""

from __future__ import annotations

from pathlib import Path

import click

from convokit.cli.exits import Failure
from convokit.cli.options import desk_of, desk_options, print_json


@click.group()
def transcript() -> None:
    """Conversations as documents."""


@transcript.command()
@click.argument("conversation_id")
@desk_options
@click.option("--practice", required=True, metavar="ID", help="The practice that the conversation belongs to.")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), metavar="FILE", help="FILE.pdf, .html, .json or .txt."
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def export(
    ctx: click.Context, /, conversation_id: str, practice: str, out: Path, as_json: bool, **desk: object
) -> None:
    """Write the transcript of a conversation, in the format of the file's suffix."""
    with desk_of(desk, ctx).open() as kit:
        document = kit.practice(practice).transcript(conversation_id)
        written = document.write(out)
    said = document.transcript
    if as_json:
        print_json({"file": str(written), "conversation": conversation_id, "entries": said.count, "head": said.head})
    else:
        click.echo(f"{written}: {said.count} entries, SHA-256 chain ends in {said.head}")


@transcript.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--head", metavar="SHA256", help="The last digest, as it was kept when the transcript was filed.")
@click.option("--count", type=click.IntRange(min=0), help="How many entries it had then.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def verify(ctx: click.Context, file: Path, head: str | None, count: int | None, as_json: bool) -> None:
    """Say whether a transcript in JSON is whole and unchanged, or where it differs.

    An end that was cut off, digests and all, can only be found with --head or --count.
    """
    from convokit.transcripts.record import check_json

    found = check_json(file.read_bytes(), head=None if head is None else head.strip().lower(), count=count)
    if as_json:
        shown = {"file": str(file), "whole": found.whole, "why": found.why, "position": found.position}
        print_json({**shown, "entries": found.count, "head": found.head})
        ctx.exit(0 if found.whole else 1)
    if not found.whole:
        raise Failure(f"{file}: not as it was written: {found.why}")
    click.echo(f"{file}: whole and unchanged, {found.count} entries, SHA-256 chain ends in {found.head}")
