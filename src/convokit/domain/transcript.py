"""What a transcript says, not how it looks: a conversation for the medical record.

Every line is chained to the one before by SHA-256, from the head of the document on. A changed, added, removed or
moved line changes every digest after it. A tail that was cut off is found only by whoever kept ``head`` and ``count``.

The canonical form, version 1: each record is JSON with sorted keys, no blanks, ASCII only, times in UTC; the first
digest is over the prefix ``convokit transcript 1``, a line feed and the document's record; each further one over the
digest before (32 bytes) and the line's record.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from hashlib import sha256
from itertools import groupby
from typing import Final, Literal
from zoneinfo import ZoneInfo

from attrs import field, frozen

from convokit.domain.conversation import Conversation, Entry, EntryKind, Side, with_watermarks
from convokit.domain.delivery import Channel, Delivery, Indicator
from convokit.domain.instant import to_datetime
from convokit.domain.rules import Practice
from convokit.domain.transcript_words import FLAG_WORDS, REASON_WORDS
from convokit.errors import InvalidInput

CANONICAL_VERSION: Final = 1
_PREFIX: Final = f"convokit transcript {CANONICAL_VERSION}\n".encode("ascii")


@frozen(kw_only=True)
class TranscriptLine:
    """One entry of the timeline, as the record tells it.

    Attributes:
        seq: position in the conversation; the order of the lines, whatever the clocks said.
        local: ``at_us`` in the practice's time zone; its ``tzname()`` tells the two 01:30 of a clock change apart.
        zone: abbreviation of the zone at that moment (``"MDT"``), or the offset (``"UTC-03"``) where it has none.
        kind: ``"automatic"`` for what convokit itself sent, ``"event"`` for what happened.
        name: the name that was displayed; empty for events.
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
    digest = sha256(_PREFIX + canonical(_head_record(practice, conversation))).digest()
    lines: list[TranscriptLine] = []
    for entry in ordered:
        line, digest = _line(entry, digest, practice, conversation, zone)
        lines.append(line)
    newest_us = max(conversation.started_us, *(line.at_us for line in lines)) if lines else conversation.started_us
    ended = None if conversation.ended_us is None else to_datetime(conversation.ended_us).astimezone(zone)
    return Transcript(
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
        days=tuple(TranscriptDay(date=day, lines=tuple(of_day)) for day, of_day in groupby(lines, _day_of)),
        head=digest.hex(),
        count=len(lines),
    )


def canonical(record: Mapping[str, object]) -> bytes:
    """The one encoding of a record: JSON, sorted keys, no blanks, ASCII (a lone surrogate is escaped, not lost)."""
    return json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")


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
    digest = sha256(before + canonical(_line_record(entry, name))).digest()
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


def _head_record(practice: Practice, conversation: Conversation) -> dict[str, object]:
    ended_us = conversation.ended_us
    return {
        "address": conversation.address,
        "channel": conversation.channel,
        "client": conversation.client_name,
        "conversation": conversation.id,
        "ended": None if ended_us is None else _utc(ended_us),
        "initiated_by": conversation.initiated_by,
        "patient": conversation.patient_name,
        "practice": practice.name,
        "sender": conversation.sender,
        "started": _utc(conversation.started_us),
        "team_member": conversation.team_member,
        "time_zone": practice.time_zone,
        "title": conversation.title,
        "version": CANONICAL_VERSION,
    }


def _line_record(entry: Entry, name: str) -> dict[str, object]:
    return {
        "at": _utc(entry.at_us),
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


def _utc(micros: int) -> str:
    return to_datetime(micros).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _day_of(line: TranscriptLine) -> date:
    return line.local.date()


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # KeyError is "unknown"; the others are names that are no key at all (empty, ``..``, NUL, a folder).
        raise InvalidInput("time.zone", "unknown time zone; give an IANA name", field="time_zone") from None
