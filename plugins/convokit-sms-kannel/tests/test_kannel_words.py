"""The tables of bits, numbers and receipts, compared with those that were collected from Kannel and SMPP documents."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import urlencode

import pytest
from convokit_sms_kannel import convokit_sms_gateways
from convokit_sms_kannel.testing import WEBHOOK_PASSWORD, WEBHOOK_USER, KannelApi
from convokit_sms_kannel.words import COMMAND_STATUS, RECEIPT, report

from convokit.domain.reasons import REASONS as CATEGORIES
from convokit.ports.wire import HttpRequest
from convokit.testing import CALLBACK_URL, SmsTableContract

TABLES = json.loads((Path(__file__).parent / "kannel_tables.json").read_text(encoding="utf-8"))
BASIC = base64.b64encode(f"{WEBHOOK_USER}:{WEBHOOK_PASSWORD}".encode()).decode()


class TestWords(SmsTableContract):
    """Kannel's words are sums of bits, its numbers those of SMPP; its refusals have words only."""

    (offer,) = convokit_sms_gateways()
    settings = KannelApi().settings("http://127.0.0.1:13013")
    table = Path(__file__).parent / "kannel_tables.json"
    failing = "16"

    def report(self, word: str, code: str) -> HttpRequest:
        told = {"event": "dlr", "id": "m_1.1", "type": word, "fid": "", "reply": f"NACK/{code}/no" if code else ""}
        headers = (("Authorization", f"Basic {BASIC}"),)
        return HttpRequest(method="GET", url=f"{CALLBACK_URL}?{urlencode(told)}", headers=headers)


@pytest.mark.parametrize(("word", "state", "reason"), TABLES["receipts"])
def test_a_receipt_means_what_the_table_says(word: str, state: str, reason: str | None) -> None:
    assert report("0", f"id:1 sub:001 stat:{word} err:000") == (state, reason)


def test_the_plugin_has_no_words_but_these() -> None:
    assert {int(code, 16): reason for code, reason in TABLES["errors"]} == COMMAND_STATUS
    assert {word: (state, reason) for word, state, reason in TABLES["receipts"]} == RECEIPT
    assert set(COMMAND_STATUS.values()) <= set(CATEGORIES)
