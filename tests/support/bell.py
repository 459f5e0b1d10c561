"""Bell: a push service that does everything right, and the rows that show it."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any, Final

from attrs import define, field, frozen

from convokit.outcomes import Accepted, Refused, TryLater, Unsure
from convokit.ports.push import PushMessage, PushOutcome, PushToken, PushTransportOffer, TokenGone
from convokit.ports.strict_json import read_json
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit.testing import PUSHED, Asked, PushRow, PushTransportContract, answered, answered_json

LOGIN: Final = "https://login.bell.example/token"
API: Final = "https://push.bell.example/rings"
KEY: Final = "bk_live_0123456789"
MOST: Final = 4096
HOUR_US: Final = 3_600_000_000


@frozen(kw_only=True)
class BellSettings:
    key: str = field(repr=False)


@define
class Bell:
    settings: BellSettings
    access: str = field(default="", repr=False)
    until_us: int = 0

    def push(self, token: PushToken, message: PushMessage) -> Any:
        body = json.dumps(self.said(token, message), ensure_ascii=False).encode()
        if len(body) > MOST:
            return Refused(reason="content_rejected", raw=f"{len(body)} bytes")
        if not self.access or not 0 < self.until_us - message.at_us <= HOUR_US:
            answer = yield HttpRequest(method="POST", url=LOGIN, body=self.login(message.at_us))
            refused = self.let_in(answer, message.at_us)
            if refused is not None:
                return refused
        headers = (("Authorization", f"Bearer {self.access}"), ("Content-Type", "application/json"))
        answer = yield HttpRequest(method="POST", url=API, headers=headers, body=body)
        return outcome_of(answer)

    def said(self, token: PushToken, message: PushMessage) -> dict[str, object]:
        told = {"title": message.title.replace("\x00", ""), "text": message.text.replace("\x00", "")}
        return {"to": token.value, "data": dict(message.data), "collapse": message.collapse, **told}

    def login(self, at_us: int) -> bytes:
        stamp = str(at_us // 1_000_000)
        proof = hmac.new(self.settings.key.encode(), stamp.encode(), hashlib.sha256).hexdigest()
        return f"{stamp}.{proof}".encode()

    def let_in(self, answer: HttpResponse | NoAnswer, at_us: int) -> PushOutcome | None:
        told = answer_of(answer)
        if not isinstance(told, dict):
            refused: PushOutcome = told
            return refused
        if not isinstance(told.get("access"), str):
            return TryLater(raw="no access")
        self.access, self.until_us = told["access"], at_us + HOUR_US
        return None

    def why_no_token(self, token: PushToken) -> str | None:
        value = token.value
        good = value.isascii() and value.isalnum() and 8 <= len(value) <= 200
        return None if good else "a token has 8 to 200 letters and digits"


def answer_of(answer: HttpResponse | NoAnswer) -> Any:
    """The JSON of an answer, or the outcome that it already is."""
    if isinstance(answer, NoAnswer):
        return Unsure(why=answer.why[:500]) if answer.request_left else TryLater(raw=answer.why[:500])
    if answer.status == 429:
        wait = answer.header("Retry-After") or ""
        plain = wait.isascii() and wait.isdecimal() and len(wait) < 6
        return TryLater(raw="429", after=min(int(wait), 86_400) if plain else None)
    if answer.status >= 500:
        return TryLater(raw=str(answer.status))
    if answer.status == 401:
        return Refused(reason="account_problem", raw="401")
    try:
        told = read_json(answer.body)
    except ValueError:
        return Unsure(why=f"status {answer.status}")
    return told if isinstance(told, dict) else Unsure(why=f"status {answer.status}")


def outcome_of(answer: HttpResponse | NoAnswer) -> PushOutcome:
    if isinstance(answer, HttpResponse) and answer.status == 200:
        return Accepted()
    told = answer_of(answer)
    if not isinstance(told, dict):
        return told  # type: ignore[no-any-return]
    match told.get("error"):
        case "unregistered":
            since = told.get("since")
            return TokenGone(raw="unregistered", since_us=since * 1_000_000 if isinstance(since, int) else None)
        case "other app":
            return TokenGone(raw="other app")
        case "bad message":
            return Refused(reason="content_rejected", raw="bad message")
    return Unsure(why=f"status {getattr(answer, 'status', 0)}")


OFFER: Final = PushTransportOffer(name="bell", settings=BellSettings, build=Bell)
SETTINGS: Final = {"key": KEY}
TOKEN: Final = PushToken(id="t1", transport="bell", value="a1b2c3d4e5f6", registered_us=0)
IN: Final = answered_json(200, {"access": "ya29"})
SAID: Final = {
    "to": TOKEN.value,
    "data": dict(PUSHED.data),
    "collapse": PUSHED.collapse,
    "title": PUSHED.title,
    "text": PUSHED.text,
}
PUSHES: Final = (
    PushRow(
        label="taken",
        shows="accepted",
        answers=(IN, answered(200)),
        outcome=Accepted(),
        asks=(
            Asked(url=LOGIN, body=Bell(BellSettings(key=KEY)).login(PUSHED.at_us)),
            Asked(url=API, headers={"Authorization": "Bearer ya29"}, json=SAID),
        ),
    ),
    PushRow(
        label="the app was removed",
        shows="token is gone",
        answers=(IN, answered_json(404, {"error": "unregistered", "since": 7})),
        outcome=TokenGone(raw="unregistered", since_us=7_000_000),
    ),
    PushRow(
        label="another app's token",
        shows="somebody else's token",
        answers=(IN, answered_json(403, {"error": "other app"})),
        outcome=TokenGone(raw="other app"),
    ),
    PushRow(
        label="a bad message",
        shows="a bad message",
        answers=(IN, answered_json(400, {"error": "bad message"})),
        outcome=Refused(reason="content_rejected", raw="bad message"),
    ),
    PushRow(
        label="wrong key",
        shows="wrong credentials",
        answers=(answered(401),),
        outcome=Refused(reason="account_problem", raw="401"),
    ),
    PushRow(
        label="slow down",
        shows="throttled, with Retry-After",
        answers=(IN, answered(429, "", {"Retry-After": "30"})),
        outcome=TryLater(raw="429", after=30),
    ),
    PushRow(
        label="slow down, no more said",
        shows="throttled, without Retry-After",
        answers=(IN, answered(429)),
        outcome=TryLater(raw="429"),
    ),
    PushRow(label="down", shows="server error", answers=(IN, answered(503)), outcome=TryLater(raw="503")),
)


class BellContract(PushTransportContract):
    offer = OFFER
    settings = SETTINGS
    secrets = ("key",)
    pushes = PUSHES
    token = TOKEN
    no_tokens = ("", "short", "with blanks in it")
    remembers = 1
