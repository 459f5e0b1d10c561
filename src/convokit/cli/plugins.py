"""The command `convokit plugins`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import click

from convokit.cli.exits import FAILED
from convokit.cli.options import print_json, with_plugins
from convokit.cli.root import enabled_plugins

if TYPE_CHECKING:
    from convokit.cli.screen import Tone
    from convokit.plugins.overview import PluginState


@click.command()
@with_plugins
@click.option("--inspect", is_flag=True, help="Look into those that are not enabled, too, in processes of their own.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def plugins(ctx: click.Context, /, plugins: tuple[str, ...], inspect: bool, as_json: bool) -> None:
    """List the plugins that are installed: enabled, broken, blocked, and what each of them offers."""
    from convokit.plugins.inspecting import inspected
    from convokit.plugins.overview import plugin_states

    found = plugin_states(enabled_plugins(plugins, ctx))
    if inspect:
        found = [inspected(one) if one.state == "installed" else one for one in found]
    if as_json:
        print_json([attrs.asdict(one) for one in found])
    else:
        _print(found)
    if any(one.state == "broken" for one in found):
        ctx.exit(FAILED)


def _row(one: PluginState) -> list[tuple[str, Tone]]:
    tone: Tone = "red" if one.state in ("broken", "blocked") else "plain"
    return [
        (one.name, "bold"),
        (one.state, tone),
        (one.source, "plain"),
        ("" if one.api is None else str(one.api), "plain"),
        (", ".join(one.offers), "plain"),
    ]


def _print(found: list[PluginState]) -> None:
    from convokit.cli.screen import Column, table, this_screen

    screen = this_screen()
    columns = (
        Column(title="Plugin", width=18),
        Column(title="State", width=9),
        Column(title="From", width=26),
        Column(title="API", width=3),
        Column(title="Offers", width=34),
    )
    for line in table(screen, columns, [_row(one) for one in found]):
        screen.say(line)
    known = [one for one in found if one.hooks]
    if known:
        screen.say("")
    for one in known:
        screen.say(f"  {one.name}: {', '.join(one.hooks)}")
    for one in found:
        if one.problem:
            click.echo(f"convokit: {one.problem}", err=True)
