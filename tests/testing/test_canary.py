"""The canary of the suite sings: each way of leaking a secret or a text fails the test that leaks, and nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from command import environment
from tree import ROOT

CONFTEST = """
from canary import Listening

def pytest_configure(config):
    config.pluginmanager.register(Listening(), "canary")
"""
TESTS = """
import logging, sys, warnings
import pytest
from convokit.errors import ConfigurationError, InvalidInput
from convokit.ports.secret import Secret
from convokit.ports.sms import OutboundText

SECRET = Secret("sk-4711-of-the-suite/+")
WORDS = "Bella has the results of her test"

def text():
    return OutboundText(id="m1", sender="+1", to="+2", text=WORDS)

def test_leaks_a_secret_to_the_log():
    logging.getLogger("convokit").warning("asked with %s", SECRET.reveal())

def test_leaks_in_a_url_at_a_low_level(caplog):
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("httpx2").debug("GET /?key=sk-4711-of-the-suite%2F%2B")

def test_leaks_a_text_to_the_log():
    logging.getLogger("convokit").error("%r", text().text)

def test_leaks_by_a_logged_traceback():
    try:
        raise ValueError(text().text)
    except ValueError:
        logging.getLogger("convokit").exception("it raised")

def test_leaks_in_an_error():
    InvalidInput("text.wrong", f"wrong: {text().text}")

def test_leaks_in_what_an_error_came_from():
    with pytest.raises(ConfigurationError):
        try:
            raise ValueError(SECRET.reveal())
        except ValueError as error:
            raise ConfigurationError("settings.value", "refused") from error

def test_leaks_to_standard_error():
    print(SECRET.reveal(), file=sys.stderr)

def test_is_silent():
    logging.getLogger("convokit").error("%s %r %s", SECRET, text(), "Bella")
    with pytest.raises(ConfigurationError):
        try:
            raise ValueError(SECRET.reveal())
        except ValueError:
            raise ConfigurationError("settings.value", "refused") from None
    print(SECRET.reveal(), text().text)

def test_is_silent_about_what_another_test_said():
    logging.getLogger("convokit").error(WORDS)

@pytest.mark.leaks("it shows that something notices")
def test_is_silent_since_it_says_so():
    logging.getLogger("convokit").error("%s", SECRET.reveal())
"""


def test_p19_every_leak_fails_the_test_that_leaks(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    (tmp_path / "test_leaking.py").write_text(TESTS, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", str(tmp_path)],
        cwd=tmp_path,
        env=environment(PYTHONPATH=str(ROOT / "tests" / "support")),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    wanted = set(re.findall(r"def (test_leaks\w+)", TESTS))
    assert set(re.findall(r"^ERROR \S+::(\w+)", done.stdout, re.MULTILINE)) == wanted, done.stdout
    assert len(wanted) == 7
    told = [line for line in done.stdout.splitlines() if line.startswith("a secret or the words of a message in ")]
    assert len(told) == 7


def test_p19_it_listens_to_this_suite(request: pytest.FixtureRequest) -> None:
    assert request.config.pluginmanager.has_plugin("canary")
