"""From a conversation and its timeline to its transcript."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from convokit.domain.attachment import Attachment
from convokit.domain.conversation import Conversation, Entry, with_watermarks
from convokit.domain.department_rules import department
from convokit.domain.instant import to_datetime
from convokit.domain.redaction import MAIL_ADDRESS, NOTHING_LEFT_OUT, Redaction, Redactor, unknown_messages
from convokit.domain.rules import Practice
from convokit.domain.transcript import SpokenLine, Transcript, TranscriptFile, TranscriptHead, made_transcript
from convokit.errors import InvalidInput


def build_transcript(
    practice: Practice,
    conversation: Conversation,
    entries: Iterable[Entry],
    *,
    internal_notes: bool = False,
    redact: Redaction = NOTHING_LEFT_OUT,
    events: bool = True,
) -> Transcript:
    """The transcript of ``conversation``; ``entries`` is its timeline, or the part of it that is to be told.

    Args:
        entries: in any order.
        internal_notes: with the notes that staff wrote for each other.
        redact: what is left out; the transcript says that something was.
        events: with what happened besides what was written; the transcript says so where it is without.

    Raises:
        InvalidInput: ``transcript.entries`` when an entry is of another conversation or two have one position;
            ``transcript.redact`` when a message that is to be left out is not there; ``time.zone`` when the
            practice's time zone is not known.
    """
    _check_zone(practice.time_zone)
    ordered = _ordered(conversation, entries)
    strange = unknown_messages(redact, (entry.id for entry in ordered))
    if strange:
        why = f"a message to leave out is not in this conversation: {strange[0][:100]!r}"
        raise InvalidInput("transcript.redact", why, field="redact")
    without = {*(() if internal_notes else ("note",)), *(() if events else ("event",))}
    told = [entry for entry in ordered if entry.kind not in without]
    if not redact.nothing:
        redactor = Redactor(redact, conversation)
        conversation, told = redactor.conversation(conversation), [redactor.entry(entry) for entry in told]
    about = _head(practice, conversation, redact, internal_notes=internal_notes, events=events)
    return made_transcript(about, (_spoken(entry, practice, conversation) for entry in told))


def _ordered(conversation: Conversation, entries: Iterable[Entry]) -> list[Entry]:
    ordered = sorted(entries, key=lambda entry: entry.seq)
    strange = any(entry.conversation_id != conversation.id for entry in ordered)
    if strange or len({entry.seq for entry in ordered}) != len(ordered):
        raise InvalidInput("transcript.entries", "the entries are not one conversation's timeline", field="entries")
    return [with_watermarks(entry, conversation.opened_seq, conversation.read_seq) for entry in ordered]


def _head(
    practice: Practice, known: Conversation, redact: Redaction, *, internal_notes: bool, events: bool
) -> TranscriptHead:
    team = department(practice.rules, known.department)
    return TranscriptHead(
        conversation_id=known.id,
        practice=practice.name,
        client=known.client_name,
        patient=known.patient_name,
        title=known.title,
        team_member=known.team_member,
        department=team.name if team is not None and practice.rules.departments else "",
        channel=known.channel,
        sender=known.sender,
        address=known.address,
        initiated_by=known.initiated_by,
        region=practice.region,
        time_zone=practice.time_zone,
        began=to_datetime(known.started_us),
        ended=None if known.ended_us is None else to_datetime(known.ended_us),
        internal_notes=internal_notes,
        redacted=redact.kinds,
        events=events,
    )


def _spoken(entry: Entry, practice: Practice, conversation: Conversation) -> SpokenLine:
    return SpokenLine(
        seq=entry.seq,
        at_us=entry.at_us,
        kind=entry.kind,
        side=entry.side,
        event=entry.event,
        name=_displayed(entry, practice, conversation),
        text=entry.text if entry.kind != "event" else _without_staff_addresses(entry.text, conversation.client_email),
        attempt=entry.attempt,
        delivery=entry.delivery,
        reason=entry.reason,
        flags=entry.flags,
        files=tuple(_file(file) for file in entry.attachments),
    )


def _displayed(entry: Entry, practice: Practice, conversation: Conversation) -> str:
    """The name beside a message: as it was shown then, else who it must have been."""
    if entry.kind == "event":
        return ""
    if entry.side == "client":
        return entry.author_name or conversation.client_name or conversation.address
    return entry.author_name or practice.name


def _without_staff_addresses(text: str, client: str) -> str:
    """An event in which only the client's own e-mail address stands: a record goes to people outside the practice."""
    return MAIL_ADDRESS.sub(lambda found: found[0] if found[0].lower() == client.lower() else "the practice", text)


def _file(file: Attachment) -> TranscriptFile:
    return TranscriptFile(
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        sha256=file.sha256,
        thumbnail=file.thumbnail,
        state=file.state,
    )


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # KeyError is "unknown"; the others are names that are no key at all (empty, ``..``, NUL, a folder).
        raise InvalidInput("time.zone", "unknown time zone; give an IANA name", field="time_zone") from None
