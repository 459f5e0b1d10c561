"""Clients' long texts, put together of their parts as they come. The time is given, so nothing here waits."""

from __future__ import annotations

from itertools import groupby
from typing import Final

from attrs import define, field, frozen

from convokit_sms_smpp.alphabet import Alphabet, decoded
from convokit_sms_smpp.pdu import Message, Tag

MOST_WAITING: Final = 1_000
"""Texts that are not whole yet. One more, and the oldest is given up waiting for."""
GAP: Final = "[...]"
"""Stands for a part that did not come."""
_AGAIN_SECONDS: Final = 5.0
_UDHI: Final = 0x40
_SHORT: Final = 0x00
_LONG: Final = 0x08


@frozen(kw_only=True)
class Part:
    """Where a message stands in a long text: its number of ``total``, under a reference of the sender's."""

    reference: int
    total: int
    number: int


Piece = tuple[int, bytes]
"""``data_coding`` and the octets of a part, without its header."""
Key = tuple[str, str, int, int]


@define
class Waiting:
    """A text of which parts are here."""

    key: Key
    first: Message = field(repr=False)
    since: float
    name: str
    pieces: dict[int, Piece] = field(factory=dict, repr=False)

    @property
    def is_whole(self) -> bool:
        """Whether every part is here."""
        return len(self.pieces) == self.key[3]


def split(message: Message) -> tuple[Part | None, bytes]:
    """What part of a long text a message is, if it is one, and its content without the header."""
    content = message.content
    if message.esm_class & _UDHI:
        length = content[0] + 1 if content else 0
        if not 0 < length <= len(content):
            return None, content  # no header at all: shown as it is
        return _from_header(content[1:length]), content[length:]
    total, number = message.number(Tag.SAR_TOTAL_SEGMENTS), message.number(Tag.SAR_SEGMENT_SEQNUM)
    return _part(message.number(Tag.SAR_MSG_REF_NUM), total, number), content


def _from_header(header: bytes) -> Part | None:
    """Information elements of 3GPP 23.040, 9.2.3.24: concatenation with a reference of 8 or of 16 bits."""
    at = 0
    while at + 2 <= len(header):
        kind, length = header[at], header[at + 1]
        value = header[at + 2 : at + 2 + length]
        if len(value) == length and (kind, length) in ((_SHORT, 3), (_LONG, 4)):
            return _part(int.from_bytes(value[:-2], "big"), value[-2], value[-1])
        at += 2 + length
    return None


def _part(reference: int | None, total: int | None, number: int | None) -> Part | None:
    if reference is None or total is None or number is None or not 1 <= number <= total <= 255 or total == 1:
        return None
    return Part(reference=reference, total=total, number=number)


def joined(waiting: Waiting, default: Alphabet) -> str:
    """The text. Neighbours of one alphabet are joined before they are read: phones cut pairs in two."""
    found: list[str] = []
    pieces = [waiting.pieces.get(number) for number in range(1, waiting.key[3] + 1)]
    for coding, group in groupby(pieces, lambda piece: None if piece is None else piece[0]):
        data = b"".join(piece[1] for piece in group if piece is not None)
        found.append(f" {GAP} " if coding is None else decoded(data, coding, default))
    return "".join(found).strip() if not waiting.is_whole else "".join(found)


@define
class Assembler:
    """The texts that wait for their parts."""

    seconds: float
    _waiting: dict[Key, Waiting] = field(factory=dict, repr=False)
    _given_up: list[Waiting] = field(factory=list, repr=False)

    def add(self, message: Message, part: Part, content: bytes, name: str, now: float) -> Waiting:
        """Take a part. What is returned is kept until :meth:`forget`, for it may have to be offered again.

        Args:
            name: the id of the text, if it is the first part of it that comes.
        """
        key = (message.source.digits, message.destination.digits, part.reference, part.total)
        found = self._waiting.get(key)
        piece = (message.data_coding, content)
        if found is not None and found.pieces.get(part.number, piece) != piece:
            # A reference that is used again: the old text will not become whole.
            self._give_up(key)
            found = None
        if found is None:
            if len(self._waiting) >= MOST_WAITING:
                self._give_up(next(iter(self._waiting)))
            found = self._waiting[key] = Waiting(key=key, first=message, since=now, name=name)
        found.pieces[part.number] = piece
        return found

    def take_back(self, waiting: Waiting, number: int) -> None:
        """Forget one part: its sender was told to repeat it."""
        waiting.pieces.pop(number, None)
        if not waiting.pieces:
            self.forget(waiting)

    def forget(self, waiting: Waiting) -> None:
        """The text was taken in."""
        if self._waiting.get(waiting.key) is waiting:
            del self._waiting[waiting.key]
        self._given_up = [one for one in self._given_up if one is not waiting]

    def overdue(self, now: float) -> tuple[Waiting, ...]:
        """The texts whose rest is waited for no longer."""
        for key in [key for key, waiting in self._waiting.items() if waiting.since + self.seconds <= now]:
            self._give_up(key)
        return tuple(self._given_up)

    def all(self) -> tuple[Waiting, ...]:
        """Everything that waits, at the end."""
        for key in list(self._waiting):
            self._give_up(key)
        return tuple(self._given_up)

    def next_due(self, now: float) -> float | None:
        """When to look again; ``None`` while nothing waits."""
        again = [now + _AGAIN_SECONDS] if self._given_up else []
        return min((*again, *(waiting.since + self.seconds for waiting in self._waiting.values())), default=None)

    def _give_up(self, key: Key) -> None:
        self._given_up.append(self._waiting.pop(key))
