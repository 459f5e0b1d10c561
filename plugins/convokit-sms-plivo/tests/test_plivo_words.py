"""The tables of statuses and errors, compared with those that were collected from Plivo's documentation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from convokit_sms_plivo import convokit_sms_gateways
from convokit_sms_plivo.testing import PlivoApi
from convokit_sms_plivo.words import PARAMETERS, REASONS, STATES, STATUSES, report_of

from convokit.domain.reasons import REASONS as CATEGORIES
from convokit.ports.wire import HttpRequest
from convokit.testing import CALLBACK_URL, SmsTableContract, posted_form

TABLES = json.loads((Path(__file__).parent / "plivo_tables.json").read_text(encoding="utf-8"))
API = PlivoApi()


class TestWords(SmsTableContract):
    """Plivo's refusals have no numbers."""

    (offer,) = convokit_sms_gateways()
    settings = API.settings("https://api.plivo.com")
    table = Path(__file__).parent / "plivo_tables.json"
    failing = "undelivered"

    def report(self, word: str, code: str) -> HttpRequest:
        return API.sign(posted_form(CALLBACK_URL, {"MessageUUID": "u1", "Status": word, "ErrorCode": code or "000"}))


def test_the_plugin_has_no_words_but_these() -> None:
    assert dict(TABLES["statuses"]) == STATES
    assert dict(map(tuple, TABLES["errors"])) == REASONS


def test_every_reason_is_a_category() -> None:
    assert {*REASONS.values(), *STATUSES.values(), *PARAMETERS.values()} <= set(CATEGORIES)


@pytest.mark.parametrize(
    ("word", "code", "state", "reason"),
    [
        ("undelivered", None, "failed", "unknown"),
        ("undelivered", 90, "failed", "landline"),
        ("failed", 200, "failed", "opted_out"),
        ("rejected", 12345, "failed", "unknown"),
        ("delivered", 90, "delivered", None),
        ("Delivered", None, None, None),
        ("resting", 200, None, None),
    ],
)
def test_state_and_reason(word: str, code: int | None, state: str | None, reason: str | None) -> None:
    assert report_of(word, code) == (state, reason)
