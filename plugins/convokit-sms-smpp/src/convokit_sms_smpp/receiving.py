"""What comes by itself: receipts and clients' texts, from ``deliver_sm`` to the kit's intake."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections import deque
from itertools import count
from threading import Lock
from typing import Final, cast

from attrs import define, evolve, field

from convokit.ports.sms import DeliveryReport, InboundText, OutboundText
from convokit.ports.sms_session import Intake
from convokit_sms_smpp.alphabet import Alphabet, decoded
from convokit_sms_smpp.assembling import Assembler, Part, Waiting, joined, split
from convokit_sms_smpp.pdu import LATER, OK, Address, Message, Tag
from convokit_sms_smpp.receipts import answered_id, is_receipt, report_of
from convokit_sms_smpp.settings import SmppSettings
from convokit_sms_smpp.talk import Answered
from convokit_sms_smpp.words import refusal, shown

_INTERNATIONAL: Final = 1
_UNKNOWN: Final = 0
_SHORTEST_NUMBER: Final = 7
_MOST: Final = 10_000
_DOUBT_SECONDS: Final = 60.0

_log = logging.getLogger("convokit")


@define
class References:
    """The texts whose answer is not here (yet), by the numbers under which a receipt may come all the same."""

    _expected: dict[int, tuple[str, str]] = field(factory=dict)
    _named: dict[str, str] = field(factory=dict)
    _lock: Lock = field(factory=Lock)

    def expect(self, reference: int, message: OutboundText) -> None:
        """A text leaves under this ``user_message_reference``."""
        with self._lock:
            self._expected[reference] = (message.id, message.to.lstrip("+"))
            if len(self._expected) > _MOST:
                del self._expected[next(iter(self._expected))]

    def forget(self, reference: int) -> None:
        """Its answer is here."""
        with self._lock:
            self._expected.pop(reference, None)

    def name(self, provider_id: str, attempt_id: str) -> None:
        """Its answer came late, and told the carrier's id."""
        with self._lock:
            self._named[provider_id] = attempt_id
            if len(self._named) > _MOST:
                del self._named[next(iter(self._named))]

    def attempt_of(self, reference: int | None, client: str, provider_id: str | None) -> str | None:
        """Our own id of the text that a receipt is about, if nobody else knows it. 16 bits alone are not believed."""
        attempt, to = self._expected.get(-1 if reference is None else reference, ("", ""))
        if attempt and to == client.lstrip("+"):
            return attempt
        return self._named.get(provider_id or "")


@define
class Repeats:
    """Which ids clients' texts get: SMPP gives them none, and repeats one whose answer got lost.

    A text that is like one that was not taken, or like one that was answered within a minute before a connection
    broke, is taken for its repetition, once. Any other is a new one, whatever it says.
    """

    _token: str = field(factory=lambda: secrets.token_hex(8))
    _numbers: count[int] = field(factory=count)
    _answered: deque[tuple[float, bytes, str]] = field(factory=lambda: deque(maxlen=1_000))
    _doubtful: dict[bytes, tuple[str, bool]] = field(factory=dict)

    def recall(self, key: bytes) -> tuple[str, bool]:
        """The id of what has come, and whether it was taken before."""
        known = self._doubtful.pop(key, None)
        return (f"{self._token}-{next(self._numbers)}", False) if known is None else known

    def answered(self, key: bytes, name: str, now: float, *, taken: bool) -> None:
        """It was answered."""
        if taken:
            self._answered.append((now, key, name))
        else:
            self._doubt(key, name, taken=False)

    def broken(self, now: float) -> None:
        """The connection broke: the last answers may not have arrived."""
        for at, key, name in self._answered:
            if now - at <= _DOUBT_SECONDS:
                self._doubt(key, name, taken=True)
        self._answered.clear()

    def _doubt(self, key: bytes, name: str, *, taken: bool) -> None:
        self._doubtful[key] = (name, taken)
        if len(self._doubtful) > _MOST:
            del self._doubtful[next(iter(self._doubtful))]


def _nobody(number: str, event: object) -> bool:
    return False


class Receiver:
    """Used by the connection's thread; :meth:`give_all` when that has ended."""

    def __init__(self, settings: SmppSettings) -> None:
        self.take: Intake = _nobody
        self.references = References()
        self._settings = settings
        self._repeats = Repeats()
        self._assembler = Assembler(settings.assembly_seconds)

    def delivered(self, message: Message, now: float) -> int:
        """Take a ``deliver_sm`` in. The status to answer it with: 0 only if it is kept."""
        if is_receipt(message):
            return OK if self._report(message) else LATER
        part, content = split(message)
        key = _fingerprint(message)
        name, taken = self._repeats.recall(key)
        if part is None:
            text = decoded(content, message.data_coding, self._alphabet)
            taken = self._text(message, text, name, content)
        elif not taken:  # else its text may be whole by now, and nothing waits for it
            taken = self._part(message, part, content, name, now)
        self._repeats.answered(key, name, now, taken=taken)
        return OK if taken else LATER

    def tick(self, now: float) -> float | None:
        """Hand over what waited long enough for its rest; when to look again."""
        for waiting in self._assembler.overdue(now):
            self._whole(waiting)
        return self._assembler.next_due(now)

    def broken(self, now: float) -> None:
        """The connection is gone."""
        self._repeats.broken(now)

    def give_all(self) -> None:
        """Hand over every text that is not whole: nobody will wait for its rest."""
        lost = sum(not self._whole(waiting) for waiting in self._assembler.all())
        if lost:
            _log.error("smpp: the parts of %d texts of clients could not be stored at the end", lost)

    def answered_late(self, message: OutboundText, answer: Answered, *, is_last: bool) -> None:
        """The answer to a text that was given up: as good as a report on it."""
        named = answered_id(self._settings, answer.message_id) if answer.status == OK else None
        if named is not None and is_last:
            self.references.name(named, message.id)
        if answer.status != OK or is_last:
            report = DeliveryReport(
                attempt_id=message.id,
                provider_id=named,
                state="sent" if answer.status == OK else "failed",
                reason=None if answer.status == OK else refusal(answer.status),
                raw=f"late answer {shown(answer.status)}",
            )
            self.take(message.sender, report)

    # --- receipts -----------------------------------------------------------------------------------------------------
    def _report(self, message: Message) -> bool:
        report = report_of(self._settings, message)
        if report.attempt_id is None:
            reference = message.number(Tag.USER_MESSAGE_REFERENCE)
            attempt = self.references.attempt_of(reference, message.source.digits, report.provider_id)
            report = evolve(report, attempt_id=attempt)
        if report.attempt_id is None and report.provider_id is None:
            _log.error("smpp: a receipt that names no text was left")
            return True
        return self.take(self._number(message.destination), report)

    # --- clients' texts -----------------------------------------------------------------------------------------------
    def _part(self, message: Message, part: Part, content: bytes, name: str, now: float) -> bool:
        waiting = self._assembler.add(message, part, content, name, now)
        if not waiting.is_whole or self._whole(waiting):
            return True
        self._assembler.take_back(waiting, part.number)
        return False

    def _whole(self, waiting: Waiting) -> bool:
        pieces = b"".join(content for _, content in waiting.pieces.values())
        taken = self._text(waiting.first, joined(waiting, self._alphabet), waiting.name, pieces)
        if taken:
            self._assembler.forget(waiting)
        return taken

    def _text(self, message: Message, text: str, name: str, content: bytes) -> bool:
        event = InboundText(
            provider_id=name,
            sender=self._number(message.source),
            to=self._number(message.destination),
            text=text,
            raw=content.hex() if "\ufffd" in text else "",
        )
        return self.take(event.to, event)

    def _number(self, address: Address) -> str:
        """A number as people write it."""
        digits = address.digits
        if not digits.isdecimal() or len(digits) < _SHORTEST_NUMBER or address.ton not in (_INTERNATIONAL, _UNKNOWN):
            return digits
        plain = address.ton == _UNKNOWN and self._settings.plain_numbers == "national"
        return digits if plain else f"+{digits}"

    @property
    def _alphabet(self) -> Alphabet:
        return cast("Alphabet", self._settings.default_alphabet)


def _fingerprint(message: Message) -> bytes:
    """Everything that a repetition has in common with the first time."""
    return hashlib.sha256(repr(_parts_of(message)).encode()).digest()


def _parts_of(message: Message) -> tuple[object, ...]:
    one, other = message.source, message.destination
    return one.digits, other.digits, message.esm_class, message.data_coding, message.short_message, message.tlvs
