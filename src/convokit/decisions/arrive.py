"""A client wrote: which conversation it belongs to, what it says about consent, what is owed in answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from convokit.decisions.automatic import Answer, answer_to, entry_of_answer, text_of_answer
from convokit.decisions.base import Before, Decision
from convokit.decisions.shared import identified
from convokit.domain.changed import changed
from convokit.domain.consent import CLASSIFIER_VERSION, Verdict, classify_text
from convokit.domain.consent_ledger import Consent, ConsentEntry
from convokit.domain.conversation import Conversation, Entry, EventKind, preview
from convokit.domain.department_rules import home
from convokit.domain.departments import DEFAULT
from convokit.domain.instant import HOUR
from convokit.domain.rules import Practice
from convokit.effects import FetchMedia, SendText
from convokit.facts import TextArrived

FETCH_WINDOW = 24 * HOUR
"""A file that could not be fetched for so long is given up; carriers delete them, some after a day or two."""

_NOTHING_SAID = Verdict(kind="none")

_EVENTS: Final[Mapping[str, tuple[EventKind, str]]] = {
    "stop": ("opted_out", "The client opted out of texts."),
    "start": ("opted_in", "The client allowed texts again."),
    "maybe": ("maybe_opt_out", "This text may mean that the client wants no more texts. Please decide."),
}


def arrive(before: Before, fact: TextArrived, practice: Practice) -> Decision:
    """The message joins its conversation; opt-out words take effect in the same transaction."""
    if fact.candidates:
        fact = identified(before, fact)
    verdict = _verdict(before, fact, practice)
    current, told = _conversation(before.conversation, fact, practice)
    answer = answer_to(before, current, fact, verdict, practice)
    message = _message(fact, current.id, current.last_seq + len(told) + 1, verdict, answer)
    entries = (*told, message)
    consent = _ledger(before.consent, fact, verdict)
    if consent:
        event, words = _EVENTS[verdict.kind]
        if verdict.note == "may_be_appointment":
            words += " CANCEL may have meant an appointment: please check with the client."
        entries += (_event(fact, current.id, fact.event_id, message.seq + 1, event, words),)
    effects: tuple[SendText, ...] = ()
    if answer is not None and answer.unsent is None:
        entries += (entry_of_answer(answer, fact, current.id, entries[-1].seq + 1),)
        effects = text_of_answer(answer, fact, current.id)
    after = _with_message(current, message, last_seq=entries[-1].seq, answer=answer)
    jobs = tuple(_fetch(fact, current.id, *where) for where in fact.media)
    return Decision(conversation=after, entries=entries, consent=consent, effects=effects, jobs=jobs)


def _fetch(fact: TextArrived, conversation_id: str, attachment_id: str, url: str, sha256: str) -> FetchMedia:
    return FetchMedia(
        attachment_id=attachment_id,
        entry_id=fact.entry_id,
        conversation_id=conversation_id,
        url=url,
        sha256=sha256,
        not_after_us=fact.at_us + FETCH_WINDOW,
    )


def _verdict(before: Before, fact: TextArrived, practice: Practice) -> Verdict:
    # A word in the app is a word to the practice: only texts are subject to the carriers' keywords.
    if fact.channel == "app":
        return _NOTHING_SAID
    return classify_text(fact.text, opted_out=before.opted_out, practice_words=practice.rules.stop_words)


def _conversation(
    found: Conversation | None, fact: TextArrived, practice: Practice
) -> tuple[Conversation, tuple[Entry, ...]]:
    """The conversation to write into, and what is told there before the message."""
    if found is None:
        return _new(fact, None)
    if not found.ended:
        return found, ()
    ended_us = found.ended_us or 0
    department = home(practice.rules, found.department)
    elsewhere = fact.department not in (None, department)
    if elsewhere or fact.at_us - ended_us > practice.rules.reopen_window:
        return _new(fact, found)
    words = "Reopened: the client wrote again."
    event = _event(fact, found.id, f"{fact.event_id}r", found.last_seq + 1, "reopened", words)
    return changed(found, ended=False, ended_us=None, department=department), (event,)


def _new(fact: TextArrived, previous: Conversation | None) -> tuple[Conversation, tuple[Entry, ...]]:
    """A conversation the client began; who it is comes from the directory, else from the one before."""
    known = fact.client_id is not None or bool(fact.candidates)
    who = fact if known or previous is None else previous
    begun = Conversation(
        id=fact.conversation_id,
        channel=fact.channel,
        sender=fact.sender,
        address=fact.address,
        client_id=who.client_id,
        client_name=who.client_name,
        client_email=who.client_email,
        client_phone=who.client_phone,
        patient_id=who.patient_id,
        patient_name=who.patient_name,
        department=fact.department or DEFAULT,
        initiated_by="client",
        started_us=fact.at_us,
        last_us=fact.at_us,
        version=0,  # one more when the message is in it
        previous_id=None if previous is None else previous.id,
        candidates=fact.candidates,
    )
    if begun.client_id is not None or not begun.candidates:
        return begun, ()
    names = ", ".join(one.client_name for one in begun.candidates)
    words = f"Several clients have this number: {names}. Please choose who wrote."
    return begun, (_event(fact, begun.id, f"{fact.event_id}c", 1, "several_clients", words),)


def _message(fact: TextArrived, conversation_id: str, seq: int, verdict: Verdict, answer: Answer | None) -> Entry:
    flags = fact.flags
    if verdict.kind == "maybe":
        flags += ("maybe_opt_out",)
    if verdict.note is not None:
        flags += (verdict.note,)
    if answer is not None and answer.unsent is not None:
        flags += (answer.unsent,)
    return Entry(
        id=fact.entry_id,
        conversation_id=conversation_id,
        seq=seq,
        at_us=fact.at_us,
        kind="message",
        side="client",
        channel=fact.channel,
        text=fact.text,
        author_name=fact.client_name,
        provider_id=fact.provider_id,
        raw=fact.raw,
        flags=flags,
        attachments=fact.attachments,
    )


def _with_message(current: Conversation, message: Entry, *, last_seq: int, answer: Answer | None) -> Conversation:
    # Once, with everything: copying a conversation is what deciding on a text mostly costs.
    return changed(
        current,
        unread=current.unread + 1,
        last_seq=last_seq,
        last_message_seq=message.seq,
        # The clock may have been set back; a new message still comes to the top.
        last_us=max(current.last_us, message.at_us),
        last_text=preview(message.text, message.attachments),
        last_side="client",
        last_delivery=None,
        awaiting_us=message.at_us if current.awaiting_us is None else current.awaiting_us,
        away_us=current.away_us if answer is None or answer.away_us is None else answer.away_us,
        version=current.version + 1,
    )


def _ledger(consent: Consent | None, fact: TextArrived, verdict: Verdict) -> tuple[ConsentEntry, ...]:
    opted_out = consent is not None and consent.opted_out
    action = {"stop": "opt_out", "start": "opt_in", "maybe": "maybe"}.get(verdict.kind)
    if action is None or (action == "opt_in") != opted_out:
        return ()  # nothing said, or nothing new: a second STOP, START without an opt-out, "maybe" after STOP
    return (
        ConsentEntry(
            address=fact.address,
            action=action,  # type: ignore[arg-type]  # the three literals of the table above
            source="text",
            at_us=fact.at_us,
            evidence=fact.text[:1000],
            provider_id=fact.provider_id,
            classifier=CLASSIFIER_VERSION,
        ),
    )


def _event(fact: TextArrived, conversation_id: str, entry_id: str, seq: int, event: EventKind, words: str) -> Entry:
    return Entry(
        id=entry_id,
        conversation_id=conversation_id,
        seq=seq,
        at_us=fact.at_us,
        kind="event",
        side="system",
        channel=fact.channel,
        event=event,
        text=words,
    )
