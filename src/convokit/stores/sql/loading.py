"""What a decision needs, in one snapshot; most often in one statement."""

from __future__ import annotations

from typing import Final

from attrs import evolve, frozen

from convokit.decisions.base import Before, Needs
from convokit.domain.consent_ledger import Consent
from convokit.effects import Because
from convokit.ports.store import SeenBefore
from convokit.stores.checks import MOST_RECENT, hour_before
from convokit.stores.sql import owed, rows
from convokit.stores.sql import statements as sql
from convokit.stores.sql.database import Run
from convokit.stores.sql.jobs import load_job
from convokit.stores.sql.part import Part
from convokit.stores.sql.payments import load_payment
from convokit.stores.sql.people import load_choice
from convokit.stores.sql.push import reach_of
from convokit.stores.sql.rows import Cells
from convokit.stores.sql.statement import Statement
from convokit.stores.sql.suppression import One, known_consent
from convokit.stores.sql.work import load_day

_CONVERSATION: Final = len(rows.CONVERSATION)
_CONSENT: Final = _CONVERSATION + rows.CONSENT_CELLS
_OWED: Final = len(rows.OWED) + 3


class Loading(Part):
    """Loads the state before a decision."""

    def load(self, practice_id: str, needs: Needs) -> Before:
        """See :meth:`convokit.ports.store.Store.load`."""
        practice = self._key(practice_id)
        found = self._load(practice, needs)
        talk = found.conversation
        if not needs.reach or talk is None or talk.channel != "app":
            return found
        with self._db.reading(practice) as run:
            return evolve(found, reach=reach_of(run, practice, talk.address))

    def load_for(self, practice_id: str, needs: Needs, identity: str) -> Before | SeenBefore:
        """See :meth:`convokit.ports.store.Store.load_for`."""
        practice = self._key(practice_id)
        first = _first(practice, needs)
        asked = (sql.SEEN, (practice, identity))
        if first is None or needs.reach:
            row = self._db.one_to_write(*asked)
            return self.load(practice_id, needs) if row is None else _seen(row)
        row, found = self._db.two_to_write(*asked, *first)
        return self._load(practice, needs, _Known(first, found, self._db.one_to_write)) if row is None else _seen(row)

    def _load(self, practice: int, needs: Needs, known: One | None = None) -> Before:
        asked = _Asked(self._db.one_to_write if known is None else known, practice, needs)
        if needs.at is not None:
            found = self._load_at(asked, needs.at)
            if needs.choice:
                with self._db.reading(practice) as run:
                    return evolve(found, choice=load_choice(run, practice, needs.at[2]))
            return found
        if needs.effect_key is not None:
            row = asked.one(owed.LOAD_EFFECT, (practice, needs.effect_key))
            return Before() if row is None else asked.with_effect(row)
        if needs.payment_id is not None:
            with self._db.snapshot(practice) as run:
                job = None if needs.job_key is None else load_job(run, practice, needs.job_key)
                return evolve(load_payment(run, practice, needs.payment_id), job=job)
        if needs.job_key is not None:
            with self._db.snapshot(practice) as run:
                return _load_with_job(run, practice, needs, needs.job_key)
        if needs.entry_id is not None:
            return _load_entry(asked, needs.entry_id)
        if needs.beside or needs.address is not None:
            with self._db.snapshot(practice) as run:
                return _load_more(run, practice, needs)
        return asked.before(asked.one(sql.LOAD_BY_ID, (practice, needs.conversation_id)))

    def _load_at(self, asked: _Asked, at: tuple[str, str, str]) -> Before:
        practice, needs = asked.practice, asked.needs
        channel, sender, address = at
        place = (practice, channel, address, sender)
        row = asked.one(sql.LOAD_OPEN_AT, place) if needs.recent_us is None else None
        if row is not None:
            return asked.before(row)
        with self._db.snapshot(practice) as run:
            asked = _Asked(run.one, practice, needs)
            recent = None if needs.recent_us is None else recent_texts(run, practice, address, needs.recent_us)
            row = run.one(sql.LOAD_OPEN_AT, place)
            if row is not None:
                return evolve(asked.before(row), recent=recent)
            ended = run.one(sql.LOAD_ENDED_AT, place) if needs.or_ended else None
            return Before(
                conversation=None if ended is None else rows.conversation_of(ended),
                consent=asked.consent(address) if needs.consent else None,
                recent=recent,
            )


Asked = tuple[Statement, Cells]


def _seen(row: Cells) -> SeenBefore:
    return SeenBefore(entry_id=row[0], fingerprint=row[1])


def _first(practice: int, needs: Needs) -> Asked | None:
    """The first that :meth:`Loading.load` asks, where that is one row by itself."""
    if needs.at is not None:
        channel, sender, address = needs.at
        return None if needs.recent_us is not None else (sql.LOAD_OPEN_AT, (practice, channel, address, sender))
    if needs.effect_key is not None:
        return owed.LOAD_EFFECT, (practice, needs.effect_key)
    if needs.payment_id is not None or needs.job_key is not None:
        return None
    if needs.entry_id is not None:
        return sql.LOAD_ENTRY, (practice, needs.entry_id)
    if needs.beside or needs.address is not None:
        return None
    return sql.LOAD_BY_ID, (practice, needs.conversation_id)


@frozen
class _Known:
    """Asks the database what is not known already."""

    first: Asked
    row: Cells | None
    one: One

    def __call__(self, statement: Statement, values: Cells) -> Cells | None:
        """The only row."""
        return self.row if (statement, values) == self.first else self.one(statement, values)


@frozen
class _Asked:
    """What is asked for, of whom, and by what."""

    one: One
    practice: int
    needs: Needs

    def consent(self, address: str) -> Consent:
        """The consent of an address that no row before has told."""
        return known_consent(self.one, self.practice, address, self.one(sql.CONSENT, (address, self.practice)))

    def before(self, row: Cells | None, entry: Cells | None = None) -> Before:
        """A conversation and the consent of its address, from one row."""
        if row is None:
            return Before()
        found = rows.conversation_of(row)
        known = row[_CONVERSATION:_CONSENT]
        return Before(
            conversation=found,
            entry=None if entry is None else rows.entry_of_row(entry, found.id, found.channel),
            consent=known_consent(self.one, self.practice, found.address, known) if self.needs.consent else None,
        )

    def with_effect(self, row: Cells) -> Before:
        """An owed text, its message, conversation and the consent of its recipient, from one row."""
        effect, to = rows.owed_of(row), row[rows.OWED.index("recipient")]
        found = rows.conversation_of(row[_OWED:])
        rest = row[_OWED + _CONVERSATION :]
        return Before(
            conversation=found,
            entry=rows.entry_of_row(rest[rows.CONSENT_CELLS :], found.id, found.channel),
            effect=effect,
            consent=known_consent(self.one, self.practice, to, rest) if self.needs.consent else None,
        )


def _load_entry(asked: _Asked, entry_id: str) -> Before:
    practice, wanted = asked.practice, asked.needs.conversation_id
    row = asked.one(sql.LOAD_ENTRY, (practice, entry_id))
    if row is not None and wanted in (None, row[1]):
        return asked.before(row, row[_CONSENT:])
    # No such entry in the conversation that was named: that conversation alone.
    return asked.before(asked.one(sql.LOAD_BY_ID, (practice, wanted)))


def _load_with_job(run: Run, practice: int, needs: Needs, job_key: str) -> Before:
    day = None if needs.day is None else load_day(run, practice, needs.day)
    found = _load_more(run, practice, needs)
    if needs.entry_id is not None and (row := run.one(sql.LOAD_ENTRY, (practice, needs.entry_id))):
        found = _Asked(run.one, practice, needs).before(row, row[_CONSENT:])
    return evolve(found, job=load_job(run, practice, job_key), day=day)


def _load_more(run: Run, practice: int, needs: Needs) -> Before:
    """What takes more than one statement: the conversation beside it, the consent of an address it does not name."""
    row = run.one(sql.LOAD_BY_ID, (practice, needs.conversation_id))
    found = None if row is None else rows.conversation_of(row)
    beside = None
    if needs.beside and found is not None:
        other = run.one(sql.LOAD_OPEN_AT, (practice, found.channel, found.address, found.sender))
        beside = None if other is None or other[1] == found.id else rows.conversation_of(other)
    address = needs.address if needs.address is not None or found is None else found.address
    consent = None
    if needs.consent and address is not None:
        consent = _Asked(run.one, practice, needs).consent(address)
    return Before(conversation=found, open_beside=beside, consent=consent)


def recent_texts(run: Run, practice: int, address: str, at_us: int) -> tuple[tuple[Because, int], ...]:
    """Automatic texts to a number in the hour before a moment: why and when, newest first."""
    found = run.all(owed.RECENT, (practice, address, *hour_before(at_us), MOST_RECENT))
    return tuple((because, owed_us) for because, owed_us in found)
