"""Finding and registering the plugins that the host enables, and naming the culprit when one is broken.

Only enabled plugins are imported: installing a package never turns it on. pluggy's own loader skips a second
distribution with the same name, lets one import error stop all, and registers a misspelt hook silently; so entry
points are loaded here one by one.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points

import pluggy
from attrs import frozen

from convokit.errors import ConfigurationError
from convokit.plugins import PROJECT
from convokit.plugins.faults import contain
from convokit.plugins.hookspecs import Hooks

BUILT_IN: Mapping[str, str] = {
    "simulator": "convokit.gateways.simulator:Simulator",
    "payments-simulator": "convokit.gateways.payments_simulator:PaymentsSimulator",
}
"""Plugins that ship with convokit and are enabled by name like anybody's."""


@frozen(kw_only=True)
class LoadedPlugin:
    """A registered plugin and where it came from (``"convokit-sms-kannel 0.1.0"``, ``"host"``, ``"built in"``)."""

    name: str
    source: str
    plugin: object


def load(manager: pluggy.PluginManager, enabled: Iterable[str | object]) -> tuple[LoadedPlugin, ...]:
    """Register each enabled plugin: a string is an entry-point name, anything else is the plugin itself.

    Raises:
        ConfigurationError: ``plugin.not_installed``, ``plugin.ambiguous``, ``plugin.import_failed``,
            ``plugin.twice``, ``plugin.unknown_hook``, ``plugin.arguments``, ``plugin.async``, ``plugin.list``,
            ``plugin.class``, ``plugin.entry_point``, ``plugin.no_hooks``.
    """
    if manager.project_name != PROJECT:  # a manager of another project would accept everything silently
        raise ConfigurationError("plugin.manager", "the plugin manager belongs to another project")
    if isinstance(enabled, (str, bytes, Mapping)) or not isinstance(enabled, Iterable):
        why = 'plugins= is a list of names and plugins: ["simulator"]'
        raise ConfigurationError("plugin.list", why, field="plugins", limit="list")
    manager.add_hookspecs(Hooks)
    return tuple(_register(manager, _find(item, manager)) for item in enabled)


def add(manager: pluggy.PluginManager, plugin: object) -> LoadedPlugin:
    """Register one plugin more, an object.

    Raises:
        ConfigurationError: as :func:`load`.
    """
    return _register(manager, _find(plugin, manager))


def installed() -> dict[str, list[EntryPoint]]:
    """Entry points of every installed distribution by name; nothing is imported."""
    found: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=PROJECT):
        found.setdefault(point.name, []).append(point)
    return found


def source_of(point: EntryPoint) -> str:
    """Distribution and version that an entry point belongs to."""
    return f"{point.dist.name} {point.dist.version}" if point.dist is not None else "unknown distribution"


def _find(item: str | object, manager: pluggy.PluginManager) -> LoadedPlugin:
    if not isinstance(item, str):
        name = getattr(item, "name", None)
        name = name if isinstance(name, str) else (item if isinstance(item, type) else type(item)).__name__
        # A host may enable two objects of one class; they are told apart by number.
        names = (name, *(f"{name}#{n}" for n in range(2, 1000)))
        return LoadedPlugin(name=next(n for n in names if not manager.has_plugin(n)), source="host", plugin=item)
    points = installed().get(item, [])
    if item in BUILT_IN and not points:
        module, _, maker = BUILT_IN[item].partition(":")
        return LoadedPlugin(name=item, source="built in", plugin=getattr(importlib.import_module(module), maker)())
    if not points:
        raise _not_installed(item)
    sources = sorted({source_of(p) for p in points})
    if len(sources) > 1 or item in BUILT_IN:
        raise ConfigurationError(
            "plugin.ambiguous", f"several plugins are called {item!r}: {', '.join(sources)}", field="plugins"
        )
    return LoadedPlugin(name=item, source=sources[0], plugin=_import(points[0]))


def _not_installed(name: str) -> ConfigurationError:
    known = sorted({*installed(), *BUILT_IN})
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; installed: {', '.join(known)}"
    return ConfigurationError("plugin.not_installed", f"no plugin {name[:100]!r} is installed{hint}", field="plugins")


def _import(point: EntryPoint) -> object:
    if point.pattern.match(point.value) is None:
        why = f"plugin {point.name!r} of {source_of(point)}: {point.value[:100]!r} is not a valid entry point"
        raise ConfigurationError("plugin.entry_point", f"{why}; use module or module:name", field="plugins")
    try:
        return point.load()
    except BaseException as error:  # a plugin that calls sys.exit() on import must not end the host
        contain(error)
        raise ConfigurationError(
            "plugin.import_failed",
            f"plugin {point.name!r} of {source_of(point)} cannot be imported: {type(error).__name__}: {error}",
            field="plugins",
        ) from error


def _register(manager: pluggy.PluginManager, found: LoadedPlugin) -> LoadedPlugin:
    if isinstance(found.plugin, type):  # its hooks would be called without an object
        given = found.plugin.__name__
        raise _broken(found, "plugin.class", f"{given} is a class; give an instance, {given}(...)")
    for name, member in inspect.getmembers(found.plugin):
        if name.startswith("convokit_") and inspect.iscoroutinefunction(member):
            # A coroutine is never None, so it would win every firstresult hook and then never run.
            raise _broken(found, "plugin.async", f"{name} is async; hooks are plain functions")
    try:
        manager.register(found.plugin, name=found.name)
        manager.check_pending()
    except ValueError:
        raise _broken(found, "plugin.twice", "it is enabled twice") from None
    except pluggy.PluginValidationError as error:
        code = "plugin.unknown_hook" if "unknown hook" in str(error) else "plugin.arguments"
        raise _broken(found, code, " ".join(str(error).split())) from error
    if not manager.get_hookcallers(found.plugin):
        raise _broken(found, "plugin.no_hooks", "it has no hook; is @convokit.plugins.hookimpl missing?")
    return found


def _broken(found: LoadedPlugin, code: str, why: str) -> ConfigurationError:
    return ConfigurationError(code, f"plugin {found.name!r} ({found.source}): {why}", field="plugins")
