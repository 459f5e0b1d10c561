"""Signatures: a known one, the official SDK as an oracle both ways, and notations that must not pass."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator

import pytest
from attrs import evolve
from convokit_sms_telnyx import TelnyxSettings
from convokit_sms_telnyx.signature import FRESH_SECONDS, SIGNATURE, TIMESTAMP, is_genuine
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from telnyx import Telnyx

from convokit.errors import ConfigurationError
from convokit.ports.wire import HttpRequest

KEY = Ed25519PrivateKey.from_private_bytes(
    bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
)
"""The first key of RFC 8032, 7.1."""
PUBLIC = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SETTINGS = TelnyxSettings(api_key="KEY0123456789ABCDEF", public_key=PUBLIC)
NOW = 1_700_000_000
BODY = b'{"data":{"event_type":"message.finalized","id":"ev1"}}'
KNOWN = "eKhr4ZSc6GLK/020maJ9Hytnx/sPswLbUghmXr43Gpl6L+LY00eL/JXcgszSZauzoAFjjNmUVu4KZ9xyMnTpDA=="


def proof(stamp: str, body: bytes = BODY, key: Ed25519PrivateKey = KEY) -> str:
    return base64.b64encode(key.sign(f"{stamp}|".encode() + body)).decode()


def callback(stamp: str, made: str, body: bytes = BODY, *, at: int | None = NOW) -> HttpRequest:
    headers = ((SIGNATURE, made), (TIMESTAMP, stamp))
    received = None if at is None else at * 1_000_000
    return HttpRequest(method="POST", url="https://desk.example/x", headers=headers, body=body, received_us=received)


def test_a_known_signature() -> None:
    assert is_genuine(SETTINGS, callback(str(NOW), KNOWN))
    assert not is_genuine(SETTINGS, callback(str(NOW), KNOWN, BODY + b" "))
    assert not is_genuine(SETTINGS, callback(str(NOW + 1), KNOWN))


@pytest.fixture(scope="module")
def sdk() -> Iterator[Telnyx]:
    """The SDK; what it needs only then is imported here, not in a search that has a deadline."""
    with Telnyx(api_key="KEY", public_key=PUBLIC) as client:
        stamp = str(int(time.time()))
        client.webhooks.unwrap("{}", headers={SIGNATURE: proof(stamp, b"{}"), TIMESTAMP: stamp})
        yield client


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=40), max_size=4), st.booleans())
def test_the_sdk_says_the_same(sdk: Telnyx, data: dict[str, str], forged: bool) -> None:
    """The SDK asks the real clock, and reads the body as text."""
    stamp, body = str(int(time.time())), json.dumps({"data": data})
    made = proof(stamp, body.encode(), OTHER if forged else KEY)
    try:
        sdk.webhooks.unwrap(body, headers={SIGNATURE: made, TIMESTAMP: stamp})
        accepted = True
    except ValueError:
        accepted = False
    assert is_genuine(SETTINGS, callback(stamp, made, body.encode(), at=int(stamp))) is accepted is not forged


@pytest.mark.parametrize(
    ("seconds", "fresh"),
    [
        (0, True),
        (FRESH_SECONDS, True),
        (-FRESH_SECONDS, True),
        (FRESH_SECONDS + 1, False),
        (-FRESH_SECONDS - 1, False),
        (-86_400, False),
    ],
)
def test_p17_an_old_signature_is_refused_and_one_from_the_future(seconds: int, fresh: bool) -> None:
    stamp = str(NOW + seconds)
    assert is_genuine(SETTINGS, callback(stamp, proof(stamp))) is fresh


def test_p17_without_a_time_of_arrival_nothing_is_fresh() -> None:
    assert not is_genuine(SETTINGS, callback(str(NOW), KNOWN, at=None))


@pytest.mark.parametrize(
    "stamp",
    ["", " 1700000000", "1700000000.0", "-1", "+1700000000", "1_700_000_000", "１７００００００００", "9" * 5_000],
)
def test_p17_another_notation_of_the_time_is_refused(stamp: str) -> None:
    assert not is_genuine(SETTINGS, callback(stamp, proof(stamp)))


@pytest.mark.parametrize(
    "made",
    [
        "",
        "\u00e9",
        "x",
        "====",
        KNOWN[:-2],
        f" {KNOWN}",
        KNOWN.replace("/", "_").replace("+", "-"),
        base64.b64encode(bytes(64)).decode(),
        base64.b64encode(base64.b64decode(KNOWN) + b"x").decode(),
        base64.b64encode(base64.b64decode(KNOWN)[:-1]).decode(),
        base64.b64decode(KNOWN).hex(),
    ],
)
def test_p17_another_notation_of_the_signature_is_refused(made: str) -> None:
    assert not is_genuine(SETTINGS, callback(str(NOW), made))


def test_p17_a_signature_that_is_given_twice_is_refused() -> None:
    request = callback(str(NOW), KNOWN)
    assert not is_genuine(SETTINGS, evolve(request, headers=(*request.headers, (SIGNATURE, KNOWN))))
    assert not is_genuine(SETTINGS, evolve(request, headers=(*request.headers, (TIMESTAMP, str(NOW)))))


def test_while_the_key_is_changed_both_count() -> None:
    stamp = str(NOW)
    theirs = callback(stamp, proof(stamp, key=OTHER))
    assert not is_genuine(SETTINGS, theirs)
    new = base64.b64encode(OTHER.public_key().public_bytes_raw()).decode()
    changing = evolve(SETTINGS, public_key=new, previous_public_key=PUBLIC)
    assert is_genuine(changing, theirs)
    assert is_genuine(changing, callback(stamp, KNOWN))


ORDER_8 = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"


@pytest.mark.parametrize("sign", [0, 0x80])
@pytest.mark.parametrize("low", ["00" * 32, f"01{'00' * 31}", f"ec{'ff' * 30}7f", f"ed{'ff' * 30}7f", ORDER_8])
def test_p17_a_key_by_which_anybody_can_sign_is_refused(low: str, sign: int) -> None:
    """With such a key a signature that is the same for everybody fits many messages, which is shown first."""
    raw = bytearray.fromhex(low)
    raw[31] |= sign
    weak = Ed25519PublicKey.from_public_bytes(bytes(raw))
    assert any(
        verifies(weak, bytes(32) + bytes(32), number) or verifies(weak, ONE + bytes(32), number) for number in range(99)
    )
    with pytest.raises(ConfigurationError) as refused:
        evolve(SETTINGS, public_key=base64.b64encode(raw).decode())
    assert (refused.value.code, refused.value.field) == ("settings.invalid", "public_key")


ONE = bytes([1, *[0] * 31])


def verifies(key: Ed25519PublicKey, made: bytes, number: int) -> bool:
    try:
        key.verify(made, str(number).encode())
    except InvalidSignature:
        return False
    return True


def test_bytes_that_are_no_utf_8_are_verified_as_they_are() -> None:
    body = b'{"data": "\xff\xfe"}'
    made = proof(str(NOW), body)
    assert is_genuine(SETTINGS, callback(str(NOW), made, body))
    assert not is_genuine(SETTINGS, callback(str(NOW), made, body.replace(b"\xfe", b"\xfd")))
