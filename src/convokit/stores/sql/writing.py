"""The one write: a fact and everything that follows from it, in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Final

from attrs import define, evolve, frozen

from convokit.decisions.base import Before, Decision, Settlement
from convokit.domain.consent_ledger import Consent
from convokit.domain.conversation import Conversation
from convokit.effects import SendText, entry_of
from convokit.facts import EffectSettled, Fact
from convokit.ports.dispatcher import NameWrite
from convokit.ports.store import CommitResult, Committed, SeenBefore, Stale
from convokit.ports.store_beside import Names
from convokit.stores.checks import check_decision, claimable, fingerprint_of, id_taken, late_name, unknown_message
from convokit.stores.sql import owed, rows
from convokit.stores.sql import statements as sql
from convokit.stores.sql.candidate_cells import candidates_cell
from convokit.stores.sql.database import (
    PATIENCE_MS,
    CommitLostError,
    EarlierTakenError,
    NamesRefusedError,
    Run,
    TakenError,
)
from convokit.stores.sql.jobs import owe_job, settle_job
from convokit.stores.sql.loading import recent_texts
from convokit.stores.sql.media import change_files, claim
from convokit.stores.sql.part import Part
from convokit.stores.sql.payments import withdraw, write_payment
from convokit.stores.sql.people import write_choice, write_health
from convokit.stores.sql.push import drop_lost
from convokit.stores.sql.rows import Cells
from convokit.stores.sql.suppression import known_consent
from convokit.stores.sql.work import write_day, write_plan

_OWED: Final = 0
_DONE: Final = 2

_log = logging.getLogger("convokit")


class _InsteadError(Exception):
    """Ends the transaction: nothing of it is stored, and this is the result."""

    def __init__(self, result: Stale | SeenBefore) -> None:
        super().__init__()
        self.result = result


class _SeenNowError(Exception):
    """Ends the transaction: somebody else has stored the fact."""


@frozen
class _What:
    """What is to be committed."""

    practice: int
    before: Before
    fact: Fact
    decision: Decision

    def without_its_name(self) -> _What:
        """The same, but the provider's id is another message's: it stays that one's, and the settlement holds."""
        settlement = self.decision.settlement
        unnamed = None if settlement is None else evolve(settlement, provider_id=None)
        return evolve(self, decision=evolve(self.decision, settlement=unnamed))

    @property
    def names(self) -> bool:
        """Whether a hand-over is settled under an id of the provider's."""
        return self.decision.settlement is not None and self.decision.settlement.provider_id is not None


@define
class _Told:
    """What is known of a transaction at its end: the number it counted up to, and reports that had waited for it."""

    change: int = 0
    parked: int = 0

    def number(self, change: int) -> None:
        self.change = change

    def waiting(self, parked: int) -> None:
        self.parked += parked


class Writing(Part):
    """Commits decisions."""

    _names: Names | None = None

    def carry(self, names: Names) -> None:
        """See :meth:`convokit.ports.store_beside.QueueStore.carry`."""
        self._names = names

    def commit(
        self,
        practice_id: str,
        before: Before,
        fact: Fact,
        decision: Decision,
        *,
        patience_ms: int = PATIENCE_MS,
        looked: bool = False,
    ) -> CommitResult:
        """See :meth:`convokit.ports.store.Store.commit`."""
        practice = self._key(practice_id)
        identity = fact.identity
        if identity is not None and not looked:
            row = self._db.one_to_write(sql.SEEN, (practice, identity))
            if row is not None:
                return SeenBefore(entry_id=row[0], fingerprint=row[1])
        if decision.changes_nothing and identity is None and late_name(fact, decision) is None:
            return Committed(change=0)
        check_decision(before, decision)
        owes = decision.effects or decision.jobs
        names = () if self._names is None or not owes else self._names(practice_id, decision)
        what = _What(practice, before, fact, decision)
        try:
            done = self._written(what, names, patience_ms)
        except _SeenNowError:  # between our look and the lock somebody else stored it
            return self.seen(practice_id, identity or "") or Stale()
        except _InsteadError as instead:
            return instead.result
        except (TakenError, EarlierTakenError) as taken:
            if identity is not None and (seen := self.seen(practice_id, identity)) is not None:
                return seen
            if self._is_another_open(practice, decision.conversation):
                return Stale()  # it was opened a moment ago
            raise id_taken() from taken  # any other unique index holds fresh ids
        if done.change:
            self._db.committed(practice_id)
        return done

    def _written(self, what: _What, names: Sequence[NameWrite], patience_ms: int) -> Committed:
        try:
            return self._write(what, names, patience_ms)
        except NamesRefusedError as refused:  # the engine's trouble is not the message's
            _log.error("the engine's queue took no name (%s); what is owed is done at the next sweep", refused)
            return self._written(what, (), patience_ms)
        except TakenError:
            if not what.names:
                raise
            return self._written(what.without_its_name(), names, patience_ms)

    def _write(self, what: _What, names: Sequence[NameWrite], patience_ms: int) -> Committed:
        """Everything in one transaction, and the names of what is owed as its last.

        Raises:
            _InsteadError: it is not to be stored.
            NamesRefusedError: without the names it may be.
        """
        practice, identity = what.practice, what.fact.identity
        told = _Told()
        try:
            with self._db.writing(practice, patience_ms) as run:
                _store_all(run, what, told)
                for name in names:
                    run.carry(name.text, name.values)
        except CommitLostError as lost:
            ask = partial(_is_stored, practice=practice, identity=identity, decision=what.decision)
            if not self._db.look_up(practice, lost, patience_ms, ask):
                raise _InsteadError(Stale()) from lost  # what of it is there, if anything, the next decision sees
        return Committed(change=told.change, named=bool(names), parked=told.parked > 0)

    def _is_another_open(self, practice: int, wanted: Conversation | None) -> bool:
        """Whether a conversation cannot be opened because another one is open at its address."""
        if wanted is None or wanted.ended:
            return False
        row = self._db.one(sql.LOAD_OPEN_AT, (practice, wanted.channel, wanted.address, wanted.sender))
        return row is not None and rows.conversation_of(row).id != wanted.id

    def seen(self, practice_id: str, identity: str) -> SeenBefore | None:
        """See :meth:`convokit.ports.store.Store.seen`."""
        row = self._db.one(sql.SEEN, (self._key(practice_id), identity))
        return None if row is None else SeenBefore(entry_id=row[0], fingerprint=row[1])


def _store_all(run: Run, what: _What, told: _Told) -> None:
    """The fact and what follows from it."""
    fact, decision = what.fact, what.decision
    message = None
    if not decision.changes_nothing:
        message = _store(run, what.practice, what.before, fact, decision, told)
    _name(run, what.practice, fact, decision, told)
    if fact.identity is not None:
        _remember(run, what.practice, fact.identity, message, fact)


def _store(
    run: Run, practice: int, before: Before, fact: Fact, decision: Decision, told: _Told
) -> tuple[int | None, str] | None:
    """Everything but the fact; the message that was made: its key, if that is known already, and its id.

    Nothing here waits for an answer where it need not: a database far away is asked once for all of it. What was found
    to be otherwise ends the transaction all the same, see :class:`~convokit.stores.sql.database.Run`.
    """
    if decision.consent or before.consent is not None:
        _write_consent(run, practice, before.consent, decision)
    if decision.settlement is not None:
        _settle(run, practice, decision.settlement, told)
    if decision.job_settlement is not None and not settle_job(run, practice, decision.job_settlement):
        raise _InsteadError(Stale())
    if decision.withdrawn is not None and not withdraw(run, practice, decision.withdrawn):
        raise _InsteadError(Stale())
    if decision.work is not None:
        write_plan(run, practice, decision.work)
    if decision.day is not None:
        write_day(run, practice, decision.day)
    if decision.health is not None:
        write_health(run, practice, decision.health)
    if decision.choice is not None:
        write_choice(run, practice, decision.choice)
    if decision.token_loss is not None:
        drop_lost(run, practice, decision.token_loss)
    for effect in decision.effects:
        if effect.automatic and recent_texts(run, practice, effect.to, fact.at_us) != (before.recent or ()):
            raise _InsteadError(Stale())
    counted = run.count_up(practice, told.number)
    talk = None
    if decision.conversation is not None:
        talk = _write_conversation(run, practice, before.conversation, decision.conversation, counted)
    # After it: two clicks would owe the same job, and the second is not to fail but to be decided again.
    for job in decision.jobs:
        owe_job(run, practice, job, fact.at_us)
    if talk is None:
        return None
    message = _write_entries(run, practice, talk, decision)
    for effect in decision.effects:
        _owe(run, practice, talk, effect, fact.at_us)
    if decision.payment is not None:
        write_payment(run, practice, talk[1], before.payment, decision.payment)
    return message


def _is_stored(run: Run, practice: int, identity: str | None, decision: Decision) -> bool:
    """Whether a decision was committed, as far as rows tell that have its own ids."""
    if decision.entries:
        return run.one(sql.ENTRY, (practice, decision.entries[0].id)) is not None
    return identity is not None and run.one(sql.SEEN, (practice, identity)) is not None


# Whether there is news, and whether it is somebody else's turn: only then are the columns of these indexes assigned.
_SET: Final = {
    (False, False): (sql.SET_QUIET, rows.quiet_cells),
    (True, False): (sql.SET_MESSAGE, rows.message_cells),
    (False, True): (sql.SET_QUIET_TURN, rows.quiet_turn_cells),
    (True, True): (sql.SET_MESSAGE_TURN, rows.message_turn_cells),
}


def _write_conversation(
    run: Run, practice: int, before: Conversation | None, after: Conversation, counted: int
) -> tuple[int | None, str]:
    """The conversation: its key, if that is known already, and its id."""
    if before is None or before.id != after.id:
        cells = (practice, *rows.new_cells(after), counted, after.previous_id, candidates_cell(after.candidates))
        return run.put(sql.ADD_CONVERSATION, cells), after.id
    where = (counted, practice, after.id, before.version)
    if rows.place_of(before) != rows.place_of(after):
        statement, cells_of = sql.SET_EVERYTHING, rows.everything_cells
    else:
        moved = rows.news_of(before) != rows.news_of(after), rows.turn_of(before) != rows.turn_of(after)
        statement, cells_of = _SET[moved]
    return run.set(statement, cells_of(after) + where, _InsteadError(Stale())), after.id


def _write_entries(
    run: Run, practice: int, talk: tuple[int | None, str], decision: Decision
) -> tuple[int | None, str] | None:
    """Entries and what became of others; of the message among them its key, if that is known already, and its id."""
    message: tuple[int | None, str] | None = None
    for entry in decision.entries:
        if talk[0] is not None:
            key = run.put(sql.ADD_ENTRY, rows.entry_cells((practice, talk[0]), entry))
        else:
            key = run.put(sql.ADD_ENTRY_TO, rows.entry_cells((practice, practice, talk[1]), entry))
        if entry.attachments:
            claim(run, practice, entry.id, claimable(entry.attachments))
        if entry.kind in ("message", "note"):
            message = (key, entry.id)
    for change in decision.deliveries:
        delivery = (change.attempt, int(change.delivery), change.reason, change.raw, change.provider_id)
        cells = (*delivery, " ".join(change.flags), practice, change.entry_id)
        run.must(sql.SET_DELIVERY, cells, unknown_message())
    if decision.files is not None:
        change_files(run, practice, decision.files)
    return message


def _owe(run: Run, practice: int, talk: tuple[int | None, str], effect: SendText, at_us: int) -> None:
    to_whom = (effect.attempt, effect.sender, effect.to, effect.because, effect.not_after_us)
    cells = (practice, effect.entry_id, effect.key, "send_text", *to_whom, at_us)
    if talk[0] is not None:
        run.write(owed.OWE, (practice, talk[0], *cells))
    else:
        run.write(owed.OWE_IN, (practice, practice, talk[1], *cells))


def _write_consent(run: Run, practice: int, loaded: Consent | None, decision: Decision) -> None:
    """Compare the projection with what was loaded; then the ledger's new lines, and the projection after them."""
    address = decision.consent[0].address if decision.consent else ""
    expected = loaded if loaded is not None else Consent(address=address)

    def told(cells: Cells | None) -> None:
        # What the row does not tell is asked for at once, which is rare: the number of somebody who was erased.
        if known_consent(run.one, practice, expected.address, cells) != expected:
            raise _InsteadError(Stale())

    run.check(sql.CONSENT, (expected.address, practice), told)
    if not decision.consent:
        return
    current = expected
    for line in decision.consent:
        run.write(sql.ADD_CONSENT_LINE, (practice, *rows.line_cells(line)))
        current = current.after(line)
    cells = (practice, current.address, int(current.opted_out), int(current.maybe), current.since_us)
    run.write(sql.SET_CONSENT, cells)


def _settle(run: Run, practice: int, settlement: Settlement, told: _Told) -> None:
    who = (practice, settlement.key, settlement.tries)
    if settlement.again_us is not None:
        done = run.count(owed.SETTLE_AGAIN, (_OWED, settlement.again_us, None, settlement.provider, *who))
    else:
        cells = (_DONE, None, settlement.provider, settlement.provider_id, *who)
        run.must(owed.SETTLE, cells, _InsteadError(Stale()))
        _claim_parked(run, practice, (settlement.key, settlement.provider, settlement.provider_id), told)
        return
    if done != 1:
        raise _InsteadError(Stale())


def _name(run: Run, practice: int, fact: Fact, decision: Decision, told: _Told) -> None:
    known_as = late_name(fact, decision)
    if known_as is not None and isinstance(fact, EffectSettled):
        with suppress(TakenError), run.undoable():  # the id is another message's
            if run.count(owed.NAME, (fact.provider, known_as, practice, fact.key)) == 1:
                _claim_parked(run, practice, (fact.key, fact.provider, known_as), told)


def _claim_parked(run: Run, practice: int, named: tuple[str, str, str | None], told: _Told) -> None:
    """Reports that waited for this id now name their message, and wait to be taken in."""
    key, provider, provider_id = named
    if provider_id is not None:
        run.write(owed.CLAIM_PARKED, (*entry_of(key), practice, provider, provider_id), told.waiting)


def _remember(run: Run, practice: int, identity: str, message: tuple[int | None, str] | None, fact: Fact) -> None:
    fingerprint = fingerprint_of(fact)
    if message is None or message[0] is not None:
        key = None if message is None else message[0]
        run.must(sql.ADD_FACT, (practice, identity, key, fingerprint), _SeenNowError())
    else:
        run.must(sql.ADD_FACT_OF, (practice, identity, practice, message[1], fingerprint), _SeenNowError())
