"""A secret shows itself nowhere, and is as good as the text that it is."""

from __future__ import annotations

import copy
import logging
import pickle
import traceback

import pytest
from attrs import asdict, field, frozen
from attrs.converters import optional as convert
from attrs.validators import optional

from convokit.errors import ConfigurationError
from convokit.plugins.checks import revealed, strong
from convokit.plugins.settings import build_settings, check_given
from convokit.ports.secret import Secret, secret

CANARY = "canary-4711-0815-of-a-secret"


@frozen(kw_only=True)
class Settings:
    key: Secret[str] = field(converter=secret, validator=revealed(strong))
    old: Secret[str] | None = field(default=None, converter=convert(secret), validator=optional(revealed(strong)))


MADE = Settings(key=CANARY)


def test_it_shows_itself_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    held = Secret(CANARY)
    logging.getLogger("x").error("%s %r", held, [held])
    shown = [repr(held), str(held), f"{held}", f"{held!r:>20}", f"{held:<9}", repr([held]), repr(MADE)]
    shown += [repr(asdict(MADE)), "".join(traceback.format_exception_only(ValueError(held, MADE)))]
    assert not [one for one in [*shown, caplog.text] if CANARY in one]
    assert (repr(held), f"{held}", repr(MADE)) == ("***", "***", "Settings(key=***, old=None)")


def test_it_is_frozen_and_leaves_the_process_by_no_pickle() -> None:
    held = Secret(CANARY)
    changes = (lambda: setattr(held, "_value", ""), lambda: setattr(held, "more", ""), lambda: delattr(held, "_value"))
    for act in changes:
        with pytest.raises(AttributeError, match="does not change"):
            act()
    for what in (held, MADE, {"key": held}):
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(what)
    assert copy.copy(held) is copy.deepcopy(held) is held


def test_equal_secrets_are_equal() -> None:
    assert Secret(CANARY) == Secret(CANARY)
    assert hash(Secret(CANARY)) == hash(Secret(CANARY))
    assert Settings(key=CANARY) == Settings(key=Secret(CANARY)) != Settings(key=CANARY[::-1])
    assert Secret("a") != Secret(b"a")
    assert Secret("\ud800") == Secret("\ud800")
    assert Secret("a") != "a"
    assert (bool(Secret("")), bool(Secret(b"x"))) == (False, True)
    assert (Secret("x").reveal(), Secret(b"x").reveal()) == ("x", b"x")


@pytest.mark.parametrize("wrong", [None, 5, ["x"], b"x"])
def test_what_is_no_text_is_no_secret(wrong: object) -> None:
    with pytest.raises(TypeError, match="text"):
        secret(wrong)  # type: ignore[arg-type]
    if not isinstance(wrong, bytes):
        with pytest.raises(TypeError, match="text or bytes"):
            Secret(wrong)  # type: ignore[type-var]


def test_the_host_gives_text_and_the_plugin_has_a_secret() -> None:
    made = build_settings(Settings, {"key": CANARY, "old": None}, "pigeon")
    assert made == MADE == build_settings(Settings, asdict(MADE), "pigeon")
    assert isinstance(made, Settings)
    assert made.key.reveal() == CANARY


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        ({"key": 5}, "settings.type", "must be str"),
        ({"key": None}, "settings.type", "must be str"),
        ({"key": b"canary-4711-0815-of-a-secret"}, "settings.type", "must be str"),
        ({"key": CANARY, "old": 5}, "settings.type", "must be none or str"),
        ({"key": "canary-4711"}, "settings.secret_weak", "at least 16 bytes"),
        ({"key": CANARY, "old": "canary-4711"}, "settings.secret_weak", "at least 16 bytes"),
        ({}, "settings.missing", "'key'"),
    ],
)
def test_what_is_wrong_is_said_without_it(given: dict[str, object], code: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        build_settings(Settings, given, "pigeon")
    assert refused.value.code == code
    assert words in str(refused.value)
    assert "canary" not in "".join(traceback.format_exception_only(refused.value))
    if code == "settings.type":
        with pytest.raises(ConfigurationError):
            check_given(Settings, given, "pigeon", may_be_incomplete=True)
