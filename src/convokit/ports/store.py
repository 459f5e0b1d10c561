"""What a store must be able to do. Small and blocking; every call takes the practice first, save the worker's.

Order keys: a store gives each conversation an increasing whole number, its *row*, which breaks ties. It never leaves
the store except inside a cursor.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol

from attrs import field, frozen

from convokit.decisions.base import Before, Decision, Needs
from convokit.domain.attachment import Upload
from convokit.domain.consent_ledger import Consent, ConsentEntry
from convokit.domain.conversation import Conversation, Entry
from convokit.domain.end_of_day import DayReport
from convokit.domain.planned_work import PlannedWork, WorkPlan
from convokit.domain.rules import Practice
from convokit.effects import OwedEffect, OwedJob
from convokit.facts import DeliveryReported, Fact
from convokit.ports.store_beside import GroupStore, HostStore, NewsStore, QueueStore
from convokit.ports.store_erasing import ErasingStore
from convokit.ports.store_lists import ListStore
from convokit.ports.store_payments import PaymentStore
from convokit.ports.store_people import PeopleStore
from convokit.ports.store_push import PushStore


@frozen(kw_only=True)
class Committed:
    """Everything is stored and synced.

    ``change`` is the practice's change number after it (0: nothing changed); ``named``: what it owes stands in the
    engine's queue too, see :meth:`convokit.ports.store_beside.QueueStore.carry`; ``parked``: reports may be
    :meth:`~Store.parked` under the id that a settlement named.
    """

    change: int
    named: bool = False
    parked: bool = field(default=True, eq=False)


@frozen(kw_only=True)
class Stale:
    """Somebody else wrote in between: load and decide again. Nothing was stored."""


@frozen(kw_only=True)
class SeenBefore:
    """This fact was committed before. Nothing was stored now.

    ``entry_id`` is the entry it made then; ``fingerprint`` tells whether it had the same content.
    """

    entry_id: str | None
    fingerprint: str


CommitResult = Committed | Stale | SeenBefore


@frozen(kw_only=True)
class Begun:
    """The lease on an effect is ours; ``effect.tries`` is the fence. ``entry`` is the message to hand over."""

    effect: OwedEffect
    entry: Entry


@frozen(kw_only=True)
class GateClosed:
    """The client opted out after this was owed. The effect *is* begun under ``effect.tries`` and must be settled."""

    effect: OwedEffect


@frozen(kw_only=True)
class AlreadyThere:
    """An earlier hand-over of this message reached the client: another one would be a double.

    The effect *is* begun under ``effect.tries`` and must be settled.
    """

    effect: OwedEffect


@frozen(kw_only=True)
class Endpoint:
    """Where a provider calls back: the opaque token of a webhook URL, of one practice and one provider."""

    token: str
    practice_id: str
    provider: str


class Store(
    ListStore,
    PeopleStore,
    PaymentStore,
    PushStore,
    ErasingStore,
    NewsStore,
    HostStore,
    GroupStore,
    QueueStore,
    Protocol,
):
    """Storage of everything. Raises :class:`~convokit.errors.StorageError` when it cannot, never half done.

    An unreadable consent row is an error, never "no opt-out"; so is a practice that is not there
    (:class:`~convokit.errors.NotFound` ``practice.unknown``, from every method for one practice but :meth:`practice`).
    """

    # --- practices -------------------------------------------------------------------------------------------------
    def put_practice(self, practice: Practice, *, plan: WorkPlan | None = None) -> None:
        """Add a practice, or replace its settings, and make a plan (:meth:`plan_work`) in the same transaction."""
        ...

    def practices(self) -> tuple[Practice, ...]:
        """All practices, by id."""
        ...

    def practice(self, practice_id: str) -> Practice | None:
        """One practice."""
        ...

    # --- the one write ---------------------------------------------------------------------------------------------
    def load(self, practice_id: str, needs: Needs) -> Before:
        """What a decision needs, read in one snapshot."""
        ...

    def load_for(self, practice_id: str, needs: Needs, identity: str) -> Before | SeenBefore:
        """The same for a fact with an identity; if such a one was committed before, what it made."""
        ...

    def commit(
        self,
        practice_id: str,
        before: Before,
        fact: Fact,
        decision: Decision,
        *,
        patience_ms: int = 10_000,
        looked: bool = False,
    ) -> CommitResult:
        """Store fact and decision in one transaction, all or nothing.

        Insert-once on ``fact.identity`` (``SeenBefore``; looked up by reading first, so that a repeated fact writes
        nothing; ``looked``: the caller has just done that, by :meth:`load_for`); compare-and-set on
        ``before.conversation.version`` (where the decision goes on with it) and on the consent that was loaded, on
        ``before.recent`` (where an automatic text is owed), one open conversation per address, and the settlement's
        fence (``Stale``). An answer that came too late to settle still gives the effect its provider's id, if it has
        none.
        A payment is written with its conversation, and a text that is withdrawn must not have been begun (``Stale``).
        Entries, deliveries, ledger lines and their projection, effects owed (``due_us`` 0: due at once, whatever the
        clock says later), reports that were parked under the id that a settlement names (they get their entry and
        attempt, see :meth:`settled_parked`), and one more on the
        practice's change number, stamped on the conversation.

        A decision that changes nothing writes only the fact's identity, if it has one, and no change number.

        Raises:
            StorageError: ``storage.busy`` after ``patience_ms``; ``storage.full``, ``storage.read_only``, ...
            Conflict: ``id.taken``: an id that should be fresh is in use at this practice.
            InvalidInput: ``storage.value``: it cannot be kept (a lone surrogate, in some stores a NUL, a number over 64
                bits). Nothing of that comes in through the front door.
        """
        ...

    def seen(self, practice_id: str, identity: str) -> SeenBefore | None:
        """What a fact with this identity made when it was committed; ``None`` if none was."""
        ...

    # --- effects owed ----------------------------------------------------------------------------------------------
    def due(self, now_us: int, limit: int, but: Collection[str] = ()) -> tuple[OwedEffect, ...]:
        """Owed effects whose time has come, of all practices but those named, oldest first.

        An effect behind an unsettled older one of its conversation is not due: order within a conversation holds.
        But the confirmation of an opt-out and the answer to HELP wait for no reply that nobody has begun.

        An effect that is due more than an hour after ``now_us`` is due now: nothing waits longer than an hour, so the
        clock went back since.
        """
        ...

    def abandoned(self, now_us: int, limit: int) -> tuple[OwedEffect, ...]:
        """Effects that were begun and whose lease has ended without a settlement.

        So has one that ends more than an hour after ``now_us``, and that of an effect that was begun more than a
        minute after ``now_us``: the clock went back since. A minute, because others begin effects between the
        caller's look at the clock and this call.
        """
        ...

    def begin(self, practice_id: str, key: str, now_us: int, lease_us: int) -> Begun | GateClosed | AlreadyThere | None:
        """Take the lease of a due effect (at most an hour long), and pass the opt-out gate, in one transaction.

        A message that the client has by evidence of an earlier hand-over is :class:`AlreadyThere`, opted out or not.
        ``None``: it is not owed any more, or somebody else has it. The returned effect has its ``tries`` one up.
        """
        ...

    def in_flight(self, practice_id: str, address: str) -> int:
        """How many hand-overs to this address are begun and not settled.

        Whatever their leases say: a hand-over that outlived its lease may still be running, until it, or whoever
        finds it :meth:`abandoned`, settles it.
        """
        ...

    def unsettled(self) -> int:
        """How many effects of all practices are not done."""
        ...

    # --- jobs ------------------------------------------------------------------------------------------------------
    def due_jobs(self, now_us: int, limit: int, but: Collection[str] = ()) -> tuple[OwedJob, ...]:
        """Owed jobs whose time has come, of all practices but those named, oldest first. No job waits for another one.

        What is due more than an hour after ``now_us`` is due now, as in :meth:`due`.
        """
        ...

    def abandoned_jobs(self, now_us: int, limit: int) -> tuple[OwedJob, ...]:
        """Jobs that were begun and not settled, by the rules of :meth:`abandoned`."""
        ...

    def begin_job(self, practice_id: str, key: str, now_us: int, lease_us: int) -> OwedJob | None:
        """Take the lease of a due job; the returned one has its ``tries`` one up.

        ``None``: it is not owed any more, or somebody else has it. It is settled by a fact whose decision says so.
        """
        ...

    # --- planned work ----------------------------------------------------------------------------------------------
    def planned_work(self, practice_id: str, kind: str) -> PlannedWork | None:
        """The next time of a kind of work; ``None`` where nothing is planned."""
        ...

    def plan_work(self, practice_id: str, plan: WorkPlan) -> None:
        """Make a plan. One that replaces what is no longer planned changes nothing."""
        ...

    def due_work(self, now_us: int, limit: int) -> tuple[PlannedWork, ...]:
        """Planned work whose time has come, of all practices, oldest first.

        After it what was planned more than a minute after ``now_us``: the clock went back since, and its time may be
        wrong.
        """
        ...

    def day_reports(self, practice_id: str, limit: int) -> tuple[DayReport, ...]:
        """What became of the reminders at the end of the day, newest day first."""
        ...

    # --- provider ids ----------------------------------------------------------------------------------------------
    def attempt_of(self, practice_id: str, provider: str, provider_id: str) -> tuple[str, int] | None:
        """Entry and attempt that a provider took under this id."""
        ...

    def park(
        self, practice_id: str, provider_id: str, report: DeliveryReported, *, patience_ms: int = 10_000
    ) -> tuple[str, int] | None:
        """Keep a report whose id nobody knows yet. Looks again in the same transaction: returns a match, else parks.

        ``report.attempt`` is 0: the report itself names no attempt.

        Raises:
            StorageError: ``storage.busy`` after ``patience_ms``.
        """
        ...

    def parked(self, practice_id: str, provider: str, provider_id: str) -> tuple[DeliveryReported, ...]:
        """Parked reports of a provider's id; with their entry and attempt once the id is known."""
        ...

    def settled_parked(self, limit: int) -> tuple[tuple[str, DeliveryReported], ...]:
        """Parked reports, of all practices, whose provider's id is known by now: the practice's id and the fact.

        Take each in, then :meth:`forget_parked`. Who dies in between finds them here again, and the fact's identity
        keeps it from being taken in twice.
        """
        ...

    def forget_parked(self, practice_id: str, report: DeliveryReported) -> None:
        """Drop a report of :meth:`settled_parked` that has been taken in. Twice is fine."""
        ...

    def orphans(self, practice_id: str, before_us: int) -> int:
        """How many reports that were parked before a moment still name no text of the practice; no further than the
        counts beside the tabs.
        """
        ...

    # --- reads -----------------------------------------------------------------------------------------------------
    def conversation(self, practice_id: str, conversation_id: str) -> Conversation | None:
        """One conversation."""
        ...

    def latest_at(self, practice_id: str, channel: str, address: str) -> Conversation | None:
        """The open conversation at an address, else the one with the newest message; any sender number."""
        ...

    def entries(
        self, practice_id: str, conversation_id: str, *, after_seq: int = 0, limit: int = 200
    ) -> tuple[Entry, ...]:
        """Timeline entries with a larger sequence number, in order, with the client's watermarks joined in."""
        ...

    def newest_entries(
        self, practice_id: str, conversation_id: str, *, before_seq: int | None = None, limit: int = 200
    ) -> tuple[Entry, ...]:
        """The newest entries below ``before_seq``, in order."""
        ...

    def entry(self, practice_id: str, entry_id: str) -> Entry | None:
        """One timeline entry."""
        ...

    def app_waiting(self, practice_id: str, client_id: str) -> tuple[str, ...]:
        """Ids of a client's app conversations with messages of ours that the app has not received."""
        ...

    def consent(self, practice_id: str, address: str) -> Consent:
        """The projection for a number; "allowed" if the ledger has nothing."""
        ...

    def ledger(self, practice_id: str, address: str) -> tuple[ConsentEntry, ...]:
        """Every line about a number, oldest first."""
        ...

    # --- attachments -----------------------------------------------------------------------------------------------
    def add_media(self, practice_id: str, upload: Upload) -> None:
        """Keep an upload. Committing a message with it in ``attachments`` (``"ready"``) puts it into that message.

        That commit raises :class:`~convokit.errors.NotFound` ``upload.unknown`` and
        :class:`~convokit.errors.Conflict` ``upload.used`` (it is in a message already).

        Raises:
            Conflict: ``id.taken``.
        """
        ...

    def media(self, practice_id: str, attachment_id: str) -> Upload | None:
        """One upload, in a message or not."""
        ...

    def revoke_links(self, practice_id: str, entry_id: str) -> int:
        """Count up ``revoked`` of every file of a message; how many these are."""
        ...

    def expired_media(self, now_us: int, limit: int) -> tuple[tuple[str, Upload], ...]:
        """Uploads of all practices that are in no message and past their time, oldest first: practice and upload."""
        ...

    def drop_media(self, practice_id: str, upload: Upload, forget: Callable[[tuple[str, ...]], None]) -> bool:
        """Drop an upload, unless it has been put into a message since ``upload`` was read. Whether it was.

        ``forget`` is called within the transaction, with the addresses that no other upload of the practice has:
        who adds one with the same content waits, and so finds its file there or writes it anew. What it raises ends
        the transaction.
        """
        ...

    def secret(self, name: str, fresh: bytes) -> bytes:
        """The random key of this store with a name; ``fresh`` becomes it if there is none."""
        ...

    # --- webhooks --------------------------------------------------------------------------------------------------
    def endpoint(self, token: str) -> Endpoint | None:
        """Whose webhook this is."""
        ...

    def endpoint_for(self, practice_id: str, provider: str, fresh_token: str, *, patience_ms: int = 10_000) -> Endpoint:
        """The endpoint of a practice's provider, made with ``fresh_token`` if there is none.

        Raises:
            StorageError: ``storage.busy`` after ``patience_ms``.
            Conflict: ``id.taken``: another endpoint has this token.
        """
        ...

    def keep_unreadable(
        self, practice_id: str, provider: str, body: bytes, at_us: int, *, patience_ms: int = 10_000
    ) -> None:
        """Keep a verified webhook that could not be read, for support; at most 64 KiB of it.

        Raises:
            StorageError: ``storage.busy`` after ``patience_ms``.
        """
        ...

    def close(self) -> None:
        """Release every connection. Calling it twice is fine; everything else then raises ``storage.closed``."""
        ...
