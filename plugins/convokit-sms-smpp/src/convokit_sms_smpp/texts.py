"""From a text to ``submit_sm`` units: its alphabet, its parts, and what holds these together. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, cast

from convokit.ports.sms import OutboundText
from convokit_sms_smpp.alphabet import UCS2, Alphabet, to_gsm
from convokit_sms_smpp.pdu import Address, Message, Tag, Tlvs
from convokit_sms_smpp.settings import SmppSettings

_UDHI: Final = 0x40
_LIMITS: Final = {0x00: (160, 153), UCS2: (140, 134)}
"""Octets of a text alone, and of one part of several: 140 octets carry 160 septets, and the header takes 6."""
_RECEIPT: Final = 1
_LARGEST_PAYLOAD: Final = 0xFFFF


def submits_of(settings: SmppSettings, message: OutboundText, reference: int) -> tuple[Message, ...] | None:
    """The units that hand a text over, in order; ``None`` when there are more than the settings allow.

    A receipt is asked for with the last part. ``reference`` is a number of 16 bits that holds the parts together.
    """
    if len(message.text) > settings.max_parts * _LIMITS[0][0]:
        return None
    coding, pieces = pieces_of(message.text, cast("Alphabet", settings.default_alphabet))
    whole = b"".join(pieces)
    if len(pieces) > settings.max_parts or len(whole) > _LARGEST_PAYLOAD:
        return None
    units = [_part(settings.long_texts, pieces, number, reference) for number in range(len(pieces))]
    if settings.long_texts == "payload" and len(pieces) > 1:
        units = [(0, b"", ((Tag.MESSAGE_PAYLOAD, whole),))]
    return tuple(
        Message(
            service_type=settings.service_type,
            source=Address(ton=settings.source_ton, npi=settings.source_npi, digits=message.sender.lstrip("+")),
            destination=Address(ton=settings.dest_ton, npi=settings.dest_npi, digits=message.to.lstrip("+")),
            esm_class=esm_class,
            registered_delivery=_RECEIPT if number == len(units) else 0,
            data_coding=coding,
            short_message=content,
            tlvs=(*_references(settings, message, reference), *tlvs),
        )
        for number, (esm_class, content, tlvs) in enumerate(units, start=1)
    )


def _references(settings: SmppSettings, message: OutboundText, reference: int) -> Iterator[tuple[int, bytes]]:
    if settings.user_references:
        yield Tag.USER_MESSAGE_REFERENCE, reference.to_bytes(2, "big")
    if settings.id_tlv is not None:
        yield settings.id_tlv, message.id.encode("ascii", "replace") + b"\0"


def _part(how: str, pieces: tuple[bytes, ...], number: int, reference: int) -> tuple[int, bytes, Tlvs]:
    """``esm_class``, content and optional parameters of one part."""
    total, piece = len(pieces), pieces[number]
    if total == 1:
        return 0, piece, ()
    if how == "sar":
        return (
            0,
            piece,
            (
                (Tag.SAR_MSG_REF_NUM, reference.to_bytes(2, "big")),
                (Tag.SAR_TOTAL_SEGMENTS, bytes((total,))),
                (Tag.SAR_SEGMENT_SEQNUM, bytes((number + 1,))),
            ),
        )
    return _UDHI, bytes((5, 0, 3, reference & 0xFF, total, number + 1)) + piece, ()


def pieces_of(text: str, default: Alphabet) -> tuple[int, tuple[bytes, ...]]:
    """``data_coding`` and the parts as bytes. A pair, ESC and its character or two surrogates, is never cut."""
    if to_gsm(text) is not None:
        if default == "gsm7":
            return 0, tuple(to_gsm(part) or b"" for part in _cut(text, _septets, 0))
        if _is_latin(text):  # the centre turns it into GSM 03.38, so it is cut as that
            return 0, tuple(part.encode("latin-1") for part in _cut(text, _septets, 0))
    return UCS2, tuple(map(_ucs2, _cut(text, lambda character: len(_ucs2(character)), UCS2)))


def _cut(text: str, size: Callable[[str], int], coding: int) -> tuple[str, ...]:
    """The text in parts; a character stays whole."""
    sizes = [size(character) for character in text]
    alone, each = _LIMITS[coding]
    if sum(sizes) <= alone:
        return (text,)
    parts: list[str] = []
    start = used = 0
    for index, wanted in enumerate(sizes):
        if used + wanted > each:
            parts.append(text[start:index])
            start, used = index, 0
        used += wanted
    return (*parts, text[start:])


def _septets(character: str) -> int:
    return len(to_gsm(character) or b"")


def _ucs2(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")


def _is_latin(text: str) -> bool:
    return all(character <= "\xff" for character in text)
