"""The carriers in use: built once per practice, provider and settings, and closed with the kit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from attrs import frozen

from convokit.errors import ConfigurationError
from convokit.plugins.bounded import PluginFailed
from convokit.plugins.catalogue import Catalogue
from convokit.plugins.settings import build_settings
from convokit.ports.sms import Capabilities, SmsGateway, SmsGatewayOffer
from convokit.ports.sms_session import SmsSession
from convokit.ports.store import Endpoint, Store
from convokit.runtime.locks import Locks
from convokit.runtime.sessions import KeptSession, Sessions
from convokit.runtime.within import is_within
from convokit.runtime.world import World

_PATIENCE_MS: Final = 1500
"""A webhook may be the first to need the endpoint, and must be answered within two seconds."""


@frozen(kw_only=True)
class PracticeGateway:
    """A practice's carrier, ready for use, and the URL it calls back, if there is one and it does."""

    provider: str
    gateway: SmsGateway | KeptSession
    capabilities: Capabilities
    endpoint: Endpoint
    callback_url: str | None


class Gateways:
    """Finds a practice's carrier. Every thread may use it."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        world: World,
        sessions: Sessions,
        *,
        public_url: str | None,
        settings: Mapping[str, Mapping[str, object]],
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._world = world
        self._sessions = sessions
        self._public_url = public_url.rstrip("/") if public_url else None
        self._settings = settings
        self._built: dict[str, PracticeGateway] = {}
        self._locks = Locks()
        self.begins: Callable[[str, PracticeGateway], bool] = lambda practice_id, carrier: True
        """Called when a practice's carrier is first needed in this process, until it says that it is done."""
        self._begun: set[str] = set()

    def of(self, practice_id: str) -> PracticeGateway | None:
        """The carrier of a practice; ``None`` when none is enabled.

        Raises:
            ConfigurationError: the choice or its settings are wrong.
        """
        found = self._built.get(practice_id)
        if found is None:
            with self._locks.of(practice_id):
                found = self._built.get(practice_id) or self._build(practice_id)
                if found is not None and not is_within():  # its endpoint may be rolled back
                    self._built[practice_id] = found
        if found is not None and practice_id not in self._begun and self.begins(practice_id, found):
            self._begun.add(practice_id)
        return found

    def in_use(self, practice_id: str) -> PracticeGateway | None:
        """The carrier of a practice if it was needed before; builds nothing."""
        return self._built.get(practice_id)

    def all_in_use(self) -> tuple[tuple[str, str], ...]:
        """The practices whose carriers were needed before, each with the carrier's name."""
        return tuple((practice_id, found.provider) for practice_id, found in list(self._built.items()))

    def _build(self, practice_id: str) -> PracticeGateway | None:
        offer = self._catalogue.choose(practice_id, "sms", self._catalogue.gateways)
        if offer is None:
            return None
        given = {**self._settings.get(offer.name, {}), **self._catalogue.settings(practice_id, "sms", offer.name)}
        settings = build_settings(offer.settings, given, offer.name)
        who = f"carrier {offer.name} of practice {practice_id}"
        try:
            gateway = self._catalogue.calls.call(who, lambda: self._gateway(offer, settings))
        except PluginFailed as failed:
            raise ConfigurationError(
                "plugin.build_failed", f"carrier {offer.name!r} cannot be built ({failed})", field="sms"
            ) from None
        endpoint = self._store.endpoint_for(
            practice_id, offer.name, self._world.fresh_id("hook"), patience_ms=_PATIENCE_MS
        )
        called_back = self._public_url is not None and not isinstance(gateway, KeptSession)
        found = PracticeGateway(
            provider=offer.name,
            gateway=gateway,
            capabilities=offer.capabilities,
            endpoint=endpoint,
            callback_url=f"{self._public_url}/{endpoint.token}" if called_back else None,
        )
        if isinstance(gateway, KeptSession):
            gateway.attach(practice_id, found)
        return found

    def _gateway(self, offer: SmsGatewayOffer, settings: object) -> SmsGateway | KeptSession:
        if offer.capabilities.keeps_session:
            return self._sessions.of(offer, settings)
        built = offer.build(settings)
        if isinstance(built, SmsSession):
            raise TypeError(f"{offer.name} builds a session and does not declare keeps_session")
        return built

    def public_url_of(self, token: str, query: str) -> str | None:
        """A webhook's URL as the provider sees it: proxies may have changed scheme, host, port and prefix."""
        if self._public_url is None:
            return None
        return f"{self._public_url}/{token}" + (f"?{query}" if query else "")
