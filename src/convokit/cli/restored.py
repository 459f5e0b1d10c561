"""The command `convokit restored`: after a restore, before the first worker."""

from __future__ import annotations

import click
from attrs import asdict

from convokit.cli.options import desk_of, desk_options, print_json


@click.command(short_help="After a restore: hold back what may have been sent already.")
@desk_options
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def restored(ctx: click.Context, /, as_json: bool, **desk: object) -> None:
    """Hold back what was owed at the time of the backup, before the first worker runs: it may have been sent since.

    Texts and mails become unsure, payment prompts are given up, and an end-of-day mail that was due meanwhile is left
    out. Nothing is sent. Twice is fine.
    """
    from convokit.runtime.restoring import hold_back

    with desk_of(desk, ctx).open() as kit:
        held = hold_back(kit)
    if as_json:
        print_json(asdict(held))
    else:
        click.echo(
            f"held back: {held.texts} texts, {held.mails} mails, {held.payments} payment prompts, "
            f"{held.reports} end-of-day mails"
        )
