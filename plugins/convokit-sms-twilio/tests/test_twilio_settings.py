"""Settings: what is refused, under which name, and that no secret ever shows."""

from __future__ import annotations

import pytest
from attrs import evolve
from convokit_sms_twilio import TwilioGateway, TwilioSettings

from convokit.errors import ConfigurationError

GOOD = TwilioSettings(account_sid=f"AC{'0123456789abcdef' * 2}", auth_token="fedcba9876543210" * 2)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("account_sid", ""),
        ("account_sid", "AC123"),
        ("account_sid", f"SK{'0123456789abcdef' * 2}"),
        ("account_sid", f"AC{'0123456789abcdeg' * 2}"),
        ("auth_token", ""),
        ("auth_token", "hidden-secret"),
        ("auth_token", "hidden-secret with blanks"),
        ("auth_token", "hidden-secret-0123456789\n"),
        ("previous_auth_token", "hidden-secret"),
        ("api_key_sid", "SK1"),
        ("api_key_secret", "hidden-secret-0123456789"),
        ("shared_key_secret", "hidden-secret-0123456789"),
        ("shared_key_id", "a b"),
        ("messaging_service_sid", f"AC{'0123456789abcdef' * 2}"),
        ("base_url", "http://api.twilio.com"),
        ("base_url", "api.twilio.com"),
        ("base_url", "https://me:hidden-secret@api.twilio.com"),
    ],
)
def test_p19_unusable_values_are_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        evolve(GOOD, **{name: value})  # type: ignore[arg-type]  # all of them are texts
    assert (refused.value.code, refused.value.field) == ("settings.invalid", name)
    assert "hidden-secret" not in f"{refused.value} {refused.value!r}"


@pytest.mark.parametrize(
    ("url", "authorized"),
    [
        ("https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1", True),
        ("https://api.dublin.ie1.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1", True),
        ("https://mms.twiliocdn.com/AC1/ME1", False),
        ("http://api.twilio.com/2010-04-01/", False),
        ("https://api.twilio.com.evil.example/", False),
        ("https://evil.example/api.twilio.com", False),
        ("https://api.evil-twilio.com/", False),
        ("https://www.twilio.com/", False),
        ("https://[broken", False),
        ("", False),
    ],
)
def test_p16_who_is_shown_the_credentials(url: str, authorized: bool) -> None:
    request = TwilioGateway(GOOD).media_request(url)
    assert (request.method, request.url, bool(request.headers)) == ("GET", url, authorized)


def test_p16_another_base_url_is_shown_them_too() -> None:
    here = TwilioGateway(evolve(GOOD, base_url="http://127.0.0.1:8080"))
    assert here.media_request("http://127.0.0.1:8080/2010-04-01/x").headers == (here.settings.authorization,)
    assert here.media_request("http://127.0.0.1:8081/2010-04-01/x").headers == ()
