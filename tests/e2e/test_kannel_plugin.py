"""The Kannel plugin against a real Kannel: its requests are performed, Kannel's callbacks are read by it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve
from convokit_sms_kannel import KannelGateway, KannelSettings, inbound_url
from http_sink import HttpSink, Seen
from kannel_rig import PASSWORD, USERNAME, Kannel

from convokit.outcomes import Accepted, Outcome, Refused
from convokit.ports.sms import DeliveryReport, Event, InboundText, OutboundText, Verified
from convokit.ports.wire import HttpRequest, HttpResponse

PHONE = "+15550001111"
PRACTICE = "+15559990000"
README = Path(__file__).resolve().parents[2] / "plugins" / "convokit-sms-kannel" / "README.md"
SETTINGS = KannelSettings(
    send_url="http://127.0.0.1:9/cgi-bin/sendsms",
    username=USERNAME,
    password=PASSWORD,
    webhook_user="ka@nnel",
    webhook_password="p:ss/wörd%20?&# 0123",
)


class Wire:
    """What the kit's HTTP client and webhook door will do."""

    def __init__(self, kannel: Kannel, sink: HttpSink, callback: str) -> None:
        self.kannel, self.sink, self.callback = kannel, sink, callback
        self.gateway = KannelGateway(evolve(SETTINGS, send_url=kannel.send_url))

    def send(self, name: str, text: str, *, to: str = PHONE, gateway: KannelGateway | None = None) -> Outcome:
        message = OutboundText(id=name, sender=PRACTICE, to=to, text=text, callback_url=self.callback)
        exchange = (gateway or self.gateway).send(message)
        try:
            request = next(exchange)
            status, body = self.kannel.post(dict(request.headers), request.body)
            exchange.send(HttpResponse(status=status, body=body.encode()))
        except StopIteration as end:
            outcome: Outcome = end.value
            return outcome
        raise AssertionError("a second request")

    def read(self, seen: Seen) -> Event:
        request = HttpRequest(method=seen.method, url=seen.url, headers=seen.headers, body=seen.body)
        reading = self.gateway.read_webhook(request)
        assert isinstance(reading, Verified)
        (event,) = reading.events
        return event

    def reports(self, name: str, count: int) -> list[DeliveryReport]:
        def fits(seen: Seen) -> bool:
            return seen.method == "GET" and seen.query.get("id") == name

        events = [self.read(seen) for seen in self.sink.wait_for(fits, count=count)]
        return [event for event in events if isinstance(event, DeliveryReport)]


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with HttpSink() as sink:
        callback = f"http://127.0.0.1:{sink.port}/hooks/caf%C3%A9/tok?v=%41&id=theirs"
        with Kannel(post_url=inbound_url(SETTINGS, callback), smpp=True) as kannel:
            yield Wire(kannel, sink, callback)


@pytest.mark.parametrize(
    ("name", "text", "parts"),
    [
        ("short", "hello", 1),
        ("gsm", "£5 {net} [ok] ~ €", 1),
        ("quote", "It’s time — ça va?", 1),
        ("lines", "one\ntwo\r\nthree\n", 1),
        ("blanks", "  both ends  ", 1),
        ("markup", "<b>100% & more</b> %d %A %%", 1),
        ("emoji", "🐶🐱 Bella", 1),
        ("long-gsm", "0123456789" * 40, 3),
        ("long-ucs2", "Ж🐶" * 100, 5),
        ("limit-gsm", "x" * 1530, 10),
        ("limit-ucs2", "ж" * 670, 10),
    ],
)
def test_a_text_arrives_unchanged_and_is_reported(wire: Wire, name: str, text: str, parts: int) -> None:
    assert wire.send(name, text) == Accepted()
    arrived = wire.kannel.fake.wait_for(lambda one: one.text == text)
    assert (arrived.sender, arrived.to, arrived.parts) == (PRACTICE, PHONE, parts)
    assert {report.state for report in wire.reports(name, 2)} == {"sent", "delivered"}


def test_the_callback_url_survives_kannel(wire: Wire) -> None:
    wire.send("url", "hi")
    (seen,) = wire.sink.wait_for(lambda one: one.query.get("id") == "url")
    assert seen.url.startswith(wire.callback)


@pytest.mark.parametrize(
    "text", ["STOP", "¿Está bien? 🐶", "  blanks  ", "two\nlines", "", "€uro – “quoted”", "中" * 300]
)
def test_a_text_from_a_phone_is_read_unchanged(wire: Wire, text: str) -> None:
    before = len(wire.sink.seen())
    wire.kannel.fake.say(PHONE, PRACTICE, text)
    wire.sink.wait_for(
        lambda one: one.method == "POST", count=1 + sum(s.method == "POST" for s in wire.sink.seen()[:before])
    )
    event = wire.read(next(seen for seen in wire.sink.seen()[before:] if seen.method == "POST"))
    assert isinstance(event, InboundText)
    assert (event.sender, event.to, event.text) == (PHONE, PRACTICE, text)
    assert event.provider_id
    assert event.sent_at is not None
    assert event.sent_at > 1_700_000_000_000_000


def test_rubbish_from_a_phone_does_no_harm(wire: Wire) -> None:
    wire.kannel.fake.say_raw(f"{PHONE} {PRACTICE} data %FF%FE%00rubbish".encode())
    (seen,) = wire.sink.wait_for(lambda one: b"rubbish" in one.body)
    event = wire.read(seen)
    assert isinstance(event, InboundText)
    assert event.text.endswith("rubbish")


def test_the_fake_network_cannot_make_a_report_of_a_text(wire: Wire) -> None:
    wire.kannel.fake.say_raw(f"{PHONE} {PRACTICE} dlr-mask 2 not a report".encode())
    (seen,) = wire.sink.wait_for(lambda one: one.body == b"not a report")
    assert isinstance(wire.read(seen), InboundText)


@pytest.mark.parametrize(
    ("digits", "state", "reason"),
    [
        ("0000", "delivered", None),
        ("0001", "failed", "unknown"),
        ("0002", "failed", "expired"),
        ("0003", "failed", "unknown"),
        ("0004", "failed", "invalid_number"),
        ("0008", "delivered", None),
        ("0010", "failed", "rate_limited"),
        ("0012", "sent", None),
    ],
)
def test_the_networks_verdict_is_read(wire: Wire, digits: str, state: str, reason: str | None) -> None:
    name = f"verdict-{digits}"
    over_smpp = KannelGateway(evolve(wire.gateway.settings, smsc="smpp1"))
    assert wire.send(name, "hi", to=f"+1555777{digits}", gateway=over_smpp) == Accepted()
    alone = digits in ("0004", "0010")
    assert (state, reason) in {(report.state, report.reason) for report in wire.reports(name, 1 if alone else 2)}


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (evolve(SETTINGS, password="wrong"), "account_problem"),
        (evolve(SETTINGS, username="nobody"), "account_problem"),
        (evolve(SETTINGS, smsc="no-such-route"), "sender_invalid"),
    ],
)
def test_kannels_refusals_are_understood(wire: Wire, settings: KannelSettings, reason: str) -> None:
    gateway = KannelGateway(evolve(settings, send_url=wire.kannel.send_url))
    outcome = wire.send("refused", "hi", gateway=gateway)
    assert isinstance(outcome, Refused)
    assert outcome.reason == reason


def test_a_number_with_other_characters_is_refused(wire: Wire) -> None:
    outcome = wire.send("letters", "hi", to="+1555CATS")
    assert isinstance(outcome, Refused)
    assert "black-lists" in outcome.raw


def test_no_error_text_goes_to_the_client_when_the_desk_is_down() -> None:
    with Kannel(http_retry=1) as alone:
        alone.fake.say(PHONE, PRACTICE, "anybody there?")
        alone.wait_for_admin("status.txt", "received 1 (0 queued)")
        headers = {"X-Kannel-From": PRACTICE, "X-Kannel-To": PHONE, "Content-Type": "text/plain"}
        login = {"X-Kannel-Username": USERNAME, "X-Kannel-Password": PASSWORD}
        alone.wait_for_log("smsbox.log", "No reply sent, denied.")
        alone.post(headers | login, b"last")
        alone.fake.wait_for(lambda one: one.text == "last")
        assert [one.text for one in alone.fake.texts()] == ["last"]


def readme_configuration() -> str:
    """The README's configuration as a template of the rig: its example addresses and passwords replaced."""
    (block,) = [code for code in README.read_text().split("```")[1::2] if "group = core" in code]
    for words, field in (
        ("smpp.carrier.example", "127.0.0.1"),
        ("= 2775", "= {peer}"),
        ("= 13000", "= {admin}"),
        ("= 13001", "= {boxes}"),
        ("= 13013", "= {sendsms}"),
        ("STATUS-PASSWORD", "{status_password}"),
        ("SEND-PASSWORD", "{password}"),
        ("CALLBACK", "{post_url}"),
        ("/var/spool/kannel/dlr", "{run}/spool"),
        ("/var/spool/kannel", "{run}"),
        ("/var/log/kannel", "{run}"),
    ):
        assert words in block, words
        block = block.replace(words, field)
    return block


def test_the_configuration_of_the_readme_works(sink: HttpSink) -> None:
    callback = f"http://127.0.0.1:{sink.port}/hooks/tok"
    with Kannel(post_url=inbound_url(SETTINGS, callback), smpp=True, template=readme_configuration()) as kannel:
        wire = Wire(kannel, sink, callback)
        assert wire.send("readme", "MO:it works 🐶", to="+15557770000") == Accepted()
        assert {report.state for report in wire.reports("readme", 2)} == {"sent", "delivered"}
        (seen,) = sink.wait_for(lambda one: one.method == "POST")
        event = wire.read(seen)
        assert isinstance(event, InboundText)
        assert event.text == "it works 🐶"
        assert "PANIC" not in kannel.logs()
