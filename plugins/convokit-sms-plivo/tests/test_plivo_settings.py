"""Settings: what is refused, under which name, and that no secret ever shows."""

from __future__ import annotations

import pytest
from attrs import evolve
from convokit_sms_plivo import PlivoSettings

from convokit.errors import ConfigurationError

GOOD = PlivoSettings(
    auth_id="SA0123456789ABCDEFGH", auth_token="hidden-token-0123456789", main_auth_token="hidden-main-0123456789"
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("auth_id", ""),
        ("auth_id", "MA123"),
        ("auth_id", "AC0123456789ABCDEFGH"),
        ("auth_id", "MA0123456789abcdefgh"),
        ("auth_token", ""),
        ("auth_token", "hidden-token"),
        ("auth_token", "hidden-token with blanks"),
        ("main_auth_token", "hidden-token-0123456789\n"),
        ("previous_auth_token", "hidden-token"),
        ("base_url", "http://api.plivo.com"),
        ("base_url", "https://me:hidden-token@api.plivo.com"),
    ],
)
def test_p19_unusable_values_are_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        evolve(GOOD, **{name: value})  # type: ignore[arg-type]  # all of them are texts
    assert (refused.value.code, refused.value.field) == ("settings.invalid", name)
    assert "hidden" not in f"{refused.value} {refused.value!r} {GOOD!r}"


def test_any_token_of_the_account_proves() -> None:
    assert GOOD.tokens == ("hidden-token-0123456789", "hidden-main-0123456789")
    assert GOOD.send_url == "https://api.plivo.com/v1/Account/SA0123456789ABCDEFGH/Message/"
