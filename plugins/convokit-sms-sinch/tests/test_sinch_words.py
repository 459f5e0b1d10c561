"""The tables of words and numbers, compared with those that were collected from Sinch's documentation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from convokit_sms_sinch import convokit_sms_gateways
from convokit_sms_sinch.testing import SinchApi
from convokit_sms_sinch.words import PARAMETERS, REASONS, REFUSALS, STATES, WITHOUT_CODE, report_of

from convokit.domain.reasons import REASONS as CATEGORIES
from convokit.ports.wire import HttpRequest
from convokit.testing import CALLBACK_URL, SmsTableContract, posted_json

TABLES = json.loads((Path(__file__).parent / "sinch_tables.json").read_text(encoding="utf-8"))
API = SinchApi(webhook_password="a-callback-password-4711")


class TestWords(SmsTableContract):
    (offer,) = convokit_sms_gateways()
    settings = API.settings("https://us.sms.api.sinch.com")
    table = Path(__file__).parent / "sinch_tables.json"
    failing = "Failed"

    def report(self, word: str, code: str) -> HttpRequest:
        told = {"type": "recipient_delivery_report_sms", "batch_id": "b1", "status": word, "client_reference": "m_1.1"}
        return API.sign(posted_json(CALLBACK_URL, {**told, "code": code} if code else told))


def test_the_plugin_has_no_words_but_these() -> None:
    assert {row[0].capitalize(): row[1] for row in TABLES["statuses"]} == STATES
    assert {row[0]: row[2] for row in TABLES["statuses"] if len(row) > 2 and not row[0].isupper()} == WITHOUT_CODE
    assert dict(map(tuple, TABLES["errors"])) == REASONS
    categories = {*REASONS.values(), *WITHOUT_CODE.values(), *REFUSALS.values(), *PARAMETERS.values()}
    assert categories <= set(CATEGORIES)


@pytest.mark.parametrize(
    ("word", "code", "state", "reason"),
    [
        ("Expired", 399, "failed", "expired"),
        ("Expired", 152, "failed", "landline"),
        ("Deleted", None, "failed", "unknown"),
        ("Delivered", 152, "delivered", None),
        ("Dispatched", 401, "sent", None),
        ("delivered", None, None, None),
    ],
)
def test_state_and_reason(word: str, code: int | None, state: str | None, reason: str | None) -> None:
    assert report_of(word, code) == (state, reason)
