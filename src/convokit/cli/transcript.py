"""The commands `convokit transcript ...`."""

from __future__ import annotations

from pathlib import Path

import click

from convokit.cli.options import desk_of, desk_options, print_json


@click.group()
def transcript() -> None:
    """Conversations as documents."""


@transcript.command()
@click.argument("conversation_id")
@desk_options
@click.option("--practice", required=True, metavar="ID", help="The practice that the conversation belongs to.")
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="FILE", help="FILE.pdf or FILE.txt.")
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
