"""The codec: what is written is read, rubbish is named, and somebody else's codec agrees byte for byte."""

from __future__ import annotations

import pytest
import smpp34
from convokit_sms_smpp.pdu import (
    BAD_TLVS,
    LARGEST,
    Address,
    Bind,
    BindAnswer,
    Body,
    Command,
    Frames,
    Message,
    MessageAnswer,
    Nothing,
    Pdu,
    PduError,
    Unknown,
    decode,
    encode,
)
from hypothesis import example, given
from hypothesis import strategies as st

octets = st.integers(0, 255)
strings = st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=20)
tlvs = st.lists(st.tuples(st.integers(0, 0xFFFF), st.binary(max_size=40)), max_size=4).map(tuple)
addresses = st.builds(Address, ton=octets, npi=octets, digits=strings)
messages = st.builds(
    Message,
    service_type=strings,
    source=addresses,
    destination=addresses,
    esm_class=octets,
    protocol_id=octets,
    priority=octets,
    schedule=strings,
    validity=strings,
    registered_delivery=octets,
    replace=octets,
    data_coding=octets,
    default_id=octets,
    short_message=st.binary(max_size=255),
    tlvs=tlvs,
)
binds = st.builds(
    Bind,
    system_id=strings,
    password=strings,
    system_type=strings,
    interface_version=octets,
    ton=octets,
    npi=octets,
    address_range=strings,
)
BODIES: dict[int, st.SearchStrategy[Body]] = {
    Command.BIND_TRANSCEIVER: binds,
    Command.BIND_TRANSCEIVER_RESP: st.builds(BindAnswer, system_id=strings, tlvs=tlvs),
    Command.SUBMIT_SM: messages,
    Command.DELIVER_SM: messages,
    Command.SUBMIT_SM_RESP: st.builds(MessageAnswer, message_id=strings, tlvs=tlvs),
    Command.DELIVER_SM_RESP: st.builds(MessageAnswer, message_id=strings),
    Command.ENQUIRE_LINK: st.just(Nothing()),
    Command.UNBIND_RESP: st.just(Nothing()),
    0x103: st.builds(Unknown, content=st.binary(max_size=20)),
}
numbers = st.integers(0, 0xFFFF_FFFF)
pdus = st.one_of(
    st.builds(Pdu, command=st.just(command), sequence=numbers, status=numbers, body=body)
    for command, body in BODIES.items()
)


@given(pdus)
def test_what_is_written_is_read(pdu: Pdu) -> None:
    assert decode(encode(pdu)) == pdu


@given(st.lists(pdus, max_size=5), st.integers(1, 40))
def test_a_stream_is_cut_into_its_units_however_it_arrives(sent: list[Pdu], step: int) -> None:
    stream = b"".join(map(encode, sent))
    frames = Frames()
    read = [frame for at in range(0, len(stream), step) for frame in frames.feed(stream[at : at + step])]
    assert [decode(frame) for frame in read] == sent


@given(st.sampled_from(list(BODIES)), st.binary(max_size=60))
@example(Command.SUBMIT_SM_RESP, b"")
@example(Command.DELIVER_SM, b"\0" * 17 + b"\xff")
def test_rubbish_is_a_pdu_error_and_nothing_else(command: int, body: bytes) -> None:
    frame = encode(Pdu(command=command, sequence=1, body=Unknown(content=body)))
    try:
        found = decode(frame)
    except PduError as error:
        status = error.status
    else:
        status = BAD_TLVS
        assert (found.command, found.sequence) == (command, 1)
    assert status in (0x02, BAD_TLVS)


@given(st.binary(max_size=200))
def test_no_stream_of_bytes_breaks_the_cutting(data: bytes) -> None:
    frames = Frames()
    try:
        assert all(len(frame) >= 16 for frame in frames.feed(data))
    except PduError:
        assert len(data) >= 4


@pytest.mark.parametrize("length", [0, 15, LARGEST + 1, 0xFFFF_FFFF])
def test_an_impossible_length_ends_the_stream(length: int) -> None:
    with pytest.raises(PduError):
        list(Frames().feed(length.to_bytes(4, "big") + b"\0" * 12))


def test_a_length_that_is_not_the_frames_is_refused() -> None:
    frame = encode(Pdu(command=Command.ENQUIRE_LINK, sequence=1))
    with pytest.raises(PduError):
        decode(frame + b"\0")


@pytest.mark.parametrize("body", [b"", b"abc", b"abc\0"])
def test_an_answer_may_lack_its_id_or_the_end_of_it(body: bytes) -> None:
    frame = encode(Pdu(command=Command.SUBMIT_SM_RESP, sequence=1, status=0x58, body=Unknown(content=body)))
    assert decode(frame).body == MessageAnswer(message_id=body.rstrip(b"\0").decode())


@pytest.mark.parametrize("value", ["a\0b", "€"])
def test_what_fits_no_string_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"NUL|latin-1"):
        encode(Pdu(command=Command.SUBMIT_SM, sequence=1, body=Message(service_type=value)))


@pytest.mark.parametrize("shown", [Bind(system_id="desk", password="hidden-1"), Message(short_message=b"hidden-1")])
def test_p19_what_is_said_does_not_show(shown: Body) -> None:
    assert "hidden-1" not in repr(Pdu(command=Command.SUBMIT_SM, sequence=1, body=shown))


# --- an independent codec --------------------------------------------------------------------------------------------
ascii_digits = st.text("0123456789", max_size=20)


@given(
    st.builds(
        Message,
        source=st.builds(Address, ton=st.integers(0, 6), npi=st.just(1), digits=ascii_digits),
        destination=st.builds(Address, ton=st.integers(0, 6), npi=st.just(1), digits=ascii_digits),
        esm_class=st.sampled_from([0, 0x40]),
        registered_delivery=st.sampled_from([0, 1]),
        data_coding=st.sampled_from([0, 3, 8]),
        short_message=st.binary(max_size=160),
        tlvs=st.lists(st.tuples(st.integers(0x1400, 0x3FFF), st.binary(min_size=1, max_size=20)), max_size=2).map(
            tuple
        ),
    ),
    st.integers(1, 0x7FFF_FFFF),
)
def test_another_codec_writes_and_reads_the_same_submit_sm(message: Message, sequence: int) -> None:
    theirs = smpp34.SubmitSm(
        message.source.digits,
        message.destination.digits,
        message.short_message,
        source_addr_ton=message.source.ton,
        source_addr_npi=message.source.npi,
        dest_addr_ton=message.destination.ton,
        dest_addr_npi=message.destination.npi,
        esm_class=message.esm_class,
        registered_delivery=message.registered_delivery,
        data_coding=message.data_coding,
        tlvs=[smpp34.Tlv(tag, value) for tag, value in message.tlvs],
        sequence_number=sequence,
    )
    ours = encode(Pdu(command=Command.SUBMIT_SM, sequence=sequence, body=message))
    assert ours == theirs.encode()
    read = smpp34.decode(ours)
    assert isinstance(read, smpp34.SubmitSm)
    assert (read.short_message, read.destination_addr) == (message.short_message, message.destination.digits)
