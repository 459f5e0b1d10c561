"""An access token for the service account (RFC 7523), kept in memory for as long as it is good."""

from __future__ import annotations

from collections.abc import Generator
from typing import Final
from urllib.parse import urlencode

import jwt
from attrs import define, field

from convokit.outcomes import Refused, TryLater, Unsure
from convokit.ports.carrier_tools import unanswered, wait_of
from convokit.ports.strict_json import read_object
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit_push_fcm.settings import FcmSettings, rsa_key
from convokit_push_fcm.words import LATER

SCOPE: Final = "https://www.googleapis.com/auth/firebase.messaging"
GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SECOND_US: Final = 1_000_000
LIFE_SECONDS: Final = 3_600
"""How long our request for one is good for; more is not allowed."""
EARLY_SECONDS: Final = 300
"""A token is not used in its last five minutes."""
_LONGEST: Final = 10_000

NoLogin = Refused | TryLater | Unsure


@define
class Login:
    """The service account, and the access token that it has now. Every thread may use it.

    Two threads may ask at the same moment: then there are two tokens, and both are good.
    """

    settings: FcmSettings
    _known: tuple[str, int, int] = field(default=("", 0, 0), init=False, repr=False)

    def token(self, at_us: int) -> Generator[HttpRequest, HttpResponse | NoAnswer, str | NoLogin]:
        """The token to use at this moment, asked for if there is none; or what came of asking."""
        known, since_us, until_us = self._known
        if since_us <= at_us < until_us:
            return known
        answer = yield self.request(at_us)
        told = token_of(answer)
        if not isinstance(told, tuple):
            return told
        self._known = (told[0], at_us, at_us + max(0, told[1] - EARLY_SECONDS) * SECOND_US)
        return told[0]

    def forget(self, token: str) -> None:
        """It is not believed any more."""
        if self._known[0] == token:
            self._known = ("", 0, 0)

    def request(self, at_us: int) -> HttpRequest:
        """What is asked: a token for a claim that the service account signs."""
        now = at_us // SECOND_US
        claims = {
            "iss": self.settings.client_email,
            "scope": SCOPE,
            "aud": self.settings.token_url,
            "iat": now,
            "exp": now + LIFE_SECONDS,
        }
        signed = jwt.encode(claims, rsa_key(self.settings.private_key.reveal()), algorithm="RS256")
        body = urlencode({"grant_type": GRANT, "assertion": signed}).encode()
        headers = (("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json"))
        return HttpRequest(method="POST", url=self.settings.token_url, headers=headers, body=body)


def token_of(answer: HttpResponse | NoAnswer) -> tuple[str, int] | NoLogin:
    """The token and its seconds. Nothing was pushed yet, so what is not clear is tried later."""
    if isinstance(answer, NoAnswer):
        return unanswered(answer)
    raw = f"login: {answer.status}"
    if answer.status in LATER:
        return TryLater(raw=raw, after=wait_of(answer))
    if 400 <= answer.status < 500:
        return Refused(reason="account_problem", raw=raw)
    try:
        told = read_object(answer.body)
    except ValueError:
        told = {}
    token, seconds = told.get("access_token"), told.get("expires_in")
    if answer.status != 200 or not isinstance(token, str) or not isinstance(seconds, int):
        return Unsure(why=f"{raw}, and no token")
    usable = 0 < len(token) <= _LONGEST and token.isascii() and token.isprintable() and " " not in token
    return (token, min(seconds, 24 * 3600)) if usable else Unsure(why=f"{raw}, and no token")
