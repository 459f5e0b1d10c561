"""The command `convokit inbox`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import click

from convokit.cli.exits import NOTHING_FOUND
from convokit.cli.options import chosen_practices, desk_of, desk_options, print_json
from convokit.domain.inbox import SORTS

if TYPE_CHECKING:
    from datetime import datetime

    from convokit.cli.screen import Screen
    from convokit.domain.conversation import Conversation
    from convokit.domain.rules import Practice
    from convokit.runtime.desk import PastDueReminders, PracticeDesk

_FILTERS: Final = "unread initiated_by urgency channel department assignee awaiting_reply failed sort".split()


@click.command(short_help="Show the conversations that are open.")
@desk_options
@click.option("--practice", metavar="ID", help="One practice; default: all.")
@click.option("--history", is_flag=True, help="Ended conversations instead of active ones.")
@click.option("--unread/--read", default=None, help="Only unread ones, or only read ones.")
@click.option("--initiated-by", type=click.Choice(["practice", "client"]), help="Who began.")
@click.option("--urgency", type=click.Choice(["low", "normal", "high", "urgent"]), help="Only this urgency.")
@click.option("--channel", type=click.Choice(["app", "sms"]), help="Only this channel.")
@click.option("--department", metavar="ID", help='Only this department; "" is the default one.')
@click.option("--assignee", metavar="ID", help="Only what this member of staff looks after.")
@click.option("--unassigned", is_flag=True, help="Only what nobody looks after.")
@click.option("--awaiting-reply/--answered", default=None, help="Only clients who wait for an answer, or who do not.")
@click.option("--failed/--no-failed", default=None, help="Only with texts that failed or are unsure, or only without.")
@click.option("--sort", type=click.Choice(SORTS), help="The order. Default: as the practice has it.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="Rows per practice.")
@click.option("--ids", is_flag=True, help="Show the ids of conversations, which `transcript export` wants.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def inbox(
    ctx: click.Context,
    /,
    practice: str | None,
    history: bool,
    limit: int,
    ids: bool,
    as_json: bool,
    **given: object,
) -> None:
    """Show the conversations that are open, as the front desk sees them."""
    filters = _filters(given)
    if history and filters:
        raise click.UsageError("--history has no filters")
    with desk_of(given, ctx).open() as kit:
        found = []
        for one in chosen_practices(kit, practice):
            own = kit.practice(one.id)
            page = own.history(limit=limit) if history else own.inbox(**filters, limit=limit)
            found.append((own, page.items, page.next is not None))
        if as_json:
            print_json([row for own, rows, _ in found for row in _as_json(own, rows)])
        else:
            _print(found, kit.now(), ids)
    if not any(rows for _, rows, _ in found):
        click.echo("convokit: no conversations", err=True)
        ctx.exit(NOTHING_FOUND)


def _filters(given: Mapping[str, object]) -> dict[str, Any]:
    """The filters and the order that were asked for, as click gave them."""
    if given["unassigned"] and given["assignee"] is not None:
        raise click.UsageError("--assignee and --unassigned contradict each other")
    asked = {**given, "assignee": "" if given["unassigned"] else given["assignee"]}
    return {name: asked[name] for name in _FILTERS if asked[name] is not None}


def _print(found: list[tuple[PracticeDesk, tuple[Conversation, ...], bool]], now: datetime, ids: bool) -> None:
    from convokit.cli.screen import this_screen
    from convokit.cli.views import badge_line

    screen = this_screen()
    shown = [entry for entry in found if entry[1]]
    for number, (desk, rows, more) in enumerate(shown):
        if number:
            screen.say()
        _print_one(screen, desk, rows, now, ids)
        hints = (["more rows: --limit"] if more else []) + ([] if ids else ["ids: --ids"])
        screen.say("  " + screen.tone(" · ".join([badge_line(desk.badges()), *hints]), "dim"))


def _print_one(screen: Screen, desk: PracticeDesk, rows: tuple[Conversation, ...], now: datetime, ids: bool) -> None:
    from zoneinfo import ZoneInfo

    from convokit.cli.views import id_lines, inbox_lines, reminder_lines

    practice = desk.practice
    screen.say("  " + screen.tone(f"{screen.clean(practice.name)} ({practice.id})", "bold"))
    zone = ZoneInfo(practice.time_zone)
    for line in id_lines(screen, rows, now, zone) if ids else inbox_lines(screen, rows, now, zone):
        screen.say(line)
    for line in reminder_lines(screen, rows, desk.past_due_for(rows)):
        screen.say(line)


def _as_json(desk: PracticeDesk, rows: tuple[Conversation, ...]) -> list[dict[str, object]]:
    reminders = desk.past_due_for(rows)
    return [{**row_as_json(desk.practice, known), **_reminders_as_json(reminders[known.id])} for known in rows]


def _reminders_as_json(found: PastDueReminders) -> dict[str, object]:
    from attrs import asdict

    return {
        "past_due": [{**asdict(one), "due": one.due.isoformat()} for one in found.items],
        "past_due_complete": found.complete,
    }


def row_as_json(practice: Practice, known: Conversation) -> dict[str, object]:
    """What programs are told of a conversation."""
    ended, awaiting = known.ended_at, known.awaiting_reply_since
    return {
        "practice": practice.id,
        "id": known.id,
        "channel": known.channel,
        "address": known.address,
        "client_id": known.client_id,
        "client_name": known.client_name,
        "patient_id": known.patient_id,
        "patient_name": known.patient_name,
        "title": known.title,
        "team_member": known.team_member,
        "department": known.department,
        "assignee_id": known.assignee_id,
        "assignee_name": known.assignee_name,
        "initiated_by": known.initiated_by,
        "urgency": known.urgency_level,
        "unread": known.unread,
        "failed": known.failed,
        "last_message": known.last_text,
        "last_message_at": known.last_message_at.isoformat(),
        "last_message_by": known.last_side,
        "last_delivery": None if known.last_delivery is None else known.last_delivery.name.lower(),
        "awaiting_reply_since": None if awaiting is None else awaiting.isoformat(),
        "ended_at": None if ended is None else ended.isoformat(),
    }
