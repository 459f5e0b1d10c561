"""The contract of a carrier on the wire: a kit, real HTTP, every fault on the way, and the carrier's own ledger.

Subclass, beside :class:`convokit.testing.SmsGatewayContract`, with a pretended carrier that is as strict as the real
one (:class:`convokit.testing.CarrierApi`)::

    class TestPigeonOnTheWire(SmsJourneyContract):
        def make_carrier(self):
            return PigeonApi()
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping

import pytest

from convokit.domain.conversation import Entry
from convokit.domain.delivery import NOT_FOUND, Delivery
from convokit.domain.people import Client
from convokit.ports.sms import Capabilities
from convokit.ports.wire import HttpRequest
from convokit.testing.carrier_api import CarrierApi
from convokit.testing.contract import Cases, Contract
from convokit.testing.fault_proxy import FAULTS, Fault
from convokit.testing.journeys import ANA, KIM, OURS, Journey, journey

BEN = Client(id="c18", name="Ben Ortega", phone="+13035550124")
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
"""A PNG of one pixel."""
HELLO = "Bella’s results are in: all good! 🐶"


class SmsJourneyContract(Contract):
    """What must come of texts between a desk and a carrier, whatever happens in between."""

    def make_carrier(self) -> CarrierApi:
        """A new carrier that has taken nothing."""
        raise NotImplementedError(
            "fill in make_carrier: return a new CarrierApi: the carrier, pretended, that has taken nothing"
        )

    def cases(self) -> Mapping[str, Callable[[], Cases]]:
        return {**super().cases(), "fault": lambda: dict(FAULTS)}

    @pytest.fixture
    def way(self) -> Iterator[Journey]:
        """A desk, the carrier, and what is between them."""
        with journey(self.make_carrier()) as way:
            yield way

    # --- without faults -----------------------------------------------------------------------------------------------
    def test_a_text_arrives_as_it_was_written_and_is_reported(self, way: Journey) -> None:
        sent = way.send(HELLO)
        assert sent.delivery is Delivery.SENT, sent
        (left,) = way.carrier.ledger
        assert (left.sender, left.to, left.text) == (OURS, ANA.phone, HELLO)
        if not self._reports(way):
            return
        for state, shown in (("sent", Delivery.SENT), ("delivered", Delivery.DELIVERED), ("sent", Delivery.DELIVERED)):
            answer = way.carrier.report(left, state)  # type: ignore[arg-type]  # the words of the table
            assert 200 <= answer.status < 300
            assert way.shown(sent).delivery is shown

    def test_what_failed_says_so(self, way: Journey) -> None:
        if not self._reports(way):
            return
        sent = way.send(HELLO)
        way.carrier.report(way.left(HELLO)[0], "failed")
        after = way.shown(sent)
        assert after.delivery is Delivery.FAILED
        assert after.indicator is not None
        assert after.indicator.reason is not None

    def test_two_texts_of_one_kind_are_told_apart(self, way: Journey) -> None:
        first, second = way.send(HELLO), way.send(HELLO, BEN)
        one, other = sorted(way.left(HELLO), key=lambda left: left.to)
        if self._reports(way):
            way.carrier.report(other, "delivered")
            assert (way.shown(first).delivery, way.shown(second).delivery) == (Delivery.SENT, Delivery.DELIVERED)
        assert (one.to, other.to) == (ANA.phone, BEN.phone)

    def test_p02_a_clients_text_is_in_the_inbox_once(self, way: Journey) -> None:
        if not self._able(way).inbound:
            return
        answer = way.carrier.bring(ANA.phone or "", OURS, "How is Bella?")
        assert 200 <= answer.status < 300
        (row,) = way.desk.inbox().items
        assert (row.address, row.last_text, row.unread) == (ANA.phone, "How is Bella?", 1)

    def test_p07_the_carriers_opt_out_becomes_ours(self, way: Journey) -> None:
        try:
            way.carrier.opt_out(ANA.phone or "")
        except NotImplementedError:
            return
        refused = way.send(HELLO)
        assert (refused.delivery, refused.reason) == (Delivery.FAILED, "opted_out")
        assert way.store.consent("happy-paws", ANA.phone or "").opted_out
        assert not way.left(HELLO)

    # --- files --------------------------------------------------------------------------------------------------------
    def test_a_picture_goes_with_the_text_or_as_a_link(self, way: Journey) -> None:
        sent = way.desk.send(way.talk().id, HELLO, by=KIM, attachments=[PICTURE])
        way.kit.work()
        (left,) = way.carrier.ledger
        takes = self._able(way).mms
        urls = left.media or (left.text.rpartition(" ")[2],)
        assert bool(left.media) == (takes is not None and "image/png" in takes.types), "it is declared otherwise"
        assert left.text.partition("\n")[0] == HELLO
        (answer,) = (way.kit.front(HttpRequest(method="GET", url=url)) for url in urls)
        content = answer.body or b"".join(answer.chunks or ())
        assert (answer.status, content[:4]) == (200, PICTURE[:4]), "the carrier could not fetch it"
        assert way.shown(sent).delivery is Delivery.SENT

    def test_p02_a_picture_needs_no_words(self, way: Journey) -> None:
        if self._able(way).mms is None:
            return
        way.desk.send(way.talk().id, "", by=KIM, attachments=[PICTURE])
        way.kit.work()
        assert [(left.text, len(left.media)) for left in way.carrier.ledger] == [("", 1)]

    def test_p01_a_clients_picture_is_fetched(self, way: Journey) -> None:
        if not self._able(way).media_hosts:
            return
        way.carrier.bring(ANA.phone or "", OURS, "Look!", PICTURE)
        self._check_picture(way)

    def test_p01_a_picture_whose_callback_was_lost_is_fetched(self, way: Journey) -> None:
        if not (self._able(way).media_hosts and self._able(way).polls):
            return
        way.kit.webhook_url("happy-paws")
        way.clock.pass_(minutes=1)
        way.carrier.keep(ANA.phone or "", OURS, "Look!", PICTURE)
        self._check_picture(way)

    def _check_picture(self, way: Journey) -> None:
        way.go_on(hours=0.5)
        (row,) = way.desk.inbox().items
        (came,) = [entry for entry in way.desk.thread(row.id).items if entry.side == "client"]
        assert came.text == "Look!"
        assert [(file.kind, file.state, file.reason) for file in came.attachments] == [("photo", "ready", None)]

    # --- with faults --------------------------------------------------------------------------------------------------
    def test_p03_no_fault_sends_a_text_twice_or_lies_about_it(self, way: Journey, fault: Fault) -> None:
        if fault.slow:
            way.hurry()
        way.proxy.then(fault)
        sent = way.send(HELLO)
        check_truth(way, sent)
        way.go_on()
        check_truth(way, sent)
        assert way.store.unsettled() == 0, "it is stuck"

    def test_p03_a_refused_connection_is_tried_again(self, way: Journey) -> None:
        way.proxy.refuse()
        sent = way.send(HELLO)
        assert sent.delivery is Delivery.QUEUED
        way.proxy.listen()
        way.go_on()
        assert way.shown(sent).delivery is Delivery.SENT
        assert len(way.left(HELLO)) == 1

    def test_p03_a_lost_answer_is_unsure_once_and_settled_by_a_report(self, way: Journey) -> None:
        """The connection is reset after the text was taken: nobody is texted twice, and the report tells."""
        way.proxy.then(FAULTS["reset before the answer"])
        sent = way.send(HELLO)
        able = self._able(way)
        known_already = (Delivery.SENT, Delivery.DELIVERED) if able.looks_up else ()  # it was asked at once
        assert sent.delivery in (Delivery.QUEUED if able.idempotent_send else Delivery.UNSURE, *known_already)
        (left,) = way.left(HELLO)
        if self._reports(way):
            way.carrier.report(left, "delivered")
            assert way.shown(sent).delivery is Delivery.DELIVERED
        way.go_on()
        assert len(way.left(HELLO)) == 1
        assert not self._reports(way) or way.shown(sent).delivery is Delivery.DELIVERED

    # --- when callbacks and answers are lost, and the carrier can be asked --------------------------------------------
    def test_p03_a_lost_answer_is_settled_by_asking(self, way: Journey) -> None:
        if not (self._able(way).looks_up or self._able(way).idempotent_send):
            return
        way.proxy.then(FAULTS["reset before the answer"])
        sent = way.send(HELLO)
        way.go_on()
        assert way.shown(sent).delivery is Delivery.SENT
        assert len(way.left(HELLO)) == 1

    def test_p03_of_two_alike_each_is_found(self, way: Journey) -> None:
        """The same words to the same number, twice, and both answers lost."""
        if not self._able(way).looks_up:
            return
        sent = []
        for _ in range(2):
            way.proxy.then(FAULTS["reset before the answer"])
            talk = way.store.latest_at("happy-paws", "sms", ANA.phone or "") or way.talk()
            sent.append(way.desk.send(talk.id, HELLO, by=KIM))
            way.kit.work()
        way.go_on()
        assert [way.shown(one).delivery for one in sent] == [Delivery.SENT, Delivery.SENT]
        assert len(way.left(HELLO)) == 2
        assert len({way.shown(one).provider_id for one in sent}) == 2

    def test_p03_a_text_that_never_left_is_known_to_be_missing(self, way: Journey) -> None:
        if not self._able(way).looks_up or self._able(way).idempotent_send:
            return
        way.proxy.then(FAULTS["reset before the request is taken"])
        sent = way.send(HELLO)
        assert sent.delivery is Delivery.UNSURE
        way.go_on()
        missing = way.shown(sent)
        assert (missing.delivery, missing.flags) == (Delivery.UNSURE, (NOT_FOUND,))
        way.desk.send_again(missing.conversation_id, sent.id, by=KIM)
        way.go_on()
        assert (way.shown(sent).delivery, way.shown(sent).flags) == (Delivery.SENT, ())
        assert len(way.left(HELLO)) == 1

    def test_p03_a_carrier_that_cannot_be_asked_now_is_asked_later(self, way: Journey) -> None:
        if not self._able(way).looks_up or self._able(way).idempotent_send:
            return
        failing = [FAULTS[name] for name in ("503, not taken", "HTML with 200, not taken", "reset inside the answer")]
        way.proxy.then(FAULTS["reset before the answer"], *failing)
        sent = way.send(HELLO)
        assert sent.delivery is Delivery.UNSURE
        way.go_on()
        assert (way.shown(sent).delivery, way.shown(sent).flags) == (Delivery.SENT, ())

    def test_p01_a_text_whose_callback_was_lost_is_asked_for(self, way: Journey) -> None:
        if not self._able(way).polls:
            return
        way.talk()
        way.kit.webhook_url("happy-paws")  # from here on the practice texts through this carrier
        way.clock.pass_(minutes=1)
        way.carrier.keep(ANA.phone or "", OURS, "Is Bella awake?")
        way.carrier.keep(ANA.phone or "", "+13035550199", "This is for another practice.")
        way.go_on()
        (row,) = way.desk.inbox(unread=True).items
        came = [entry for entry in way.desk.thread(row.id).items if entry.side == "client"]
        assert [(entry.text, entry.flags) for entry in came] == [("Is Bella awake?", ("late",))]
        assert not list(way.carrier.ledger), "an automatic answer to a text of long ago"

    def test_p02_a_text_that_came_is_not_taken_again_when_it_is_asked_for(self, way: Journey) -> None:
        if not (self._able(way).polls and self._able(way).inbound):
            return
        way.kit.webhook_url("happy-paws")
        way.clock.pass_(minutes=1)
        way.carrier.bring(ANA.phone or "", OURS, "How is Bella?")
        way.go_on()
        (row,) = way.desk.inbox().items
        assert row.unread == 1

    def test_p04_a_text_whose_reports_were_lost_is_not_stuck(self, way: Journey) -> None:
        if not self._able(way).polls:
            return
        sent = way.send(HELLO)
        way.carrier.know(way.left(HELLO)[0], "delivered")
        way.go_on()
        assert way.shown(sent).delivery is Delivery.DELIVERED

    # --- what the carrier can ----------------------------------------------------------------------------------------
    def _able(self, way: Journey) -> Capabilities:
        return way.kit.catalogue.gateways[way.carrier.name].capabilities

    def _reports(self, way: Journey) -> bool:
        return self._able(way).delivery_reports


def check_truth(way: Journey, sent: Entry) -> None:
    """What staff see is what the carrier's ledger says, or "nobody knows"."""
    times, shown = len(way.left(sent.text)), way.shown(sent).delivery
    assert times <= 1, f"it left {times} times; shown: {shown!r}"
    if shown in (Delivery.SENT, Delivery.DELIVERED):
        assert times == 1, "it is shown as sent, and never left"
    if shown is Delivery.FAILED:
        assert times == 0, "it is shown as failed, and left"
