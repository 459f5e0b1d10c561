"""Settings: what is refused, under which name, and that no secret ever shows."""

from __future__ import annotations

import pytest
from attrs import evolve
from convokit_sms_sinch import SinchSettings

from convokit.errors import ConfigurationError

GOOD = SinchSettings(
    service_plan_id="jd63jf88477ll123ab4567cd89012ef3",
    api_token="hidden-api-token",
    webhook_secret="hidden-webhook-secret",
)
BY_PASSWORD = evolve(GOOD, webhook_secret=None, webhook_password="hidden-callback-password")


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("service_plan_id", "", "settings.invalid"),
        ("service_plan_id", "a/b/c/d", "settings.invalid"),
        ("api_token", "hidden\n", "settings.invalid"),
        ("webhook_secret", "hidden", "settings.secret_weak"),
        ("previous_webhook_secret", "hidden", "settings.secret_weak"),
        ("webhook_user", "a:b", "settings.invalid"),
        ("base_url", "http://us.sms.api.sinch.com", "settings.invalid"),
        ("base_url", "https://me:hidden@us.sms.api.sinch.com", "settings.invalid"),
        # Both ways at once, or the rest of the other one.
        ("webhook_password", "hidden-callback-password", "settings.invalid"),
        ("previous_webhook_password", "hidden-callback-password", "settings.invalid"),
    ],
)
def test_p19_unusable_values_are_refused_by_name(name: str, value: str, code: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        evolve(GOOD, **{name: value})  # type: ignore[arg-type]  # all of them are texts
    assert (refused.value.code, refused.value.field) == (code, name)
    assert "hidden" not in f"{refused.value} {refused.value!r} {GOOD!r} {BY_PASSWORD!r}"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"webhook_secret": None}, "webhook_password"),
        ({"webhook_secret": None, "previous_webhook_secret": "hidden-secret-of-old"}, "previous_webhook_secret"),
    ],
)
def test_p17_callbacks_must_be_proved_in_one_way(changed: dict[str, str | None], field: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        evolve(GOOD, **changed)  # type: ignore[arg-type]  # all of them are texts, or nothing
    assert (refused.value.code, refused.value.field) == ("settings.invalid", field)


def test_while_a_secret_is_changed_both_count() -> None:
    assert (GOOD.secrets, GOOD.callback_pairs) == (("hidden-webhook-secret",), ())
    changing = evolve(GOOD, previous_webhook_secret="hidden-secret-of-old")
    assert changing.secrets == ("hidden-webhook-secret", "hidden-secret-of-old")
    by_password = evolve(BY_PASSWORD, previous_webhook_password="hidden-password-of-old")
    assert by_password.secrets == ()
    assert by_password.callback_pairs == ("sinch:hidden-callback-password", "sinch:hidden-password-of-old")


@pytest.mark.parametrize("base", ["https://eu.sms.api.sinch.com", "http://127.0.0.1:8080/"])
def test_where_the_plan_is(base: str) -> None:
    assert evolve(GOOD, base_url=base).plan_url == f"{base.rstrip('/')}/xms/v1/{GOOD.service_plan_id}"
