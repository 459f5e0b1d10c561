"""The tables of codes: one row per kind of answer that servers give."""

from __future__ import annotations

import pytest
from convokit_mail_smtp.words import (
    ANY_STAGE,
    BASIC,
    ENHANCED,
    ENHANCED_SUBJECT,
    POLICY,
    RAW_LIMIT,
    Stage,
    refusal,
)

from convokit.domain.reasons import REASONS
from convokit.outcomes import Refused, TryLater


@pytest.mark.parametrize(
    ("stage", "code", "words", "reason"),
    [
        ("connect", 554, "5.3.2 no mail here", "account_problem"),
        ("login", 535, "5.7.8 wrong", "account_problem"),
        ("login", 504, "unknown method", "account_problem"),
        ("sender", 550, "no", "sender_invalid"),
        ("sender", 550, "5.7.1 not allowed to send as", "sender_invalid"),
        ("sender", 552, "too large", "media_problem"),
        ("sender", 530, "5.7.0 authentication required", "sender_invalid"),
        ("recipient", 550, "no such user", "invalid_number"),
        ("recipient", 550, "5.1.1\n5.1.1 see https://support.example", "invalid_number"),
        ("recipient", 550, "5.1.10 null MX", "invalid_number"),
        ("recipient", 551, "moved", "number_inactive"),
        ("recipient", 550, "5.2.1 disabled", "number_inactive"),
        ("recipient", 552, "5.2.2 mailbox full", "unreachable_temporary"),
        ("recipient", 550, "5.4.1 no answer", "gateway_error"),
        ("recipient", 554, "5.7.1 blocked", "recipient_blocked"),
        ("recipient", 554, "5.7.1 <x>: Relay access denied", "account_problem"),
        ("recipient", 550, "relaying denied", "account_problem"),
        ("recipient", 556, "does not take mail", "invalid_number"),
        ("content", 552, "too large", "media_problem"),
        ("content", 552, "5.3.4 too large", "media_problem"),
        ("content", 554, "spam", "carrier_filtered"),
        ("content", 554, "5.6.0 broken", "content_rejected"),
        ("content", 550, "5.7.26 DMARC", "sender_invalid"),
        ("content", 550, "5.7.28 flood", "rate_limited"),
        ("content", 550, "5.0.0 other", "unknown"),
        ("content", 550, "5.9.9 other", "unknown"),
        ("content", 599, "other", "unknown"),
        ("content", 550, "5.7.1suffix", "carrier_filtered"),
        ("recipient", 501, "syntax", "gateway_error"),
        ("sender", 555, "parameter", "gateway_error"),
    ],
)
def test_refused_for_good(stage: Stage, code: int, words: str, reason: str) -> None:
    found = refusal(stage, code, words.encode())
    assert isinstance(found, Refused)
    assert found.reason == reason
    assert found.raw == " ".join(f"{code} {words}".split())


@pytest.mark.parametrize(
    ("stage", "code", "words"),
    [
        ("connect", 421, "4.7.0 come back"),
        ("recipient", 450, "greylisted"),
        ("recipient", 452, "4.5.3 too many"),
        ("recipient", 552, "too many recipients"),
        ("content", 451, "5.7.1 contradiction"),
        ("connect", -1, ""),
        ("content", 250, "what?"),
    ],
)
def test_for_later(stage: Stage, code: int, words: str) -> None:
    assert refusal(stage, code, words.encode()) == TryLater(raw=f"{code} {words}".strip())


def test_every_category_of_the_tables_is_known() -> None:
    for table in (ENHANCED, ENHANCED_SUBJECT, POLICY, BASIC, ANY_STAGE):
        assert set(table.values()) <= REASONS.keys()


def test_a_servers_words_are_bounded_and_on_one_line() -> None:
    found = refusal("content", 554, b"a\r\nb\xff" + b"x" * 10_000)
    assert len(found.raw) == RAW_LIMIT
    assert found.raw.startswith("554 a b\ufffdx")
