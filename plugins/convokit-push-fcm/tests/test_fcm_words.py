"""Every error of the service leads to what its documentation says; the table is a copy of that."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from convokit_push_fcm.send import outcome_of
from convokit_push_fcm.testing import ERROR, error

from convokit.outcomes import Accepted, Refused, TryLater, Unsure
from convokit.ports.push import TokenGone
from convokit.ports.wire import HttpResponse
from convokit.testing import answered_json

TABLE: list[dict[str, Any]] = json.loads((Path(__file__).parent / "fcm_errors.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", TABLE, ids=[f"{row['status']}-{row['code']}-{row['becomes']}" for row in TABLE])
def test_an_error_becomes_what_the_table_says(row: dict[str, Any]) -> None:
    kind = f"type.googleapis.com/{row['kind']}" if "kind" in row else ERROR
    found = outcome_of(error(row["status"], row["word"], row["code"], kind))
    match row["becomes"]:
        case "gone":
            assert isinstance(found, TokenGone)
        case "later":
            assert isinstance(found, TryLater)
        case reason:
            assert isinstance(found, Refused)
            assert found.reason == reason


@pytest.mark.parametrize(
    "body",
    [
        {"error": "x"},
        {"error": {"details": "x", "status": 5}},
        {"error": {"details": [5, None, {"@type": ERROR}], "status": "lower case"}},
        {"error": {"details": [{"@type": ERROR, "errorCode": ["x"]}]}},
    ],
)
def test_p18_odd_errors_drop_nothing(body: object) -> None:
    assert outcome_of(answered_json(400, body)) == Refused(reason="unknown", raw="400")


def test_p19_the_words_of_an_error_are_not_kept() -> None:
    told = error(404, "NOT_FOUND", "UNREGISTERED")
    assert outcome_of(told) == TokenGone(raw="404 UNREGISTERED")


@pytest.mark.parametrize("name", ["", None, 5, "x" * 201])
def test_success_without_a_name_is_no_success(name: object) -> None:
    assert isinstance(outcome_of(answered_json(200, {"name": name})), Unsure)
    assert outcome_of(answered_json(200, {"name": "projects/p/messages/1"})) == Accepted(
        provider_id="projects/p/messages/1"
    )


def test_a_status_that_nobody_expects() -> None:
    assert isinstance(outcome_of(HttpResponse(status=302)), Unsure)
