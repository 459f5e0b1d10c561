"""Checkout Sessions: one is made for a payment, found again, and closed."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Final, TypeGuard
from urllib.parse import quote, urlencode

from attrs import field, frozen

from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.ports.carrier_tools import LONGEST_ID, bounded, unanswered, wait_of
from convokit.ports.payments import Asking, PaymentPrompt
from convokit.ports.strict_json import read_object
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit_pay_stripe.amounts import units_of
from convokit_pay_stripe.settings import StripeSettings
from convokit_pay_stripe.words import reason_of

OWN_ID: Final = "convokit_payment"
"""The key of the metadata that brings our own id back."""
PAGE: Final = 100
"""The most that Stripe lists at once."""
_SECOND: Final = 1_000_000

_Looking = Generator[HttpRequest, HttpResponse | NoAnswer, Outcome | None]


@frozen(kw_only=True)
class Read:
    """An answer, taken apart.

    Attributes:
        told: the JSON object of its body, or nothing.
        kind, code: of the error, if it is one.
        raw: status, words and request id, for support. Not Stripe's message: it may repeat what was asked for.
        after: ``Retry-After`` in seconds, or ``None``.
        replayed: it is the answer to an earlier request with the same key.
    """

    status: int
    told: Mapping[str, object] = field(repr=False)
    kind: str
    code: str
    raw: str
    after: int | None
    replayed: bool


# --- making one -------------------------------------------------------------------------------------------------------
def make_session(settings: StripeSettings, prompt: PaymentPrompt) -> Asking:
    """Make a session in one POST, with a key by which Stripe knows a repetition for a day: it is the same session.

    Stripe repeats its failures too. And it refuses the key where the request has changed since (other settings, another
    release of this plugin): then the session that was made by it is looked for. Where there is none, another key is
    taken: a session whose link nobody was sent harms nobody.
    """
    units = units_of(prompt.money)
    if units is None:
        return Refused(reason="unknown", raw=f"Stripe cannot be asked for exactly {prompt.money.text}")
    answer = yield session_request(settings, prompt, units, prompt.key)
    if isinstance(answer, NoAnswer):
        return unanswered(answer)
    read = read_of(answer)
    if read.status == 400 and read.kind == "idempotency_error":
        found = yield from _look_up(settings, prompt, units)
        if found is not None:
            return found
    elif not (read.replayed and read.status >= 500):
        return _made(read)
    answer = yield session_request(settings, prompt, units, f"{prompt.key}.2")
    return unanswered(answer) if isinstance(answer, NoAnswer) else _made(read_of(answer))


def session_request(settings: StripeSettings, prompt: PaymentPrompt, units: int, key: str) -> HttpRequest:
    """The request. Of one prompt it is always the same, byte by byte: a repetition must not differ."""
    item = "line_items[0]"
    told = {
        "mode": "payment",
        "client_reference_id": prompt.id,
        f"{item}[quantity]": "1",
        f"{item}[price_data][currency]": prompt.money.currency.lower(),
        f"{item}[price_data][unit_amount]": str(units),
        f"{item}[price_data][product_data][name]": prompt.title,
        "payment_intent_data[description]": prompt.title,
        # Stripe is not to ask for another currency than the one that was asked for.
        "adaptive_pricing[enabled]": "false",
        "expires_at": str(prompt.expires_at // _SECOND),
        "success_url": settings.success_url,
    }
    for where in ("metadata", "payment_intent_data[metadata]"):
        told[f"{where}[{OWN_ID}]"] = prompt.id
        if prompt.invoice is not None:
            told[f"{where}[invoice]"] = prompt.invoice
    if settings.cancel_url is not None:
        told["cancel_url"] = settings.cancel_url
    return _post(settings, settings.sessions_url, urlencode(told).encode(), ("Idempotency-Key", key))


def _made(read: Read) -> Outcome:
    known, url = read.told.get("id"), read.told.get("url")
    if read.status == 200 and is_id(known) and isinstance(url, str) and url:
        return Accepted(provider_id=known, url=url)
    return _failed(read)


def _look_up(settings: StripeSettings, prompt: PaymentPrompt, units: int) -> _Looking:
    """The open session of a payment, among the newest hundred; ``None``: there is none.

    An earlier page of the payment, if it is still open, ends at another time.
    """
    answer = yield _get(settings, f"{settings.sessions_url}?status=open&limit={PAGE}")
    if isinstance(answer, NoAnswer):
        return TryLater(raw=bounded(answer.why))
    read = read_of(answer)
    listed = read.told.get("data")
    if read.status != 200 or not isinstance(listed, list):
        return TryLater(raw=read.raw, after=read.after)
    wanted = (prompt.id, units, prompt.money.currency.lower(), prompt.expires_at // _SECOND)
    for one in listed:
        if isinstance(one, Mapping):
            told = tuple(map(one.get, ("client_reference_id", "amount_total", "currency", "expires_at")))
            known, url = one.get("id"), one.get("url")
            if told == wanted and is_id(known) and isinstance(url, str) and url:
                return Accepted(provider_id=known, url=url)
    return None


# --- closing one ------------------------------------------------------------------------------------------------------
def close_session(settings: StripeSettings, session_id: str) -> Asking:
    """Expire a session. Stripe refuses this where it is open no more; then it is asked why."""
    url = f"{settings.sessions_url}/{quote(session_id, safe='')}"
    answer = yield _post(settings, f"{url}/expire", b"")
    if isinstance(answer, NoAnswer):
        return unanswered(answer)
    read = read_of(answer)
    if read.status == 400:
        answer = yield _get(settings, url)
        if isinstance(answer, NoAnswer):
            return TryLater(raw=bounded(answer.why))
        read = read_of(answer)
    status = read.told.get("status")
    if read.status == 200 and read.told.get("id") == session_id:
        if status == "expired":
            return Accepted(provider_id=session_id)
        if status == "complete":
            return Refused(reason="unknown", raw="the client has completed the session")
    return _failed(read)


# --- answers ----------------------------------------------------------------------------------------------------------
def read_of(answer: HttpResponse) -> Read:
    """An answer, whatever it is."""
    try:
        told: Mapping[str, object] = read_object(answer.body)
    except ValueError:
        told = {}
    given = told.get("error")
    said = given if isinstance(given, Mapping) else {}
    kind, code, param = (_word(said.get(name)) for name in ("type", "code", "param"))
    words = (str(answer.status), kind, code, param, _word(answer.header("Request-Id")))
    return Read(
        status=answer.status,
        told=told,
        kind=kind,
        code=code,
        raw=bounded(" ".join(filter(None, words))),
        after=wait_of(answer),
        replayed=answer.header("Idempotent-Replayed") == "true",
    )


def _failed(read: Read) -> Outcome:
    """What an answer that is no success means. After any 5xx nobody knows what was done before something broke."""
    if read.status in (409, 429):
        return TryLater(raw=read.raw, after=read.after)
    if 400 <= read.status < 500 and read.status not in (408, 424) and read.kind != "idempotency_error":
        return Refused(reason=reason_of(read.status, read.code), raw=read.raw)
    return Unsure(why=f"unexpected answer: {read.raw}"[:LONGEST_ID])


def is_id(value: object) -> TypeGuard[str]:
    """Whether it can be an id, of ours or of Stripe's."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_ID


def _word(given: object) -> str:
    """A word of Stripe's own, such as ``invalid_request_error`` or ``line_items[0][price_data]``."""
    return given if isinstance(given, str) and len(given) <= LONGEST_ID and given.isascii() else ""


def _post(settings: StripeSettings, url: str, body: bytes, *more: tuple[str, str]) -> HttpRequest:
    kind = ("Content-Type", "application/x-www-form-urlencoded")
    return HttpRequest(method="POST", url=url, headers=(*settings.headers, kind, *more), body=body)


def _get(settings: StripeSettings, url: str) -> HttpRequest:
    return HttpRequest(method="GET", url=url, headers=settings.headers)
