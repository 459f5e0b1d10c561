"""What is the same word, what is the same number, and what a hit says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_facts import conversation

from convokit.domain.search import (
    LONGEST_WORD,
    Terms,
    header_hit,
    header_phones,
    header_words,
    phone_keys,
    snippet,
    terms,
    text_hit,
    words,
)

ANA = conversation(
    title="Lab results",
    patient_name="Bella",
    client_email="ana@example.com",
    client_phone="+13035559999",
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Bella's results are IN.", ["bellas", "bella", "s", "results", "are", "in"]),
        ("O’Brien O'Brien OBrien", ["obrien", "o", "brien"] * 2 + ["obrien"]),
        ("'quoted' rock'n'roll", ["quoted", "rocknroll", "rock", "n", "roll"]),
        ("José Núñez", ["jose", "nunez"]),
        ("Łukasz Søren Þór Æsop cœur đ ð ı", ["lukasz", "soren", "thor", "aesop", "coeur", "d", "d", "i"]),
        ("Straße ﬁne", ["strasse", "fine"]),
        ("ＶＡＣＣＩＮＥ ①", ["vaccine", "1"]),
        ("ana.ruiz+vet@example.com", ["ana", "ruiz", "vet", "example", "com"]),
        ("snake_case #1042 50%", ["snake", "case", "1042", "50"]),
        ("日本語 हिन्दी", ["日本語", "हनद"]),
        ("İstanbul", ["istanbul"]),
        ("\x00 \ud800 \ue000a\ue001 \u200d", ["a"]),
        ("x" * 100, ["x" * LONGEST_WORD]),
        ("", []),
        ("🐶 !?", []),
    ],
)
def test_words(text, found):
    assert list(words(text)) == found


@given(st.text(max_size=60))
def test_words_of_words_are_the_same_words(text):
    found = list(words(text))
    assert list(words(" ".join(found))) == found
    assert all(word.isalnum() for word in found)


@pytest.mark.parametrize(
    ("number", "keys"),
    [
        ("+44123456", ("44123456", "4123456", "123456", "23456", "3456")),
        ("12345", ("12345", "2345")),
        ("123", ()),
        ("ACME4000", ()),
        ("", ()),
    ],
)
def test_phone_keys_are_the_endings_of_the_digits(number, keys):
    assert phone_keys(number) == keys


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Bella", Terms(words=("bella",))),
        ("(303) 555-0123", Terms(words=("303", "555", "0123"), phones=("3035550123",))),
        ("303 555", Terms(words=("303", "555"), phones=("303555",))),
        ("020 7946 0123", Terms(words=("020", "7946", "0123"), phones=("02079460123", "2079460123"))),
        ("0044 20 7946", Terms(words=("0044", "20", "7946"), phones=("0044207946", "44207946"))),
        ("１０４２", Terms(words=("1042",), phones=("1042",))),
        ("0123", Terms(words=("0123",), phones=("0123",))),
        ("104", Terms(words=("104",))),
        ("O'Brien's", Terms(words=("obriens",))),
        ("room 12", Terms(words=("room", "12"), others=("room",))),
        ("ana 303.555.0123", Terms(words=("ana", "303", "555", "0123"), phones=("3035550123",), others=("ana",))),
        ("", Terms()),
    ],
)
def test_terms(text, asked):
    assert terms(text) == asked


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("ana", True),
        ("ruiz an", True),
        ("an ruiz", False),
        ("bella lab res", True),
        ("bella labs", False),
        ("example.c", True),
        ("3035550123", True),
        ("+1 (303) 555 99", True),
        ("ana 555-0123", True),
        ("bob 555-0123", False),
        ("5550124", False),
        ("0123", True),
        ("00 1 303 555", True),
        ("c17", False),
        ("", False),
    ],
)
def test_a_conversation_matches(text, is_found):
    assert terms(text).match(header_words(ANA), header_phones(ANA)) == is_found


@pytest.mark.parametrize(
    ("text", "matched", "said"),
    [
        ("ruiz", "client_name", "Ana Ruiz"),
        ("bella", "patient_name", "Bella"),
        ("results", "title", "Lab results"),
        ("ana@example.com", "client_email", "ana@example.com"),
        ("5550123", "phone", "+13035550123"),
        ("5559999", "phone", "+13035559999"),
        ("bella ruiz", "client_name", "Ana Ruiz"),
        ("renamed", "client_name", "Ana Ruiz"),
    ],
)
def test_a_hit_says_what_matched(text, matched, said):
    hit = header_hit(ANA, terms(text))
    assert (hit.matched, hit.snippet, hit.entry_id) == (matched, said, None)


def test_a_sender_without_a_number_is_found_by_its_name():
    acme = conversation(address="ACME Labs", client_name="")
    assert terms("acme").match(header_words(acme), header_phones(acme))
    assert header_hit(acme, terms("acme")).matched == "phone"


def test_a_client_of_the_app_is_not_found_by_the_hosts_id():
    talk = conversation(channel="app", address="c17", sender="app")
    assert not terms("c17").match(header_words(talk), header_phones(talk))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Is the vaccine in?", "Is the vaccine in?"),
        ("one two three four five six vaccine seven", "… three four five six vaccine seven"),
        ("x " * 500 + "vaccine", "… x x x x vaccine"),
        ("vaccine" + "x" * 500, "vaccine" + "x" * 113),
        ("nothing of it", "nothing of it"),
    ],
)
def test_a_snippet_is_a_line_around_the_word(text, said):
    assert snippet(text, terms("vacc")) == said
    assert text_hit(ANA, "m_1", text, terms("vacc")).snippet == said
