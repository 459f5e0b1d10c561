"""Signatures: the published one, the official SDK as an oracle, and notations that must not pass."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from attrs import evolve
from convokit_sms_sinch import SinchSettings
from convokit_sms_sinch.signature import FRESH_SECONDS, NONCE, SIGNATURE, TIMESTAMP, is_genuine, signature
from hypothesis import given
from hypothesis import strategies as st
from sinch.domains.sms.sinch_events.v1.sms_sinch_event import SmsSinchEvent

from convokit.ports.wire import HttpRequest

SECRET, OTHER = "foo_secret1234567", "another_secret_1234"
PUBLISHED = "foo_secret1234"
SETTINGS = SinchSettings(service_plan_id="plan4711", api_token="a-token", webhook_secret=SECRET)
NOW = 1_634_579_353
STAMP, ONCE = str(NOW), "01FJA8B4A7BM43YGWSG9GBV067"
BODY = (
    b'{"app_id":"","accepted_time":"2021-10-18T17:49:13.813615Z","project_id":"e2df3a34-a71b-4448-9db5-a8d2baad28e4",'
    b'"contact_create_notification":{"contact":{"id":"01FJA8B466Y0R2GNXD78MD9SM1","channel_identities":[{"channel":'
    b'"SMS","identity":"48123456789","app_id":""}],"display_name":"New Test Contact","email":"new.contact@email.com",'
    b'"external_id":"","metadata":"","language":"EN_US"}},"message_metadata":""}'
)
KNOWN = "6bpJoRmFoXVjfJIVglMoJzYXxnoxRujzR4k2GOXewOE="


def made(body: bytes = BODY, secret: str = SECRET, stamp: str = STAMP, nonce: str = ONCE) -> str:
    whole = b".".join((body, nonce.encode(), stamp.encode()))
    return base64.b64encode(hmac.new(secret.encode(), whole, hashlib.sha256).digest()).decode()


def called(
    proof: str, body: bytes = BODY, *, stamp: str = STAMP, nonce: str = ONCE, at: int | None = NOW
) -> HttpRequest:
    headers = ((SIGNATURE, proof), (NONCE, nonce), (TIMESTAMP, stamp))
    received = None if at is None else at * 1_000_000
    return HttpRequest(method="POST", url="https://desk.example/x", headers=headers, body=body, received_us=received)


def test_the_published_signature() -> None:
    assert signature(PUBLISHED, BODY + f".{ONCE}.{STAMP}".encode()).decode() == KNOWN


@given(st.text(max_size=60), st.text("abcXYZ019-", min_size=1, max_size=40), st.booleans())
def test_the_sdk_says_the_same(text: str, nonce: str, forged: bool) -> None:
    body = text.encode("utf-8", "replace")
    request = called(made(body, OTHER if forged else SECRET, nonce=nonce), body, nonce=nonce)
    said = SmsSinchEvent(SECRET).validate_authentication_header(dict(request.headers), body)
    assert is_genuine(SETTINGS, request) is said is not forged


@pytest.mark.parametrize(
    ("seconds", "fresh"),
    [(0, True), (FRESH_SECONDS, True), (-FRESH_SECONDS, True), (FRESH_SECONDS + 1, False), (-FRESH_SECONDS - 1, False)],
)
def test_p17_an_old_signature_is_refused_and_one_from_the_future(seconds: int, fresh: bool) -> None:
    assert is_genuine(SETTINGS, called(made(), at=NOW + seconds)) is fresh


@pytest.mark.parametrize("stamp", ["", " 1634579353", "1634579353.0", "-1", "+1634579353", "1_634", "٣", "9" * 5_000])
def test_p17_another_notation_of_the_time_is_refused(stamp: str) -> None:
    assert not is_genuine(SETTINGS, called(made(stamp=stamp), stamp=stamp))


@pytest.mark.parametrize(
    "proof",
    ["", "\u00e9", "x", f" {made()}", made().swapcase(), made(secret=OTHER), base64.b64decode(made()).hex(), KNOWN],
)
def test_p17_what_does_not_fit_is_refused(proof: str) -> None:
    assert not is_genuine(SETTINGS, called(proof))


@pytest.mark.parametrize("nonce", ["", "y" * 201])
def test_p17_without_a_usable_nonce_nothing_is_proved(nonce: str) -> None:
    assert not is_genuine(SETTINGS, called(made(nonce=nonce), nonce=nonce))


def test_p17_without_a_time_of_arrival_nothing_is_fresh() -> None:
    assert not is_genuine(SETTINGS, called(made(), at=None))


def test_p17_a_proof_that_is_given_twice_is_refused() -> None:
    request = called(made())
    for more in ((SIGNATURE, made()), (NONCE, ONCE), (TIMESTAMP, STAMP)):
        assert not is_genuine(SETTINGS, evolve(request, headers=(*request.headers, more)))


def test_while_the_secret_is_changed_both_count() -> None:
    theirs = called(made(secret=OTHER))
    assert not is_genuine(SETTINGS, theirs)
    changing = evolve(SETTINGS, previous_webhook_secret=OTHER)
    assert is_genuine(changing, theirs)
    assert is_genuine(changing, called(made()))


def test_p17_where_callbacks_are_signed_a_password_proves_nothing_and_the_other_way_round() -> None:
    pair = base64.b64encode(b"sinch:a-callback-password-4711").decode()
    by_password = HttpRequest(method="POST", url="https://h/x", headers=(("Authorization", f"Basic {pair}"),))
    other = evolve(SETTINGS, webhook_secret=None, webhook_password="a-callback-password-4711")
    assert is_genuine(other, by_password)
    assert not is_genuine(SETTINGS, by_password)
    assert not is_genuine(other, called(made()))


def test_bytes_that_are_no_utf_8_are_signed_as_they_are() -> None:
    body = b'{"body": "\xff\xfe"}'
    assert is_genuine(SETTINGS, called(made(body), body))
    assert not is_genuine(SETTINGS, called(made(body), body.replace(b"\xfe", b"\xfd")))
