"""SMPP 3.4 as values: protocol data units to bytes and back. No input or output.

Section numbers are those of "Short Message Peer to Peer Protocol Specification v3.4, Issue 1.2".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import Final

from attrs import define, field, frozen

LARGEST: Final = 70_000
"""Most bytes of a unit: ``message_payload`` has up to 65,535."""
_HEADER: Final = struct.Struct(">IIII")
_ANSWER: Final = 0x8000_0000


class Command(IntEnum):
    """Section 5.1.2.1: what is used here. An answer has the number of what it answers, and the highest bit."""

    BIND_TRANSCEIVER = 0x09
    SUBMIT_SM = 0x04
    DELIVER_SM = 0x05
    UNBIND = 0x06
    ENQUIRE_LINK = 0x15
    GENERIC_NACK = 0x8000_0000
    BIND_TRANSCEIVER_RESP = 0x8000_0009
    SUBMIT_SM_RESP = 0x8000_0004
    DELIVER_SM_RESP = 0x8000_0005
    UNBIND_RESP = 0x8000_0006
    ENQUIRE_LINK_RESP = 0x8000_0015


class Tag(IntEnum):
    """Section 5.3.2: optional parameters."""

    RECEIPTED_MESSAGE_ID = 0x001E
    USER_MESSAGE_REFERENCE = 0x0204
    SAR_MSG_REF_NUM = 0x020C
    SAR_TOTAL_SEGMENTS = 0x020E
    SAR_SEGMENT_SEQNUM = 0x020F
    NETWORK_ERROR_CODE = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    MESSAGE_STATE = 0x0427


OK: Final = 0x00
BAD_LENGTH: Final = 0x02
BAD_COMMAND: Final = 0x03
BAD_TLVS: Final = 0xC0
LATER: Final = 0x64
"""``ESME_RX_T_APPN``: our side cannot take it now; to be repeated."""

Tlvs = tuple[tuple[int, bytes], ...]
"""Optional parameters in order: tag and value."""


class PduError(ValueError):
    """Bytes that are no unit. ``status`` is how to answer them; the message never quotes them."""

    def __init__(self, why: str, status: int = BAD_LENGTH) -> None:
        super().__init__(why)
        self.status = status


@frozen(kw_only=True)
class Address:
    """A number with its type and plan (sections 5.2.5 and 5.2.6)."""

    ton: int = 0
    npi: int = 0
    digits: str = field(default="", repr=False)


@frozen(kw_only=True)
class Bind:
    """``bind_transceiver``, section 4.1.5."""

    system_id: str
    password: str = field(repr=False)
    system_type: str = ""
    interface_version: int = 0x34
    ton: int = 0
    npi: int = 0
    address_range: str = ""


@frozen(kw_only=True)
class BindAnswer:
    """``bind_transceiver_resp``, section 4.1.6."""

    system_id: str = ""
    tlvs: Tlvs = ()


@frozen(kw_only=True)
class Message:
    """``submit_sm`` and ``deliver_sm``, sections 4.4.1 and 4.6.1: they have the same fields."""

    service_type: str = ""
    source: Address = Address()
    destination: Address = Address()
    esm_class: int = 0
    protocol_id: int = 0
    priority: int = 0
    schedule: str = ""
    validity: str = ""
    registered_delivery: int = 0
    replace: int = 0
    data_coding: int = 0
    default_id: int = 0
    short_message: bytes = field(default=b"", repr=False)
    tlvs: Tlvs = field(default=(), repr=False)

    def tlv(self, tag: int) -> bytes | None:
        """The first optional parameter with this tag."""
        return next((value for known, value in self.tlvs if known == tag), None)

    def number(self, tag: int) -> int | None:
        """The same as a number; ``None`` for one that is absent or empty."""
        value = self.tlv(tag)
        return int.from_bytes(value, "big") if value else None

    @property
    def content(self) -> bytes:
        """The text's bytes, wherever they stand, user data header included."""
        return self.short_message or self.tlv(Tag.MESSAGE_PAYLOAD) or b""


@frozen(kw_only=True)
class MessageAnswer:
    """``submit_sm_resp`` and ``deliver_sm_resp``."""

    message_id: str = ""
    tlvs: Tlvs = ()


@frozen(kw_only=True)
class Nothing:
    """The body of what has none."""


@frozen(kw_only=True)
class Unknown:
    """The body of a command that is not used here."""

    content: bytes = field(default=b"", repr=False)


NOTHING: Final = Nothing()

Body = Bind | BindAnswer | Message | MessageAnswer | Nothing | Unknown


@frozen(kw_only=True)
class Pdu:
    """One unit."""

    command: int
    sequence: int
    status: int = OK
    body: Body = NOTHING

    @property
    def is_answer(self) -> bool:
        """Whether it answers something."""
        return bool(self.command & _ANSWER)


# --- to bytes --------------------------------------------------------------------------------------------------------
def encode(pdu: Pdu) -> bytes:
    """A unit as bytes.

    Raises:
        ValueError: a value that does not fit its field.
    """
    body = b"".join(_fields(pdu.body))
    return _HEADER.pack(_HEADER.size + len(body), pdu.command, pdu.status, pdu.sequence) + body


def _fields(body: Body) -> Iterator[bytes]:
    match body:
        case Bind():
            yield from map(_string, (body.system_id, body.password, body.system_type))
            yield bytes((body.interface_version, body.ton, body.npi)) + _string(body.address_range)
        case BindAnswer():
            yield _string(body.system_id)
            yield from map(_tlv, body.tlvs)
        case Message():
            yield from _message(body)
        case MessageAnswer():
            yield _string(body.message_id)
            yield from map(_tlv, body.tlvs)
        case Unknown():
            yield body.content
        case Nothing():
            pass


def _message(body: Message) -> Iterator[bytes]:
    yield _string(body.service_type)
    for address in (body.source, body.destination):
        yield bytes((address.ton, address.npi)) + _string(address.digits)
    yield bytes((body.esm_class, body.protocol_id, body.priority))
    yield _string(body.schedule) + _string(body.validity)
    yield bytes((body.registered_delivery, body.replace, body.data_coding, body.default_id))
    yield bytes((len(body.short_message),)) + body.short_message
    yield from map(_tlv, body.tlvs)


def _string(value: str) -> bytes:
    data = value.encode("latin-1")
    if b"\0" in data:
        raise ValueError("a string with a NUL in it")
    return data + b"\0"


def _tlv(tlv: tuple[int, bytes]) -> bytes:
    tag, value = tlv
    return tag.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value


# --- from bytes ------------------------------------------------------------------------------------------------------
@define
class Frames:
    """Cuts a stream of bytes into units, however they arrive."""

    _rest: bytearray = field(factory=bytearray, repr=False)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Each whole unit there is by now.

        Raises:
            PduError: a length that no unit has. Nothing after it can be read.
        """
        self._rest += data
        while len(self._rest) >= 4:
            length = int.from_bytes(self._rest[:4], "big")
            if not _HEADER.size <= length <= LARGEST:
                raise PduError("a unit of impossible length")
            if len(self._rest) < length:
                return
            frame = bytes(self._rest[:length])
            del self._rest[:length]
            yield frame


@define
class _Reader:
    """Takes fields off the front."""

    data: bytes
    at: int = 0

    def byte(self) -> int:
        return self.take(1)[0]

    def take(self, count: int) -> bytes:
        if self.at + count > len(self.data):
            raise PduError("a unit that ends too early")
        self.at += count
        return self.data[self.at - count : self.at]

    def string(self) -> str:
        end = self.data.find(b"\0", self.at)
        if end < 0:
            raise PduError("a string without an end")
        value = self.data[self.at : end].decode("latin-1")
        self.at = end + 1
        return value

    def last_string(self) -> str:
        """A string that may be absent or lack its NUL: some centres leave it out of a refusal."""
        if b"\0" in self.data[self.at :]:
            return self.string()
        return self.take(len(self.data) - self.at).decode("latin-1")

    def address(self) -> Address:
        return Address(ton=self.byte(), npi=self.byte(), digits=self.string())

    def tlvs(self) -> Tlvs:
        found: list[tuple[int, bytes]] = []
        while self.at < len(self.data):
            try:
                tag, length = (int.from_bytes(self.take(2), "big") for _ in range(2))
                found.append((tag, self.take(length)))
            except PduError:
                raise PduError("optional parameters that end too early", BAD_TLVS) from None
        return tuple(found)


def decode(frame: bytes) -> Pdu:
    """The unit in ``frame``, which is whole.

    Raises:
        PduError: it is none, or a field does not fit. What is needed to answer it is in :func:`header`.
    """
    command, status, sequence = header(frame)
    return Pdu(command=command, status=status, sequence=sequence, body=_body(command, frame[_HEADER.size :]))


def header(frame: bytes) -> tuple[int, int, int]:
    """Command, status and sequence number."""
    length, command, status, sequence = _HEADER.unpack_from(frame)
    if length != len(frame):
        raise PduError("a length that is not the unit's")
    return command, status, sequence


def _body(command: int, data: bytes) -> Body:
    reader = _Reader(data)
    match command:
        case Command.BIND_TRANSCEIVER:
            return _bind(reader)
        case Command.BIND_TRANSCEIVER_RESP:
            return BindAnswer(system_id=reader.last_string(), tlvs=reader.tlvs())
        case Command.SUBMIT_SM | Command.DELIVER_SM:
            return _read_message(reader)
        case Command.SUBMIT_SM_RESP | Command.DELIVER_SM_RESP:
            return MessageAnswer(message_id=reader.last_string(), tlvs=reader.tlvs())
        case _:
            known = command in Command.__members__.values()
            return NOTHING if known and not data else Unknown(content=data)


def _bind(reader: _Reader) -> Bind:
    return Bind(
        system_id=reader.string(),
        password=reader.string(),
        system_type=reader.string(),
        interface_version=reader.byte(),
        ton=reader.byte(),
        npi=reader.byte(),
        address_range=reader.string(),
    )


def _read_message(reader: _Reader) -> Message:
    return Message(
        service_type=reader.string(),
        source=reader.address(),
        destination=reader.address(),
        esm_class=reader.byte(),
        protocol_id=reader.byte(),
        priority=reader.byte(),
        schedule=reader.string(),
        validity=reader.string(),
        registered_delivery=reader.byte(),
        replace=reader.byte(),
        data_coding=reader.byte(),
        default_id=reader.byte(),
        short_message=reader.take(reader.byte()),
        tlvs=reader.tlvs(),
    )
