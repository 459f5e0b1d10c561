"""A whole desk that asks for money through a pretended Square, with real HTTP and every fault in between."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from attrs import define
from convokit_pay_square.testing import Link, SquareApi

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
    api: SquareApi
    proxy: FaultProxy
    clock: Clock
    books: Books

    @property
    def desk(self) -> convokit.PracticeDesk:
        return self.kit.practice("happy-paws")

    def ask(self, amount: str = "84.50", currency: str = "USD", client: convokit.Client = ANA) -> Payment:
        """Ask, and have the worker ask Square, once."""
        talk = self.desk.start(client=client, title="Dental cleaning", by=KIM)
        asked = self.desk.request_payment(talk.id, invoice="1042", amount=amount, currency=currency, by=KIM)
        self.kit.work()
        return self.desk.payment(asked.id)

    def shown(self, payment: Payment) -> Payment:
        return self.desk.payment(payment.id)

    def link(self, payment: Payment) -> Link:
        return self.api.link(payment.id)

    def go_on(self, *, minutes: int = 30) -> None:
        for _ in range(minutes):
            self.clock.pass_(minutes=1)
            self.kit.work()

    def links(self, payment: Payment) -> list[str]:
        """The links that the client was sent."""
        texts = [entry.text for entry in self.desk.entries(payment.conversation_id)]
        return [text.rpartition(" ")[2] for text in texts if "https://" in text]

    def page(self, payment: Payment) -> str | None:
        """Square's page behind the link."""
        page = self.shown(payment).page
        return None if page is None else page.url


@pytest.fixture
def till() -> Iterator[Till]:
    clock, books, api = Clock(), Books(), SquareApi()
    with api, FaultProxy(api.port) as proxy:
        given = {"square": api.settings(proxy.url)}
        kit = convokit.open("memory:", plugins=["square", books], settings=given, public_url=PUBLIC_URL, clock=clock)
        kit.exchanging.use(BlockingHttp(seconds=DEADLINE_SECONDS))
        with kit:
            kit.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws", rules=REAL))
            api.host, api.hook = kit.front, kit.payment_webhook_url("happy-paws") or ""
            yield Till(kit, api, proxy, clock, books)


# --- without faults ---------------------------------------------------------------------------------------------------


def test_p08_a_client_pays_and_the_books_are_told_once(till: Till) -> None:
    payment = till.ask()
    link = till.link(payment)
    assert (payment.state, till.page(payment), payment.provider_id) == ("requested", link.url, link.id)
    assert till.links(payment) == [payment.url]
    opened = till.kit.front(convokit.HttpRequest(method="GET", url=payment.url or ""))
    assert (opened.status, opened.header("Location")) == (303, link.url)
    assert (link.amount, link.currency) == (8450, "USD")
    till.api.decline(link)
    assert till.shown(payment).state == "declined"
    assert {answer.status for answer in till.api.pay(link)} == {200}
    assert {answer.status for answer in till.api.arrive(link)} == {200}, "it is told again"
    paid = till.shown(payment)
    assert (paid.state, paid.received.text, paid.flags) == ("paid", "84.50 USD", ())
    assert till.books.told == [("paid", "84.50 USD")]


def test_p08_refunds_in_parts_one_that_fails_and_a_dispute(till: Till) -> None:
    payment = till.ask()
    link = till.link(payment)
    till.api.pay(link)
    seen = []
    for units in (1000, 2000, 5450):
        till.api.refund(link, units)
        shown = till.shown(payment)
        seen.append((shown.state, shown.refunded.text))
    assert seen == [("partly_refunded", "10.00 USD"), ("partly_refunded", "30.00 USD"), ("refunded", "84.50 USD")]
    till.api.fail_refund(link, 5450)
    shown = till.shown(payment)
    assert (shown.state, shown.refunded.text, shown.flags) == ("partly_refunded", "30.00 USD", ("refund_failed",))
    till.api.dispute(link)
    assert till.shown(payment).state == "disputed"


@pytest.mark.parametrize(
    ("how", "flag"),
    [
        ({"amount": 8449}, "wrong_amount"),
        ({"amount": 845_000}, "wrong_amount"),
        ({"currency": "CAD"}, "wrong_currency"),
    ],
)
def test_p08_what_does_not_fit_is_never_paid(till: Till, how: dict[str, object], flag: str) -> None:
    payment = till.ask()
    till.api.pay(till.link(payment), **how)  # type: ignore[arg-type]  # one of two
    assert (till.shown(payment).state, till.shown(payment).flags) == ("processing", (flag,))
    assert till.desk.conversation(payment.conversation_id).unread == 1


def test_p08_a_second_real_payment_is_flagged_until_it_is_refunded(till: Till) -> None:
    payment = till.ask()
    link = till.link(payment)
    till.api.pay(link)
    first = link.charge
    till.api.pay(link)
    assert (till.shown(payment).state, till.shown(payment).flags) == ("paid", ("paid_twice",))
    assert link.charge != first
    till.api.refund(link, 8450)
    assert (till.shown(payment).state, till.shown(payment).flags) == ("paid", ())


def test_p08_what_is_sold_at_the_counter_is_no_business_of_the_desk(till: Till) -> None:
    payment = till.ask()
    assert {answer.status for answer in till.api.sell(8450)} == {200}
    assert (till.shown(payment).state, till.books.told) == ("requested", [])


def test_p08_money_from_a_bank_takes_its_time(till: Till) -> None:
    payment, other = till.ask(), till.ask(client=BEN)
    for one in (payment, other):
        till.api.process(till.link(one))
        assert till.shown(one).state == "processing"
    till.api.arrive(till.link(payment))
    till.api.fail(till.link(other))
    assert (till.shown(payment).state, till.shown(other).state) == ("paid", "declined")


def test_p08_yen_have_no_cents(till: Till) -> None:
    till.api.currency = "JPY"
    payment = till.ask("500", "JPY")
    assert till.link(payment).amount == 500
    till.api.pay(till.link(payment))
    assert (till.shown(payment).state, till.shown(payment).received) == ("paid", payment.money)


def test_p08_the_currency_of_another_country_is_for_a_person(till: Till) -> None:
    payment = till.ask("84.50", "CAD")
    assert (payment.url, payment.flags, len(till.api.ledger)) == (None, ("link_failed",), 0)


def test_a_link_is_deleted_when_staff_take_the_request_back(till: Till) -> None:
    payment = till.ask()
    till.desk.cancel_payment(payment.id, by=KIM)
    till.go_on(minutes=2)
    assert till.link(payment).deleted
    assert till.shown(payment).state == "cancelled"


def test_p08_a_client_who_was_faster_has_paid(till: Till) -> None:
    payment = till.ask()
    host, till.api.host = till.api.host, None
    till.api.pay(till.link(payment))
    till.desk.cancel_payment(payment.id, by=KIM)
    till.go_on(minutes=2)
    till.api.host = host
    till.api.arrive(till.link(payment))
    assert (till.shown(payment).state, till.shown(payment).flags) == ("paid", ("paid_late",))


def test_a_link_that_does_not_end_by_itself_is_deleted_when_its_time_is_over(till: Till) -> None:
    payment, paid = till.ask(), till.ask(client=BEN)
    till.api.pay(till.link(paid))
    till.clock.pass_(hours=71.9)
    till.kit.work()
    assert not till.link(payment).deleted
    till.proxy.then(FAULTS["503, not taken"])
    till.go_on(minutes=20)
    assert till.link(payment).deleted
    assert not till.link(paid).deleted
    assert till.shown(payment).evidence.seen == ("expired",)
    events = [entry.event for entry in till.desk.entries(payment.conversation_id)]
    assert events.count("payment_expired") == 1


def test_p17_an_event_that_somebody_else_made_or_altered_changes_nothing(till: Till) -> None:
    payment = till.ask()
    caught: list[convokit.HttpRequest] = []
    host = till.kit.front

    def listen(request: convokit.HttpRequest) -> convokit.HttpResponse:
        caught.append(request)
        return host(request)

    till.api.host = listen
    till.api.decline(till.link(payment))
    (genuine,) = caught
    assert host(genuine).status == 200, "a repetition"
    forged = convokit.HttpRequest(
        method="POST", url=genuine.url, headers=genuine.headers, body=genuine.body.replace(b"FAILED", b"COMPLETED")
    )
    assert host(forged).status == 403
    assert till.shown(payment).state == "declined"


def test_p08_play_money_is_flagged_where_it_does_not_count(till: Till) -> None:
    till.kit.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws"))
    payment = till.ask()
    till.api.pay(till.link(payment))
    assert (till.shown(payment).state, till.shown(payment).flags) == ("requested", ("test_event",))
    assert till.books.told == []


# --- with faults ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_p08_no_fault_makes_two_links_or_loses_the_one(till: Till, fault: Fault) -> None:
    if fault.slow:
        till.kit.exchanging.use(BlockingHttp(seconds=HURRIED_SECONDS))
    till.proxy.then(fault)
    payment = till.ask()
    till.go_on()
    shown = till.shown(payment)
    assert len(till.api.ledger) == 1
    assert till.page(payment) == till.link(payment).url
    assert till.links(payment) == [shown.url]
    till.api.pay(till.link(payment))
    assert (till.shown(payment).state, till.shown(payment).flags) == ("paid", ())


def test_p08_a_client_who_pays_by_a_link_whose_answer_was_lost(till: Till) -> None:
    """Nobody was sent the link, but an event is an event."""
    till.proxy.then(FAULTS["reset before the answer"])
    payment = till.ask()
    assert (payment.state, payment.url) == ("requested", None)
    till.api.pay(till.link(payment))
    assert till.shown(payment).state == "paid"
    till.go_on()
    assert (till.links(payment), len(till.api.ledger)) == ([], 1)


def test_a_refused_connection_is_tried_again(till: Till) -> None:
    till.proxy.refuse()
    payment = till.ask()
    till.proxy.listen()
    till.go_on()
    assert till.page(payment) == till.link(payment).url


@pytest.mark.parametrize("fault", ["reset before the answer", "reset before the request is taken", "503, not taken"])
def test_closing_is_asked_again_until_it_is_known(till: Till, fault: str) -> None:
    payment = till.ask()
    till.proxy.then(FAULTS[fault])
    till.desk.cancel_payment(payment.id, by=KIM)
    till.go_on()
    assert till.link(payment).deleted
    asked = [job for job in till.kit.store.due_jobs(2**60, 10) if job.key.endswith(".close")]
    assert asked == []
