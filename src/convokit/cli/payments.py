"""The command `convokit payments`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from convokit.cli.exits import NOTHING_FOUND
from convokit.cli.options import chosen_practices, desk_of, desk_options, print_json

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from convokit.domain.payment import Payment
    from convokit.domain.rules import Practice
    from convokit.runtime.kit import Convokit
    from convokit.runtime.payments_report import PaymentsReport

_DAYS: Final = 31


@click.command(short_help="Show which payments were asked for, and what became of them.")
@desk_options
@click.option("--practice", metavar="ID", help="One practice; default: all.")
@click.option("--since", metavar="DATE", help="Asked for on that day (2026-01-01, local to the practice) or later.")
@click.option("--before", metavar="DATE", help="Asked for before that day.")
@click.option("--csv", "as_csv", is_flag=True, help="For a spreadsheet; one practice.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def payments(
    ctx: click.Context,
    /,
    practice: str | None,
    since: str | None,
    before: str | None,
    as_csv: bool,
    as_json: bool,
    **desk: object,
) -> None:
    """Show the payments that were asked for in a period: the last 31 days, unless said otherwise."""
    if as_csv and as_json:
        raise click.UsageError("--csv or --json, not both")
    with desk_of(desk, ctx).open() as kit:
        practices = chosen_practices(kit, practice)
        if as_csv and len(practices) > 1:
            raise click.UsageError("--csv needs --practice: there are several")
        found = [(one, _report(kit, one, since, before)) for one in practices]
    if as_csv:
        # Bytes: the line ends are CRLF (RFC 4180) on every system.
        click.echo(found[0][1].csv().encode("utf-8"), nl=False)
    elif as_json:
        print_json([_as_json(one, payment) for one, report in found for payment in report])
    else:
        _print(found)
    if not any(len(report) for _, report in found):
        click.echo("convokit: no payments", err=True)
        ctx.exit(NOTHING_FOUND)


def _report(kit: Convokit, practice: Practice, since: str | None, before: str | None) -> PaymentsReport:
    from datetime import timedelta

    end = _midnight(before, practice, "--before") or kit.now() + timedelta(seconds=1)
    start = _midnight(since, practice, "--since") or end - timedelta(days=_DAYS)
    return kit.practice(practice.id).payments_report(start, end)


def _midnight(given: str | None, practice: Practice, option: str) -> datetime | None:
    """The first moment of a day, local to the practice."""
    if given is None:
        return None
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    try:
        day = date.fromisoformat(given)
    except ValueError:
        raise click.UsageError(f"{option} is a day, as in 2026-01-01") from None
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(practice.time_zone))


def _as_json(practice: Practice, payment: Payment) -> dict[str, object]:
    return {
        "practice": practice.id,
        "payment": payment.id,
        "conversation": payment.conversation_id,
        "requested_at": payment.requested_at.isoformat(),
        "requested_by": payment.by_name,
        "title": payment.title,
        "invoice": payment.invoice,
        "amount": payment.money.amount,
        "currency": payment.money.currency,
        "state": payment.state,
        "paid_at": None if payment.paid_at is None else payment.paid_at.isoformat(),
        "received": payment.received.amount,
        "refunded": payment.refunded.amount,
        "provider": payment.provider,
        "flags": list(payment.flags),
    }


def _print(found: list[tuple[Practice, PaymentsReport]]) -> None:
    from zoneinfo import ZoneInfo

    from convokit.cli.screen import this_screen

    screen = this_screen()
    for practice, report in found:
        if not len(report):
            continue
        screen.say("  " + screen.tone(f"{screen.clean(practice.name)} ({practice.id})", "bold"))
        for line in _lines(report, ZoneInfo(practice.time_zone)):
            screen.say(line)


def _lines(report: PaymentsReport, zone: tzinfo) -> list[str]:
    from convokit.cli.screen import Column, Tone, table, this_screen

    screen = this_screen()
    columns = (
        Column(title="Asked", width=16),
        Column(title="For", width=24),
        Column(title="Amount", width=16, right=True),
        Column(title="State", width=15),
        Column(title="Look at", width=16),
    )
    rows: list[list[tuple[str, Tone]]] = [
        [
            (f"{payment.requested_at.astimezone(zone):%Y-%m-%d %H:%M}", "plain"),
            (screen.clean(payment.title), "plain"),
            (payment.money.text, "bold"),
            (payment.state.replace("_", " "), "plain"),
            (", ".join(payment.flags).replace("_", " "), "red"),
        ]
        for payment in report
    ]
    return table(screen, columns, rows)
