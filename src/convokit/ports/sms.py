"""What a texting carrier must be able to do.

A gateway is *sans-I/O*: it turns values into values and never opens a socket. ``send`` is a generator that yields
:class:`~convokit.ports.wire.HttpRequest` and is sent back the answer, so one plugin serves blocking and asyncio
hosts and is tested with plain values. A carrier whose protocol is a connection that stays open is the exception:
:mod:`convokit.ports.sms_session`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar, runtime_checkable

from attrs import field, frozen

from convokit.domain.attachment import MediaLimits
from convokit.outcomes import Outcome
from convokit.ports.wire import UNREADABLE, HttpRequest, HttpResponse, NoAnswer

if TYPE_CHECKING:
    from convokit.ports.sms_session import SmsSession

Conversation = Generator[HttpRequest, HttpResponse | NoAnswer, Outcome]
"""The exchange with a provider that one send takes."""


@frozen(kw_only=True)
class Capabilities:
    """What a gateway declares; the contract kit makes it show each of them."""

    delivery_reports: bool = True
    inbound: bool = True
    answers_stop: bool = False
    """The carrier itself confirms a STOP: convokit then sends no confirmation."""
    answers_help: bool = False
    idempotent_send: bool = False
    """Sending twice with one id sends once, for a day at least: an uncertain send is repeated by itself."""
    looks_up: bool = False
    """It can be asked for a text whose answer was lost: :class:`convokit.ports.sms_asking.LooksUp`."""
    keeps_session: bool = False
    """It is built as a :class:`convokit.ports.sms_session.SmsSession`: no webhooks, a connection of its own."""
    polls: bool = False
    """It can be asked for what came and went since a moment: :class:`convokit.ports.sms_asking.Polls`."""
    mms: MediaLimits | None = None
    """The files that it takes with a text, as URLs that it fetches; what does not fit goes as a link in the text."""
    media_hosts: tuple[str, ...] = ()
    """Hosts that files of clients are fetched from, redirects included: ``"api.example"``, ``"*.cdn.example"``."""


@frozen(kw_only=True)
class OutboundFile:
    """A file that goes with a text (MMS).

    Attributes:
        url: absolute; whoever fetches it within ``Rules.link_hours`` gets the file. It is a secret.
        media_type, size, sha256: what is there to fetch; the digest in hex.
        name: its label, any characters.
    """

    url: str = field(repr=False)
    media_type: str
    size: int
    sha256: str
    name: str = field(repr=False)


@frozen(kw_only=True)
class OutboundText:
    """One text to hand over.

    Attributes:
        id: our own id of this attempt, unique per practice, URL-safe; put it where the callback brings it back.
        sender: the practice's number, E.164.
        to: the client's number, E.164.
        text: the whole text, any characters; the gateway chooses the encoding. It may be empty if there are files.
        callback_url: absolute URL for this practice's webhooks of this gateway, or ``None`` when the host has none.
        media: files that go with it, within what :attr:`Capabilities.mms` declares.
    """

    id: str
    sender: str
    to: str
    text: str = field(repr=False)
    callback_url: str | None = field(default=None, repr=False)
    media: tuple[OutboundFile, ...] = ()


@frozen(kw_only=True)
class InboundFile:
    """A file that came with a text (MMS), and that is still at the provider."""

    url: str = field(repr=False)
    """Where to fetch it: https, on one of :attr:`Capabilities.media_hosts`."""
    name: str = field(default="", repr=False)
    """Its label, if the provider tells. What it is, its content says."""
    sha256: str = ""
    """The digest of its bytes in hex, if the provider tells: a file with another one is not taken."""


@frozen(kw_only=True)
class InboundText:
    """A text from a client, as a gateway read it from a webhook."""

    provider_id: str
    """The provider's id of the text: the key under which repeated deliveries are recognised."""
    sender: str
    """Who wrote it, as given by the provider (normalised later)."""
    to: str
    """The practice's number, as given by the provider."""
    text: str = field(repr=False)
    sent_at: int | None = None
    """Microseconds since the epoch, UTC, if the provider tells; shown, never used for order."""
    raw: str = field(default="", repr=False)
    media: tuple[InboundFile, ...] = ()
    """Files that came with it; the text may be empty then."""


@frozen(kw_only=True)
class DeliveryReport:
    """News of a text that was handed over, as a gateway read it from a webhook.

    ``state`` is ``None`` for a word the gateway does not know: it is kept raw and moves no check.
    """

    attempt_id: str | None
    """Our own id (:attr:`OutboundText.id`) if the provider gave it back."""
    provider_id: str | None
    """The provider's id of the text if there is one."""
    state: Literal["sent", "delivered", "failed"] | None
    reason: str | None = None
    """A category of :mod:`convokit.domain.reasons`, for ``failed``."""
    raw: str = field(default="", repr=False)
    """The provider's own word and code."""
    event_id: str = ""
    """Identity of the report for recognising repetitions; empty: (state, reason, raw) is the identity."""


Event = InboundText | DeliveryReport


@frozen(kw_only=True)
class Verified:
    """The request is the provider's own. ``answer`` is sent after everything in ``events`` is committed."""

    events: tuple[Event, ...]
    answer: HttpResponse = HttpResponse(status=200)


@frozen(kw_only=True)
class Unverified:
    """The signature or password does not fit. Nothing is parsed, stored or logged.

    ``answer``: a bare 403; a bare 5xx for providers that then repeat the request with a signature.
    """

    why: str
    answer: HttpResponse = field(default=HttpResponse(status=403), repr=False)


@frozen(kw_only=True)
class Unreadable:
    """Verified, but not understood. Kept raw, then answered with ``answer``.

    By default 400 with the code ``webhook.unreadable``; a 2xx for providers that would repeat the request for ever.
    """

    why: str
    answer: HttpResponse = UNREADABLE


WebhookReading = Verified | Unverified | Unreadable


class SmsGateway(Protocol):
    """A carrier, built for one practice and one set of settings."""

    def send(self, message: OutboundText) -> Conversation:
        """Hand one text over. Must not raise for anything a provider can do; must not sleep or do I/O."""
        ...

    def read_webhook(self, request: HttpRequest) -> WebhookReading:
        """Verify ``request`` on its raw bytes, then read it. Pure."""
        ...


Settings = TypeVar("Settings")


@runtime_checkable
class FetchesMedia(Protocol):
    """What a gateway also has if the files of its provider are not to be had without credentials."""

    def media_request(self, url: str) -> HttpRequest:
        """The GET for a file. Its headers go to this URL's host only, never along a redirect. Pure."""
        ...


@frozen(kw_only=True)
class SmsGatewayOffer:
    """What ``convokit_sms_gateways`` returns: a recipe, not an instance.

    Attributes:
        name: how the host chooses it (``"kannel"``); unique over all enabled plugins.
        settings: a frozen attrs class; the practice's mapping is checked against it when the gateway is chosen.
            Secrets in it are a :class:`~convokit.ports.secret.Secret`.
        build: makes the gateway from an instance of ``settings``; an
            :class:`~convokit.ports.sms_session.SmsSession` where :attr:`Capabilities.keeps_session` is declared.
        api: the plugin interface version this was written for; this release speaks 1.
    """

    name: str
    settings: type[object]
    build: Callable[..., SmsGateway | SmsSession]
    capabilities: Capabilities = Capabilities()
    api: int = 1
