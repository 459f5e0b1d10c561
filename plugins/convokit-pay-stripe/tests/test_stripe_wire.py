"""A whole desk that asks for money through a pretended Stripe, with real HTTP and every fault in between."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from attrs import define
from convokit_pay_stripe.testing import Session, StripeApi

import convokit
from convokit.domain.payment import Payment
from convokit.plugins import hookimpl
from convokit.runtime.http import BlockingHttp
from convokit.testing import FAULTS, Fault, FaultProxy
from convokit.testing.journeys import ANA, DEADLINE_SECONDS, HURRIED_SECONDS, KIM, PUBLIC_URL, Clock

BEN = convokit.Client(id="c18", name="Ben Ortega")
REAL = convokit.Rules(payments=convokit.PaymentRules(accept_test=True))


class Books:
    """The host's books: what it is told."""

    name = "books"

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    @hookimpl
    def convokit_payment_settled(self, payment: Payment) -> None:
        self.told.append((payment.state, payment.received.text))


@define(eq=False)
class Till:
    kit: convokit.Convokit
    api: StripeApi
    proxy: FaultProxy
    clock: Clock
    books: Books

    @property
    def desk(self) -> convokit.PracticeDesk:
        return self.kit.practice("happy-paws")

    def ask(self, amount: str = "84.50", currency: str = "USD", client: convokit.Client = ANA) -> Payment:
        """Ask, and have the worker ask Stripe, once."""
        talk = self.desk.start(client=client, title="Dental cleaning", by=KIM)
        asked = self.desk.request_payment(talk.id, invoice="1042", amount=amount, currency=currency, by=KIM)
        self.kit.work()
        return self.desk.payment(asked.id)

    def shown(self, payment: Payment) -> Payment:
        return self.desk.payment(payment.id)

    def session(self, payment: Payment) -> Session:
        return self.api.session(payment.id)

    def go_on(self, *, minutes: int = 30) -> None:
        for _ in range(minutes):
            self.clock.pass_(minutes=1)
            self.kit.work()

    def links(self, payment: Payment) -> list[str]:
        """The links that the client was sent."""
        texts = [entry.text for entry in self.desk.entries(payment.conversation_id)]
        return [text.rpartition(" ")[2] for text in texts if "https://checkout" in text]


@pytest.fixture
def till() -> Iterator[Till]:
    clock, books, api = Clock(), Books(), StripeApi()
    with api, FaultProxy(api.port) as proxy:
        api.now = clock
        given = {"stripe": api.settings(proxy.url)}
        kit = convokit.open("memory:", plugins=["stripe", books], settings=given, public_url=PUBLIC_URL, clock=clock)
        kit.exchanging.use(BlockingHttp(seconds=DEADLINE_SECONDS))
        with kit:
            kit.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws", rules=REAL))
            api.host, api.hook = kit.front, kit.payment_webhook_url("happy-paws") or ""
            yield Till(kit, api, proxy, clock, books)


# --- without faults ---------------------------------------------------------------------------------------------------


def test_p08_a_client_pays_and_the_books_are_told_once(till: Till) -> None:
    payment = till.ask()
    session = till.session(payment)
    assert (payment.state, payment.url, payment.provider_id) == ("requested", session.url, session.id)
    assert till.links(payment) == [session.url]
    assert (session.amount, session.currency) == (8450, "usd")
    till.api.decline(session)
    assert till.shown(payment).state == "declined"
    for _ in range(2):
        assert {answer.status for answer in till.api.pay(session)} == {200}
    paid = till.shown(payment)
    assert (paid.state, paid.received.text, paid.flags) == ("paid", "84.50 USD", ())
    assert till.books.told == [("paid", "84.50 USD")]


def test_p08_refunds_in_parts_and_a_dispute(till: Till) -> None:
    payment = till.ask()
    session = till.session(payment)
    till.api.pay(session)
    seen = []
    for units in (1000, 2000, 5450):
        till.api.refund(session, units)
        shown = till.shown(payment)
        seen.append((shown.state, shown.refunded.text))
    assert seen == [("partly_refunded", "10.00 USD"), ("partly_refunded", "30.00 USD"), ("refunded", "84.50 USD")]
    till.api.dispute(session)
    assert (till.shown(payment).state, till.shown(payment).flags) == ("disputed", ())


def test_p08_a_refund_that_fails_is_taken_off_again(till: Till) -> None:
    payment = till.ask()
    session = till.session(payment)
    till.api.pay(session)
    till.api.refund(session, 3000, "pending")
    till.api.refund(session, 1000)
    assert till.shown(payment).refunded.text == "40.00 USD"
    for _ in range(2):
        assert {answer.status for answer in till.api.fail_refund(session, 1000)} == {200}
    shown = till.shown(payment)
    assert (shown.state, shown.refunded.text, shown.flags) == ("partly_refunded", "30.00 USD", ("refund_failed",))
    till.api.refund(session, 1000)
    assert till.shown(payment).refunded.text == "40.00 USD", "made again, it is another refund"


def test_p08_refunds_and_disputes_of_other_sales_are_no_business_of_the_desk(till: Till) -> None:
    payment = till.ask()
    session = till.session(payment)
    till.api.pay(session)
    session.intent = "pi_of_the_counter"
    assert {answer.status for answer in (*till.api.refund(session, 1000), *till.api.dispute(session))} == {200}
    assert (till.shown(payment).state, till.books.told) == ("paid", [("paid", "84.50 USD")])


def test_p08_a_bank_transfer_takes_its_time(till: Till) -> None:
    payment, other = till.ask(), till.ask(client=BEN)
    for one in (payment, other):
        till.api.process(till.session(one))
        assert till.shown(one).state == "processing"
    till.api.arrive(till.session(payment))
    till.api.fail(till.session(other))
    assert (till.shown(payment).state, till.shown(other).state) == ("paid", "declined")


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [("500", "JPY", 500), ("12.500", "KWD", 12_500), ("4500", "ISK", 450_000), ("700.00", "MGA", 700)],
)
def test_p08_currencies_without_cents_and_with_three_places(till: Till, amount: str, currency: str, units: int) -> None:
    payment = till.ask(amount, currency)
    session = till.session(payment)
    assert session.amount == units
    till.api.pay(session)
    till.api.refund(session, units)
    paid = till.shown(payment)
    assert (paid.state, paid.received, paid.refunded, paid.flags) == ("refunded", payment.money, payment.money, ())


def test_p08_what_stripe_cannot_be_asked_for_is_for_a_person(till: Till) -> None:
    payment = till.ask("12.501", "KWD")
    assert (payment.url, payment.flags) == (None, ("link_failed",))
    assert len(till.api.ledger) == 0


def test_a_link_is_closed_when_staff_take_the_request_back(till: Till) -> None:
    payment = till.ask()
    till.desk.cancel_payment(payment.id, by=KIM)
    till.go_on(minutes=2)
    assert till.session(payment).status == "expired"
    assert till.shown(payment).state == "cancelled"


def test_p08_a_client_who_was_faster_has_paid(till: Till) -> None:
    payment = till.ask()
    host, till.api.host = till.api.host, None
    till.api.pay(till.session(payment))
    till.desk.cancel_payment(payment.id, by=KIM)
    till.go_on(minutes=2)
    till.api.host = host
    till.api.pay(till.session(payment))
    assert (till.shown(payment).state, till.shown(payment).flags) == ("paid", ("paid_late",))


def test_a_session_ends_within_the_day_that_stripe_allows(till: Till) -> None:
    payment = till.ask()
    session = till.session(payment)
    hours = (payment.expires_at - payment.requested_at).total_seconds() / 3600
    assert (hours, session.expires_at) == (23, int(payment.expires_at.timestamp()))
    till.api.expire(session)
    assert till.shown(payment).state == "expired"


def test_p17_an_event_that_somebody_else_made_or_altered_changes_nothing(till: Till) -> None:
    payment = till.ask()
    caught: list[convokit.HttpRequest] = []
    host = till.kit.front

    def listen(request: convokit.HttpRequest) -> convokit.HttpResponse:
        caught.append(request)
        return host(request)

    till.api.host = listen
    till.api.decline(till.session(payment))
    (genuine,) = caught
    till.clock.pass_(minutes=6)
    assert host(genuine).status == 403, "a replay after its time"
    forged = convokit.HttpRequest(
        method="POST", url=genuine.url, headers=genuine.headers, body=genuine.body.replace(b"failed", b"succeeded")
    )
    assert host(forged).status == 403
    assert till.shown(payment).state == "declined"


def test_p08_play_money_is_flagged_where_it_does_not_count(till: Till) -> None:
    till.kit.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws"))
    payment = till.ask()
    till.api.pay(till.session(payment))
    assert (till.shown(payment).state, till.shown(payment).flags) == ("requested", ("test_event",))
    assert till.books.told == []


# --- with faults ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_p08_no_fault_makes_two_sessions_or_loses_the_link(till: Till, fault: Fault) -> None:
    if fault.slow:
        till.kit.exchanging.use(BlockingHttp(seconds=HURRIED_SECONDS))
    till.proxy.then(fault)
    payment = till.ask()
    till.go_on()
    shown = till.shown(payment)
    assert len(till.api.ledger) == 1
    assert shown.url == till.session(payment).url
    assert till.links(payment) == [shown.url]
    till.api.pay(till.session(payment))
    assert (till.shown(payment).state, till.shown(payment).flags) == ("paid", ())


def test_p08_a_client_who_pays_by_a_link_whose_answer_was_lost(till: Till) -> None:
    """Nobody was sent the link, but an event is an event."""
    till.proxy.then(FAULTS["reset before the answer"])
    payment = till.ask()
    assert (payment.state, payment.url) == ("requested", None)
    till.api.pay(till.session(payment))
    assert till.shown(payment).state == "paid"
    till.go_on()
    assert (till.links(payment), len(till.api.ledger)) == ([], 1)


def test_a_refused_connection_is_tried_again(till: Till) -> None:
    till.proxy.refuse()
    payment = till.ask()
    till.proxy.listen()
    till.go_on()
    assert till.shown(payment).url == till.session(payment).url


def test_a_request_that_stripe_hears_of_too_late_is_for_a_person(till: Till) -> None:
    till.proxy.refuse()
    payment = till.ask()
    till.clock.pass_(hours=22.6)
    till.proxy.listen()
    till.go_on(minutes=1)
    shown = till.shown(payment)
    assert (shown.url, shown.flags, len(till.api.ledger)) == (None, ("link_failed",), 0)


def test_a_failure_that_stripe_repeats_does_not_last(till: Till) -> None:
    till.api.failing = [500]
    payment = till.ask()
    assert payment.url is None
    till.go_on()
    assert till.shown(payment).url == till.session(payment).url


@pytest.mark.parametrize("fault", ["reset before the answer", "reset before the request is taken", "503, not taken"])
def test_closing_is_asked_again_until_it_is_known(till: Till, fault: str) -> None:
    payment = till.ask()
    till.proxy.then(FAULTS[fault])
    till.desk.cancel_payment(payment.id, by=KIM)
    till.go_on()
    assert till.session(payment).status == "expired"
    assert till.kit.store.unsettled() == 0
