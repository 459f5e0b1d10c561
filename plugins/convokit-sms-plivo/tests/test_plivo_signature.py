"""Signatures: published and own vectors, the official SDK as an oracle, and notations that must not pass."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import urlencode

import pytest
from attrs import evolve
from convokit_sms_plivo import PlivoSettings
from convokit_sms_plivo.signature import V2, V2_NONCE, V3, V3_NONCE, is_genuine, signed_v2, signed_v3
from hypothesis import given
from hypothesis import strategies as st
from plivo.utils import validate_signature, validate_v3_signature

from convokit.ports.wire import HttpRequest

TOKEN, OTHER = "my_auth_token_of_some_length", "another_auth_token_of_some_length"
SETTINGS = PlivoSettings(auth_id="MA0123456789ABCDEFGH", auth_token=TOKEN)
URL = "https://example.com/plivo/dlr"
TOLD = {"From": "14155550100", "To": "14155550111", "MessageUUID": "abc-123", "Status": "delivered"}


def called(url: str = URL, pairs: object = TOLD, method: str = "POST") -> HttpRequest:
    return HttpRequest(method=method, url=url, body=urlencode(pairs, doseq=True).encode())  # type: ignore[arg-type]


def made(signed: bytes, nonce: str = "12345", token: str = TOKEN) -> str:
    return base64.b64encode(hmac.new(token.encode(), signed + nonce.encode(), hashlib.sha256).digest()).decode()


def proved(request: HttpRequest, *headers: tuple[str, str]) -> HttpRequest:
    return evolve(request, headers=(*request.headers, *headers))


def by_v3(request: HttpRequest, token: str = TOKEN, header: str = V3[0]) -> HttpRequest:
    return proved(request, (header, made(signed_v3(request), token=token)), (V3_NONCE, "12345"))


def by_v2(request: HttpRequest, header: str = V2[0]) -> HttpRequest:
    return proved(request, (header, made(signed_v2(request))), (V2_NONCE, "12345"))


@pytest.mark.parametrize(
    ("signed", "expected"),
    [
        (signed_v3(called(f"{URL}?practice=7&b=2")), "Yclz09Hhz/ZtBp5xg0/vXIv8d87CEpfGYM2L4+RX/r0="),
        (signed_v3(called()), "wPPmjj5VIewAYfwt6syw5wYy0w5T0I4E5o7pWY14msM="),
        (signed_v2(called("https://answer.url")), "ehV3IKhLysWBxC1sy8INm0qGoQYdYsHwuoKjsX7FsXc="),
    ],
)
def test_known_signatures(signed: bytes, expected: str) -> None:
    assert made(signed, token="my_auth_token") == expected


SHOWN = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
NAMES = st.text("abcXYZ019_.-~ &=%+", min_size=1, max_size=8)
PLAIN = st.text("abcXYZ019_.-~ &=%+/", max_size=8)


@given(st.dictionaries(NAMES, PLAIN, max_size=4), st.dictionaries(SHOWN.filter(bool), st.lists(SHOWN), max_size=5))
def test_whatever_is_posted_it_is_signed_as_the_sdk_says(query: dict[str, str], posted: dict[str, list[str]]) -> None:
    url = f"{URL}?{urlencode(query)}" if query else URL
    request = called(url, posted)
    told = {name: values for name, values in posted.items() if values}
    assert validate_v3_signature("POST", url, "12345", TOKEN, made(signed_v3(request)), told)
    assert is_genuine(SETTINGS, by_v3(request))
    assert validate_signature(url, "12345", made(signed_v2(request)), TOKEN)


def test_a_get_is_signed_as_the_sdk_says() -> None:
    url = f"{URL}?{urlencode(TOLD)}&id=m_1.1"
    request = HttpRequest(method="GET", url=url)
    assert validate_v3_signature("GET", url, "12345", TOKEN, made(signed_v3(request)), {})
    assert is_genuine(SETTINGS, by_v3(request))


def test_any_of_our_tokens_in_either_header_and_in_a_list() -> None:
    request = called()
    assert is_genuine(SETTINGS, by_v3(request, header=V3[1]))
    assert not is_genuine(SETTINGS, by_v3(request, OTHER))
    assert is_genuine(evolve(SETTINGS, main_auth_token=OTHER), by_v3(request, OTHER, V3[1]))
    assert is_genuine(evolve(SETTINGS, previous_auth_token=OTHER), by_v3(request, OTHER))
    wrong = ((V3[0], made(signed_v3(request), token=OTHER)), (V3[1], made(signed_v3(request))), (V3_NONCE, "12345"))
    assert is_genuine(SETTINGS, proved(request, *wrong))
    several = f"{made(b'x')},{made(signed_v3(request))} , {made(b'y')}"
    assert is_genuine(SETTINGS, proved(request, (V3[0], several), (V3_NONCE, "12345")))


@pytest.mark.parametrize(
    "url", [f"{URL}?a=1", f"{URL}/", "http://example.com/plivo/dlr", "https://example.org/plivo/dlr"]
)
def test_p17_another_url_is_another_signature(url: str) -> None:
    assert not is_genuine(SETTINGS, evolve(by_v3(called()), url=url))


@pytest.mark.parametrize(
    "headers",
    [
        (),
        ((V3[0], made(signed_v3(called()))),),
        ((V3[0], made(signed_v3(called()), "")), (V3_NONCE, "")),
        ((V3[0], made(signed_v3(called()))), (V3_NONCE, "12346")),
        ((V3[0], made(signed_v3(called()))), (V3_NONCE, "12345"), (V3_NONCE, "12345")),
        ((V3[0], "," * 100 + made(signed_v3(called()))), (V3_NONCE, "12345")),
        ((V3[0], "\u00e9"), (V3_NONCE, "\udcff")),
        ((V2[0], made(signed_v3(called()))), (V2_NONCE, "12345")),
    ],
)
def test_p17_what_does_not_fit_is_refused(headers: tuple[tuple[str, str], ...]) -> None:
    for settings in (SETTINGS, evolve(SETTINGS, accept_v2=True)):
        assert not is_genuine(settings, proved(called(), *headers))


def test_p17_the_older_way_is_believed_only_where_it_is_switched_on_and_alone() -> None:
    request, older = called(), evolve(SETTINGS, accept_v2=True)
    for header in V2:
        assert not is_genuine(SETTINGS, by_v2(request, header))
        assert is_genuine(older, by_v2(request, header))
    assert is_genuine(older, by_v3(request))
    for more in ((V3[0], "x"), (V3[1], ""), (V3_NONCE, "12345")):
        assert not is_genuine(older, proved(by_v2(request), more)), "a proof of V3 that does not fit was passed over"


def test_p18_a_form_with_thousands_of_parameters_is_refused() -> None:
    pairs = {f"n{number}": "1" for number in range(1_001)}
    request = called(pairs=pairs)
    assert not is_genuine(SETTINGS, proved(request, (V3[0], "x"), (V3_NONCE, "12345")))


def test_bytes_that_are_no_utf_8_are_signed_as_they_are() -> None:
    request = evolve(called(), body=b"Text=%FF%FE")
    signed = proved(request, (V3[0], made(f"{URL}?Text".encode() + b"\xff\xfe.")), (V3_NONCE, "12345"))
    assert is_genuine(SETTINGS, signed)
    assert not is_genuine(SETTINGS, evolve(signed, body=b"Text=%FF%FD"))
