"""What django-anymail does with a provider's callback: its view proves it, reads it, and tells Django's signals.

Two of its views: Mandrill's, whose signature is made like Twilio's (the URL and the sorted fields of a form), and
Mailgun's, which is JSON with a signature inside. Django's requests are made outside of the timed part, anew for each
round, since a request remembers the form that was read from it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from harness import Side, Work

if TYPE_CHECKING:
    from django.http import HttpRequest

HERE: Final = find_spec("anymail") is not None
"""Whether it is installed."""

_URL: Final = "https://desk.example.com/anymail/"
_KEY: Final = "fedcba9876543210" * 2
_ANYMAIL: Final = {
    "MANDRILL_WEBHOOK_KEY": _KEY,
    "MANDRILL_WEBHOOK_URL": f"{_URL}mandrill/",
    "MAILGUN_WEBHOOK_SIGNING_KEY": _KEY,
}
_AT: Final = 1_800_000_000


def sides(count: int) -> Mapping[str, Side]:
    """A side for each view: ``count`` reports that a mail was delivered; none where django-anymail is not installed."""
    if not HERE:
        return {}
    from django.conf import settings

    if not settings.configured:
        settings.configure(ANYMAIL=_ANYMAIL, ALLOWED_HOSTS=["desk.example.com"], USE_TZ=True)
    from anymail.webhooks.mailgun import MailgunTrackingWebhookView
    from anymail.webhooks.mandrill import MandrillCombinedWebhookView

    return {
        "django-anymail, Mandrill's view": partial(_ready, MandrillCombinedWebhookView.as_view(), _mandrill, count),
        "django-anymail, Mailgun's view": partial(_ready, MailgunTrackingWebhookView.as_view(), _mailgun, count),
    }


@contextmanager
def _ready(view: Callable[..., object], make: Callable[[int], HttpRequest], count: int) -> Iterator[Work]:
    requests = [make(number) for number in range(count)]
    if getattr(view(make(count)), "status_code", None) != 200:  # also imports what is imported late
        raise RuntimeError("django-anymail took no callback")

    def work(_: int) -> None:
        for request in requests:
            view(request)

    yield work


def _mandrill(number: int) -> HttpRequest:
    """A form with a list of one event, signed over the URL and the form."""
    from django.test import RequestFactory

    told = {
        "event": "send",
        "_id": f"{number:032x}",
        "ts": _AT + number,
        "msg": {
            "_id": f"{number:032x}",
            "ts": _AT + number,
            "email": f"owner{number}@example.com",
            "sender": "desk@example.com",
            "subject": "Bella is ready to be picked up",
            "state": "sent",
            "tags": ["reminder"],
            "metadata": {"message": f"m{number}"},
        },
    }
    form = {"mandrill_events": json.dumps([told])}
    signed = _ANYMAIL["MANDRILL_WEBHOOK_URL"] + "".join(f"{name}{form[name]}" for name in sorted(form))
    signature = base64.b64encode(hmac.new(_KEY.encode(), signed.encode(), hashlib.sha1).digest()).decode()
    made: HttpRequest = RequestFactory().post(
        "/anymail/mandrill/",
        urlencode(form),
        content_type="application/x-www-form-urlencoded",
        HTTP_X_MANDRILL_SIGNATURE=signature,
    )
    return made


def _mailgun(number: int) -> HttpRequest:
    """JSON with the signature of a token and a time in it."""
    from django.test import RequestFactory

    token, at = f"{number:050x}", str(_AT + number)
    told = {
        "signature": {
            "token": token,
            "timestamp": at,
            "signature": hmac.new(_KEY.encode(), f"{at}{token}".encode(), hashlib.sha256).hexdigest(),
        },
        "event-data": {
            "event": "delivered",
            "id": f"{number:022x}",
            "timestamp": _AT + number + 0.5,
            "recipient": f"owner{number}@example.com",
            "message": {"headers": {"message-id": f"{number:032x}@example.com", "to": "Ana Ruiz <owner@example.com>"}},
            "delivery-status": {"code": 250, "message": "OK", "description": "", "attempt-no": 1},
            "tags": ["reminder"],
            "user-variables": {"message": f"m{number}"},
        },
    }
    made: HttpRequest = RequestFactory().post("/anymail/mailgun/", json.dumps(told), content_type="application/json")
    return made
