"""The kit: one per process. It opens the store, loads the plugins, and hands out a desk per practice."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Final

from convokit.domain.department_rules import dropped
from convokit.domain.inbox import Badges
from convokit.domain.rules import Practice
from convokit.effects import AskPayment, FetchMedia, Job, LookUpText, PollCarrier, SendMail
from convokit.errors import ConfigurationError, Conflict, NotFound
from convokit.media.builtin import media_url, open_media
from convokit.plugins.catalogue import Catalogue
from convokit.ports.dispatcher import Dispatcher
from convokit.ports.media import MediaStore
from convokit.ports.store import Store
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.runtime.arriving import Arriving
from convokit.runtime.ask_payment import PaymentAsker
from convokit.runtime.asking import Carriers, TextAsker
from convokit.runtime.checks import check_request
from convokit.runtime.checks_departments import check_visible
from convokit.runtime.checks_kit import check_callable, check_public_url
from convokit.runtime.checks_practice import check_practice
from convokit.runtime.desk import PracticeDesk
from convokit.runtime.dispatchers import LONGEST_END_SECONDS, connected
from convokit.runtime.exchanging import Exchanging
from convokit.runtime.fetching.client import MediaClient, check_private_hosts
from convokit.runtime.fetching.performing import MediaPerformer
from convokit.runtime.files import Files
from convokit.runtime.gateways import Gateways
from convokit.runtime.jobs import JobPerformer, Jobs
from convokit.runtime.mailers import Mailers
from convokit.runtime.mails.performing import MailPerformer
from convokit.runtime.media_front import MediaFront, is_for_media
from convokit.runtime.media_links import Links
from convokit.runtime.payment_providers import PaymentProviders
from convokit.runtime.payment_webhooks import PaymentWebhooks
from convokit.runtime.perform import Performer
from convokit.runtime.polling import CarrierPoller
from convokit.runtime.steps import Steps
from convokit.runtime.timekeeping import Timekeeper
from convokit.runtime.webhooks import Webhooks
from convokit.runtime.worker import Worker, WorkReport
from convokit.runtime.world import World, random_id, system_clock
from convokit.stores.builtin import open_store

if TYPE_CHECKING:
    from convokit.runtime.export.running import ExportProgress, ExportReport

_FRESH_SECONDS: Final = 5.0


class Convokit:
    """What :func:`convokit.open` returns. Thread-safe; use it as a context manager or call :meth:`close`."""

    def __init__(
        self,
        url: str,
        *,
        plugins: Iterable[str | object] = (),
        settings: Mapping[str, Mapping[str, object]] | None = None,
        public_url: str | None = None,
        media: str | None = None,
        private_media_hosts: Iterable[str] = (),
        clock: Callable[[], datetime] = system_clock,
        fresh_id: Callable[[str], str] = random_id,
    ) -> None:
        """See :func:`convokit.open`."""
        check_public_url(public_url)
        check_callable(clock, "clock", "clock.type")
        check_callable(fresh_id, "fresh_id", "fresh_id.type")
        client = MediaClient(private=check_private_hosts(private_media_hosts))
        self.world: World = World(clock=clock, fresh_id=fresh_id)
        self.catalogue: Catalogue = Catalogue(plugins)
        known = self.catalogue.check_settings({} if settings is None else settings)
        self.store: Store = open_store(url, self.catalogue.stores)
        self._url = url
        try:
            where = open_media(media_url(media, url), self.catalogue.media_stores)
        except BaseException:
            self.store.close()
            raise
        self._assemble(where, client, known, public_url)

    def _assemble(
        self,
        where: MediaStore | None,
        client: MediaClient,
        known: Mapping[str, Mapping[str, object]],
        public_url: str | None,
    ) -> None:
        """Everything around the store."""
        self.exchanging: Exchanging = Exchanging()
        self.steps: Steps = Steps(self.store, self.catalogue)
        self.gateways: Gateways = Gateways(
            self.store, self.catalogue, self.world, public_url=public_url, settings=known
        )
        links = Links(self.store, self.world, public_url=public_url)
        self.files: Files = Files(self.store, where, self.gateways, links, self.world)
        self._media = MediaFront(self.files, links, self.world)
        self.performer: Performer = Performer(self.steps, self.gateways, self.files, self.world)
        self.mailers: Mailers = Mailers(self.catalogue, settings=known)
        self.timekeeper: Timekeeper = Timekeeper(self.steps, self.world)
        self.payment_providers: PaymentProviders = PaymentProviders(
            self.store, self.catalogue, self.world, public_url=public_url, settings=known
        )
        self._arriving = Arriving(self.steps, self.catalogue, self.world)
        self.jobs: Jobs = Jobs(self.steps, self.world, self._performers(client))
        self.worker: Worker = Worker(
            self.store,
            self.performer,
            self.jobs,
            self.timekeeper,
            self.files,
            self.world,
            practice=self.known_practice,
            exchange=self.exchanging.client,
        )
        self.dispatcher: Dispatcher = connected(self.steps, self.worker, known)
        self._webhooks = self._make_webhooks()
        self._practices: dict[str, tuple[Practice, float]] = {}

    def _performers(self, client: MediaClient) -> dict[type[Job], JobPerformer]:
        """Who does the jobs, by kind."""
        carriers = Carriers(self.gateways, self.exchanging.client)
        poller = CarrierPoller(self.steps, carriers, self._arriving, self.world)
        self.gateways.begins = poller.begins
        return {
            SendMail: MailPerformer(self.store, self.mailers, self.world),
            AskPayment: PaymentAsker(self.store, self.payment_providers, self.world, self.exchanging.client),
            FetchMedia: MediaPerformer(self.files, self.gateways, client, self.world),
            LookUpText: TextAsker(self.store, carriers, self.performer, self._arriving, self.world),
            PollCarrier: poller,
        }

    def _make_webhooks(self) -> Webhooks:
        return Webhooks(
            self.steps,
            self.gateways,
            self._arriving,
            self.world,
            practice=self.known_practice,
            payments=PaymentWebhooks(self.steps, self.payment_providers, self.world),
        )

    def add_practice(self, practice: Practice) -> Practice:
        """Add a practice, or replace its settings. Returns it with its numbers in E.164.

        Raises:
            InvalidInput: a field of the practice or of its rules; ``field`` names it, ``limit`` says what fits.
            ConfigurationError: ``time.zone``.
            Conflict: ``practice.number_taken``: another practice has one of the numbers. ``department.in_use``: a
                department that is no longer there has open conversations.
        """
        checked = check_practice(practice)
        self._refuse_taken(checked)
        self._refuse_in_use(checked)
        self.store.put_practice(checked, plan=self.timekeeper.plan_for(checked))
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

    def _refuse_in_use(self, practice: Practice) -> None:
        """A department with open conversations stays, or nobody would look after them."""
        known = self.store.practice(practice.id)
        gone = () if known is None else dropped(known.rules, practice.rules)
        for one in gone:
            count = self.store.open_in_department(practice.id, one.id)
            if count:
                raise Conflict(
                    "department.in_use",
                    f"department {one.name!r} has open conversations ({Badges.shown(count)}); move or end them first",
                    field="rules.departments",
                    limit=one.id,
                )

    def practices(self) -> tuple[Practice, ...]:
        """All practices, by id."""
        return self.store.practices()

    def practice(self, practice_id: str, *, departments: Iterable[str] | None = None) -> PracticeDesk:
        """The desk of one practice; everything it returns is that practice's own.

        Args:
            departments: ids of the departments whose conversations this desk sees (``""`` is the default one): to it,
                those of others are not there. ``None``: all of them, also of departments that are gone.

        Raises:
            NotFound: ``practice.unknown``.
            InvalidInput: ``departments.type``, ``department.unknown``.
        """
        practice = self._find(practice_id)
        visible = None if departments is None else check_visible(departments, practice.rules)
        return PracticeDesk(practice, self.steps, self.world, self.files, self.payment_providers, visible=visible)

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
        self.dispatcher.run(threads=threads, idle_seconds=idle_seconds)

    def stop(self) -> None:
        """Make :meth:`run` return when what it has begun is settled."""
        self.dispatcher.stop()

    def webhook(self, request: HttpRequest) -> HttpResponse:
        """Answer a provider. A 2xx is returned only after everything in the request is committed and synced.

        Raises:
            InvalidInput: ``request.type``: not an :class:`HttpRequest`. Never for what a provider sends.
        """
        return self._webhooks.answer(check_request(request))

    def media(self, request: HttpRequest) -> HttpResponse:
        """Answer a request for a file by a signed link, whose last part says everything; mount it under ``/media/``.

        A browser that opens a file runs nothing of it. 404 for what is no link, 410 for one that no longer holds.

        Raises:
            InvalidInput: ``request.type``: not an :class:`HttpRequest`. Never for what a client sends.
        """
        return self._media.answer(check_request(request))

    def front(self, request: HttpRequest) -> HttpResponse:
        """:meth:`media` for a request under ``/media/``, else :meth:`webhook`: everything that comes from outside.

        Raises:
            InvalidInput: ``request.type``: not an :class:`HttpRequest`.
        """
        checked = check_request(request)
        return self._media.answer(checked) if is_for_media(checked.url) else self._webhooks.answer(checked)

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

    def payment_webhook_path(self, practice_id: str) -> str:
        """The secret last part of the URL that the practice's payment provider calls.

        Raises:
            ConfigurationError: ``payments.no_provider`` when no payment provider is enabled.
            NotFound: ``practice.unknown``.
        """
        found = self.payment_providers.of(self._find(practice_id).id)
        if found is None:
            raise ConfigurationError("payments.no_provider", "no payment provider is enabled", field="plugins")
        return found.endpoint.token

    def payment_webhook_url(self, practice_id: str) -> str | None:
        """The URL to enter at the practice's payment provider; its last part is secret. ``None`` without a public URL.

        Raises:
            ConfigurationError, NotFound: as :meth:`payment_webhook_path`.
        """
        return self.gateways.public_url_of(self.payment_webhook_path(practice_id), "")

    def now(self) -> datetime:
        """The kit's present moment, aware."""
        return self.world.clock()

    def export_transcripts(
        self,
        folder: str | os.PathLike[str],
        *,
        practice_id: str | None = None,
        format: str = "pdf",  # noqa: A002 - what people call it
        since: datetime | None = None,
        before: datetime | None = None,
        client_id: str | None = None,
        patient_id: str | None = None,
        state: str | None = None,
        processes: int | None = 1,
        progress: Callable[[ExportProgress], None] | None = None,
    ) -> ExportReport:
        """Write the transcripts of many conversations into a folder, with a manifest (``manifest.jsonl``).

        Called again with the same folder it goes on: files that are there, whole, and of conversations that have not
        changed since, are kept. A conversation that cannot be written is in the report and stops nothing.

        Args:
            practice_id: one practice; default all.
            format: ``"pdf"``, ``"html"``, ``"json"`` or ``"txt"``.
            since, before: aware; conversations with a message, a start or an end at or after ``since``, and begun
                before ``before``.
            client_id, patient_id: the host's ids.
            state: ``"open"`` or ``"ended"``; default both.
            processes: how many write, on a SQLite database; ``None``: as many as there are cores. They are started
                anew, so a script that asks for several stands under ``if __name__ == "__main__":``.
            progress: called again and again in this thread.

        Raises:
            InvalidInput: ``export...``, ``time.naive``.
            NotFound: ``practice.unknown``.
            Conflict: ``export.running``: another export writes into the folder.
            StorageError: ``export.not_written``, ``export.process``, ``storage...``; the next call goes on.
        """
        from convokit.runtime.export.asking import check_folder, check_processes, wanted
        from convokit.runtime.export.running import export

        if progress is not None:
            check_callable(progress, "progress", "export.progress")
        practices = self.store.practices() if practice_id is None else (self._find(practice_id),)
        asked = wanted(
            practices,
            format=format,
            since=since,
            before=before,
            client_id=client_id,
            patient_id=patient_id,
            state=state,
        )
        shared = self._url if self._url.startswith("sqlite:") else None
        many = check_processes(processes)
        return export(self.store, asked, check_folder(folder), url=shared, processes=many, progress=progress)

    def plugin(self, name: str) -> object:
        """An enabled plugin by name.

        Raises:
            ConfigurationError: ``plugin.not_enabled``.
        """
        return self.catalogue.plugin(name)

    def close(self) -> None:
        """Stop the worker, wait for what it has begun, and release everything. Calling it twice is fine."""
        self.stop()
        self.dispatcher.wait(LONGEST_END_SECONDS)
        self.exchanging.close()
        self.files.close()
        self.store.close()

    def __enter__(self) -> Convokit:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
