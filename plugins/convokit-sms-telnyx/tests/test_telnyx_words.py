"""The tables of statuses and errors, compared with those that were collected from Telnyx's documentation."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from convokit_sms_telnyx import convokit_sms_gateways
from convokit_sms_telnyx.testing import TelnyxApi
from convokit_sms_telnyx.words import NOT_NOW, REASONS, RECORDED, STATES, reason_of, report_of

from convokit.domain.reasons import REASONS as CATEGORIES
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.testing import CALLBACK_URL, RECEIVED_US, SmsTableContract, answered_json, posted_json

TABLES = json.loads((Path(__file__).parent / "telnyx_tables.json").read_text(encoding="utf-8"))
API = TelnyxApi()
API.now = lambda: datetime.fromtimestamp(RECEIVED_US / 1_000_000, UTC)


class TestWords(SmsTableContract):
    (offer,) = convokit_sms_gateways()
    settings = API.settings("https://api.telnyx.com")
    table = Path(__file__).parent / "telnyx_tables.json"
    failing = "delivery_failed"

    def report(self, word: str, code: str) -> HttpRequest:
        payload = {"id": "t1", "to": [{"status": word}], "errors": [{"code": code}] if code else []}
        data = {"id": "ev-1", "event_type": "message.finalized", "payload": payload}
        return API.sign(posted_json(CALLBACK_URL, {"data": data}))

    def refused(self, code: str) -> HttpResponse:
        return answered_json(400, {"errors": [{"code": code, "title": "no"}]})


def test_the_plugin_has_no_words_but_these() -> None:
    assert {row[0]: row[1] for row in TABLES["statuses"]} == STATES
    assert dict(map(tuple, TABLES["errors"])) == REASONS
    assert set(REASONS.values()) <= set(CATEGORIES)


def test_what_is_tried_later_is_a_refusal_that_passes() -> None:
    assert {REASONS[code] for code in NOT_NOW} == {"rate_limited"}


@pytest.mark.parametrize("codes", [(), (0,), (10000,), (40007,), (49999, 1), (999_999_999,)])
def test_numbers_that_nobody_knows_are_unknown(codes: tuple[int, ...]) -> None:
    assert reason_of(codes) == "unknown"


@pytest.mark.parametrize(
    ("word", "codes", "state", "reason"),
    [
        ("delivery_failed", (), "failed", "unknown"),
        ("delivery_failed", (40008,), "failed", "unknown"),
        ("sending_failed", (49999, 40010), "failed", "sender_unregistered"),
        ("expired", (), "failed", "expired"),
        ("expired", (40008,), "failed", "expired"),
        ("expired", (40002,), "failed", "carrier_filtered"),
        ("delivered", (40002,), "delivered", None),
        ("delivery_unconfirmed", (), "sent", None),
        ("Delivered", (), None, None),
        ("", (), None, None),
        ("resting", (40002,), None, None),
        ("gw_reject", (40002,), None, None),
    ],
)
def test_state_and_reason(word: str, codes: tuple[int, ...], state: str | None, reason: str | None) -> None:
    assert report_of(STATES, word, codes) == (state, reason)


@pytest.mark.parametrize(
    ("word", "codes", "state", "reason"),
    [
        ("gw_reject", (40002,), "failed", "carrier_filtered"),
        ("gw_timeout", (), "failed", "unknown"),
        ("dlr_timeout", (), "sent", None),
        ("dlr_unconfirmed", (), "sent", None),
        ("delivered", (), "delivered", None),
        ("received", (), None, None),
    ],
)
def test_detail_records_have_words_of_their_own(
    word: str, codes: tuple[int, ...], state: str | None, reason: str | None
) -> None:
    assert report_of(RECORDED, word, codes) == (state, reason)
