"""One connection as a state machine, with a clock of our own: nothing here waits or connects."""

from __future__ import annotations

import pytest
from convokit_sms_smpp.pdu import (
    BAD_COMMAND,
    BAD_LENGTH,
    BAD_TLVS,
    Bind,
    BindAnswer,
    Body,
    Command,
    Frames,
    Message,
    MessageAnswer,
    Nothing,
    Pdu,
    Unknown,
    decode,
    encode,
)
from convokit_sms_smpp.talk import Answered, Delivered, Late, Lost, NotTaken, Submitted, Talk
from hypothesis import given
from hypothesis import strategies as st

MESSAGE = Message(short_message=b"hello")


class Wire:
    """A connection and the other side of it."""

    def __init__(self, *, window: int = 2, bound: bool = True) -> None:
        self.talk = Talk(
            bind=Bind(system_id="desk", password="hush-hush"), window=window, silence=30, patience=10, now=0
        )
        self._frames = Frames()
        self.late: list[Answered] = []
        if bound:
            assert [pdu.command for pdu in self.said()] == [Command.BIND_TRANSCEIVER]
            self.tell(Command.BIND_TRANSCEIVER_RESP, 1, BindAnswer())

    def said(self, most: int = 1_000_000) -> list[Pdu]:
        data = self.talk.to_write()[:most]
        self.talk.wrote(len(data))
        return [decode(frame) for frame in self._frames.feed(data)]

    def tell(
        self, command: int, sequence: int, body: Body | None = None, *, status: int = 0, now: float = 0
    ) -> list[Delivered | Late]:
        pdu = Pdu(command=command, sequence=sequence, status=status, body=body or Nothing())
        return list(self.talk.hear(encode(pdu), now))

    def submit(self) -> Submitted:
        return self.talk.submit(MESSAGE, self.late.append)


def test_it_binds_before_anything_else() -> None:
    wire = Wire(bound=False)
    assert not wire.talk.has_room
    (bind,) = wire.said()
    assert isinstance(bind.body, Bind)
    assert bind.body.interface_version == 0x34
    wire.tell(Command.SUBMIT_SM_RESP, 1)
    wire.tell(Command.DELIVER_SM, 1, MESSAGE)
    assert wire.talk.state == "binding"
    wire.tell(Command.BIND_TRANSCEIVER_RESP, 1, BindAnswer())
    assert wire.talk.state == "bound"
    assert wire.talk.has_room


@pytest.mark.parametrize("command", [Command.BIND_TRANSCEIVER_RESP, Command.GENERIC_NACK])
def test_a_bind_may_be_refused(command: Command) -> None:
    wire = Wire(bound=False)
    wire.tell(command, 1, status=0x0E)
    assert (wire.talk.state, wire.talk.refused, wire.talk.was_bound) == ("dead", 0x0E, False)
    assert wire.talk.ended == "the bind was refused with 0x0000000e"


def test_a_bind_that_is_not_answered_ends_it() -> None:
    wire = Wire(bound=False)
    wire.talk.tick(9.9)
    assert wire.talk.state == "binding"
    wire.talk.tick(10)
    assert (wire.talk.state, wire.talk.ended) == ("dead", "no answer to the bind")


def test_no_more_leaves_than_the_window_has_room_for() -> None:
    wire = Wire(window=2)
    first, second = wire.submit(), wire.submit()
    assert not wire.talk.has_room
    wire.tell(Command.SUBMIT_SM_RESP, 3, MessageAnswer(message_id="b"))
    assert (first.reply, second.reply) == (None, Answered(status=0, message_id="b"))
    assert wire.talk.has_room
    wire.tell(Command.SUBMIT_SM_RESP, 2, status=0x58)
    assert first.reply == Answered(status=0x58)


def test_a_nack_answers_too_and_an_answer_to_nobody_is_nothing() -> None:
    wire = Wire()
    sent = wire.submit()
    assert wire.tell(Command.SUBMIT_SM_RESP, 77, MessageAnswer(message_id="x")) == []
    wire.tell(Command.GENERIC_NACK, 2, status=BAD_COMMAND)
    assert sent.reply == Answered(status=BAD_COMMAND)


def test_an_answer_without_sense_is_no_answer() -> None:
    wire = Wire()
    sent = wire.submit()
    wire.tell(Command.SUBMIT_SM_RESP, 2, Unknown(content=b"a\0\0\x01\xff"))
    assert sent.reply == Lost(why="an answer without sense")
    wire.tell(Command.SUBMIT_SM_RESP, 9, Unknown(content=b"a\0\0\x01\xff"))
    assert wire.talk.state == "bound"


def test_what_had_left_as_a_whole_is_lost_and_the_rest_was_not_taken() -> None:
    wire = Wire(window=3)
    wire.said()
    whole, cut, kept = wire.submit(), wire.submit(), wire.submit()
    wire.said(len(wire.talk.to_write()) // 3 + 5)
    wire.talk.die("cut")
    wire.talk.die("again")
    assert whole.reply == Lost(why="cut")
    assert cut.reply == kept.reply == NotTaken(why="cut")
    assert not wire.talk.has_room
    assert list(wire.talk.hear(encode(Pdu(command=Command.ENQUIRE_LINK, sequence=1)), 1)) == []


def test_an_answer_that_comes_late_is_told() -> None:
    wire = Wire(window=1)
    sent = wire.submit()
    wire.talk.stop_waiting(sent)
    assert wire.talk.has_room
    (late,) = wire.tell(Command.SUBMIT_SM_RESP, 2, MessageAnswer(message_id="b"))
    assert isinstance(late, Late)
    late.tell(late.answer)
    assert wire.late == [Answered(status=0, message_id="b")]
    assert wire.tell(Command.SUBMIT_SM_RESP, 2, MessageAnswer(message_id="b")) == []


def test_late_answers_are_waited_for_within_bounds() -> None:
    wire = Wire(window=2000)
    for sent in [wire.submit() for _ in range(1001)]:
        wire.talk.stop_waiting(sent)
    assert wire.tell(Command.SUBMIT_SM_RESP, 2) == []
    assert len(wire.tell(Command.SUBMIT_SM_RESP, 3)) == 1


def test_silence_is_asked_about_and_ends_it() -> None:
    wire = Wire()
    wire.said()
    wire.talk.tick(29)
    assert wire.said() == []
    wire.talk.tick(30)
    assert [pdu.command for pdu in wire.said()] == [Command.ENQUIRE_LINK]
    assert wire.talk.next_due() == 40
    wire.tell(Command.ENQUIRE_LINK_RESP, 2, now=35)
    assert wire.talk.next_due() == 65
    wire.talk.tick(65)
    wire.talk.tick(74)
    assert wire.talk.state == "bound"
    wire.talk.tick(75)
    wire.talk.tick(76)
    assert (wire.talk.state, wire.talk.ended) == ("dead", "no answer to whether it is there")


def test_it_answers_what_the_carrier_asks() -> None:
    wire = Wire()
    wire.said()
    assert wire.tell(Command.ENQUIRE_LINK, 5) == []
    (delivered,) = wire.tell(Command.DELIVER_SM, 6, MESSAGE)
    assert delivered == Delivered(sequence=6, message=MESSAGE)
    wire.talk.answer(delivered, 0x64)
    wire.tell(0x103, 7)
    wire.tell(Command.DELIVER_SM, 8, Unknown(content=b"\0"))
    wire.tell(Command.DELIVER_SM, 9, Unknown(content=b"\0" * 17 + b"\1\2"))
    wire.tell(0x80000103, 10)
    assert [(pdu.command, pdu.sequence, pdu.status) for pdu in wire.said()] == [
        (Command.ENQUIRE_LINK_RESP, 5, 0),
        (Command.DELIVER_SM_RESP, 6, 0x64),
        (Command.GENERIC_NACK, 7, BAD_COMMAND),
        (Command.GENERIC_NACK, 8, BAD_LENGTH),
        (Command.GENERIC_NACK, 9, BAD_TLVS),
    ]


def test_a_carrier_that_takes_leave_is_let_go() -> None:
    wire = Wire()
    wire.said()
    sent = wire.submit()
    wire.said()
    wire.tell(Command.UNBIND, 5)
    assert [pdu.command for pdu in wire.said()] == [Command.UNBIND_RESP]
    assert wire.talk.ended == "the carrier took leave"
    assert sent.reply == Lost(why="the carrier took leave")


def test_we_take_leave_and_wait_for_the_answer_but_not_for_ever() -> None:
    for answered in (True, False):
        wire = Wire()
        wire.said()
        wire.talk.leave(100)
        wire.talk.leave(100)
        assert [pdu.command for pdu in wire.said()] == [Command.UNBIND]
        assert not wire.talk.has_room
        assert len(wire.tell(Command.DELIVER_SM, 6, MESSAGE)) == 1
        if answered:
            wire.tell(Command.UNBIND_RESP, 2)
        else:
            wire.talk.tick(110)
        assert wire.talk.ended == ("we took leave" if answered else "no answer to our leave")
        wire.talk.leave(120)


def test_what_is_no_smpp_ends_it() -> None:
    wire = Wire()
    assert list(wire.talk.hear(b"HTTP/1.1 400 Bad Request\r\n\r\n", 1)) == []
    assert (wire.talk.state, wire.talk.ended) == ("dead", "it says what is no SMPP: a unit of impossible length")


def test_sequence_numbers_begin_again() -> None:
    wire = Wire()
    wire.said()
    wire.talk._sequence = 0x7FFF_FFFE
    wire.submit()
    wire.submit()
    assert [pdu.sequence for pdu in wire.said()] == [0x7FFF_FFFF, 1]


@given(st.lists(st.binary(max_size=100), max_size=5), st.booleans())
def test_nothing_that_is_heard_raises(heard: list[bytes], bound: bool) -> None:
    wire = Wire(bound=bound)
    for number, data in enumerate(heard):
        for news in wire.talk.hear(data, number):
            assert isinstance(news, Delivered)
            wire.talk.answer(news, 0)
    wire.talk.tick(1_000)
