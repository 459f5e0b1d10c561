"""What a push service must be able to do: wake the client's app, or browser, and say that something waits.

Like a texting carrier it is *sans-I/O*: ``push`` is a generator that yields :class:`~convokit.ports.wire.HttpRequest`
and is sent back the answer. Unlike a carrier there may be several of them at one practice: which one a token belongs
to, the token says.

No push service tells whether anybody read anything. What is shown as received and read comes from the app itself.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Literal, Protocol

from attrs import field, frozen

from convokit.outcomes import Accepted, Refused, TryLater, Unsure
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer


@frozen(kw_only=True)
class TokenGone:
    """The service reaches nobody under this token, now or later: the app was removed, or the browser forgot it.

    ``raw`` is the service's own word. ``since_us``: since when, microseconds since the epoch, if the service tells; a
    token that the app registered again after it is kept.
    """

    raw: str = ""
    since_us: int | None = None


PushOutcome = Accepted | Refused | TryLater | Unsure | TokenGone
"""How a push went. Repeating one is harmless, so :class:`TryLater` may also be said where a text would be unsure."""

Pushing = Generator[HttpRequest, HttpResponse | NoAnswer, PushOutcome]
"""The exchange with a push service that one push takes."""


def _nothing() -> Mapping[str, str]:
    return {}


@frozen(kw_only=True)
class PushToken:
    """Where one installation of the practice's app, or one browser, is reached.

    Attributes:
        id: our own id of the registration.
        transport: the name of the transport that it belongs to (``"fcm"``).
        value: what the service gave the app: a registration token, a device token, an endpoint's URL.
        app: which app it is for, where the service wants to know (a bundle id); ``""``: the settings say it.
        keys: what else the service gave, by name (Web Push: ``"p256dh"``, ``"auth"``).
        registered_us: when the app gave it last, microseconds since the epoch, UTC.
    """

    id: str
    transport: str
    value: str = field(repr=False)
    app: str = ""
    keys: Mapping[str, str] = field(factory=_nothing, repr=False)
    registered_us: int


@frozen(kw_only=True)
class PushMessage:
    """What the app gets. By default it says that something waits, and never what: the app fetches that itself.

    Attributes:
        id: our own id, the same when it is repeated.
        collapse: of several that have not been shown yet, the newest with this key is enough; at most 32 characters.
        title, text: what is shown, any characters.
        data: ids for the app, never anybody's words.
        high: it is worth waking a sleeping phone for.
        seconds: how long the service may keep it for a phone that is off.
        badge: the number beside the app's icon, or ``None`` to leave it.
        at_us: the present moment, microseconds since the epoch, UTC. A transport looks at no clock: what it signs with
            a time, it signs with this one.
    """

    id: str
    collapse: str
    title: str = field(repr=False)
    text: str = field(repr=False)
    data: Mapping[str, str] = field(factory=_nothing)
    high: bool = True
    seconds: int = 24 * 3600
    badge: int | None = None
    at_us: int


@frozen(kw_only=True)
class PushCapabilities:
    """What a transport declares.

    Attributes:
        bytes_together: how large title, text and data may be together, as the service counts them.
        http: the version of HTTP that the service insists on: ``"2"``; ``"1.1"`` for any.
    """

    bytes_together: int = 4096
    http: Literal["1.1", "2"] = "1.1"


class PushTransport(Protocol):
    """A push service, built for one practice and one set of settings. Several threads may use it at once."""

    def push(self, token: PushToken, message: PushMessage) -> Pushing:
        """Push one message. Must not raise for anything a service can do; must not sleep or do I/O.

        It may keep what it was given for a while: an access token, in the memory of this object.
        """
        ...

    def why_no_token(self, token: PushToken) -> str | None:
        """Why this cannot be a token of this service, in plain words; ``None``: it may be one. Pure.

        Asked when an app registers one, so that rubbish is refused there.
        """
        ...


@frozen(kw_only=True)
class PushTransportOffer:
    """What ``convokit_push_transports`` returns: a recipe, not an instance.

    Attributes:
        name: what a :class:`PushToken` calls it (``"fcm"``); unique over the transports of all enabled plugins.
        settings: a frozen attrs class; the practice's mapping is checked against it when it is first needed.
            Secrets in it are a :class:`~convokit.ports.secret.Secret`.
        build: makes the transport from an instance of ``settings``.
        api: the plugin interface version this was written for; this release speaks 1.
    """

    name: str
    settings: type[object]
    build: Callable[..., PushTransport]
    capabilities: PushCapabilities = PushCapabilities()
    api: int = 1
