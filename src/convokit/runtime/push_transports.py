"""The push transports in use: several at one practice, each built once per practice, transport and settings."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from attrs import field, frozen

from convokit.errors import ConfigurationError
from convokit.plugins.catalogue import Catalogue
from convokit.plugins.settings import build_settings
from convokit.ports.push import PushCapabilities, PushTransport


@frozen(kw_only=True)
class PracticeTransport:
    """A transport of a practice, ready for use."""

    name: str
    transport: PushTransport = field(repr=False)
    capabilities: PushCapabilities


class PushTransports:
    """Finds a practice's push transports. Every thread may use it."""

    def __init__(self, catalogue: Catalogue, *, settings: Mapping[str, Mapping[str, object]]) -> None:
        self._catalogue = catalogue
        self._settings = settings
        self._built: dict[tuple[str, str], PracticeTransport] = {}
        self._lock = threading.Lock()

    @property
    def names(self) -> tuple[str, ...]:
        """The transports of all enabled plugins."""
        return tuple(sorted(self._catalogue.push_transports))

    def of(self, practice_id: str, name: str) -> PracticeTransport | None:
        """A transport by the name that a registration gives it; ``None`` when no enabled plugin offers it.

        Raises:
            ConfigurationError: its settings are wrong; no message holds a setting's value.
        """
        found = self._built.get((practice_id, name))
        if found is None:
            with self._lock:
                found = self._built.get((practice_id, name)) or self._build(practice_id, name)
                if found is not None:
                    self._built[practice_id, name] = found
        return found

    def _build(self, practice_id: str, name: str) -> PracticeTransport | None:
        offer = self._catalogue.push_transports.get(name)
        if offer is None:
            return None
        given = {**self._settings.get(name, {}), **self._catalogue.settings(practice_id, "push", name)}
        settings = build_settings(offer.settings, given, name)
        try:
            transport = offer.build(settings)
        except (Exception, SystemExit) as error:  # whatever a plugin raises
            why = f"push transport {name!r} cannot be built ({type(error).__name__})"
            raise ConfigurationError("plugin.build_failed", why, field="push") from error
        return PracticeTransport(name=name, transport=transport, capabilities=offer.capabilities)
