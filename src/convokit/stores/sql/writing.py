"""The one write: a fact and everything that follows from it, in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Final

from attrs import frozen

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


@frozen
class _What:
    """What is to be committed."""

    practice: int
    before: Before
    fact: Fact
    decision: Decision


class Writing(Part):
    """Commits decisions."""

    _names: Names | None = None

    def carry(self, names: Names) -> None:
        """See :meth:`convokit.ports.store_beside.QueueStore.carry`."""
        self._names = names

    def commit(
        self, practice_id: str, before: Before, fact: Fact, decision: Decision, *, patience_ms: int = PATIENCE_MS
    ) -> CommitResult:
        """See :meth:`convokit.ports.store.Store.commit`."""
        practice = self._key(practice_id)
        identity = fact.identity
        if identity is not None and (row := self._db.one_to_write(sql.SEEN, (practice, identity))) is not None:
            return SeenBefore(entry_id=row[0], fingerprint=row[1])
        if decision.changes_nothing and identity is None and late_name(fact, decision) is None:
            return Committed(change=0)
        check_decision(before, decision)
        owes = decision.effects or decision.jobs
        names = () if self._names is None or not owes else self._names(practice_id, decision)
        what = _What(practice, before, fact, decision)
        try:
            try:
                done = self._write(what, names, patience_ms)
            except NamesRefusedError as refused:  # the engine's trouble is not the message's
                _log.error("the engine's queue took no name (%s); what is owed is done at the next sweep", refused)
                done = self._write(what, (), patience_ms)
        except _InsteadError as instead:
            return instead.result
        except (TakenError, EarlierTakenError) as taken:
            if self._is_another_open(practice, decision.conversation):
                return Stale()  # it was opened a moment ago
            raise id_taken() from taken  # any other unique index holds fresh ids
        if done.change:
            self._db.committed(practice_id)
        return done

    def _write(self, what: _What, names: Sequence[NameWrite], patience_ms: int) -> Committed:
        """Everything in one transaction, and the names of what is owed as its last.

        Raises:
            _InsteadError: it is not to be stored.
            NamesRefusedError: without the names it may be.
        """
        practice, identity = what.practice, what.fact.identity
        change = 0
        try:
            with self._db.writing(practice, patience_ms) as run:
                change = _store_all(run, what)
                for name in names:
                    run.carry(name.text, name.values)
        except CommitLostError as lost:
            ask = partial(_is_stored, practice=practice, identity=identity, decision=what.decision)
            if not self._db.look_up(practice, lost, patience_ms, ask):
                raise _InsteadError(Stale()) from lost  # what of it is there, if anything, the next decision sees
        return Committed(change=change, named=bool(names))

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


def _store_all(run: Run, what: _What) -> int:
    """The fact and what follows from it; the change number."""
    fact, decision = what.fact, what.decision
    change, entry = 0, None
    if not decision.changes_nothing:
        change, entry = _store(run, what.practice, what.before, fact, decision)
    _name(run, what.practice, fact, decision)
    if fact.identity is not None:
        _remember(run, what.practice, fact.identity, entry, fact)
    return change


def _store(run: Run, practice: int, before: Before, fact: Fact, decision: Decision) -> tuple[int, int | None]:
    """Everything but the fact; the change number, and the key of the message that was made."""
    # First, for it waits for an answer anyway: the beginning of the transaction goes with it.
    if decision.consent or before.consent is not None:
        _write_consent(run, practice, before.consent, decision)
    if decision.settlement is not None:
        _settle(run, practice, decision.settlement)
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
    change = run.next_change(practice)
    conversation = None
    if decision.conversation is not None:
        conversation = _write_conversation(run, practice, before.conversation, decision.conversation, change)
    # After it: two clicks would owe the same job, and the second is not to fail but to be decided again.
    for job in decision.jobs:
        owe_job(run, practice, job, fact.at_us)
    if conversation is None:
        return change, None
    message = _write_entries(run, practice, conversation, decision)
    for effect in decision.effects:
        _owe(run, practice, conversation, effect, fact.at_us)
    if decision.payment is not None:
        write_payment(run, practice, conversation, before.payment, decision.payment)
    return change, message


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


def _write_conversation(run: Run, practice: int, before: Conversation | None, after: Conversation, change: int) -> int:
    if before is None or before.id != after.id:
        cells = (practice, *rows.new_cells(after), change, after.previous_id, candidates_cell(after.candidates))
        return run.add(sql.ADD_CONVERSATION, cells)
    where = (change, practice, after.id, before.version)
    if rows.place_of(before) != rows.place_of(after):
        key = run.change(sql.SET_EVERYTHING, rows.everything_cells(after) + where)
    else:
        moved = rows.news_of(before) != rows.news_of(after), rows.turn_of(before) != rows.turn_of(after)
        statement, cells_of = _SET[moved]
        key = run.change(statement, cells_of(after) + where)
    if key is None:
        raise _InsteadError(Stale())
    return key


def _write_entries(run: Run, practice: int, conversation: int, decision: Decision) -> int | None:
    message: int | None = None
    for entry in decision.entries:
        key = run.add(sql.ADD_ENTRY, rows.entry_cells(practice, conversation, entry))
        if entry.attachments:
            claim(run, practice, entry.id, claimable(entry.attachments))
        if entry.kind in ("message", "note"):
            message = key
    for change in decision.deliveries:
        delivery = (change.attempt, int(change.delivery), change.reason, change.raw, change.provider_id)
        cells = (*delivery, " ".join(change.flags), practice, change.entry_id)
        if run.count(sql.SET_DELIVERY, cells) != 1:
            raise unknown_message()
    if decision.files is not None:
        change_files(run, practice, decision.files)
    return message


def _owe(run: Run, practice: int, conversation: int, effect: SendText, at_us: int) -> None:
    to_whom = (effect.attempt, effect.sender, effect.to, effect.because, effect.not_after_us)
    run.write(
        owed.OWE,
        (practice, conversation, practice, effect.entry_id, effect.key, "send_text", *to_whom, at_us),
    )


def _write_consent(run: Run, practice: int, loaded: Consent | None, decision: Decision) -> None:
    """Compare the projection with what was loaded; then the ledger's new lines, and the projection after them."""
    address = decision.consent[0].address if decision.consent else ""
    expected = loaded if loaded is not None else Consent(address=address)
    cells = run.one(sql.CONSENT, (expected.address, practice))
    current = known_consent(run.one, practice, expected.address, cells)
    if current != expected:
        raise _InsteadError(Stale())
    if not decision.consent:
        return
    for line in decision.consent:
        run.write(sql.ADD_CONSENT_LINE, (practice, *rows.line_cells(line)))
        current = current.after(line)
    cells = (practice, current.address, int(current.opted_out), int(current.maybe), current.since_us)
    run.write(sql.SET_CONSENT, cells)


def _settle(run: Run, practice: int, settlement: Settlement) -> None:
    who = (practice, settlement.key, settlement.tries)
    if settlement.again_us is not None:
        done = run.count(owed.SETTLE_AGAIN, (_OWED, settlement.again_us, None, settlement.provider, *who))
    else:
        cells = (_DONE, None, settlement.provider)
        try:
            with run.undoable():
                run.must(owed.SETTLE, (*cells, settlement.provider_id, *who), _InsteadError(Stale()))
                _claim_parked(run, practice, settlement.key, settlement.provider, settlement.provider_id)
            return
        except TakenError:
            # The provider gave this id to another message before: it stays that one's, and the settlement holds.
            done = run.count(owed.SETTLE, (*cells, None, *who))
    if done != 1:
        raise _InsteadError(Stale())


def _name(run: Run, practice: int, fact: Fact, decision: Decision) -> None:
    known_as = late_name(fact, decision)
    if known_as is not None and isinstance(fact, EffectSettled):
        with suppress(TakenError), run.undoable():  # the id is another message's
            if run.count(owed.NAME, (fact.provider, known_as, practice, fact.key)) == 1:
                _claim_parked(run, practice, fact.key, fact.provider, known_as)


def _claim_parked(run: Run, practice: int, key: str, provider: str, provider_id: str | None) -> None:
    """Reports that waited for this id now name their message, and wait to be taken in."""
    if provider_id is not None:
        run.write(owed.CLAIM_PARKED, (*entry_of(key), practice, provider, provider_id))


def _remember(run: Run, practice: int, identity: str, entry: int | None, fact: Fact) -> None:
    if run.count(sql.ADD_FACT, (practice, identity, entry, fingerprint_of(fact))) != 1:
        # Between our look and the lock somebody else stored it.
        row = run.one(sql.SEEN, (practice, identity))
        raise _InsteadError(SeenBefore(entry_id=row[0] if row else None, fingerprint=row[1] if row else ""))
