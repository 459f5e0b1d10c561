"""Settings: what is refused, under which name, and that no secret ever shows."""

from __future__ import annotations

import pytest
from attrs import evolve
from convokit_sms_kannel import KannelSettings

from convokit.errors import ConfigurationError

GOOD = KannelSettings(
    send_url="https://kannel.example:13013/cgi-bin/sendsms",
    username="clinic",
    password="send-secret",
    webhook_user="hook",
    webhook_password="0123456789abcdef",
)


def test_defaults_ask_for_every_report_and_ten_parts() -> None:
    assert (GOOD.smsc, GOOD.dlr_mask, GOOD.max_messages) == (None, 31, 10)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("send_url", ""),
        ("send_url", "kannel.example/cgi-bin/sendsms"),
        ("send_url", "ftp://kannel.example/"),
        ("send_url", "http:///cgi-bin/sendsms"),
        ("send_url", "http://kannel.example:99999/"),
        ("send_url", "http://kannel.example:0/"),
        ("send_url", "http://kannel.example/a b"),
        ("send_url", "http://kannel.example/é"),
        ("send_url", "http://kannel.example/\r\nX: y"),
        ("send_url", "http://clinic:hidden-secret@kannel.example/"),
        ("send_url", "http://kannel.example/?password=hidden-secret"),
        ("send_url", "http://kannel.example/#here"),
        ("username", ""),
        ("username", "é"),
        ("password", " padded"),
        ("password", "line\nfeed"),
        ("webhook_user", ""),
        ("webhook_user", "a:b"),
        ("webhook_user", "a\tb"),
        ("webhook_password", "0123456789abcdef\n"),
        ("smsc", ""),
        ("smsc", "a\r\nb"),
        ("dlr_mask", 0),
        ("dlr_mask", 32),
        ("max_messages", 0),
        ("max_messages", 256),
    ],
)
def test_unusable_values_are_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ConfigurationError) as refused:
        evolve(GOOD, **{name: value})  # type: ignore[arg-type]  # the table mixes settings of several types
    assert (refused.value.code, refused.value.field) == ("settings.invalid", name)
    assert "hidden-secret" not in str(refused.value)


@pytest.mark.parametrize("value", ["", "short", "fifteen-bytes-x", "changeme", "CHANGEME-CHANGEME"])
def test_a_weak_callback_password_is_refused_without_showing_it(value: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        evolve(GOOD, webhook_password=value)
    assert (refused.value.code, refused.value.field) == ("settings.secret_weak", "webhook_password")
    assert not value or value not in str(refused.value)


def test_the_length_of_the_callback_password_is_counted_in_bytes() -> None:
    assert evolve(GOOD, webhook_password="é" * 8).webhook_password.reveal() == "é" * 8


@pytest.mark.parametrize(("user", "password"), [("kannel", "x" * 51), ("kannel", "&" * 17), ("é" * 7, "x" * 16)])
def test_credentials_that_kannel_would_break_into_two_lines_are_refused(user: str, password: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        evolve(GOOD, webhook_user=user, webhook_password=password)
    assert (refused.value.code, refused.value.field) == ("settings.invalid", "webhook_password")
    assert refused.value.limit == "57 bytes"
    assert password not in str(refused.value)


def test_credentials_of_57_bytes_are_the_longest() -> None:
    longest = evolve(GOOD, webhook_user="kannel", webhook_password="x" * 50)
    assert len(f"{longest.webhook_user}:{longest.webhook_password.reveal()}") == 57
