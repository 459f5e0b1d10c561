"""The shortcuts of the classifier lose nothing: what they leave out could not have been found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convokit.domain import consent_phrase_table as rows
from convokit.domain.consent_classes import CLASSES
from convokit.domain.consent_phrases import candidates, compiled, index_of
from convokit.domain.consent_text import clauses, may_hold_look_alikes

PHRASES = (
    *(*rows.STOP_ORDERS, *rows.STOP_REFUSALS, *rows.STOP_WISHES, *rows.NARROW_ORDERS, *rows.MAYBE_WHOLE),
    *(*rows.MAYBE_ANY, *rows.START_ORDERS, *rows.START_WHEN_OUT, *rows.WRONG_NUMBER),
)
INDEX = index_of(PHRASES)
WORDS = sorted(
    {word for entries in CLASSES.values() for entry in entries for word in entry.split()}
    | {word for phrase in PHRASES for word in phrase.replace("|", " ").replace("?", "").split() if word.isalpha()}
)


@given(st.lists(st.sampled_from(WORDS), max_size=8))
def test_every_phrase_that_stands_in_a_text_is_a_candidate(words: list[str]) -> None:
    text = "".join(f"{word} " for word in words)
    standing = {phrase for phrase in PHRASES if compiled(phrase).search(text)}
    assert standing <= set(candidates(words, INDEX))


@pytest.mark.parametrize("text", ["can i get a refill of her pills please", "should we go on with the drops"])
def test_common_words_alone_bring_up_no_phrase(text: str) -> None:
    assert list(candidates(text.split(), INDEX)) == []


@given(st.text(alphabet="stopSTOP 013457'`.,&-_\n", max_size=30))
def test_a_text_that_cannot_hold_look_alikes_reads_the_same_with_and_without_them(text: str) -> None:
    if not may_hold_look_alikes(text):
        assert clauses(text, look_alikes=True) == clauses(text)


@pytest.mark.parametrize(
    ("text", "could"),
    [("4:30 on 2026-03-02", False), ("St0p", True), ("sto'0p", True), ("5top", True), ("ѕtop", True), ("$top", True)],
)
def test_digits_count_only_beside_letters(text: str, could: bool) -> None:
    assert may_hold_look_alikes(text) is could
