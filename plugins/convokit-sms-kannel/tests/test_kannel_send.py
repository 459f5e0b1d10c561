"""Sending: one row per answer that Kannel, a proxy or the network can give."""

from __future__ import annotations

import pytest
from attrs import evolve
from convokit_sms_kannel import KannelGateway, KannelSettings, convokit_sms_gateways, report_url

from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.ports.sms import Capabilities, OutboundText
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer

SETTINGS = KannelSettings(
    send_url="http://127.0.0.1:13013/cgi-bin/sendsms",
    username="clinic",
    password="send-secret",
    webhook_user="ho@ok",
    webhook_password="p:ss/wörd 0123456789",
)
MESSAGE = OutboundText(
    id="a1b2", sender="+15559990000", to="+15550001111", text="hello", callback_url="https://desk.example/h/tok"
)


def requested(message: OutboundText = MESSAGE, settings: KannelSettings = SETTINGS) -> HttpRequest:
    return next(KannelGateway(settings).send(message))


def outcome(answer: HttpResponse | NoAnswer) -> Outcome:
    exchange = KannelGateway(SETTINGS).send(MESSAGE)
    next(exchange)
    with pytest.raises(StopIteration) as stop:
        exchange.send(answer)
    value: Outcome = stop.value.value
    return value


def answered(status: int, body: str, *headers: tuple[str, str]) -> HttpResponse:
    return HttpResponse(status=status, headers=headers, body=body.encode())


def test_the_offer_builds_a_gateway() -> None:
    (offer,) = convokit_sms_gateways()
    assert (offer.name, offer.api, offer.settings) == ("kannel", 1, KannelSettings)
    assert offer.build(SETTINGS) == KannelGateway(SETTINGS)
    assert offer.capabilities == Capabilities(delivery_reports=True, inbound=True)


@pytest.mark.parametrize(
    ("text", "coding"),
    [
        ("hello", "0"),
        ("price: 5 € [net] {a}", "0"),
        ("Ünïcode 🐶", "2"),
        ("It’s time", "2"),
        ("ç", "2"),
        ("a" * 1530, "0"),
        ("ж" * 670, "2"),
    ],
)
def test_the_coding_is_chosen_here_and_the_text_goes_as_utf8(text: str, coding: str) -> None:
    request = requested(evolve(MESSAGE, text=text))
    assert request.header("X-Kannel-Coding") == coding
    assert request.header("Content-Type") == "text/plain; charset=UTF-8"
    assert request.body.decode() == text


@pytest.mark.parametrize(("text", "parts"), [("a" * 1531, 11), ("ж" * 671, 11), ("€" * 800, 11)])
def test_a_text_of_too_many_parts_is_refused_before_anything_is_sent(text: str, parts: int) -> None:
    with pytest.raises(StopIteration) as stop:
        next(KannelGateway(SETTINGS).send(evolve(MESSAGE, text=text)))
    assert stop.value.value == Refused(reason="content_rejected", raw=f"{parts} parts, at most 10")


def test_a_route_is_sent_when_set() -> None:
    assert requested().header("X-Kannel-SMSC") is None
    assert requested(settings=evolve(SETTINGS, smsc="smpp1")).header("X-Kannel-SMSC") == "smpp1"


def test_without_a_callback_url_no_reports_are_asked_for() -> None:
    names = {name for name, _ in requested(evolve(MESSAGE, callback_url=None)).headers}
    assert not {name for name in names if "DLR" in name}


def test_reports_are_asked_for_with_the_mask_and_our_own_id() -> None:
    request = requested(settings=evolve(SETTINGS, dlr_mask=19))
    assert request.header("X-Kannel-DLR-Mask") == "19"
    assert request.header("X-Kannel-DLR-URL") == (
        "https://ho%%40ok:p%%3Ass%%2Fw%%C3%%B6rd%%200123456789@desk.example/h/tok"
        "?event=dlr&id=a1b2&type=%d&smsc=%i&ts=%T&fid=%F&reply=%A"
    )


@pytest.mark.parametrize(
    ("callback", "start"),
    [
        ("http://127.0.0.1:8080", "127.0.0.1:8080/?event=dlr&id=x%%2F1&"),
        ("http://other:user@desk.example/p", "desk.example/p?event=dlr&id=x%%2F1&"),
        ("http://desk.example/p?t=a%41&id=5#top", "desk.example/p?t=a%%41&id=5&event=dlr&id=x%%2F1&"),
        ("http://desk.example/caf%C3%A9/é x", "desk.example/caf%%C3%%A9/%%C3%%A9%%20x?event=dlr&id=x%%2F1&"),
    ],
)
def test_the_callback_url_keeps_its_path_and_query(callback: str, start: str) -> None:
    url = report_url(SETTINGS, callback, "x/1")
    assert url.isascii()
    assert url.partition("@")[2].startswith(start)


@pytest.mark.parametrize(
    "body", ["0: Accepted for delivery", "3: Queued for later delivery", "Sent.", "Sent. Splits: 3"]
)
def test_a_202_with_kannels_words_is_accepted(body: str) -> None:
    assert outcome(answered(202, body)) == Accepted()


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (403, "Authorization failed for sendsms", "account_problem"),
        (403, "Not routable. Do not try again.", "sender_invalid"),
        (401, "", "account_problem"),
        (404, "Unknown request.", "account_problem"),
        (413, "<b>too large", "content_rejected"),
        (400, "Empty receiver number not allowed, rejected", "invalid_number"),
        (400, "Missing receiver(s) number(s), rejected", "invalid_number"),
        (400, "Sender missing and no global set, rejected", "sender_invalid"),
        (400, "Number(s) has/have been denied by white- and/or black-lists.", "account_problem"),
        (400, "Charset or body misformed, rejected", "content_rejected"),
        (400, "Priority field misformed, rejected", "unknown"),
    ],
)
def test_refusals_go_by_status_and_words(status: int, body: str, reason: str) -> None:
    assert outcome(answered(status, body)) == Refused(reason=reason, raw=f"{status} {body}".strip())


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (answered(503, "Temporal failure,\n try again later."), TryLater(raw="503 Temporal failure, try again later.")),
        (answered(500, "Sending failed."), TryLater(raw="500 Sending failed.")),
        (answered(429, "slow down", ("Retry-After", "7")), TryLater(raw="429 slow down", after=7)),
        (answered(429, "", ("Retry-After", "999999999")), TryLater(raw="429", after=86400)),
        (answered(429, "", ("Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT")), TryLater(raw="429")),
        (answered(408, ""), TryLater(raw="408")),
        (NoAnswer(why="connection refused", request_left=False), TryLater(raw="connection refused")),
        (NoAnswer(why="read timeout", request_left=True), Unsure(why="read timeout")),
    ],
)
def test_later_only_when_nothing_can_have_been_taken(answer: HttpResponse | NoAnswer, expected: Outcome) -> None:
    assert outcome(answer) == expected


@pytest.mark.parametrize(
    "answer",
    [
        answered(503, "<html>503 Service Unavailable</html>"),
        answered(502, "Bad Gateway"),
        answered(500, ""),
        answered(202, "<html>welcome</html>"),
        answered(202, ""),
        answered(200, "0: Accepted for delivery"),
        answered(204, ""),
        answered(302, ""),
        HttpResponse(status=202, body=b"\xff\xfe0: Accepted"),
        HttpResponse(status=500, body=b"x" * 100_000),
    ],
)
def test_an_answer_without_sense_leaves_it_unsure(answer: HttpResponse) -> None:
    result = outcome(answer)
    assert isinstance(result, Unsure)
    assert len(result.why) <= 500
