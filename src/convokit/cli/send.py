"""The command `convokit send`: write to a client from a script."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from convokit.cli.exits import FAILED
from convokit.cli.options import chosen_practices, desk_of, desk_options, print_json
from convokit.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from convokit.domain.conversation import Entry
    from convokit.domain.people import Staff
    from convokit.runtime.desk import PracticeDesk
    from convokit.runtime.kit import Convokit

_MOST_BYTES: Final = 100_000
"""More than any text that is accepted, so that a wrong file on stdin is refused and not read whole."""


@click.command(short_help="Write to a client.")
@desk_options
@click.argument("conversation")
@click.argument("text")
@click.option("--practice", metavar="ID", help="The practice of the conversation; default: all are looked through.")
@click.option(
    "--by",
    "staff_id",
    metavar="ID",
    required=True,
    envvar="CONVOKIT_STAFF",
    show_envvar=True,
    help="Id of the member of staff who writes; kept as the author.",
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
    "--attach",
    "files",
    multiple=True,
    metavar="FILE",
    help="A photo, video or PDF; repeatable.",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--automatic", is_flag=True, help="A program sends it: by text it waits for the end of quiet hours.")
@click.option("--client-zone", metavar="ZONE", help="With --automatic: the client's time zone (America/New_York).")
@click.option("--end", is_flag=True, help="Send and end the conversation, in one act.")
@click.option("--ref", metavar="REF", help="Your own reference: with the same one again nothing is sent twice.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def send(
    ctx: click.Context,
    /,
    conversation: str,
    text: str,
    practice: str | None,
    staff_id: str,
    staff_name: str | None,
    files: tuple[Path, ...],
    automatic: bool,
    client_zone: str | None,
    end: bool,
    ref: str | None,
    as_json: bool,
    **desk: object,
) -> None:
    """Write TEXT to the client of an open CONVERSATION (`convokit inbox --ids` shows ids); TEXT "-" reads stdin.

    The message is owed from here on: the worker hands it over. A client who opted out of texts is not written to; the
    message is kept, says so, and the command ends with 1.
    """
    from convokit.domain.people import Staff

    if end and (automatic or client_zone):
        raise click.UsageError("--end is for what a person writes: leave out --automatic and --client-zone")
    words = _from_stdin() if text == "-" else text
    by = Staff(id=staff_id, name=staff_name or staff_id)
    with desk_of(desk, ctx).open() as kit:
        own = _desk_with(kit, conversation, practice)
        if end:
            own.send_and_end(conversation, words, by=by, attachments=files, client_ref=ref)
            sent = _last_of(own, conversation, by)
        else:
            sent = own.send(
                conversation,
                words,
                by=by,
                attachments=files,
                client_ref=ref,
                automatic=automatic,
                client_zone=client_zone,
            )
    _tell(sent, as_json)
    if sent.indicator is not None and sent.indicator.mark == "info":
        ctx.exit(FAILED)


def _from_stdin() -> str:
    given = sys.stdin.buffer.read(_MOST_BYTES + 1)
    if len(given) > _MOST_BYTES:
        raise InvalidInput(
            "message.too_long", "there is too much text on stdin", field="text", limit=f"{_MOST_BYTES:,} bytes"
        )
    try:
        return given.decode().removesuffix("\n")
    except UnicodeDecodeError:
        raise InvalidInput("message.encoding", "the text on stdin is not UTF-8", field="text", limit="UTF-8") from None


def _desk_with(kit: Convokit, conversation_id: str, practice_id: str | None) -> PracticeDesk:
    """The desk that has a conversation."""
    for one in chosen_practices(kit, practice_id):
        desk = kit.practice(one.id)
        try:
            desk.conversation(conversation_id)
        except NotFound:
            continue
        return desk
    raise NotFound("conversation.unknown", "there is no such conversation here", field="conversation")


def _last_of(desk: PracticeDesk, conversation_id: str, by: Staff) -> Entry:
    """What somebody wrote last; the events of the end stand behind it."""
    newest = reversed(desk.thread(conversation_id, limit=50).items)
    return next(entry for entry in newest if entry.kind == "message" and entry.author_id == by.id)


def _tell(sent: Entry, as_json: bool) -> None:
    shown = sent.indicator
    if as_json:
        state = None if sent.delivery is None else sent.delivery.name.lower()
        print_json({"id": sent.id, "conversation": sent.conversation_id, "delivery": state, "reason": sent.reason})
        return
    from convokit.cli.screen import this_screen

    click.echo(sent.id)
    if shown is not None:
        words = shown.label if shown.advice is None else f"{shown.label}. {shown.advice}"
        click.echo(f"convokit: {this_screen().clean(words)}", err=True)
