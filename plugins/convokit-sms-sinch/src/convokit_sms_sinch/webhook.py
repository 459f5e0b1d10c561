"""What Sinch calls us with: clients' texts, and delivery reports of ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from convokit.domain.attachment import MOST_FILES
from convokit.ports.carrier_tools import (
    LONGEST_ID,
    TEXT_LIMIT,
    bounded,
    is_id,
    microseconds_of,
    number_of,
    plus,
)
from convokit.ports.sms import (
    DeliveryReport,
    Event,
    InboundFile,
    InboundText,
    Unreadable,
    Unverified,
    Verified,
    WebhookReading,
)
from convokit.ports.strict_json import read_object
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit_sms_sinch.settings import SinchSettings
from convokit_sms_sinch.signature import is_genuine
from convokit_sms_sinch.words import report_of

REPORTS: Final = ("recipient_delivery_report_sms", "recipient_delivery_report_mms")
_ENOUGH: Final = HttpResponse(status=200)
"""What cannot be read now cannot be read the next time: Sinch is not to repeat it."""


def read_callback(settings: SinchSettings, request: HttpRequest) -> WebhookReading:
    """Verify, then tell a client's text from a report on one of ours by its type."""
    if not is_genuine(settings, request):
        return Unverified(why="the signature does not fit, or is old; or the password is wrong")
    try:
        return Verified(events=(_event(read_object(request.body)),))
    except ValueError as error:
        return Unreadable(why=str(error)[:LONGEST_ID], answer=_ENOUGH)


def _event(told: Mapping[str, object]) -> Event:
    match told.get("type"):
        case "mo_text":
            return _text(told, told.get("body"), ())
        case "mo_media":
            body = told.get("body")
            if not isinstance(body, Mapping):
                raise ValueError("body is missing")
            return _text(told, _words(body), tuple(_files(body))[:MOST_FILES])
        case kind if kind in REPORTS:
            return report_in(told)
    raise ValueError("neither a text nor a report on one")


def report_in(told: Mapping[str, object]) -> DeliveryReport:
    """News of a text of ours, from a callback or from the API.

    Raises:
        ValueError: it is none.
    """
    known, word, own = told.get("batch_id"), told.get("status"), told.get("client_reference")
    if not (is_id(known) and isinstance(word, str)):
        raise ValueError("batch_id or status is missing or too long")
    code = number_of(told.get("code"))
    state, reason = report_of(word, code)
    raw = bounded(word if code is None else f"{word} {code}")
    own_id = own if is_id(own) else None
    return DeliveryReport(attempt_id=own_id, provider_id=known, state=state, reason=reason, raw=raw)


def _text(told: Mapping[str, object], words: object, files: tuple[InboundFile, ...]) -> InboundText:
    known, sender, to = (told.get(name) for name in ("id", "from", "to"))
    if not (is_id(known) and is_id(sender) and is_id(to) and isinstance(words, str)):
        raise ValueError("id, from, to or body is missing or too long")
    if len(words) > TEXT_LIMIT:
        raise ValueError("longer than any text can be")
    at_us = microseconds_of(told.get("sent_at")) or microseconds_of(told.get("received_at"))
    return InboundText(provider_id=known, sender=plus(sender), to=plus(to), text=words, sent_at=at_us, media=files)


def _words(body: Mapping[str, object]) -> str:
    """Subject and words of an MMS, which are often the same."""
    given = (body.get("subject"), body.get("message"))
    return "\n".join(dict.fromkeys(one for one in given if isinstance(one, str) and one))


def _files(body: Mapping[str, object]) -> Iterator[InboundFile]:
    """Its files. One that Sinch could not keep has no URL."""
    given = body.get("media")
    for one in given if isinstance(given, list) else ():
        url = one.get("url") if isinstance(one, Mapping) else None
        if isinstance(url, str) and url:
            yield InboundFile(url=url)
