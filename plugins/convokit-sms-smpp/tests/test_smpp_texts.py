"""Alphabets, parts, and what holds them together."""

from __future__ import annotations

import pytest
from attrs import evolve
from convokit_sms_smpp import SmppSettings
from convokit_sms_smpp.alphabet import decoded, from_gsm, to_gsm
from convokit_sms_smpp.assembling import split
from convokit_sms_smpp.pdu import Message, Tag
from convokit_sms_smpp.texts import pieces_of, submits_of
from hypothesis import given
from hypothesis import strategies as st

from convokit.domain.sms_segments import count_segments
from convokit.ports.sms import OutboundText

SETTINGS = SmppSettings(host="smsc.example", system_id="desk", password="hush-hush")
MESSAGE = OutboundText(id="m_1.1", sender="+13035550100", to="+13035550123", text="Hello")
GSM = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./09:;<=>?¡AZÄÖÑÜ§¿azäöñüà\f^{}\\[~]|€"


def sent(text: str, settings: SmppSettings = SETTINGS) -> tuple[Message, ...]:
    found = submits_of(settings, evolve(MESSAGE, text=text), 0x1234)
    assert found is not None
    return found


def read(parts: tuple[Message, ...], default: str = "gsm7") -> str:
    content = b"".join(split(part)[1] for part in parts)
    return decoded(content, parts[0].data_coding, default)  # type: ignore[arg-type]  # a word of the settings


@given(st.text(st.sampled_from(GSM)))
def test_the_gsm_alphabet_is_read_as_it_is_written(text: str) -> None:
    data = to_gsm(text)
    assert data is not None
    assert from_gsm(data) == text


@given(st.binary(max_size=200), st.integers(0, 255), st.sampled_from(["gsm7", "latin1"]))
def test_any_bytes_are_some_text(data: bytes, coding: int, default: str) -> None:
    assert isinstance(decoded(data, coding, default), str)  # type: ignore[arg-type]  # a word of the settings


@pytest.mark.parametrize(
    ("data", "coding", "text"),
    [
        (b"\x1b\x65 \x1b", 0x00, "€ "),
        (b"\x1bA\x80", 0x00, "A\ufffd"),
        (b"\x1b\x1b\x65", 0x00, "\ufffde"),
        (b"caf\xe9", 0x03, "café"),
        (b"\xe9", 0x01, "\ufffd"),
        (b"a@b\n$", 0x01, "a@b\n$"),
        (b"\x015 \x1b(net\x1b)", 0x01, "£5 {net}"),
        (b"\xbf", 0x06, "П"),
        (b"\xe0", 0x07, "א"),
        (b"\xd8\x3d\xdc\x36", 0x08, "🐶"),
        (b"\xd8\x3d\xdc", 0x08, "\ufffd"),
        (b"\x00", 0xF0, "@"),
        (b"\xe9", 0xF5, "é"),
        (b"\x00", 0x10, "@"),
        (b"\xd8\x3d\xdc\x36", 0x18, "🐶"),
        (b"\xe9", 0x04, "é"),
        (b"\xe9", 0x0D, "é"),
    ],
)
def test_data_coding_says_what_bytes_mean(data: bytes, coding: int, text: str) -> None:
    assert decoded(data, coding, "gsm7") == text


@given(st.text(max_size=500))
@pytest.mark.parametrize("how", ["udh", "sar", "payload"])
def test_any_text_is_put_together_again(how: str, text: str) -> None:
    parts = sent(text, evolve(SETTINGS, long_texts=how, max_parts=255))
    assert read(parts).encode("utf-16-be", "surrogatepass") == _whole(text)
    assert [part.registered_delivery for part in parts] == [*([0] * (len(parts) - 1)), 1]
    if how == "payload":
        assert len(parts) == 1


def _whole(text: str) -> bytes:
    """UCS-2 has no lone surrogate: it is read as U+FFFD."""
    return text.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace").encode("utf-16-be")


@given(st.text(st.sampled_from(GSM + "🐶’中a" + "b" * 30), max_size=700))
def test_the_parts_are_those_that_were_counted(text: str) -> None:
    coding, pieces = pieces_of(text, "gsm7")
    count = count_segments(text)
    assert (coding == 8, len(pieces)) == (count.encoding == "UCS-2", count.segments)
    assert [decoded(piece, coding, "gsm7") for piece in pieces] == list(count.parts)


def test_a_header_joins_parts() -> None:
    first, second = sent("x" * 161)
    assert (first.esm_class, second.esm_class) == (0x40, 0x40)
    assert first.short_message[:6] == bytes((5, 0, 3, 0x34, 2, 1))
    assert second.short_message == bytes((5, 0, 3, 0x34, 2, 2)) + b"x" * 8


def test_parameters_join_parts() -> None:
    _, second = sent("x" * 161, evolve(SETTINGS, long_texts="sar", user_references=False))
    assert second.esm_class == 0
    assert dict(second.tlvs) == {
        Tag.SAR_MSG_REF_NUM: b"\x12\x34",
        Tag.SAR_TOTAL_SEGMENTS: b"\2",
        Tag.SAR_SEGMENT_SEQNUM: b"\2",
    }


def test_a_payload_is_not_cut() -> None:
    (one,) = sent("x" * 400, evolve(SETTINGS, long_texts="payload"))
    assert (one.short_message, one.tlv(Tag.MESSAGE_PAYLOAD)) == (b"", b"x" * 400)
    (short,) = sent("x" * 160, evolve(SETTINGS, long_texts="payload"))
    assert short.short_message == b"x" * 160


@pytest.mark.parametrize(
    ("text", "coding", "data"),
    [("café @", 0, b"caf\xe9 @"), ("5 €", 8, "5 €".encode("utf-16-be")), ("[a]", 0, b"[a]")],
)
def test_a_centre_whose_own_alphabet_is_latin_gets_that(text: str, coding: int, data: bytes) -> None:
    (one,) = sent(text, evolve(SETTINGS, default_alphabet="latin1"))
    assert (one.data_coding, one.short_message) == (coding, data)


def test_a_latin_text_is_cut_as_the_septets_that_it_becomes() -> None:
    parts = sent("[" * 100, evolve(SETTINGS, default_alphabet="latin1"))
    assert [len(part.short_message) - 6 for part in parts] == [76, 24]


def test_numbers_and_our_own_id_are_said() -> None:
    settings = evolve(SETTINGS, source_ton=5, source_npi=0, id_tlv=0x1501, service_type="CMT")
    (one,) = sent("Hello", settings)
    assert (one.source.ton, one.source.npi, one.source.digits) == (5, 0, "13035550100")
    assert (one.destination.ton, one.destination.npi, one.destination.digits) == (1, 1, "13035550123")
    assert (one.tlv(0x1501), one.number(Tag.USER_MESSAGE_REFERENCE)) == (b"m_1.1\0", 0x1234)
    assert one.service_type == "CMT"


@pytest.mark.parametrize("text", ["x" * 1531, "ж" * 671, "x" * 10_000])
def test_more_parts_than_allowed_are_none(text: str) -> None:
    assert submits_of(SETTINGS, evolve(MESSAGE, text=text), 1) is None


def test_a_payload_has_an_end() -> None:
    settings = evolve(SETTINGS, long_texts="payload", max_parts=255)
    assert submits_of(settings, evolve(MESSAGE, text="x" * 39_015), 1) is not None
    assert submits_of(settings, evolve(MESSAGE, text="x" * 39_016), 1) is None
