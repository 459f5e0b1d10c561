"""The pretended API is what the official SDK expects, and as strict as the real one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
import stripe
from attrs import evolve
from convokit_pay_stripe import StripePayments, StripeSettings
from convokit_pay_stripe.testing import API_KEY, SIGNING_SECRET, SUCCESS_URL, StripeApi

from convokit.outcomes import Accepted, Outcome
from convokit.ports.payments import PaymentPrompt, VerifiedReports
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.testing import PROMPT, answered


@pytest.fixture
def api() -> Iterator[StripeApi]:
    with StripeApi() as running:
        yield running


@pytest.fixture
def sdk(api: StripeApi) -> Any:
    client = stripe.StripeClient(API_KEY, base_addresses={"api": api.url}, max_network_retries=0)
    return client.v1.checkout.sessions


def prompt(api: StripeApi, **more: Any) -> PaymentPrompt:
    closes = api.now() + timedelta(hours=23)
    return evolve(PROMPT, expires_at=int(closes.timestamp() * 1_000_000), **more)


def provider(api: StripeApi) -> StripePayments:
    return StripePayments(StripeSettings(**dict(api.settings(api.url))))  # type: ignore[arg-type]


def play(api: StripeApi, talk: Any) -> Outcome:
    request = next(talk)
    while True:
        try:
            request = talk.send(api.answer(request))
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]


def made(api: StripeApi, **more: Any) -> Accepted:
    told = play(api, provider(api).ask(prompt(api, **more)))
    assert isinstance(told, Accepted)
    return told


def wanted(**more: Any) -> dict[str, Any]:
    data = {"currency": "usd", "unit_amount": 8450, "product_data": {"name": "Invoice 1042"}}
    item = {"quantity": 1, "price_data": data}
    return {"mode": "payment", "success_url": SUCCESS_URL, "line_items": [item], **more}


def test_the_sdk_makes_reads_lists_and_expires(api: StripeApi, sdk: Any) -> None:
    one = sdk.create(wanted(client_reference_id="pay_1", metadata={"a": "b"}), {"idempotency_key": "k1"})
    again = sdk.create(wanted(client_reference_id="pay_1", metadata={"a": "b"}), {"idempotency_key": "k1"})
    other = sdk.create(wanted())
    assert one.id == again.id != other.id
    found = sdk.retrieve(one.id)
    assert (found.amount_total, found.currency, found.status, found.metadata["a"]) == (8450, "usd", "open", "b")
    assert sdk.expire(one.id).status == "expired"
    assert [listed.id for listed in sdk.list({"status": "open", "limit": 100}).data] == [other.id]
    assert sdk.retrieve(one.id).url is None


def test_what_the_plugin_makes_the_sdk_finds_once(api: StripeApi, sdk: Any) -> None:
    first, second = made(api), made(api)
    assert first == second
    (session,) = api.ledger
    found = sdk.retrieve(first.provider_id)
    assert (found.url, found.amount_total, found.client_reference_id) == (first.url, 8450, PROMPT.id)
    assert session.metadata("payment_intent_data[metadata]") == {"convokit_payment": PROMPT.id, "invoice": "1042"}
    assert play(api, provider(api).close(PROMPT.id, found.id)) == Accepted(provider_id=found.id)
    assert play(api, provider(api).close(PROMPT.id, found.id)) == Accepted(provider_id=found.id), "closed already"
    assert sdk.retrieve(found.id).status == "expired"


def test_a_request_that_has_changed_finds_what_was_made(api: StripeApi) -> None:
    first = made(api)
    api.given["cancel_url"] = "https://clinic.example/back"
    assert made(api) == first
    api.expire(api.ledger.lines()[0])
    second = made(api)
    assert [session.id for session in api.ledger] == [first.provider_id, second.provider_id]


def test_a_failure_that_is_repeated_does_not_last(api: StripeApi, sdk: Any) -> None:
    api.failing = [500]
    play(api, provider(api).ask(prompt(api)))
    assert len(api.ledger) == 0
    assert sdk.retrieve(made(api).provider_id).client_reference_id == PROMPT.id


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"mode": "subscription"}, "parameter_invalid"),
        ({"mode": ""}, "parameter_missing"),
        ({"success_url": "clinic"}, "url_invalid"),
        ({"line_items[0][price_data][currency]": "USD"}, "parameter_invalid"),
        ({"line_items[0][price_data][unit_amount]": "84.50"}, "parameter_invalid_integer"),
        ({"line_items[0][price_data][unit_amount]": "0"}, "amount_too_small"),
        ({"line_items[0][price_data][unit_amount]": "100000000"}, "amount_too_large"),
        ({"expires_at": "60"}, None),
        ({"expires_at": "9999999999"}, None),
        ({"tip": "1"}, "parameter_unknown"),
    ],
)
def test_it_refuses_what_stripe_refuses(api: StripeApi, changed: dict[str, str], code: str | None) -> None:
    request = next(provider(api).ask(prompt(api)))
    form = dict(parse_qsl(request.body.decode()))
    answer = api.answer(evolve(request, body=urlencode({**form, **changed}).encode()))
    assert answer.status == 400
    assert json.loads(answer.body)["error"].get("code") == code
    assert len(api.ledger) == 0


def test_who_may_do_what(api: StripeApi, sdk: Any) -> None:
    stranger = stripe.StripeClient("sk_test_other", base_addresses={"api": api.url}, max_network_retries=0)
    with pytest.raises(stripe.AuthenticationError):
        stranger.v1.checkout.sessions.list()
    with pytest.raises(stripe.InvalidRequestError):
        sdk.line_items.list("cs_test_unknown")
    with pytest.raises(stripe.InvalidRequestError) as missing:
        sdk.retrieve("cs_test_unknown")
    assert missing.value.code == "resource_missing"
    with pytest.raises(stripe.InvalidRequestError):
        sdk.list({"limit": 101})
    with pytest.raises(stripe.InvalidRequestError):
        sdk.expire("cs_test_unknown")
    one = sdk.create(wanted(), {"idempotency_key": "k1"})
    with pytest.raises(stripe.IdempotencyError):
        sdk.create(wanted(client_reference_id="other"), {"idempotency_key": "k1"})
    sdk.expire(one.id)
    with pytest.raises(stripe.InvalidRequestError):
        sdk.expire(one.id)


def test_its_events_reach_the_host_signed_and_the_sdk_believes_them(api: StripeApi) -> None:
    heard: list[HttpRequest] = []

    def host(request: HttpRequest) -> HttpResponse:
        heard.append(request)
        return answered(200)

    made(api)
    session = api.session(PROMPT.id)
    api.pay(session)
    api.host, api.hook = host, "https://desk.example/x"
    api.decline(session)
    api.pay(session)
    events: list[Any] = [
        stripe.Webhook.construct_event(request.body, request.header("Stripe-Signature"), SIGNING_SECRET)
        for request in heard
    ]
    assert [event.type for event in events] == [
        "payment_intent.payment_failed",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]
    assert events[-1].data.object.amount_total == 8450
    received = int(api.now().timestamp() * 1_000_000)
    assert isinstance(provider(api).read_webhook(evolve(heard[0], received_us=received)), VerifiedReports)


def test_a_payment_without_a_session_is_unknown(api: StripeApi) -> None:
    with pytest.raises(LookupError):
        api.session("pay_1")
