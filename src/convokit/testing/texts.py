"""Texts that real people write, and that programs change, cut or break."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TEXTS: Final[Mapping[str, str]] = {
    "plain": "Bella is well.",
    "GSM-7 extension": "price: 5 € [net] {a} ^~| \\",
    "curly quotes": "It’s time – “really”…",
    "emoji family": "👩‍👩‍👧 and 🐶🏽 and 🇺🇸",
    "accents": "¿Está bien? Ça va, Žofie",
    "combining": "e\u0301 n\u0303",
    "Arabic and Hebrew": "مرحبا שלום",
    "CJK": "獣医さん、ありがとう",
    "blanks at both ends": "  two  spaces  ",
    "several lines": "one\ntwo\n\nthree\n",
    "form separators": "a=1&b=2;c+d%20e%zz",
    "JSON and quotes": '{"text": "a\\"b"} \\u0041',
    "markup": "<b>100% & more</b> &amp; <Response/>",
    "placeholders": "%d %A %% {0} $1 ${x}",
    "a link": "https://desk.example/media/abc?x=1&y=%41#z",
    "a stop word inside": "stop by at 5?",
    "1,000 characters": "0123456789" * 100,
}
