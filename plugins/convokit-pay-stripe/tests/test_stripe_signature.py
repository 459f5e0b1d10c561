"""Signatures: a known one, the official SDK as an oracle, several secrets, and notations that must not pass."""

from __future__ import annotations

import json
import time

import pytest
from attrs import evolve
from convokit_pay_stripe import StripeSettings
from convokit_pay_stripe.signature import FRESH_SECONDS, SIGNATURE, is_genuine, signature_of
from hypothesis import given
from hypothesis import strategies as st
from stripe import SignatureVerificationError, Webhook, WebhookSignature

from convokit.ports.wire import HttpRequest

SECRET, OLD, OTHER = (f"whsec_{letter * 32}" for letter in "abc")
SETTINGS = StripeSettings(
    api_key="sk_test_0123456789", signing_secret=SECRET, success_url="https://clinic.example/thank-you"
)
NOW = 1_700_000_000
BODY = b'{"id":"evt_test","object":"event"}'
KNOWN = signature_of(SECRET, str(NOW), BODY)


def event(header: str, body: bytes = BODY, *, at: int | None = NOW) -> HttpRequest:
    received = None if at is None else at * 1_000_000
    headers = ((SIGNATURE, header),)
    return HttpRequest(method="POST", url="https://desk.example/x", headers=headers, body=body, received_us=received)


def test_a_known_signature() -> None:
    known = "c25fec335f20601dcb662f0e7c4944646158a9324bb6ed8b7f6ab126449f507a"
    assert signature_of("whsec_test", "1700000000", BODY) == known


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=40), max_size=4), st.booleans())
def test_the_sdk_says_the_same(data: dict[str, str], forged: bool) -> None:
    """The SDK asks the real clock."""
    body, now = json.dumps({"id": "evt_1", "object": "event", "data": {"object": data}}), int(time.time())
    header = WebhookSignature.generate_signature_header(body, OTHER if forged else SECRET, now)
    try:
        Webhook.construct_event(body, header, SECRET)
        accepted = True
    except SignatureVerificationError:
        accepted = False
    assert is_genuine(SETTINGS, event(header, body.encode(), at=now)) is accepted is not forged


def test_the_sdk_believes_what_is_signed_here() -> None:
    now = str(int(time.time()))
    header = f"t={now},v1={signature_of(SECRET, now, BODY)}"
    assert Webhook.construct_event(BODY, header, SECRET).id == "evt_test"


@pytest.mark.parametrize(
    ("seconds", "fresh"),
    [
        (0, True),
        (FRESH_SECONDS, True),
        (-FRESH_SECONDS, True),
        (FRESH_SECONDS + 1, False),
        (-FRESH_SECONDS - 1, False),
        (86_400, False),
    ],
)
def test_p17_an_old_signature_is_refused_and_one_from_the_future(seconds: int, fresh: bool) -> None:
    stamp = str(NOW + seconds)
    assert is_genuine(SETTINGS, event(f"t={stamp},v1={signature_of(SECRET, stamp, BODY)}")) is fresh


def test_p17_without_a_time_of_arrival_nothing_is_fresh() -> None:
    assert not is_genuine(SETTINGS, event(f"t={NOW},v1={KNOWN}", at=None))


@pytest.mark.parametrize(
    "stamp", ["", " 1700000000", "1700000000.0", "-1", "+1700000000", "1_700_000_000", "9" * 5_000]
)
def test_p17_another_notation_of_the_time_is_refused(stamp: str) -> None:
    assert not is_genuine(SETTINGS, event(f"t={stamp},v1={signature_of(SECRET, stamp, BODY)}"))


@pytest.mark.parametrize(
    ("header", "genuine"),
    [
        (f"t={NOW},v1={KNOWN}", True),
        (f"v1={KNOWN},t={NOW}", True),
        (f"t={NOW},v1={'0' * 64},v1={KNOWN},v0={'1' * 64}", True),
        (f"t={NOW},v0={KNOWN}", False),
        (f"t={NOW},v2={KNOWN}", False),
        (f"t={NOW},v1={KNOWN.upper()}", False),
        (f"t={NOW},v1={KNOWN[:-1]}", False),
        (f"t={NOW},v1={KNOWN} ", False),
        (f"t={NOW}, v1={KNOWN}", False),
        (f"t={NOW},t={NOW},v1={KNOWN}", False),
        (f"t={NOW};v1={KNOWN}", False),
        (f"v1={KNOWN}", False),
        (f"t={NOW}", False),
        ("", False),
        (",,,=,=", False),
        (f"t={NOW},v1={KNOWN},é=1", False),
        (f"t={NOW},v1={KNOWN},x={'y' * 5_000}", False),
    ],
)
def test_p17_what_the_header_may_be(header: str, genuine: bool) -> None:
    assert is_genuine(SETTINGS, event(header)) is genuine


def test_p17_a_signature_that_is_given_twice_is_refused() -> None:
    request = event(f"t={NOW},v1={KNOWN}")
    assert not is_genuine(SETTINGS, evolve(request, headers=request.headers * 2))


def test_p17_while_the_secret_is_rolled_both_count() -> None:
    """Stripe signs with both; we may know the old one, the new one, or both."""
    by_old, by_both = (
        ",".join((f"t={NOW}", *(f"v1={signature_of(secret, str(NOW), BODY)}" for secret in secrets)))
        for secrets in ((OLD,), (OTHER, OLD))
    )
    assert not is_genuine(SETTINGS, event(by_old))
    assert not is_genuine(SETTINGS, event(by_both))
    changing = evolve(SETTINGS, previous_signing_secret=OLD)
    assert is_genuine(changing, event(by_old))
    assert is_genuine(changing, event(by_both))
    assert is_genuine(changing, event(f"t={NOW},v1={KNOWN}"))


def test_p17_bytes_that_are_no_utf_8_are_verified_as_they_are() -> None:
    body = b'{"id": "\xff\xfe"}'
    header = f"t={NOW},v1={signature_of(SECRET, str(NOW), body)}"
    assert is_genuine(SETTINGS, event(header, body))
    assert not is_genuine(SETTINGS, event(header, body.replace(b"\xfe", b"\xfd")))
