"""Segments of an SMS: the shared vectors, and what must hold of every text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convokit.domain.sms_segments import count_segments

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "sms_segments.json").read_text(encoding="utf-8"))


def units_of(text: str, encoding: str) -> int:
    if encoding == "UCS-2":
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return sum(2 if character in "\f^{}\\[~]|€" else 1 for character in text)


@pytest.mark.parametrize("row", VECTORS, ids=lambda row: f"{row['text'][:4]!a}-{len(row['text'])}")
def test_shared_vectors(row: dict[str, object]) -> None:
    counted = count_segments(str(row["text"]))
    assert (counted.encoding, counted.units, counted.segments) == (row["encoding"], row["units"], row["segments"])


@given(st.text(st.characters(codec=None) | st.sampled_from("a€^[🐶’\ud83d"), max_size=500))
def test_parts_hold_the_text_and_fit(text: str) -> None:
    counted = count_segments(text)
    single, each = (160, 153) if counted.encoding == "GSM-7" else (70, 67)
    limit = single if counted.segments == 1 else each
    assert "".join(counted.parts) == text
    assert counted.segments == len(counted.parts)
    assert counted.units == units_of(text, counted.encoding)
    assert all(units_of(part, counted.encoding) <= limit for part in counted.parts)
    assert counted.remaining == limit - units_of(counted.parts[-1], counted.encoding)
    assert bool(counted.forcing) == (counted.encoding == "UCS-2")


@given(st.text(max_size=200))
def test_a_plain_suggestion_always_fits_gsm7(text: str) -> None:
    plain = count_segments(text).plain
    assert plain is None or count_segments(plain).encoding == "GSM-7"


def test_an_escape_pair_is_not_cut() -> None:
    counted = count_segments("a" * 152 + "€" + "b" * 20)
    assert counted.parts == ("a" * 152, "€" + "b" * 20)


def test_a_surrogate_pair_is_not_cut() -> None:
    counted = count_segments("你" * 66 + "🐶" + "你" * 10)
    assert counted.parts == ("你" * 66, "🐶" + "你" * 10)


def test_forcing_characters_are_distinct_and_in_order() -> None:
    assert count_segments("“It’s ’til 5” – ok").forcing == ("“", "’", "”", "–")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("It’s “fine” – really…", 'It\'s "fine" - really...'),
        ("a\u00a0b\tc\u200bd", "a b cd"),
        ("ç, mañana, ½", "c, mañana, 1/2"),
        ("Ça, José, Zoë – très", "Ça, José, Zoe - très"),
        ("plain already", None),
        ("Bella 🐶", None),
        ("你好", None),
        ("\u200b", None),
    ],
)
def test_plain_suggestion(text: str, plain: str | None) -> None:
    assert count_segments(text).plain == plain


def test_a_lone_surrogate_counts_as_one_unit() -> None:
    counted = count_segments("\ud83d hi")
    assert (counted.encoding, counted.units, counted.segments) == ("UCS-2", 4, 1)


def test_a_long_text_is_cut_into_many_parts() -> None:
    counted = count_segments("€" * 20_000)
    assert counted.segments == -(-20_000 // 76)
