"""The webhook front: from a provider's request to committed facts, and only then to its 2xx.

The endpoint is found by the opaque last segment of the path, never by anything in the payload, so a practice named in
a body means nothing. The gateway verifies the raw bytes before anything is parsed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from attrs import evolve

from convokit.domain.rules import Practice
from convokit.errors import ConfigurationError, ConvokitError, InvalidInput, StorageError
from convokit.plugins.bounded import PluginFailed
from convokit.plugins.faults import contain, log_fault
from convokit.plugins.measuring import Measured
from convokit.ports.sms import Event, SmsGateway, Unreadable, Unverified, Verified
from convokit.ports.wire import UNREADABLE, HttpRequest, HttpResponse
from convokit.runtime.arriving import PATIENCE_MS, Arriving
from convokit.runtime.gateways import Gateways, PracticeGateway
from convokit.runtime.payment_webhooks import PaymentWebhooks, is_for_payments
from convokit.runtime.plugin_values import answer_checked, event_checked
from convokit.runtime.sessions import KeptSession
from convokit.runtime.steps import Steps
from convokit.runtime.world import World

LARGEST_WEBHOOK: Final = 1_000_000

_log = logging.getLogger("convokit")

_NOT_FOUND: Final = HttpResponse(status=404)
_FORBIDDEN: Final = HttpResponse(status=403)
_TOO_LARGE: Final = HttpResponse(status=413)
_BROKEN: Final = HttpResponse(status=500)
_LATER: Final = HttpResponse(status=503, headers=(("Retry-After", "5"),))


class Webhooks:
    """Answers providers. Every thread may use it."""

    def __init__(
        self,
        steps: Steps,
        gateways: Gateways,
        arriving: Arriving,
        world: World,
        *,
        practice: Callable[[str], Practice],
        payments: PaymentWebhooks,
    ) -> None:
        self._steps = steps
        self._payments = payments
        self._gateways = gateways
        self._arriving = arriving
        self._world = world
        self._practice = practice

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Take a provider's request in. 2xx only after everything in it is committed and synced."""
        started = time.perf_counter()
        response = self._answered(request)
        seconds = time.perf_counter() - started
        self._steps.catalogue.measures.add(
            Measured(practice_id="", what="webhook", provider="", outcome=str(response.status), seconds=seconds)
        )
        return response

    def _answered(self, request: HttpRequest) -> HttpResponse:
        if len(request.body) > LARGEST_WEBHOOK:
            return _TOO_LARGE
        try:
            return self._answer(request)
        except StorageError as error:
            _log.error("a webhook could not be stored: %s", error)
            return _LATER
        except ConvokitError as error:
            _log.error("a webhook could not be taken in: %s", error.code)
            return _BROKEN

    def _answer(self, request: HttpRequest) -> HttpResponse:
        try:
            url = urlsplit(request.url)
            endpoint = self._steps.store.endpoint(url.path.rstrip("/").rpartition("/")[2])
        except (ValueError, InvalidInput):  # rubbish in the URL, or in the host's name that it is made of
            return _NOT_FOUND
        if endpoint is None:
            return _NOT_FOUND
        practice = self._practice(endpoint.practice_id)
        # Signatures cover the URL that the provider called, which a proxy may have changed on the way.
        seen_by_provider = self._gateways.public_url_of(endpoint.token, url.query)
        request = evolve(request, url=seen_by_provider or request.url, received_us=self._world.now_us())
        if is_for_payments(endpoint):
            return self._payments.answer(practice, endpoint, request)
        try:
            carrier = self._gateways.of(practice.id)
        except ConfigurationError as error:
            _log.error("practice %s cannot receive texts: %s", practice.id, error)
            return _LATER
        if carrier is None or carrier.provider != endpoint.provider or isinstance(carrier.gateway, KeptSession):
            return _NOT_FOUND
        return self._read(practice, carrier, carrier.gateway, request)

    def _read(
        self, practice: Practice, carrier: PracticeGateway, gateway: SmsGateway, request: HttpRequest
    ) -> HttpResponse:
        who = f"carrier {carrier.provider} of practice {practice.id}"
        try:
            reading = self._steps.catalogue.calls.call(who, lambda: gateway.read_webhook(request))
        except PluginFailed as failed:
            log_fault(_log, f"carrier {carrier.provider} could not read a webhook", failed.error)
            return _LATER if failed.is_late else _BROKEN
        match reading:
            case Verified():
                return self._take_all(practice, carrier, request, reading)
            case Unverified():
                _log.warning("an unverified webhook for practice %s was refused", practice.id)
                return self._answer_of(carrier, reading, _FORBIDDEN)
            case Unreadable():
                self._keep(practice, carrier, request)
                return self._answer_of(carrier, reading, UNREADABLE)
            case _:
                _log.error("gateway.contract: carrier %s read a %s", carrier.provider, type(reading).__name__)
                return _BROKEN

    def _take_all(
        self, practice: Practice, carrier: PracticeGateway, request: HttpRequest, reading: Verified
    ) -> HttpResponse:
        """Take in what is usable. If something is not, the request is kept, and the provider is to repeat it."""
        events, whole = self._events_checked(carrier, reading)
        self._arriving.several(practice, carrier, events)
        if whole:
            return self._answer_of(carrier, reading, HttpResponse(status=200))
        self._keep(practice, carrier, request)
        return _BROKEN

    def _events_checked(self, carrier: PracticeGateway, reading: Verified) -> tuple[list[Event], bool]:
        """The usable events of a reading, and whether these are all."""
        given: object = reading.events
        if not isinstance(given, (tuple, list)):
            _log.error("gateway.contract: carrier %s read events of type %s", carrier.provider, type(given).__name__)
            return [], False
        usable: list[Event] = []
        for event in given:
            try:
                usable.append(event_checked(event))
            except BaseException as error:  # whatever a plugin's value is
                contain(error)
                log_fault(_log, f"gateway.contract: carrier {carrier.provider} read an unusable event", error)
        return usable, len(usable) == len(given)

    def _answer_of(
        self, carrier: PracticeGateway, reading: Verified | Unverified | Unreadable, otherwise: HttpResponse
    ) -> HttpResponse:
        answer = answer_checked(reading.answer)
        if answer is None:
            _log.error("gateway.contract: carrier %s has an answer that cannot be sent", carrier.provider)
        return otherwise if answer is None else answer

    def _keep(self, practice: Practice, carrier: PracticeGateway, request: HttpRequest) -> None:
        now = self._world.now_us()
        self._steps.store.keep_unreadable(practice.id, carrier.provider, request.body, now, patience_ms=PATIENCE_MS)
