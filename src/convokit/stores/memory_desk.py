"""One practice in memory: plain dictionaries. :mod:`convokit.stores.memory` holds the lock around every call."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from attrs import define, evolve, field

from convokit.decisions.base import Before, Decision, Needs
from convokit.domain.consent_ledger import Consent, ConsentEntry
from convokit.domain.conversation import Conversation, Entry, with_watermarks
from convokit.domain.inbox import InboxQuery, Position
from convokit.domain.rules import Practice
from convokit.effects import OwedEffect
from convokit.facts import DeliveryReported, EffectSettled, Fact
from convokit.ports.store import CommitResult, Committed, SeenBefore, Stale
from convokit.stores.checks import check_decision, fingerprint_of, id_taken, late_name, unknown_message

Name = tuple[str, str]
"""A provider, and its id of a message."""


@define
class MemoryDesk:
    """Everything of one practice. Values are frozen, so what is handed out stays as it was."""

    practice: Practice
    change: int = 0
    conversations: dict[str, Conversation] = field(factory=dict)
    rows: dict[str, int] = field(factory=dict)
    entries: dict[str, Entry] = field(factory=dict)
    facts: dict[str, SeenBefore] = field(factory=dict)
    consents: dict[str, Consent] = field(factory=dict)
    ledger: list[ConsentEntry] = field(factory=list)
    owed: dict[str, OwedEffect] = field(factory=dict)
    names: dict[Name, str] = field(factory=dict)
    parked: dict[Name, list[DeliveryReported]] = field(factory=dict)
    tokens: dict[str, str] = field(factory=dict)
    unreadable: list[tuple[str, bytes, int]] = field(factory=list)

    # --- finding -------------------------------------------------------------------------------------------------

    def load(self, needs: Needs) -> Before:
        """What a decision needs."""
        if needs.at is not None:
            found = self.open_at(*needs.at) or (self._ended_last(*needs.at) if needs.or_ended else None)
            return Before(conversation=found, consent=self.consent(needs.at[2]) if needs.consent else None)
        effect = self.owed.get(needs.effect_key or "")
        entry = self.entries.get(effect.effect.entry_id if effect is not None else needs.entry_id or "")
        if entry is not None and needs.conversation_id not in (None, entry.conversation_id):
            entry = None
        found = self.conversations.get(needs.conversation_id or ("" if entry is None else entry.conversation_id))
        beside = None
        if found is not None and needs.beside:
            beside = self.open_at(found.channel, found.sender, found.address)
        address = needs.address or ("" if found is None else found.address)
        return Before(
            conversation=found,
            open_beside=beside if beside is not found else None,
            entry=entry,
            effect=effect,
            consent=self.consent(address) if needs.consent and address else None,
        )

    def open_at(self, channel: str, sender: str, address: str) -> Conversation | None:
        """The one open conversation at an address."""
        return next((c for c in self._at(channel, address) if c.sender == sender and not c.ended), None)

    def _ended_last(self, channel: str, sender: str, address: str) -> Conversation | None:
        found = [c for c in self._at(channel, address) if c.sender == sender]
        return max(found, key=lambda c: (c.ended_us or 0, self.rows[c.id]), default=None)

    def latest_at(self, channel: str, address: str) -> Conversation | None:
        """The open conversation at an address, else the one with the newest message."""
        return max(self._at(channel, address), key=lambda c: (not c.ended, c.last_us, self.rows[c.id]), default=None)

    def _at(self, channel: str, address: str) -> Iterable[Conversation]:
        return (c for c in self.conversations.values() if (c.channel, c.address) == (channel, address))

    def consent(self, address: str) -> Consent:
        """The projection for a number."""
        return self.consents.get(address) or Consent(address=address)

    # --- writing -------------------------------------------------------------------------------------------------

    def commit(self, before: Before, fact: Fact, decision: Decision) -> CommitResult:
        """Everything is looked at first, and then written: a refusal leaves nothing behind."""
        identity = fact.identity
        if identity is not None and identity in self.facts:
            return self.facts[identity]
        check_decision(before, decision)
        if not decision.changes_nothing:
            if self._is_stale(before, decision):
                return Stale()
            self._refuse_unfit(before, decision)
            self.change += 1
            self._write(fact, decision)
        self._name_late(fact, decision)
        if identity is not None:
            message = next((e.id for e in decision.entries if e.kind == "message"), None)
            self.facts[identity] = SeenBefore(entry_id=message, fingerprint=fingerprint_of(fact))
        return Committed(change=0 if decision.changes_nothing else self.change)

    def _is_stale(self, before: Before, decision: Decision) -> bool:
        settlement, after, loaded = decision.settlement, decision.conversation, before.conversation
        if settlement is not None:
            owed = self.owed.get(settlement.key)
            if owed is None or (owed.state, owed.tries) != ("begun", settlement.tries):
                return True
        if before.consent is not None and self.consent(before.consent.address) != before.consent:
            return True
        if before.consent is None and decision.consent and decision.consent[0].address in self.consents:
            return True
        if after is None:
            return False
        if loaded is not None and loaded.id == after.id:
            current = self.conversations.get(after.id)
            if current is None or current.version != loaded.version:
                return True
        beside = None if after.ended else self.open_at(after.channel, after.sender, after.address)
        return beside is not None and beside.id != after.id

    def _refuse_unfit(self, before: Before, decision: Decision) -> None:
        """Ids that should be new and are not, messages that should be there and are not."""
        after = decision.conversation
        is_new = after is not None and (before.conversation is None or before.conversation.id != after.id)
        if is_new and after is not None and after.id in self.conversations:
            raise id_taken()
        if any(e.id in self.entries for e in decision.entries) or any(e.key in self.owed for e in decision.effects):
            raise id_taken()
        if any(change.entry_id not in self.entries for change in decision.deliveries):
            raise unknown_message()

    def _write(self, fact: Fact, decision: Decision) -> None:
        after = decision.conversation
        if after is not None:
            self.rows.setdefault(after.id, len(self.rows) + 1)
            self.conversations[after.id] = evolve(after, change=self.change)
        self.entries.update((entry.id, entry) for entry in decision.entries)
        for new in decision.deliveries:
            self.entries[new.entry_id] = evolve(
                self.entries[new.entry_id],
                attempt=new.attempt,
                delivery=new.delivery,
                reason=new.reason,
                raw=new.raw,
                provider_id=new.provider_id,
                flags=new.flags,
            )
        for line in decision.consent:
            self.ledger.append(line)
            self.consents[line.address] = self.consent(line.address).after(line)
        for effect in decision.effects:
            self.owed[effect.key] = OwedEffect(
                effect=effect, practice=self.practice.id, state="owed", tries=0, owed_us=fact.at_us, due_us=0
            )
        self._settle(decision)

    def _settle(self, decision: Decision) -> None:
        settlement = decision.settlement
        if settlement is None:
            return
        owed = evolve(self.owed[settlement.key], lease_us=None, provider=settlement.provider)
        if settlement.again_us is not None:
            self.owed[owed.key] = evolve(owed, state="owed", due_us=settlement.again_us)
            return
        self.owed[owed.key] = evolve(owed, state="done")
        self._name(owed.key, settlement.provider, settlement.provider_id)

    def _name_late(self, fact: Fact, decision: Decision) -> None:
        known_as = late_name(fact, decision)
        if known_as is not None and isinstance(fact, EffectSettled):
            owed = self.owed.get(fact.key)
            if owed is not None and owed.provider_id is None:
                self._name(fact.key, fact.provider, known_as)

    def _name(self, key: str, provider: str, provider_id: str | None) -> None:
        """A provider's id is one message's; one that a careless provider gives again stays the first one's."""
        if provider_id is None or self.names.setdefault((provider, provider_id), key) != key:
            return
        self.owed[key] = owed = evolve(self.owed[key], provider=provider, provider_id=provider_id)
        name = (provider, provider_id)
        if name in self.parked:  # they now know their message, and wait to be taken in
            entry_id, attempt = owed.effect.entry_id, owed.effect.attempt
            self.parked[name] = [evolve(r, entry_id=entry_id, attempt=attempt) for r in self.parked[name]]

    # --- effects owed --------------------------------------------------------------------------------------------

    def heads(self) -> list[OwedEffect]:
        """The oldest unsettled effect of each conversation: nothing else may be begun.

        Except the confirmation of an opt-out and the answer to HELP: they pass the replies that nobody has begun.
        """
        heads: list[OwedEffect] = []
        barred: set[tuple[str, bool]] = set()
        for owed in self.owed.values():
            if owed.state == "done":
                continue
            lane, passes = owed.effect.conversation_id, owed.effect.passes_opt_out
            if (lane, passes) not in barred:
                heads.append(owed)
            barred.add((lane, False))
            if passes or owed.state == "begun":
                barred.add((lane, True))
        return heads

    def attempt_of(self, name: Name) -> tuple[str, int] | None:
        """Entry and attempt that a provider took under this id."""
        owed = self.owed.get(self.names.get(name, ""))
        return None if owed is None else (owed.effect.entry_id, owed.effect.attempt)

    # --- lists ---------------------------------------------------------------------------------------------------

    def open_matching(self, query: InboxQuery) -> list[Conversation]:
        """Open conversations that a query asks for."""
        return [c for c in self.conversations.values() if not c.ended and _fits(c, query)]

    def page(
        self, found: list[Conversation], order: Callable[[Conversation], Position], after: Position | None, limit: int
    ) -> tuple[tuple[Conversation, ...], Position | None]:
        """A page in descending order, and the position of its last row if more follow."""
        keyed = sorted(((*order(c), self.rows[c.id]), c) for c in found)[::-1]
        rest = keyed if after is None else [(key, c) for key, c in keyed if key < after]
        shown = rest[:limit]
        return tuple(c for _, c in shown), shown[-1][0] if len(rest) > limit else None

    def timeline(self, conversation_id: str) -> list[Entry]:
        """All entries of a conversation as a person sees them, in order."""
        mine = [e for e in self.entries.values() if e.conversation_id == conversation_id]
        return [self.shown(entry) for entry in sorted(mine, key=lambda e: e.seq)]

    def shown(self, entry: Entry) -> Entry:
        """An entry with the client's watermarks joined in."""
        conversation = self.conversations[entry.conversation_id]
        return with_watermarks(entry, conversation.opened_seq, conversation.read_seq)


def _fits(conversation: Conversation, query: InboxQuery) -> bool:
    asked: Final = (
        (query.unread, conversation.unread > 0),
        (query.initiated_by, conversation.initiated_by),
        (query.urgency, conversation.urgency),
        (query.channel, conversation.channel),
    )
    return all(wanted is None or wanted == is_so for wanted, is_so in asked)
