"""Signatures: Twilio's published example, the official SDK as an oracle, and notations that must not pass."""

from __future__ import annotations

import hashlib
from urllib.parse import urlencode

import pytest
from attrs import evolve
from convokit_sms_twilio import TwilioSettings
from convokit_sms_twilio.signature import SIGNATURE, SIGNED_BY, is_genuine, signature
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import HMAC_SHA1, HMAC_SHA256, RequestValidator

from convokit.ports.wire import HttpRequest

SETTINGS = TwilioSettings(
    account_sid=f"AC{'0123456789abcdef' * 2}",
    auth_token="fedcba9876543210" * 2,
    shared_key_id="webhooks_sharedkey_0815",
    shared_key_secret="a-shared-key-secret-0815",
)
TOKEN = SETTINGS.auth_token.reveal()
SHARED = f"key={SETTINGS.shared_key_id},algorithm=HMAC_SHA256"
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
CALL = {
    "CallSid": "CA1234567890ABCDE",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
    "Caller": "+14158675309",
}
TWICE = [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")]
JSON_BODY = b'{"property": "value", "boolean": true}'
JSON_URL = f"{URL}&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"


def posted(pairs: object) -> bytes:
    return b"".join(f"{name}{value}".encode() for name, value in sorted(set(pairs)))  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("algorithm", "url", "said", "expected"),
    [
        ("sha1", URL, posted(CALL.items()), "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("sha256", URL, posted(CALL.items()), "033hgUJA9M/hXIZsYjwkerEP/DBm35nEri5FhCYjA5s="),
        ("sha1", URL, posted(TWICE), "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
        ("sha1", JSON_URL, b"", "a9nBmqA0ju/hNViExpshrM61xv4="),
    ],
)
def test_known_signatures(algorithm: str, url: str, said: bytes, expected: str) -> None:
    assert signature(algorithm, "12345", url, said) == expected.encode()


def callback(
    body: bytes = b"Body=Hi&From=%2B1", url: str = "https://desk.example/hooks/x", **headers: str
) -> HttpRequest:
    given = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return HttpRequest(method="POST", url=url, headers=given, body=body)


def proof(url: str, pairs: dict[str, str], key: str = TOKEN, algorithm: str = HMAC_SHA1) -> str:
    made: str = RequestValidator(key).compute_signature(url, pairs, algorithm)
    return made


def is_accepted(request: HttpRequest, made: str, *settings: str) -> bool:
    more = tuple((SIGNED_BY, value) for value in settings)
    return is_genuine(SETTINGS, evolve(request, headers=(*request.headers, (SIGNATURE, made), *more)))


SHOWN = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)


@given(st.dictionaries(SHOWN.filter(bool), SHOWN, max_size=6))
def test_whatever_is_posted_it_is_signed_as_the_sdk_says(pairs: dict[str, str]) -> None:
    url = "https://desk.example/hooks/x?id=m_1.1"
    request = callback(urlencode(pairs).encode(), url)
    assert is_accepted(request, proof(url, pairs))
    assert not is_accepted(request, proof(url, {**pairs, "more": "1"}))


@pytest.mark.parametrize(
    ("known", "called"),
    [
        ("https://desk.example/x", "https://desk.example:443/x"),
        ("https://desk.example:443/x", "https://desk.example/x"),
        ("https://desk.example:8443/x?a=1", "https://desk.example/x?a=1"),
        ("http://desk.example/x", "http://desk.example:80/x"),
        ("https://desk.example:8443/x", "https://desk.example:8443/x"),
    ],
)
def test_c56_the_port_may_be_written_or_not(known: str, called: str) -> None:
    request = callback(url=known)
    assert is_accepted(request, proof(called, {"Body": "Hi", "From": "+1"}))


@pytest.mark.parametrize(
    ("known", "called"),
    [
        ("https://desk.example/x", "http://desk.example/x"),
        ("https://desk.example/x", "https://desk.example:8443/x"),
        ("https://desk.example/x", "https://desk.example/x/"),
        ("https://desk.example/x?a=%7E", "https://desk.example/x?a=~"),
        ("ftp://desk.example/x", "ftp://desk.example:443/x"),
        ("https://desk.example:y/x", "https://desk.example/x"),
    ],
)
def test_p17_another_url_is_another_signature(known: str, called: str) -> None:
    assert not is_accepted(callback(url=known), proof(called, {"Body": "Hi", "From": "+1"}))


@pytest.mark.parametrize(
    "told",
    [
        "",
        "key=webhooks_sharedkey_0815",
        "algorithm=HMAC_SHA256",
        "key=somebody-elses,algorithm=HMAC_SHA256",
        "key=webhooks_sharedkey_0815,algorithm=HMAC_SHA512",
        "key=webhooks_sharedkey_0815,algorithm=none",
        "key=webhooks_sharedkey_0815,algorithm=hmac_sha256",
        "key=webhooks_sharedkey_0815;algorithm=HMAC_SHA256",
        "\u00e9",
    ],
)
def test_p17_an_unknown_way_of_signing_is_refused(told: str) -> None:
    request, pairs = callback(), {"Body": "Hi", "From": "+1"}
    assert SETTINGS.shared_key_secret is not None
    secret = SETTINGS.shared_key_secret.reveal()
    for key, algorithm in ((secret, HMAC_SHA256), (secret, HMAC_SHA1), (TOKEN, HMAC_SHA1), ("", HMAC_SHA256)):
        assert not is_accepted(request, proof(request.url, pairs, key, algorithm), told)


def test_p17_the_two_ways_are_not_mixed() -> None:
    request, pairs = callback(), {"Body": "Hi", "From": "+1"}
    assert SETTINGS.shared_key_secret is not None
    secret = SETTINGS.shared_key_secret.reveal()
    assert is_accepted(request, proof(request.url, pairs, secret, HMAC_SHA256), SHARED)
    assert is_accepted(request, proof(request.url, pairs, secret, HMAC_SHA1), SHARED.replace("256", "1"))
    assert is_accepted(request, proof(request.url, pairs, secret, HMAC_SHA256), f"{SHARED}, added=later")
    assert not is_accepted(request, proof(request.url, pairs, TOKEN, HMAC_SHA256))
    assert not is_accepted(request, proof(request.url, pairs, secret, HMAC_SHA1))
    assert not is_accepted(request, proof(request.url, pairs, TOKEN, HMAC_SHA1), SHARED)
    assert not is_accepted(request, proof(request.url, pairs, TOKEN, HMAC_SHA1), SHARED, SHARED)
    bare = evolve(SETTINGS, shared_key_id=None, shared_key_secret=None)
    signed = evolve(request, headers=((SIGNATURE, proof(request.url, pairs, "", HMAC_SHA256)), (SIGNED_BY, SHARED)))
    assert not is_genuine(bare, signed)


def test_p17_a_body_that_is_no_form_must_fit_its_hash() -> None:
    url = f"https://desk.example/x?bodySHA256={hashlib.sha256(JSON_BODY).hexdigest()}"
    made = proof(url, {})
    assert is_accepted(callback(JSON_BODY, url), made)
    assert not is_accepted(callback(JSON_BODY + b" ", url), made)
    twice = f"{url}&{url.partition('?')[2]}"
    assert not is_accepted(callback(JSON_BODY, twice), proof(twice, {}))
    other = "https://desk.example/x?bodySHA256=%C3%A9"
    assert not is_accepted(callback(JSON_BODY, other), proof(other, {}))


def test_p17_without_a_hash_any_body_counts_as_a_form() -> None:
    """Whatever the type says: a body that nothing covers could be exchanged."""
    request = callback(JSON_BODY, Content_Type="application/json")
    assert not is_accepted(request, proof(request.url, {}))


def test_p18_a_form_with_thousands_of_parameters_is_refused() -> None:
    pairs = {f"n{number}": "1" for number in range(1_001)}
    request = callback(urlencode(pairs).encode())
    assert not is_accepted(request, proof(request.url, pairs))


def test_bytes_that_are_no_utf_8_are_signed_as_they_are() -> None:
    request = callback(b"Body=%FF%FE")
    made = signature("sha1", TOKEN, request.url, b"Body\xff\xfe").decode()
    assert is_accepted(request, made)
    assert not is_accepted(evolve(request, body=b"Body=%FF%FD"), made)
