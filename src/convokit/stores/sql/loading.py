"""What a decision needs, in one snapshot; most often in one statement."""

from __future__ import annotations

from typing import Final

from attrs import evolve

from convokit.decisions.base import Before, Needs
from convokit.domain.consent_ledger import Consent
from convokit.effects import Because
from convokit.stores.checks import MOST_RECENT, hour_before
from convokit.stores.sql import owed, rows
from convokit.stores.sql import statements as sql
from convokit.stores.sql.database import Run
from convokit.stores.sql.jobs import load_job
from convokit.stores.sql.part import Part
from convokit.stores.sql.payments import load_payment
from convokit.stores.sql.people import load_choice
from convokit.stores.sql.rows import Cells
from convokit.stores.sql.suppression import known_consent
from convokit.stores.sql.work import load_day

_CONVERSATION: Final = len(rows.CONVERSATION)
_CONSENT: Final = _CONVERSATION + len(rows.CONSENT)
_OWED: Final = len(rows.OWED) + 3


class Loading(Part):
    """Loads the state before a decision."""

    def load(self, practice_id: str, needs: Needs) -> Before:
        """See :meth:`convokit.ports.store.Store.load`."""
        practice = self._key(practice_id)
        found = self._load(practice, needs)
        if found.consent is None:
            return found
        consent = known_consent(self._db.one_to_write, practice, found.consent)
        return found if consent is found.consent else evolve(found, consent=consent)

    def _load(self, practice: int, needs: Needs) -> Before:
        if needs.at is not None:
            found = self._load_at(practice, needs, needs.at)
            if needs.choice:
                with self._db.reading(practice) as run:
                    return evolve(found, choice=load_choice(run, practice, needs.at[2]))
            return found
        if needs.effect_key is not None:
            row = self._db.one_to_write(owed.LOAD_EFFECT, (practice, needs.effect_key))
            return Before() if row is None else _with_effect(row, needs)
        if needs.payment_id is not None:
            with self._db.snapshot(practice) as run:
                job = None if needs.job_key is None else load_job(run, practice, needs.job_key)
                return evolve(load_payment(run, practice, needs.payment_id), job=job)
        if needs.job_key is not None:
            with self._db.snapshot(practice) as run:
                day = None if needs.day is None else load_day(run, practice, needs.day)
                found = _load_more(run, practice, needs)
                if needs.entry_id is not None and (row := run.one(sql.LOAD_ENTRY, (practice, needs.entry_id))):
                    found = _before(row, needs, row[_CONSENT:])
                return evolve(found, job=load_job(run, practice, needs.job_key), day=day)
        if needs.entry_id is not None:
            return self._load_entry(practice, needs, needs.entry_id)
        if needs.beside or needs.address is not None:
            with self._db.snapshot(practice) as run:
                return _load_more(run, practice, needs)
        return _before(self._db.one_to_write(sql.LOAD_BY_ID, (practice, needs.conversation_id)), needs)

    def _load_at(self, practice: int, needs: Needs, at: tuple[str, str, str]) -> Before:
        channel, sender, address = at
        place = (practice, channel, address, sender)
        row = self._db.one_to_write(sql.LOAD_OPEN_AT, place) if needs.recent_us is None else None
        if row is not None:
            return _before(row, needs)
        with self._db.snapshot(practice) as run:
            recent = None if needs.recent_us is None else recent_texts(run, practice, address, needs.recent_us)
            row = run.one(sql.LOAD_OPEN_AT, place)
            if row is not None:
                return evolve(_before(row, needs), recent=recent)
            ended = run.one(sql.LOAD_ENDED_AT, place) if needs.or_ended else None
            return Before(
                conversation=None if ended is None else rows.conversation_of(ended),
                consent=_consent(run, practice, address) if needs.consent else None,
                recent=recent,
            )

    def _load_entry(self, practice: int, needs: Needs, entry_id: str) -> Before:
        row = self._db.one_to_write(sql.LOAD_ENTRY, (practice, entry_id))
        if row is not None and needs.conversation_id in (None, row[1]):
            return _before(row, needs, row[_CONSENT:])
        # No such entry in the conversation that was named: that conversation alone.
        return _before(self._db.one_to_write(sql.LOAD_BY_ID, (practice, needs.conversation_id)), needs)


def _load_more(run: Run, practice: int, needs: Needs) -> Before:
    """What takes more than one statement: the conversation beside it, the consent of an address it does not name."""
    row = run.one(sql.LOAD_BY_ID, (practice, needs.conversation_id))
    found = None if row is None else rows.conversation_of(row)
    beside = None
    if needs.beside and found is not None:
        other = run.one(sql.LOAD_OPEN_AT, (practice, found.channel, found.address, found.sender))
        beside = None if other is None or other[1] == found.id else rows.conversation_of(other)
    address = needs.address if needs.address is not None or found is None else found.address
    asked = needs.consent and address is not None
    return Before(
        conversation=found, open_beside=beside, consent=_consent(run, practice, address or "") if asked else None
    )


def recent_texts(run: Run, practice: int, address: str, at_us: int) -> tuple[tuple[Because, int], ...]:
    """Automatic texts to a number in the hour before a moment: why and when, newest first."""
    found = run.all(owed.RECENT, (practice, address, *hour_before(at_us), MOST_RECENT))
    return tuple((because, owed_us) for because, owed_us in found)


def _consent(run: Run, practice: int, address: str) -> Consent:
    return rows.consent_of(address, run.one(sql.CONSENT, (practice, address)))


def _before(row: Cells | None, needs: Needs, entry: Cells | None = None) -> Before:
    if row is None:
        return Before()
    found = rows.conversation_of(row)
    return Before(
        conversation=found,
        entry=None if entry is None else rows.entry_of_row(entry, found.id, found.channel),
        consent=rows.consent_of(found.address, row[_CONVERSATION:_CONSENT]) if needs.consent else None,
    )


def _with_effect(row: Cells, needs: Needs) -> Before:
    effect = rows.owed_of(row)
    found = rows.conversation_of(row[_OWED:])
    rest = row[_OWED + _CONVERSATION :]
    return Before(
        conversation=found,
        entry=rows.entry_of_row(rest[len(rows.CONSENT) :], found.id, found.channel),
        effect=effect,
        consent=rows.consent_of(effect.effect.to, rest) if needs.consent else None,
    )
