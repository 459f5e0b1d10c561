"""How much of everybody's time a plugin may take."""

from __future__ import annotations

from typing import Final

from attrs import fields, frozen

from convokit.domain.circuit import CircuitRules
from convokit.domain.instant import SECOND
from convokit.errors import ConfigurationError

_MOST_SECONDS: Final = 24 * 3600
_MOST: Final = 1000


@frozen(kw_only=True)
class PluginLimits:
    """How much of everybody's time a plugin may take; ``convokit.open(plugin_limits=...)``.

    Attributes:
        seconds: the longest that a call of a hook, of the host's directory or of a webhook's reader may take.
        most_lost: how many calls of one plugin for one practice may be late at a time before it is asked nothing more.
        failures: so many in a row, and the provider is left alone by that practice.
        pause_seconds, longest_pause_seconds: for how long; doubled each time up to the longest.
    """

    seconds: float = 5.0
    most_lost: int = 4
    failures: int = 5
    pause_seconds: float = 30.0
    longest_pause_seconds: float = 900.0

    @property
    def circuit(self) -> CircuitRules:
        """The rules of the circuits."""
        return CircuitRules(
            failures=self.failures,
            pause=round(self.pause_seconds * SECOND),
            longest_pause=round(self.longest_pause_seconds * SECOND),
        )


def check_limits(given: PluginLimits | None) -> PluginLimits:
    """The limits of a kit; ``None``: the usual ones.

    Raises:
        ConfigurationError: ``plugin_limits.type``, ``plugin_limits.value``.
    """
    if given is None:
        return PluginLimits()
    if not isinstance(given, PluginLimits):
        why = "plugin_limits= is a PluginLimits"
        raise ConfigurationError("plugin_limits.type", why, field="plugin_limits", limit="PluginLimits")
    for limit in fields(PluginLimits):
        value: object = getattr(given, limit.name)
        whole = limit.name in ("most_lost", "failures")
        fits = type(value) is int if whole else type(value) in (int, float)
        most = _MOST if whole else _MOST_SECONDS
        if not fits or not isinstance(value, (int, float)) or not 0 < value <= most:
            raise ConfigurationError(
                "plugin_limits.value",
                f"{limit.name} is a number above 0, at most {most}",
                field=f"plugin_limits.{limit.name}",
                limit=str(most),
            )
    return given
