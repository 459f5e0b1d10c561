"""The tables of statuses and errors, compared with those that were collected from Twilio's documentation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from convokit_sms_twilio.words import NOT_NOW, REASONS, STATES, reason_of, report_of

from convokit.domain.reasons import REASONS as CATEGORIES

TABLES = json.loads((Path(__file__).parent / "twilio_tables.json").read_text(encoding="utf-8"))


def test_every_status() -> None:
    assert dict(TABLES["statuses"]) == STATES


def test_every_error_number() -> None:
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
