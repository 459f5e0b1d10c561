"""The tables of statuses and errors, compared with those that were collected from Vonage's documentation."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from convokit_sms_vonage import convokit_sms_gateways, older, words
from convokit_sms_vonage.testing import VonageApi, VonageSmsApi

from convokit.domain.reasons import REASONS as CATEGORIES
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.testing import CALLBACK_URL, RECEIVED_US, SmsTableContract, answered_json, posted_form, posted_json

TABLES = json.loads((Path(__file__).parent / "vonage_tables.json").read_text(encoding="utf-8"))
API, SMS_API = VonageApi(), VonageSmsApi()
API.now = lambda: datetime.fromtimestamp(RECEIVED_US / 1_000_000, UTC)


class TestWords(SmsTableContract):
    (offer,) = convokit_sms_gateways()
    settings = API.settings("https://api.nexmo.com")
    table = Path(__file__).parent / "vonage_tables.json"
    failing = "rejected"

    def report(self, word: str, code: str) -> HttpRequest:
        told = {"channel": "sms", "message_uuid": "u1", "client_ref": "m_1.1", "status": word}
        return API.sign(posted_json(CALLBACK_URL, {**told, "error": {"title": code}} if code else told))

    def refused(self, code: str) -> HttpResponse:
        return answered_json(422, {"type": f"https://developer.vonage.com/api-errors/messages#{code}", "detail": "no"})


class TestWordsOfTheOlderApi(SmsTableContract):
    (offer,) = older.convokit_sms_gateways()
    settings = SMS_API.settings("https://rest.nexmo.com")
    table = Path(__file__).parent / "vonage_tables.json"
    prefix = "sms_"
    failing = "failed"

    def report(self, word: str, code: str) -> HttpRequest:
        told = {"messageId": "u1", "msisdn": "13035550123", "to": "13035550100", "status": word}
        return posted_form(CALLBACK_URL, SMS_API.sign({**told, "err-code": code or "0"}))

    def refused(self, code: str) -> HttpResponse:
        return answered_json(200, {"message-count": "1", "messages": [{"status": code, "error-text": "no"}]})


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("statuses", words.STATES),
        ("errors", words.REASONS),
        ("sms_statuses", words.SMS_STATES),
        ("sms_errors", words.SMS_REASONS),
        ("sms_refusals", words.SMS_REFUSALS),
    ],
)
def test_the_plugin_has_no_words_but_these(name: str, table: dict[object, str]) -> None:
    assert {row[0]: row[1] for row in TABLES[name]} == table


def test_every_reason_is_a_category() -> None:
    tables = (words.REASONS, words.SMS_REASONS, words.SMS_REFUSALS, words.PROBLEMS, words.PARAMETERS)
    more = (words.WITHOUT_CODE, words.SMS_WITHOUT_CODE)
    assert {reason for table in (*tables, *more) for reason in table.values()} <= set(CATEGORIES)


def test_what_is_tried_later_is_a_refusal_that_passes() -> None:
    assert {words.REASONS[code] for code in words.NOT_NOW} == {"rate_limited"}
    assert {words.SMS_REFUSALS[code] for code in words.SMS_NOT_NOW} == {"rate_limited"}


@pytest.mark.parametrize(
    ("word", "code", "state", "reason"),
    [
        ("rejected", None, "failed", "unknown"),
        ("rejected", 1240, "failed", "opted_out"),
        ("rejected", 9999, "failed", "unknown"),
        ("undeliverable", None, "failed", "gateway_error"),
        ("undeliverable", 1190, "failed", "number_inactive"),
        ("submitted", 1220, "sent", None),
        ("Delivered", None, None, None),
        ("", None, None, None),
        ("resting", 1240, None, None),
    ],
)
def test_state_and_reason(word: str, code: int | None, state: str | None, reason: str | None) -> None:
    assert words.report_of(word, code) == (state, reason)


@pytest.mark.parametrize(
    ("word", "code", "state", "reason"),
    [
        ("failed", 6, "failed", "carrier_filtered"),
        ("expired", None, "failed", "expired"),
        ("expired", 1, "failed", "expired"),
        ("expired", 3, "failed", "number_inactive"),
        ("rejected", 999, "failed", "unknown"),
        ("unknown", 1, "sent", None),
        ("resting", 9, None, None),
    ],
)
def test_state_and_reason_of_a_receipt(word: str, code: int | None, state: str | None, reason: str | None) -> None:
    assert words.sms_report_of(word, code) == (state, reason)
