"""What a transcript says, not how it looks: a conversation for the medical record.

It is read from records, which :mod:`convokit.domain.transcript_building` makes of a conversation and
:mod:`convokit.transcripts.record` of a file; so what is printed from either is the same. Every line is chained to the
one before; see :mod:`convokit.domain.transcript_record`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Final, Literal
from zoneinfo import ZoneInfo

from attrs import field, frozen

from convokit.domain.conversation import EntryKind, Side
from convokit.domain.delivery import Channel, Delivery, Indicator, indicator
from convokit.domain.instant import to_datetime, to_micros
from convokit.domain.transcript_record import VERSION, Record, first_digest, next_digest
from convokit.domain.transcript_words import FLAG_WORDS, REASON_WORDS

ROLES: Final[dict[EntryKind, str]] = {"automatic": "automatic message", "note": "internal note"}
"""What stands beside a name, where it is not the side."""


@frozen(kw_only=True)
class TranscriptFile:
    """A file that came with a message.

    Attributes:
        name, media_type, size: as in :class:`~convokit.domain.attachment.Attachment`.
        sha256: digest of the file in hex; empty where it is not there (``state``) or was left out.
        thumbnail: digest in hex of the small JPEG that stands for it, or empty.
        state: ``"ready"``, ``"waiting"`` or ``"failed"``.
    """

    name: str = field(repr=False)
    media_type: str
    size: int
    sha256: str
    thumbnail: str = ""
    state: Literal["ready", "waiting", "failed"] = "ready"


@frozen(kw_only=True)
class TranscriptLine:
    """One entry of the timeline, as the record tells it.

    Attributes:
        seq: position in the conversation; the order of the lines, whatever the clocks said.
        local: ``at_us`` in the practice's time zone; its ``tzname()`` tells the two 01:30 of a clock change apart.
        zone: abbreviation of the zone at that moment (``"MDT"``), or the offset (``"UTC-03"``) where it has none.
        kind: ``"automatic"`` for what convokit itself sent, ``"note"`` for what staff wrote for each other,
            ``"event"`` for what happened.
        name: the name that was displayed; empty for events.
        files: the files that came with it; the record has their names, types, sizes and digests.
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
    files: tuple[TranscriptFile, ...]
    indicator: Indicator | None
    why: str | None
    notes: tuple[str, ...]
    digest: str

    @property
    def role(self) -> str:
        """Who speaks: ``"client"``, ``"practice"``, ``"automatic message"``, ``"internal note"``."""
        return ROLES.get(self.kind, self.side)


@frozen(kw_only=True)
class TranscriptDay:
    """The lines of one local day."""

    date: date
    lines: tuple[TranscriptLine, ...]


@frozen(kw_only=True)
class TranscriptHead:
    """What a transcript says of the conversation as a whole.

    Attributes:
        conversation_id: convokit's.
        practice, client, patient, title, team_member, department: the names as they are now; empty where there is
            none.
        channel, sender, address: how the two wrote to each other; numbers in E.164.
        region: the practice's two-letter region, or ``None``; decides the paper.
        time_zone: IANA name of the zone that every local time is in.
        began, ended: the period, UTC; ``ended`` is ``None`` while the conversation is open.
        internal_notes: whether it holds the notes that staff wrote for each other.
        redacted: what was left out: ``"client_name"``, ``"messages"``, ``"phone_numbers"``.
        events: whether it holds what happened besides what was written; the copy that a client is mailed does not.
    """

    conversation_id: str
    practice: str
    client: str
    patient: str
    title: str
    team_member: str
    department: str
    channel: Channel
    sender: str
    address: str
    initiated_by: Literal["practice", "client"]
    region: str | None
    time_zone: str
    began: datetime
    ended: datetime | None
    internal_notes: bool
    redacted: tuple[str, ...]
    events: bool = True


@frozen(kw_only=True)
class Transcript:
    """A conversation for the medical record.

    Attributes:
        about: what it says of the conversation as a whole.
        until: the end, or the newest line of an open conversation; local, as ``began`` and ``ended`` are.
        days: the lines by local day, in the order of the conversation.
        head: the last digest of the chain, SHA-256 in hex; with ``count`` it stands for the whole document.
        count: how many lines there are.
    """

    about: TranscriptHead
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

    @property
    def participants(self) -> tuple[tuple[str, str], ...]:
        """Who took part, each once, in the order in which they first speak: displayed name and role."""
        spoken = ((line.name, line.role) for line in self.lines if line.kind != "event")
        return tuple(dict.fromkeys(spoken))

    @property
    def thumbnails(self) -> tuple[str, ...]:
        """The digests of the small pictures that it shows, each once, in order."""
        return tuple(dict.fromkeys(file.thumbnail for line in self.lines for file in line.files if file.thumbnail))


@frozen(kw_only=True)
class SpokenLine:
    """What the record has of a line; everything else on a :class:`TranscriptLine` follows from it."""

    seq: int
    at_us: int
    kind: EntryKind
    side: Side
    event: str | None
    name: str
    text: str = field(repr=False)
    attempt: int
    delivery: Delivery | None
    reason: str | None
    flags: tuple[str, ...]
    files: tuple[TranscriptFile, ...]


def made_transcript(about: TranscriptHead, spoken: Iterable[SpokenLine]) -> Transcript:
    """A transcript, chained; ``spoken`` is in the order of the conversation."""
    zone = ZoneInfo(about.time_zone)
    digest = first_digest(head_record(about))
    lines: list[TranscriptLine] = []
    for one in spoken:
        digest = next_digest(digest, line_record(one))
        lines.append(_line(one, about.channel, zone, digest.hex()))
    newest_us = max((to_micros(about.began, "began"), *(line.at_us for line in lines)))
    ended = None if about.ended is None else about.ended.astimezone(zone)
    return Transcript(
        about=about,
        began=about.began.astimezone(zone),
        ended=ended,
        until=ended or to_datetime(newest_us).astimezone(zone),
        days=tuple(TranscriptDay(date=day, lines=tuple(of_day)) for day, of_day in groupby(lines, _day_of)),
        head=digest.hex(),
        count=len(lines),
    )


def zone_abbreviation(local: datetime) -> str:
    """``"MDT"``; ``"UTC-03"`` where the zone has only an offset."""
    name = local.tzname() or ""
    return f"UTC{name}" if name[:1] in {"+", "-"} else name


def _line(one: SpokenLine, channel: Channel, zone: ZoneInfo, digest: str) -> TranscriptLine:
    local = to_datetime(one.at_us).astimezone(zone)
    shown = None if one.delivery is None else indicator(channel=channel, delivery=one.delivery, reason=one.reason)
    return TranscriptLine(
        seq=one.seq,
        at_us=one.at_us,
        local=local,
        zone=zone_abbreviation(local),
        kind=one.kind,
        side=one.side,
        event=one.event,
        name=one.name,
        text=one.text,
        attempt=one.attempt,
        delivery=one.delivery,
        reason=one.reason,
        flags=one.flags,
        files=one.files,
        indicator=shown,
        why=None if shown is None or shown.reason is None else REASON_WORDS[shown.reason],
        notes=tuple(FLAG_WORDS[flag] for flag in one.flags if flag in FLAG_WORDS),
        digest=digest,
    )


def head_record(about: TranscriptHead) -> Record:
    """What the chain begins with."""
    return {
        **({} if about.events else {"events": False}),
        "address": about.address,
        "channel": about.channel,
        "client": about.client,
        "conversation": about.conversation_id,
        "department": about.department,
        "ended": None if about.ended is None else utc_words(about.ended),
        "initiated_by": about.initiated_by,
        "internal_notes": about.internal_notes,
        "patient": about.patient,
        "practice": about.practice,
        "redacted": list(about.redacted),
        "region": about.region,
        "sender": about.sender,
        "started": utc_words(about.began),
        "team_member": about.team_member,
        "time_zone": about.time_zone,
        "title": about.title,
        "version": VERSION,
    }


def line_record(line: SpokenLine | TranscriptLine) -> Record:
    """A link of the chain."""
    files = [_file_record(file) for file in line.files]
    return {
        **({"attachments": files} if files else {}),
        "at": utc_words(to_datetime(line.at_us)),
        "attempt": line.attempt,
        "delivery": None if line.delivery is None else line.delivery.name.lower(),
        "event": line.event,
        "flags": list(line.flags),
        "kind": line.kind,
        "name": line.name,
        "reason": line.reason,
        "seq": line.seq,
        "side": line.side,
        "text": line.text,
    }


def _file_record(file: TranscriptFile) -> Record:
    return {
        "media_type": file.media_type,
        "name": file.name,
        "sha256": file.sha256,
        "size": file.size,
        "state": file.state,
        "thumbnail": file.thumbnail,
    }


def utc_words(moment: datetime) -> str:
    """``"2026-03-08T09:30:00.000000Z"``: how a record writes a moment."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _day_of(line: TranscriptLine) -> date:
    return line.local.date()
