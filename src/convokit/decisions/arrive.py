"""A client wrote: which conversation it belongs to, what it says about consent, what is owed in answer."""

from __future__ import annotations

from attrs import evolve

from convokit.decisions.base import Before, Decision
from convokit.domain.consent import CLASSIFIER_VERSION, Verdict, classify_text
from convokit.domain.consent_ledger import Consent, ConsentEntry
from convokit.domain.conversation import Conversation, Entry, preview
from convokit.domain.delivery import Delivery
from convokit.domain.rules import CONFIRMATION_WINDOW, Practice, filled
from convokit.effects import SendText
from convokit.facts import TextArrived

_NOTHING_SAID = Verdict(kind="none")

_EVENTS = {
    "stop": ("opted_out", "The client opted out of texts."),
    "start": ("opted_in", "The client allowed texts again."),
    "maybe": ("maybe_opt_out", "This text may mean that the client wants no more texts. Please decide."),
}


def arrive(before: Before, fact: TextArrived, practice: Practice) -> Decision:
    """The message joins its conversation; opt-out words take effect in the same transaction."""
    verdict = _verdict(before, fact, practice)
    current, reopened = _conversation(before.conversation, fact, practice)
    message = _message(fact, current.id, current.last_seq + len(reopened) + 1, verdict)
    entries = (*reopened, message)
    consent = _ledger(before.consent, fact, verdict)
    if consent:
        event, words = _EVENTS[verdict.kind]
        if verdict.note == "may_be_appointment":
            words += " CANCEL may have meant an appointment: please check with the client."
        entries += (_event(fact, current.id, fact.event_id, message.seq + 1, event, words),)
    answer = _answer(before, fact, current.id, verdict, practice)
    effects: tuple[SendText, ...] = ()
    if answer is not None:
        text, effect = answer
        entries += (_automatic(fact, current.id, entries[-1].seq + 1, text),)
        effects = (effect,)
    after = _with_message(current, message, last_seq=entries[-1].seq)
    return Decision(conversation=after, entries=entries, consent=consent, effects=effects)


def _verdict(before: Before, fact: TextArrived, practice: Practice) -> Verdict:
    # A word in the app is a word to the practice: only texts are subject to the carriers' keywords.
    if fact.channel == "app":
        return _NOTHING_SAID
    return classify_text(fact.text, opted_out=before.opted_out, practice_words=practice.rules.stop_words)


def _conversation(
    found: Conversation | None, fact: TextArrived, practice: Practice
) -> tuple[Conversation, tuple[Entry, ...]]:
    """The conversation to write into, and the event when it is reopened."""
    if found is None:
        return _new(fact, None), ()
    if not found.ended:
        return found, ()
    ended_us = found.ended_us or 0
    if fact.at_us - ended_us > practice.rules.reopen_window:
        return _new(fact, found), ()
    words = "Reopened: the client wrote again."
    event = _event(fact, found.id, f"{fact.event_id}r", found.last_seq + 1, "reopened", words)
    return evolve(found, ended=False, ended_us=None), (event,)


def _new(fact: TextArrived, previous: Conversation | None) -> Conversation:
    """A conversation the client began; who it is comes from the directory, else from the one before."""
    who = fact if fact.client_id is not None or previous is None else previous
    return Conversation(
        id=fact.conversation_id,
        channel=fact.channel,
        sender=fact.sender,
        address=fact.address,
        client_id=who.client_id,
        client_name=who.client_name,
        patient_id=who.patient_id,
        patient_name=who.patient_name,
        initiated_by="client",
        started_us=fact.at_us,
        last_us=fact.at_us,
        version=0,  # one more when the message is in it
        previous_id=None if previous is None else previous.id,
    )


def _message(fact: TextArrived, conversation_id: str, seq: int, verdict: Verdict) -> Entry:
    flags = fact.flags
    if verdict.kind == "maybe":
        flags += ("maybe_opt_out",)
    if verdict.note is not None:
        flags += (verdict.note,)
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
    )


def _with_message(current: Conversation, message: Entry, *, last_seq: int) -> Conversation:
    # Once, with everything: copying a conversation is what deciding on a text mostly costs.
    return evolve(
        current,
        unread=current.unread + 1,
        last_seq=last_seq,
        last_message_seq=message.seq,
        # The clock may have been set back; a new message still comes to the top.
        last_us=max(current.last_us, message.at_us),
        last_text=preview(message.text),
        last_side="client",
        last_delivery=None,
        awaiting_us=message.at_us if current.awaiting_us is None else current.awaiting_us,
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


def _answer(
    before: Before, fact: TextArrived, conversation_id: str, verdict: Verdict, practice: Practice
) -> tuple[str, SendText] | None:
    """The one automatic answer: to the first STOP, or to HELP, where the carrier does not answer itself."""
    if verdict.kind not in ("stop", "help"):
        return None
    if not fact.address.startswith("+"):
        return None  # a short code or a name: a machine, which might answer back for ever
    effect = SendText(entry_id=fact.answer_id, conversation_id=conversation_id, sender=fact.sender, to=fact.address)
    if verdict.kind == "stop" and not before.opted_out and not fact.gateway_answers_stop:
        text = filled(practice.rules.confirmation, practice, fact.sender)
        return text, evolve(effect, because="confirmation", not_after_us=fact.at_us + CONFIRMATION_WINDOW)
    if verdict.kind == "help" and not fact.gateway_answers_help:
        return filled(practice.rules.help_reply, practice, fact.sender), evolve(effect, because="help")
    return None


def _event(fact: TextArrived, conversation_id: str, entry_id: str, seq: int, event: str, words: str) -> Entry:
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


def _automatic(fact: TextArrived, conversation_id: str, seq: int, text: str) -> Entry:
    return Entry(
        id=fact.answer_id,
        conversation_id=conversation_id,
        seq=seq,
        at_us=fact.at_us,
        kind="automatic",
        side="practice",
        channel=fact.channel,
        text=text,
        delivery=Delivery.QUEUED,
    )
