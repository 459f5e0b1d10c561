"""Against localstripe, a Stripe that somebody else wrote: payment intents, their signed events, and its errors.

It has no Checkout Sessions, and it knows no idempotency keys; those are tested with the pretended API. It runs in a
process of its own, on 127.0.0.1 only, and without the file in which it keeps its state.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import stripe
from attrs import define
from convokit_pay_stripe import StripePayments, StripeSettings
from convokit_pay_stripe.testing import API_KEY, SIGNING_SECRET, StripeApi
from needs import unavailable

import convokit
from convokit.domain.payment import Payment
from convokit.outcomes import Refused
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.runtime.http import BlockingHttp
from convokit.testing import PROMPT, Ledger, LoopbackServer
from convokit.testing.journeys import ANA, KIM

SERVE = """
import socket
from aiohttp import web
from localstripe.resources import Store
Store.dump_to_disk = lambda store: None
from localstripe.server import app
listening = socket.create_server(("127.0.0.1", 0))
print(listening.getsockname()[1], flush=True)
web.run_app(app, sock=listening, print=None, access_log=None)
"""


@pytest.fixture(scope="module")
def peer() -> Iterator[str]:
    """Its URL."""
    if importlib.util.find_spec("localstripe") is None:
        unavailable("localstripe not found: pip install --group peers")
    process = subprocess.Popen([sys.executable, "-c", SERVE], stdout=subprocess.PIPE, encoding="utf-8")
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


class Listener(LoopbackServer):
    """Passes events on to the desk, and keeps what was answered to those about money."""

    def __init__(self, kit: convokit.Convokit) -> None:
        self.kit = kit
        self.answers: Ledger[tuple[str, int]] = Ledger()

    def answer(self, request: HttpRequest) -> HttpResponse:
        told, kind = self.kit.front(request), json.loads(request.body)["type"]
        if kind.startswith("payment_intent."):
            self.answers.write((kind, told.status))
        return told


@define(eq=False)
class Till:
    """A desk whose sessions are made at the pretended API, and whose events are localstripe's."""

    kit: convokit.Convokit
    api: StripeApi
    listener: Listener
    sdk: Any

    @property
    def desk(self) -> convokit.PracticeDesk:
        return self.kit.practice("happy-paws")

    def ask(self) -> Payment:
        talk = self.desk.start(client=ANA, by=KIM)
        payment = self.desk.request_payment(talk.id, title="Invoice 1042", amount="84.50", currency="USD", by=KIM)
        self.kit.work()
        return payment

    def charge(self, payment: Payment, number: str, amount: int = 8450) -> Any:
        """An intent with the metadata that our session gives to its own, confirmed with a card."""
        card = {"number": number, "exp_month": "12", "exp_year": "2040", "cvc": "123"}
        method = self.sdk.payment_methods.create({"type": "card", "card": card})
        customer = self.sdk.customers.create({"name": "Ana Ruiz"})
        self.sdk.payment_methods.attach(method.id, {"customer": customer.id})
        who = {"customer": customer.id, "payment_method": method.id}
        metadata = self.api.session(payment.id).metadata("payment_intent_data[metadata]")
        wanted = {"amount": amount, "currency": "usd", "metadata": metadata, **who}
        return self.sdk.payment_intents.confirm(self.sdk.payment_intents.create(wanted).id)


@pytest.fixture
def till(peer: str) -> Iterator[Till]:
    with StripeApi() as api:
        given = {"stripe": api.settings(api.url)}
        real = convokit.Rules(payments=convokit.PaymentRules(accept_test=True))
        with convokit.open("memory:", plugins=["stripe"], settings=given, public_url="https://desk.example/x") as kit:
            kit.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws", rules=real))
            with Listener(kit) as listener:
                token = (kit.payment_webhook_url("happy-paws") or "").rpartition("/")[2]
                register(peer, f"{listener.url}/{token}")
                client = stripe.StripeClient(API_KEY, base_addresses={"api": peer}, max_network_retries=0)
                yield Till(kit, api, listener, client.v1)


def register(peer: str, url: str) -> None:
    """Enter a webhook; the one before is replaced."""
    body = f"url={url}&secret={SIGNING_SECRET}".encode()
    headers = (("Content-Type", "application/x-www-form-urlencoded"),)
    with closing(BlockingHttp()) as exchange:
        request = HttpRequest(method="POST", url=f"{peer}/_config/webhooks/desk", headers=headers, body=body)
        told = exchange(request)
    assert isinstance(told, HttpResponse)
    assert told.status == 200


GOOD, DECLINED = "4242424242424242", "4000000000000341"


def test_p08_its_intent_that_succeeded_is_a_payment(till: Till) -> None:
    payment = till.ask()
    intent = till.charge(payment, GOOD)
    assert intent.status == "succeeded"
    assert till.listener.answers.wait_for(1) == [("payment_intent.succeeded", 200)]
    paid = till.desk.payment(payment.id)
    assert (paid.state, paid.received.text, paid.flags) == ("paid", "84.50 USD", ())
    assert [charge.id for charge in paid.evidence.charges] == [intent.id]


def test_p08_its_intent_of_another_amount_is_flagged(till: Till) -> None:
    payment = till.ask()
    till.charge(payment, GOOD, 8400)
    till.listener.answers.wait_for(1)
    paid = till.desk.payment(payment.id)
    assert (paid.state, paid.flags) == ("requested", ("wrong_amount",))


def test_its_declined_card_is_a_decline(till: Till) -> None:
    payment = till.ask()
    with pytest.raises(stripe.CardError):
        till.charge(payment, DECLINED)
    assert till.listener.answers.wait_for(1) == [("payment_intent.payment_failed", 200)]
    assert till.desk.payment(payment.id).state == "declined"


def test_what_it_does_not_know_is_refused_and_not_retried(peer: str) -> None:
    """It has no Checkout Sessions: a page that is not there, as any other service would answer."""
    settings = StripeSettings(**StripeApi().settings(peer))  # type: ignore[arg-type]
    talk = StripePayments(settings).ask(PROMPT)
    with closing(BlockingHttp()) as exchange, pytest.raises(StopIteration) as stop:
        talk.send(exchange(next(talk)))
    assert stop.value.value == Refused(reason="unknown", raw="404")
