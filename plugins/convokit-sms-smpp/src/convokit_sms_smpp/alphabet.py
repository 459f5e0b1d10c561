"""The alphabets of texts: GSM 03.38 as octets, Latin-1, UCS-2, and what ``data_coding`` says (section 5.2.19)."""

from __future__ import annotations

from typing import Final, Literal

Alphabet = Literal["gsm7", "latin1"]
"""What ``data_coding`` 0 stands for: it is the centre's to say."""

UCS2: Final = 0x08

_BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPE: Final = 0x1B
_EXTENDED: Final = dict(zip(b"\x0a\x14\x28\x29\x2f\x3c\x3d\x3e\x40\x65", "\f^{}\\[~]|€", strict=True))
_TO_GSM: Final = {
    **{character: bytes((code,)) for code, character in enumerate(_BASIC) if code != _ESCAPE},
    **{character: bytes((_ESCAPE, code)) for code, character in _EXTENDED.items()},
}
_IA5: Final = 0x01
_SPACE: Final = 0x20
_LINES: Final = b"\t\n\r"
_CODECS: Final = {_IA5: "ascii", 0x03: "latin-1", 0x06: "iso8859-5", 0x07: "iso8859-8", UCS2: "utf-16-be"}
_BINARY: Final = (0x02, 0x04)


def to_gsm(text: str) -> bytes | None:
    """One octet for each septet; ``None`` if a character is not in the alphabet."""
    codes = [_TO_GSM.get(character) for character in text]
    return None if None in codes else b"".join(code for code in codes if code is not None)


def from_gsm(data: bytes) -> str:
    """The text. An unknown extension is its plain character (3GPP 23.038, 6.2.1.1), a lone escape nothing."""
    found: list[str] = []
    escaped = False
    for code in data:
        if not escaped and code == _ESCAPE:
            escaped = True
            continue
        plain = _BASIC[code] if code < len(_BASIC) and code != _ESCAPE else "\ufffd"
        found.append(_EXTENDED.get(code, plain) if escaped else plain)
        escaped = False
    return "".join(found)


def decoded(data: bytes, coding: int, default: Alphabet) -> str:
    """The text that these bytes are. What cannot be one becomes U+FFFD; it never raises."""
    if coding & 0xF0 == 0xF0:  # a message class (GSM 03.38, 4): bit 2 says whether it is 8-bit data
        coding = 0x04 if coding & 0x04 else 0x00
    elif 0x10 <= coding <= 0x1F:  # a class as well, with the alphabet in bits 2 and 3
        coding = coding & 0x0C
    if coding == 0x00:
        return from_gsm(data) if default == "gsm7" else data.decode("latin-1")
    if coding == _IA5 and any(code < _SPACE and code not in _LINES for code in data):
        return from_gsm(data)  # some centres, npm's among them, call the GSM alphabet so: IA5 texts have no such signs
    if coding in _BINARY:
        return data.decode("latin-1")
    return data.decode(_CODECS.get(coding, "latin-1"), "replace")
