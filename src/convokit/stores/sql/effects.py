"""Effects owed: found when due, begun under a lease and through the gate, and known by the provider's ids."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from attrs import evolve

from convokit.domain.consent_ledger import Consent
from convokit.domain.delivery import Delivery
from convokit.effects import OwedEffect
from convokit.facts import DeliveryReported
from convokit.ports.store import AlreadyThere, Begun, GateClosed
from convokit.stores.checks import LONGEST_WAIT, MOST_AHEAD
from convokit.stores.sql import owed, rows
from convokit.stores.sql.database import PATIENCE_MS, CommitLostError, Run
from convokit.stores.sql.part import Part
from convokit.stores.sql.statements import names
from convokit.stores.sql.suppression import known_consent

_OWED: Final = 0
_BEGUN: Final = 1
_VALUES: Final = len(rows.OWED) + 3
_CONSENT: Final = rows.CONSENT_CELLS


class Effects(Part):
    """What the worker and the webhooks ask about hand-overs."""

    def due(self, now_us: int, limit: int, but: Collection[str] = ()) -> tuple[OwedEffect, ...]:
        """See :meth:`convokit.ports.store.Store.due`."""
        if but:
            found = self._db.all(owed.DUE_BUT, (now_us, names(but), names(but), limit))
        else:
            found = self._db.all(owed.DUE, (now_us, limit))
        if len(found) < limit:
            far = self._db.all(owed.DUE_FAR, (now_us + LONGEST_WAIT, limit - len(found)))
            found += [row for row in far if row[len(rows.OWED)] not in but]
        return tuple(map(rows.owed_of, found))

    def abandoned(self, now_us: int, limit: int) -> tuple[OwedEffect, ...]:
        """See :meth:`convokit.ports.store.Store.abandoned`."""
        found = self._db.all(owed.ABANDONED, (now_us, limit))
        if len(found) < limit:
            values = (now_us, now_us + LONGEST_WAIT, now_us + MOST_AHEAD, limit - len(found))
            found += self._db.all(owed.ABANDONED_FAR, values)
        return tuple(map(rows.owed_of, found))

    def begin(self, practice_id: str, key: str, now_us: int, lease_us: int) -> Begun | GateClosed | AlreadyThere | None:
        """See :meth:`convokit.ports.store.Store.begin`."""
        self._refuse_within("to hand a text over")
        practice = self._key(practice_id)
        claimed = self._claim(practice, key, now_us, now_us + lease_us)
        if claimed is None:
            return None
        row, found, consent = claimed
        begun = evolve(found, state="begun", tries=found.tries + 1, begun_us=now_us, lease_us=now_us + lease_us)
        rest = row[_VALUES:]
        entry = rows.entry_of_row(rest[_CONSENT + 1 :], found.effect.conversation_id, rest[_CONSENT])
        if entry.delivery is not None and entry.delivery >= Delivery.DELIVERED:
            return AlreadyThere(effect=begun)
        if consent.opted_out and not found.effect.passes_opt_out:
            return GateClosed(effect=begun)
        return Begun(effect=begun, entry=entry)

    def _claim(
        self, practice: int, key: str, now_us: int, lease_end: int
    ) -> tuple[rows.Cells, OwedEffect, Consent] | None:
        """Take the lease: the row, the effect as it was, and the consent of its recipient at that moment."""
        claimed, mine = None, (0, now_us, lease_end)
        try:
            with self._db.writing(practice) as run:
                row = run.one(owed.CLAIM, (practice, key, now_us, now_us + LONGEST_WAIT))
                if row is not None:
                    found = rows.owed_of(row)
                    consent = known_consent(run.one, practice, found.effect.to, row[_VALUES:])
                    claimed, mine = (row, found, consent), (found.tries + 1, now_us, lease_end)
                    run.write(owed.BEGIN, (_BEGUN, *mine, practice, key))
        except CommitLostError as lost:
            if self._db.look_up(practice, lost, PATIENCE_MS, lambda run: run.one(owed.LEASE, (practice, key))) != mine:
                return None
        return claimed

    def in_flight(self, practice_id: str, address: str) -> int:
        """See :meth:`convokit.ports.store.Store.in_flight`."""
        row = self._db.one(owed.IN_FLIGHT, (self._key(practice_id), address))
        return int(row[0]) if row is not None else 0

    def unsettled(self) -> int:
        """See :meth:`convokit.ports.store.Store.unsettled`."""
        return int(self._db.all(owed.UNSETTLED, ())[0][0])

    def attempt_of(self, practice_id: str, provider: str, provider_id: str) -> tuple[str, int] | None:
        """See :meth:`convokit.ports.store.Store.attempt_of`."""
        practice = self._key(practice_id)
        with self._db.reading(practice) as run:
            return _attempt_of(run, practice, provider, provider_id)

    def park(
        self, practice_id: str, provider_id: str, report: DeliveryReported, *, patience_ms: int = PATIENCE_MS
    ) -> tuple[str, int] | None:
        """See :meth:`convokit.ports.store.Store.park`."""
        practice = self._key(practice_id)
        # A report that comes again and again is looked up without the lock, and writes nothing.
        known = self.attempt_of(practice_id, report.provider, provider_id)
        if known is not None or report in self.parked(practice_id, report.provider, provider_id):
            return known
        with self._db.writing(practice, patience_ms) as run:
            known = _attempt_of(run, practice, report.provider, provider_id)
            if known is None:
                values = (practice, report.provider, provider_id, report.identity, *rows.parked_cells(report))
                run.write(owed.PARK, values)
            return known

    def parked(self, practice_id: str, provider: str, provider_id: str) -> tuple[DeliveryReported, ...]:
        """See :meth:`convokit.ports.store.Store.parked`."""
        found = self._db.all(owed.PARKED, (self._key(practice_id), provider, provider_id))
        return tuple(map(rows.parked_of, found))

    def settled_parked(self, limit: int) -> tuple[tuple[str, DeliveryReported], ...]:
        """See :meth:`convokit.ports.store.Store.settled_parked`."""
        found = self._db.all(owed.SETTLED_PARKED, (limit,))
        return tuple((row[len(rows.PARKED)], rows.parked_of(row)) for row in found)

    def forget_parked(self, practice_id: str, report: DeliveryReported) -> None:
        """See :meth:`convokit.ports.store.Store.forget_parked`."""
        practice = self._key(practice_id)
        effect = f"{report.entry_id}.{report.attempt}"
        said = (report.event_id, report.raw, report.delivery, report.reason)
        with self._db.writing(practice) as run:
            run.write(owed.FORGET_PARKED, (practice, report.provider, practice, effect, *said))

    def orphans(self, practice_id: str, before_us: int) -> int:
        """See :meth:`convokit.ports.store.Store.orphans`."""
        return int(self._db.all(owed.ORPHANS, (self._key(practice_id), before_us))[0][0])


def _attempt_of(run: Run, practice: int, provider: str, provider_id: str) -> tuple[str, int] | None:
    row = run.one(owed.ATTEMPT_OF, (practice, provider, provider_id))
    return None if row is None else (row[0], row[1])
