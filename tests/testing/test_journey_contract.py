"""The contract of carriers on the wire: the kit's own carrier keeps it, and broken plugins are found out."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve, frozen

from convokit.domain.attachment import MediaLimits
from convokit.outcomes import Accepted, Refused, TryLater
from convokit.plugins import hookimpl
from convokit.ports.sms import Capabilities, Conversation, OutboundText, SmsGatewayOffer, Verified, WebhookReading
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit.testing import FAULTS, CarrierApi, FakeCarrier, FakePlugin, SmsJourneyContract, journey
from convokit.testing.fake_carrier import FakeGateway, FakeSettings, outcome_of

PICTURES = Capabilities(
    polls=True,
    mms=MediaLimits(types=frozenset({"image/png"}), bytes_each=1_000_000, bytes_together=1_000_000),
    media_hosts=("127.0.0.1",),
)


class TestFakeCarrier(SmsJourneyContract):
    """The carrier that exists only in tests."""

    def make_carrier(self) -> CarrierApi:
        return FakeCarrier()


class TestFakeCarrierThatCanBeAsked(SmsJourneyContract):
    """It also knows what it took, and what came."""

    def make_carrier(self) -> CarrierApi:
        return FakeCarrier(Capabilities(looks_up=True, polls=True))


class TestFakeCarrierWithPictures(SmsJourneyContract):
    """It carries pictures both ways."""

    def make_carrier(self) -> CarrierApi:
        return FakeCarrier(PICTURES)


class TestFakeCarrierThatRepeats(SmsJourneyContract):
    """It sends once whatever is asked twice."""

    def make_carrier(self) -> CarrierApi:
        return FakeCarrier(Capabilities(idempotent_send=True))


# --- broken ones ------------------------------------------------------------------------------------------------------


@frozen
class Answers(FakeGateway):
    """Makes something else of the carrier's answer."""

    def outcome(self, answer: HttpResponse | NoAnswer) -> Any:
        return outcome_of(answer)

    def send(self, message: OutboundText) -> Conversation:
        exchange = super().send(message)
        answer = yield next(exchange)
        exchange.close()
        return self.outcome(answer)  # type: ignore[no-any-return]


class Impatient(Answers):
    def outcome(self, answer: HttpResponse | NoAnswer) -> Any:
        return TryLater(raw="?") if isinstance(answer, NoAnswer) else outcome_of(answer)


class Optimist(Answers):
    def outcome(self, answer: HttpResponse | NoAnswer) -> Any:
        good = isinstance(answer, HttpResponse) and answer.status < 300
        return Accepted(provider_id="f1") if good else outcome_of(answer)


class Hasty(Answers):
    def outcome(self, answer: HttpResponse | NoAnswer) -> Any:
        failed = isinstance(answer, HttpResponse) and answer.status >= 500
        return Refused(reason="gateway_error") if failed else outcome_of(answer)


class Repeating(Answers):
    """Takes a proxy's 503 for the carrier's own."""

    def outcome(self, answer: HttpResponse | NoAnswer) -> Any:
        later = isinstance(answer, HttpResponse) and answer.status == 503
        return TryLater(raw="503") if later else outcome_of(answer)


class Doubtful(Answers):
    """Gives up for good where nothing left."""

    def outcome(self, answer: HttpResponse | NoAnswer) -> Any:
        return Refused(reason="gateway_error") if isinstance(answer, NoAnswer) else outcome_of(answer)


class Forgetful(Answers):
    """Takes an opt-out for any refusal."""

    def outcome(self, answer: HttpResponse | NoAnswer) -> Any:
        told = outcome_of(answer)
        return Refused(reason="unknown", raw=told.raw) if isinstance(told, Refused) else told


@frozen
class Reports(FakeGateway):
    """Reads something else."""

    def changed(self, event: Any) -> Any:
        return event

    def read_webhook(self, request: HttpRequest) -> WebhookReading:
        found = super().read_webhook(request)
        return Verified(events=tuple(map(self.changed, found.events))) if isinstance(found, Verified) else found


class Nameless(Reports):
    """Loses which text a report is about."""

    def changed(self, event: Any) -> Any:
        return evolve(event, attempt_id=None, provider_id="f9") if hasattr(event, "attempt_id") else event


class Hopeful(Reports):
    """Takes a failure for a delivery."""

    def changed(self, event: Any) -> Any:
        failed = getattr(event, "state", "") == "failed"
        return evolve(event, state="delivered", reason=None) if failed else event


class Wordless(FakeGateway):
    """Forgets the pictures."""

    def send(self, message: OutboundText) -> Conversation:
        return super().send(evolve(message, media=()))


class Stranger(FakeGateway):
    """Shows no key when it fetches a picture."""

    def media_request(self, url: str) -> HttpRequest:
        return HttpRequest(method="GET", url=url)


class Swapped(Reports):
    """Takes the practice's number for the client's."""

    def changed(self, event: Any) -> Any:
        return evolve(event, sender=event.to, to=event.sender) if hasattr(event, "sender") else event


FAULT = "test_p03_no_fault_sends_a_text_twice_or_lies_about_it"
BROKEN: list[tuple[type[FakeGateway], str, str]] = [
    (Impatient, FAULT, "reset before the answer"),
    (Impatient, "test_p03_a_lost_answer_is_unsure_once_and_settled_by_a_report", ""),
    (Optimist, FAULT, "HTML with 200, not taken"),
    (Hasty, FAULT, "502, taken"),
    (Repeating, FAULT, "503, taken"),
    (Doubtful, "test_p03_a_refused_connection_is_tried_again", ""),
    (Forgetful, "test_p07_the_carriers_opt_out_becomes_ours", ""),
    (Nameless, "test_a_text_arrives_as_it_was_written_and_is_reported", ""),
    (Nameless, "test_two_texts_of_one_kind_are_told_apart", ""),
    (Hopeful, "test_what_failed_says_so", ""),
    (Wordless, "test_a_picture_goes_with_the_text_or_as_a_link", ""),
    (Wordless, "test_p02_a_picture_needs_no_words", ""),
    (Stranger, "test_p01_a_clients_picture_is_fetched", ""),
    (Stranger, "test_p01_a_picture_whose_callback_was_lost_is_fetched", ""),
    (Swapped, "test_p02_a_clients_text_is_in_the_inbox_once", ""),
]


class BrokenPlugin(FakePlugin):
    def __init__(self, build: type[FakeGateway]) -> None:
        super().__init__(PICTURES)
        self.build = build

    @hookimpl
    def convokit_sms_gateways(self) -> list[SmsGatewayOffer]:
        able = self.capabilities
        return [SmsGatewayOffer(name="fake", settings=FakeSettings, build=self.build, capabilities=able)]


@pytest.mark.parametrize(("broken", "name", "fault"), BROKEN)
def test_a_broken_carrier_is_found_out(broken: type[FakeGateway], name: str, fault: str) -> None:
    carrier = FakeCarrier()
    carrier.plugin = BrokenPlugin(broken)
    given = [FAULTS[fault]] if fault else []
    with journey(carrier) as way, pytest.raises((AssertionError, ValueError)):
        getattr(TestFakeCarrier(), name)(way, *given)


def test_a_carrier_that_nobody_listens_to_says_so() -> None:
    with FakeCarrier() as carrier, pytest.raises(AssertionError, match="nobody listens"):
        carrier.bring("+13035550123", "+13035550100", "Hello")


@pytest.mark.parametrize("method", ["settings", "report", "bring", "keep", "know", "opt_out"])
def test_a_pretended_carrier_says_what_it_can(method: str) -> None:
    one, two, three = ("x",), (None, "sent"), ("a", "b", "c")
    given = {"settings": one, "opt_out": one, "report": two, "know": two}.get(method, three)
    with pytest.raises(NotImplementedError):
        getattr(CarrierApi(), method)(*given)
