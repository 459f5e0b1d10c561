"""The command `convokit search`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from convokit.cli.exits import NOTHING_FOUND
from convokit.cli.inbox import row_as_json
from convokit.cli.options import chosen_practices, desk_of, desk_options, print_json

if TYPE_CHECKING:
    from convokit.cli.screen import Screen
    from convokit.domain.inbox import Page
    from convokit.domain.rules import Practice
    from convokit.domain.search import SearchHit

_FOUND_IN: Final = {
    "client_name": "client",
    "patient_name": "patient",
    "title": "title",
    "client_email": "e-mail",
    "phone": "phone",
    "text": "message",
}


@click.command(short_help="Find conversations, open and ended.")
@desk_options
@click.argument("text")
@click.option("--practice", metavar="ID", help="One practice; default: all.")
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="Hits per practice.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def search(ctx: click.Context, /, text: str, practice: str | None, limit: int, as_json: bool, **desk: object) -> None:
    """Find conversations by client, patient, title, e-mail address, phone number or the text of messages.

    All words must be in one place; the last one may be only begun. A phone number may be written in any way.
    """
    with desk_of(desk, ctx).open() as kit:
        found = [(one, kit.practice(one.id).search(text, limit=limit)) for one in chosen_practices(kit, practice)]
    if as_json:
        print_json([_as_json(one, hit) for one, page in found for hit in page.items])
    else:
        _print([(one, page) for one, page in found if page.items])
    if not any(page.items for _, page in found):
        click.echo("convokit: nothing found", err=True)
        ctx.exit(NOTHING_FOUND)


def _as_json(practice: Practice, hit: SearchHit) -> dict[str, object]:
    row = row_as_json(practice, hit.conversation)
    return {**row, "matched": hit.matched, "message_id": hit.entry_id, "snippet": hit.snippet}


def _print(found: list[tuple[Practice, Page[SearchHit]]]) -> None:
    from convokit.cli.screen import this_screen

    screen = this_screen()
    for number, (practice, page) in enumerate(found):
        if number:
            screen.say()
        screen.say("  " + screen.tone(f"{screen.clean(practice.name)} ({practice.id})", "bold"))
        for line in hit_lines(screen, page.items):
            screen.say(line)
        if page.next is not None:
            screen.say("  " + screen.tone("more hits: --limit", "dim"))


def hit_lines(screen: Screen, hits: tuple[SearchHit, ...]) -> list[str]:
    """Hits as a table, numbered from 1, with the whole id of each conversation ready to be copied."""
    from convokit.cli.screen import Column, Tone, table
    from convokit.cli.views import who

    columns = (
        Column(title="#", width=3, right=True),
        Column(title="Client · pet", width=18),
        Column(title="Found in", width=8),
        Column(title="What", width=40),
        Column(title="Id", width=max(map(len, ("Id", *(hit.conversation.id for hit in hits))), default=2)),
    )
    rows: list[list[tuple[str, Tone]]] = [
        [
            (str(number), "dim"),
            (who(screen, hit.conversation), "bold" if not hit.conversation.ended else "plain"),
            (_FOUND_IN[hit.matched], "plain"),
            (screen.clean(hit.snippet), "plain"),
            (hit.conversation.id, "dim"),
        ]
        for number, hit in enumerate(hits, 1)
    ]
    return table(screen, columns, rows)
