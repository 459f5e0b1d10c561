"""Staff start a conversation, write, send again, or leave an unsure text."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from convokit.decisions.base import NOTHING, Before, Decision, DeliveryChange, unknown_department
from convokit.domain.changed import changed
from convokit.domain.conversation import Conversation, Entry, preview
from convokit.domain.delivery import QUIET, Delivery
from convokit.domain.department_rules import department
from convokit.domain.quiet import quiet_until
from convokit.domain.rules import Practice
from convokit.domain.senders import not_ready
from convokit.effects import ReleaseText, SendText
from convokit.errors import Conflict
from convokit.facts import ConversationStarted, SendAgainAsked, StaffReplied, UnsureLeft


def start(before: Before, fact: ConversationStarted, practice: Practice) -> Decision:
    """A new conversation, unless one is open at the address.

    Raises:
        Conflict: ``conversation.already_open``; the message names the open one. ``sender.requested``,
            ``sender.verifying``, ``sender.suspended``.
        InvalidInput: ``department.unknown``.
    """
    refuse_second_open(before.conversation)
    refuse_not_ready(practice, fact.sender)
    if department(practice.rules, fact.department) is None:
        raise unknown_department()
    after = Conversation(
        id=fact.conversation_id,
        channel=fact.channel,
        sender=fact.sender,
        address=fact.address,
        title=fact.title,
        department=fact.department,
        client_id=fact.client_id,
        client_name=fact.client_name,
        client_email=fact.client_email,
        client_phone=fact.client_phone,
        patient_id=fact.patient_id,
        patient_name=fact.patient_name,
        team_member=fact.by_name,
        urgency=fact.urgency,
        started_us=fact.at_us,
        last_us=fact.at_us,
        last_seq=1,
    )
    begun = Entry(
        id=fact.entry_id,
        conversation_id=fact.conversation_id,
        seq=1,
        at_us=fact.at_us,
        kind="event",
        side="system",
        channel=fact.channel,
        event="started",
        text=f"{fact.by_name} started the conversation.",
        author_id=fact.by_id,
        author_name=fact.by_name,
    )
    return Decision(conversation=after, entries=(begun,))


def refuse_second_open(found: Conversation | None) -> None:
    """At most one open conversation per practice, channel, sender number and client address.

    Raises:
        Conflict: ``conversation.already_open``.
    """
    if found is not None:
        raise Conflict(
            "conversation.already_open",
            f"a conversation at this address is open already: {found.id}",
            field="client",
            limit="1 open conversation per client address",
        )


def refuse_not_ready(practice: Practice, sender: str) -> None:
    """No text leaves from a number that the carriers do not (or do no longer) let the practice use.

    Raises:
        Conflict: ``sender.requested``, ``sender.verifying``, ``sender.suspended``.
    """
    why = not_ready(practice, sender)
    if why is not None:
        raise Conflict(why.code, why.reason, field="sender", limit="ready")


def reply(before: Before, fact: StaffReplied, practice: Practice) -> Decision:
    """A message of staff. To a client who opted out it is kept, shown as failed, and nothing is owed.

    What a program wrote by itself answers nothing, and by text it waits for the end of the quiet hours.

    Raises:
        Conflict: ``conversation.ended``, ``sender.requested``, ``sender.verifying``, ``sender.suspended``;
            ``client.maybe_opt_out`` for what a program wrote.
    """
    current = before.found
    refuse_ended(current)
    refuse_not_ready(practice, current.sender)
    on_app = current.channel == "app"
    if fact.automatic and not on_app:
        _refuse_maybe(before)
    blocked = before.opted_out and not on_app
    entry = _outbound(current, fact, blocked)
    jobs: tuple[ReleaseText, ...] = ()
    if fact.automatic and entry.delivery is Delivery.QUEUED:
        entry, jobs = _held(entry, fact, practice)
    unseen = fact.seen_seq is not None and current.last_side == "client" and fact.seen_seq < current.last_message_seq
    answered = current if blocked or unseen or fact.automatic else changed(current, unread=0, awaiting_us=None)
    after = changed(
        answered,
        version=current.version + 1,
        last_seq=entry.seq,
        last_message_seq=entry.seq,
        last_us=max(current.last_us, fact.at_us),
        last_text=preview(fact.text, fact.attachments),
        last_side="practice",
        last_delivery=entry.delivery,
        failed=current.failed + blocked,
        team_member=current.team_member or ("" if fact.automatic else fact.by_name),
    )
    effects = () if on_app or blocked or jobs else (owed_text(current, entry.id, 1),)
    return Decision(conversation=after, entries=(entry,), effects=effects, jobs=jobs)


def _refuse_maybe(before: Before) -> None:
    """Of a client who may have asked for silence a person decides first."""
    if before.consent is not None and before.consent.maybe:
        raise Conflict(
            "client.maybe_opt_out",
            "a text of this client may have meant an opt-out; a person decides before a program writes",
            field="conversation_id",
        )


def _held(entry: Entry, fact: StaffReplied, practice: Practice) -> tuple[Entry, tuple[ReleaseText, ...]]:
    """It is looked at by the worker, and says so while it is quiet."""
    job = ReleaseText(entry_id=entry.id, conversation_id=entry.conversation_id, zone=fact.zone)
    zone = ZoneInfo(fact.zone or practice.time_zone)
    waits = quiet_until(fact.at_us, practice.rules.quiet_hours, zone) is not None
    return (changed(entry, flags=(*entry.flags, QUIET)) if waits else entry), (job,)


def _outbound(current: Conversation, fact: StaffReplied, blocked: bool) -> Entry:
    # In the app a message is "sent" once it is stored: the client's app fetches it from here.
    queued = Delivery.SENT if current.channel == "app" else Delivery.QUEUED
    return Entry(
        id=fact.entry_id,
        conversation_id=current.id,
        seq=current.last_seq + 1,
        at_us=fact.at_us,
        kind="message",
        side="practice",
        channel=current.channel,
        text=fact.text,
        author_id=fact.by_id,
        author_name=current.team_member or fact.by_name,
        delivery=Delivery.FAILED if blocked else queued,
        reason="opted_out" if blocked else None,
        client_ref=fact.client_ref,
        flags=fact.flags,
        attachments=fact.attachments,
    )


def send_again(before: Before, fact: SendAgainAsked, practice: Practice) -> Decision:
    """A new attempt of a failed or unsure text. Not a step back: the earlier attempt is over.

    Raises:
        Conflict: ``message.not_failed``, ``message.automatic``, ``conversation.ended``, ``client.opted_out``,
            ``sender.requested``, ``sender.verifying``, ``sender.suspended``; what is known of the earlier attempt
            stays as it is.
    """
    current, entry = before.found, before.found_entry
    refuse_ended(current)
    _troubled(entry, "sent again")
    if entry.kind == "automatic":
        raise Conflict("message.automatic", "an automatic answer is never sent twice", field="message_id")
    if before.opted_out:
        raise Conflict("client.opted_out", "the client opted out of texts", field="message_id")
    refuse_not_ready(practice, current.sender)
    attempt = entry.attempt + 1
    change = DeliveryChange(entry_id=entry.id, attempt=attempt, delivery=Delivery.QUEUED)
    settled = 0 if "left" in entry.flags else -1
    after = _with_last(current, entry, Delivery.QUEUED, settled)
    return Decision(conversation=after, deliveries=(change,), effects=(owed_text(current, entry.id, attempt),))


def leave(before: Before, fact: UnsureLeft) -> Decision:
    """A person decided that a failed or unsure text is not to be sent again.

    Raises:
        Conflict: ``message.not_failed``.
    """
    current, entry = before.found, before.found_entry
    delivery = _troubled(entry, "left")
    if "left" in entry.flags:
        return NOTHING
    change = DeliveryChange(
        entry_id=entry.id,
        attempt=entry.attempt,
        delivery=delivery,
        reason=entry.reason,
        raw=entry.raw,
        provider_id=entry.provider_id,
        flags=(*entry.flags, "left"),
    )
    return Decision(conversation=_with_last(current, entry, delivery, -1), deliveries=(change,))


def _troubled(entry: Entry, what: str) -> Delivery:
    """The delivery of a text that needs a person."""
    if entry.side != "practice" or entry.delivery not in (Delivery.FAILED, Delivery.UNSURE):
        raise Conflict("message.not_failed", f"only a failed or unsure text can be {what}", field="message_id")
    return entry.delivery


def _with_last(current: Conversation, entry: Entry, delivery: Delivery, failed: int) -> Conversation:
    """The conversation after a change of one message's delivery."""
    last = delivery if entry.seq == current.last_message_seq else current.last_delivery
    return changed(current, version=current.version + 1, last_delivery=last, failed=max(0, current.failed + failed))


def owed_text(current: Conversation, entry_id: str, attempt: int) -> SendText:
    """What is owed to the carrier for a message."""
    return SendText(
        entry_id=entry_id,
        conversation_id=current.id,
        attempt=attempt,
        sender=current.sender,
        to=current.address,
    )


def refuse_ended(current: Conversation) -> None:
    """Nothing is written into a conversation that has ended.

    Raises:
        Conflict: ``conversation.ended``.
    """
    if current.ended:
        raise Conflict("conversation.ended", "the conversation has ended; restart it first", field="conversation_id")
