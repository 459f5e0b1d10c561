"""The command `convokit plugins`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click
from attrs import asdict, frozen

from convokit.cli.exits import FAILED, one_line
from convokit.cli.options import print_json, with_plugins
from convokit.cli.root import enabled_plugins
from convokit.errors import ConfigurationError

if TYPE_CHECKING:
    from convokit.cli.screen import Tone


@frozen(kw_only=True)
class PluginState:
    """A plugin as this environment has it.

    ``state``: ``"enabled"``; ``"installed"`` (not enabled, so nothing of it was imported); ``"broken"`` (enabled, but
    ``problem``). ``offers``: what it offers, for enabled ones.
    """

    name: str
    state: Literal["enabled", "installed", "broken"]
    source: str
    offers: tuple[str, ...] = ()
    problem: str | None = None


@click.command()
@with_plugins
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def plugins(ctx: click.Context, /, plugins: tuple[str, ...], as_json: bool) -> None:
    """List the plugins that are enabled, installed or broken."""
    found = plugin_states(enabled_plugins(plugins, ctx))
    if as_json:
        print_json([asdict(state) for state in found])
    else:
        _print(found)
    if any(state.state == "broken" for state in found):
        ctx.exit(FAILED)


def plugin_states(enabled: tuple[str, ...]) -> list[PluginState]:
    """Every enabled plugin, tried one by one, then what else is installed."""
    from convokit.plugins.loading import BUILT_IN, installed, source_of

    sources = dict.fromkeys(BUILT_IN, "built in")
    for name, points in installed().items():
        sources[name] = ", ".join(sorted({source_of(point) for point in points}))
    states = [_tried(name, sources.get(name, "not installed")) for name in dict.fromkeys(enabled)]
    rest = sorted(set(sources) - set(enabled))
    return states + [PluginState(name=name, state="installed", source=sources[name]) for name in rest]


def _tried(name: str, source: str) -> PluginState:
    from convokit.plugins.catalogue import Catalogue

    try:
        catalogue = Catalogue([name])
    except ConfigurationError as error:
        return PluginState(name=name, state="broken", source=source, problem=one_line(error))
    offers = [f"carrier {offer}" for offer in catalogue.gateways] + [f"mailer {offer}" for offer in catalogue.mailers]
    offers += [f"payment provider {offer}" for offer in catalogue.payment_providers]
    offers += [f"store {offer}" for offer in catalogue.stores]
    offers += ["client directory"] if catalogue.directory is not None else []
    offers += ["past-due reminders"] if catalogue.reminders is not None else []
    offers += ["medical records"] if catalogue.records is not None else []
    return PluginState(name=name, state="enabled", source=source, offers=tuple(offers))


def _row(state: PluginState) -> list[tuple[str, Tone]]:
    tone: Tone = "red" if state.state == "broken" else "plain"
    return [(state.name, "bold"), (state.state, tone), (state.source, "plain"), (", ".join(state.offers), "plain")]


def _print(found: list[PluginState]) -> None:
    from convokit.cli.screen import Column, table, this_screen

    screen = this_screen()
    columns = (
        Column(title="Plugin", width=16),
        Column(title="State", width=9),
        Column(title="From", width=30),
        Column(title="Offers", width=37),
    )
    for line in table(screen, columns, [_row(state) for state in found]):
        screen.say(line)
    for state in found:
        if state.problem:
            click.echo(f"convokit: {state.problem}", err=True)
