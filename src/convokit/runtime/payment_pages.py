"""The small pages behind our own payment links: what a client reads where there is nothing to pay, or not yet.

Nothing of the conversation is on them: a link may be seen by others than the client. They need no script, load nothing,
and are in no cache.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from html import escape
from typing import Final

from attrs import frozen

from convokit.domain.payment import Payment
from convokit.domain.rules import Practice
from convokit.ports.wire import HttpResponse

_STYLE: Final = (
    "body{margin:0;font:1.125rem/1.5 system-ui,sans-serif;background:#f4f6f8;color:#17212b}"
    "main{max-width:28rem;margin:12vh auto 0;padding:2rem;background:#fff;border-radius:.75rem}"
    "h1{margin:0 0 .75rem;font-size:1.375rem}p{margin:0 0 1rem}"
    "button{font:inherit;font-weight:600;padding:.75rem 1.25rem;border:0;border-radius:.5rem;"
    "background:#0b5c74;color:#fff;cursor:pointer}button:focus-visible{outline:3px solid #f0a500}"
)
_STYLE_HASH: Final = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode("ascii")
SAFE: Final = (
    ("Cache-Control", "private, no-store"),
    (
        "Content-Security-Policy",
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Robots-Tag", "noindex, nofollow"),
)
REFRESH_SECONDS: Final = 2


@frozen(kw_only=True)
class Words:
    """A page: its status, its heading, what it says, and a button if there is something to do.

    ``{amount}``, ``{practice}`` and ``{call}`` are filled in.
    """

    status: int = 200
    title: str
    text: str
    button: str = ""
    refreshes: bool = False


PAID: Final = Words(title="Paid", text="{practice} has received {amount}. Thank you! There is nothing more to do.")
REFUNDED: Final = Words(title="Refunded", text="{practice} has refunded this payment. There is nothing to pay here.")
UNDER_WAY: Final = Words(
    title="On its way",
    text="Your payment of {amount} is on its way. This can take some days. There is nothing more to do.",
)
CANCELLED: Final = Words(
    status=410, title="Nothing to pay", text="{practice} has taken this request back. If you have a question, {call}."
)
EXPIRED: Final = Words(
    status=410, title="This link is over", text="It is too late to pay {amount} here. To get a new link, {call}."
)
MAKING: Final = Words(
    title="One moment", text="Your payment page is being made. This page goes on by itself.", refreshes=True
)
SLOW: Final = Words(
    status=503,
    title="This takes longer than usual",
    text="Your payment page could not be made yet. Please open the link again in some minutes, or {call}.",
)
BROKEN: Final = Words(
    status=503,
    title="You cannot pay here now",
    text="Your payment page could not be made. Nothing was paid. To pay in another way, {call}.",
)
READY: Final = Words(
    title="Pay {amount}", text="{practice} asks you for {amount}. You pay on a secure page.", button="Go on to pay"
)


def shown(words: Words, practice: Practice, payment: Payment) -> HttpResponse:
    """A page as an answer."""
    phone = practice.phone or next(iter(practice.numbers), "")
    call = f"call {practice.name}{f' at {phone}' if phone else ''}"
    names = {"practice": practice.name, "amount": payment.money.text, "call": call}
    filled = {name: escape(value) for name, value in names.items()}
    button = f'<form method="post"><button>{escape(words.button)}</button></form>' if words.button else ""
    body = (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{words.title.format_map(filled)} - {filled['practice']}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{words.title.format_map(filled)}</h1><p>{words.text.format_map(filled)}</p>{button}</main></body>"
        "</html>"
    )
    more = (("Refresh", str(REFRESH_SECONDS)),) if words.refreshes else ()
    headers = (*SAFE, ("Content-Type", "text/html; charset=utf-8"), *more)
    return HttpResponse(status=words.status, headers=headers, body=body.encode())
