"""The pretended API is what the official SDK expects, and as strict as the real one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx  # noqa: TID251 - it is what the SDK speaks through
import pytest
from attrs import evolve
from convokit_pay_square import SquarePayments, SquareSettings
from convokit_pay_square.testing import ACCESS_TOKEN, LOCATION, SIGNATURE_KEY, SquareApi
from square import Square
from square.core.api_error import ApiError
from square.core.unchecked_base_model import construct_type
from square.types.dispute_created_event import DisputeCreatedEvent
from square.types.payment_updated_event import PaymentUpdatedEvent
from square.types.refund_updated_event import RefundUpdatedEvent
from square.utils.webhooks_helper import verify_signature

from convokit.outcomes import Accepted, Outcome
from convokit.ports.payments import PaymentPrompt, VerifiedReports
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.testing import PROMPT, answered

HOOK = "https://desk.example/x"


@pytest.fixture
def api() -> Iterator[SquareApi]:
    with SquareApi() as running:
        yield running


@pytest.fixture
def client(api: SquareApi) -> Iterator[Callable[..., Any]]:
    """Makes the SDK's view of payment links. The HTTP client is ours, for the SDK leaves its own open."""
    with httpx.Client() as http:

        def made(token: str = ACCESS_TOKEN) -> Any:
            return Square(token=token, base_url=api.url, httpx_client=http).checkout.payment_links

        yield made


def provider(api: SquareApi) -> SquarePayments:
    return SquarePayments(SquareSettings(**dict(api.settings(api.url))))  # type: ignore[arg-type]


def play(api: SquareApi, talk: Any) -> Outcome:
    request = next(talk)
    while True:
        try:
            request = talk.send(api.answer(request))
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]


def made(api: SquareApi, prompt: PaymentPrompt = PROMPT) -> Accepted:
    told = play(api, provider(api).ask(prompt))
    assert isinstance(told, Accepted)
    return told


def wanted(**more: Any) -> dict[str, Any]:
    item = {"name": "Invoice 1042", "quantity": "1", "base_price_money": {"amount": 8450, "currency": "USD"}}
    return {"order": {"location_id": LOCATION, "line_items": [item]}, **more}


def code_of(error: pytest.ExceptionInfo[ApiError]) -> str:
    return str(error.value.body["errors"][0]["code"])


def test_the_sdk_makes_reads_lists_and_deletes(client: Callable[..., Any]) -> None:
    sdk = client()
    one = sdk.create(**wanted(idempotency_key="k1", payment_note="a note")).payment_link
    again = sdk.create(**wanted(idempotency_key="k1", payment_note="a note")).payment_link
    other = sdk.create(**wanted()).payment_link
    assert one.id == again.id != other.id
    found = sdk.get(one.id).payment_link
    assert (found.url, found.payment_note, found.order_id) == (one.url, "a note", one.order_id)
    assert sdk.delete(one.id).cancelled_order_id == one.order_id
    assert [listed.id for listed in sdk.list()] == [other.id]
    with pytest.raises(ApiError) as gone:
        sdk.get(one.id)
    assert (gone.value.status_code, code_of(gone)) == (404, "NOT_FOUND")


def test_what_the_plugin_makes_the_sdk_finds_once(api: SquareApi, client: Callable[..., Any]) -> None:
    first, second = made(api), made(api)
    assert first == second
    (link,) = api.ledger
    found = client().get(first.provider_id).payment_link
    assert (found.url, found.order_id, found.payment_note) == (first.url, link.order_id, f"convokit:{PROMPT.id} 1042")
    assert (link.own_id, link.amount, link.currency) == (PROMPT.id, 8450, "USD")
    assert not found.checkout_options.allow_tipping
    for _ in range(2):
        assert play(api, provider(api).close(PROMPT.id, found.id)) == Accepted(provider_id=found.id)
    assert link.deleted


def test_a_request_that_has_changed_has_another_link(api: SquareApi) -> None:
    first = made(api)
    api.given["redirect_url"] = "https://clinic.example/thanks"
    second = made(api)
    assert [link.id for link in api.ledger] == [first.provider_id, second.provider_id]
    assert made(api) == second


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"tip": 1}, "UNKNOWN_BODY_PARAMETER"),
        ({"payment_note": 5}, "EXPECTED_STRING"),
        ({"payment_note": "x" * 501}, "VALUE_TOO_LONG"),
        ({"checkout_options": []}, "EXPECTED_OBJECT"),
        ({"checkout_options": {"allow_tipping": "no"}}, "EXPECTED_BOOLEAN"),
        ({"order": {}}, "MISSING_REQUIRED_PARAMETER"),
        ({"order": {"line_items": {}}}, "EXPECTED_ARRAY"),
        ({"order": {"line_items": [{"base_price_money": {"amount": "84.50"}}]}}, "EXPECTED_INTEGER"),
        ({"order": {**wanted()["order"], "location_id": "L2"}}, "INVALID_LOCATION"),
        ({"order": {**wanted()["order"], "reference_id": "x" * 41}}, "VALUE_TOO_LONG"),
        (
            {"order": {"location_id": LOCATION, "line_items": [{"quantity": "1", "base_price_money": {"amount": 0}}]}},
            "VALUE_TOO_LOW",
        ),
        (
            {
                "order": {
                    "location_id": LOCATION,
                    "line_items": [{"quantity": "1", "base_price_money": {"amount": 1, "currency": "CAD"}}],
                }
            },
            "CURRENCY_MISMATCH",
        ),
    ],
)
def test_it_refuses_what_square_refuses(api: SquareApi, changed: dict[str, Any], code: str) -> None:
    request = next(provider(api).ask(PROMPT))
    answer = api.answer(evolve(request, body=json.dumps({**json.loads(request.body), **changed}).encode()))
    assert (answer.status, json.loads(answer.body)["errors"][0]["code"]) == (400, code)
    assert len(api.ledger) == 0


def test_who_may_do_what(api: SquareApi, client: Callable[..., Any]) -> None:
    with pytest.raises(ApiError) as stranger:
        client("another token").create(**wanted())
    assert (stranger.value.status_code, code_of(stranger)) == (401, "UNAUTHORIZED")
    one = client().create(**wanted(idempotency_key="k1")).payment_link
    with pytest.raises(ApiError) as reused:
        client().create(**wanted(idempotency_key="k1", description="other"))
    assert code_of(reused) == "IDEMPOTENCY_KEY_REUSED"
    api.pay(api.ledger.lines()[0])
    with pytest.raises(ApiError):
        client().delete(one.id)
    request = evolve(next(provider(api).ask(PROMPT)), body=b"{")
    assert json.loads(api.answer(request).body)["errors"][0]["code"] == "EXPECTED_JSON_BODY"


def test_its_events_reach_the_host_signed_and_the_sdk_believes_and_reads_them(api: SquareApi) -> None:
    heard: list[HttpRequest] = []

    def host(request: HttpRequest) -> HttpResponse:
        heard.append(request)
        return answered(200)

    made(api)
    link = api.link(PROMPT.id)
    api.host, api.hook = host, HOOK
    api.pay(link)
    api.refund(link, 1000)
    api.dispute(link)
    for request in heard:
        proof = request.header("x-square-hmacsha256-signature") or ""
        body = request.body.decode()
        assert verify_signature(
            request_body=body, signature_header=proof, signature_key=SIGNATURE_KEY, notification_url=HOOK
        )
        assert isinstance(provider(api).read_webhook(request), VerifiedReports)
    told = [json.loads(request.body) for request in heard]
    assert [one["type"] for one in told] == [
        "payment.created",
        "payment.updated",
        "refund.created",
        "refund.updated",
        "payment.updated",
        "dispute.created",
    ]
    kinds: list[Any] = [PaymentUpdatedEvent, RefundUpdatedEvent, DisputeCreatedEvent]
    paid, refunded, disputed = (
        construct_type(type_=kind, object_=one) for kind, one in zip(kinds, (told[1], told[3], told[5]), strict=True)
    )
    payment = paid.data.object.payment
    assert (payment.status, payment.total_money.amount, payment.note) == ("COMPLETED", 8450, link.kept["payment_note"])
    assert (refunded.data.object.refund.payment_id, refunded.data.object.refund.status) == (payment.id, "COMPLETED")
    assert disputed.type == "dispute.created"


def test_a_payment_without_a_link_is_unknown(api: SquareApi) -> None:
    with pytest.raises(LookupError):
        api.link("pay_1")
