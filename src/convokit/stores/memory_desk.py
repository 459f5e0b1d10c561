"""One practice in memory: plain dictionaries. :mod:`convokit.stores.memory` holds the lock around every call."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from attrs import define, evolve, field

from convokit.decisions.base import Before, Decision, FilesChange, Needs
from convokit.domain.attachment import Attachment, Upload
from convokit.domain.candidates import ClientChoice
from convokit.domain.client_notes import ClientNote
from convokit.domain.consent_ledger import Consent, ConsentEntry
from convokit.domain.conversation import Conversation, Entry, with_watermarks
from convokit.domain.end_of_day import DayReport
from convokit.domain.erasure import suppressed
from convokit.domain.number_health import NumberHealth
from convokit.domain.payment import Payment
from convokit.domain.planned_work import PlannedWork, WorkPlan
from convokit.domain.rules import Practice
from convokit.effects import Because, OwedEffect, OwedJob
from convokit.facts import DeliveryReported, EffectSettled, Fact
from convokit.ports.push import PushToken
from convokit.ports.store import CommitResult, Committed, SeenBefore, Stale
from convokit.stores.checks import (
    MOST_RECENT,
    check_decision,
    claimable,
    digest_of,
    fingerprint_of,
    hour_before,
    id_taken,
    late_name,
    unknown_message,
    unknown_payment,
    upload_unknown,
    upload_used,
)

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
    health: dict[str, NumberHealth] = field(factory=dict)
    notes: dict[str, ClientNote] = field(factory=dict)
    choices: dict[str, ClientChoice] = field(factory=dict)
    owed: dict[str, OwedEffect] = field(factory=dict)
    jobs: dict[str, OwedJob] = field(factory=dict)
    work: dict[str, PlannedWork] = field(factory=dict)
    days: dict[date, DayReport] = field(factory=dict)
    payments: dict[str, Payment] = field(factory=dict)
    names: dict[Name, str] = field(factory=dict)
    parked: dict[Name, list[DeliveryReported]] = field(factory=dict)
    tokens: dict[str, str] = field(factory=dict)
    media: dict[str, Upload] = field(factory=dict)
    apps: dict[str, tuple[str, PushToken]] = field(factory=dict)
    unreadable: list[tuple[str, bytes, int]] = field(factory=list)
    suppressed: dict[str, int] = field(factory=dict)
    suppression_key: bytes = b""

    # --- finding -------------------------------------------------------------------------------------------------

    def load(self, needs: Needs) -> Before:
        """What a decision needs."""
        found = self._load(needs)
        talk = found.conversation
        if not needs.reach or talk is None or talk.channel != "app":
            return found
        return evolve(found, reach=tuple(token.id for token in self.apps_of(talk.address)))

    def apps_of(self, client_id: str) -> tuple[PushToken, ...]:
        """The registrations of a client's apps, the one that was given last at the end."""
        theirs = [token for whose, token in self.apps.values() if whose == client_id]
        return tuple(sorted(theirs, key=lambda token: token.registered_us))

    def _load(self, needs: Needs) -> Before:
        if needs.at is not None:
            found = self.open_at(*needs.at) or (self._ended_last(*needs.at) if needs.or_ended else None)
            return Before(
                conversation=found,
                consent=self.consent(needs.at[2]) if needs.consent else None,
                recent=None if needs.recent_us is None else self.recent(needs.at[2], needs.recent_us),
                choice=self.choices.get(needs.at[2]) if needs.choice else None,
            )
        if needs.payment_id is not None:
            return self._load_payment(needs.payment_id, needs.job_key)
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
            job=self.jobs.get(needs.job_key or ""),
            day=None if needs.day is None else self.days.get(needs.day),
            consent=self.consent(address) if needs.consent and address else None,
        )

    def _load_payment(self, payment_id: str, job_key: str | None) -> Before:
        job, payment = self.jobs.get(job_key or ""), self.payments.get(payment_id)
        if payment is None:
            return Before(job=job)
        conversation, entry = self.conversations[payment.conversation_id], self.entries.get(payment.entry_id or "")
        text = None if entry is None else self.owed.get(f"{entry.id}.{entry.attempt}")
        return Before(
            conversation=conversation,
            payment=payment,
            entry=entry,
            effect=text if text is not None and text.state == "owed" else None,
            job=job,
            consent=self.consent(conversation.address),
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

    def recent(self, address: str, at_us: int) -> tuple[tuple[Because, int], ...]:
        """Automatic texts to a number in the hour before a moment: why and when, newest first."""
        since, until = hour_before(at_us)
        texts = ((o.effect, o.owed_us) for o in self.owed.values() if o.effect.to == address)
        found = [(text.because, owed_us) for text, owed_us in texts if text.automatic and since < owed_us <= until]
        return tuple(sorted(found, key=lambda one: one[1])[::-1][:MOST_RECENT])

    def consent(self, address: str) -> Consent:
        """The projection for a number."""
        known = self.consents.get(address)
        if known is not None or not self.suppressed:
            return known or Consent(address=address)
        return suppressed(address, self.suppressed.get(digest_of(self.suppression_key, address)))

    # --- writing -------------------------------------------------------------------------------------------------

    def commit(self, before: Before, fact: Fact, decision: Decision) -> CommitResult:
        """Everything is looked at first, and then written: a refusal leaves nothing behind."""
        identity = fact.identity
        if identity is not None and identity in self.facts:
            return self.facts[identity]
        check_decision(before, decision)
        if not decision.changes_nothing:
            if self._is_stale(before, decision) or self._is_stale_cap(before, fact, decision):
                return Stale()
            self._refuse_unfit(before, decision)
            self.change += 1
            self._write(fact, decision)
        self._name_late(fact, decision)
        if identity is not None:
            message = next((e.id for e in decision.entries if e.kind in ("message", "note")), None)
            self.facts[identity] = SeenBefore(entry_id=message, fingerprint=fingerprint_of(fact))
        return Committed(change=0 if decision.changes_nothing else self.change)

    def _is_stale(self, before: Before, decision: Decision) -> bool:
        settlement, after, loaded = decision.settlement, decision.conversation, before.conversation
        if settlement is not None:
            owed = self.owed.get(settlement.key)
            if owed is None or (owed.state, owed.tries) != ("begun", settlement.tries):
                return True
        if decision.job_settlement is not None:
            job = self.jobs.get(decision.job_settlement.key)
            if job is None or (job.state, job.tries) != ("begun", decision.job_settlement.tries):
                return True
        if decision.withdrawn is not None and self._state(decision.withdrawn) != "owed":
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

    def _state(self, key: str) -> str | None:
        owed = self.owed.get(key)
        return None if owed is None else owed.state

    def _is_stale_cap(self, before: Before, fact: Fact, decision: Decision) -> bool:
        """Whether another automatic text went to the same number since: the cap may be reached."""
        automatic = (effect.to for effect in decision.effects if effect.automatic)
        return any(self.recent(to, fact.at_us) != (before.recent or ()) for to in automatic)

    def _refuse_unfit(self, before: Before, decision: Decision) -> None:
        """Ids that should be new and are not, messages that should be there and are not."""
        after = decision.conversation
        is_new = after is not None and (before.conversation is None or before.conversation.id != after.id)
        if is_new and after is not None and after.id in self.conversations:
            raise id_taken()
        if any(e.id in self.entries for e in decision.entries) or any(e.key in self.owed for e in decision.effects):
            raise id_taken()
        if any(job.key in self.jobs for job in decision.jobs):
            raise id_taken()
        if decision.payment is not None and (decision.payment.id in self.payments) != (before.payment is not None):
            raise unknown_payment() if before.payment is not None else id_taken()
        if any(change.entry_id not in self.entries for change in decision.deliveries):
            raise unknown_message()
        change = decision.files
        if change is not None and change.entry_id not in self.entries:
            raise unknown_message()
        for file in _claimed(decision):
            if file.id not in self.media:
                raise upload_unknown()
            if self.media[file.id].entry_id is not None:
                raise upload_used()

    def _write(self, fact: Fact, decision: Decision) -> None:
        after = decision.conversation
        if after is not None:
            self.rows.setdefault(after.id, len(self.rows) + 1)
            self.conversations[after.id] = evolve(after, change=self.change)
        self.entries.update((entry.id, entry) for entry in decision.entries)
        for entry in decision.entries:
            for file in claimable(entry.attachments):
                self.media[file.id] = evolve(self.media[file.id], entry_id=entry.id)
        if decision.files is not None:
            self._change_files(decision.files)
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
        if decision.payment is not None:
            self.payments[decision.payment.id] = decision.payment
        if decision.withdrawn is not None:
            self.owed[decision.withdrawn] = evolve(self.owed[decision.withdrawn], state="done")
        for job in decision.jobs:
            self.jobs[job.key] = OwedJob(
                job=job, practice=self.practice.id, state="owed", tries=0, owed_us=fact.at_us, due_us=0
            )
        self._write_people(decision)
        self._settle(decision)
        self._settle_job(decision)
        if decision.work is not None:
            self.plan(decision.work)
        if decision.day is not None:
            self.days[decision.day.day] = decision.day

    def plan(self, plan: WorkPlan) -> None:
        """Replace a plan by another one, unless somebody else has."""
        known = self.work.get(plan.kind)
        if (None if known is None else known.due_us) != plan.instead_of:
            return
        self.work.pop(plan.kind, None)
        if plan.due_us is not None:
            self.work[plan.kind] = PlannedWork(
                practice=self.practice.id, kind=plan.kind, due_us=plan.due_us, planned_us=plan.planned_us
            )

    def _settle_job(self, decision: Decision) -> None:
        settlement = decision.job_settlement
        if settlement is not None:
            job = evolve(self.jobs[settlement.key], state="done", due_us=0, lease_us=None)
            if settlement.instead is not None:
                job = evolve(job, job=settlement.instead)
            again = settlement.again_us
            self.jobs[job.key] = job if again is None else evolve(job, state="owed", due_us=again)

    def _write_people(self, decision: Decision) -> None:
        health, choice = decision.health, decision.choice
        if health is not None and health.reason is None:
            self.health.pop(health.address, None)
        elif health is not None:
            known = self.health.get(health.address)
            self.health[health.address] = health if known is None else evolve(health, since_us=known.since_us)
        if choice is not None:
            self.choices[choice.address] = choice
        lost = decision.token_loss
        app = None if lost is None else self.apps.get(lost.token_id)
        if lost is not None and app is not None and app[1].registered_us <= lost.until_us:
            del self.apps[lost.token_id]

    def _change_files(self, change: FilesChange) -> None:
        for file in change.taken:
            self.media[file.id] = evolve(self.media[file.id], entry_id=change.entry_id)
        self.entries[change.entry_id] = evolve(self.entries[change.entry_id], attachments=change.attachments)

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

    def timeline(self, conversation_id: str) -> list[Entry]:
        """All entries of a conversation as a person sees them, in order."""
        mine = [e for e in self.entries.values() if e.conversation_id == conversation_id]
        return [self.shown(entry) for entry in sorted(mine, key=lambda e: e.seq)]

    def shown(self, entry: Entry) -> Entry:
        """An entry with the client's watermarks joined in."""
        conversation = self.conversations[entry.conversation_id]
        return with_watermarks(entry, conversation.opened_seq, conversation.read_seq)


def _claimed(decision: Decision) -> Iterable[Attachment]:
    """The uploads that a decision puts into messages."""
    yield from (file for entry in decision.entries for file in claimable(entry.attachments))
    if decision.files is not None:
        yield from decision.files.taken
