"""Our own links to payments: they lead to the provider's page, and have it made anew where it is over."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from attrs import define, evolve
from desks import ANA, ANA_PHONE, HAPPY_PAWS, KIM, World, world

import convokit
from convokit import HttpRequest, HttpResponse
from convokit.domain.instant import MINUTE, to_micros
from convokit.domain.payment import Payment
from convokit.errors import StorageError
from convokit.gateways.payments_simulator import PaymentsSimulator, PaymentWeather
from convokit.outcomes import Accepted
from convokit.runtime.payment_links import is_for_payments
from convokit.runtime.payment_pages import REFRESH_SECONDS
from convokit.runtime.restoring import hold_back

PUBLIC = "https://clinic.example/hooks"


@define
class Till:
    """A desk whose provider's links live for a day."""

    w: World
    provider: PaymentsSimulator

    @property
    def desk(self) -> convokit.PracticeDesk:
        return self.w.kit.practice("happy-paws")

    def settle(self) -> None:
        for _ in range(6):
            done = self.w.kit.work().performed
            self.w.clock.pass_(seconds=5)
            if not done + self.w.carrier.step() + self.provider.step():
                return

    def asked(self, **given: Any) -> Payment:
        """A request whose link has reached the client."""
        page = self.desk.inbox().items
        talk = page[0] if page else self.desk.start(client=ANA, channel="sms", by=KIM)
        wanted = {"title": "Bella's surgery", "amount": "84.50", "currency": "USD", "by": KIM, **given}
        payment = self.desk.request_payment(talk.id, **wanted)
        self.settle()
        return self.desk.payment(payment.id)

    def pages(self, payment: Payment) -> list[str]:
        """The provider's pages, in order."""
        return [link.url for link in self.provider.links if link.prompt.id == payment.id]

    def see(self, payment: Payment, method: str = "GET") -> HttpResponse:
        return self.w.kit.front(HttpRequest(method=method, url=payment.url or ""))


@pytest.fixture(params=["memory:", "sqlite"])
def till(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[Till]:
    url = "memory:" if request.param == "memory:" else f"sqlite:///{tmp_path}/desk.db"
    provider = PaymentsSimulator(seed=3, longest_hours=24)
    with world(url, plugins=(provider,), public_url=PUBLIC) as w:
        w.kit.add_practice(evolve(HAPPY_PAWS, phone="+1 303-555-0199"))
        provider.connect(w.kit)
        yield Till(w, provider)


def heading(response: HttpResponse) -> str:
    return unescape(re.findall(r"<h1>(.*)</h1>", response.body.decode())[0])


def where(response: HttpResponse) -> tuple[int, str | None]:
    return response.status, response.header("Location")


def test_the_client_gets_a_link_of_ours_that_leads_to_the_providers_page(till: Till) -> None:
    payment = till.asked()
    (text,) = till.w.carrier.phone(ANA_PHONE).received
    assert payment.url is not None
    assert text.text.endswith(payment.url)
    assert payment.url.startswith(f"{PUBLIC}/pay/happy-paws.{payment.id}.")
    assert payment.expires_at - payment.requested_at == timedelta(hours=72)
    (page,) = till.pages(payment)
    assert where(till.see(payment)) == where(till.see(payment, "HEAD")) == (303, page)


def test_p08_where_the_page_is_over_a_person_has_it_made_anew_by_one_press(till: Till) -> None:
    payment = till.asked()
    (first,) = till.pages(payment)
    till.w.clock.pass_(hours=23, minutes=50)
    assert where(till.see(payment)) == (303, first)
    till.w.clock.pass_(minutes=6)
    for method in ("GET", "HEAD", "GET"):
        assert where(till.see(payment, method)) == (200, None)
    shown = till.see(payment)
    assert heading(shown) == "Pay 84.50 USD"
    assert b'<form method="post"><button>' in shown.body
    till.settle()
    assert till.pages(payment) == [first], "whoever only looks makes nothing"
    pressed = till.see(payment, "POST")
    assert (heading(pressed), pressed.header("Refresh")) == ("One moment", str(REFRESH_SECONDS))
    assert heading(till.see(payment)) == heading(till.see(payment, "POST")) == "One moment"
    till.settle()
    assert where(till.see(payment)) == (303, till.pages(payment)[1])
    assert heading(till.see(payment, "POST")) == "One moment", "a form is never led to another site"
    assert len(till.pages(payment)) == 2
    assert [link.closed for link in till.provider.links] == [True, False], "the first had four minutes left"
    assert len(till.w.carrier.phone(ANA_PHONE).received) == 1
    till.provider.link(payment.id).pay()
    till.settle()
    assert (till.desk.payment(payment.id).state, till.desk.payment(payment.id).flags) == ("paid", ())


def test_p08_many_presses_at_once_make_one_page(till: Till) -> None:
    payment = till.asked()
    till.w.clock.pass_(hours=30)
    seen: list[int] = []
    pressing = [threading.Thread(target=lambda: seen.append(till.see(payment, "POST").status)) for _ in range(8)]
    for one in pressing:
        one.start()
    for one in pressing:
        one.join()
    assert seen == [200] * 8
    till.settle()
    assert len(till.pages(payment)) == 2


def test_a_link_holds_as_long_as_the_request_and_a_page_is_made_each_day(till: Till) -> None:
    payment = till.asked()
    for day in (2, 3):
        till.w.clock.pass_(hours=24)
        till.see(payment, "POST")
        till.settle()
        assert len(till.pages(payment)) == day
        assert till.see(payment).status == 303
    newest = till.provider.link(payment.id)
    assert newest.prompt.expires_at == payment.expires_us, "no longer than the request"
    till.w.clock.pass_(hours=24)
    till.settle()
    over = till.see(payment)
    assert (over.status, heading(over)) == (410, "This link is over")
    assert b"call Happy Paws at +1 303-555-0199" in over.body
    assert (newest.closed, till.see(payment, "POST").status) == (True, 410)
    thread = [entry.event or entry.kind for entry in till.desk.entries(payment.conversation_id)]
    assert thread == ["started", "payment_requested", "message", "payment_expired"]


def test_a_page_that_is_over_is_not_an_expired_request(till: Till) -> None:
    payment = till.asked()
    till.provider.link(payment.id).expire()
    till.settle()
    assert till.desk.payment(payment.id).state == "requested"


def test_what_is_paid_under_way_or_taken_back_is_said_and_nothing_is_made(till: Till) -> None:
    payment = till.asked()
    till.w.clock.pass_(hours=25)
    link = till.provider.link(payment.id)
    seen = []
    for act in (link.process, link.pay, lambda: link.refund("10.00"), lambda: link.refund("74.50"), link.dispute):
        act()
        till.settle()
        seen.append((till.see(payment, "POST").status, heading(till.see(payment))))
    assert seen == [(200, "On its way"), (200, "Paid"), (200, "Paid"), (200, "Refunded"), (200, "Paid")]
    assert len(till.pages(payment)) == 1


def test_a_link_that_staff_take_back_holds_no_more(till: Till) -> None:
    payment = till.asked()
    till.desk.cancel_payment(payment.id, by=KIM)
    assert (till.see(payment).status, heading(till.see(payment))) == (410, "Nothing to pay")
    till.settle()
    assert till.provider.link(payment.id).closed


def test_p08_taken_back_while_a_page_is_being_made_it_is_closed(till: Till) -> None:
    payment = till.asked()
    till.w.clock.pass_(hours=25)
    till.see(payment, "POST")
    till.provider.weather = PaymentWeather(throttle=1.0)
    till.w.kit.work()
    till.desk.cancel_payment(payment.id, by=KIM)
    till.provider.weather = PaymentWeather()
    till.w.clock.pass_(minutes=5)
    till.settle()
    assert len(till.pages(payment)) == 1, "nobody wants it any more"
    assert till.see(payment).status == 410


def test_p11_an_answer_that_is_lost_is_asked_for_again_and_the_client_waits(till: Till) -> None:
    payment = till.asked()
    till.w.clock.pass_(hours=25)
    till.see(payment, "POST")
    till.provider.weather = PaymentWeather(no_answer=1.0)
    till.w.kit.work()
    assert heading(till.see(payment)) == "One moment"
    till.w.clock.pass_(minutes=2)
    slow = till.see(payment)
    assert (slow.status, heading(slow), slow.header("Refresh")) == (503, "This takes longer than usual", None)
    till.provider.weather = PaymentWeather()
    till.settle()
    assert till.see(payment).status == 303
    assert {link.prompt.key for link in till.provider.links[1:]} == {f"{payment.id}.page2"}


def test_p03_a_worker_that_dies_at_it_leaves_a_page_that_is_asked_for_again_with_the_same_key(till: Till) -> None:
    payment = till.asked()
    till.w.clock.pass_(hours=25)
    till.see(payment, "POST")
    now_us = to_micros(till.w.kit.now())
    assert till.w.kit.store.begin_job("happy-paws", f"{payment.id}.open.2", now_us, MINUTE) is not None
    made = till.provider.make(evolve(till.provider.link(payment.id).prompt, page=2), till.provider.links[0]._account)
    assert isinstance(made, Accepted), "the provider's answer, which nobody has written down"
    till.w.clock.pass_(minutes=2)
    till.w.kit.work()
    till.w.clock.pass_(minutes=2)
    till.settle()
    assert [link.prompt.key for link in till.provider.links] == [payment.id, *[f"{payment.id}.page2"] * 2]
    assert where(till.see(payment)) == (303, till.pages(payment)[-1])


def test_a_desk_that_is_restored_goes_on_to_make_the_page_for_it_sends_nothing(till: Till) -> None:
    payment = till.asked()
    till.w.clock.pass_(hours=25)
    till.see(payment, "POST")
    assert hold_back(till.w.kit).payments == 0
    till.settle()
    assert till.see(payment).status == 303


def test_no_client_is_answered_inside_a_transaction_of_the_hosts(tmp_path: Any) -> None:
    with world(f"sqlite:///{tmp_path}/desk.db", public_url=PUBLIC) as w:
        engine = sa.create_engine(f"sqlite:///{tmp_path}/desk.db")
        request = HttpRequest(method="GET", url=f"{PUBLIC}/pay/a.b.c")
        with engine.begin() as connection, w.kit.within(connection), pytest.raises(convokit.Conflict) as caught:
            w.kit.front(request)
        assert caught.value.code == "within.not_here"
        engine.dispose()


def test_a_page_that_cannot_be_made_is_for_a_person(till: Till) -> None:
    payment = till.asked()
    till.w.clock.pass_(hours=25)
    till.see(payment, "POST")
    till.provider.weather = PaymentWeather(throttle=1.0)
    for _ in range(200):
        till.w.clock.pass_(minutes=10)
        till.w.kit.work()
    shown = till.desk.payment(payment.id)
    assert (shown.state, shown.flags) == ("requested", ("link_failed",))
    assert (till.see(payment, "POST").status, heading(till.see(payment))) == (503, "You cannot pay here now")


def test_p17_only_links_of_ours_are_answered(till: Till) -> None:
    payment = till.asked()
    assert payment.url is not None
    good = payment.url.rpartition("/")[2]
    other = till.asked()
    said, _, signature = good.rpartition(".")
    forged = [
        f"{said}.{signature[:-1]}{'A' if signature[-1] != 'A' else 'B'}",
        f"{said}.",
        f"happy-paws.{other.id}.{signature}",
        f"far-paws.{payment.id}.{signature}",
        "happy-paws.x.ü",
        "a.b.c",
        "...",
        f"{good}/x.y.z",
    ]
    for token in forged:
        answer = till.w.kit.front(HttpRequest(method="GET", url=f"{PUBLIC}/pay/{token}"))
        assert (answer.status, answer.body) == (404, b""), token
    media = f"{PUBLIC}/media/{good}"
    assert till.w.kit.front(HttpRequest(method="GET", url=media)).status == 404
    assert till.w.kit.payment_page(HttpRequest(method="GET", url="http://[half")).status == 404
    assert till.see(payment, "DELETE").status == 405
    assert not is_for_payments("http://[half/pay/a.b.c")


def test_p19_the_pages_say_nothing_of_the_conversation_and_are_kept_nowhere(till: Till) -> None:
    till.w.kit.add_practice(evolve(HAPPY_PAWS, name="<b>Paws & {amount}</b>"))
    payment = till.asked()
    till.w.clock.pass_(hours=25)
    shown = till.see(payment)
    assert "surgery" not in shown.body.decode()
    assert "Ana" not in shown.body.decode()
    assert "&lt;b&gt;Paws &amp; {amount}&lt;/b&gt; asks you for 84.50 USD" in shown.body.decode()
    assert shown.header("Cache-Control") == "private, no-store"
    assert shown.header("Referrer-Policy") == "no-referrer"
    policy = shown.header("Content-Security-Policy") or ""
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert "frame-ancestors 'none'" in policy
    led = till.see(till.asked())
    assert (led.status, led.header("Cache-Control"), led.header("Referrer-Policy")) == (
        303,
        "private, no-store",
        "no-referrer",
    )


def test_a_link_of_a_client_who_was_erased_leads_nowhere(till: Till) -> None:
    payment = till.asked()
    url = payment.url
    till.desk.end(payment.conversation_id, by=KIM)
    till.settle()
    till.desk.erase_client("c17", by=KIM, reason="asked for it")
    assert till.w.kit.front(HttpRequest(method="GET", url=url or "")).status == 404


def test_trouble_with_the_store_is_told_as_such(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    payment = till.asked()

    def broken(*args: object) -> None:
        raise StorageError("storage.full", "no space")

    monkeypatch.setattr(till.w.kit.store, "payment", broken)
    answer = till.see(payment)
    assert (answer.status, answer.header("Retry-After")) == (503, "5")
    monkeypatch.setattr(
        till.w.kit.store, "payment", lambda *args: (_ for _ in ()).throw(convokit.Conflict("x.y", "odd"))
    )
    assert till.see(payment).status == 500


@pytest.mark.parametrize("plugins", [(), (PaymentsSimulator(), PaymentsSimulator())])
def test_without_the_provider_no_page_can_be_had_and_nothing_is_lost(
    tmp_path: Any, plugins: tuple[object, ...]
) -> None:
    url = f"sqlite:///{tmp_path}/desk.db"
    provider = PaymentsSimulator(seed=3, longest_hours=24)
    with world(url, plugins=(provider,), public_url=PUBLIC) as w:
        provider.connect(w.kit)
        payment = Till(w, provider).asked()
    with world(url, public_url=PUBLIC) as w:
        w.clock.pass_(hours=25)
        bare = Till(w, provider)
        answer = bare.see(payment, "POST")
        assert (answer.status, heading(answer)) == (503, "This takes longer than usual")
        assert bare.desk.payment(payment.id).flags == ()


def test_without_a_public_url_the_client_gets_the_providers_own_link() -> None:
    provider = PaymentsSimulator(seed=3, longest_hours=24)
    with world(plugins=(provider,)) as w:
        provider.connect(w.kit)
        till = Till(w, provider)
        payment = till.asked()
        assert (payment.page, [payment.url]) == (None, till.pages(payment))
        assert payment.expires_at - payment.requested_at == timedelta(hours=24)
        token = w.kit.payment_providers.links.url("happy-paws", payment.id)
        assert token is None
