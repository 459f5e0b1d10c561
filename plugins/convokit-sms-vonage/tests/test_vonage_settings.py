"""Settings: what is refused, under which name, and that no secret ever shows."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from convokit_sms_vonage import VonageSettings
from convokit_sms_vonage.older import VonageSmsSettings

from convokit.errors import ConfigurationError

GIVEN = {"api_key": "abcd1234", "api_secret": "hidden-secret-1", "signature_secret": "hidden-secret-0123456789"}
GOOD = (VonageSettings(**GIVEN), VonageSmsSettings(**GIVEN))


@pytest.mark.parametrize("good", GOOD, ids=lambda good: type(good).__name__)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("api_key", ""),
        ("api_key", "abcd123"),
        ("api_key", "abcd1234\n"),
        ("api_key", "abcd-234"),
        ("api_secret", "short"),
        ("api_secret", "hidden-secret with blanks"),
        ("signature_secret", ""),
        ("signature_secret", "hidden-secret"),
        ("signature_secret", "hidden-secret-0123456789\u00e9"),
        ("previous_signature_secret", "hidden-secret"),
        ("base_url", "http://api.nexmo.com"),
        ("base_url", "https://me:hidden-secret@api.nexmo.com"),
    ],
)
def test_p19_unusable_values_are_refused_by_name(good: Any, name: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        evolve(good, **{name: value})
    assert (refused.value.code, refused.value.field) == ("settings.invalid", name)
    assert "hidden-secret" not in f"{refused.value} {refused.value!r}"


@pytest.mark.parametrize(("name", "value"), [("signature_method", "sha384"), ("reports_url", "api.nexmo.com")])
def test_settings_of_the_sms_api(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        evolve(GOOD[1], **{name: value})  # type: ignore[arg-type]  # all of them are texts
    assert (refused.value.code, refused.value.field) == ("settings.invalid", name)


@pytest.mark.parametrize("good", GOOD, ids=lambda good: type(good).__name__)
def test_p19_no_secret_shows(good: Any) -> None:
    assert "hidden" not in repr(good)
    assert "abcd1234" not in repr(good)


def test_a_region_has_another_address() -> None:
    there = evolve(GOOD[0], base_url="https://api-us.nexmo.com/")
    assert there.send_url == "https://api-us.nexmo.com/v1/messages"
    assert there.records_url == "https://api-us.nexmo.com/v2/reports/records"
