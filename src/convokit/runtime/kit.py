"""The kit: one per process. It opens the store, loads the plugins, and hands out a desk per practice."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from convokit.domain.rules import Practice
from convokit.errors import ConfigurationError, Conflict, NotFound
from convokit.plugins.catalogue import Catalogue
from convokit.ports.store import Store
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.runtime.checks import check_request
from convokit.runtime.checks_practice import check_practice
from convokit.runtime.desk import PracticeDesk
from convokit.runtime.drivers import Exchange
from convokit.runtime.gateways import Gateways
from convokit.runtime.perform import Performer
from convokit.runtime.steps import Steps
from convokit.runtime.webhooks import Webhooks
from convokit.runtime.worker import Worker, WorkReport
from convokit.runtime.world import World, random_id, system_clock
from convokit.stores.builtin import open_store

if TYPE_CHECKING:
    from convokit.runtime.http import BlockingHttp

_FRESH_SECONDS: Final = 5.0
_LOCAL: Final = {"127.0.0.1", "localhost", "::1"}


class Convokit:
    """What :func:`convokit.open` returns. Thread-safe; use it as a context manager or call :meth:`close`."""

    def __init__(
        self,
        url: str,
        *,
        plugins: Iterable[str | object] = (),
        settings: Mapping[str, Mapping[str, object]] | None = None,
        public_url: str | None = None,
        clock: Callable[[], datetime] = system_clock,
        fresh_id: Callable[[str], str] = random_id,
    ) -> None:
        """See :func:`convokit.open`."""
        _check_public_url(public_url)
        _check_callable(clock, "clock", "clock.type")
        _check_callable(fresh_id, "fresh_id", "fresh_id.type")
        self.world: World = World(clock=clock, fresh_id=fresh_id)
        self.catalogue: Catalogue = Catalogue(plugins)
        known = self.catalogue.check_settings({} if settings is None else settings)
        self.store: Store = open_store(url, self.catalogue.stores)
        self.steps: Steps = Steps(self.store, self.catalogue)
        self.gateways: Gateways = Gateways(
            self.store, self.catalogue, self.world, public_url=public_url, settings=known
        )
        self.performer: Performer = Performer(self.steps, self.gateways, self.world)
        self.worker: Worker = Worker(
            self.store, self.performer, self.world, practice=self.known_practice, exchange=self._exchange
        )
        self._webhooks = Webhooks(self.steps, self.gateways, self.catalogue, self.world, practice=self.known_practice)
        self._practices: dict[str, tuple[Practice, float]] = {}
        self._http: BlockingHttp | None = None
        self._lock = threading.Lock()

    def add_practice(self, practice: Practice) -> Practice:
        """Add a practice, or replace its settings. Returns it with its numbers in E.164.

        Raises:
            InvalidInput: a field of the practice or of its rules; ``field`` names it, ``limit`` says what fits.
            ConfigurationError: ``time.zone``.
            Conflict: ``practice.number_taken``: another practice has one of the numbers.
        """
        checked = check_practice(practice)
        self._refuse_taken(checked)
        self.store.put_practice(checked)
        self._practices[checked.id] = checked, time.monotonic()
        return checked

    def _refuse_taken(self, practice: Practice) -> None:
        """A number belongs to one practice: nobody could tell whom a client's text to it is for."""
        known = self.store.practice(practice.id)
        fresh = {*practice.numbers} - {*(() if known is None else known.numbers)}
        # A host adds all its practices at each start: only numbers that are new cost a look at the others.
        others = (other for other in self.store.practices() if other.id != practice.id) if fresh else ()
        taken = fresh.intersection(number for other in others for number in other.numbers)
        if taken:
            raise Conflict(
                "practice.number_taken",
                f"another practice has this number: {', '.join(sorted(taken))}",
                field="practice.numbers",
                limit="1 practice per number",
            )

    def practices(self) -> tuple[Practice, ...]:
        """All practices, by id."""
        return self.store.practices()

    def practice(self, practice_id: str) -> PracticeDesk:
        """The desk of one practice; everything it returns is that practice's own.

        Raises:
            NotFound: ``practice.unknown``.
        """
        practice = self._find(practice_id)
        return PracticeDesk(practice, self.steps, self.world)

    def known_practice(self, practice_id: str) -> Practice:
        """A practice as it stands, or stood at most five seconds ago: another process may have changed its rules.

        Raises:
            NotFound: ``practice.unknown``.
        """
        if isinstance(practice_id, str) and practice_id in self._practices:
            practice, seen = self._practices[practice_id]
            if time.monotonic() - seen < _FRESH_SECONDS:
                return practice
        return self._find(practice_id)

    def _find(self, practice_id: str) -> Practice:
        found = self.store.practice(practice_id) if isinstance(practice_id, str) else None
        if found is None:
            raise NotFound("practice.unknown", "no such practice; add_practice first", field="practice_id")
        self._practices[found.id] = found, time.monotonic()
        return found

    def work(self) -> WorkReport:
        """Perform what is owed and due, once, in this thread. Settles what a dead worker left behind."""
        return self.worker.work()

    def run(self, *, threads: int = 4, idle_seconds: float = 0.2) -> None:
        """Be the worker: perform what is owed until :meth:`stop` is called from elsewhere."""
        self.worker.run(threads=threads, idle_seconds=idle_seconds)

    def stop(self) -> None:
        """Make :meth:`run` return when what it has begun is settled."""
        self.worker.stop()

    def webhook(self, request: HttpRequest) -> HttpResponse:
        """Answer a provider. A 2xx is returned only after everything in the request is committed and synced.

        Raises:
            InvalidInput: ``request.type``: not an :class:`HttpRequest`. Never for what a provider sends.
        """
        return self._webhooks.answer(check_request(request))

    def webhook_path(self, practice_id: str) -> str:
        """The secret last part of the URL that the practice's carrier calls.

        Raises:
            ConfigurationError: ``sms.no_gateway`` when no carrier is enabled.
            NotFound: ``practice.unknown``.
        """
        carrier = self.gateways.of(self._find(practice_id).id)
        if carrier is None:
            raise ConfigurationError("sms.no_gateway", "no texting carrier is enabled", field="plugins")
        return carrier.endpoint.token

    def webhook_url(self, practice_id: str) -> str | None:
        """The URL to enter at the practice's carrier; its last part is secret. ``None`` without a public URL.

        Raises:
            ConfigurationError, NotFound: as :meth:`webhook_path`.
        """
        return self.gateways.public_url_of(self.webhook_path(practice_id), "")

    def now(self) -> datetime:
        """The kit's present moment, aware."""
        return self.world.clock()

    def plugin(self, name: str) -> object:
        """An enabled plugin by name.

        Raises:
            ConfigurationError: ``plugin.not_enabled``.
        """
        return self.catalogue.plugin(name)

    def _exchange(self) -> Exchange:
        with self._lock:
            if self._http is None:
                from convokit.runtime.http import BlockingHttp  # slow to import: only when a carrier speaks HTTP

                self._http = BlockingHttp()
            return self._http

    def close(self) -> None:
        """Stop the worker, wait for what it has begun, and release everything. Calling it twice is fine."""
        self.stop()
        self.worker.wait()
        with self._lock:
            if self._http is not None:
                self._http.close()
                self._http = None
        self.store.close()

    def __enter__(self) -> Convokit:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _check_public_url(url: str | None) -> None:
    """Providers send messages of clients to it: https, except on this machine."""
    if url is None:
        return
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
    except ValueError:  # half an IPv6 address
        parts = urlsplit("")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
        raise ConfigurationError(
            "public_url.scheme", "public_url must be https (http only on this machine)", field="public_url"
        )
    if parts.query or parts.fragment:
        raise ConfigurationError("public_url.query", "public_url has no query and no fragment", field="public_url")


def _check_callable(given: object, field: str, code: str) -> None:
    if not callable(given):
        raise ConfigurationError(code, f"{field}= is a function", field=field, limit="callable")
