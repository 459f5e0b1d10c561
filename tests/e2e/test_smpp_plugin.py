"""The SMPP plugin against programs that somebody else wrote: the npm server, and Kannel at the other end of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from urllib.parse import urlencode
from zlib import crc32

import pytest
from attrs import define, field
from convokit_sms_smpp import SmppSession, SmppSettings
from convokit_sms_smpp.testing import PretendedCentre, WholeText
from http_sink import HttpSink
from kannel_rig import PASSWORD, TEMPLATE, USERNAME, Kannel
from smpp_process import SmppPeer

from convokit.outcomes import Accepted, Outcome, Refused, TryLater
from convokit.ports.sms import DeliveryReport, Event, InboundText, OutboundText

OURS = "+15559990000"
PATIENCE = 20.0
LONG = "It’s Bella’s café 🐶 again. " * 12


@define
class Line:
    """A session to the npm server, and what came in on it."""

    peer: SmppPeer
    session: SmppSession
    seen: list[Event] = field(factory=list)
    changed: threading.Condition = field(factory=threading.Condition)

    def take(self, number: str, event: Event) -> bool:
        with self.changed:
            assert number == OURS
            self.seen.append(event)
            self.changed.notify_all()
        return True

    def send(self, to: str, text: str = "hello") -> Outcome:
        return self.session.hand_over(OutboundText(id=f"m_{to}.1", sender=OURS, to=to, text=text))

    def reports(self, outcome: Outcome, count: int) -> list[str | None]:
        assert isinstance(outcome, Accepted)

        def mine() -> list[str | None]:
            reports = [event for event in self.seen if isinstance(event, DeliveryReport)]
            return [report.state for report in reports if report.provider_id == outcome.provider_id]

        with self.changed:
            assert self.changed.wait_for(lambda: len(mine()) >= count, PATIENCE), self.seen
            return mine()


@pytest.fixture(scope="module")
def line() -> Iterator[Line]:
    with SmppPeer() as peer:
        settings = SmppSettings(host="127.0.0.1", port=peer.port, tls=False, system_id="desk", password="hush-hush")
        line = Line(peer, SmppSession(settings, second=0.02))
        line.session.open(line.take)
        yield line
        line.session.close(5)


@pytest.mark.parametrize(
    ("digits", "states"),
    [
        ("0000", ["delivered"]),
        ("0001", ["failed"]),
        ("0002", ["failed"]),
        ("0003", ["failed"]),
        ("0005", ["sent", "delivered"]),
        ("0007", ["delivered", "delivered"]),
        ("0009", ["failed"]),
        ("0011", ["sent"]),
        ("0012", ["sent"]),
    ],
)
def test_the_npm_server_takes_texts_and_reports(line: Line, digits: str, states: list[str]) -> None:
    assert line.reports(line.send(f"+1555000{digits}"), len(states)) == states


def test_the_npm_server_refuses_and_asks_to_be_slower(line: Line) -> None:
    assert line.send("+15550000004") == Refused(reason="invalid_number", raw="0x0000000b")
    slow = line.send("+15550000008")
    assert isinstance(slow, TryLater)
    pause = threading.Event()
    while isinstance(slow, TryLater):
        pause.wait(0.02)
        slow = line.send("+15550000008")
    assert line.reports(slow, 1) == ["delivered"]


@pytest.mark.parametrize("text", ["£5 {net} [ok] ~ €", "It’s 🐶👩‍⚕️ – ça va?", "one\ntwo", "x" * 400, LONG])
def test_the_npm_server_reads_and_brings_any_text(line: Line, text: str) -> None:
    to = f"+1556{crc32(text.encode()) % 10**6:06d}0000"
    outcome = line.send(to, f"MO:{text}" if len(text) < 60 else text)
    line.reports(outcome, 1)
    read = [event for event in line.peer.events() if event["event"] == "submit" and event["to"] == to.lstrip("+")]
    assert "".join(str(event["text"]) for event in read).removeprefix("MO:") == text
    if len(text) < 60:
        assert [event.text for event in line.seen if isinstance(event, InboundText) and event.sender == to] == [text]


def test_the_npm_server_is_taken_leave_of() -> None:
    with SmppPeer() as peer:
        settings = SmppSettings(host="127.0.0.1", port=peer.port, tls=False, system_id="desk", password="hush-hush")
        session = SmppSession(settings)
        session.open(lambda number, event: True)
        session.hand_over(OutboundText(id="m.1", sender=OURS, to="+15550000000", text="hello"))
        session.close(5)
        assert peer.wait_for(lambda event: event["event"] == "unbind")
        assert not [event for event in peer.events() if event["event"] == "error"]


# --- Kannel -----------------------------------------------------------------------------------------------------------
_GROUP = """
group = smsc
smsc = smpp
smsc-id = smpp1
host = 127.0.0.1
port = {port}
transceiver-mode = true
smsc-username = {user}
smsc-password = "{password}"
system-type = ""
interface-version = 34
source-addr-autodetect = true
dest-addr-ton = 1
dest-addr-npi = 1
enquire-link-interval = 1
reconnect-delay = 1
wait-ack = 5
allowed-smsc-id = smpp1
"""


@define
class OtherEnd:
    """Kannel as the client of the centre that the plugin's tests use, so that its reading and writing is proved."""

    kannel: Kannel
    centre: PretendedCentre
    sink: HttpSink

    def send(self, text: str, to: str) -> WholeText:
        before = len(self.centre.texts())
        headers = {
            "Content-Type": "text/plain; charset=UTF-8",
            "X-Kannel-Username": USERNAME,
            "X-Kannel-Password": PASSWORD,
            "X-Kannel-From": OURS,
            "X-Kannel-To": to,
            "X-Kannel-Coding": "0" if text.isascii() else "2",
            "X-Kannel-SMSC": "smpp1",
            "X-Kannel-DLR-Mask": "31",
            "X-Kannel-DLR-URL": f"http://127.0.0.1:{self.sink.port}/dlr?{urlencode({'to': to})}&kind=%d",
        }
        assert self.kannel.post(headers, text.encode())[0] == 202
        self.centre.wait_for(lambda: len(self.centre.texts()) > before, self.kannel.logs())
        return self.centre.texts()[before]


@pytest.fixture(scope="module")
def other_end() -> Iterator[OtherEnd]:
    with HttpSink() as sink, PretendedCentre() as centre:
        account = centre.settings()
        group = _GROUP.format(port=centre.port, user=account["system_id"], password=account["password"])
        post_url = f"http://127.0.0.1:{sink.port}/mo?from=%p&to=%P"
        with Kannel(post_url=post_url, template=TEMPLATE.replace("{smpp}", group)) as kannel:
            yield OtherEnd(kannel, centre, sink)


@pytest.mark.parametrize("text", ["hello Bella", "x" * 400, "It’s 🐶", LONG], ids=["plain", "long", "emoji", "both"])
def test_what_kannel_says_is_understood_and_it_understands_the_receipt(other_end: OtherEnd, text: str) -> None:
    to = f"+1557{crc32(text.encode()) % 10**6:06d}"
    taken = other_end.send(text, to)
    assert (taken.to, taken.text) == (to, text)
    # Kannel asks for the receipt of the first part.
    first = next(one for one in other_end.centre.taken() if one.message == taken.parts[0])
    report = WholeText(id=first.id, sender=taken.sender, to=taken.to, text="", parts=taken.parts)
    assert other_end.centre.report(report, "DELIVRD") == 0
    other_end.sink.wait_for(lambda seen: seen.query.get("to") == to and seen.query.get("kind") == "1")


@pytest.mark.parametrize(("text", "parts"), [("How is Bella?", 1), ("¿Está bien? 🐶", 1), (LONG, 6), ("y" * 300, 2)])
def test_kannel_understands_what_is_said_of_itself(other_end: OtherEnd, text: str, parts: int) -> None:
    phone = f"+1558{crc32(text.encode()) % 10**6:06d}"
    assert other_end.centre.bring(phone, OURS, text, parts=parts) == [0] * parts
    (seen,) = other_end.sink.wait_for(lambda one: one.query.get("from") == phone)
    assert seen.body.decode() == text


def test_kannel_asks_whether_it_is_there(other_end: OtherEnd) -> None:
    other_end.centre.wait_for(lambda: other_end.centre.count("enquire") > 0, "no enquire_link")
    assert other_end.centre.count("enquire") > 0
