"""Bodies that break parsers: of JSON, and of forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

_VALUES: Final[Mapping[str, bytes]] = {
    "NaN": b"NaN",
    "Infinity": b"-Infinity",
    "200,000 deep": b"[" * 200_000 + b"]" * 200_000,
    "a number of 5,000 digits": b"9" * 5_000,
    "no UTF-8": b'"\xff\xfe"',
    "half a text": b'"\n',
}

HOSTILE_JSON: Final[Mapping[str, bytes]] = {
    "NaN": b'{"id": NaN, "data": {"id": NaN}}',
    "Infinity": b'[{"id": -Infinity}]',
    "200,000 deep": b"[" * 200_000,
    "200,000 deep, closed": b'{"a": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "a number of 5,000 digits": b'{"id": ' + b"9" * 5_000 + b"}",
    "a name twice": b'{"id": "a", "id": "b"}',
    "a byte order mark": b'\xef\xbb\xbf{"id": "a"}',
    "no UTF-8": b'{"id": "\xff\xfe"}',
    "half of it": b'{"id": "a',
    "two of it": b'{"id": "a"}{"id": "b"}',
    "nothing": b"",
    "null": b"null",
    "a number": b"5",
    "a text": b'"text"',
    "an empty list": b"[]",
    "other types": b'{"id": [], "from": 5, "to": {}, "text": null, "data": [5], "event_type": {}, "message": []}',
    "other types inside": b'{"data": {"payload": 5, "event_type": "message.received", "id": null}, "type": []}',
    "a list of other types": b'[5, null, "x", [], {"type": 5, "message": "x"}]',
}
"""What is no callback of any provider that sends JSON."""

HOSTILE_FORMS: Final[Mapping[str, bytes]] = {
    "form: separators only": b"&&&===&;&",
    "form: broken percent": b"Body=%&From=%zz&To=%u1234&MessageSid=%",
    "form: no UTF-8": b"Body=%FF%FE&From=\xff\xfe&Text=%C3",
    "form: lone surrogates": b"Body=%ED%A0%BD&From=%ED%B0%80",
    "form: NUL and control characters": b"Body=a%00b%1B%5B31m%0D%0A&From=%00",
    "form: 100,000 parameters": b"a=1&" * 100_000,
    "form: 100,000 values of one name": b"Body=1&" * 100_000,
    "form: a name of 100,000 characters": b"n" * 100_000 + b"=1",
    "form: numbers": b"NumMedia=" + b"9" * 5_000 + b"&ErrorCode=-1&ts=1e999",
    "form: one name only": b"Body",
}
"""What may come to a provider's plugin that reads forms."""

LARGE: Final = b"y" * 1_000_000


def without_one_meaning(body: bytes) -> Iterator[tuple[str, bytes]]:
    """A JSON body, changed so that it is none, or that two readers may read it differently: what was done, and it."""
    at = body.find(b"{") + 1
    for label, value in _VALUES.items():
        yield label, body[:at] + b'"AddedLater": ' + value + b", " + body[at:]
    yield "a name twice", body[:at] + b'"AddedLater": 1, "AddedLater": 2, ' + body[at:]
    yield "a byte order mark", b"\xef\xbb\xbf" + body
    yield "two of it", body + body
    yield "half of it", body[: len(body) // 2]
