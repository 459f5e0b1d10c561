"""A transcript out of its canonical form: a file comes from outside, so every value is looked at."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, TypeVar, cast, get_args
from zoneinfo import ZoneInfo

from convokit.domain.conversation import EntryKind, Side
from convokit.domain.delivery import DELIVERY_NAMES, Channel
from convokit.domain.instant import to_micros
from convokit.domain.transcript import (
    SpokenLine,
    Transcript,
    TranscriptFile,
    TranscriptHead,
    head_record,
    line_record,
    made_transcript,
    utc_words,
)
from convokit.domain.transcript_record import canonical
from convokit.errors import InvalidInput

_YEARS: Final = range(1970, 9999)
"""What a database of convokit can hold, and every time zone can show."""
_DIGEST: Final = re.compile(r"(?:[0-9a-f]{64})?\Z")
_MOST: Final = 2**62

Word = TypeVar("Word", bound=str)


def read_transcript(document: Mapping[str, object]) -> Transcript:
    """The transcript of a document in its canonical form, whose chain was checked before.

    Raises:
        InvalidInput: ``transcript.unreadable``: a value is none that convokit writes; ``field`` names it.
    """
    head, lines = _Fields(document["document"], "document"), _listed(document["lines"], "lines")
    about = _head(head)
    return made_transcript(about, (_line(_Fields(line, f"lines[{number}]")) for number, line in enumerate(lines, 1)))


def _unreadable(where: str) -> InvalidInput:
    return InvalidInput("transcript.unreadable", "this is no value of a transcript", field=where)


def _listed(value: object, where: str) -> Sequence[object]:
    if not isinstance(value, list):
        raise _unreadable(where)
    return value


class _Fields:
    """The values of one record, each looked at when it is taken."""

    def __init__(self, record: object, where: str) -> None:
        if not isinstance(record, dict):
            raise _unreadable(where)
        self.where = where
        self._record: dict[str, object] = record

    def __contains__(self, name: str) -> bool:
        return name in self._record

    def same_as(self, made: Mapping[str, object]) -> None:
        """Refuse what has more, or something else, than what was made of it."""
        given = {name: value for name, value in self._record.items() if name != "digest"}
        if canonical(given) != canonical(made):
            raise _unreadable(self.where)

    def text(self, name: str) -> str:
        value = self._record.get(name)
        if not isinstance(value, str):
            raise _unreadable(f"{self.where}.{name}")
        return value

    def maybe_text(self, name: str) -> str | None:
        return None if self._record.get(name) is None else self.text(name)

    def digest(self, name: str) -> str:
        value = self.text(name)
        if _DIGEST.match(value) is None:
            raise _unreadable(f"{self.where}.{name}")
        return value

    def whole(self, name: str) -> int:
        value = self._record.get(name)
        if type(value) is not int or not 0 <= value < _MOST:
            raise _unreadable(f"{self.where}.{name}")
        return value

    def truth(self, name: str) -> bool:
        value = self._record.get(name)
        if type(value) is not bool:
            raise _unreadable(f"{self.where}.{name}")
        return value

    def one_of(self, name: str, words: tuple[Word, ...]) -> Word:
        found = next((word for word in words if word == self._record.get(name)), None)
        if found is None:
            raise _unreadable(f"{self.where}.{name}")
        return found  # ours, not the file's: a long record says each of them a thousand times

    def texts(self, name: str) -> tuple[str, ...]:
        found = tuple(_listed(self._record.get(name), f"{self.where}.{name}"))
        if not all(isinstance(text, str) for text in found):
            raise _unreadable(f"{self.where}.{name}")
        return cast("tuple[str, ...]", found)

    def moment(self, name: str) -> datetime:
        value = self.text(name)
        try:
            found = datetime.fromisoformat(value)
            if found.year not in _YEARS or utc_words(found) != value:
                raise ValueError(value)
        except (ValueError, OverflowError):
            raise _unreadable(f"{self.where}.{name}") from None
        return found

    def records(self, name: str) -> list[_Fields]:
        found = _listed(self._record.get(name, []), f"{self.where}.{name}")
        return [_Fields(one, f"{self.where}.{name}[{number}]") for number, one in enumerate(found, 1)]


def _head(fields: _Fields) -> TranscriptHead:
    zone = fields.text("time_zone")
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise _unreadable(f"{fields.where}.time_zone") from None
    about = TranscriptHead(
        conversation_id=fields.text("conversation"),
        practice=fields.text("practice"),
        client=fields.text("client"),
        patient=fields.text("patient"),
        title=fields.text("title"),
        team_member=fields.text("team_member"),
        department=fields.text("department"),
        channel=fields.one_of("channel", get_args(Channel)),
        sender=fields.text("sender"),
        address=fields.text("address"),
        initiated_by=cast('Literal["practice", "client"]', fields.one_of("initiated_by", ("practice", "client"))),
        region=fields.maybe_text("region"),
        time_zone=zone,
        began=fields.moment("started"),
        ended=None if fields.maybe_text("ended") is None else fields.moment("ended"),
        internal_notes=fields.truth("internal_notes"),
        redacted=fields.texts("redacted"),
        events="events" not in fields or fields.truth("events"),
    )
    fields.same_as(head_record(about))
    return about


def _line(fields: _Fields) -> SpokenLine:
    delivery = None if fields.maybe_text("delivery") is None else fields.one_of("delivery", tuple(DELIVERY_NAMES))
    line = SpokenLine(
        seq=fields.whole("seq"),
        at_us=to_micros(fields.moment("at"), "at"),
        kind=fields.one_of("kind", get_args(EntryKind)),
        side=fields.one_of("side", get_args(Side)),
        event=fields.maybe_text("event"),
        name=fields.text("name"),
        text=fields.text("text"),
        attempt=fields.whole("attempt"),
        delivery=None if delivery is None else DELIVERY_NAMES[delivery],
        reason=fields.maybe_text("reason"),
        flags=fields.texts("flags"),
        files=tuple(_file(file) for file in fields.records("attachments")),
    )
    fields.same_as(line_record(line))
    return line


def _file(fields: _Fields) -> TranscriptFile:
    return TranscriptFile(
        name=fields.text("name"),
        media_type=fields.text("media_type"),
        size=fields.whole("size"),
        sha256=fields.digest("sha256"),
        thumbnail=fields.digest("thumbnail"),
        state=cast('Literal["ready", "waiting", "failed"]', fields.one_of("state", ("ready", "waiting", "failed"))),
    )
