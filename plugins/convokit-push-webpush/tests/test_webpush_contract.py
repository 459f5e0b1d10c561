"""Web Push keeps the contract of push transports, and its distribution that of plugins."""

from __future__ import annotations

from attrs import evolve
from convokit_push_webpush import convokit_push_transports

from convokit.outcomes import Accepted, Refused, TryLater
from convokit.ports.push import PushToken, TokenGone
from convokit.testing import (
    PUSHED,
    Asked,
    PluginContract,
    PushRow,
    PushTransportContract,
    answered,
    answered_json,
)

ENDPOINT = "https://fcm.googleapis.com/fcm/send/dQw4w9WgXcQ:APA91bH-secret-endpoint"
P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
KEYS = {"p256dh": P256DH, "auth": "BTBZMqHH6r4Tts7J_aSIgg"}
SETTINGS: dict[str, object] = {
    "private_key": "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw",
    "subject": "mailto:it@vet.example",
}
TOKEN = PushToken(id="app-1", transport="webpush", value=ENDPOINT, keys=KEYS, registered_us=0)
APPLE = evolve(TOKEN, id="app-2", value="https://web.push.apple.com/QK-secret")
(OFFER,) = convokit_push_transports()

ROWS = (
    PushRow(
        label="stored",
        shows="accepted",
        answers=(answered(201),),
        outcome=Accepted(),
        asks=(
            Asked(
                url=ENDPOINT,
                headers={
                    "TTL": "86400",
                    "Urgency": "high",
                    "Topic": PUSHED.collapse,
                    "Content-Encoding": "aes128gcm",
                    "Content-Type": "application/octet-stream",
                },
            ),
        ),
    ),
    PushRow(label="to Safari", token=APPLE, answers=(answered(202),), outcome=Accepted()),
    PushRow(
        label="unsubscribed",
        shows="token is gone",
        answers=(answered_json(410, {"code": 410, "errno": 106, "error": "Gone", "message": ENDPOINT}),),
        outcome=TokenGone(raw="410 410 106 Gone"),
    ),
    PushRow(label="never there", shows="token is gone", answers=(answered(404),), outcome=TokenGone(raw="404")),
    PushRow(
        label="subscribed with another key",
        shows="somebody else's token",
        token=APPLE,
        answers=(answered_json(400, {"reason": "VapidPkHashMismatch"}),),
        outcome=Refused(reason="account_problem", raw="400 VapidPkHashMismatch"),
    ),
    PushRow(
        label="too large for this service",
        shows="a bad message",
        answers=(answered(413),),
        outcome=Refused(reason="content_rejected", raw="413"),
    ),
    PushRow(
        label="signature refused",
        shows="wrong credentials",
        answers=(answered_json(403, {"reason": "BadJwtToken"}),),
        outcome=Refused(reason="account_problem", raw="403 BadJwtToken"),
    ),
    PushRow(
        label="not signed",
        shows="wrong credentials",
        answers=(answered(401, "<html>no</html>"),),
        outcome=Refused(reason="account_problem", raw="401"),
    ),
    PushRow(
        label="slow down",
        shows="throttled, with Retry-After",
        answers=(answered(429, "", {"Retry-After": "30"}),),
        outcome=TryLater(raw="429", after=30),
    ),
    PushRow(
        label="slow down, no more said",
        shows="throttled, without Retry-After",
        answers=(answered(429),),
        outcome=TryLater(raw="429"),
    ),
    PushRow(label="down", shows="server error", answers=(answered(503),), outcome=TryLater(raw="503")),
    PushRow(label="a teapot", answers=(answered(418),), outcome=Refused(reason="unknown", raw="418")),
)


class TestWebPush(PushTransportContract):
    offer = OFFER
    settings = SETTINGS
    secrets = ("private_key",)
    token = TOKEN
    no_tokens = (
        "",
        "not a URL",
        "http://fcm.googleapis.com/fcm/send/x",
        "https://internal.vet.example/push",
        "https://127.0.0.1/push",
        "https://fcm.googleapis.com.evil.example/x",
        "https://push.apple.com/x",
        "https://fcm.googleapis.com:22/x",
        "https://me:you@fcm.googleapis.com/x",
        "https://fcm.googleapis.com/x#y",
        "https://[::1/x",
    )
    pushes = ROWS


class TestDistribution(PluginContract):
    distribution = "convokit-push-webpush"
    settings = {"webpush": SETTINGS}  # noqa: RUF012 - of a test
