"""Every part of a kit, put together over one store."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, closing
from datetime import datetime
from typing import Final

from convokit.domain.rules import Practice
from convokit.effects import (
    AskPayment,
    FetchMedia,
    FileTranscript,
    Job,
    LookUpText,
    PollCarrier,
    ReleaseText,
    SendMail,
    SendPush,
)
from convokit.errors import NotFound
from convokit.media.builtin import media_url, open_media
from convokit.plugins.bounded import Bounded
from convokit.plugins.catalogue import Catalogue
from convokit.ports.dispatcher import Dispatcher
from convokit.ports.media import MediaStore
from convokit.ports.store import Store
from convokit.records.builtin import folder_records
from convokit.runtime.arriving import Arriving
from convokit.runtime.ask_payment import PaymentAsker
from convokit.runtime.asking import Carriers, TextAsker
from convokit.runtime.checks_kit import check_callable, check_public_url
from convokit.runtime.circuits import Circuits
from convokit.runtime.dispatchers import LONGEST_END_SECONDS, connected
from convokit.runtime.documents import Documents, TranscriptSettings, check_settings
from convokit.runtime.exchanging import Exchanging
from convokit.runtime.export.place import Place
from convokit.runtime.fetching.client import MediaClient, check_private_hosts
from convokit.runtime.fetching.performing import MediaPerformer
from convokit.runtime.files import Files
from convokit.runtime.filing import FilingPerformer
from convokit.runtime.gateways import Gateways
from convokit.runtime.jobs import JobPerformer, Jobs
from convokit.runtime.mailers import Mailers
from convokit.runtime.mails.performing import MailPerformer
from convokit.runtime.media_front import MediaFront
from convokit.runtime.media_links import Links
from convokit.runtime.payment_front import PaymentFront
from convokit.runtime.payment_providers import PaymentProviders
from convokit.runtime.payment_webhooks import PaymentWebhooks
from convokit.runtime.perform import Performer
from convokit.runtime.plugin_limits import PluginLimits, check_limits
from convokit.runtime.polling import CarrierPoller
from convokit.runtime.push_performing import PushPerformer
from convokit.runtime.push_transports import PushTransports
from convokit.runtime.releasing import TextReleaser
from convokit.runtime.sessions import SessionKeeper, Sessions
from convokit.runtime.steps import Steps
from convokit.runtime.timekeeping import Timekeeper
from convokit.runtime.webhooks import Webhooks
from convokit.runtime.within import is_within
from convokit.runtime.worker import Worker
from convokit.runtime.world import World, random_id, system_clock
from convokit.stores.builtin import open_store

_FRESH_SECONDS: Final = 5.0


class KitParts:
    """What a kit stands on: the store and everything around it."""

    def __init__(
        self,
        url: str,
        *,
        plugins: Iterable[str | object] = (),
        settings: Mapping[str, Mapping[str, object]] | None = None,
        public_url: str | None = None,
        media: str | None = None,
        private_media_hosts: Iterable[str] = (),
        transcripts: TranscriptSettings | None = None,
        records: str | None = None,
        plugin_limits: PluginLimits | None = None,
        clock: Callable[[], datetime] = system_clock,
        fresh_id: Callable[[str], str] = random_id,
    ) -> None:
        """See :func:`convokit.open`."""
        check_public_url(public_url)
        check_callable(clock, "clock", "clock.type")
        check_callable(fresh_id, "fresh_id", "fresh_id.type")
        client = MediaClient(private=check_private_hosts(private_media_hosts))
        settled = check_settings(transcripts)
        limits = check_limits(plugin_limits)
        self.world: World = World(clock=clock, fresh_id=fresh_id)
        self.circuits: Circuits = Circuits(limits.circuit, self.world.now_us)
        calls = Bounded(seconds=limits.seconds, most_lost=limits.most_lost, here=is_within)
        self.catalogue: Catalogue = Catalogue(plugins, records=folder_records(records, url), calls=calls)
        known = self.catalogue.check_settings({} if settings is None else settings)
        with ExitStack() as opened:
            self.store: Store = opened.enter_context(closing(open_store(url, self.catalogue.stores)))
            self._place = Place(store=url, media=media_url(media, url), transcripts=settled)
            where = open_media(self._place.media, self.catalogue.media_stores)
            if where is not None:
                opened.enter_context(closing(where))
            self.documents: Documents = Documents(self.store, where, settled)
            self._assemble(where, client, known, public_url)
            opened.pop_all()  # they are the kit's now; what goes wrong before leaves nothing open

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
        self._arriving = Arriving(self.steps, self.catalogue, self.world)
        self._sessions = Sessions(self._arriving, self.known_practice)
        self.gateways: Gateways = Gateways(
            self.store, self.catalogue, self.world, self._sessions, public_url=public_url, settings=known
        )
        links = Links(self.store, self.world, public_url=public_url)
        self.files: Files = Files(self.store, where, self.gateways, links, self.world)
        self._media = MediaFront(self.files, links, self.world)
        self.performer: Performer = Performer(self.steps, self.gateways, self.files, self.world, self.circuits)
        self.mailers: Mailers = Mailers(self.catalogue, settings=known)
        self.timekeeper: Timekeeper = Timekeeper(self.steps, self.world)
        self.payment_providers: PaymentProviders = PaymentProviders(
            self.store, self.catalogue, self.world, public_url=public_url, settings=known
        )
        self.push_transports: PushTransports = PushTransports(self.catalogue, settings=known)
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
            look_at_sessions=SessionKeeper(self.store, self.gateways, self.catalogue.gateways).look,
            circuits=self.circuits,
        )
        self.dispatcher: Dispatcher = connected(self.steps, self.worker, known, self._place.store)
        self._webhooks = self._make_webhooks()
        self._payment_front = PaymentFront(self.steps, self.payment_providers, self.world, practice=self.known_practice)
        self._practices: dict[str, tuple[Practice, float]] = {}

    def _performers(self, client: MediaClient) -> dict[type[Job], JobPerformer]:
        """Who does the jobs, by kind."""
        carriers = Carriers(self.gateways, self.exchanging.client)
        poller = CarrierPoller(self.steps, carriers, self._arriving, self.world)
        self.gateways.begins = poller.begins
        return {
            SendMail: MailPerformer(self.store, self.mailers, self.documents, self.world, self.circuits),
            AskPayment: PaymentAsker(
                self.store, self.payment_providers, self.world, self.exchanging.client, self.circuits
            ),
            FetchMedia: MediaPerformer(self.files, self.gateways, client, self.world),
            LookUpText: TextAsker(self.store, carriers, self.performer, self._arriving, self.world),
            ReleaseText: TextReleaser(self.world),
            PollCarrier: poller,
            FileTranscript: FilingPerformer(self.documents, self.catalogue.records, self.world, self.circuits),
            SendPush: PushPerformer(self.store, self.push_transports, self.world, self.exchanging.client),
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
        self._remember(found)
        return found

    def _remember(self, practice: Practice) -> None:
        if not is_within():  # it may be rolled back
            self._practices[practice.id] = practice, time.monotonic()

    def close(self) -> None:
        """Stop the worker, wait for what it has begun, and release everything. Calling it twice is fine."""
        self.dispatcher.stop()
        self.dispatcher.wait(LONGEST_END_SECONDS)
        self._sessions.close()
        self.exchanging.close()
        self.catalogue.measures.close()
        self.catalogue.calls.close()
        self.files.close()
        self.store.close()
