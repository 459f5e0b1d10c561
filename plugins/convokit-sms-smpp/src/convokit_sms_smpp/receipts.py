"""Delivery receipts: by optional parameters, and by the words of appendix B. Pure."""

from __future__ import annotations

import re
from typing import Final, cast

from convokit.ports.carrier_tools import LONGEST_ID, bounded
from convokit.ports.sms import DeliveryReport
from convokit_sms_smpp.alphabet import Alphabet, decoded
from convokit_sms_smpp.pdu import Message, Tag
from convokit_sms_smpp.settings import SmppSettings
from convokit_sms_smpp.words import STATES, WORDS

_KIND: Final = 0x3C
_RECEIPTS: Final = (0x04, 0x20)
"""``esm_class`` (section 5.2.12): a receipt of the centre, and a notification before the end."""
_FIELDS: Final = {
    name: re.compile(rf"\b{name}:\s*([^\s:]{{1,{LONGEST_ID}}})(?=\s|$)", re.IGNORECASE)
    for name in ("id", "stat", "err")
}
_TEXT: Final = re.compile(r"\s*\btext:", re.IGNORECASE)


def is_receipt(message: Message) -> bool:
    """Whether a ``deliver_sm`` is about a text of ours. Some centres mark it by the parameter alone."""
    kind = message.esm_class & _KIND
    named = message.tlv(Tag.RECEIPTED_MESSAGE_ID) is not None and message.tlv(Tag.MESSAGE_STATE) is not None
    return kind in _RECEIPTS or (kind == 0 and named)


def report_of(settings: SmppSettings, message: Message) -> DeliveryReport:
    """What a receipt says. Its parameters come before its words; our own id is there if the carrier brings it back."""
    # The beginning of our own text stands behind "text:", and belongs in no log.
    words = _TEXT.split(_words(settings, message), maxsplit=1)[0]
    told = {name: found[1] for name, pattern in _FIELDS.items() if (found := pattern.search(words))}
    number = message.number(Tag.MESSAGE_STATE)
    state, reason = STATES.get(WORDS.get(told.get("stat", "").upper(), 0) if number is None else number, (None, None))
    return DeliveryReport(
        attempt_id=_string(message.tlv(settings.id_tlv)) if settings.id_tlv is not None else None,
        provider_id=_receipted_id(settings, message, told.get("id")),
        state=state,
        reason=reason,
        raw=_raw(message, told, number),
    )


def _words(settings: SmppSettings, message: Message) -> str:
    return decoded(message.content, message.data_coding, cast("Alphabet", settings.default_alphabet))


def _raw(message: Message, told: dict[str, str], number: int | None) -> str:
    state = [] if number is None else [f"message_state:{number}"]
    words = [f"{name}:{told[name]}" for name in ("stat", "err") if name in told]
    network = message.tlv(Tag.NETWORK_ERROR_CODE)
    return bounded(" ".join([*state, *words, *([] if network is None else [f"network_error:{network[:8].hex()}"])]))


def _receipted_id(settings: SmppSettings, message: Message, told: str | None) -> str | None:
    """The id as the answer to ``submit_sm`` had it: the parameter is written so, the words may be otherwise."""
    named = _string(message.tlv(Tag.RECEIPTED_MESSAGE_ID))
    if named is not None:
        return answered_id(settings, named)
    if told is None:
        return None
    base = {"same": None, "hex-decimal": 10, "decimal-hex": 16}[settings.message_ids]
    return told if base is None else _number(told, base)


def answered_id(settings: SmppSettings, given: str) -> str | None:
    """An id of an answer to ``submit_sm``, in the one notation that ids are kept in."""
    base = {"same": None, "hex-decimal": 16, "decimal-hex": 10}[settings.message_ids]
    return (given if base is None else _number(given, base)) or None


def _number(given: str, base: int) -> str:
    """The same number in decimal; what is no number stays as it is."""
    try:
        return str(int(given, base)) if given.isalnum() and given.isascii() else given
    except ValueError:
        return given


def _string(value: bytes | None) -> str | None:
    text = "" if value is None else value.partition(b"\0")[0].decode("latin-1").strip()
    return text[:LONGEST_ID] or None
