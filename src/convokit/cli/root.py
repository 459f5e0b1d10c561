"""The command itself: finds its sub-commands, its own and those of plugins, when they are needed."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Final

import click

from convokit.cli.exits import ending
from convokit.errors import ConfigurationError, ConvokitError

PLUGINS_VARIABLE: Final = "CONVOKIT_PLUGINS"

_OWN: Final = {
    "demo": "convokit.cli.demo.command",
    "doctor": "convokit.cli.doctor",
    "inbox": "convokit.cli.inbox",
    "migrate": "convokit.cli.migrate",
    "payments": "convokit.cli.payments",
    "plugins": "convokit.cli.plugins",
    "restored": "convokit.cli.restored",
    "search": "convokit.cli.search",
    "send": "convokit.cli.send",
    "serve": "convokit.cli.serve",
    "transcript": "convokit.cli.transcript",
    "worker": "convokit.cli.worker",
}
"""Sub-commands and their modules; each module has the command under its own name."""


class Root(click.Group):
    """The `convokit` command. Its own commands work even when a plugin is broken."""

    def __init__(self, name: str, *, help: str, epilog: str) -> None:  # noqa: A002 - click's word
        super().__init__(
            name,
            help=help,
            epilog=epilog,
            params=[plugin_option(is_eager=True)],
            context_settings={"help_option_names": ["-h", "--help"]},
        )
        version = click.version_option(package_name="convokit-vet", prog_name="convokit")
        version(self)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands; a plugin that is broken costs a warning, not the help."""
        try:
            return sorted({*_OWN, *plugin_commands(_enabled(ctx))})
        except ConvokitError as error:
            click.echo(f"convokit: {error}", err=True)
            return sorted(_OWN)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name; plugins are loaded only for what is not convokit's own."""
        if cmd_name in _OWN:
            found = getattr(import_module(_OWN[cmd_name]), cmd_name)
            assert isinstance(found, click.Command)  # noqa: S101 - the table above
            return found
        with ending():
            return plugin_commands(_enabled(ctx)).get(cmd_name)

    def invoke(self, ctx: click.Context) -> object:
        """Run the sub-command; every ending becomes an exit code."""
        with ending():
            return super().invoke(ctx)


def plugin_option(*, is_eager: bool = False) -> click.Option:
    """``--plugin NAME``, repeatable."""
    return click.Option(
        ["--plugin", "plugins"],
        multiple=True,
        metavar="NAME",
        is_eager=is_eager,
        help=f"Enable an installed plugin; repeatable. Default: {PLUGINS_VARIABLE}, separated by commas.",
    )


def enabled_plugins(given: tuple[str, ...], ctx: click.Context) -> tuple[str, ...]:
    """The plugins given to the sub-command, else to `convokit` itself, else by the environment."""
    return given or _enabled(ctx.find_root())


def _enabled(ctx: click.Context) -> tuple[str, ...]:
    given: tuple[str, ...] = ctx.params.get("plugins") or ()
    if given:
        return given
    words = os.environ.get(PLUGINS_VARIABLE, "").split(",")
    return tuple(word.strip() for word in words if word.strip())


def plugin_commands(enabled: tuple[str, ...]) -> dict[str, click.Command]:
    """What the enabled plugins add to the command.

    Raises:
        ConfigurationError: a plugin cannot be loaded, raises, or wants a name that is taken (``plugin.command``).
    """
    if not enabled:
        return {}
    from convokit.plugins.catalogue import Catalogue
    from convokit.plugins.faults import contain

    added: dict[str, click.Command] = {}
    for plugin in Catalogue(enabled).manager.hook.convokit_cli.get_hookimpls():
        commands = click.Group()
        try:
            plugin.function(*(commands for _ in plugin.argnames))
        except BaseException as error:  # whatever a plugin raises
            contain(error)
            why = f"plugin {plugin.plugin_name!r}: convokit_cli raised {type(error).__name__}"
            raise ConfigurationError("plugin.raised", why, field="plugins") from error
        taken = sorted(set(commands.commands) & {*_OWN, *added})
        if taken:
            why = f"plugin {plugin.plugin_name!r} adds the command {taken[0]!r}, which exists already"
            raise ConfigurationError("plugin.command", why, field="plugins")
        added |= commands.commands
    return added
