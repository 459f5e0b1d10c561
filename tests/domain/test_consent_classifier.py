"""What a text says about consent: the shared vectors, our own list, and what must hold of every text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convokit.domain import consent_context as context
from convokit.domain import consent_phrase_table as phrases
from convokit.domain import consent_words as table
from convokit.domain.consent import CLASSIFIER_VERSION, Verdict, classify_text
from convokit.domain.consent_classes import CLASSES
from convokit.domain.consent_phrases import compiled
from convokit.domain.consent_text import LOOKED_AT, clauses


class Row(TypedDict):
    text: str
    opted_out: bool
    expect: str
    note: str | None


def rows(name: str) -> list[Row]:
    loaded: list[Row] = json.loads((Path(__file__).parents[1] / "vectors" / name).read_text(encoding="utf-8"))
    return loaded


def row_id(row: Row) -> str:
    return ascii(row["text"][:40]) + ("-opted-out" if row["opted_out"] else "")


NOTES_OF_VECTORS = {"flag wrong_number": "wrong_number", "urgent: staff": "urgent"}
PHRASE_TABLES = [
    value for name, value in (vars(phrases) | vars(context)).items() if name.isupper() and isinstance(value, tuple)
]


@pytest.mark.parametrize("row", rows("consent_texts.json"), ids=row_id)
def test_shared_vectors(row: Row) -> None:
    verdict = classify_text(row["text"], opted_out=row["opted_out"])
    assert verdict.kind == row["expect"]
    if row["note"] is not None:
        assert verdict.note == NOTES_OF_VECTORS[row["note"]]


@pytest.mark.parametrize("row", rows("consent_more.json") + rows("consent_reviewed.json"), ids=row_id)
def test_own_list(row: Row) -> None:
    verdict = classify_text(row["text"], opted_out=row["opted_out"])
    assert (verdict.kind, verdict.note) == (row["expect"], row["note"])


@given(
    st.sampled_from(sorted(table.STRONG_STOP)),
    st.sampled_from(["{}", "{}!!", " {}\n", '"{}"', "{} 😡", "please {}", "{}, thanks"]),
)
def test_every_strong_keyword_opts_out_in_any_dress(word: str, dress: str) -> None:
    assert classify_text(dress.format(word.upper()), opted_out=False).kind == "stop"


@given(st.sampled_from(sorted(table.COMPOUNDS)), st.sampled_from(["{}", "{}!!", "please {}", "{}, thanks"]))
def test_keywords_run_together_are_read_apart(compound: str, dress: str) -> None:
    (clause, *_) = clauses(compound)
    assert clause.words == table.COMPOUNDS[compound]
    opts_out = not table.STRONG_STOP.isdisjoint(clause.words)
    assert (classify_text(dress.format(compound.upper()), opted_out=False).kind == "stop") is opts_out


@given(
    st.sampled_from(["dont contact me", "please do not text us", "no more reminders", "i dont want reminders"]),
    st.sampled_from(sorted(CLASSES["bytext"])),
)
def test_saying_that_it_is_about_texts_weakens_no_order(order: str, way: str) -> None:
    assert classify_text(f"{order} {way}", opted_out=False).kind == "stop"


@pytest.mark.parametrize("word", sorted(table.APPOINTMENT_STOP))
def test_appointment_words_opt_out_only_bare(word: str) -> None:
    assert classify_text(word, opted_out=False).kind == "stop"
    assert classify_text(f"{word} please", opted_out=False).kind == "maybe"


@pytest.mark.parametrize(
    ("text", "kind"), [("Pare ya", "stop"), ("basta de todo!", "stop"), ("ba sta", "none"), ("hi", "none")]
)
def test_practice_words_are_whole_messages(text: str, kind: str) -> None:
    words = ["pare", "Basta de todo", "", "🙂"]
    assert classify_text(text, opted_out=False, practice_words=words).kind == kind


def test_yes_opts_in_only_while_opted_out() -> None:
    assert classify_text("Sí, gracias", opted_out=True) == Verdict(kind="start")
    assert classify_text("Sí, gracias", opted_out=False) == Verdict(kind="none")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Stop. Please start texting me again", "maybe"),
        ("Stop texting me. Actually, start texting me again", "maybe"),
        ("Bella is sick. Stop. She ate.", "maybe"),
        ("She is off her food. STOP", "maybe"),
        ("we are fine, stop", "maybe"),
        ("Stop, she is bleeding", "none"),
        ("Stop, Ana", "maybe"),
        ("stop, I found another place to go", "maybe"),
        ("a lot is going on, stop, with us all here", "none"),
        ("stop 123", "maybe"),
        ("stop ana", "none"),
        ("we moved please stop", "stop"),
        ("could you please stop", "maybe"),
        ("they said stop texting me", "none"),
        ("he told me they don't text me", "none"),
        ("no stop texting me", "maybe"),
        ("no dejen de escribirme", "none"),
        ("can't you stop texting me", "stop"),
        ("wrong number of pills", "none"),
        ("Help with my bill for the dog", "none"),
    ],
)
def test_the_word_among_others(text: str, kind: str) -> None:
    assert classify_text(text, opted_out=False).kind == kind


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Stop\nAna Ruiz", ("stop",)),
        ("Ana Ruiz", ("ana", "ruiz")),
        ("Ok\nStop", ("ok", "stop")),
        ("> STOP", ("stop",)),
        ("STOP\nLe 3 nov. Happy Paws a écrit :\nBella", ("stop",)),
        ("l’e-mail d'Ana, don't", ("l", "email", "d", "ana", "dont")),
        ("a b c", ("a", "b", "c")),
        ("İ stop Sent from my iPhone", ("i", "stop", "sent", "from", "my", "iphone")),
        ("", ()),
    ],
)
def test_words_that_are_read(text: str, words: tuple[str, ...]) -> None:
    assert tuple(word for clause in clauses(text) for word in clause.words) == words


def test_only_the_beginning_is_read() -> None:
    assert classify_text("x" * LOOKED_AT + " stop texting me", opted_out=False).kind == "none"
    assert classify_text("stop texting me " + "x" * 10_000_000, opted_out=False).kind == "maybe"


@given(st.text(st.characters(codec=None) | st.sampled_from("stop txme.!-'>\n\u200b🛑"), max_size=300), st.booleans())
def test_p18_every_text_has_a_verdict(text: str, opted_out: bool) -> None:
    verdict = classify_text(text, opted_out=opted_out)
    assert verdict == classify_text(text, opted_out=opted_out)
    assert verdict.note in {None, "may_be_appointment", "wrong_number", "urgent", "look_alike"}


@given(st.lists(st.sampled_from("stop text me the all no more dont send s . , 'm".split()), max_size=250))
def test_repeated_words_have_a_verdict(words: list[str]) -> None:
    assert classify_text(" ".join(words), opted_out=False).kind in {"stop", "maybe", "none"}


def test_every_class_that_a_phrase_names_is_in_the_table() -> None:
    for row_table in PHRASE_TABLES:
        for element in " ".join(row_table).split():
            if element.startswith("<"):
                assert element.rstrip("?*").strip("<>") in {*CLASSES, "any"}, element


def test_every_class_is_used() -> None:
    used = " ".join(phrase for row_table in PHRASE_TABLES for phrase in row_table)
    assert [name for name in CLASSES if f"<{name}>" not in used] == []


def test_phrases_compile_once() -> None:
    assert compiled("<stop> it") is compiled("<stop> it")


def test_the_version_is_named_for_the_ledger() -> None:
    assert CLASSIFIER_VERSION
