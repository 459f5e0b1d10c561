"""Settings: what is refused, under which name, and that the password never shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve
from convokit_mail_smtp import SmtpSettings

from convokit.errors import ConfigurationError

GOOD = SmtpSettings(host="mail.example", username="desk", password="hidden-secret")


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_the_port_goes_by_the_security(security: str, port: int) -> None:
    assert evolve(GOOD, security=security, allow_plaintext=True).real_port == port
    assert evolve(GOOD, security=security, allow_plaintext=True, port=2525).real_port == 2525


def test_encryption_is_the_default_and_the_password_is_not_in_the_repr() -> None:
    assert (GOOD.security, GOOD.allow_plaintext) == ("starttls", False)
    assert "hidden-secret" not in repr(GOOD)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.10", "::1"])
def test_this_machine_needs_no_encryption(host: str) -> None:
    assert SmtpSettings(host=host, security="none").on_this_machine


@pytest.mark.parametrize("host", ["mail.example", "localhost.evil.example", "10.0.0.1", "0.0.0.0", "2001:db8::1"])
def test_other_machines_get_nothing_in_the_clear_unless_it_is_allowed(host: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        SmtpSettings(host=host, security="none")
    assert (refused.value.code, refused.value.field) == ("settings.invalid", "security")
    assert not SmtpSettings(host=host, security="none", allow_plaintext=True).on_this_machine


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("host", ""),
        ("host", "mail.example:587"),
        ("host", "smtp://mail.example"),
        ("host", "mail example"),
        ("host", "mail.example\r\nRCPT"),
        ("host", "mäil.example"),
        ("host", "m" * 254),
        ("port", 0),
        ("port", 65_536),
        ("security", "ssl"),
        ("security", ""),
        ("username", ""),
        ("username", "dësk"),
        ("username", None),
        ("password", ""),
        ("password", "line\nhidden-secret"),
        ("password", "hidden-secret\x00"),
        ("password", None),
        ("hello_name", "a b"),
        ("hello_name", "desk\r\nMAIL"),
        ("hello_name", "d" * 254),
        ("timeout", 0),
        ("timeout", 61),
        ("deadline", 0),
        ("deadline", 101),
    ],
)
def test_unusable_values_are_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ConfigurationError) as refused:
        evolve(GOOD, **{name: value})
    field = "password" if value is None else name
    assert (refused.value.code, refused.value.field) == ("settings.invalid", field)
    assert "hidden-secret" not in str(refused.value)


def test_one_answer_cannot_take_longer_than_all_of_them() -> None:
    with pytest.raises(ConfigurationError) as refused:
        evolve(GOOD, timeout=30, deadline=29)
    assert (refused.value.field, refused.value.limit) == ("timeout", "29")


def test_the_file_of_authorities_must_hold_some(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("")
    (tmp_path / "other.pem").write_text("not a certificate\n")
    for name in ("missing.pem", "empty.pem", "other.pem", "nul\x00"):
        with pytest.raises(ConfigurationError) as refused:
            evolve(GOOD, ca_file=str(tmp_path / name))
        assert (refused.value.code, refused.value.field) == ("settings.invalid", "ca_file")
