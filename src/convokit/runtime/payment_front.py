"""The front behind our own payment links: it leads to the provider's page, and has it made anew where it is over.

Whoever only looks (``GET``, ``HEAD``: also a program that shows a preview of a link) makes nothing. A page is made when
a person presses the button (``POST``), and by the worker, so that no request here waits for a provider.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from attrs import evolve

from convokit.domain.instant import MINUTE
from convokit.domain.payment import Payment
from convokit.domain.rules import Practice
from convokit.errors import ConfigurationError, ConvokitError, InvalidInput, NotFound, StorageError
from convokit.facts import PaymentPageWanted
from convokit.ports.payments import PaymentCapabilities
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.runtime import payment_pages as pages
from convokit.runtime.payment_providers import PaymentProviders, page_until
from convokit.runtime.steps import Steps
from convokit.runtime.world import World

_PATIENCE_MS: Final = 1500
_SOON: Final = MINUTE
"""How long a client is asked to wait while a page is being made."""

_log = logging.getLogger("convokit")


class PaymentFront:
    """Answers clients who open a link. Every thread may use it."""

    def __init__(
        self, steps: Steps, providers: PaymentProviders, world: World, *, practice: Callable[[str], Practice]
    ) -> None:
        self._steps = steps
        self._providers = providers
        self._world = world
        self._practice = practice

    def answer(self, request: HttpRequest) -> HttpResponse:
        """303 to the provider's page, or a small page that says why not. 404 for what is no link of ours."""
        if request.method not in ("GET", "HEAD", "POST"):
            return _plain(405, ("Allow", "GET, HEAD, POST"))
        try:
            named = self._providers.links.read(urlsplit(request.url).path.rstrip("/").rpartition("/")[2])
            response = _plain(404) if named is None else self._serve(*named, pressed=request.method == "POST")
        except (NotFound, InvalidInput, ValueError):  # rubbish in the URL, or the practice is gone
            response = _plain(404)
        except StorageError as error:
            _log.error("a payment link could not be answered: %s", error)
            response = _plain(503, ("Retry-After", "5"))
        except ConvokitError as error:
            _log.error("a payment link could not be answered: %s", error.code)
            response = _plain(500)
        return evolve(response, body=b"") if request.method == "HEAD" else response

    def _serve(self, practice_id: str, payment_id: str, *, pressed: bool) -> HttpResponse:
        practice, payment = self._practice(practice_id), self._steps.store.payment(practice_id, payment_id)
        if payment is None or payment.page is None:  # erased meanwhile
            return _plain(404)
        now_us = self._world.now_us()
        if pressed and payment.lacks_page(now_us):
            able = self._able(practice, payment)
            if able is None:
                return pages.shown(pages.SLOW, practice, payment)
            payment = self._with_page_wanted(practice, payment, able, now_us)
        url = payment.leads_to(now_us)
        if url is None:
            return pages.shown(_words(payment, now_us), practice, payment)
        # Browsers follow no form to another site where a page says form-action 'self'; a page that goes on, they do.
        return pages.shown(pages.MAKING, practice, payment) if pressed else _plain(303, ("Location", url))

    def _able(self, practice: Practice, payment: Payment) -> PaymentCapabilities | None:
        """What the provider of a payment can do; ``None``: it is not set up here."""
        try:
            found = self._providers.of(practice.id)
        except ConfigurationError as error:
            _log.error("practice %s cannot have a payment page made: %s", practice.id, error)
            return None
        return None if found is None or found.name != payment.provider else found.capabilities

    def _with_page_wanted(
        self, practice: Practice, payment: Payment, able: PaymentCapabilities, now_us: int
    ) -> Payment:
        """The payment, with another page being made: by the worker, and one, however often the button is pressed."""
        fact = PaymentPageWanted(
            payment_id=payment.id,
            at_us=now_us,
            until_us=page_until(able, now_us, payment.expires_us),
            closes=able.closes,
        )
        self._steps.take(practice, fact, patience_ms=_PATIENCE_MS)
        return self._steps.store.payment(practice.id, payment.id) or payment


def _words(payment: Payment, now_us: int) -> pages.Words:
    """What a client reads of a payment that there is no page for."""
    now = payment.as_of(now_us)
    match now.state:
        case "refunded":
            return pages.REFUNDED
        case "cancelled":
            return pages.CANCELLED
        case "expired":
            return pages.EXPIRED
        case "processing":
            return pages.UNDER_WAY
    if now.settled:
        return pages.PAID
    if payment.lacks_page(now_us):
        return pages.READY
    if "link_failed" in now.flags:
        return pages.BROKEN
    since_us = 0 if payment.page is None else now_us - payment.page.wanted_us
    return pages.MAKING if since_us <= _SOON else pages.SLOW


def _plain(status: int, *more: tuple[str, str]) -> HttpResponse:
    return HttpResponse(status=status, headers=(*pages.SAFE, ("Content-Type", "text/plain; charset=utf-8"), *more))
