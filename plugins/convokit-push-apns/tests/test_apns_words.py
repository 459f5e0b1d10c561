"""Every word of Apple's leads to what its documentation says; the table is a copy of that."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from convokit_push_apns.send import outcome_of
from convokit_push_apns.testing import said

from convokit.outcomes import Accepted, Refused, TryLater, Unsure
from convokit.ports.push import TokenGone
from convokit.ports.wire import HttpResponse
from convokit.testing import answered_json

TABLE: list[dict[str, Any]] = json.loads((Path(__file__).parent / "apns_errors.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", TABLE, ids=[f"{row['status']}-{row['word']}" for row in TABLE])
def test_a_word_becomes_what_the_table_says(row: dict[str, Any]) -> None:
    found = outcome_of(said(row["status"], row["word"]))
    match row["becomes"]:
        case "gone":
            assert isinstance(found, TokenGone)
        case "later":
            assert isinstance(found, TryLater)
        case reason:
            assert isinstance(found, Refused)
            assert found.reason == reason


def test_apple_wants_no_new_signature_too_soon() -> None:
    assert outcome_of(said(429, "TooManyProviderTokenUpdates")) == TryLater(
        raw="429 TooManyProviderTokenUpdates", after=1_200
    )


@pytest.mark.parametrize(
    ("told", "since"),
    [
        ({"reason": "Unregistered", "timestamp": 1_800_000_000_123}, 1_800_000_000_123_000),
        ({"reason": "Unregistered", "timestamp": "soon"}, None),
        ({"reason": "Unregistered", "timestamp": True}, None),
        ({"reason": "Unregistered", "timestamp": -1}, None),
        ({"reason": "Unregistered", "timestamp": 10**20}, None),
        ({"reason": "Unregistered"}, None),
    ],
)
def test_since_when_a_token_is_gone(told: dict[str, object], since: int | None) -> None:
    assert outcome_of(answered_json(410, told)) == TokenGone(raw="410 Unregistered", since_us=since)


def test_odd_answers() -> None:
    assert outcome_of(HttpResponse(status=410)) == TokenGone(raw="410")
    assert outcome_of(answered_json(400, {"reason": 5})) == Refused(reason="unknown", raw="400")
    assert isinstance(outcome_of(HttpResponse(status=302)), Unsure)
    assert outcome_of(HttpResponse(status=200, headers=(("apns-id", "x" * 201),))) == Accepted()
