"""What comes to a kit from outside: providers call back, browsers ask for files."""

from __future__ import annotations

from convokit.errors import ConfigurationError
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.runtime.checks import check_request
from convokit.runtime.health import Health, asks_for_counts, health_of, page
from convokit.runtime.kit_parts import KitParts
from convokit.runtime.media_front import is_for_media
from convokit.runtime.payment_links import is_for_payments
from convokit.runtime.within import refuse_within


class KitFront(KitParts):
    """Answers requests, and says where they must be sent."""

    def webhook(self, request: HttpRequest) -> HttpResponse:
        """Answer a provider. A 2xx is returned only after everything in the request is committed and synced.

        Raises:
            InvalidInput: ``request.type``: not an :class:`HttpRequest`. Never for what a provider sends.
        """
        refuse_within("to answer a webhook")
        return self._webhooks.answer(check_request(request))

    def media(self, request: HttpRequest) -> HttpResponse:
        """Answer a request for a file by a signed link, whose last part says everything; mount it under ``/media/``.

        A browser that opens a file runs nothing of it. 404 for what is no link, 410 for one that no longer holds.

        Raises:
            InvalidInput: ``request.type``: not an :class:`HttpRequest`. Never for what a client sends.
        """
        return self._media.answer(check_request(request))

    def payment_page(self, request: HttpRequest) -> HttpResponse:
        """Answer a client who opens our own link to a payment; mount it under ``/pay/``.

        303 to the provider's page; where that is over, a small page with a button that has it made anew, by the worker.
        200 too when it is paid, 410 when it is cancelled or expired, 404 for what is no link, 503 when no page can be
        had now. ``HEAD`` and ``GET`` make nothing.

        Raises:
            InvalidInput: ``request.type``: not an :class:`HttpRequest`. Never for what a client sends.
        """
        refuse_within("to answer a client")
        return self._payment_front.answer(check_request(request))

    def front(self, request: HttpRequest) -> HttpResponse:
        """:meth:`media` for a request under ``/media/``, :meth:`payment_page` for one under ``/pay/``, else
        :meth:`webhook`: everything that comes from outside.

        Raises:
            InvalidInput: ``request.type``: not an :class:`HttpRequest`.
        """
        checked = check_request(request)
        if is_for_payments(checked.url):
            return self.payment_page(checked)
        return self._media.answer(checked) if is_for_media(checked.url) else self.webhook(checked)

    def health(self) -> Health:
        """How the store, the queue, the providers and the plugins of this process are. It raises nothing."""
        parts = (self.store, self.circuits, self.performer, self.catalogue.calls, self.dispatcher, self.world)
        return health_of(*parts)

    def health_page(self, request: HttpRequest) -> HttpResponse:
        """:meth:`health` as a page, in text or JSON; for :func:`convokit.asgi_app` and :func:`convokit.wsgi_app`.

        200 as long as the store answers, else 503. It names practices and providers: show it to your own people only.
        A path that ends with ``/metrics``, or ``?format=prometheus``, gives counts for Prometheus.

        Raises:
            InvalidInput: ``request.type``: not an :class:`HttpRequest`.
        """
        if asks_for_counts(check_request(request)):
            from convokit.runtime.metrics import counts_page

            return counts_page(self, request)
        return page(self.health, request)

    def webhook_path(self, practice_id: str) -> str:
        """The secret last part of the URL that the practice's carrier calls.

        Raises:
            ConfigurationError: ``sms.no_gateway`` when no carrier is enabled.
            NotFound: ``practice.unknown``.
        """
        carrier = self.gateways.of(self._find(practice_id).id)
        if carrier is None:
            raise ConfigurationError("sms.no_gateway", "no texting carrier is enabled", field="plugins")
        return carrier.endpoint.token

    def webhook_url(self, practice_id: str) -> str | None:
        """The URL to enter at the practice's carrier; its last part is secret. ``None`` without a public URL.

        Raises:
            ConfigurationError, NotFound: as :meth:`webhook_path`.
        """
        return self.gateways.public_url_of(self.webhook_path(practice_id), "")

    def payment_webhook_path(self, practice_id: str) -> str:
        """The secret last part of the URL that the practice's payment provider calls.

        Raises:
            ConfigurationError: ``payments.no_provider`` when no payment provider is enabled.
            NotFound: ``practice.unknown``.
        """
        found = self.payment_providers.of(self._find(practice_id).id)
        if found is None:
            raise ConfigurationError("payments.no_provider", "no payment provider is enabled", field="plugins")
        return found.endpoint.token

    def payment_webhook_url(self, practice_id: str) -> str | None:
        """The URL to enter at the practice's payment provider; its last part is secret. ``None`` without a public URL.

        Raises:
            ConfigurationError, NotFound: as :meth:`payment_webhook_path`.
        """
        return self.gateways.public_url_of(self.payment_webhook_path(practice_id), "")
