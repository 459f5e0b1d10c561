"""Receipts by parameters and by words, the notations of ids, and the tables of numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from attrs import evolve
from convokit_sms_smpp import SmppSettings
from convokit_sms_smpp.pdu import Address, Message, Tag
from convokit_sms_smpp.receipts import answered_id, is_receipt, report_of
from convokit_sms_smpp.words import NO_ACCOUNT, NOT_NOW, STATES, STATUS, WORDS, refusal
from hypothesis import given
from hypothesis import strategies as st

from convokit.domain.reasons import REASONS

SETTINGS = SmppSettings(host="smsc.example", system_id="desk", password="hush-hush")
TABLES = json.loads((Path(__file__).parent / "smpp_tables.json").read_text(encoding="utf-8"))
WORDS_OF = (
    "id:0a1b sub:001 dlvrd:001 submit date:2601010000 done date:2601010001 stat:{} err:011 text:id:9 stat:DELIVRD"
)


def receipt(words: str = "", *, esm_class: int = 4, coding: int = 0, **tlvs: bytes) -> Message:
    data = words.encode("utf-16-be" if coding == 8 else "latin-1")
    return Message(
        source=Address(ton=1, npi=1, digits="13035550123"),
        destination=Address(ton=1, npi=1, digits="13035550100"),
        esm_class=esm_class,
        data_coding=coding,
        short_message=data,
        tlvs=tuple((Tag[name.upper()], value) for name, value in tlvs.items()),
    )


@pytest.mark.parametrize(("word", "state", "reason"), TABLES["words"])
def test_the_words_mean_what_the_table_says(word: str, state: str, reason: str | None) -> None:
    report = report_of(SETTINGS, receipt(WORDS_OF.format(word)))
    assert (report.provider_id, report.state, report.reason) == ("0a1b", state, reason)
    assert report.raw == f"stat:{word} err:011"
    by_number = report_of(SETTINGS, receipt(message_state=bytes((WORDS[word],))))
    assert (by_number.state, by_number.reason) == (state, reason)


@pytest.mark.parametrize(("status", "reason"), TABLES["status"])
def test_a_status_means_what_the_table_says(status: str, reason: str) -> None:
    number = int(status, 16)
    assert refusal(number) == reason
    assert (number in NOT_NOW) == (status in TABLES["not_final"])


def test_the_tables_are_whole_and_use_known_categories() -> None:
    assert len(TABLES["status"]) == len(STATUS)
    assert {word for word, *_ in TABLES["words"]} == set(WORDS)
    assert set(STATUS.values()) | {reason for _, reason in STATES.values() if reason} <= set(REASONS)
    assert set(STATUS) > NO_ACCOUNT
    assert refusal(0x4FF) == "unknown"


@pytest.mark.parametrize(
    ("message", "identity", "state", "raw"),
    [
        (receipt("id:7 stat:DELIVRD", message_state=b"\5"), "7", "failed", "message_state:5 stat:DELIVRD"),
        (receipt("id:7 stat:DELIVRD", receipted_message_id=b"8\0"), "8", "delivered", "stat:DELIVRD"),
        (receipt("ID:7 STAT:delivrd ERR:000"), "7", "delivered", "stat:delivrd err:000"),
        (receipt("id:7 stat:SKIPPED"), "7", None, "stat:SKIPPED"),
        (receipt("id:7", message_state=b"\x63"), "7", None, "message_state:99"),
        (receipt("id: stat:DELIVRD"), None, "delivered", "stat:DELIVRD"),
        (receipt(""), None, None, ""),
        (receipt("id:7 stat:DELIVRD text:🐶", coding=8), "7", "delivered", "stat:DELIVRD"),
        (
            receipt("id:7 stat:UNDELIV", network_error_code=b"\3\0\x0b"),
            "7",
            "failed",
            "stat:UNDELIV network_error:03000b",
        ),
        (receipt("id:7 stat:DELIVRD", message_state=b"", receipted_message_id=b"\0"), "7", "delivered", "stat:DELIVRD"),
    ],
)
def test_parameters_come_before_words(message: Message, identity: str | None, state: str | None, raw: str) -> None:
    report = report_of(SETTINGS, message)
    assert (report.provider_id, report.state, report.raw, report.attempt_id) == (identity, state, raw, None)


@pytest.mark.parametrize(
    ("how", "answered", "told", "named"),
    [
        ("same", "0A1B", "0A1B", b"0A1B\0"),
        ("hex-decimal", "0000ABCD", "0000043981", b"0000ABCD\0"),
        ("hex-decimal", "abcd", "43981", b"ABCD\0"),
        ("decimal-hex", "43981", "ABCD", b"43981\0"),
        ("decimal-hex", "0043981", "0000abcd", b"43981\0"),
        ("hex-decimal", "peer-1", "peer-1", b"peer-1\0"),
        ("hex-decimal", "peer1", "peer1", b"peer1\0"),
    ],
)
def test_a_receipt_finds_its_text_in_either_notation(how: str, answered: str, told: str, named: bytes) -> None:
    settings = evolve(SETTINGS, message_ids=how)
    wanted = answered_id(settings, answered)
    assert wanted
    assert report_of(settings, receipt(f"id:{told} stat:DELIVRD")).provider_id == wanted
    assert report_of(settings, receipt(receipted_message_id=named)).provider_id == wanted


@given(st.integers(0, 2**64))
def test_any_number_is_found_in_either_notation(number: int) -> None:
    for how, answered, told in (("hex-decimal", f"{number:x}", number), ("decimal-hex", number, f"{number:08X}")):
        settings = evolve(SETTINGS, message_ids=how)
        report = report_of(settings, receipt(f"id:{told} stat:DELIVRD"))
        assert report.provider_id == answered_id(settings, str(answered))


def test_an_empty_id_is_none() -> None:
    assert answered_id(SETTINGS, "") is None
    assert answered_id(evolve(SETTINGS, message_ids="hex-decimal"), "") is None


def test_our_own_id_comes_back_in_a_parameter_of_the_carriers() -> None:
    settings = evolve(SETTINGS, id_tlv=0x1501)
    message = evolve(receipt("id:7 stat:DELIVRD"), tlvs=((0x1501, b"m_1.1\0"),))
    assert report_of(settings, message).attempt_id == "m_1.1"
    assert report_of(settings, receipt("id:7 stat:DELIVRD")).attempt_id is None


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        (receipt(), True),
        (receipt(esm_class=0x44), True),
        (receipt(esm_class=0x20), True),
        (receipt(esm_class=0), False),
        (receipt(esm_class=0, receipted_message_id=b"7\0"), False),
        (receipt(esm_class=0, receipted_message_id=b"7\0", message_state=b"\2"), True),
        (receipt(esm_class=0x08), False),
        (receipt(esm_class=0x40), False),
    ],
)
def test_what_is_a_receipt(message: Message, answer: bool) -> None:
    assert is_receipt(message) is answer


@given(st.binary(max_size=254), st.integers(0, 255), st.lists(st.tuples(st.sampled_from(Tag), st.binary(max_size=300))))
def test_any_receipt_is_read_without_raising(data: bytes, coding: int, tlvs: list[tuple[int, bytes]]) -> None:
    report = report_of(SETTINGS, Message(short_message=data, data_coding=coding, tlvs=tuple(tlvs)))
    assert len(report.raw) <= 500
    assert len(report.provider_id or "") <= 200
