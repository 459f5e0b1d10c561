"""A whole desk that asks for money through a pretended Stripe, with real HTTP and every fault in between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from attrs import define
from convokit_pay_stripe import OWN_ID
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
        return [text.rpartition(" ")[2] for text in texts if "https://" in text]

    def page(self, payment: Payment) -> str | None:
        """Stripe's page behind the link."""
        page = self.shown(payment).page
        return None if page is None else page.url

    def open(self, payment: Payment, method: str = "GET") -> convokit.HttpResponse:
        """The client opens the link, or presses the button there."""
        return self.kit.front(convokit.HttpRequest(method=method, url=self.shown(payment).url or ""))


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
    assert (payment.state, till.page(payment), payment.provider_id) == ("requested", session.url, session.id)
    assert till.links(payment) == [payment.url]
    opened = till.open(payment)
    assert (opened.status, opened.header("Location")) == (303, session.url)
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


def test_p08_the_link_outlives_the_day_that_stripe_allows_and_leads_to_another_session(till: Till) -> None:
    payment = till.ask()
    first = till.session(payment)
    until = payment.requested_at + timedelta(hours=23)
    assert (payment.expires_at - payment.requested_at, first.expires_at) == (timedelta(days=3), int(until.timestamp()))
    till.clock.pass_(hours=23, minutes=1)
    till.api.expire(first)
    assert till.shown(payment).state == "requested"
    assert till.open(payment).status == 200
    assert till.open(payment, "POST").status == till.open(payment, "POST").status == 200
    till.kit.work()
    second = till.session(payment)
    assert (len(till.api.ledger), second.id == first.id, second.own_id) == (2, False, payment.id)
    opened = till.open(payment)
    assert (opened.status, opened.header("Location")) == (303, second.url)
    assert len(till.links(payment)) == 1, "the client has one link"
    till.api.pay(second)
    assert (till.shown(payment).state, till.shown(payment).flags) == ("paid", ())
    assert b"received 84.50 USD" in till.open(payment).body


def test_p08_a_session_that_is_nearly_over_is_closed_when_another_is_made(till: Till) -> None:
    payment = till.ask()
    first = till.session(payment)
    till.clock.pass_(hours=22, minutes=57)
    till.open(payment, "POST")
    till.kit.work()
    assert [session.status for session in till.api.ledger] == ["expired", "open"]
    till.clock.pass_(hours=49, minutes=4)
    till.kit.work()
    assert (till.shown(payment).state, till.open(payment).status) == ("expired", 410)
    assert till.session(payment).id != first.id
    assert till.session(payment).status == "expired"


def test_p08_the_last_session_outlives_the_request_by_nothing(till: Till) -> None:
    """Stripe keeps none for less than half an hour: convokit has it closed."""
    payment = till.ask()
    till.clock.pass_(hours=71, minutes=50)
    till.open(payment, "POST")
    till.kit.work()
    last = till.session(payment)
    assert last.expires_at > payment.expires_at.timestamp()
    till.clock.pass_(minutes=11)
    till.kit.work()
    assert (last.status, till.shown(payment).state) == ("expired", "expired")


def test_without_a_public_url_the_client_gets_stripes_own_link_for_as_long_as_it_lives(till: Till) -> None:
    settings = {"stripe": till.api.settings(till.proxy.url)}
    with convokit.open("memory:", plugins=["stripe"], settings=settings, clock=till.clock) as kit:
        kit.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws"))
        other = Till(kit, till.api, till.proxy, till.clock, till.books)
        payment = other.ask()
        session = other.session(payment)
        assert (payment.url, payment.page, other.links(payment)) == (session.url, None, [session.url])
        hours = (payment.expires_at - payment.requested_at).total_seconds() / 3600
        assert (hours, session.expires_at) == (23, int(payment.expires_at.timestamp()))


def test_p08_an_intent_that_the_host_made_itself_is_booked_by_its_metadata(till: Till) -> None:
    payment = till.ask()
    told = {"id": "pi_of_the_app", "amount": 8450, "amount_received": 8450, "currency": "usd"}
    known = {**told, "metadata": {OWN_ID: payment.id}}
    waiting = till.api.report("payment_intent.amount_capturable_updated", {**known, "amount_received": 0})
    assert (waiting.status, till.shown(payment).state) == (200, "processing")
    assert till.api.report("payment_intent.succeeded", {**told, "metadata": {}}).status == 200
    assert till.shown(payment).state == "processing", "somebody else's sale"
    for _ in range(2):
        assert till.api.report("payment_intent.succeeded", known).status == 200
    paid = till.shown(payment)
    assert (paid.state, paid.flags, till.books.told) == ("paid", (), [("paid", "84.50 USD")])
    assert till.open(payment).status == 200, "the link says that it is paid; it leads to no page any more"
    refund = {"id": "re_1", "amount": 1000, "currency": "usd", "payment_intent": "pi_of_the_app", "status": "succeeded"}
    till.api.report("refund.created", refund)
    assert till.shown(payment).state == "partly_refunded"


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
    assert till.page(payment) == till.session(payment).url
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
    assert till.page(payment) == till.session(payment).url


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
    assert till.page(payment) == till.session(payment).url


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_p08_no_fault_makes_two_second_sessions(till: Till, fault: Fault) -> None:
    payment = till.ask()
    till.clock.pass_(hours=24)
    if fault.slow:
        till.kit.exchanging.use(BlockingHttp(seconds=HURRIED_SECONDS))
    till.proxy.then(fault)
    till.open(payment, "POST")
    till.go_on()
    assert len(till.api.ledger) == 2
    assert till.open(payment).header("Location") == till.session(payment).url


@pytest.mark.parametrize("fault", ["reset before the answer", "reset before the request is taken", "503, not taken"])
def test_closing_is_asked_again_until_it_is_known(till: Till, fault: str) -> None:
    payment = till.ask()
    till.proxy.then(FAULTS[fault])
    till.desk.cancel_payment(payment.id, by=KIM)
    till.go_on()
    assert till.session(payment).status == "expired"
    assert till.kit.store.unsettled() == 0
