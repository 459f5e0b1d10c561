"""Signatures: the official SDK as an oracle, and notations that must not pass."""

from __future__ import annotations

import base64
import hashlib
import json
from urllib.parse import urlencode

import jwt
import pytest
from attrs import evolve
from convokit_sms_vonage import VonageGateway, VonageSettings
from convokit_sms_vonage.older import VonageSmsGateway, VonageSmsSettings
from convokit_sms_vonage.signature import is_genuine, is_signed, parameters_of, signature
from hypothesis import given
from hypothesis import strategies as st
from vonage_http_client.auth import Auth

from convokit.ports.sms import Unreadable, Unverified
from convokit.ports.wire import HttpRequest, HttpResponse

SECRET, OTHER = "a-signature-secret-for-tests-0123456", "another-secret-for-tests-0123456789"
ACCOUNT = {"api_key": "abcd1234", "api_secret": "an-api-secret", "signature_secret": SECRET}
SETTINGS, SMS = VonageSettings(**ACCOUNT), VonageSmsSettings(**ACCOUNT)
NOW_US = 1_800_000_000_000_000
BODY = b'{"message_uuid": "u1"}'
CLAIMS = {"iat": 1_800_000_000, "jti": "j1", "api_key": "abcd1234", "payload_hash": hashlib.sha256(BODY).hexdigest()}


def called(token: str, body: bytes = BODY, received_us: int | None = NOW_US) -> HttpRequest:
    headers = (("Authorization", token),)
    return HttpRequest(method="POST", url="https://desk.example/x", headers=headers, body=body, received_us=received_us)


def token(key: str = SECRET, algorithm: str = "HS256", **changed: object) -> str:
    return f"Bearer {jwt.encode({**CLAIMS, **changed}, key, algorithm=algorithm)}"


def unsigned(header: object, claims: object = None, proof: str = "") -> str:
    parts = (json.dumps(part).encode() for part in (header, CLAIMS if claims is None else claims))
    return "Bearer " + ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), proof])


# --- tokens -----------------------------------------------------------------------------------------------------------


def test_a_token_is_one_of_the_secrets_for_this_body() -> None:
    assert is_genuine(SETTINGS, called(token()))
    assert is_genuine(SETTINGS, called(token().replace("Bearer", "bearer")))
    assert is_genuine(evolve(SETTINGS, previous_signature_secret=OTHER), called(token(OTHER)))
    assert not is_genuine(SETTINGS, called(token(OTHER)))
    assert not is_genuine(SETTINGS, called(token(), BODY + b" "))


@pytest.mark.parametrize(
    "given_",
    [
        "",
        "Bearer",
        "Bearer ..",
        "Bearer \u00e9.\u00e9.\u00e9",
        "Basic YTpi",
        token().removeprefix("Bearer "),
        f"{token()}.",
        f"{token()}=",
        f"{token()} ",
        "Bearer " + "a" * 5_000,
        unsigned({"alg": "none"}),
        unsigned({"alg": "HS256"}),
        token(payload_hash=None),
        token(payload_hash=5),
        token(payload_hash="\u00e9"),
        token(iat=None),
        token(iat="1800000000"),
        token(iat=True),
    ],
)
def test_p17_anything_else_is_refused(given_: str) -> None:
    assert not is_genuine(SETTINGS, called(given_))


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_p17_the_token_does_not_choose_its_algorithm(algorithm: str) -> None:
    assert not is_genuine(SETTINGS, called(token(SECRET * 3, algorithm)))
    header, _, rest = token().removeprefix("Bearer ").partition(".")
    other = base64.urlsafe_b64encode(json.dumps({"alg": algorithm}).encode()).decode().rstrip("=")
    assert header
    assert not is_genuine(SETTINGS, called(f"Bearer {other}.{rest}"))


def test_p17_a_token_that_says_another_algorithm_is_refused_though_its_proof_fits() -> None:
    made = jwt.PyJWS().encode(json.dumps(CLAIMS).encode(), SECRET, headers={"alg": "HS256", "typ": "JWT"})
    assert is_genuine(SETTINGS, called(f"Bearer {made}"))
    claims = base64.urlsafe_b64encode(json.dumps(CLAIMS).encode()).decode().rstrip("=")
    header = base64.urlsafe_b64encode(b'{"alg": "none"}').decode().rstrip("=")
    proof = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    key = proof.prepare_key(SECRET)
    fits = base64.urlsafe_b64encode(proof.sign(f"{header}.{claims}".encode(), key)).decode().rstrip("=")
    assert not is_genuine(SETTINGS, called(f"Bearer {header}.{claims}.{fits}"))


@pytest.mark.parametrize("payload", [b"[]", b"{", b'{"iat": NaN}', b"\xff"])
def test_p17_a_signed_token_without_claims_is_refused(payload: bytes) -> None:
    made = jwt.PyJWS().encode(payload, SECRET, algorithm="HS256")
    assert not is_genuine(SETTINGS, called(f"Bearer {made}"))


def test_p17_a_token_is_of_this_day() -> None:
    assert is_genuine(SETTINGS, called(token(iat=1_800_000_000.5)))
    assert not is_genuine(SETTINGS, called(token(), received_us=None))
    for seconds, fresh in ((86_399, True), (-86_399, True), (86_401, False), (-86_401, False)):
        late = called(token(iat=1_800_000_000 - seconds))
        assert is_genuine(SETTINGS, late) is fresh


def test_p01_what_vonage_forgot_to_sign_is_asked_for_again() -> None:
    gateway, bare = VonageGateway(SETTINGS), evolve(called(""), headers=())
    forgotten = gateway.read_webhook(bare)
    assert isinstance(forgotten, Unverified)
    assert forgotten.answer == HttpResponse(status=503)
    wrong = gateway.read_webhook(called(token(OTHER)))
    assert isinstance(wrong, Unverified)
    assert wrong.answer == HttpResponse(status=403)
    assert isinstance(gateway.read_webhook(called(token())), Unreadable)


# --- the parameter sig ------------------------------------------------------------------------------------------------
KNOWN = {"param1": "value1", "param2": "value2", "timestamp": "1234567890"}


@pytest.mark.parametrize(
    ("method", "pairs", "expected"),
    [
        ("sha256", KNOWN, "280c4320703dbc98bfa22db676655ed2acfbfe8792b062ff7622e67f1183c287"),
        ("md5", KNOWN, "724c2bf6ca423c36e20631b11d1c5753"),
        ("md5", {**KNOWN, "param1": "value&1", "param2": "value=2"}, "2bbf0abafb2c55e5af6231513896a2ac"),
        ("md5hash", {"a": "1"}, hashlib.md5(b"&a=1signature_secret").hexdigest()),  # noqa: S324 - so it is
    ],
)
def test_known_signatures(method: str, pairs: dict[str, str], expected: str) -> None:
    assert signature(method, "signature_secret", pairs) == expected


SHOWN = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
NAMES = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="&="), min_size=1, max_size=20)


@pytest.mark.parametrize("method", ["md5", "sha1", "sha256", "sha512"])
@given(pairs=st.dictionaries(NAMES.filter(lambda name: name not in ("sig", "timestamp")), SHOWN, max_size=6))
def test_whatever_is_posted_it_is_signed_as_the_sdk_says(method: str, pairs: dict[str, str]) -> None:
    settings = evolve(SMS, signature_method=method)
    sdk = Auth(api_key="abcd1234", api_secret="x" * 16, signature_secret=SECRET, signature_method=method)
    told = {**pairs, "timestamp": "1800000000"}
    made = sdk.sign_params(dict(told))
    assert is_signed(settings, {**told, "sig": made.upper()})
    assert sdk.check_signature({**told, "sig": signature(method, SECRET, told)})
    assert not is_signed(settings, {**told, "sig": made, "more": "1"})
    assert not is_signed(evolve(settings, signature_secret=OTHER), {**told, "sig": made})
    assert is_signed(evolve(settings, signature_secret=OTHER, previous_signature_secret=SECRET), {**told, "sig": made})


def posted(pairs: list[tuple[str, str]]) -> HttpRequest:
    body = urlencode([*pairs, ("sig", signature("sha256", SECRET, dict(pairs)))]).encode()
    return HttpRequest(method="POST", url="https://desk.example/x", body=body)


def test_p17_a_form_has_one_meaning() -> None:
    assert parameters_of(posted([("a", "1"), ("b", "")])) is not None
    assert parameters_of(posted([("a", "1"), ("a", "2")])) is None
    assert parameters_of(posted([("a&b", "1")])) is None
    assert parameters_of(posted([("a=b", "1")])) is None
    assert isinstance(VonageSmsGateway(SMS).read_webhook(posted([("a&b", "1")])), Unverified)


def test_p18_a_form_with_hundreds_of_parameters_is_refused() -> None:
    assert parameters_of(posted([(f"n{number}", "1") for number in range(200)])) is None


def test_p18_a_form_of_a_megabyte_of_escapes_is_refused() -> None:
    assert parameters_of(posted([("text", "[" * 90_000)])) is not None
    assert parameters_of(posted([("text", "[" * 100_001)])) is None


def test_p17_a_get_is_not_read() -> None:
    body = posted([("msisdn", "13035550123"), ("to", "13035550100"), ("messageId", "m1"), ("type", "text")]).body
    get = HttpRequest(method="GET", url=f"https://desk.example/x?{body.decode()}")
    assert isinstance(VonageSmsGateway(SMS).read_webhook(get), Unverified)
