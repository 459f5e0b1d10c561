"""Callbacks: what is verified, what is read, and what becomes of rubbish."""

from __future__ import annotations

import base64
from typing import Literal
from urllib.parse import quote, urlencode

import pytest
from attrs import evolve
from convokit_sms_kannel import KannelGateway, KannelSettings, inbound_url
from hypothesis import given
from hypothesis import strategies as st

from convokit.ports.sms import DeliveryReport, InboundText, Unreadable, Unverified, Verified, WebhookReading
from convokit.ports.wire import HttpRequest

SETTINGS = KannelSettings(
    send_url="http://127.0.0.1:13013/cgi-bin/sendsms",
    username="clinic",
    password="send-secret",
    webhook_user="höök",
    webhook_password="p:ss/wörd 0123456789",
)
GATEWAY = KannelGateway(SETTINGS)
INBOUND = {
    "event": "mo",
    "from": "+15550001111",
    "to": "+15559990000",
    "id": "m-1",
    "smsc": "fake1",
    "ts": "1795374599",
}
REPORT = {"event": "dlr", "id": "a1", "type": "8", "smsc": "fake1", "ts": "1795374599", "fid": "", "reply": "ACK/"}


def basic(user: str, password: str) -> tuple[str, str]:
    return ("Authorization", "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode())


GOOD = basic(SETTINGS.webhook_user, SETTINGS.webhook_password.reveal())


def inbound(body: bytes = b"hello", headers: tuple[tuple[str, str], ...] = (GOOD,), **fields: str) -> HttpRequest:
    url = f"https://desk.example/h/tok?{urlencode(INBOUND | fields)}"
    return HttpRequest(method="POST", url=url, headers=headers, body=body)


def report(**fields: str) -> HttpRequest:
    return HttpRequest(method="GET", url=f"https://desk.example/h/tok?{urlencode(REPORT | fields)}", headers=(GOOD,))


def read_text(request: HttpRequest) -> InboundText:
    reading = GATEWAY.read_webhook(request)
    assert isinstance(reading, Verified)
    (event,) = reading.events
    assert isinstance(event, InboundText)
    return event


def read_report(request: HttpRequest) -> DeliveryReport:
    reading = GATEWAY.read_webhook(request)
    assert isinstance(reading, Verified)
    (event,) = reading.events
    assert isinstance(event, DeliveryReport)
    return event


@pytest.mark.parametrize(
    "headers",
    [
        (GOOD,),
        (("authorization", "bAsIc  " + GOOD[1].split()[1]),),
        # What Kannel really sends: user and password as they stand in the URL, percent-encoded.
        (basic(quote(SETTINGS.webhook_user, safe=""), quote(SETTINGS.webhook_password.reveal(), safe="")),),
    ],
)
def test_the_right_password_is_accepted(headers: tuple[tuple[str, str], ...]) -> None:
    assert isinstance(GATEWAY.read_webhook(inbound(headers=headers)), Verified)


@pytest.mark.parametrize(
    "headers",
    [
        (basic("höök", "wrong"),),
        (basic("wrong", SETTINGS.webhook_password.reveal()),),
        (basic("HÖÖK", SETTINGS.webhook_password.reveal()),),
        (("Authorization", "Basic"),),
        (("Authorization", "Basic !!!!"),),
        (("Authorization", "Basic é"),),
        (("Authorization", "Bearer " + GOOD[1].split()[1]),),
        (("Authorization", "Basic " + base64.b64encode("höök:p:ss/wörd 0123456789".encode("latin-1")).decode()),),
    ],
)
def test_anything_else_is_unverified_before_it_is_parsed(headers: tuple[tuple[str, str], ...]) -> None:
    broken = HttpRequest(method="POST", url="http://[broken?event=mo", headers=headers, body=b"\xff" * 200_000)
    reading = GATEWAY.read_webhook(broken)
    assert isinstance(reading, Unverified)
    assert "wörd" not in reading.why


def test_a_text_is_read_whole() -> None:
    assert read_text(inbound("¿Está bien? 🐶 ".encode(), coding="0", charset="UTF-8")) == InboundText(
        provider_id="m-1",
        sender="+15550001111",
        to="+15559990000",
        text="¿Está bien? 🐶 ",
        sent_at=1_795_374_599_000_000,
        raw="smsc=fake1 coding=0 charset=UTF-8",
    )


@pytest.mark.parametrize(
    ("body", "coding", "charset", "text"),
    [
        (b"", "0", "UTF-8", ""),
        (b" two  spaces\n", "0", "UTF-8", " two  spaces\n"),
        (b"caf\xe9", "0", "UTF-8", "caf\ufffd"),
        (b"\xf0\x9f", "0", "", "\ufffd"),
        ("🐶".encode("utf-16-be"), "2", "UTF-16BE", "🐶"),
        (b"\xd8\x3d", "2", "UTF-16BE", "\ufffd"),
        (b"caf\xe9", "0", "ISO-8859-1", "café"),
        (b"\x80 5 \x81", "0", "windows-1252", "€ 5 \ufffd"),
        ("né".encode(), "1", "8-BIT", "né"),
        (b"plain", "0", "no-such-charset", "plain"),
        # A dlr-mask line of the fake SMSC arrives like this: a text, never a report.
        (b"id:1 stat:DELIVRD", "-1", "UTF-8", "id:1 stat:DELIVRD"),
    ],
)
def test_the_text_is_decoded_by_its_charset_and_never_fails(body: bytes, coding: str, charset: str, text: str) -> None:
    assert read_text(inbound(body, coding=coding, charset=charset)).text == text


@pytest.mark.parametrize("ts", ["", "soon", "-1", "1.5", "٣", "9" * 12])
def test_an_unreadable_time_is_no_time(ts: str) -> None:
    assert read_text(inbound(ts=ts)).sent_at is None


@pytest.mark.parametrize(
    "request_",
    [
        inbound(id=""),
        evolve(inbound(), url=inbound().url.replace("from=", "whom=")),
        inbound(to=""),
        inbound(id="x" * 201),
        inbound(b"x" * 100_001),
        inbound(event="other"),
        evolve(inbound(), method="GET"),
        report(id=""),
        report(id="x" * 201),
        evolve(report(), method="POST"),
        evolve(report(), url="https://desk.example/h/tok"),
        evolve(report(), url="http://[broken?event=dlr&id=a1"),
        evolve(report(), url="https://desk.example/h?" + "a=1&" * 101),
    ],
)
def test_what_is_not_understood_is_unreadable(request_: HttpRequest) -> None:
    assert isinstance(GATEWAY.read_webhook(request_), Unreadable)


@pytest.mark.parametrize(
    ("kind", "reply", "state", "reason"),
    [
        ("8", "ACK/", "sent", None),
        ("4", "id:1 stat:ENROUTE err:000", "sent", None),
        ("12", "", "sent", None),
        ("1", "", "delivered", None),
        ("1", "id:1 stat:DELIVRD err:000", "delivered", None),
        ("2", "id:1 stat:UNDELIV err:001", "failed", "unknown"),
        ("2", "", "failed", "unknown"),
        ("2", "id:1 stat:REJECTD err:008", "failed", "unknown"),
        ("2", "id:1 stat:DELETED err:000", "failed", "unknown"),
        ("2", "id:1 stat:UNKNOWN err:000", "failed", "unknown"),
        ("2", "id:1 stat:NEWWORD err:000", "failed", "unknown"),
        ("34", "id:1 stat:EXPIRED err:000", "failed", "expired"),
        ("66", "id:1 stat:UNKNOWN err:000", "failed", "unknown"),
        ("16", "NACK/0x0000000b/Invalid Destination Address", "failed", "invalid_number"),
        ("16", "NACK/0x00000001/Message Length is invalid", "failed", "content_rejected"),
        ("16", "NACK/0x00000014/Message Queue Full", "failed", "rate_limited"),
        ("16", "NACK/0x00000045/submit_sm failed", "failed", "unknown"),
        ("16", "NACK/0x0000000E/Invalid Password", "failed", "account_problem"),
        ("16", "NACK/0x00000401", "failed", "unknown"),
        ("16", "NACK/Retries Exceeded", "failed", "rate_limited"),
        ("16", "NACK/REJECTED", "failed", "unknown"),
        ("16", "", "failed", "unknown"),
        ("3", "", "delivered", None),
        ("32", "id:1 stat:EXPIRED err:000", "failed", "expired"),
        ("0", "id:1 stat:DELIVRD err:000", "delivered", None),
        ("0", "", None, None),
        ("64", "what", None, None),
        ("", "", None, None),
        ("one", "", None, None),
        ("-1", "", None, None),
        ("١", "", None, None),
        ("10000", "", None, None),
    ],
)
def test_reports(
    kind: str, reply: str, state: Literal["sent", "delivered", "failed"] | None, reason: str | None
) -> None:
    assert read_report(report(type=kind, fid="c-7", reply=reply)) == DeliveryReport(
        attempt_id="a1", provider_id=None, state=state, reason=reason, raw=f"type={kind} fid=c-7 {reply}".strip()
    )


def test_the_message_quoted_in_a_receipt_is_neither_kept_nor_believed() -> None:
    news = read_report(report(type="2", reply="id:1 stat:EXPIRED err:027 Text:hi Bella stat:DELIVRD"))
    assert (news.state, news.reason, news.raw) == ("failed", "expired", "type=2 fid= id:1 stat:EXPIRED err:027")


def test_our_own_fields_win_over_those_of_the_callback_url() -> None:
    url = "https://desk.example/h?event=mo&id=theirs&type=1&" + urlencode(REPORT)
    news = read_report(evolve(report(), url=url))
    assert (news.attempt_id, news.state) == ("a1", "sent")


def test_what_is_kept_is_bounded() -> None:
    assert len(read_report(report(reply="y" * 50_000)).raw) == 500
    assert len(read_text(inbound(smsc="y" * 50_000)).raw) == 500


def test_the_inbound_url_marks_texts_and_keeps_the_codes_of_kannel() -> None:
    url = inbound_url(evolve(SETTINGS, webhook_user="hook"), "https://desk.example/h/tok?a=%41")
    assert url == (
        "https://hook:p%%3Ass%%2Fw%%C3%%B6rd%%200123456789@desk.example/h/tok?a=%%41&event=mo"
        "&from=%p&to=%P&id=%I&smsc=%i&ts=%T&coding=%c&charset=%C"
    )


@given(st.sampled_from(["GET", "POST"]), st.text(max_size=200), st.binary(max_size=200))
def test_no_verified_callback_can_crash_it(method: str, query: str, body: bytes) -> None:
    for url in (f"https://desk.example/h?{query}", f"https://desk.example/h?{query}&{urlencode(INBOUND)}"):
        reading: WebhookReading = GATEWAY.read_webhook(HttpRequest(method=method, url=url, headers=(GOOD,), body=body))
        assert isinstance(reading, Verified | Unreadable)
