"""Erasing a person in the store in memory. :mod:`convokit.stores.memory` holds the lock around every call."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from attrs import evolve

from convokit.decisions.filing import FILED
from convokit.domain import erasure as rules
from convokit.domain.attachment import Upload
from convokit.domain.consent_ledger import ConsentEntry
from convokit.domain.conversation import Entry
from convokit.domain.erasure import Erased, Erasure, Found
from convokit.effects import AskPayment, Job
from convokit.stores.checks import digest_of, in_flight
from convokit.stores.memory_desk import MemoryDesk


class MemoryErasing:
    """See :class:`convokit.ports.store_erasing.ErasingStore`."""

    def _open(self, patience_ms: int | None = None) -> AbstractContextManager[None]:
        raise NotImplementedError

    def _desk(self, practice_id: str, patience_ms: int | None = None) -> AbstractContextManager[MemoryDesk]:
        raise NotImplementedError

    def erase_client(self, practice_id: str, erasure: Erasure, fresh_id: Callable[[], str]) -> Erased:
        """See :meth:`convokit.ports.store_erasing.ErasingStore.erase_client`."""
        with self._desk(practice_id) as desk:
            found = rules.find(erasure, desk.conversations.values())
            gone = {c.id for c in found.theirs}
            owed = [o for o in desk.owed.values() if o.effect.conversation_id in gone]
            jobs = [j for j in desk.jobs.values() if _is_theirs(j.job, gone)]
            states = [*(one.state for one in owed), *(one.state for one in jobs)]
            if "begun" in states:
                raise in_flight()
            _forget_reports(desk, found, gone, erasure.client_id)
            filed = tuple(one.conversation_id for one in desk.entries.values() if _is_filed(one, gone))
            entries = _erase_entries(desk, gone)
            for job in jobs:
                del desk.jobs[job.key]
            files = _release_files(desk, entries, erasure.client_id)
            payments = [one for one in desk.payments.values() if one.conversation_id in gone]
            desk.payments.update((one.id, evolve(one, title=rules.ERASED, url=None, page=None)) for one in payments)
            changes = _erase_conversations(desk, erasure, found, fresh_id)
            suppressed = _forget_numbers(desk, erasure, found)
            return Erased(
                changes=changes,
                conversations=len(gone),
                entries=len(entries),
                payments=len(payments),
                withdrawn=states.count("owed"),
                numbers=len(found.numbers),
                suppressed=suppressed,
                shared=len(found.shared),
                files=files,
                filed=filed,
            )

    def scrub(self) -> None:
        """See :meth:`convokit.ports.store_erasing.ErasingStore.scrub`. There is nothing beside the memory."""
        with self._open():
            return


def _is_filed(entry: Entry, gone: set[str]) -> bool:
    return entry.conversation_id in gone and entry.event == FILED


def _is_theirs(job: Job, gone: set[str]) -> bool:
    if isinstance(job, AskPayment) and job.ask != "open":  # an open link would be worse, and it names nobody
        return False
    return job.conversation_id in gone


def _forget_reports(desk: MemoryDesk, found: Found, gone: set[str], client_id: str) -> None:
    """Reports that wait, what was said in reports, and requests that could not be read."""
    theirs = {entry.id for entry in desk.entries.values() if entry.conversation_id in gone}
    names = {(o.provider, o.provider_id) for o in desk.owed.values() if o.effect.conversation_id in gone}
    for name, waiting in desk.parked.items():
        desk.parked[name] = [] if name in names else [r for r in waiting if r.entry_id not in theirs]
    app = f"in:app:{client_id}:"  # the identity of what was written in the app names the client
    keys = {owed.key for owed in desk.owed.values() if owed.effect.conversation_id in gone}
    for identity, seen in [*desk.facts.items()]:
        kind, _, rest = identity.partition(":")
        reported = kind == "dlr" and rest.partition(":")[2].partition(":")[0] in keys
        if reported or identity.startswith(app) or (kind == "ref" and seen.entry_id in theirs):
            del desk.facts[identity]
        elif seen.entry_id in theirs and seen.fingerprint:
            desk.facts[identity] = evolve(seen, fingerprint=rules.ERASED)
    traces = rules.traces_of((*found.numbers, *found.shared), found.theirs)
    desk.unreadable = [kept for kept in desk.unreadable if not any(trace in kept[1] for trace in traces)]


def _erase_entries(desk: MemoryDesk, gone: set[str]) -> set[str]:
    for owed in [o for o in desk.owed.values() if o.effect.conversation_id in gone]:
        entry = desk.entries[owed.effect.entry_id]
        if owed.state == "owed":
            desk.entries[entry.id] = rules.held_back(entry)
            conversation = desk.conversations[entry.conversation_id]
            if entry.seq == conversation.last_message_seq:
                held = evolve(conversation, last_delivery=desk.entries[entry.id].delivery)
                desk.conversations[conversation.id] = held
        desk.owed[owed.key] = evolve(owed, effect=evolve(owed.effect, to=""), state="done", lease_us=None)
    theirs = [entry for entry in desk.entries.values() if entry.conversation_id in gone]
    desk.entries.update((entry.id, rules.erased_entry(entry)) for entry in theirs)
    return {entry.id for entry in theirs}


def _release_files(desk: MemoryDesk, entries: set[str], client_id: str) -> tuple[Upload, ...]:
    """The uploads whose files are to be deleted, also those that an earlier call left."""
    for one in [*desk.media.values()]:
        if one.entry_id in entries or one.owner == f"client:{client_id}":
            desk.media[one.id] = rules.erased_upload(one)
    return tuple(one for one in desk.media.values() if one.owner == rules.ERASED_OWNER)


def _erase_conversations(
    desk: MemoryDesk, erasure: Erasure, found: Found, fresh_id: Callable[[], str]
) -> tuple[tuple[str, int], ...]:
    changes = []
    for known in found.theirs:
        desk.change += 1
        after = rules.erased_conversation(desk.conversations[known.id], erasure.at_us, desk.change)
        event = rules.event_of(erasure, after, fresh_id())
        desk.conversations[known.id], desk.entries[event.id] = after, event
        changes.append((known.id, desk.change))
    for known in found.naming:
        desk.change += 1
        desk.conversations[known.id] = rules.without_candidate(known, erasure.client_id, desk.change)
        changes.append((known.id, desk.change))
    return tuple(changes)


def _forget_numbers(desk: MemoryDesk, erasure: Erasure, found: Found) -> int:
    """Note, choices, health, ledger and consent; how many numbers stay opted out."""
    desk.notes.pop(erasure.client_id, None)
    for token in desk.apps_of(erasure.client_id):
        del desk.apps[token.id]
    for number, choice in [*desk.choices.items()]:
        if number in found.numbers or choice.client_id == erasure.client_id:
            del desk.choices[number]
    desk.suppression_key = desk.suppression_key or erasure.key
    suppressed = 0
    for number in found.numbers:
        desk.health.pop(number, None)
        known = desk.consent(number)
        desk.consents.pop(number, None)
        digest = digest_of(desk.suppression_key, number)
        desk.suppressed.pop(digest, None)
        if known.opted_out:
            desk.suppressed[digest] = known.since_us
            suppressed += 1
        desk.ledger = [_blank(line) if line.address == number else line for line in desk.ledger]
    return suppressed


def _blank(line: ConsentEntry) -> ConsentEntry:
    return evolve(line, address="", evidence="", provider_id=None)
