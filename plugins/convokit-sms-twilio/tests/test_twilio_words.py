"""The tables of statuses and errors, compared with those that were collected from Twilio's documentation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from convokit_sms_twilio import convokit_sms_gateways
from convokit_sms_twilio.testing import TwilioApi
from convokit_sms_twilio.words import NOT_NOW, REASONS, STATES, reason_of, report_of

from convokit.domain.reasons import REASONS as CATEGORIES
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.testing import CALLBACK_URL, SmsTableContract, answered_json, posted_form

TABLES = json.loads((Path(__file__).parent / "twilio_tables.json").read_text(encoding="utf-8"))
API = TwilioApi()


class TestWords(SmsTableContract):
    (offer,) = convokit_sms_gateways()
    settings = API.settings("https://api.twilio.com")
    table = Path(__file__).parent / "twilio_tables.json"
    failing = "undelivered"

    def report(self, word: str, code: str) -> HttpRequest:
        told = {"MessageSid": "SM1", "MessageStatus": word, "From": "+13035550100", "To": "+13035550123"}
        return API.sign(posted_form(CALLBACK_URL, {**told, "ErrorCode": code} if code else told))

    def refused(self, code: str) -> HttpResponse:
        return answered_json(400, {"code": int(code), "message": "no", "status": 400})


def test_the_plugin_has_no_words_but_these() -> None:
    assert {row[0]: row[1] for row in TABLES["statuses"]} == STATES
    assert dict(map(tuple, TABLES["errors"])) == REASONS
    assert set(REASONS.values()) <= set(CATEGORIES)


def test_what_is_tried_later_is_a_refusal_that_passes() -> None:
    assert {REASONS[code] for code in NOT_NOW} == {"rate_limited"}


@pytest.mark.parametrize("code", [None, 0, 1, 19999, 21600, 30009, 63001, 999_999_999])
def test_a_number_that_nobody_knows_is_unknown(code: int | None) -> None:
    assert reason_of(code) == "unknown"


@pytest.mark.parametrize(
    ("word", "code", "state", "reason"),
    [
        ("undelivered", None, "failed", "unknown"),
        ("undelivered", 30003, "failed", "unreachable_temporary"),
        ("failed", 30036, "failed", "expired"),
        ("canceled", None, "failed", "cancelled"),
        ("canceled", 30007, "failed", "carrier_filtered"),
        ("delivered", 30003, "delivered", None),
        ("Delivered", None, None, None),
        ("", None, None, None),
        ("resting", 30003, None, None),
    ],
)
def test_state_and_reason(word: str, code: int | None, state: str | None, reason: str | None) -> None:
    assert report_of(word, code) == (state, reason)
