"""Whether a callback is Vonage's own.

The Messages API sends a JWT (HS256, by the signature secret) whose ``payload_hash`` is the SHA-256 of the body. The SMS
API puts ``sig`` among the parameters: a hash over all the others, sorted by name. Neither covers the URL.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from convokit.ports.strict_json import read_object
from convokit.ports.wire import HttpRequest
from convokit_sms_vonage.settings import VonageSettings, VonageSmsSettings, secrets_of

FRESH_SECONDS: Final = 86_400
"""How old, and how far ahead, a token may be. Vonage repeats a callback for a day, and does not say that it makes a new
token each time; that a callback comes again changes nothing."""
SIGNATURE: Final = "sig"
MOST_PARAMETERS: Final = 200
MOST_ESCAPES: Final = 100_000
"""Escaped bytes of a form. A text has hundreds of them; to decode a million takes longer than a callback may."""
_SECOND: Final = 1_000_000
_LONGEST_TOKEN: Final = 4_000


# --- Messages API -----------------------------------------------------------------------------------------------------
def has_token(request: HttpRequest) -> bool:
    """Whether there is any proof at all."""
    return any(name.lower() == "authorization" for name, _ in request.headers)


def is_genuine(settings: VonageSettings, request: HttpRequest) -> bool:
    """Whether one of the secrets signed the token, for this body, within a day."""
    scheme, _, token = (request.header("Authorization") or "").partition(" ")
    if scheme.lower() != "bearer" or len(token) > _LONGEST_TOKEN or not token.isascii():
        return False
    claims = _claims(secrets_of(settings), token)
    told = claims.get("payload_hash")
    actual = hashlib.sha256(request.body).hexdigest()
    fits = isinstance(told, str) and told.isascii() and hmac.compare_digest(told.lower(), actual)
    return fits and _is_fresh(claims.get("iat"), request.received_us)


def _claims(secrets: tuple[str, ...], token: str) -> Mapping[str, object]:
    """What a token says; nothing where it is none of ours. Only HS256 is known: the token does not choose."""
    signed, _, proof = token.rpartition(".")
    header, _, payload = signed.partition(".")
    found = False
    for secret in secrets:
        made = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
        found |= hmac.compare_digest(proof, base64.urlsafe_b64encode(made).decode().rstrip("="))
    try:
        return _part(payload) if found and _part(header).get("alg") == "HS256" else {}
    except (ValueError, binascii.Error):
        return {}


def _part(text: str) -> dict[str, object]:
    return read_object(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))


def _is_fresh(issued: object, received_us: int | None) -> bool:
    if not isinstance(issued, (int, float)) or isinstance(issued, bool) or received_us is None:
        return False
    return abs(issued * _SECOND - received_us) <= FRESH_SECONDS * _SECOND


# --- SMS API ----------------------------------------------------------------------------------------------------------
def parameters_of(request: HttpRequest) -> dict[str, str] | None:
    """The parameters of a form; ``None`` for anything that two readers could read differently, or that is too much."""
    if request.body.count(b"%") > MOST_ESCAPES:
        return None
    try:
        pairs = parse_qsl(
            request.body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=MOST_PARAMETERS
        )
    except ValueError:
        return None
    found = dict(pairs)
    return found if len(found) == len(pairs) and not any("&" in name or "=" in name for name in found) else None


def is_signed(settings: VonageSmsSettings, given: Mapping[str, str]) -> bool:
    """Whether one of the secrets made ``sig``."""
    told = given.get(SIGNATURE, "").lower().encode("utf-8", "surrogatepass")
    rest = {name: value for name, value in given.items() if name != SIGNATURE}
    found = False
    for secret in secrets_of(settings):
        found |= hmac.compare_digest(told, signature(settings.signature_method, secret, rest).encode())
    return found


def signature(method: str, secret: str, given: Mapping[str, str]) -> str:
    """What Vonage puts into ``sig``, in hex. ``method``: one of :data:`~convokit_sms_vonage.settings.METHODS`."""
    pairs = ((name, given[name].replace("&", "_").replace("=", "_")) for name in sorted(given))
    whole = "".join(f"&{name}={value}" for name, value in pairs).encode("utf-8", "surrogatepass")
    if method == "md5hash":
        return hashlib.md5(whole + secret.encode(), usedforsecurity=False).hexdigest()
    return hmac.new(secret.encode(), whole, method).hexdigest()
