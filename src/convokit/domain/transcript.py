"""What a transcript says, not how it looks: a conversation for the medical record.

Every line is chained to the one before; see :mod:`convokit.domain.transcript_record`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Literal
from zoneinfo import ZoneInfo

from attrs import evolve, field, frozen

from convokit.domain.attachment import Attachment
from convokit.domain.conversation import Conversation, Entry, EntryKind, Side, with_watermarks
from convokit.domain.delivery import Channel, Delivery, Indicator
from convokit.domain.instant import to_datetime
from convokit.domain.rules import Practice
from convokit.domain.transcript_record import VERSION, as_document, first_digest, next_digest
from convokit.domain.transcript_words import FLAG_WORDS, REASON_WORDS
from convokit.errors import InvalidInput


@frozen(kw_only=True)
class TranscriptLine:
    """One entry of the timeline, as the record tells it.

    Attributes:
        seq: position in the conversation; the order of the lines, whatever the clocks said.
        local: ``at_us`` in the practice's time zone; its ``tzname()`` tells the two 01:30 of a clock change apart.
        zone: abbreviation of the zone at that moment (``"MDT"``), or the offset (``"UTC-03"``) where it has none.
        kind: ``"automatic"`` for what convokit itself sent, ``"event"`` for what happened.
        name: the name that was displayed; empty for events.
        attachments: the files that came with it; the record has their names, types, sizes and digests.
        delivery, reason: how far a message of ours came in the end; ``None`` for everything else.
        indicator: the same as a person sees it on the desk.
        why: a failure in plain words, or ``None``.
        notes: what else the reader must know, one sentence each.
        digest: the chain up to and with this line, SHA-256 in hex.
    """

    seq: int
    at_us: int
    local: datetime
    zone: str
    kind: EntryKind
    side: Side
    event: str | None
    name: str
    text: str = field(repr=False)
    attempt: int
    delivery: Delivery | None
    reason: str | None
    flags: tuple[str, ...]
    attachments: tuple[Attachment, ...]
    indicator: Indicator | None
    why: str | None
    notes: tuple[str, ...]
    digest: str


@frozen(kw_only=True)
class TranscriptDay:
    """The lines of one local day."""

    date: date
    lines: tuple[TranscriptLine, ...]


@frozen(kw_only=True)
class Transcript:
    """A conversation for the medical record.

    Attributes:
        conversation_id: convokit's.
        practice, client, patient, title, team_member: the names as they are now; empty where there is none.
        channel, sender, address: how the two wrote to each other; numbers in E.164.
        region: the practice's two-letter region, or ``None``; decides the paper.
        time_zone: IANA name of the zone that every local time is in.
        began, ended: the period, local; ``ended`` is ``None`` while the conversation is open.
        until: the end, or the newest line of an open conversation, local.
        days: the lines by local day, in the order of the conversation.
        head: the last digest of the chain, SHA-256 in hex; with ``count`` it stands for the whole document.
        count: how many lines there are.
    """

    conversation_id: str
    practice: str
    client: str
    patient: str
    title: str
    team_member: str
    channel: Channel
    sender: str
    address: str
    initiated_by: Literal["practice", "client"]
    region: str | None
    time_zone: str
    began: datetime
    ended: datetime | None
    until: datetime
    days: tuple[TranscriptDay, ...] = field(repr=False)
    head: str
    count: int

    @property
    def lines(self) -> tuple[TranscriptLine, ...]:
        """All lines, in the order of the conversation."""
        return tuple(line for day in self.days for line in day.lines)


def build_transcript(practice: Practice, conversation: Conversation, entries: Iterable[Entry]) -> Transcript:
    """The transcript of ``conversation``; ``entries`` is its whole timeline, in any order.

    Raises:
        InvalidInput: ``transcript.entries`` when an entry is of another conversation or two have one position;
            ``time.zone`` when the practice's time zone is not known.
    """
    zone = _zone(practice.time_zone)
    ordered = _ordered(conversation, entries)
    ended = None if conversation.ended_us is None else to_datetime(conversation.ended_us).astimezone(zone)
    newest_us = max((conversation.started_us, *(entry.at_us for entry in ordered)))
    bare = Transcript(
        conversation_id=conversation.id,
        practice=practice.name,
        client=conversation.client_name,
        patient=conversation.patient_name,
        title=conversation.title,
        team_member=conversation.team_member,
        channel=conversation.channel,
        sender=conversation.sender,
        address=conversation.address,
        initiated_by=conversation.initiated_by,
        region=practice.region,
        time_zone=practice.time_zone,
        began=to_datetime(conversation.started_us).astimezone(zone),
        ended=ended,
        until=ended or to_datetime(newest_us).astimezone(zone),
        days=(),
        head="",
        count=len(ordered),
    )
    digest = first_digest(_head_record(bare))
    lines: list[TranscriptLine] = []
    for entry in ordered:
        line, digest = _line(entry, digest, practice, conversation, zone)
        lines.append(line)
    days = tuple(TranscriptDay(date=day, lines=tuple(of_day)) for day, of_day in groupby(lines, _day_of))
    return evolve(bare, days=days, head=digest.hex())


def canonical_document(transcript: Transcript) -> dict[str, object]:
    """The transcript in its canonical form, as :func:`convokit.domain.transcript_record.check` reads it again."""
    lines = [(_line_record(line, line.name), line.digest) for line in transcript.lines]
    return as_document(_head_record(transcript), lines)


def zone_abbreviation(local: datetime) -> str:
    """``"MDT"``; ``"UTC-03"`` where the zone has only an offset."""
    name = local.tzname() or ""
    return f"UTC{name}" if name[:1] in {"+", "-"} else name


def _ordered(conversation: Conversation, entries: Iterable[Entry]) -> list[Entry]:
    ordered = sorted(entries, key=lambda entry: entry.seq)
    strange = any(entry.conversation_id != conversation.id for entry in ordered)
    if strange or len({entry.seq for entry in ordered}) != len(ordered):
        raise InvalidInput("transcript.entries", "the entries are not one conversation's timeline", field="entries")
    return [with_watermarks(entry, conversation.opened_seq, conversation.read_seq) for entry in ordered]


def _line(
    entry: Entry, before: bytes, practice: Practice, conversation: Conversation, zone: ZoneInfo
) -> tuple[TranscriptLine, bytes]:
    local = to_datetime(entry.at_us).astimezone(zone)
    name = _displayed(entry, practice, conversation)
    digest = next_digest(before, _line_record(entry, name))
    shown = entry.indicator
    line = TranscriptLine(
        seq=entry.seq,
        at_us=entry.at_us,
        local=local,
        zone=zone_abbreviation(local),
        kind=entry.kind,
        side=entry.side,
        event=entry.event,
        name=name,
        text=entry.text,
        attempt=entry.attempt,
        delivery=entry.delivery,
        reason=entry.reason,
        flags=entry.flags,
        attachments=entry.attachments,
        indicator=shown,
        why=None if shown is None or shown.reason is None else REASON_WORDS[shown.reason],
        notes=tuple(FLAG_WORDS[flag] for flag in entry.flags if flag in FLAG_WORDS),
        digest=digest.hex(),
    )
    return line, digest


def _displayed(entry: Entry, practice: Practice, conversation: Conversation) -> str:
    """The name beside a message: as it was shown then, else who it must have been."""
    if entry.kind == "event":
        return ""
    if entry.side == "client":
        return entry.author_name or conversation.client_name or conversation.address
    return entry.author_name or practice.name


def _head_record(transcript: Transcript) -> dict[str, object]:
    return {
        "address": transcript.address,
        "channel": transcript.channel,
        "client": transcript.client,
        "conversation": transcript.conversation_id,
        "ended": None if transcript.ended is None else _utc(transcript.ended),
        "initiated_by": transcript.initiated_by,
        "patient": transcript.patient,
        "practice": transcript.practice,
        "sender": transcript.sender,
        "started": _utc(transcript.began),
        "team_member": transcript.team_member,
        "time_zone": transcript.time_zone,
        "title": transcript.title,
        "version": VERSION,
    }


def _line_record(entry: Entry | TranscriptLine, name: str) -> dict[str, object]:
    files = [_file_record(file) for file in entry.attachments]
    return {
        **({"attachments": files} if files else {}),
        "at": _utc(to_datetime(entry.at_us)),
        "attempt": entry.attempt,
        "delivery": None if entry.delivery is None else entry.delivery.name.lower(),
        "event": entry.event,
        "flags": list(entry.flags),
        "kind": entry.kind,
        "name": name,
        "reason": entry.reason,
        "seq": entry.seq,
        "side": entry.side,
        "text": entry.text,
    }


def _file_record(file: Attachment) -> dict[str, object]:
    return {
        "media_type": file.media_type,
        "name": file.name,
        "sha256": file.sha256,
        "size": file.size,
        "state": file.state,
    }


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _day_of(line: TranscriptLine) -> date:
    return line.local.date()


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # KeyError is "unknown"; the others are names that are no key at all (empty, ``..``, NUL, a folder).
        raise InvalidInput("time.zone", "unknown time zone; give an IANA name", field="time_zone") from None
