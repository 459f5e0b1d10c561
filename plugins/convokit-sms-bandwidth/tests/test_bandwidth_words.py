"""The tables of words and numbers, compared with those that were collected from Bandwidth's documentation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from convokit_sms_bandwidth import convokit_sms_gateways
from convokit_sms_bandwidth.testing import BandwidthApi
from convokit_sms_bandwidth.words import PARAMETERS, REASONS, STATES, UNCONFIRMED, report_of

from convokit.domain.reasons import REASONS as CATEGORIES
from convokit.ports.wire import HttpRequest
from convokit.testing import CALLBACK_URL, SmsTableContract, posted_json

TABLES = json.loads((Path(__file__).parent / "bandwidth_tables.json").read_text(encoding="utf-8"))
BASIC = {"Authorization": "Basic YmFuZHdpZHRoOmEtY2FsbGJhY2stcGFzc3dvcmQtNDcxMQ=="}


class TestWords(SmsTableContract):
    (offer,) = convokit_sms_gateways()
    settings = BandwidthApi().settings("https://messaging.bandwidth.com")
    table = Path(__file__).parent / "bandwidth_tables.json"
    failing = "message-failed"

    def report(self, word: str, code: str) -> HttpRequest:
        """Words of other kinds of events do not begin with ``message-``."""
        event = {"type": word, "to": "+13035550123", "message": {"id": "m1", "tag": "m_1.1", "time": "", "text": ""}}
        return posted_json(CALLBACK_URL, [{**event, "errorCode": code} if code else event], BASIC)


def test_the_plugin_has_no_words_but_these() -> None:
    assert dict(TABLES["statuses"]) == STATES
    assert dict(map(tuple, TABLES["errors"])) == REASONS
    assert set(TABLES["unconfirmed"]) == UNCONFIRMED
    assert {*REASONS.values(), *PARAMETERS.values()} <= set(CATEGORIES)


@pytest.mark.parametrize("code", TABLES["service_faults"])
def test_faults_of_the_service_have_no_table(code: int) -> None:
    assert report_of("message-failed", code) == ("failed", "gateway_error")


@pytest.mark.parametrize("code", TABLES["unconfirmed"])
def test_a_receipt_that_never_came_is_no_failure(code: int) -> None:
    assert report_of("message-failed", code) == ("sent", None)


@pytest.mark.parametrize("code", [None, 4999, 6000, 9903, 1])
def test_numbers_that_nobody_knows_are_unknown(code: int | None) -> None:
    assert report_of("message-failed", code) == ("failed", "unknown")
