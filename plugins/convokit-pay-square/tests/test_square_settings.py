"""Settings: what is refused, under which name, and that no secret ever shows."""

from __future__ import annotations

import pytest
from attrs import evolve
from convokit_pay_square import SquareSettings

from convokit.errors import ConfigurationError

GOOD = SquareSettings(
    access_token="EAAA0123456789abcdef",
    location_id="L88917AVBK2S5",
    signature_key="Ibxx_5AKakO-3qeNVR61Dw",
    previous_signature_key="Jbxx_5AKakO-3qeNVR61Dw",
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("access_token", ""),
        ("access_token", "hidden"),
        ("access_token", "hidden-secret-0123456789\n"),
        ("access_token", "hidden secret 0123456789"),
        ("access_token", "hidden-secret-012345\u00e9"),
        ("location_id", ""),
        ("location_id", "L1/../hidden"),
        ("location_id", "hidden" * 10),
        ("signature_key", ""),
        ("signature_key", "hidden"),
        ("signature_key", "hidden-secret-0123 "),
        ("previous_signature_key", "hidden"),
        ("redirect_url", ""),
        ("redirect_url", "http://clinic.example/"),
        ("base_url", "http://connect.squareup.com"),
        ("base_url", "https://me:hidden-secret@connect.squareup.com"),
    ],
)
def test_p19_unusable_values_are_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        evolve(GOOD, **{name: value})
    assert (refused.value.code, refused.value.field) == ("settings.invalid", name)
    assert "hidden" not in f"{refused.value} {refused.value!r}"


def test_p19_secrets_do_not_show() -> None:
    for secret in (GOOD.access_token, GOOD.signature_key, GOOD.previous_signature_key):
        assert secret is not None
        assert secret.reveal() not in repr(GOOD)


@pytest.mark.parametrize(
    ("base", "test"),
    [
        ("https://connect.squareup.com", False),
        ("https://connect.squareup.com/", False),
        ("https://connect.squareupsandbox.com", True),
        ("http://127.0.0.1:8080", True),
    ],
)
def test_where_the_api_is_and_whether_money_moves(base: str, test: bool) -> None:
    settings = evolve(GOOD, base_url=base)
    assert settings.links_url == f"{base.rstrip('/')}/v2/online-checkout/payment-links"
    assert settings.is_test is test
