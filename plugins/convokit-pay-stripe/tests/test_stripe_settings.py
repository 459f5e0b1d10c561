"""Settings: what is refused, under which name, and that no secret ever shows."""

from __future__ import annotations

import pytest
from attrs import evolve
from convokit_pay_stripe import StripeSettings

from convokit.errors import ConfigurationError

GOOD = StripeSettings(
    api_key="rk_live_0123456789",
    signing_secret="whsec_0123456789abcdef",
    previous_signing_secret="whsec_fedcba9876543210",
    success_url="https://clinic.example/thank-you",
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("api_key", ""),
        ("api_key", "pk_live_hidden0secret"),
        ("api_key", "hidden-secret"),
        ("api_key", "sk_live_hidden-secret\n"),
        ("api_key", "sk_live_hidden-secret-\u00e9"),
        ("signing_secret", ""),
        ("signing_secret", "whsec_"),
        ("signing_secret", "we_hidden-secret-0123"),
        ("signing_secret", "whsec_hidden-secret-0123 "),
        ("previous_signing_secret", "hidden-secret"),
        ("success_url", ""),
        ("success_url", "clinic.example"),
        ("success_url", "http://clinic.example/"),
        ("cancel_url", "javascript:alert(1)"),
        ("base_url", "http://api.stripe.com"),
        ("base_url", "https://me:hidden-secret@api.stripe.com"),
    ],
)
def test_p19_unusable_values_are_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        evolve(GOOD, **{name: value})  # type: ignore[arg-type]  # all of them are texts
    assert (refused.value.code, refused.value.field) == ("settings.invalid", name)
    assert "hidden" not in f"{refused.value} {refused.value!r}"


def test_p19_secrets_do_not_show() -> None:
    for secret in (GOOD.api_key, GOOD.signing_secret, GOOD.previous_signing_secret):
        assert secret is not None
        assert secret.reveal() not in repr(GOOD)


@pytest.mark.parametrize("base", ["https://api.stripe.com", "https://api.stripe.com/", "http://127.0.0.1:8080"])
def test_where_the_api_is(base: str) -> None:
    assert evolve(GOOD, base_url=base).sessions_url == f"{base.rstrip('/')}/v1/checkout/sessions"
