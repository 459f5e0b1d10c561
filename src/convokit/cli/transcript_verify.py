"""The commands `convokit transcript verify` and `convokit transcript keygen`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from convokit.cli.exits import DONE, FAILED, NOT_COMPARED, Failure, Undecided
from convokit.cli.options import print_json


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--head", metavar="SHA256", help="The last digest, as it was kept when the transcript was filed.")
@click.option("--count", type=click.IntRange(min=0), help="How many entries it had then.")
@click.option(
    "--key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="PEM file with the public key of whoever must have signed it.",
)
@click.option(
    "--fonts",
    multiple=True,
    metavar="PATH",
    help='For a PDF: font file, folder, or "system", as it was made with. May be given again.',
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def verify(
    ctx: click.Context,
    file: Path,
    head: str | None,
    count: int | None,
    key: Path | None,
    fonts: tuple[str, ...],
    as_json: bool,
) -> None:
    """Say whether a transcript (JSON, PDF or ZIP) is whole and unchanged, or where it differs.

    The record inside is checked, the pages of a PDF are drawn again from it and compared, and so are the other
    documents and the files of an archive. Pages that were drawn with other versions or fonts cannot be compared: then
    only the record is whole, and the exit code is 5. An end that was cut off, digests and all, can only be found with
    --head or --count, or with a signature.
    """
    from convokit.transcripts.font_shelf import FontShelf
    from convokit.transcripts.sealing import read_public_key
    from convokit.transcripts.verifying import Expected
    from convokit.transcripts.verifying import verify as check

    expected = Expected(
        head=None if head is None else head.strip().lower(),
        count=count,
        public_key=None if key is None else read_public_key(key),
    )
    with file.open("rb") as content:
        found = check(content, expected, FontShelf(fonts))
    if as_json:
        shown = {"file": str(file), "whole": found.whole, "outcome": found.outcome, "why": found.why}
        rest = {"position": found.position, "entries": found.count, "head": found.head, "notes": list(found.notes)}
        print_json({**shown, **rest})
        ctx.exit(_CODES[found.outcome])
    if found.outcome == "changed":
        raise Failure(f"{file}: not as it was written: {found.why}")
    chain = f"{found.count} entries, SHA-256 chain ends in {found.head}"
    click.echo(f"{file}: {'whole and unchanged' if found.whole else 'only its record is whole'}, {chain}")
    for note in found.notes:
        click.echo(note)
    if not found.whole:
        raise Undecided(f"{file}: not compared: {found.why}")


_CODES: Final = {"whole": DONE, "record_only": NOT_COMPARED, "changed": FAILED}


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def keygen(file: Path, as_json: bool) -> None:
    """Make an Ed25519 key for signing transcripts: FILE, which only you can read, and FILE.pub, for everybody.

    Both are PEM. OpenSSL makes the same: openssl genpkey -algorithm ed25519.
    """
    from convokit.transcripts.sealing import write_new_key

    public = write_new_key(file)
    if as_json:
        print_json({"key": str(file), "public_key_file": f"{file}.pub", "public_key": public})
        return
    click.echo(f"{file}: keep it secret, and a copy of it safe")
    click.echo(f"{file}.pub: give it to whoever is to check; the key is {public}")
