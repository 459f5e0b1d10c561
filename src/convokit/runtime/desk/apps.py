"""Which apps of a client are to be told of a message. The host authenticates the client; these calls trust it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from convokit.errors import InvalidInput
from convokit.plugins.faults import log_fault
from convokit.ports.push import PushToken
from convokit.runtime.checks import check_id
from convokit.runtime.checks_apps import check_app, check_keys, check_token
from convokit.runtime.desk.base import DeskBase, log
from convokit.runtime.push_transports import PracticeTransport

MOST_APPS: Final = 20
"""Installations and browsers of one client that are told; of more, those that registered longest ago are dropped."""


class DeskApps(DeskBase):
    """Apps register, and take it back."""

    def app_register(
        self,
        client_id: str,
        *,
        transport: str,
        token: str,
        app: str = "",
        keys: Mapping[str, str] | None = None,
    ) -> str:
        """An app, or a browser, of a client is to be told when a message waits. Returns the registration's id.

        Call it whenever the app starts: a registration that is not renewed is forgotten after a while
        (``Rules.push.forget_days``), and a service may give an app another token at any time. The same token again is
        the same registration, and is this client's from now on.

        Args:
            transport: the name of an enabled push transport, ``"webpush"``.
            token: what the push service gave the app: a registration token, a device token, an endpoint's URL.
            app: which of several apps it is for, where the service wants to know (a bundle id).
            keys: what else the service gave (Web Push: ``{"p256dh": ..., "auth": ...}``).

        Raises:
            InvalidInput: ``push.transport``, ``push.token`` (also when the transport says that it can be none),
                ``push.app``, ``push.keys``.
            ConfigurationError: the transport's settings are wrong.
        """
        who, found = check_id(client_id, "client_id"), self._transport(transport)
        given = PushToken(
            id=self._world.fresh_id("app"),
            transport=found.name,
            value=check_token(token),
            app=check_app(app),
            keys=check_keys({} if keys is None else keys),
            registered_us=self._world.now_us(),
        )
        _refuse_no_token(found, given)
        return self._store.put_push_token(self.practice.id, who, given, most=MOST_APPS)

    def app_registrations(self, client_id: str) -> tuple[PushToken, ...]:
        """The apps of a client that are told, the one that registered last at the end. Their tokens do not show."""
        return self._store.push_tokens(self.practice.id, check_id(client_id, "client_id"))

    def app_unregister(self, client_id: str, registration_id: str) -> bool:
        """An app of this client is not to be told any more (it signed out); whether it was registered."""
        who, which = check_id(client_id, "client_id"), check_id(registration_id, "registration_id")
        return self._store.drop_push_token(self.practice.id, who, which)

    def _transport(self, name: object) -> PracticeTransport:
        found = self._transports.of(self.practice.id, name) if isinstance(name, str) else None
        if found is None:
            enabled = ", ".join(self._transports.names) or "none"
            why = f"no such push transport is enabled; enabled: {enabled}"
            raise InvalidInput("push.transport", why, field="transport", limit=enabled)
        return found


def _refuse_no_token(found: PracticeTransport, given: PushToken) -> None:
    try:
        why: object = found.transport.why_no_token(given)
    except (Exception, SystemExit) as error:  # whatever a plugin raises
        log_fault(log, f"push transport {found.name} raised", error)
        why = "the transport could not judge it"
    if why is not None:
        raise InvalidInput("push.token", str(why)[:200], field="token")
