"""Clients' long texts: parts in any order, twice, cut in the middle of a pair, or never."""

from __future__ import annotations

import itertools

import pytest
from attrs import evolve
from convokit_sms_smpp.assembling import MOST_WAITING, Assembler, Part, Waiting, joined, split
from convokit_sms_smpp.pdu import Message, Tag
from convokit_sms_smpp.testing import inbound
from hypothesis import given
from hypothesis import strategies as st

ANA, OURS = "+13035550123", "+13035550100"
TEXT = "It’s Bella 🐶🐱 again: " * 10


def add(assembler: Assembler, message: Message, now: float = 0) -> Waiting:
    part, content = split(message)
    assert part is not None
    return assembler.add(message, part, content, f"id-{now}", now)


@pytest.mark.parametrize("text", [TEXT, "plain " * 60, "[€] " * 60])
def test_parts_in_any_order_are_one_text(text: str) -> None:
    for order in itertools.permutations(inbound(ANA, OURS, text, 3)):
        assembler = Assembler(60)
        waiting = [add(assembler, message) for message in order]
        assert [one.is_whole for one in (waiting[-1], waiting[0])] == [True, True]
        assert joined(waiting[-1], "gsm7") == text
        assembler.forget(waiting[-1])
        assert assembler.next_due(0) is None


def test_pairs_may_be_cut_by_the_phone() -> None:
    data = "🐶".encode("utf-16-be")
    pieces = [(b"\x00a" + data[:2]), data[2:]]
    assembler = Assembler(60)
    for number, piece in enumerate(pieces, start=1):
        message = Message(esm_class=0x40, data_coding=8, short_message=bytes((5, 0, 3, 1, 2, number)) + piece)
        waiting = add(assembler, message)
    assert joined(waiting, "gsm7") == "a🐶"


def test_a_part_that_comes_twice_is_one_part() -> None:
    first, second = inbound(ANA, OURS, TEXT, 2)
    assembler = Assembler(60)
    add(assembler, first)
    assert not add(assembler, first, 1).is_whole
    whole = add(assembler, second, 2)
    assert (joined(whole, "gsm7"), whole.name) == (TEXT, "id-0")


def test_a_reference_may_be_used_again_before_its_time() -> None:
    first, _ = inbound(ANA, OURS, TEXT, 2)
    other, rest = inbound(ANA, OURS, "another text altogether", 2)
    assembler = Assembler(60)
    add(assembler, first)
    add(assembler, other)
    assert joined(add(assembler, rest), "gsm7") == "another text altogether"
    (left,) = assembler.overdue(0)
    assert joined(left, "gsm7").endswith("[...]")


def test_two_clients_may_use_one_reference() -> None:
    assembler = Assembler(60)
    for sender in (ANA, "+13035550144"):
        add(assembler, inbound(sender, OURS, f"from {sender} " * 20, 2)[0])
    for sender in (ANA, "+13035550144"):
        whole = add(assembler, inbound(sender, OURS, f"from {sender} " * 20, 2)[1])
        assert joined(whole, "gsm7") == f"from {sender} " * 20


def test_after_a_while_a_text_is_what_is_there() -> None:
    first, _, third = inbound(ANA, OURS, "a" * 30 + "b" * 30 + "c" * 30, 3)
    assembler = Assembler(60)
    add(assembler, first, 10)
    add(assembler, third, 20)
    assert assembler.overdue(69) == ()
    assert assembler.next_due(69) == 70
    (left,) = assembler.overdue(70)
    assert joined(left, "gsm7") == "a" * 30 + " [...] " + "c" * 30
    assert assembler.overdue(71) == (left,), "it is offered until it was taken"
    assert assembler.next_due(71) == 76
    assembler.forget(left)
    assert assembler.overdue(72) == ()


def test_a_part_that_was_not_stored_comes_again() -> None:
    first, second = inbound(ANA, OURS, TEXT, 2)
    assembler = Assembler(60)
    waiting = add(assembler, first)
    assembler.take_back(add(assembler, second), 2)
    assert not waiting.is_whole
    assert joined(add(assembler, second), "gsm7") == TEXT
    assembler.take_back(waiting, 1)
    assembler.take_back(waiting, 2)
    assert assembler.all() == ()


def test_at_the_end_everything_is_given() -> None:
    assembler = Assembler(60)
    for number in range(3):
        add(assembler, inbound(f"+1303555010{number}", OURS, TEXT, 2)[0])
    assert len(assembler.all()) == 3


def test_it_holds_a_bounded_number_of_texts() -> None:
    assembler = Assembler(60)
    first = inbound(ANA, OURS, TEXT, 2)[0]
    for number in range(MOST_WAITING + 5):
        add(assembler, evolve(first, source=evolve(first.source, digits=str(number))))
    assert len(assembler.overdue(0)) == 5


@pytest.mark.parametrize(
    ("message", "part", "content"),
    [
        (Message(short_message=b"hi"), None, b"hi"),
        (Message(esm_class=0x40, short_message=b"\5\0\3\7\2\1hi"), Part(reference=7, total=2, number=1), b"hi"),
        (Message(esm_class=0x40, short_message=b"\6\x08\4\1\7\2\2hi"), Part(reference=263, total=2, number=2), b"hi"),
        (
            Message(esm_class=0x40, short_message=b"\x0a\x24\3abc\0\3\7\2\1hi"),
            Part(reference=7, total=2, number=1),
            b"hi",
        ),
        (Message(esm_class=0x40, short_message=b"\5\0\3\7\1\1hi"), None, b"hi"),
        (Message(esm_class=0x40, short_message=b"\5\0\3\7\2\3hi"), None, b"hi"),
        (Message(esm_class=0x40, short_message=b"\5\0\3\7\2\0hi"), None, b"hi"),
        (Message(esm_class=0x40, short_message=b"\4\x05\2\1\1hi"), None, b"hi"),
        (Message(esm_class=0x40, short_message=b"\5\0\x09\7\2\1hi"), None, b"hi"),
        (Message(esm_class=0x40, short_message=b"\x40hi"), None, b"\x40hi"),
        (Message(esm_class=0x40, short_message=b""), None, b""),
        (
            Message(tlvs=((Tag.MESSAGE_PAYLOAD, b"\5\0\3\7\2\1hi"),), esm_class=0x40),
            Part(reference=7, total=2, number=1),
            b"hi",
        ),
        (
            Message(
                short_message=b"hi",
                tlvs=(
                    (Tag.SAR_MSG_REF_NUM, b"\1\7"),
                    (Tag.SAR_TOTAL_SEGMENTS, b"\2"),
                    (Tag.SAR_SEGMENT_SEQNUM, b"\1"),
                ),
            ),
            Part(reference=263, total=2, number=1),
            b"hi",
        ),
        (Message(short_message=b"hi", tlvs=((Tag.SAR_TOTAL_SEGMENTS, b"\2"),)), None, b"hi"),
    ],
)
def test_where_a_message_stands_in_a_long_text(message: Message, part: Part | None, content: bytes) -> None:
    assert split(message) == (part, content)


@given(st.binary(max_size=140), st.sampled_from([0, 0x40]))
def test_no_header_breaks_the_reading(data: bytes, esm_class: int) -> None:
    part, content = split(Message(esm_class=esm_class, short_message=data))
    assert data.endswith(content)
    assert part is None or 1 <= part.number <= part.total
