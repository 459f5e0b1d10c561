"""The tables of statuses and errors, compared with those that were collected from Plivo's documentation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from convokit_sms_plivo.words import PARAMETERS, REASONS, STATES, STATUSES, report_of

from convokit.domain.reasons import REASONS as CATEGORIES

TABLES = json.loads((Path(__file__).parent / "plivo_tables.json").read_text(encoding="utf-8"))


def test_every_status() -> None:
    assert dict(TABLES["statuses"]) == STATES


def test_every_error_number() -> None:
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
