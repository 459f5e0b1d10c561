"""Firebase Cloud Messaging, pretended on this machine, for tests of hosts and of this plugin.

It is as strict as the real one is documented to be: who may ask, which fields there are, and how they look. It needs
``convokit-vet[testing]``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from itertools import count
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import jwt
from attrs import field, frozen
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from convokit.ports.strict_json import read_object
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.runtime.world import system_clock
from convokit.testing import answered_json
from convokit.testing.loopback import Ledger, LoopbackServer

PROJECT: Final = "happy-paws-app"
ACCOUNT: Final = "desk@happy-paws-app.iam.gserviceaccount.com"
ERROR: Final = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
BAD_MESSAGE: Final = "type.googleapis.com/google.rpc.BadRequest"
LARGEST: Final = 4_096
_SCOPE: Final = "https://www.googleapis.com/auth/firebase.messaging"
_GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_FIELDS: Final = {"token", "notification", "data", "android", "apns", "webpush"}
_ANDROID: Final = {"collapse_key", "priority", "ttl", "notification"}
_SHOWN: Final = {"title", "body", "tag", "notification_count"}
_TTL: Final = re.compile(r"[0-9]{1,7}s")


@cache
def service_key() -> rsa.RSAPrivateKey:
    """The key of the pretended service account; made once, because that takes a while."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


def service_pem() -> str:
    """The same as the account's JSON file has it."""
    return service_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def error(status: int, word: str, code: str = "", kind: str = ERROR) -> HttpResponse:
    """An error as the API writes it: Google's own word, and FCM's code among the details."""
    details = [{"@type": kind, "errorCode": code}] if code else []
    told = {"code": status, "message": f"{word}: somewhere in the request", "status": word, "details": details}
    return answered_json(status, {"error": told})


@frozen(kw_only=True)
class Pushed:
    """One message that was taken: for which token, and what it says."""

    token: str = field(repr=False)
    message: Mapping[str, Any] = field(repr=False)


class FcmApi(LoopbackServer):
    """One project. Use it as a context manager.

    Attributes:
        ledger: what was taken, in order.
        answers: what is answered instead, by registration token.
        logins: how many access tokens were given.
        now: what its clock says, UTC.
    """

    def __init__(self) -> None:
        self.ledger: Ledger[Pushed] = Ledger()
        self.answers: dict[str, HttpResponse] = {}
        self.logins = 0
        self.now: Callable[[], datetime] = system_clock
        self._given: set[str] = set()
        self._ids = count(1)

    def settings(self) -> dict[str, str]:
        """Settings of the plugin that may push here."""
        return {
            "project_id": PROJECT,
            "client_email": ACCOUNT,
            "private_key": service_pem(),
            "base_url": self.url,
            "token_url": f"{self.url}/token",
        }

    def revoke(self) -> None:
        """No access token that was given is believed any more."""
        self._given.clear()

    def answer(self, request: HttpRequest) -> HttpResponse:
        """See :meth:`convokit.testing.loopback.LoopbackServer.answer`."""
        path = urlsplit(request.url).path
        if (request.method, path) == ("POST", "/token"):
            return self._login(request)
        if (request.method, path) != ("POST", f"/v1/projects/{PROJECT}/messages:send"):
            return error(404, "NOT_FOUND")
        if (request.header("Authorization") or "").removeprefix("Bearer ") not in self._given:
            return error(401, "UNAUTHENTICATED")
        if request.header("Content-Type") != "application/json":
            return error(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", BAD_MESSAGE)
        return self._send(read_object(request.body))

    def _login(self, request: HttpRequest) -> HttpResponse:
        form = dict(parse_qsl(request.body.decode("ascii")))
        now = self.now().timestamp()
        try:
            claims = jwt.decode(
                form.get("assertion", ""),
                service_key().public_key(),
                algorithms=["RS256"],
                audience=f"{self.url}/token",
                options={"verify_exp": False, "verify_iat": False},
            )
        except jwt.InvalidTokenError:
            return answered_json(400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."})
        rules = (
            form.get("grant_type") == _GRANT,
            claims.get("iss") == ACCOUNT,
            claims.get("scope") == _SCOPE,
            claims.get("iat", 0) <= now + 60 < claims.get("exp", 0) + 60,
            claims.get("exp", 0) - claims.get("iat", 0) <= 3_600,
        )
        if not all(rules):
            return answered_json(400, {"error": "invalid_grant"})
        self.logins += 1
        given = f"ya29.access-{self.logins}"
        self._given.add(given)
        return answered_json(200, {"access_token": given, "expires_in": 3_599, "token_type": "Bearer"})

    def _send(self, told: Mapping[str, Any]) -> HttpResponse:
        message = told.get("message")
        if told.keys() != {"message"} or not isinstance(message, Mapping) or not _is_good(message):
            return error(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", BAD_MESSAGE)
        token = str(message["token"])
        if token in self.answers:
            return self.answers[token]
        self.ledger.write(Pushed(token=token, message=message))
        return answered_json(200, {"name": f"projects/{PROJECT}/messages/0:{next(self._ids)}"})


def _is_good(message: Mapping[str, Any]) -> bool:
    """Whether a message is one that the API takes."""
    android, shown = message.get("android", {}), message.get("notification", {})
    browsers = message.get("webpush", {}).get("headers", {})
    apple = message.get("apns", {}).get("headers", {})
    rules = (
        message.keys() <= _FIELDS,
        isinstance(message.get("token"), str),
        shown.keys() <= {"title", "body"},
        all(isinstance(one, str) for one in message.get("data", {}).values()),
        not any(name == "from" or name.startswith(("google", "gcm")) for name in message.get("data", {})),
        len(str({**shown, **message.get("data", {})}).encode()) <= LARGEST + 100,
        android.keys() <= _ANDROID,
        android.get("priority") in ("HIGH", "NORMAL"),
        _TTL.fullmatch(str(android.get("ttl"))) is not None,
        android.get("notification", {}).keys() <= _SHOWN,
        all(isinstance(one, str) for one in (*browsers.values(), *apple.values())),
    )
    return all(rules)
