"""APNs keeps the contract of push transports, and its distribution that of plugins."""

from __future__ import annotations

from attrs import evolve
from convokit_push_apns import convokit_push_transports
from convokit_push_apns.testing import KEY_ID, TEAM, TOPIC, fresh_pem, said

from convokit.outcomes import Accepted, Refused, TryLater
from convokit.ports.push import PushToken, TokenGone
from convokit.testing import PUSHED, Asked, PluginContract, PushRow, PushTransportContract, answered

SETTINGS: dict[str, object] = {"team_id": TEAM, "key_id": KEY_ID, "topic": TOPIC, "private_key": fresh_pem()}
TOKEN = PushToken(id="app-1", transport="apns", value="00fc13adff785122" * 4, registered_us=0)
URL = f"https://api.push.apple.com/3/device/{TOKEN.value}"
SANDBOX = f"https://api.sandbox.push.apple.com/3/device/{TOKEN.value}"
ID = "eabeae54-14a8-11e5-b60b-1697f925ec7b"
AT = PUSHED.at_us // 1_000_000
SAID = {
    "conversation": "c_5a69788796a5b4c3",
    "aps": {
        "alert": {"title": PUSHED.title, "body": PUSHED.text},
        "sound": "default",
        "thread-id": PUSHED.collapse,
        "badge": 2,
    },
}
(OFFER,) = convokit_push_transports()

ROWS = (
    PushRow(
        label="taken",
        shows="accepted",
        answers=(answered(200, "", {"apns-id": ID}),),
        outcome=Accepted(provider_id=ID),
        asks=(
            Asked(
                url=URL,
                headers={
                    "apns-topic": TOPIC,
                    "apns-push-type": "alert",
                    "apns-priority": "10",
                    "apns-expiration": str(AT + 86_400),
                    "apns-collapse-id": PUSHED.collapse,
                    "apns-id": "6315476b-1998-5f56-ba7b-6e6a89d86c2d",
                },
                json=SAID,
            ),
        ),
    ),
    PushRow(
        label="in the sandbox, another app, not urgent",
        token=evolve(TOKEN, app="example.vet.other"),
        message=evolve(PUSHED, high=False, badge=None),
        settings={"sandbox": True},
        answers=(answered(200),),
        outcome=Accepted(),
        asks=(Asked(url=SANDBOX, headers={"apns-topic": "example.vet.other", "apns-priority": "5"}),),
    ),
    PushRow(
        label="the app was removed",
        shows="token is gone",
        answers=(said(410, "Unregistered", 1_700_000_000_000),),
        outcome=TokenGone(raw="410 Unregistered", since_us=1_700_000_000_000_000),
    ),
    PushRow(
        label="another app's token",
        shows="somebody else's token",
        answers=(said(400, "DeviceTokenNotForTopic"),),
        outcome=TokenGone(raw="400 DeviceTokenNotForTopic"),
    ),
    PushRow(
        label="a bad message",
        shows="a bad message",
        answers=(said(400, "PayloadEmpty"),),
        outcome=Refused(reason="content_rejected", raw="400 PayloadEmpty"),
    ),
    PushRow(
        label="another team's key",
        shows="wrong credentials",
        answers=(said(403, "InvalidProviderToken"),),
        outcome=Refused(reason="account_problem", raw="403 InvalidProviderToken"),
    ),
    PushRow(
        label="our signature is too old, says Apple's clock",
        answers=(said(403, "ExpiredProviderToken"),),
        outcome=TryLater(raw="403 ExpiredProviderToken"),
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
        answers=(said(429, "TooManyRequests"),),
        outcome=TryLater(raw="429 TooManyRequests"),
    ),
    PushRow(
        label="down",
        shows="server error",
        answers=(said(503, "ServiceUnavailable"),),
        outcome=TryLater(raw="503 ServiceUnavailable"),
    ),
)


class TestApns(PushTransportContract):
    offer = OFFER
    settings = SETTINGS
    secrets = ("private_key",)
    token = TOKEN
    no_tokens = ("", "short", "g" * 64, "0" * 63, "0" * 202, "00fc 13ad" * 8)
    pushes = ROWS


class TestDistribution(PluginContract):
    distribution = "convokit-push-apns"
    settings = {"apns": SETTINGS}  # noqa: RUF012 - of a test
