"""How a text travels as SMS: encoding, units, parts, and what to change so that it costs less.

GSM 03.38 default alphabet (one septet) and its extension table (two: ESC and the character); everything else makes the
whole text UCS-2, counted in UTF-16 code units. One part holds 160 septets or 70 units; several hold 153 or 67 each,
because the concatenation header takes the rest. A pair (ESC and its character, two surrogates) is never cut.
Carriers may still cut differently, so the number of parts is an estimate.
"""

from __future__ import annotations

import unicodedata
from typing import Final, Literal

from attrs import frozen

from convokit.errors import InvalidInput

Encoding = Literal["GSM-7", "UCS-2"]

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("\f^{}\\[~]|€")
_GSM7: Final = _BASIC | _EXTENDED
_LIMITS: Final[dict[Encoding, tuple[int, int]]] = {"GSM-7": (160, 153), "UCS-2": (70, 67)}

_PLAIN: Final = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´ʼ", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys(
            "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t", " "
        ),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", ""),
        **dict.fromkeys("\u2028\u2029\u0085", "\n"),
        **dict.fromkeys("•·●▪", "*"),
        "…": "...",
        "½": "1/2",
        "¼": "1/4",
        "¾": "3/4",
        "‹": "<",
        "›": ">",
        "⁄": "/",
        "×": "x",
        "™": "(TM)",
        "©": "(c)",
        "®": "(R)",
        "°": " deg",
        "œ": "oe",
        "Œ": "OE",
        "→": "->",
        "←": "<-",
    }
)


@frozen(kw_only=True)
class Segments:
    """The count of one text.

    ``units``: septets (GSM-7) or UTF-16 code units (UCS-2) of the text itself, without padding. ``parts``: the texts of
    the parts, in order; joined they are the text. ``remaining``: units still free in the last part. ``forcing``: the
    distinct characters that make it UCS-2, in order of appearance. ``plain``: the text with those replaced by plain
    ones so that it fits GSM-7, or ``None`` where that is not needed or not possible.
    """

    encoding: Encoding
    units: int
    segments: int
    parts: tuple[str, ...]
    remaining: int
    forcing: tuple[str, ...]
    plain: str | None


def count_segments(text: str) -> Segments:
    """Count ``text`` as SMS. Linear; a lone surrogate is one unit of UCS-2; an empty text is one part of 0 units.

    Raises:
        InvalidInput: ``message.type``.
    """
    if not isinstance(text, str):
        raise InvalidInput("message.type", "a message is text", field="text", limit="str")
    forcing = tuple(dict.fromkeys(character for character in text if character not in _GSM7))
    encoding: Encoding = "UCS-2" if forcing else "GSM-7"
    units = _units(text, encoding)
    single, each = _LIMITS[encoding]
    parts = (text,) if units <= single else _cut(text, encoding, each)
    free_in = single if len(parts) == 1 else each
    return Segments(
        encoding=encoding,
        units=units,
        segments=len(parts),
        parts=parts,
        remaining=free_in - _units(parts[-1], encoding),
        forcing=forcing,
        plain=_plain(text) if forcing else None,
    )


def _units(text: str, encoding: Encoding) -> int:
    if encoding == "UCS-2":
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return len(text) + sum(map(text.count, _EXTENDED))


def _cut(text: str, encoding: Encoding, limit: int) -> tuple[str, ...]:
    """Parts of at most ``limit`` units; a character of two units stays whole."""
    parts: list[str] = []
    start = used = 0
    for index, character in enumerate(text):
        pair = character in _EXTENDED if encoding == "GSM-7" else character > "\uffff"
        size = 2 if pair else 1
        if used + size > limit:
            parts.append(text[start:index])
            start, used = index, 0
        used += size
    return (*parts, text[start:])


def _plain(text: str) -> str | None:
    """``text`` in the GSM-7 alphabet, or ``None`` when something (an emoji, another script) has no plain form."""
    plain = "".join(character if character in _GSM7 else _plain_character(character) for character in text)
    return plain if _GSM7.issuperset(plain) and plain.strip() else None


def _plain_character(character: str) -> str:
    replaced = character.translate(_PLAIN)
    if replaced != character:
        return replaced
    return "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
