"""The ways in which the proof of a callback is wrong: one table for every provider and every kind of signature."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from string import hexdigits
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from attrs import evolve

from convokit.ports.wire import HttpRequest
from convokit.testing.rows import Signature
from convokit.testing.wire import FORM, form_of, kind_of, with_header, with_parameter

Tampering = Callable[[HttpRequest, Signature], Iterator[HttpRequest]]


def _missing(value: str) -> list[list[str]]:
    return [[]]


def _empty(value: str) -> list[list[str]]:
    return [[""], [" "], ["="]]


def _wrong(value: str) -> list[list[str]]:
    # The last character of a Base64 text may hold bits that mean nothing, so others are changed too.
    places = sorted({0, len(value) // 2, max(0, len(value) - 4)})
    changed = [value[:at] + ("A" if value[at] not in "Aa" else "B") + value[at + 1 :] for at in places]
    other_case = [] if set(value) <= set(hexdigits) else [value.swapcase()]
    return [[one] for one in (*changed, *other_case, value[:-4], value[4:], f"{value}AAAA") if one != value]


def _foreign(value: str) -> list[list[str]]:
    return [[f"é{value}"], [f"{value}\udcff"], ["\u200b"], ["\x00"], ["ÿ" * len(value)]]


def _doubled(value: str) -> list[list[str]]:
    return [[value, value], [value, "x"], ["x", value]]


def _large(value: str) -> list[list[str]]:
    return [["A" * 1_000_000], [value + "A" * 1_000_000]]


def _tampering(values: Callable[[str], list[list[str]]]) -> Tampering:
    def tampered(signed: HttpRequest, signature: Signature) -> Iterator[HttpRequest]:
        for name in signature.headers:
            value = signed.header(name)
            assert value is not None, f"sign() sets no header {name}"
            bare = with_header(signed, name, None)
            for several in values(value):
                yield evolve(bare, headers=(*bare.headers, *((name, one) for one in several)))
        for name in signature.parameters:
            for several in values(_parameter(signed, name)):
                yield with_parameter(signed, name, several)

    return tampered


def _parameter(signed: HttpRequest, name: str) -> str:
    pairs = form_of(signed.body) if kind_of(signed) == FORM else parse_qsl(urlsplit(signed.url).query)
    found = dict(pairs)
    assert name in found, f"sign() sets no parameter {name}"
    return found[name]


TAMPERED: Final[Mapping[str, Tampering]] = {
    "missing": _tampering(_missing),
    "empty": _tampering(_empty),
    "bad": _tampering(_wrong),
    "non-ASCII": _tampering(_foreign),
    "doubled": _tampering(_doubled),
    "1 MB": _tampering(_large),
}
"""By what is wrong: all callbacks that are wrong in this way."""
