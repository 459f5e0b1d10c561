"""Settings and subscriptions: what is refused, under which name, and that no key ever shows."""

from __future__ import annotations

import subprocess
import sys

import pytest
from attrs import evolve
from convokit_push_webpush import WebPush, WebPushSettings, fresh_private_key
from convokit_push_webpush.keys import from_text

from convokit.errors import ConfigurationError
from convokit.outcomes import Refused
from convokit.ports.push import PushToken
from convokit.testing import PUSHED

KEY = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
GOOD = WebPushSettings(private_key=KEY, subject="mailto:it@vet.example")
KEYS = {
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
}
TOKEN = PushToken(
    id="app-1", transport="webpush", value="https://fcm.googleapis.com/fcm/send/x", keys=KEYS, registered_us=0
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("private_key", ""),
        ("private_key", "hidden"),
        ("private_key", "hidden key"),
        ("private_key", KEYS["p256dh"]),
        ("subject", "it@vet.example"),
        ("subject", "mailto:"),
        ("subject", "http://vet.example"),
        ("services", ""),
        ("services", "https://push.example"),
        ("services", "*"),
        ("services", "*.*.example"),
    ],
)
def test_p19_unusable_values_are_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        evolve(GOOD, **{name: value})  # type: ignore[arg-type]  # all of them are texts
    assert (refused.value.code, refused.value.field) == ("settings.invalid", name)
    assert "hidden" not in f"{refused.value} {refused.value!r}"


def test_p19_the_key_does_not_show() -> None:
    assert KEY not in repr(GOOD)
    assert KEY not in repr(WebPush(GOOD))
    assert from_text(GOOD.application_server_key)[:1] == b"\x04"


def test_a_fresh_key_is_usable_and_fresh() -> None:
    keys = {fresh_private_key() for _ in range(3)}
    assert len(keys) == 3
    assert all(WebPushSettings(private_key=key, subject="https://vet.example") for key in keys)


def test_the_command_prints_a_pair() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "convokit_push_webpush"], capture_output=True, text=True, check=True, timeout=60
    )
    private, public = (line.split()[-1] for line in ran.stdout.splitlines())
    made = WebPushSettings(private_key=private, subject="https://vet.example")
    assert made.application_server_key == public


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"p256dh": KEYS["p256dh"]},
        {**KEYS, "p256dh": "BA"},
        {**KEYS, "p256dh": "B" + "A" * 86},
        {**KEYS, "auth": "BTBZMqHH6r4Tts7J"},
        {**KEYS, "auth": "BTBZMqHH6r4Tts7J_aSIg!"},
        {**KEYS, "auth": "A"},
    ],
)
def test_p18_keys_that_cannot_be_a_browsers(keys: dict[str, str]) -> None:
    assert WebPush(GOOD).why_no_token(evolve(TOKEN, keys=keys))


@pytest.mark.parametrize("host", ["push.services.mozilla.com", "x.notify.windows.com", "web.push.apple.com"])
def test_which_services_are_spoken_to(host: str) -> None:
    found = WebPush(GOOD).why_no_token(evolve(TOKEN, value=f"https://{host}/x"))
    assert (found is None) == (host != "push.services.mozilla.com")


def test_p16_a_service_that_is_no_longer_allowed_is_not_spoken_to() -> None:
    other = WebPush(evolve(GOOD, services="push.example"))
    with pytest.raises(StopIteration) as stop:
        next(other.push(TOKEN, PUSHED))
    assert stop.value.value == Refused(reason="invalid_number", raw="not a subscription that may be pushed to")
