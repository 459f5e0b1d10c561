"""The store that forgets: everything in memory, one lock. The reference for the contract, and for tests and demos."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from attrs import evolve

from convokit.decisions.base import Before, Decision, Needs
from convokit.domain.consent_ledger import Consent, ConsentEntry
from convokit.domain.conversation import Conversation, Entry
from convokit.domain.delivery import Delivery
from convokit.domain.end_of_day import DayReport
from convokit.domain.inbox import BADGE_CAP, Badges, InboxPosition, InboxQuery, Position, Sort
from convokit.domain.planned_work import PlannedWork, WorkPlan
from convokit.domain.search import SearchHit, Terms
from convokit.effects import OwedEffect, OwedJob
from convokit.errors import StorageError
from convokit.facts import DeliveryReported, Fact
from convokit.ports.store import AlreadyThere, Begun, CommitResult, Committed, Endpoint, GateClosed, SeenBefore
from convokit.ports.store_lists import Change
from convokit.stores import memory_lists
from convokit.stores.bell import Bell
from convokit.stores.checks import LARGEST_UNREADABLE, LONGEST_WAIT, MOST_AHEAD, closed, id_taken, unknown_practice
from convokit.stores.memory_beside import MemoryBeside
from convokit.stores.memory_desk import MemoryDesk
from convokit.stores.memory_erasing import MemoryErasing
from convokit.stores.memory_lists import Visible
from convokit.stores.memory_media import MemoryMedia
from convokit.stores.memory_payments import MemoryPayments
from convokit.stores.memory_people import MemoryPeople
from convokit.stores.memory_practices import MemoryPractices
from convokit.stores.memory_push import MemoryPush


class MemoryStore(MemoryPractices, MemoryMedia, MemoryPeople, MemoryPayments, MemoryPush, MemoryErasing, MemoryBeside):
    """A :class:`convokit.ports.store.Store` in this process. Every thread may use it; each call holds the one lock."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._bell = Bell()
        self._closed = False

    @contextmanager
    def _open(self, patience_ms: int | None = None) -> Iterator[None]:
        """The store, alone.

        Raises:
            StorageError: ``storage.closed``; ``storage.busy`` after ``patience_ms``.
        """
        if not self._lock.acquire(timeout=-1 if patience_ms is None else patience_ms / 1000):
            raise StorageError("storage.busy", "the store did not answer in time; try again")
        try:
            if self._closed:
                raise closed()
            yield
        finally:
            self._lock.release()

    @contextmanager
    def _desk(self, practice_id: str, patience_ms: int | None = None) -> Iterator[MemoryDesk]:
        """The practice, alone.

        Raises:
            NotFound: ``practice.unknown``.
        """
        with self._open(patience_ms):
            desk = self._desks.get(practice_id)
            if desk is None:
                raise unknown_practice()
            yield desk

    # --- the one write -------------------------------------------------------------------------------------------

    def load(self, practice_id: str, needs: Needs) -> Before:
        """See :meth:`convokit.ports.store.Store.load`."""
        with self._desk(practice_id) as desk:
            return desk.load(needs)

    def load_for(self, practice_id: str, needs: Needs, identity: str) -> Before | SeenBefore:
        """See :meth:`convokit.ports.store.Store.load_for`."""
        with self._desk(practice_id) as desk:
            return desk.facts.get(identity) or desk.load(needs)

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
        """See :meth:`convokit.ports.store.Store.commit`."""
        with self._desk(practice_id, patience_ms) as desk:
            result = desk.commit(before, fact, decision)
        if isinstance(result, Committed) and result.change:
            self._bell.ring(practice_id)
        return result

    def seen(self, practice_id: str, identity: str) -> SeenBefore | None:
        """See :meth:`convokit.ports.store.Store.seen`."""
        with self._desk(practice_id) as desk:
            return desk.facts.get(identity)

    # --- effects owed --------------------------------------------------------------------------------------------

    def _but(self, names: Collection[str]) -> list[MemoryDesk]:
        return [desk for desk in self._desks.values() if desk.practice.id not in names]

    def due(self, now_us: int, limit: int, but: Collection[str] = ()) -> tuple[OwedEffect, ...]:
        """See :meth:`convokit.ports.store.Store.due`."""
        with self._open():
            heads = [o for desk in self._but(but) for o in desk.heads() if _is_due(o, now_us)]
            return tuple(sorted(heads, key=lambda o: o.due_us))[:limit]

    def abandoned(self, now_us: int, limit: int) -> tuple[OwedEffect, ...]:
        """See :meth:`convokit.ports.store.Store.abandoned`."""
        with self._open():
            begun = [o for desk in self._desks.values() for o in desk.owed.values() if _is_abandoned(o, now_us)]
            return tuple(sorted(begun, key=lambda o: o.lease_us or 0))[:limit]

    def begin(self, practice_id: str, key: str, now_us: int, lease_us: int) -> Begun | GateClosed | AlreadyThere | None:
        """See :meth:`convokit.ports.store.Store.begin`."""
        with self._desk(practice_id) as desk:
            owed = desk.owed.get(key)
            if owed is None or not _is_due(owed, now_us) or owed not in desk.heads():
                return None
            begun = evolve(owed, state="begun", tries=owed.tries + 1, begun_us=now_us, lease_us=now_us + lease_us)
            desk.owed[key] = begun
            entry = desk.entries[begun.effect.entry_id]
            if entry.delivery is not None and entry.delivery >= Delivery.DELIVERED:
                return AlreadyThere(effect=begun)
            if desk.consent(begun.effect.to).opted_out and not begun.effect.passes_opt_out:
                return GateClosed(effect=begun)
            return Begun(effect=begun, entry=entry)

    def in_flight(self, practice_id: str, address: str) -> int:
        """See :meth:`convokit.ports.store.Store.in_flight`."""
        with self._desk(practice_id) as desk:
            return sum(o.state == "begun" and o.effect.to == address for o in desk.owed.values())

    def unsettled(self) -> int:
        """See :meth:`convokit.ports.store.Store.unsettled`."""
        with self._open():
            return sum(o.state != "done" for desk in self._desks.values() for o in desk.owed.values())

    # --- jobs ----------------------------------------------------------------------------------------------------

    def due_jobs(self, now_us: int, limit: int, but: Collection[str] = ()) -> tuple[OwedJob, ...]:
        """See :meth:`convokit.ports.store.Store.due_jobs`."""
        with self._open():
            due = [j for desk in self._but(but) for j in desk.jobs.values() if _is_due(j, now_us)]
            return tuple(sorted(due, key=lambda j: j.due_us))[:limit]

    def abandoned_jobs(self, now_us: int, limit: int) -> tuple[OwedJob, ...]:
        """See :meth:`convokit.ports.store.Store.abandoned_jobs`."""
        with self._open():
            begun = [j for desk in self._desks.values() for j in desk.jobs.values() if _is_abandoned(j, now_us)]
            return tuple(sorted(begun, key=lambda j: j.lease_us or 0))[:limit]

    def begin_job(self, practice_id: str, key: str, now_us: int, lease_us: int) -> OwedJob | None:
        """See :meth:`convokit.ports.store.Store.begin_job`."""
        with self._desk(practice_id) as desk:
            job = desk.jobs.get(key)
            if job is None or not _is_due(job, now_us):
                return None
            desk.jobs[key] = evolve(
                job, state="begun", tries=job.tries + 1, begun_us=now_us, lease_us=now_us + lease_us
            )
            return desk.jobs[key]

    # --- planned work --------------------------------------------------------------------------------------------

    def planned_work(self, practice_id: str, kind: str) -> PlannedWork | None:
        """See :meth:`convokit.ports.store.Store.planned_work`."""
        with self._desk(practice_id) as desk:
            return desk.work.get(kind)

    def plan_work(self, practice_id: str, plan: WorkPlan) -> None:
        """See :meth:`convokit.ports.store.Store.plan_work`."""
        with self._desk(practice_id) as desk:
            desk.plan(plan)

    def due_work(self, now_us: int, limit: int) -> tuple[PlannedWork, ...]:
        """See :meth:`convokit.ports.store.Store.due_work`."""
        with self._open():
            planned = [w for desk in self._desks.values() for w in desk.work.values()]
            due = sorted((w for w in planned if w.due_us <= now_us), key=lambda w: w.due_us)
            ahead = [w for w in planned if w.due_us > now_us and w.planned_us > now_us + MOST_AHEAD]
            return (*due, *sorted(ahead, key=lambda w: w.planned_us))[:limit]

    def day_reports(self, practice_id: str, limit: int) -> tuple[DayReport, ...]:
        """See :meth:`convokit.ports.store.Store.day_reports`."""
        with self._desk(practice_id) as desk:
            return tuple(sorted(desk.days.values(), key=lambda report: report.day, reverse=True)[:limit])

    # --- provider ids --------------------------------------------------------------------------------------------

    def attempt_of(self, practice_id: str, provider: str, provider_id: str) -> tuple[str, int] | None:
        """See :meth:`convokit.ports.store.Store.attempt_of`."""
        with self._desk(practice_id) as desk:
            return desk.attempt_of((provider, provider_id))

    def park(
        self, practice_id: str, provider_id: str, report: DeliveryReported, *, patience_ms: int = 10_000
    ) -> tuple[str, int] | None:
        """See :meth:`convokit.ports.store.Store.park`."""
        with self._desk(practice_id, patience_ms) as desk:
            name = (report.provider, provider_id)
            known = desk.attempt_of(name)
            if known is None:
                waiting = desk.parked.setdefault(name, [])
                if all(report.identity != other.identity for other in waiting):
                    waiting.append(report)
            return known

    def parked(self, practice_id: str, provider: str, provider_id: str) -> tuple[DeliveryReported, ...]:
        """See :meth:`convokit.ports.store.Store.parked`."""
        with self._desk(practice_id) as desk:
            return tuple(desk.parked.get((provider, provider_id), ()))

    def settled_parked(self, limit: int) -> tuple[tuple[str, DeliveryReported], ...]:
        """See :meth:`convokit.ports.store.Store.settled_parked`."""
        with self._open():
            waiting = [(d.practice.id, r) for d in self._desks.values() for of_id in d.parked.values() for r in of_id]
            return tuple(pair for pair in waiting if pair[1].attempt)[:limit]

    def forget_parked(self, practice_id: str, report: DeliveryReported) -> None:
        """See :meth:`convokit.ports.store.Store.forget_parked`."""
        with self._desk(practice_id) as desk:
            for name, waiting in desk.parked.items():
                desk.parked[name] = [other for other in waiting if evolve(other, at_us=report.at_us) != report]

    def orphans(self, practice_id: str, before_us: int) -> int:
        """See :meth:`convokit.ports.store.Store.orphans`."""
        with self._desk(practice_id) as desk:
            waiting = (r for of_id in desk.parked.values() for r in of_id)
            return min(sum(not r.attempt and r.at_us < before_us for r in waiting), BADGE_CAP + 1)

    # --- reads ---------------------------------------------------------------------------------------------------

    def conversation(self, practice_id: str, conversation_id: str) -> Conversation | None:
        """See :meth:`convokit.ports.store.Store.conversation`."""
        with self._desk(practice_id) as desk:
            return desk.conversations.get(conversation_id)

    def latest_at(self, practice_id: str, channel: str, address: str) -> Conversation | None:
        """See :meth:`convokit.ports.store.Store.latest_at`."""
        with self._desk(practice_id) as desk:
            return desk.latest_at(channel, address)

    def inbox(
        self, practice_id: str, query: InboxQuery, *, sort: Sort, after: InboxPosition | None, limit: int
    ) -> tuple[tuple[Conversation, ...], InboxPosition | None]:
        """See :meth:`convokit.ports.store.Store.inbox`."""
        with self._desk(practice_id) as desk:
            return memory_lists.inbox(desk, query, sort, after, limit)

    def history(
        self, practice_id: str, *, after: Position | None, limit: int, visible: Visible = None
    ) -> tuple[tuple[Conversation, ...], Position | None]:
        """See :meth:`convokit.ports.store.Store.history`."""
        with self._desk(practice_id) as desk:
            return memory_lists.history(desk, visible, after, limit)

    def badges(self, practice_id: str, *, visible: Visible = None) -> Badges:
        """See :meth:`convokit.ports.store.Store.badges`."""
        with self._desk(practice_id) as desk:
            return memory_lists.badges(desk, visible)

    def entries(
        self, practice_id: str, conversation_id: str, *, after_seq: int = 0, limit: int = 200
    ) -> tuple[Entry, ...]:
        """See :meth:`convokit.ports.store.Store.entries`."""
        with self._desk(practice_id) as desk:
            return tuple(e for e in desk.timeline(conversation_id) if e.seq > after_seq)[:limit]

    def newest_entries(
        self, practice_id: str, conversation_id: str, *, before_seq: int | None = None, limit: int = 200
    ) -> tuple[Entry, ...]:
        """See :meth:`convokit.ports.store.Store.newest_entries`."""
        with self._desk(practice_id) as desk:
            older = [e for e in desk.timeline(conversation_id) if before_seq is None or e.seq < before_seq]
            return tuple(older[-limit:])

    def entry(self, practice_id: str, entry_id: str) -> Entry | None:
        """See :meth:`convokit.ports.store.Store.entry`."""
        with self._desk(practice_id) as desk:
            found = desk.entries.get(entry_id)
            return None if found is None else desk.shown(found)

    def changes(self, practice_id: str, *, since: int, limit: int, visible: Visible = None) -> tuple[Change, ...]:
        """See :meth:`convokit.ports.store.Store.changes`."""
        with self._desk(practice_id) as desk:
            return memory_lists.changes(desk, visible, since, limit)

    def newest_change(self, practice_id: str) -> int:
        """See :meth:`convokit.ports.store.Store.newest_change`."""
        with self._desk(practice_id) as desk:
            return desk.change

    def search(
        self, practice_id: str, asked: Terms, *, after: Position | None, limit: int, visible: Visible = None
    ) -> tuple[tuple[SearchHit, ...], Position | None]:
        """See :meth:`convokit.ports.store.Store.search`."""
        with self._desk(practice_id) as desk:
            return memory_lists.search(desk, asked, visible, after, limit)

    def index_pending(self, practice_id: str, limit: int) -> int:
        """See :meth:`convokit.ports.store.Store.index_pending`. Here search looks at everything itself."""
        with self._desk(practice_id):
            return 0

    def unindexed(self, limit: int) -> tuple[str, ...]:
        """See :meth:`convokit.ports.store.Store.unindexed`."""
        with self._open():
            return ()

    def app_waiting(self, practice_id: str, client_id: str) -> tuple[str, ...]:
        """See :meth:`convokit.ports.store.Store.app_waiting`."""
        with self._desk(practice_id) as desk:
            theirs = [c for c in desk.conversations.values() if (c.channel, c.address) == ("app", client_id)]
            waiting = {c.id for c in theirs for e in desk.timeline(c.id) if e.delivery is not None and _new(c, e)}
            return tuple(sorted(waiting))

    def consent(self, practice_id: str, address: str) -> Consent:
        """See :meth:`convokit.ports.store.Store.consent`."""
        with self._desk(practice_id) as desk:
            return desk.consent(address)

    def ledger(self, practice_id: str, address: str) -> tuple[ConsentEntry, ...]:
        """See :meth:`convokit.ports.store.Store.ledger`."""
        with self._desk(practice_id) as desk:
            return tuple(line for line in desk.ledger if line.address == address)

    # --- webhooks ------------------------------------------------------------------------------------------------

    def endpoint(self, token: str) -> Endpoint | None:
        """See :meth:`convokit.ports.store.Store.endpoint`."""
        with self._open():
            for practice_id, desk in self._desks.items():
                for provider, known in desk.tokens.items():
                    if known == token:
                        return Endpoint(token=token, practice_id=practice_id, provider=provider)
            return None

    def endpoint_for(self, practice_id: str, provider: str, fresh_token: str, *, patience_ms: int = 10_000) -> Endpoint:
        """See :meth:`convokit.ports.store.Store.endpoint_for`."""
        with self._desk(practice_id, patience_ms) as desk:
            if provider not in desk.tokens:
                if any(fresh_token in other.tokens.values() for other in self._desks.values()):
                    raise id_taken()
                desk.tokens[provider] = fresh_token
            return Endpoint(token=desk.tokens[provider], practice_id=practice_id, provider=provider)

    def keep_unreadable(
        self, practice_id: str, provider: str, body: bytes, at_us: int, *, patience_ms: int = 10_000
    ) -> None:
        """See :meth:`convokit.ports.store.Store.keep_unreadable`."""
        with self._desk(practice_id, patience_ms) as desk:
            desk.unreadable.append((provider, body[:LARGEST_UNREADABLE], at_us))

    def close(self) -> None:
        """See :meth:`convokit.ports.store.Store.close`."""
        with self._lock:
            self._closed = True


def _is_due(owed: OwedEffect | OwedJob, now_us: int) -> bool:
    return owed.state == "owed" and not now_us < owed.due_us <= now_us + LONGEST_WAIT


def _is_abandoned(owed: OwedEffect | OwedJob, now_us: int) -> bool:
    if owed.lease_us is None or owed.begun_us is None:
        return False
    return not now_us < owed.lease_us <= now_us + LONGEST_WAIT or owed.begun_us > now_us + MOST_AHEAD


def _new(conversation: Conversation, entry: Entry) -> bool:
    return entry.seq > conversation.opened_seq
