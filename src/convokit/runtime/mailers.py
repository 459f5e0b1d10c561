"""The mailers in use: built once per practice, provider and settings."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from convokit.errors import ConfigurationError
from convokit.plugins.bounded import PluginFailed
from convokit.plugins.catalogue import Catalogue
from convokit.plugins.settings import build_settings
from convokit.ports.mail import Mailer
from convokit.runtime.locks import Locks


@frozen(kw_only=True)
class PracticeMailer:
    """A practice's mailer, ready for use."""

    provider: str
    mailer: Mailer = field(repr=False)


class Mailers:
    """Finds a practice's mailer. Every thread may use it."""

    def __init__(self, catalogue: Catalogue, *, settings: Mapping[str, Mapping[str, object]]) -> None:
        self._catalogue = catalogue
        self._settings = settings
        self._built: dict[str, PracticeMailer] = {}
        self._locks = Locks()

    def of(self, practice_id: str) -> PracticeMailer | None:
        """The mailer of a practice; ``None`` when none is enabled.

        Raises:
            ConfigurationError: the choice or its settings are wrong; no message holds a setting's value.
        """
        found = self._built.get(practice_id)
        if found is None:
            with self._locks.of(practice_id):
                found = self._built.get(practice_id) or self._build(practice_id)
                if found is not None:
                    self._built[practice_id] = found
        return found

    def _build(self, practice_id: str) -> PracticeMailer | None:
        offer = self._catalogue.choose(practice_id, "mail", self._catalogue.mailers)
        if offer is None:
            return None
        given = {**self._settings.get(offer.name, {}), **self._catalogue.settings(practice_id, "mail", offer.name)}
        settings = build_settings(offer.settings, given, offer.name)
        who = f"mailer {offer.name} of practice {practice_id}"
        try:
            mailer = self._catalogue.calls.call(who, lambda: offer.build(settings))
        except PluginFailed as failed:
            why = f"mailer {offer.name!r} cannot be built ({failed})"
            raise ConfigurationError("plugin.build_failed", why, field="mail") from None
        return PracticeMailer(provider=offer.name, mailer=mailer)
