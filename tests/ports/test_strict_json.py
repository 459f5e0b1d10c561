"""JSON of providers is read strictly: one meaning or a ValueError, never anything else."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convokit.ports.strict_json import read_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 1}}',
        b"[NaN]",
        b"Infinity",
        b'{"a": -Infinity}',
        b"\xef\xbb\xbf{}",
        b'"\xff"',
        b"9" * 5_000,
        b"[" * 200_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        "{}".encode("utf-16"),
    ],
    ids=lambda body: repr(body[:20]) + str(len(body)),
)
def test_p18_c62_what_could_be_read_in_two_ways_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        read_json(body)


@given(JSON)
def test_what_is_json_is_read_as_it_is(value: object) -> None:
    assert read_json(json.dumps(value).encode()) == value


@given(st.binary())
def test_p18_nothing_but_a_value_error_is_raised(body: bytes) -> None:
    with suppress(ValueError):
        read_json(body)
