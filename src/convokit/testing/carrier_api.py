"""A carrier's HTTP API, pretended on this machine, with a ledger of what it truly took."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Literal

from attrs import field, frozen

from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.runtime.world import system_clock
from convokit.testing.loopback import Ledger, LoopbackServer

Host = Callable[[HttpRequest], HttpResponse]
"""Who answers callbacks: ``kit.front``."""


@frozen(kw_only=True)
class Left:
    """One text that the carrier took: it will reach the client, whatever the sender was told.

    Attributes:
        id: the carrier's own id of it.
        sender, to, text: as they were given.
        media: the URLs of the files that go with it.
        callback: where the carrier is to report, if it was told.
        own_id: the sender's id of it, where the carrier keeps one.
    """

    id: str
    sender: str
    to: str
    text: str = field(repr=False)
    media: tuple[str, ...] = ()
    callback: str | None = None
    own_id: str | None = None


class CarrierApi(LoopbackServer):
    """Base of the pretended carriers. A good one refuses what the real one is documented to refuse.

    Attributes:
        plugin: what the host enables: the name of an installed plugin, or a plugin.
        name: what its gateway is called.
        ledger: what was taken, in order.
        host: who answers its callbacks; nobody at first.
    """

    plugin: str | object
    name: str

    def __init__(self) -> None:
        self.ledger: Ledger[Left] = Ledger()
        self.host: Host | None = None
        self.now: Callable[[], datetime] = system_clock
        """What its clock says, UTC."""
        self.proxy_url: str | None = None
        """Where a proxy before it listens."""
        self.hook = ""
        """Where clients' texts are reported: what the practice enters at the carrier."""

    @property
    def seen_at(self) -> str:
        """The beginning of the URLs that it makes of itself: those of its files."""
        return self.proxy_url or self.url

    def settings(self, url: str) -> Mapping[str, object]:
        """The settings with which the plugin speaks to this carrier at ``url``: its own, or a proxy's before it."""
        raise NotImplementedError(
            "fill in settings: return the settings with which the plugin reaches url, secrets included"
        )

    def report(self, left: Left, state: Literal["sent", "delivered", "failed"]) -> HttpResponse:
        """Report on a text. Returns the host's answer."""
        raise NotImplementedError(
            "fill in report: call back as the carrier does about a text: self.call(...), signed, to left.callback"
        )

    def bring(self, sender: str, to: str, text: str, *files: bytes) -> HttpResponse:
        """A client writes, and the carrier tells the host. Returns the host's answer.

        ``files`` come with it: needed where the gateway declares ``media_hosts``.
        """
        raise NotImplementedError(
            "fill in bring: call back as the carrier does with a client's text: self.call(...), signed, to self.hook"
        )

    def keep(self, sender: str, to: str, text: str, *files: bytes) -> None:
        """A client writes, and the callback to the host is lost. Needed where the gateway can be polled."""
        raise NotImplementedError("fill in keep: note a client's text, so that a poll finds it; call nobody")

    def know(self, left: Left, state: Literal["sent", "delivered", "failed"]) -> None:
        """What became of a text, and the report about it is lost. Needed where the gateway can be asked."""
        raise NotImplementedError("fill in know: note what became of a text, so that a question finds it; call nobody")

    def opt_out(self, number: str) -> None:
        """The carrier keeps a list of its own, and this number is on it from now on.

        Raises:
            NotImplementedError: this carrier keeps none.
        """
        raise NotImplementedError

    def call(self, request: HttpRequest) -> HttpResponse:
        """Make a callback."""
        assert self.host is not None, "nobody listens to this carrier"
        return self.host(request)
