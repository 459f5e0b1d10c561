"""Validators for the settings of plugins: what cannot work is refused by its name and never shown."""

from __future__ import annotations

import pytest
from attrs import evolve, field, frozen

from convokit.errors import ConfigurationError
from convokit.plugins.checks import basic_user, between, header_value, shaped, strong, web_address


@frozen(kw_only=True)
class Settings:
    url: str = field(default="https://api.example/v1", validator=web_address())
    anywhere: str = field(default="http://gateway.lan:13013/x", validator=web_address("anywhere"))
    key: str = field(default="key-4711", validator=header_value, repr=False)
    user: str = field(default="höök", validator=basic_user)
    account: str = field(default="AC0f", validator=shaped("AC[0-9a-f]{2}", "must be AC and two hex digits"))
    callback: str = field(default="0123456789abcdef", validator=strong, repr=False)
    parts: int = field(default=1, validator=between(1, 9))


@pytest.mark.parametrize(
    "url", ["https://h", "https://h:8443/a/b", "http://127.0.0.1:9", "http://localhost/x", "http://[::1]:8080/x"]
)
def test_good_addresses(url: str) -> None:
    assert Settings(url=url).url == url


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("url", "", "absolute"),
        ("url", "api.example/v1", "absolute"),
        ("url", "ftp://api.example", "absolute"),
        ("url", "https://", "absolute"),
        ("url", "https://[hidden-secret", "absolute"),
        ("url", "https://h:0/", "absolute"),
        ("url", "https://h:99999/", "absolute"),
        ("url", "https://h/é", "absolute"),
        ("url", "https://h/a b", "absolute"),
        ("url", "https://h/\r\nX: y", "absolute"),
        ("url", "https://me:hidden-secret@h/", "no user"),
        ("url", "https://h/?key=hidden-secret", "no user"),
        ("url", "https://h/#x", "no user"),
        ("url", "http://api.example", "https"),
        ("url", "http://127.0.0.1.evil.example", "https"),
        ("anywhere", "ftp://gateway.lan", "absolute"),
        ("key", "", "printable ASCII"),
        ("key", " hidden-secret", "printable ASCII"),
        ("key", "hidden-secret\r\n", "printable ASCII"),
        ("key", "é", "printable ASCII"),
        ("user", "", "without a colon"),
        ("user", "a:b", "without a colon"),
        ("user", "a\n", "without a colon"),
        ("account", "AC0f\n", "two hex digits"),
        ("account", "xAC0f", "two hex digits"),
        ("callback", "0123456789abcdef\n", "printable"),
        ("parts", 0, "out of range"),
        ("parts", 10, "out of range"),
    ],
)
def test_p19_what_cannot_work_is_refused_by_its_name(name: str, value: object, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as refused:
        evolve(Settings(), **{name: value})  # type: ignore[arg-type]  # the table mixes settings of several types
    assert (refused.value.code, refused.value.field) == ("settings.invalid", name)
    assert "hidden-secret" not in f"{refused.value} {refused.value!r}"


@pytest.mark.parametrize("value", ["", "fifteen-bytes-x", "changeme", "CHANGEME-CHANGEME"])
def test_a_weak_secret_is_refused(value: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Settings(callback=value)
    assert (refused.value.code, refused.value.limit) == ("settings.secret_weak", "16 bytes")
    assert Settings(callback="é" * 8)
