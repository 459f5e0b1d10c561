"""The payment providers in use: built once per practice, provider and settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen

from convokit.domain.instant import HOUR, MINUTE
from convokit.errors import ConfigurationError
from convokit.plugins.bounded import PluginFailed
from convokit.plugins.catalogue import Catalogue
from convokit.plugins.settings import build_settings
from convokit.ports.payments import PaymentCapabilities, PaymentProvider
from convokit.ports.store import Endpoint, Store
from convokit.runtime.locks import Locks
from convokit.runtime.payment_links import PaymentLinks
from convokit.runtime.within import is_within
from convokit.runtime.world import World

PREFIX: Final = "payments:"
"""Stands before a payment provider's name where its webhook is kept: a carrier may have the same name."""

_PATIENCE_MS: Final = 1500


@frozen(kw_only=True)
class PracticeProvider:
    """A practice's payment provider, ready for use, and the URL it calls back (``None`` without a public URL)."""

    name: str
    provider: PaymentProvider
    capabilities: PaymentCapabilities
    endpoint: Endpoint
    callback_url: str | None


class PaymentProviders:
    """Finds a practice's payment provider. Every thread may use it."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        world: World,
        *,
        public_url: str | None,
        settings: Mapping[str, Mapping[str, object]],
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._world = world
        self._public_url = public_url.rstrip("/") if public_url else None
        self.links: PaymentLinks = PaymentLinks(store, world, public_url=public_url)
        self._settings = settings
        self._built: dict[str, PracticeProvider] = {}
        self._locks = Locks()

    def of(self, practice_id: str) -> PracticeProvider | None:
        """The payment provider of a practice; ``None`` when none is enabled.

        Raises:
            ConfigurationError: the choice or its settings are wrong; no message holds a setting's value.
        """
        found = self._built.get(practice_id)
        if found is None:
            with self._locks.of(practice_id):
                found = self._built.get(practice_id) or self._build(practice_id)
                if found is not None and not is_within():  # its endpoint may be rolled back
                    self._built[practice_id] = found
        return found

    def _build(self, practice_id: str) -> PracticeProvider | None:
        offer = self._catalogue.choose(practice_id, "payments", self._catalogue.payment_providers)
        if offer is None:
            return None
        told = self._catalogue.settings(practice_id, "payments", offer.name)
        settings = build_settings(offer.settings, {**self._settings.get(offer.name, {}), **told}, offer.name)
        who = f"payment provider {offer.name} of practice {practice_id}"
        try:
            provider = self._catalogue.calls.call(who, lambda: offer.build(settings))
        except PluginFailed as failed:
            why = f"payment provider {offer.name!r} cannot be built ({failed})"
            raise ConfigurationError("plugin.build_failed", why, field="payments") from None
        token = self._world.fresh_id("hook")
        endpoint = self._store.endpoint_for(practice_id, f"{PREFIX}{offer.name}", token, patience_ms=_PATIENCE_MS)
        return PracticeProvider(
            name=offer.name,
            provider=provider,
            capabilities=offer.capabilities,
            endpoint=endpoint,
            callback_url=None if self._public_url is None else f"{self._public_url}/{endpoint.token}",
        )


def page_until(able: PaymentCapabilities, now_us: int, expires_us: int) -> int:
    """Until when a page of this provider lives that is made now: as long as the request, if the provider can.

    Not shorter than the provider lets it: of a request that is nearly over it is closed, where it can be.
    """
    longest_us = expires_us if able.longest_hours is None else now_us + able.longest_hours * HOUR
    return max(min(expires_us, longest_us), now_us + (able.shortest_minutes or 0) * MINUTE)
