"""The tables of statuses and errors, compared with those that were collected from Vonage's documentation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from convokit_sms_vonage import words

from convokit.domain.reasons import REASONS as CATEGORIES

TABLES = json.loads((Path(__file__).parent / "vonage_tables.json").read_text(encoding="utf-8"))


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
def test_every_word_and_number(name: str, table: dict[object, str]) -> None:
    assert dict(map(tuple, TABLES[name])) == table


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
