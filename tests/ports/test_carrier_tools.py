"""What the gateways of most carriers need: words stay bounded, waits sane, and our own id survives every URL."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convokit.outcomes import TryLater, Unsure
from convokit.ports.carrier_tools import (
    bare,
    basic_authorization,
    bounded,
    is_basic,
    is_id,
    microseconds_of,
    number_of,
    own_id_of,
    parameters_of,
    plus,
    unanswered,
    wait_of,
    with_own_id,
    words_of,
)
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer


@pytest.mark.parametrize(
    ("text", "kept"),
    [("", ""), ("  two\r\n words\t", "two words"), ("y" * 501, "y" * 500), (" " * 2_000 + "late", "")],
)
def test_words_are_kept_on_one_line_and_bounded(text: str, kept: str) -> None:
    assert bounded(text) == kept


def test_the_words_of_an_answer() -> None:
    assert words_of(HttpResponse(status=502, body=b"Bad\nGateway \xff")) == "502 Bad Gateway \ufffd"
    assert len(words_of(HttpResponse(status=200, body=b"y" * 10_000_000))) == 500


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        (None, None),
        ("7", 7),
        ("0", 0),
        ("86401", 86_400),
        ("999999999", 86_400),
        ("1000000000", None),
        ("-1", None),
        ("1.5", None),
        ("٣", None),
        ("", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ],
)
def test_how_long_to_wait(header: str | None, wait: int | None) -> None:
    headers = () if header is None else (("retry-after", header),)
    assert wait_of(HttpResponse(status=429, headers=headers)) == wait


def test_p03_no_answer_is_unsure_only_when_something_left() -> None:
    assert unanswered(NoAnswer(why="refused", request_left=False)) == TryLater(raw="refused")
    assert unanswered(NoAnswer(why="reset " * 200, request_left=True)) == Unsure(why=bounded("reset " * 200))


@pytest.mark.parametrize(
    ("url", "with_it"),
    [
        ("https://desk.example/hooks/x", "https://desk.example/hooks/x?id=m_1.1"),
        ("https://desk.example", "https://desk.example/?id=m_1.1"),
        ("https://desk.example/x?a=%7E&b=", "https://desk.example/x?a=%7E&b=&id=m_1.1"),
        ("https://desk.example/x?id=theirs", "https://desk.example/x?id=theirs&id=m_1.1"),
        ("https://desk.example/x#part", "https://desk.example/x?id=m_1.1"),
    ],
)
def test_our_id_stands_at_the_end_of_the_query(url: str, with_it: str) -> None:
    assert with_own_id(url, "id", "m_1.1") == with_it
    assert own_id_of(with_it, "id") == "m_1.1"


@given(st.text(min_size=1, max_size=200).filter(lambda text: not any("\ud800" <= sign <= "\udfff" for sign in text)))
def test_any_id_comes_back(own_id: str) -> None:
    url = with_own_id("https://desk.example/hooks/x?lang=en&id=1", "id", own_id)
    assert url.isascii()
    assert own_id_of(url, "id") == own_id
    assert parse_qsl(urlsplit(url).query)[0] == ("lang", "en")


@pytest.mark.parametrize(
    "url",
    [
        "https://desk.example/x",
        "https://desk.example/x?id=",
        "https://desk.example/x?other=m_1.1",
        f"https://desk.example/x?id={'y' * 201}",
        "https://[desk.example/x?id=m_1.1",
        f"https://desk.example/x?{'a=1&' * 101}id=m_1.1",
    ],
)
def test_p18_what_is_no_id_is_none(url: str) -> None:
    assert own_id_of(url, "id") is None


def test_parameters_are_decoded_and_bad_bytes_replaced() -> None:
    assert parameters_of("https://h/x?a=1&a=2&b=%FF&c") == {"a": "2", "b": "\ufffd", "c": ""}


@pytest.mark.parametrize(
    ("value", "usable"), [("a", True), ("y" * 200, True), ("", False), ("y" * 201, False), (5, False), (None, False)]
)
def test_what_can_be_an_id(value: object, usable: bool) -> None:
    assert is_id(value) is usable


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ("30", 30),
        ("000", None),
        ("", None),
        ("-1", None),
        ("\u0663", None),
        ("9" * 10, None),
        (30, 30),
        (0, None),
        (-1, None),
        (10**9, None),
        (True, None),
        (1.0, None),
        (None, None),
        ([], None),
    ],
    ids=repr,
)
def test_numbers_of_errors(given: object, number: int | None) -> None:
    assert number_of(given) == number


@pytest.mark.parametrize(
    ("stamp", "at_us"),
    [
        ("2027-01-15T08:00:00Z", 1_800_000_000_000_000),
        ("2027-01-15T08:00:00.250+00:00", 1_800_000_000_250_000),
        ("2027-01-15T01:00:00-07:00", 1_800_000_000_000_000),
        ("2027-01-15T08:00:00", None),
        ("soon", None),
        ("", None),
        (5, None),
        (None, None),
    ],
)
def test_times_have_a_zone(stamp: object, at_us: int | None) -> None:
    assert microseconds_of(stamp) == at_us


@pytest.mark.parametrize(
    ("given", "number"),
    [("13035550123", "+13035550123"), ("+13035550123", "+13035550123"), ("24444", "24444"), ("Clinic", "Clinic")],
)
def test_numbers_have_their_plus_again(given: str, number: str) -> None:
    assert plus(given) == number
    assert bare(number) == given.removeprefix("+")


def called(*headers: tuple[str, str]) -> HttpRequest:
    return HttpRequest(method="POST", url="https://desk.example/x", headers=headers)


NAME, GOOD = basic_authorization("h\u00f6\u00f6k", "p:ss/w\u00f6rd")


@pytest.mark.parametrize(
    ("headers", "genuine"),
    [
        (((NAME, GOOD),), True),
        ((("authorization", f"bAsIc  {GOOD.split()[1]}"),), True),
        ((), False),
        (((NAME, GOOD), (NAME, GOOD)), False),
        ((basic_authorization("h\u00f6\u00f6k", "p:ss/word"),), False),
        ((basic_authorization("", ""),), False),
        (((NAME, "Basic"),), False),
        (((NAME, "Basic !!!!"),), False),
        (((NAME, "Basic \u00e9"),), False),
        (((NAME, f"Bearer {GOOD.split()[1]}"),), False),
    ],
)
def test_p17_a_callback_is_known_by_its_password(headers: tuple[tuple[str, str], ...], genuine: bool) -> None:
    pair = "h\u00f6\u00f6k:p:ss/w\u00f6rd"
    assert is_basic(called(*headers), ("other:pair", pair)) is genuine
    assert is_basic(called(*headers), (pair, "other:pair")) is genuine
    assert not is_basic(called(*headers), ())
