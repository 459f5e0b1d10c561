"""Signatures: Square's own example, the official SDK as an oracle, two keys, and notations that must not pass."""

from __future__ import annotations

import base64

import pytest
from attrs import evolve
from convokit_pay_square import SquareSettings
from convokit_pay_square.signature import SIGNATURE, is_genuine, signature_of
from hypothesis import given
from hypothesis import strategies as st
from square.utils.webhooks_helper import verify_signature

from convokit.ports.wire import HttpRequest

KEY = "Ibxx_5AKakO-3qeNVR61Dw"
SETTINGS = SquareSettings(access_token="EAAA0123456789abcdef", location_id="L1", signature_key=KEY)
URL = "https://webhook.site/679a4f3a-dcfa-49ee-bac5-9d0edad886b9"
BODY = (
    b'{"merchant_id":"MLEFBHHSJGVHD","type":"webhooks.test_notification",'
    b'"event_id":"ac3ac95b-f97d-458c-a6e6-18981597e05f","created_at":"2022-07-13T20:30:59.037339943Z",'
    b'"data":{"type":"webhooks","id":"bc368e64-01aa-407e-b46e-3231809b1129"}}'
)
KNOWN = "GF4YkrJgGBDZ9NIYbNXBnMzqb2HoL4RW/S6vkZ9/2N4="


def event(signature: str, *, url: str = URL, body: bytes = BODY) -> HttpRequest:
    return HttpRequest(method="POST", url=url, headers=((SIGNATURE, signature),), body=body)


def test_the_published_example() -> None:
    assert signature_of(KEY, URL, BODY) == KNOWN
    assert is_genuine(SETTINGS, event(KNOWN))


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    st.booleans(),
)
def test_the_sdk_says_the_same(body: str, path: str, forged: bool) -> None:
    url = f"https://desk.example/{path}"
    made = signature_of("another-key-0123" if forged else KEY, url, body.encode())
    accepted = verify_signature(request_body=body, signature_header=made, signature_key=KEY, notification_url=url)
    assert is_genuine(SETTINGS, event(made, url=url, body=body.encode())) is accepted is not forged


@pytest.mark.parametrize(
    "signature",
    [
        "",
        KNOWN[:-1],
        f"{KNOWN}=",
        f" {KNOWN}",
        KNOWN.lower(),
        KNOWN.replace("+", "-").replace("/", "_"),
        base64.b64decode(KNOWN).hex(),
        "é" * 44,
        f"{KNOWN},{KNOWN}",
        "x" * 5_000,
    ],
)
def test_p17_what_the_header_may_be(signature: str) -> None:
    assert not is_genuine(SETTINGS, event(signature))


def test_p17_a_signature_that_is_given_twice_or_not_at_all_is_refused() -> None:
    request = event(KNOWN)
    assert not is_genuine(SETTINGS, evolve(request, headers=request.headers * 2))
    assert not is_genuine(SETTINGS, evolve(request, headers=()))


def test_p17_the_url_counts_as_it_was_entered() -> None:
    for url in (f"{URL}/", URL.replace("https", "http"), URL.upper(), "\ud800"):
        assert not is_genuine(SETTINGS, event(KNOWN, url=url))


def test_p17_while_the_key_is_changed_both_count() -> None:
    old = "the-old-key-0123456789"
    made = signature_of(old, URL, BODY)
    assert not is_genuine(SETTINGS, event(made))
    changing = evolve(SETTINGS, previous_signature_key=old)
    assert is_genuine(changing, event(made))
    assert is_genuine(changing, event(KNOWN))


def test_p17_bytes_that_are_no_utf_8_are_verified_as_they_are() -> None:
    body = b'{"id": "\xff\xfe"}'
    made = signature_of(KEY, URL, body)
    assert is_genuine(SETTINGS, event(made, body=body))
    assert not is_genuine(SETTINGS, event(made, body=body.replace(b"\xfe", b"\xfd")))
