"""The rig itself: a real Kannel here carries texts, callbacks and failures as the other end-to-end tests rely on."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from http_sink import HttpSink, Seen
from kannel_rig import PASSWORD, USERNAME, Kannel

PHONE = "+15550001111"
PRACTICE = "+15559990000"


@pytest.fixture(scope="module")
def rig() -> Iterator[tuple[Kannel, HttpSink]]:
    with HttpSink() as sink, Kannel(callback=f"http://hook:secret@127.0.0.1:{sink.port}/t", smpp=True) as kannel:
        yield kannel, sink


@pytest.fixture
def kannel(rig: tuple[Kannel, HttpSink]) -> Kannel:
    return rig[0]


@pytest.fixture
def hooks(rig: tuple[Kannel, HttpSink]) -> HttpSink:
    return rig[1]


def send(kannel: Kannel, text: str, *, to: str = PHONE, smsc: str = "fake1", report_to: str = "") -> tuple[int, str]:
    headers = {
        "Content-Type": "text/plain; charset=UTF-8",
        "X-Kannel-Username": USERNAME,
        "X-Kannel-Password": PASSWORD,
        "X-Kannel-From": PRACTICE,
        "X-Kannel-To": to,
        "X-Kannel-Coding": "0" if text.isascii() else "2",
        "X-Kannel-SMSC": smsc,
    }
    if report_to:
        headers |= {"X-Kannel-DLR-Mask": "31", "X-Kannel-DLR-URL": report_to}
    return kannel.post(headers, text.encode())


def report_url(hooks: HttpSink, name: str) -> str:
    return f"http://hook:secret@127.0.0.1:{hooks.port}/d?event=dlr&id={quote(name)}&type=%d&reply=%A"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("hello", 1),
        ("Bella 🐶 is fine", 1),
        ("a" * 400, 3),
        ("é🐶ñ" * 60, 4),
        ("line one\nline two\n", 1),
        (" spaces kept ", 1),
        ("{" * 100, 2),
        ("中" * 80, 2),
    ],
)
def test_a_text_arrives_whole_at_the_phone(kannel: Kannel, text: str, parts: int) -> None:
    assert send(kannel, text) == (202, "0: Accepted for delivery")
    arrived = kannel.fake.wait_for(lambda one: one.text == text)
    assert (arrived.sender, arrived.to, arrived.parts) == (PRACTICE, PHONE, parts)


@pytest.mark.parametrize("text", ["hello from a phone", "¿Está bien? 🐶", "two\nlines", ""])
def test_a_text_from_a_phone_reaches_the_sink(kannel: Kannel, hooks: HttpSink, text: str) -> None:
    before = len(hooks.seen())
    kannel.fake.say(PHONE, PRACTICE, text)
    hooks.wait_for(lambda seen: seen.query.get("event") == "mo" and seen.body.decode() == text)
    (seen,) = hooks.seen()[before:]
    assert (seen.method, seen.query["from"], seen.query["to"]) == ("POST", PHONE, PRACTICE)
    assert seen.query["id"]
    assert seen.authorization == "Basic " + base64.b64encode(b"hook:secret").decode()


def test_reports_of_the_fake_network_arrive(kannel: Kannel, hooks: HttpSink) -> None:
    assert send(kannel, "with report", report_to=report_url(hooks, "r1"))[0] == 202
    seen = hooks.wait_for(lambda one: one.query.get("id") == "r1", count=2)
    assert sorted(one.query["type"] for one in seen) == ["1", "8"]
    assert {one.authorization for one in seen} == {"Basic " + base64.b64encode(b"hook:secret").decode()}


@pytest.mark.parametrize(
    ("digits", "kind", "words"),
    [
        ("0000", "1", "stat:DELIVRD"),
        ("0001", "2", "stat:UNDELIV err:001"),
        ("0002", "34", "stat:EXPIRED"),
        ("0003", "2", "stat:REJECTD"),
        ("0004", "16", "NACK/0x0000000b/"),
        ("0005", "4", "stat:ENROUTE"),
        ("0008", "1", "stat:DELIVRD"),
        ("0009", "2", "stat:DELETED"),
        ("0010", "16", "NACK/Retries Exceeded"),
        ("0011", "2", "stat:UNKNOWN"),
        ("0012", "4", "stat:ACCEPTD"),
    ],
)
def test_the_scripted_peer_fails_texts_by_their_last_digits(
    kannel: Kannel, hooks: HttpSink, digits: str, kind: str, words: str
) -> None:
    name = f"peer-{digits}"
    assert send(kannel, "hi", to=f"+1555777{digits}", smsc="smpp1", report_to=report_url(hooks, name))[0] == 202

    def fits(seen: Seen) -> bool:
        return seen.query.get("id") == name and seen.query["type"] == kind

    (seen,) = hooks.wait_for(fits, timeout=60)
    assert words in seen.query["reply"]


def test_the_peer_sends_a_text_back(kannel: Kannel, hooks: HttpSink) -> None:
    assert send(kannel, "MO:thank you", to="+15557770000", smsc="smpp1")[0] == 202
    (seen,) = hooks.wait_for(lambda one: one.body == b"thank you")
    assert seen.query["from"].lstrip("+") == "15557770000"


def test_every_character_of_gsm7_survives_the_way_to_smpp(kannel: Kannel) -> None:
    text = "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./09:;<=>?¡AZÄÖÑÜ§¿azäöñüà^{}\\[~]|€"
    headers = {
        "Content-Type": "text/plain; charset=UTF-8",
        "X-Kannel-Username": USERNAME,
        "X-Kannel-Password": PASSWORD,
        "X-Kannel-From": PRACTICE,
        "X-Kannel-To": "+15557770006",
        "X-Kannel-Coding": "0",
        "X-Kannel-SMSC": "smpp1",
    }
    assert kannel.post(headers, text.encode())[0] == 202
    event = kannel.peer.wait_for(lambda one: one["event"] == "submit" and str(one["text"]).startswith("@£"))
    assert event["text"] == text


def test_a_callback_that_fails_is_repeated_with_the_same_id(kannel: Kannel, hooks: HttpSink) -> None:
    hooks.status = 500
    kannel.fake.say(PHONE, PRACTICE, "please repeat")
    hooks.wait_for(lambda seen: seen.body == b"please repeat", count=2)
    hooks.status = 200
    seen = hooks.wait_for(lambda one: one.body == b"please repeat", count=3)
    assert len({one.query["id"] for one in seen}) == 1


def test_texts_from_phones_wait_in_the_store_while_smsbox_is_down(kannel: Kannel, hooks: HttpSink) -> None:
    kannel.stop_smsbox()
    kannel.fake.say(PHONE, PRACTICE, "kept")
    kannel.wait_for_admin("store-status.txt", "kept")
    assert not [seen for seen in hooks.seen() if seen.body == b"kept"]
    kannel.start_smsbox()
    hooks.wait_for(lambda seen: seen.body == b"kept")


def test_a_text_waits_for_the_network(kannel: Kannel) -> None:
    kannel.disconnect_fake()
    assert send(kannel, "waiting") == (202, "3: Queued for later delivery")
    kannel.connect_fake()
    kannel.fake.wait_for(lambda one: one.text == "waiting")
