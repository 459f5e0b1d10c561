"""Erasing a person, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable
from operator import attrgetter
from typing import Final

from attrs import evolve, frozen

from convokit.domain import erasure as rules
from convokit.domain.attachment import Upload
from convokit.domain.consent_ledger import Consent
from convokit.domain.conversation import Conversation
from convokit.domain.delivery import Delivery
from convokit.domain.erasure import Erased, Erasure, Found
from convokit.effects import entry_of
from convokit.stores.checks import digest_of, in_flight
from convokit.stores.sql import erasing_statements as erase
from convokit.stores.sql import media, people, rows, suppression
from convokit.stores.sql import statements as sql
from convokit.stores.sql.attachment_cells import attachments_cell
from convokit.stores.sql.candidate_cells import candidates_cell
from convokit.stores.sql.database import Run
from convokit.stores.sql.part import Part
from convokit.stores.sql.words import Words

_OWED: Final = 0
_cells = attrgetter(*erase.COLUMNS)


class Erasing(Part):
    """Forgets a person."""

    def erase_client(self, practice_id: str, erasure: Erasure, fresh_id: Callable[[], str]) -> Erased:
        """See :meth:`convokit.ports.store_erasing.ErasingStore.erase_client`."""
        self._refuse_within("to erase a person")
        practice = self._key(practice_id)
        with self._db.writing(practice) as run:
            asked = _Erasing(run=run, words=self._db.words, practice=practice, practice_id=practice_id, erasure=erasure)
            return asked.all(fresh_id)

    def scrub(self) -> None:
        """See :meth:`convokit.ports.store_erasing.ErasingStore.scrub`."""
        self._db.rewrite()


@frozen(kw_only=True)
class _Erasing:
    """One erasure within its transaction."""

    run: Run
    words: Words
    practice: int
    practice_id: str
    erasure: Erasure

    def all(self, fresh_id: Callable[[], str]) -> Erased:
        """Everything, in an order in which each step still finds its rows."""
        keys, found = self._find()
        talks = json.dumps([keys[known.id] for known in found.theirs])
        ids = json.dumps([known.id for known in found.theirs])
        of = (self.practice, talks)
        if self.run.one(erase.BEGUN, of) or self.run.one(erase.JOB_BEGUN, (self.practice, ids)):
            raise in_flight()
        entries, filed = self.run.all(erase.ENTRIES, of), self.run.all(erase.FILED, of)
        withdrawn = self._withdraw(talks, ids)
        self._forget_reports(talks, found)
        files = self._release_files(talks)
        self.run.write(erase.ERASE_ENTRIES, (rules.ERASED, *of))
        payments = self.run.count(erase.PAYMENTS, (rules.ERASED, *of))
        if found.theirs:
            erased = [keys[known.id] for known in found.theirs]
            self.words.forget(self.run, self.practice, erased, [row[0] for row in entries])
        changes = self._conversations(keys, found, fresh_id)
        named = {key: public_id for public_id, key in keys.items()}
        return Erased(
            changes=changes,
            conversations=len(found.theirs),
            entries=len(entries),
            payments=payments,
            withdrawn=withdrawn,
            numbers=len(found.numbers),
            suppressed=self._forget_numbers(found),
            shared=len(found.shared),
            files=files,
            filed=tuple(named[row[0]] for row in filed),
        )

    def _find(self) -> tuple[dict[str, int], Found]:
        """The keys of the conversations concerned, and what of them is the client's."""
        own = self._at(frozenset(self.erasure.numbers))
        more = self._at(rules.numbers_of(self.erasure, own.values()))
        return {known.id: key for key, known in more.items()}, rules.find(self.erasure, more.values())

    def _at(self, numbers: frozenset[str]) -> dict[int, Conversation]:
        listed, who = json.dumps(sorted(numbers)), self.erasure.client_id
        found = self.run.all(erase.FIND, (self.practice, who, who, listed, listed))
        return {row[0]: rows.conversation_of(row) for row in found}

    def _withdraw(self, talks: str, ids: str) -> int:
        """Nothing of theirs is owed any more; how much was."""
        owed = self.run.all(erase.OWED, (self.practice, talks))
        for key, state in owed:
            if state == _OWED:
                self.run.write(erase.HOLD_BACK, (int(Delivery.FAILED), self.practice, entry_of(key)[0]))
        jobs = int(self.run.all(erase.JOBS_OWED, (self.practice, ids))[0][0])
        self.run.write(erase.DROP_JOBS, (self.practice, ids))
        return jobs + [state for _, state in owed].count(_OWED)

    def _forget_reports(self, talks: str, found: Found) -> None:
        """Reports that wait, what was said in reports, and requests that could not be read; then who was written to."""
        of = (self.practice, talks)
        self.run.write(erase.DROP_REPORTS, (self.practice, *of))
        app = f"in:app:{self.erasure.client_id}"  # the identity of what was written in the app names the client
        self.run.write(erase.DROP_FACTS, (self.practice, f"{app}:", f"{app};"))
        self.run.write(erase.DROP_PARKED, (self.practice, *of, *of))
        self.run.write(erase.DROP_REFERENCES, (self.practice, *of))
        self.run.write(erase.BLANK_FACTS, (rules.ERASED, self.practice, *of))
        for trace in rules.traces_of((*found.numbers, *found.shared), found.theirs):
            self.run.write(erase.DROP_UNREADABLE, (self.practice, trace))
        self.run.write(erase.SETTLE, of)

    def _release_files(self, talks: str) -> tuple[Upload, ...]:
        """The uploads whose files are to be deleted, also those that an earlier call left."""
        owner = f"client:{self.erasure.client_id}"
        found = self.run.all(erase.FILES, (self.practice, self.practice, talks, owner))
        files = tuple(rules.erased_upload(media.upload_of(row)) for row in found)
        for one in files:
            cell = attachments_cell((one.attachment,))
            self.run.write(erase.RELEASE_FILE, (one.owner, one.expires_us, cell, self.practice, one.id))
        return files

    def _conversations(
        self, keys: dict[str, int], found: Found, fresh_id: Callable[[], str]
    ) -> tuple[tuple[str, int], ...]:
        changes = []
        for known in (*found.theirs, *found.naming):
            change, key = self.run.next_change(self.practice), keys[known.id]
            if known in found.naming:
                self._write(rules.without_candidate(known, self.erasure.client_id, change))
            else:
                after = rules.erased_conversation(known, self.erasure.at_us, change)
                self._write(self._with_last_delivery(key, after))
                event = rules.event_of(self.erasure, after, fresh_id())
                self.run.write(sql.ADD_ENTRY, rows.entry_cells((self.practice, key), event))
            changes.append((known.id, change))
        return tuple(changes)

    def _with_last_delivery(self, key: int, after: Conversation) -> Conversation:
        row = self.run.one(erase.DELIVERY, (self.practice, key, after.last_message_seq))
        return after if row is None else evolve(after, last_delivery=rows.delivery_of(row[0]))

    def _write(self, after: Conversation) -> None:
        cells = (*_cells(after), after.change, candidates_cell(after.candidates))
        self.run.write(erase.ERASE_CONVERSATION, (*cells, self.practice, after.id))

    def _forget_numbers(self, found: Found) -> int:
        """Note, choices, health, ledger and consent; how many numbers stay opted out."""
        who = self.erasure.client_id
        self.run.write(erase.DROP_NOTE, (self.practice, who))
        self.run.write(erase.DROP_APPS, (self.practice, who))
        self.run.write(erase.DROP_CHOICES, (self.practice, who, json.dumps(found.numbers)))
        return sum(self._forget_number(number) for number in found.numbers)

    def _forget_number(self, number: str) -> bool:
        of = (self.practice, number)
        self.run.write(people.CLEAR_HEALTH, of)
        known = self._consent(number)
        digest = digest_of(self._key(), number)
        self.run.write(suppression.RELEASE, (self.practice, digest))
        if known.opted_out:
            self.run.write(suppression.SUPPRESS, (self.practice, digest, known.since_us))
        self.run.write(erase.DROP_CONSENT, of)
        self.run.write(erase.BLANK_LINES, of)
        return known.opted_out

    def _consent(self, number: str) -> Consent:
        cells = self.run.one(sql.CONSENT, (number, self.practice))
        return suppression.known_consent(self.run.one, self.practice, number, cells)

    def _key(self) -> bytes:
        """The key of this practice's digests, made when the first person is erased."""
        self.run.write(media.ADD_SECRET, (rules.key_name(self.practice_id), self.erasure.key))
        row = self.run.one(suppression.KEY, (self.practice,))
        return self.erasure.key if row is None else bytes(row[0])
