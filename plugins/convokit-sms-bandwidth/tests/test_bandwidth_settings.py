"""Settings: what is refused, under which name, and that no secret ever shows."""

from __future__ import annotations

import pytest
from attrs import evolve
from convokit_sms_bandwidth import BandwidthGateway, BandwidthSettings

from convokit.errors import ConfigurationError

GOOD = BandwidthSettings(
    account_id="9900000",
    api_user="clinic",
    api_password="hidden-api-password",
    application_id="93de2206-9669-4e07-948d-329f4b722ee2",
    webhook_user="höök",
    webhook_password="hidden-callback-password",
)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("account_id", "", "settings.invalid"),
        ("account_id", "u-be8dvafwrs63rwpm7pfil4b", "settings.invalid"),
        ("api_user", "", "settings.invalid"),
        ("api_user", "a:b", "settings.invalid"),
        ("api_user", "höök", "settings.invalid"),
        ("api_password", "hidden\n", "settings.invalid"),
        ("application_id", "93DE2206-9669-4E07-948D-329F4B722EE2", "settings.invalid"),
        ("webhook_user", "a:b", "settings.invalid"),
        ("webhook_password", "hidden", "settings.secret_weak"),
        ("previous_webhook_password", "hidden", "settings.secret_weak"),
        ("base_url", "http://messaging.bandwidth.com", "settings.invalid"),
        ("base_url", "https://me:hidden@messaging.bandwidth.com", "settings.invalid"),
    ],
)
def test_p19_unusable_values_are_refused_by_name(name: str, value: str, code: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        evolve(GOOD, **{name: value})  # type: ignore[arg-type]  # all of them are texts
    assert (refused.value.code, refused.value.field) == (code, name)
    assert "hidden" not in f"{refused.value} {refused.value!r} {GOOD!r}"


@pytest.mark.parametrize("base", ["https://messaging.bandwidth.com", "http://127.0.0.1:8080/"])
def test_where_the_api_is(base: str) -> None:
    assert evolve(GOOD, base_url=base).send_url == f"{base.rstrip('/')}/api/v2/users/9900000/messages"


def test_while_the_password_is_changed_both_count() -> None:
    assert GOOD.callback_pairs == ("höök:hidden-callback-password",)
    changing = evolve(GOOD, previous_webhook_password="hidden-password-of-old")
    assert changing.callback_pairs == ("höök:hidden-callback-password", "höök:hidden-password-of-old")


@pytest.mark.parametrize(
    ("url", "known"),
    [
        ("https://messaging.bandwidth.com/api/v2/users/9900000/media/x.jpg", True),
        ("http://messaging.bandwidth.com/api/v2/users/9900000/media/x.jpg", False),
        ("https://messaging.bandwidth.com.evil.example/x.jpg", False),
        ("https://messaging.bandwidth.com:8443/x.jpg", False),
        ("https://me@messaging.bandwidth.com/x.jpg", False),
    ],
)
def test_p16_credentials_for_files_go_to_the_api_alone(url: str, known: bool) -> None:
    asked = BandwidthGateway(GOOD).media_request(url)
    assert (asked.url, asked.header("Authorization")) == (url, GOOD.authorization[1] if known else None)
