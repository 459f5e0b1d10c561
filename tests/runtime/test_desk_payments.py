"""Payments from the desk to the provider and back: everything real but the money."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import define, evolve, field, frozen
from desks import ANA, ANA_PHONE, HAPPY_PAWS, KIM, OURS, World, world

import convokit
from convokit import HttpRequest, HttpResponse
from convokit.domain.money import Money
from convokit.domain.payment import Payment
from convokit.domain.payment_rules import PaymentRules
from convokit.gateways.payments_simulator import PaymentsSimulator, PaymentWeather
from convokit.outcomes import Accepted, Outcome, Refused, Unsure
from convokit.plugins import hookimpl
from convokit.ports.payments import (
    Asking,
    PaymentCapabilities,
    PaymentPrompt,
    PaymentProviderOffer,
    PaymentReading,
    PaymentReport,
    VerifiedReports,
)
from convokit.ports.sms import Unreadable, Unverified

MONEY = Money(minor=8450, currency="USD")


class Books:
    """The host's books: what it is told."""

    name = "books"

    def __init__(self) -> None:
        self.told: list[Payment] = []

    @hookimpl
    def convokit_payment_settled(self, practice_id: str, payment: Payment) -> None:
        assert practice_id == "happy-paws"
        self.told.append(payment)


@define
class Till:
    """A desk with a payment provider and the host's books."""

    w: World
    provider: PaymentsSimulator
    books: Books

    @property
    def desk(self) -> convokit.PracticeDesk:
        return self.w.kit.practice("happy-paws")

    def settle(self) -> None:
        for _ in range(12):
            done = self.w.kit.work().performed
            self.w.clock.pass_(seconds=20)
            if not done + self.w.carrier.step() + self.provider.step():
                return

    def start(self, channel: Any = "sms") -> convokit.Conversation:
        return self.desk.start(client=ANA, channel=channel, by=KIM)

    def ask(self, talk: convokit.Conversation, **given: Any) -> Payment:
        wanted = {"title": "Invoice 1042", "invoice": "1042", "amount": "84.50", "currency": "USD", "by": KIM, **given}
        return self.desk.request_payment(talk.id, **wanted)

    def asked(self, channel: Any = "sms") -> Payment:
        """A request whose link has reached the client."""
        payment = self.ask(self.start(channel))
        self.settle()
        return self.desk.payment(payment.id)

    def thread(self, payment: Payment) -> list[str]:
        return [entry.event or entry.kind for entry in self.desk.entries(payment.conversation_id)]


@pytest.fixture(params=["memory:", "sqlite"])
def till(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[Till]:
    url = "memory:" if request.param == "memory:" else f"sqlite:///{tmp_path}/desk.db"
    provider, books = PaymentsSimulator(seed=3), Books()
    with world(url, plugins=(provider, books)) as w:
        provider.connect(w.kit)
        yield Till(w, provider, books)


# --- the way of a payment --------------------------------------------------------------------------------------------


def test_p08_from_the_request_by_text_to_the_paid_note_and_the_hosts_books(till: Till) -> None:
    payment = till.ask(till.start())
    assert (payment.state, payment.url, payment.money) == ("requested", None, MONEY)
    till.settle()
    link = till.provider.link(payment.id)
    (text,) = till.w.carrier.phone(ANA_PHONE).received
    assert text.text == f"Happy Paws: please pay 84.50 USD for Invoice 1042 here: {link.url}"
    link.open()
    till.settle()
    assert till.desk.payment(payment.id).state == "opened"
    link.pay()
    till.settle()
    paid = till.desk.payment(payment.id)
    assert (paid.state, paid.received, paid.flags) == ("paid", MONEY, ())
    assert paid.paid_at is not None
    assert till.books.told == [paid]
    assert till.books.told[0].invoice == "1042"
    assert till.thread(payment) == ["started", "payment_requested", "message", "payment_paid", "automatic"]
    assert till.w.carrier.phone(ANA_PHONE).received[-1].text.startswith("Happy Paws: we received 84.50 USD")


def test_in_the_app_the_client_finds_the_link_in_the_conversation(till: Till) -> None:
    payment = till.asked("app")
    assert payment.entry_id is not None
    message = till.desk.message(payment.entry_id)
    assert (message.delivery, message.author_id) == (convokit.Delivery.SENT, "u1")
    assert payment.url is not None
    assert payment.url in message.text
    assert till.desk.app_payment_opened(payment.id, client_id="c17").state == "opened"
    assert till.desk.app_payment_opened(payment.id).state == "opened"
    with pytest.raises(convokit.NotFound):
        till.desk.app_payment_opened(payment.id, client_id="c99")
    till.provider.link(payment.id).pay()
    till.settle()
    assert till.thread(payment)[-2:] == ["payment_paid", "automatic"]
    assert till.w.carrier.taken == []


def test_declined_then_paid_then_refunded_in_parts_then_disputed(till: Till) -> None:
    payment = till.asked()
    link = till.provider.link(payment.id)
    link.process()
    link.decline()
    till.settle()
    assert till.desk.payment(payment.id).state == "declined"
    link.pay()
    till.settle()
    link.refund("0.50")
    till.settle()
    parted = till.desk.payment(payment.id)
    assert (parted.state, parted.refunded.text) == ("partly_refunded", "0.50 USD")
    link.refund("84.00")
    till.settle()
    assert till.desk.payment(payment.id).state == "refunded"
    link.dispute()
    till.settle()
    assert [told.state for told in till.books.told] == ["paid", "partly_refunded", "refunded", "disputed"]
    assert till.thread(payment)[3:] == [
        "payment_declined",
        "payment_paid",
        "automatic",
        "payment_partly_refunded",
        "payment_refunded",
        "payment_disputed",
    ]


def test_p08_a_refund_that_comes_back_is_taken_off_and_flagged(till: Till) -> None:
    payment = till.asked()
    link = till.provider.link(payment.id)
    link.pay()
    till.settle()
    first = link.refund("4.50")
    till.settle()
    assert till.desk.payment(payment.id).refunded.text == "4.50 USD"
    till.desk.mark_read(payment.conversation_id, by=KIM)
    link.fail_refund(first)
    till.settle()
    failed = till.desk.payment(payment.id)
    assert (failed.state, failed.refunded.text, failed.flags) == ("paid", "0.00 USD", ("refund_failed",))
    assert till.desk.conversation(payment.conversation_id).unread == 1
    assert till.thread(payment)[-2:] == ["payment_refund_failed", "payment_flagged"]
    assert [told.flags for told in till.books.told] == [(), (), ("refund_failed",)]


def test_paying_after_the_end_counts_and_shows(till: Till) -> None:
    payment = till.asked()
    till.desk.end(payment.conversation_id, by=KIM)
    till.provider.link(payment.id).pay()
    till.settle()
    assert till.desk.payment(payment.id).state == "paid"
    assert till.desk.conversation(payment.conversation_id).ended
    assert till.thread(payment)[-2:] == ["payment_paid", "automatic"]
    assert len(till.books.told) == 1


def test_p08_repeated_mixed_up_and_lost_answers_end_the_same(till: Till) -> None:
    till.provider.weather = PaymentWeather(delay_seconds=(0, 120), repeat=0.7, no_answer=0.5, throttle=0.3)
    payment = till.ask(till.start())
    while till.desk.payment(payment.id).url is None:
        till.settle()
    till.settle()
    link = till.provider.link(payment.id)
    for act in (link.open, link.decline, link.pay, link.refund, link.expire):
        act()
    for _ in range(20):
        till.settle()
    ended = till.desk.payment(payment.id)
    assert (ended.state, ended.flags, ended.received, ended.refunded) == ("refunded", ("paid_late",), MONEY, MONEY)
    texts = [taken.text for taken in till.w.carrier.taken]
    assert sum("please pay" in text for text in texts) == 1


@pytest.mark.parametrize(
    ("how", "flag"),
    [
        ({"amount": "84.49"}, "wrong_amount"),
        ({"amount": Decimal("8450")}, "wrong_amount"),
        ({"currency": "CAD"}, "wrong_currency"),
        ({"test": True}, "test_event"),
    ],
)
def test_p08_what_does_not_fit_is_never_paid_and_is_put_before_a_person(
    till: Till, how: dict[str, Any], flag: str
) -> None:
    payment = till.asked()
    till.desk.mark_read(payment.conversation_id, by=KIM)
    till.provider.link(payment.id).pay(**how)
    till.settle()
    ended = till.desk.payment(payment.id)
    assert (ended.state, ended.flags, ended.paid_at) == ("requested", (flag,), None)
    assert till.desk.conversation(payment.conversation_id).unread == 1
    assert till.thread(payment)[-1] == "payment_flagged"


def test_p08_a_second_real_payment_is_flagged_and_told_to_the_host(till: Till) -> None:
    payment = till.asked()
    link = till.provider.link(payment.id)
    link.pay()
    link.pay()
    till.settle()
    ended = till.desk.payment(payment.id)
    assert (ended.state, ended.flags, ended.received.text) == ("paid", ("paid_twice",), "169.00 USD")
    assert [told.flags for told in till.books.told] == [(), ("paid_twice",)]
    link.refund()
    till.settle()
    assert (till.desk.payment(payment.id).state, till.desk.payment(payment.id).flags) == ("paid", ())


def test_p08_a_refund_before_its_payment_waits_in_the_evidence(till: Till) -> None:
    payment = till.asked()
    link = till.provider.link(payment.id)
    link.refund("10")
    till.settle()
    assert (till.desk.payment(payment.id).state, till.desk.payment(payment.id).flags) == (
        "requested",
        ("payment_missing",),
    )
    link.pay()
    till.settle()
    assert (till.desk.payment(payment.id).state, till.desk.payment(payment.id).flags) == ("partly_refunded", ())


def test_a_training_desk_takes_reports_of_the_test_mode(till: Till) -> None:
    training = evolve(HAPPY_PAWS, rules=convokit.Rules(payments=PaymentRules(accept_test=True)))
    till.w.kit.add_practice(training)
    payment = till.asked()
    till.provider.link(payment.id).pay(test=True)
    till.settle()
    assert till.desk.payment(payment.id).state == "paid"


# --- taking it back --------------------------------------------------------------------------------------------------


def test_p08_paid_cancels_a_link_that_still_waits_for_its_carrier(till: Till) -> None:
    till.w.carrier.weather = evolve(till.w.carrier.weather, throttle=1.0)
    payment = till.ask(till.start())
    till.w.kit.work()
    till.w.kit.work()
    asked = till.desk.payment(payment.id)
    assert asked.entry_id is not None
    assert till.desk.message(asked.entry_id).delivery is convokit.Delivery.QUEUED
    till.provider.link(payment.id).pay()  # at the desk, on the practice's tablet
    till.w.clock.pass_(seconds=10)
    till.provider.step()
    held = till.desk.message(asked.entry_id)
    assert (held.delivery, held.reason) == (convokit.Delivery.FAILED, "cancelled")
    assert till.desk.conversation(payment.conversation_id).failed == 0
    till.w.carrier.weather = evolve(till.w.carrier.weather, throttle=0.0)
    till.settle()
    texts = [taken.text for taken in till.w.carrier.taken]
    assert [text[:28] for text in texts] == ["Happy Paws: we received 84.5"]


def test_cancelling_closes_the_link_and_a_late_payment_is_flagged(till: Till) -> None:
    payment = till.asked()
    assert till.desk.cancel_payment(payment.id, by=KIM).state == "cancelled"
    assert till.desk.cancel_payment(payment.id, by=KIM).state == "cancelled"
    till.settle()
    link = till.provider.link(payment.id)
    assert link.closed
    link.pay()
    till.settle()
    ended = till.desk.payment(payment.id)
    assert (ended.state, ended.flags) == ("paid", ("paid_late",))
    with pytest.raises(convokit.Conflict) as caught:
        till.desk.cancel_payment(payment.id, by=KIM)
    assert caught.value.code == "payment.settled"


def test_cancelled_before_the_provider_was_asked_no_link_is_made(till: Till) -> None:
    payment = till.ask(till.start())
    till.desk.cancel_payment(payment.id, by=KIM)
    till.settle()
    assert till.provider.links == []
    assert till.w.carrier.taken == []
    assert till.w.kit.store.due_jobs(2**60, 10) == ()


def test_it_expires_by_itself_and_a_link_is_not_made_for_what_has_expired(till: Till) -> None:
    payment = till.ask(till.start())
    till.w.clock.pass_(hours=73)
    assert till.desk.payment(payment.id).state == "expired"
    assert [found.state for found in till.desk.payments(payment.conversation_id)] == ["expired"]
    till.settle()
    assert till.provider.links == []


# --- whether it can be asked -----------------------------------------------------------------------------------------


def test_it_can_be_asked(till: Till) -> None:
    told = till.desk.can_request_payment(till.start().id)
    assert (told.available, told.code, told.reason) == (True, None, "")
    assert {"USD", "EUR", "JPY"} <= set(told.currencies)


def test_grayed_out_when_the_conversation_has_ended(till: Till) -> None:
    talk = till.start()
    till.desk.end(talk.id, by=KIM)
    told = till.desk.can_request_payment(talk.id)
    assert (told.available, told.code) == (False, "conversation.ended")
    refused(till, talk, "conversation.ended")


def test_grayed_out_by_text_when_the_client_opted_out(till: Till) -> None:
    talk = till.start()
    till.desk.opt_out(ANA_PHONE, by=KIM, reason="by phone")
    told = till.desk.can_request_payment(talk.id)
    assert (told.available, told.code) == (False, "client.opted_out")
    refused(till, talk, "client.opted_out")
    assert till.desk.can_request_payment(till.start("app").id).available


def test_grayed_out_in_a_currency_that_is_not_accepted(till: Till) -> None:
    rules = convokit.Rules(payments=PaymentRules(currencies={"usd", "CAD"}))
    till.w.kit.add_practice(evolve(HAPPY_PAWS, rules=rules))
    talk = till.start()
    assert till.desk.can_request_payment(talk.id).currencies == ("CAD", "USD")
    told = till.desk.can_request_payment(talk.id, currency="EUR")
    assert (told.available, told.code, told.reason) == (
        False,
        "payments.currency",
        "Payments in EUR are not accepted.",
    )
    assert till.desk.can_request_payment(talk.id, currency="cad").available
    refused(till, talk, "payments.currency", currency="EUR")


def test_grayed_out_while_the_number_may_not_text(till: Till) -> None:
    talk = till.start()
    till.w.kit.add_practice(evolve(HAPPY_PAWS, sender_states={OURS: "suspended"}))
    told = till.desk.can_request_payment(talk.id)
    assert (told.available, told.code) == (False, "sender.suspended")
    refused(till, talk, "sender.suspended")


def refused(till: Till, talk: convokit.Conversation, code: str, **given: Any) -> None:
    with pytest.raises(convokit.ConvokitError) as caught:
        till.ask(talk, **given)
    assert caught.value.code == code
    assert till.desk.payments(talk.id) == ()


@frozen(kw_only=True)
class KeySettings:
    key: str = field(repr=False)


LINK = Accepted(provider_id="l1", url="https://pay.example/l1")
NOT_OURS = Unverified(why="none")
ANY = PaymentCapabilities()


@define(eq=False)
class Odd:
    """A provider that does what the test wants."""

    name = "odd"
    outcome: Any = LINK
    reading: Any = NOT_OURS
    capabilities: PaymentCapabilities = ANY
    settings: type[object] = KeySettings
    broken: bool = False
    closed: list[str | None] = field(factory=list)

    @hookimpl
    def convokit_payment_providers(self) -> list[PaymentProviderOffer]:
        return [
            PaymentProviderOffer(name="odd", settings=self.settings, build=self._build, capabilities=self.capabilities)
        ]

    def _build(self, settings: object) -> Odd:
        if self.broken:
            raise RuntimeError("secret")
        return self

    def ask(self, prompt: PaymentPrompt) -> Asking:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self._say()

    def close(self, prompt_id: str, provider_id: str) -> Asking:
        self.closed.append(provider_id)
        return self._say()

    def _say(self) -> Asking:
        outcome: Outcome = self.outcome
        return outcome
        yield

    def read_webhook(self, request: HttpRequest) -> PaymentReading:
        if isinstance(self.reading, Exception):
            raise self.reading
        reading: PaymentReading = self.reading
        return reading


KEYS = {"odd": {"key": "k" * 20}}


def odd_kit(odd: Odd, settings: Mapping[str, Mapping[str, object]] = KEYS, *others: object) -> convokit.Convokit:
    kit = convokit.open("memory:", plugins=[odd, *others], settings=settings)
    kit.add_practice(HAPPY_PAWS)
    return kit


class EmptyVault:
    """Without one, what is enabled and has no settings is refused at the start already."""

    @hookimpl
    def convokit_settings(self) -> None:
        """Knows no practice."""


def test_without_a_provider_it_says_so(w: World) -> None:
    talk = w.desk.start(client=ANA, by=KIM)
    told = w.desk.can_request_payment(talk.id)
    assert (told.available, told.code) == (False, "payments.no_provider")
    with pytest.raises(convokit.ConfigurationError):
        w.desk.request_payment(talk.id, title="x", amount=1, currency="USD", by=KIM)
    with pytest.raises(convokit.ConfigurationError) as caught:
        w.kit.payment_webhook_path("happy-paws")
    assert caught.value.code == "payments.no_provider"


@pytest.mark.parametrize(
    ("odd", "settings", "code"),
    [
        (Odd(), {}, "settings.missing"),
        (Odd(broken=True), KEYS, "plugin.build_failed"),
    ],
    ids=["no key", "broken"],
)
def test_a_provider_that_is_not_set_up_is_the_administrators(odd: Odd, settings: Any, code: str) -> None:
    with odd_kit(odd, settings, EmptyVault()) as kit:
        desk = kit.practice("happy-paws")
        told = desk.can_request_payment(desk.start(client=ANA, by=KIM).id)
        assert (told.available, told.code) == (False, code)
        assert told.reason == "Payments are not set up correctly. Please tell your administrator."


class Chooser:
    name = "chooser"

    @hookimpl
    def convokit_choose(self, practice_id: str, kind: str) -> str | None:
        return {"payments": "nowhere"}.get(kind)


@pytest.mark.parametrize(
    ("others", "code"),
    [((PaymentsSimulator(),), "payments.no_choice"), ((Chooser(),), "payments.unknown_provider")],
)
def test_several_providers_need_a_choice_and_one_that_is_there(others: tuple[object, ...], code: str) -> None:
    with odd_kit(Odd(), KEYS, *others) as kit, pytest.raises(convokit.ConfigurationError) as caught:
        kit.payment_webhook_path("happy-paws")
    assert caught.value.code == code


def test_the_provider_says_how_long_and_in_which_currencies() -> None:
    able = PaymentCapabilities(currencies=frozenset({"USD", "JPY"}), longest_hours=24)
    with odd_kit(Odd(capabilities=able)) as kit:
        desk = kit.practice("happy-paws")
        talk = desk.start(client=ANA, by=KIM)
        assert desk.can_request_payment(talk.id).currencies == ("JPY", "USD")
        payment = desk.request_payment(talk.id, invoice="7", amount=500, currency="jpy", by=KIM)
        assert (payment.title, payment.money.text) == ("Invoice 7", "500 JPY")
        assert payment.expires_at - payment.requested_at == timedelta(hours=24)


BAD = [
    ({"amount": 84.5}, "amount.float"),
    ({"amount": "84,50"}, "amount.format"),
    ({"amount": 0}, "amount.not_positive"),
    ({"currency": "XYZ"}, "amount.currency"),
    ({"title": "", "invoice": None}, "title.empty"),
    ({"title": "x" * 201}, "title.too_long"),
    ({"title": 7}, "title.type"),
    ({"invoice": ""}, "invoice.empty"),
    ({"invoice": "1" * 65}, "invoice.too_long"),
    ({"invoice": 1042}, "invoice.type"),
    ({"by": "Dr. Kim"}, "by.type"),
]


@pytest.mark.parametrize(("given", "code"), BAD, ids=[code for _, code in BAD])
def test_p18_bad_input_is_refused_and_nothing_is_stored(till: Till, given: dict[str, Any], code: str) -> None:
    refused(till, till.start(), code, **given)


# --- what a plugin does ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "outcome",
    [
        RuntimeError("secret"),
        None,
        Accepted(provider_id="l1"),
        Accepted(provider_id="l1", url="http://pay.example/l1"),
        Accepted(provider_id="l1", url="javascript:alert(1)"),
        Accepted(provider_id="l1", url="https://pay.example/a b"),
        Accepted(provider_id="l1", url="https://[half"),
        Accepted(provider_id="l1", url="https://"),
        Accepted(provider_id="l1", url="https://pay.example/" + "x" * 1000),
        Accepted(provider_id="l1", url=7),  # type: ignore[arg-type]
        Unsure(why="?"),
    ],
    ids=range(11),
)
def test_p11_a_link_that_cannot_be_sent_is_asked_for_again(outcome: object) -> None:
    odd = Odd(outcome=outcome)
    with world(plugins=(Provided(odd),)) as w:
        talk = w.desk.start(client=ANA, by=KIM)
        payment = w.desk.request_payment(talk.id, title="x", amount=1, currency="USD", by=KIM)
        w.kit.work()
        assert (w.desk.payment(payment.id).url, w.desk.payment(payment.id).flags) == (None, ())
        odd.outcome = Accepted(provider_id="l1", url="http://127.0.0.1:8000/l1")
        w.clock.pass_(minutes=1)
        w.kit.work()
        assert w.desk.payment(payment.id).url == "http://127.0.0.1:8000/l1"


class Provided:
    """The odd provider, with its key from the host's vault."""

    name = "provided"

    def __init__(self, odd: Odd) -> None:
        self._odd = odd

    @hookimpl
    def convokit_payment_providers(self) -> list[PaymentProviderOffer]:
        return self._odd.convokit_payment_providers()

    @hookimpl
    def convokit_settings(self, practice_id: str, kind: str, provider: str) -> Mapping[str, object] | None:
        return {"key": "k" * 20} if (kind, provider) == ("payments", "odd") else None

    @hookimpl
    def convokit_veto(self, practice_id: str, effect: object) -> str | None:
        return None


def test_refused_for_good_it_is_told_to_a_person_and_an_administrator_may_be_needed() -> None:
    with world(plugins=(Provided(Odd(outcome=Refused(reason="account_problem"))),)) as w:
        talk = w.desk.start(client=ANA, by=KIM)
        payment = w.desk.request_payment(talk.id, title="x", amount=1, currency="USD", by=KIM)
        w.kit.work()
        assert w.desk.payment(payment.id).flags == ("link_failed",)
        assert w.desk.conversation(talk.id).unread == 1
        assert w.desk.cancel_payment(payment.id, by=KIM).flags == ()


def test_a_provider_that_cannot_close_is_not_asked_to() -> None:
    odd = Odd()
    with world(plugins=(Provided(odd),)) as w:
        talk = w.desk.start(client=ANA, by=KIM)
        payment = w.desk.request_payment(talk.id, title="x", amount=1, currency="USD", by=KIM)
        w.kit.work()
        odd.outcome = RuntimeError("must not be asked")
        w.desk.cancel_payment(payment.id, by=KIM)
        w.kit.work()
        assert w.kit.store.due_jobs(2**60, 10) == ()


def test_a_link_that_does_not_end_by_itself_is_closed_when_its_time_is_over() -> None:
    odd = Odd(capabilities=PaymentCapabilities(closes=True))
    with world(plugins=(Provided(odd),)) as w:
        talks = [w.desk.start(client=who, channel="app", by=KIM) for who in (ANA, evolve(ANA, id="c18"))]
        one, paid = (w.desk.request_payment(talk.id, title="x", amount=1, currency="USD", by=KIM) for talk in talks)
        w.kit.work()
        odd.reading = said(paid, money=paid.money)
        call(w)
        for _ in range(71):
            w.clock.pass_(hours=1)
            w.kit.work()
        assert (odd.closed, w.desk.payment(one.id).evidence.seen) == ([], ())
        w.clock.pass_(hours=1)
        w.kit.work()
        assert odd.closed == ["l1"]
        assert w.desk.payment(one.id).evidence.seen == ("expired",)
        assert list(w.desk.entries(one.conversation_id))[-1].event == "payment_expired"
        assert w.desk.payment(paid.id).state == "paid"
        assert w.kit.store.due_jobs(2**60, 10) == ()


def test_a_link_that_ends_by_itself_or_cannot_be_closed_is_left_alone() -> None:
    for able in (PaymentCapabilities(closes=True, expires=True), ANY):
        with world(plugins=(Provided(Odd(capabilities=able)),)) as w:
            talk = w.desk.start(client=ANA, channel="app", by=KIM)
            w.desk.request_payment(talk.id, title="x", amount=1, currency="USD", by=KIM)
            w.kit.work()
            assert w.kit.store.due_jobs(2**60, 10) == ()


def test_a_job_whose_worker_died_is_done_again() -> None:
    with world(plugins=(Provided(Odd()),)) as w:
        talk = w.desk.start(client=ANA, by=KIM)
        payment = w.desk.request_payment(talk.id, title="x", amount=1, currency="USD", by=KIM)
        (owed,) = w.kit.store.due_jobs(2**60, 10)
        w.kit.store.begin_job("happy-paws", owed.key, w.kit.world.now_us(), 60_000_000)
        w.clock.pass_(minutes=2)
        w.kit.work()
        w.clock.pass_(minutes=2)
        w.kit.work()
        assert w.desk.payment(payment.id).url is not None


def test_a_provider_that_was_changed_meanwhile_is_waited_for() -> None:
    odd = Odd()
    with world(plugins=(Provided(odd),)) as w:
        talk = w.desk.start(client=ANA, by=KIM)
        payment = w.desk.request_payment(talk.id, title="x", amount=1, currency="USD", by=KIM)
        found = w.kit.payment_providers.of("happy-paws")
        assert found is not None
        w.kit.payment_providers._built["happy-paws"] = evolve(found, name="other")
        w.kit.work()
        assert w.desk.payment(payment.id).url is None
        w.kit.payment_providers._built["happy-paws"] = found
        w.clock.pass_(minutes=1)
        w.kit.work()
        assert w.desk.payment(payment.id).url is not None


# --- webhooks --------------------------------------------------------------------------------------------------------


@pytest.fixture
def odd_desk() -> Iterator[tuple[World, Odd, Payment]]:
    odd = Odd()
    with world(plugins=(Provided(odd),)) as w:
        talk = w.desk.start(client=ANA, by=KIM)
        payment = w.desk.request_payment(talk.id, title="x", amount="84.50", currency="USD", by=KIM)
        w.kit.work()
        yield w, odd, payment


def call(w: World, body: bytes = b"{}") -> HttpResponse:
    token = w.kit.payment_webhook_path("happy-paws")
    return w.kit.webhook(HttpRequest(method="POST", url=f"https://host.example/{token}", body=body))


def said(payment: Payment, **changes: Any) -> VerifiedReports:
    base = PaymentReport(payment_id=payment.id, status="paid", movement_id="ch_1", money=MONEY, event_id="ev_1")
    return VerifiedReports(reports=(evolve(base, **changes),), answer=HttpResponse(status=202))


def test_p17_an_unverified_report_is_a_bare_403(till: Till) -> None:
    token = till.w.kit.payment_webhook_path("happy-paws")
    for headers in ((), (("X-Simulator-Signature", "0" * 64),)):
        request = HttpRequest(method="POST", url=f"https://h/{token}", headers=headers, body=b"{}")
        assert till.w.kit.webhook(request) == HttpResponse(status=403)
    body = b'{"payment": 1}'
    signed = (("X-Simulator-Signature", till.provider.sign(body)),)
    assert (
        till.w.kit.webhook(HttpRequest(method="POST", url=f"https://h/{token}", headers=signed, body=body)).status
        == 400
    )


def test_a_carrier_and_a_payment_provider_have_webhooks_of_their_own(till: Till) -> None:
    kit = till.w.kit
    assert kit.payment_webhook_path("happy-paws") != kit.webhook_path("happy-paws")
    assert kit.payment_webhook_url("happy-paws") is None
    with convokit.open("memory:", plugins=[PaymentsSimulator()], public_url="https://host.example/hooks") as other:
        other.add_practice(HAPPY_PAWS)
        url = other.payment_webhook_url("happy-paws")
        assert url == f"https://host.example/hooks/{other.payment_webhook_path('happy-paws')}"


def test_p08_the_same_event_again_changes_nothing_and_is_answered_alike(odd_desk: tuple[World, Odd, Payment]) -> None:
    w, odd, payment = odd_desk
    odd.reading = said(payment)
    changes = []
    for _ in range(3):
        assert call(w).status == 202
        changes.append(w.desk.conversation(payment.conversation_id).change)
    assert len(set(changes)) == 1
    odd.reading = said(payment, event_id="ev_2")
    assert call(w).status == 202
    assert w.desk.conversation(payment.conversation_id).change == changes[0]


@pytest.mark.parametrize("stranger", ["pay_unknown", "", "x" * 200])
def test_a_report_on_a_sale_that_is_not_ours_is_taken_and_forgotten(
    odd_desk: tuple[World, Odd, Payment], stranger: str
) -> None:
    w, odd, payment = odd_desk
    odd.reading = said(payment, payment_id=stranger)
    assert call(w).status == 202
    assert w.desk.payment(payment.id).state == "requested"


def test_p08_a_refund_that_names_only_the_charge_is_of_the_payment_that_was_charged(
    odd_desk: tuple[World, Odd, Payment],
) -> None:
    w, odd, payment = odd_desk
    odd.reading = said(payment)
    call(w)
    states = []
    for status, charge in (("refunded", "ch_other"), ("refunded", "ch_1"), ("refund_failed", "ch_1")):
        odd.reading = said(payment, payment_id="", charge_id=charge, status=status, movement_id="re_1", event_id=status)
        assert call(w).status == 202
        states.append(w.desk.payment(payment.id).state)
    assert states == ["paid", "refunded", "paid"]
    odd.reading = said(payment, payment_id="", charge_id="ch_1", status="disputed", movement_id="", money=None)
    assert call(w).status == 202
    ended = w.desk.payment(payment.id)
    assert (ended.state, ended.flags, ended.refunded.minor) == ("disputed", ("refund_failed",), 0)
    events = [entry.event for entry in w.desk.entries(payment.conversation_id)]
    assert events[-4:] == ["payment_refunded", "payment_refund_failed", "payment_flagged", "payment_disputed"]


def test_p10_a_report_at_another_practices_webhook_moves_nothing(odd_desk: tuple[World, Odd, Payment]) -> None:
    w, odd, payment = odd_desk
    w.kit.add_practice(convokit.Practice(id="other", name="Other"))
    odd.reading = said(payment)
    token = w.kit.payment_webhook_path("other")
    assert w.kit.webhook(HttpRequest(method="POST", url=f"https://h/{token}")).status == 202
    assert w.desk.payment(payment.id).state == "requested"
    with pytest.raises(convokit.NotFound):
        w.kit.practice("other").payment(payment.id)


UNUSABLE = [
    {"status": "paid", "movement_id": ""},
    {"status": "paid", "money": None},
    {"status": "refunded", "money": None},
    {"status": "refund_failed", "movement_id": ""},
    {"charge_id": None},
    {"status": "sold"},
    {"status": ["paid"]},
    {"payment_id": 7},
    {"payment_id": "x" * 201},
    {"movement_id": None},
    {"event_id": "x" * 10_000},
    {"test": "no"},
    {"money": (8450, "USD")},
    {"money": Money(minor=8450, currency="usd")},
    {"money": Money(minor=-1, currency="USD")},
    {"money": Money(minor=2**63, currency="USD")},
    {"money": Money(minor=84.5, currency="USD")},  # type: ignore[arg-type]
]


@pytest.mark.parametrize("changes", UNUSABLE, ids=range(len(UNUSABLE)))
def test_p08_an_unusable_report_is_kept_and_asked_for_again(
    odd_desk: tuple[World, Odd, Payment], changes: dict[str, Any]
) -> None:
    w, odd, payment = odd_desk
    odd.reading = said(payment, **changes)
    assert call(w).status == 500
    assert w.desk.payment(payment.id).state == "requested"
    assert w.kit.store._desks["happy-paws"].unreadable  # type: ignore[attr-defined]  # the store in memory


@pytest.mark.parametrize(
    ("reading", "status"),
    [
        (RuntimeError("secret"), 500),
        (None, 500),
        (VerifiedReports(reports=7), 500),  # type: ignore[arg-type]
        (VerifiedReports(reports=(None,)), 500),  # type: ignore[arg-type]
        (VerifiedReports(reports=()), 200),
        (VerifiedReports(reports=(), answer=None), 200),  # type: ignore[arg-type]
        (Unreadable(why="?"), 400),
        (Unreadable(why="?", answer=HttpResponse(status=204)), 204),
        (Unreadable(why="?", answer=7), 400),  # type: ignore[arg-type]
        (Unverified(why="?"), 403),
    ],
    ids=range(10),
)
def test_p11_whatever_a_plugin_reads_is_answered(
    odd_desk: tuple[World, Odd, Payment], reading: object, status: int
) -> None:
    w, odd, _ = odd_desk
    odd.reading = reading
    assert call(w).status == status


def test_the_webhook_of_a_provider_that_is_no_longer_chosen_is_not_found(odd_desk: tuple[World, Odd, Payment]) -> None:
    w, odd, payment = odd_desk
    token = w.kit.payment_webhook_path("happy-paws")
    found = w.kit.payment_providers.of("happy-paws")
    assert found is not None
    w.kit.payment_providers._built["happy-paws"] = evolve(found, name="other")
    odd.reading = said(payment)
    assert w.kit.webhook(HttpRequest(method="POST", url=f"https://h/{token}")).status == 404
    w.kit.payment_providers._built.clear()
    odd.broken = True
    assert w.kit.webhook(HttpRequest(method="POST", url=f"https://h/{token}")).status == 503


def test_an_observer_that_raises_stops_nobody(till: Till) -> None:
    class Angry:
        name = "angry"

        @hookimpl
        def convokit_payment_settled(self) -> None:
            raise RuntimeError("no")

    provider, books = PaymentsSimulator(), Books()
    with world(plugins=(provider, books, Angry())) as w:
        provider.connect(w.kit)
        other = Till(w, provider, books)
        provider.link(other.asked().id).pay()
        other.settle()
        assert [told.state for told in books.told] == ["paid"]


# --- the report ------------------------------------------------------------------------------------------------------


def test_the_report_is_exact_and_harmless_in_a_spreadsheet(till: Till) -> None:
    talk = till.start("app")
    start = till.w.clock()
    first = till.ask(talk, title='=HYPERLINK("http://x")', invoice="-1", amount=500, currency="JPY")
    till.settle()
    till.provider.link(first.id).pay()
    till.settle()
    till.ask(talk, title="Bella, Rex\r\nand “Kim”", invoice=None, amount="12.345", currency="KWD")
    report = till.desk.payments_report(start, till.w.clock() + timedelta(seconds=1))
    assert [row.title for row in report] == ['=HYPERLINK("http://x")', "Bella, Rex and “Kim”"]
    assert len(report) == 2
    text = report.csv()
    assert text.endswith("\r\n")
    assert text.count("\r\n") == 3
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    one, two = (dict(zip(head, row, strict=True)) for row in rows)
    assert (one["title"], one["invoice"]) == ('\'=HYPERLINK("http://x")', "'-1")
    assert (one["amount"], one["currency"], one["state"], one["received"]) == ("500", "JPY", "paid", "500")
    assert (two["amount"], two["currency"], two["refunded"]) == ("12.345", "KWD", "0.000")
    assert (one["requested_at"], two["paid_at"]) == (start.strftime("%Y-%m-%dT%H:%M:%SZ"), "")


def test_the_report_is_read_in_pages_and_has_both_ends_right(till: Till) -> None:
    talk = till.start("app")
    start = till.w.clock()
    for _ in range(205):
        till.ask(talk)
    till.w.clock.pass_(hours=1)
    till.ask(talk)
    assert len(till.desk.payments_report(start, start + timedelta(hours=1))) == 205
    assert len(till.desk.payments_report(start + timedelta(microseconds=1), start + timedelta(hours=2))) == 1
    assert len(till.desk.payments(talk.id)) == 200


@pytest.mark.parametrize(
    ("since", "until", "code"),
    [
        (datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC), "payments.period"),
        (datetime(2026, 3, 2, tzinfo=UTC).replace(tzinfo=None), datetime(2026, 3, 3, tzinfo=UTC), "time.naive"),
        ("2026-03-02", datetime(2026, 3, 3, tzinfo=UTC), "payments.period"),
    ],
)
def test_a_period_has_a_beginning_and_an_end(w: World, since: Any, until: Any, code: str) -> None:
    with pytest.raises(convokit.InvalidInput) as caught:
        w.desk.payments_report(since, until)
    assert caught.value.code == code


def test_another_departments_payments_are_not_there(till: Till) -> None:
    from convokit.domain.departments import Department

    rules = convokit.Rules(departments=[Department(id="lab", name="Lab")])
    till.w.kit.add_practice(evolve(HAPPY_PAWS, rules=rules))
    payment = till.ask(till.start("app"))
    start = till.w.clock() - timedelta(days=1)
    lab = till.w.kit.practice("happy-paws", departments=["lab"])
    with pytest.raises(convokit.NotFound) as caught:
        lab.payment(payment.id)
    assert caught.value.code == "payment.unknown"
    assert len(lab.payments_report(start, start + timedelta(days=2))) == 0
