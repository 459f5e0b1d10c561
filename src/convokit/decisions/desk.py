"""What staff and the client's app do to a conversation as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import evolve

from convokit.decisions.base import NOTHING, Before, Decision
from convokit.decisions.reply import refuse_second_open
from convokit.domain.changed import changed
from convokit.domain.consent_ledger import ConsentEntry
from convokit.domain.conversation import Conversation, Entry, EventKind
from convokit.domain.delivery import Delivery, advance
from convokit.domain.department_rules import home
from convokit.domain.rules import Practice
from convokit.domain.urgency import level
from convokit.errors import Conflict
from convokit.facts import (
    AppOpened,
    AssigneeSet,
    ClientChosen,
    ClientSet,
    ConsentRecorded,
    ConversationMoved,
    ConversationRestarted,
    MarkedUnread,
    NoteWritten,
    PatientSet,
    StaffRead,
    TeamMemberRenamed,
    ThreadRead,
    UrgencySet,
)

StaffEvent = (
    ConversationRestarted
    | TeamMemberRenamed
    | UrgencySet
    | AssigneeSet
    | ConversationMoved
    | ClientChosen
    | ClientSet
    | PatientSet
    | ConsentRecorded
)
"""What staff do that stands in the timeline."""


def restart(before: Before, fact: ConversationRestarted, practice: Practice) -> Decision:
    """An ended conversation is open again, in the default department if its own is gone.

    Raises:
        Conflict: ``conversation.open``; ``conversation.erased``: its client was erased;
            ``conversation.already_open`` when another one is open at the address.
    """
    current = before.found
    if not current.ended:
        raise Conflict("conversation.open", "the conversation is open", field="conversation_id")
    if current.is_erased:
        raise Conflict("conversation.erased", "the client of this conversation was erased", field="conversation_id")
    refuse_second_open(before.open_beside)
    department = home(practice.rules, current.department)
    after = changed(current, ended=False, ended_us=None, department=department)
    return with_event(after, fact, "restarted", f"{fact.by_name} restarted the conversation.")


def rename(before: Before, fact: TeamMemberRenamed) -> Decision:
    """The name that the client sees changes; what was written keeps its author."""
    current = before.found
    if current.team_member == fact.name:
        return NOTHING
    after = changed(current, team_member=fact.name)
    return with_event(after, fact, "team_member", f"Team member is now {fact.name}.")


def set_urgency(before: Before, fact: UrgencySet) -> Decision:
    """The urgency changes, and with it the place in the list."""
    current = before.found
    if current.urgency == fact.urgency:
        return NOTHING
    after = changed(current, urgency=fact.urgency)
    return with_event(after, fact, "urgency", f"Urgency is now {level(fact.urgency)}.")


def assign(before: Before, fact: AssigneeSet) -> Decision:
    """Another member of staff, or nobody, looks after the conversation; it stays where it is in the list."""
    current = before.found
    if (current.assignee_id, current.assignee_name) == (fact.assignee_id, fact.assignee_name):
        return NOTHING
    after = changed(current, assignee_id=fact.assignee_id, assignee_name=fact.assignee_name)
    words = "Nobody is assigned any more." if fact.assignee_id is None else f"Assigned to {fact.assignee_name}."
    return with_event(after, fact, "assigned", words)


def staff_read(before: Before, fact: StaffRead) -> Decision:
    """Staff have seen everything up to a sequence number; a message that came meanwhile stays unread."""
    current = before.found
    if current.unread == 0 or fact.upto_seq < current.last_message_seq:
        return NOTHING
    return Decision(conversation=changed(current, unread=0, version=current.version + 1))


def mark_unread(before: Before, fact: MarkedUnread) -> Decision:
    """At least one unread, in every state."""
    current = before.found
    if current.unread:
        return NOTHING
    return Decision(conversation=changed(current, unread=1, version=current.version + 1))


def note(before: Before, fact: NoteWritten) -> Decision:
    """A note of staff for each other, in every state. It is no message: it moves nothing, and nobody is told."""
    current = before.found
    entry = Entry(
        id=fact.entry_id,
        conversation_id=current.id,
        seq=current.last_seq + 1,
        at_us=fact.at_us,
        kind="note",
        side="practice",
        channel=current.channel,
        text=fact.text,
        author_id=fact.by_id,
        author_name=fact.by_name,
        client_ref=fact.client_ref,
        flags=fact.flags,
    )
    after = changed(current, version=current.version + 1, last_seq=entry.seq)
    return Decision(conversation=after, entries=(entry,))


def app_seen(before: Before, fact: AppOpened | ThreadRead) -> Decision:
    """The client's watermarks rise; one write, however many messages they cover.

    Raises:
        Conflict: ``conversation.channel`` for a conversation by text.
    """
    current = before.found
    if current.channel != "app":
        raise Conflict("conversation.channel", "only app conversations know this", field="conversation_id", limit="app")
    upto = current.last_seq if fact.upto_seq is None else min(fact.upto_seq, current.last_seq)
    read = isinstance(fact, ThreadRead)
    opened_seq = max(current.opened_seq, upto)
    read_seq = max(current.read_seq, upto) if read else current.read_seq
    if (opened_seq, read_seq) == (current.opened_seq, current.read_seq):
        return NOTHING
    last = current.last_delivery
    if last is not None and current.last_message_seq <= upto:
        last = advance(last, Delivery.READ if read else Delivery.DELIVERED)
    after = changed(current, version=current.version + 1, opened_seq=opened_seq, read_seq=read_seq, last_delivery=last)
    return Decision(conversation=after)


_CONSENT_WORDS: Final[Mapping[str, tuple[EventKind, str]]] = {
    "opt_out": ("opted_out", "opted the client out of texts"),
    "opt_in": ("opted_in", "recorded that the client allows texts again"),
    "dismiss": ("maybe_dismissed", "decided that the text did not mean an opt-out"),
}


def record_consent(before: Before, fact: ConsentRecorded) -> Decision:
    """What staff record goes to the ledger, and to the conversation if there is one. Repeating it adds nothing."""
    opted_out, maybe = before.opted_out, before.consent is not None and before.consent.maybe
    says_new = {"opt_out": not opted_out, "opt_in": opted_out, "dismiss": maybe}[fact.action]
    if not says_new:
        return NOTHING
    line = ConsentEntry(
        address=fact.address,
        action=fact.action,
        source="staff",
        at_us=fact.at_us,
        actor=fact.by_id,
        evidence=fact.reason,
    )
    if before.conversation is None:
        return Decision(consent=(line,))
    event, words = _CONSENT_WORDS[fact.action]
    told = with_event(before.conversation, fact, event, f"{fact.by_name} {words}.")
    return evolve(told, consent=(line,))


def with_event(after: Conversation, fact: StaffEvent, event: EventKind, words: str) -> Decision:
    """The conversation one version up, with the event as its newest entry."""
    entry = Entry(
        id=fact.entry_id,
        conversation_id=after.id,
        seq=after.last_seq + 1,
        at_us=fact.at_us,
        kind="event",
        side="system",
        channel=after.channel,
        event=event,
        text=words,
        author_id=fact.by_id,
        author_name=fact.by_name,
    )
    return Decision(conversation=changed(after, version=after.version + 1, last_seq=entry.seq), entries=(entry,))
