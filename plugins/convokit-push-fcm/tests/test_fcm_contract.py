"""FCM keeps the contract of push transports, and its distribution that of plugins."""

from __future__ import annotations

from convokit_push_fcm import convokit_push_transports
from convokit_push_fcm.login import Login
from convokit_push_fcm.settings import FcmSettings
from convokit_push_fcm.testing import ACCOUNT, BAD_MESSAGE, PROJECT, error, service_pem

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

SETTINGS: dict[str, object] = {"project_id": PROJECT, "client_email": ACCOUNT, "private_key": service_pem()}
LOGIN = "https://oauth2.googleapis.com/token"
API = f"https://fcm.googleapis.com/v1/projects/{PROJECT}/messages:send"
TOKEN = PushToken(id="app-1", transport="fcm", value="dQw4w9WgXcQ:APA91bH" + "a1B2-_" * 20, registered_us=0)
NAME = f"projects/{PROJECT}/messages/0:1500415314455276%31bd1c9631bd1c96"
IN = answered_json(200, {"access_token": "ya29.c.b0AXv0", "expires_in": 3599, "token_type": "Bearer"})
(OFFER,) = convokit_push_transports()
AT = PUSHED.at_us // 1_000_000
SAID = {
    "message": {
        "token": TOKEN.value,
        "notification": {"title": PUSHED.title, "body": PUSHED.text},
        "data": dict(PUSHED.data),
        "android": {
            "collapse_key": PUSHED.collapse,
            "priority": "HIGH",
            "ttl": "86400s",
            "notification": {"tag": PUSHED.collapse, "notification_count": 2},
        },
        "apns": {
            "headers": {
                "apns-collapse-id": PUSHED.collapse,
                "apns-expiration": str(AT + 86_400),
                "apns-priority": "10",
            },
            "payload": {"aps": {"sound": "default", "thread-id": PUSHED.collapse, "badge": 2}},
        },
        "webpush": {"headers": {"TTL": "86400", "Urgency": "high"}},
    }
}

ROWS = (
    PushRow(
        label="taken",
        shows="accepted",
        answers=(IN, answered_json(200, {"name": NAME})),
        outcome=Accepted(provider_id=NAME),
        asks=(
            Asked(url=LOGIN, body=Login(FcmSettings(**SETTINGS)).request(PUSHED.at_us).body),  # type: ignore[arg-type]
            Asked(url=API, headers={"Authorization": "Bearer ya29.c.b0AXv0"}, json=SAID),
        ),
    ),
    PushRow(
        label="the app was removed",
        shows="token is gone",
        answers=(IN, error(404, "NOT_FOUND", "UNREGISTERED")),
        outcome=TokenGone(raw="404 UNREGISTERED"),
    ),
    PushRow(
        label="no token at all",
        shows="token is gone",
        answers=(IN, error(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT")),
        outcome=TokenGone(raw="400 INVALID_ARGUMENT"),
    ),
    PushRow(
        label="another project's app",
        shows="somebody else's token",
        answers=(IN, error(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH")),
        outcome=TokenGone(raw="403 SENDER_ID_MISMATCH"),
    ),
    PushRow(
        label="a bad message",
        shows="a bad message",
        answers=(IN, error(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", BAD_MESSAGE)),
        outcome=Refused(reason="content_rejected", raw="400 INVALID_ARGUMENT"),
    ),
    PushRow(
        label="the service account is not known",
        shows="wrong credentials",
        answers=(answered_json(400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}),),
        outcome=Refused(reason="account_problem", raw="login: 400"),
    ),
    PushRow(
        label="the project has no key for Apple",
        shows="wrong credentials",
        answers=(IN, error(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR")),
        outcome=Refused(reason="account_problem", raw="401 THIRD_PARTY_AUTH_ERROR"),
    ),
    PushRow(
        label="the access token was revoked",
        answers=(IN, error(401, "UNAUTHENTICATED")),
        outcome=TryLater(raw="401 UNAUTHENTICATED"),
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
        answers=(IN, error(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED")),
        outcome=TryLater(raw="429 QUOTA_EXCEEDED"),
    ),
    PushRow(
        label="down",
        shows="server error",
        answers=(IN, error(503, "UNAVAILABLE", "UNAVAILABLE")),
        outcome=TryLater(raw="503 UNAVAILABLE"),
    ),
    PushRow(
        label="the login is down",
        shows="server error",
        answers=(answered(502, "<html>"),),
        outcome=TryLater(raw="login: 502"),
    ),
)


class TestFcm(PushTransportContract):
    offer = OFFER
    settings = SETTINGS
    secrets = ("private_key",)
    token = TOKEN
    no_tokens = ("", "short", "with blanks " * 10, "a" * 31, "a/b" * 20)
    pushes = ROWS
    remembers = 1


class TestDistribution(PluginContract):
    distribution = "convokit-push-fcm"
    settings = {"fcm": SETTINGS}  # noqa: RUF012 - of a test
