"""Settings: what is refused, under which name, and that no secret ever shows."""

from __future__ import annotations

import base64

import pytest
from attrs import evolve
from convokit_sms_telnyx import TelnyxSettings

from convokit.errors import ConfigurationError

GOOD = TelnyxSettings(api_key="KEY0123456789ABCDEF", public_key="11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("api_key", ""),
        ("api_key", "hidden-secret\n"),
        ("api_key", "hidden-secret-\u00e9"),
        ("public_key", ""),
        ("public_key", "hidden-secret"),
        ("public_key", "\u00e9" * 44),
        ("public_key", base64.b64encode(bytes(31)).decode()),
        ("public_key", base64.b64encode(bytes(33)).decode()),
        ("public_key", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
        ("public_key", " 11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="),
        ("previous_public_key", "hidden-secret"),
        ("messaging_profile_id", "16FD2706-8BAF-433B-82EB-8C7FADA847DA"),
        ("messaging_profile_id", "profile"),
        ("base_url", "http://api.telnyx.com"),
        ("base_url", "api.telnyx.com"),
        ("base_url", "https://me:hidden-secret@api.telnyx.com"),
    ],
)
def test_p19_unusable_values_are_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        evolve(GOOD, **{name: value})  # type: ignore[arg-type]  # all of them are texts
    assert (refused.value.code, refused.value.field) == ("settings.invalid", name)
    assert "hidden-secret" not in f"{refused.value} {refused.value!r}"


def test_p19_the_api_key_does_not_show() -> None:
    assert GOOD.api_key.reveal() not in repr(GOOD)


@pytest.mark.parametrize("base", ["https://api.telnyx.com", "https://api.telnyx.com/", "http://127.0.0.1:8080"])
def test_where_the_api_is(base: str) -> None:
    assert evolve(GOOD, base_url=base).api_url == f"{base.rstrip('/')}/v2"
