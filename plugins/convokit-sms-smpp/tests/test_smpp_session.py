"""The session over real sockets: long texts, being told to be slower, lost answers, broken connections, TLS."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from attrs import evolve
from convokit_sms_smpp import SmppSession, SmppSettings
from convokit_sms_smpp.pdu import Message
from convokit_sms_smpp.session import Link
from convokit_sms_smpp.talk import Answered, Lost
from convokit_sms_smpp.testing import PATIENCE, PretendedCentre, inbound

from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.ports.sms import DeliveryReport, Event, InboundText, OutboundText

ANA, OURS = "+13035550123", "+13035550100"
MESSAGE = OutboundText(id="m_1.1", sender=OURS, to=ANA, text="Bella’s results are in 🐶")
LONG = evolve(MESSAGE, text="x" * 400)


class Way:
    """A centre, a session, and what came in."""

    def __init__(self, centre: PretendedCentre, **more: object) -> None:
        self.centre = centre
        self.session = SmppSession(SmppSettings(**{**centre.settings(), **more}), second=0.02)  # type: ignore[arg-type]
        self.seen: list[tuple[str, Event]] = []
        self.changed = threading.Condition()
        self.session.open(self.take)

    def take(self, number: str, event: Event) -> bool:
        with self.changed:
            self.seen.append((number, event))
            self.changed.notify_all()
        return True

    def send(self, message: OutboundText = MESSAGE) -> Outcome:
        return self.session.hand_over(message)

    def reports(self, count: int = 1) -> list[DeliveryReport]:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.seen) >= count, PATIENCE)
        return [event for _, event in self.seen if isinstance(event, DeliveryReport)]

    def until(self, is_up: bool) -> None:
        pause = threading.Event()
        for _ in range(1_000):
            if self.session.state().is_up is is_up:
                return
            pause.wait(0.005)
        raise AssertionError(self.session.state())


@pytest.fixture
def centre() -> Iterator[PretendedCentre]:
    with PretendedCentre() as centre:
        yield centre


@pytest.fixture
def way(centre: PretendedCentre) -> Iterator[Way]:
    way = Way(centre)
    yield way
    way.session.close(5)


@pytest.mark.parametrize(("how", "units"), [("udh", 3), ("sar", 3), ("payload", 1)])
def test_a_long_text_arrives_whole_in_every_way(centre: PretendedCentre, how: str, units: int) -> None:
    way = Way(centre, long_texts=how)
    outcome = way.send(LONG)
    taken = centre.taken()
    assert len(taken) == units
    assert outcome == Accepted(provider_id=taken[-1].id)
    assert [text.text for text in centre.texts()] == [LONG.text]
    way.session.close(5)


@pytest.mark.parametrize("status", [0x58, 0x14])
def test_told_to_be_slower_nothing_leaves_for_a_while(centre: PretendedCentre, status: int) -> None:
    way = Way(centre, throttle_seconds=60)
    centre.then(status, status)
    assert way.send() == TryLater(raw=f"0x{status:08x}", after=2)
    assert way.send() == TryLater(raw="the carrier asked to be slower", after=2)
    assert centre.taken() == ()
    way.session.close(5)


def test_after_a_while_it_goes_on(way: Way) -> None:
    way.centre.then(0x58, 0x58)
    pause = threading.Event()
    outcomes = [way.send()]
    while isinstance(outcomes[-1], TryLater):
        pause.wait(0.01)
        outcomes.append(way.send())
    assert isinstance(outcomes[-1], Accepted)
    assert len(way.centre.taken()) == 1


def test_the_rest_of_a_long_text_waits_and_follows(way: Way) -> None:
    way.centre.then(0, 0x58, 0x58)
    assert isinstance(way.send(LONG), Accepted)
    assert [text.text for text in way.centre.texts()] == [LONG.text]


def test_a_long_text_whose_rest_is_not_taken_in_time_is_unsure(centre: PretendedCentre) -> None:
    way = Way(centre, deadline=1, timeout=1, throttle_seconds=60)
    centre.then(0, 0x58)
    assert way.send(LONG) == Unsure(why="0x00000058, after 1 of 3 parts")
    way.session.close(5)


def test_a_long_text_may_be_refused_in_the_middle(way: Way) -> None:
    way.centre.then(0, 0x45)
    assert way.send(LONG) == Refused(reason="unknown", raw="0x00000045, after 1 of 3 parts")


def test_a_long_text_that_the_connection_does_not_survive_is_unsure(way: Way) -> None:
    way.centre.then(0, "hang up")
    outcome = way.send(LONG)
    assert isinstance(outcome, Unsure)
    assert outcome.why.endswith(", after 1 of 3 parts")


def test_p03_a_receipt_settles_what_nobody_answered(way: Way) -> None:
    way.centre.then("hang up")
    assert isinstance(way.send(), Unsure)
    assert way.centre.report(way.centre.texts()[0], "DELIVRD") == 0
    (report,) = way.reports()
    assert (report.attempt_id, report.state) == (MESSAGE.id, "delivered")


def test_p03_a_parameter_of_the_carriers_settles_it_in_any_process(centre: PretendedCentre) -> None:
    way = Way(centre, user_references=False, id_tlv=0x1501)
    centre.then("hang up")
    assert isinstance(way.send(), Unsure)
    way.session.close(5)
    other = Way(centre, user_references=False, id_tlv=0x1501)
    (text,) = centre.texts()
    assert centre.report(text, "DELIVRD", tlvs=((0x1501, b"m_1.1\0"),)) == 0
    (report,) = other.reports()
    assert (report.attempt_id, report.state) == (MESSAGE.id, "delivered")
    other.session.close(5)


def test_an_answer_in_hex_and_a_receipt_in_decimal_are_one_id(centre: PretendedCentre) -> None:
    centre.id_of = lambda number: f"{0xABC0 + number:08X}"
    way = Way(centre, message_ids="hex-decimal")
    outcome = way.send()
    (text,) = centre.texts()
    assert centre.report(text, "DELIVRD", tlvs=(), words_id=f"{0xABC1:010d}") == 0
    (report,) = way.reports()
    assert outcome == Accepted(provider_id=report.provider_id)
    way.session.close(5)


def test_the_window_is_never_exceeded(centre: PretendedCentre) -> None:
    way = Way(centre, window=2, timeout=1, deadline=1)
    way.until(is_up=True)
    centre.then("say nothing", "say nothing")
    outcomes: list[Outcome] = []
    senders = [threading.Thread(target=lambda: outcomes.append(way.send())) for _ in range(3)]
    for sender in senders:
        sender.start()
    centre.wait_for(lambda: len(centre.taken()) == 2, "two texts")
    way.session.close(0)
    for sender in senders:
        sender.join(PATIENCE)
    assert len(centre.taken()) == 2
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["TryLater", "Unsure", "Unsure"]


def test_no_answer_in_time_is_unsure_and_a_late_one_settles_it(centre: PretendedCentre) -> None:
    way = Way(centre)
    way.until(is_up=True)
    link, late, came = way.session._link, [], threading.Event()
    assert isinstance(link, Link)
    centre.then("say nothing")

    def tell(answer: Answered) -> None:
        late.append(answer)
        came.set()

    assert link.submit(Message(short_message=b"hi"), time.monotonic() + 0.05, tell) == Lost(why="no answer in time")
    centre.answer_late()
    assert came.wait(PATIENCE)
    assert late == [Answered(status=0, message_id=centre.taken()[0].id)]
    way.session.close(5)


def test_a_carrier_that_takes_leave_is_connected_again(way: Way) -> None:
    assert isinstance(way.send(), Accepted)
    way.centre.leave()
    way.centre.wait_for(lambda: way.centre.count("bind") == 2, "a second bind")
    assert isinstance(way.send(), Accepted)


def test_it_goes_on_trying_while_the_carrier_is_away(caplog: pytest.LogCaptureFixture) -> None:
    with PretendedCentre() as centre, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # nobody listens there, and nobody else can
        way = Way(centre, port=closed.getsockname()[1])
        way.until(is_up=False)
        assert way.send() == TryLater(raw="cannot connect (ConnectionRefusedError)")
        assert way.send() == TryLater(raw="cannot connect (ConnectionRefusedError)")
        assert "no connection to 127.0.0.1" in caplog.text
        way.session.close(5)


def test_a_server_that_speaks_something_else_is_given_up(centre: PretendedCentre) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        way = Way(centre, port=listening.getsockname()[1])
        for _ in range(2):
            other, _ = listening.accept()
            with other:
                other.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        assert isinstance(way.send(), TryLater)
        way.session.close(5)


def test_bytes_one_at_a_time_are_the_same(way: Way) -> None:
    for message in inbound(ANA, OURS, "How is Bella? 🐶"):
        assert way.centre.deliver(message) == 0
    ((number, event),) = way.seen
    assert isinstance(event, InboundText)
    assert (number, event.text) == (OURS, "How is Bella? 🐶")


def test_what_is_not_whole_is_handed_over_when_it_is_closed(way: Way) -> None:
    assert way.centre.deliver(inbound(ANA, OURS, "How is Bella? " * 20, 2)[0]) == 0
    assert way.seen == []
    way.session.close(5)
    ((_, event),) = way.seen
    assert isinstance(event, InboundText)
    assert event.text.endswith("[...]")


# --- TLS --------------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.mark.parametrize(("name", "fits"), [("127.0.0.1", True), ("smsc.example", False)])
def test_tls_is_for_the_host_whom_the_certificate_names(
    tmp_path: Path, authority: trustme.CA, name: str, fits: bool
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with PretendedCentre(tls=context) as centre:
        way = Way(centre, tls=True, ca_file=str(tmp_path / "ca.pem"))
        outcome = way.send(LONG)
        if fits:
            assert isinstance(outcome, Accepted)
            assert centre.bring(ANA, OURS, "How is Bella? " * 100, parts=10) == [0] * 10
        else:
            assert outcome == TryLater(raw="cannot connect (SSLCertVerificationError)")
            assert centre.count("bind") == 0
        way.session.close(5)
