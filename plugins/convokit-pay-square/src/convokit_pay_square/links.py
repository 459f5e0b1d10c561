"""Payment links: one is made for a payment, and closed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final, TypeGuard
from urllib.parse import quote

from attrs import field, frozen

from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.ports.carrier_tools import LONGEST_ID, bounded, unanswered, wait_of
from convokit.ports.payments import Asking, PaymentPrompt
from convokit.ports.strict_json import read_object
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit_pay_square.amounts import TAKEN, shown
from convokit_pay_square.settings import SquareSettings
from convokit_pay_square.words import KEY_REUSED, reason_of

OWN: Final = "convokit:"
"""Stands before our own id in the note, which Square copies from the link to the payment."""


@frozen(kw_only=True)
class Read:
    """An answer, taken apart.

    Attributes:
        told: the JSON object of its body, or nothing.
        codes: of its errors.
        raw: status and codes, for support. Not Square's own sentences: they may repeat what was asked for.
        after: ``Retry-After`` in seconds, or ``None``.
    """

    status: int
    told: Mapping[str, object] = field(repr=False)
    codes: tuple[str, ...]
    raw: str
    after: int | None


# --- making one -------------------------------------------------------------------------------------------------------
def make_link(settings: SquareSettings, prompt: PaymentPrompt) -> Asking:
    """Make a link in one POST, with a key by which Square knows a repetition: it is the same link.

    Square refuses the key where the request has changed since (other settings, another release of this plugin). Then
    another key is taken: the link that was made by the first is sent to nobody, so it harms nobody.
    """
    if prompt.money.currency not in TAKEN:
        return Refused(reason="unknown", raw=f"Square does not take {prompt.money.currency}")
    answer = yield link_request(settings, prompt, prompt.key)
    if isinstance(answer, HttpResponse) and KEY_REUSED in read_of(answer).codes:
        answer = yield link_request(settings, prompt, f"{prompt.key}.2")
    if isinstance(answer, NoAnswer):
        return unanswered(answer)
    read = read_of(answer)
    made = read.told.get("payment_link")
    link = made if isinstance(made, Mapping) else {}
    known, url = link.get("id"), link.get("url")
    if read.status == 200 and is_id(known) and isinstance(url, str) and url:
        return Accepted(provider_id=known, url=url)
    return _failed(read)


def link_request(settings: SquareSettings, prompt: PaymentPrompt, key: str) -> HttpRequest:
    """The request. Of one prompt it is always the same, byte by byte: a repetition must not differ."""
    item = {"name": prompt.title, "quantity": "1", "base_price_money": shown(prompt.money)}
    options: dict[str, object] = {
        # Nothing may be added to what is asked for, and nothing taken off.
        "allow_tipping": False,
        "ask_for_shipping_address": False,
        "enable_coupon": False,
        "enable_loyalty": False,
    }
    if settings.redirect_url is not None:
        options["redirect_url"] = settings.redirect_url
    told = {
        "idempotency_key": key,
        "order": {
            "location_id": settings.location_id,
            "reference_id": prompt.id,
            "line_items": [item],
            "pricing_options": {"auto_apply_discounts": False, "auto_apply_taxes": False},
        },
        "checkout_options": options,
        "payment_note": " ".join(filter(None, (f"{OWN}{prompt.id}", prompt.invoice))),
    }
    headers = (*settings.headers, ("Content-Type", "application/json"))
    return HttpRequest(method="POST", url=settings.links_url, headers=headers, body=json.dumps(told).encode())


def own_id_of(note: object) -> str | None:
    """Our own id in the note of a payment; ``None``: it is somebody else's sale."""
    first = note.split(" ", 1)[0] if isinstance(note, str) else ""
    own_id = first.removeprefix(OWN)
    return own_id if own_id != first and is_id(own_id) else None


# --- closing one ------------------------------------------------------------------------------------------------------
def close_link(settings: SquareSettings, link_id: str) -> Asking:
    """Delete a link. One that is not there is closed: by an earlier request, whose answer was lost."""
    url = f"{settings.links_url}/{quote(link_id, safe='')}"
    answer = yield HttpRequest(method="DELETE", url=url, headers=settings.headers)
    if isinstance(answer, NoAnswer):
        return unanswered(answer)
    read = read_of(answer)
    gone = read.status == 404 and "NOT_FOUND" in read.codes
    if gone or (read.status == 200 and read.told.get("id") == link_id):
        return Accepted(provider_id=link_id)
    return _failed(read)


# --- answers ----------------------------------------------------------------------------------------------------------
def read_of(answer: HttpResponse) -> Read:
    """An answer, whatever it is."""
    try:
        told: Mapping[str, object] = read_object(answer.body)
    except ValueError:
        told = {}
    errors = told.get("errors")
    found = [one for one in errors if isinstance(one, Mapping)] if isinstance(errors, list) else []
    codes = tuple(filter(None, (_word(one.get("code")) for one in found)))
    fields = tuple(filter(None, (_word(one.get("field")) for one in found)))
    return Read(
        status=answer.status,
        told=told,
        codes=codes,
        raw=bounded(" ".join((str(answer.status), *codes, *fields))),
        after=wait_of(answer),
    )


def _failed(read: Read) -> Outcome:
    """What an answer that is no success means. After any 5xx nobody knows what was done before something broke."""
    if read.status in (409, 429):
        return TryLater(raw=read.raw, after=read.after)
    if 400 <= read.status < 500 and read.status != 408 and KEY_REUSED not in read.codes:
        return Refused(reason=reason_of(read.status, read.codes[0] if read.codes else ""), raw=read.raw)
    return Unsure(why=f"unexpected answer: {read.raw}"[:LONGEST_ID])


def is_id(value: object) -> TypeGuard[str]:
    """Whether it can be an id, of ours or of Square's."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_ID


def _word(given: object) -> str:
    """A word of Square's own, such as ``INVALID_REQUEST_ERROR`` or ``order.line_items[0]``."""
    return given if isinstance(given, str) and len(given) <= LONGEST_ID and given.isascii() else ""
