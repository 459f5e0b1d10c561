"""What Telnyx calls us with: clients' texts, and the statuses of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from convokit.domain.attachment import MOST_FILES
from convokit.ports.carrier_tools import LONGEST_ID, TEXT_LIMIT, bounded, is_id, microseconds_of, own_id_of
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
from convokit_sms_telnyx.send import OWN_ID, codes_of
from convokit_sms_telnyx.settings import TelnyxSettings
from convokit_sms_telnyx.signature import is_genuine
from convokit_sms_telnyx.words import STATES, report_of

_ENOUGH: Final = HttpResponse(status=200)
"""What cannot be read now cannot be read the next time: Telnyx is not to repeat it."""


def read_callback(settings: TelnyxSettings, request: HttpRequest) -> WebhookReading:
    """Verify, then tell a client's text from the status of one of ours by the type of the event."""
    if not is_genuine(settings, request):
        return Unverified(why="the signature does not fit, or is old")
    try:
        data = read_object(request.body).get("data")
        if not isinstance(data, Mapping):
            raise ValueError("data is missing")
        return Verified(events=(_event(data),))
    except ValueError as error:
        return Unreadable(why=str(error)[:LONGEST_ID], answer=_ENOUGH)


def _event(data: Mapping[str, object]) -> Event:
    payload = data.get("payload")
    if not isinstance(payload, Mapping):
        raise ValueError("payload is missing")
    match data.get("event_type"):
        case "message.received":
            return text_of(payload)
        case "message.sent" | "message.finalized":
            event_id = data.get("id")
            return status_of(payload, event_id if is_id(event_id) else "")
    raise ValueError("an event that is about no text")


def text_of(payload: Mapping[str, object]) -> InboundText:
    """A client's text, from a callback or from the API.

    Raises:
        ValueError: it is none.
    """
    known, text = payload.get("id"), payload.get("text") or ""
    sender, to = _number(payload.get("from")), _number(_first(payload.get("to")))
    if payload.get("direction") != "inbound" or payload.get("type") not in ("SMS", "MMS"):
        raise ValueError("no text of a client")
    if not (is_id(known) and sender and to and isinstance(text, str)):
        raise ValueError("id, from, to or text is missing or too long")
    if len(text) > TEXT_LIMIT:
        raise ValueError("longer than any text can be")
    return InboundText(
        provider_id=known,
        sender=sender,
        to=to,
        text=text,
        sent_at=microseconds_of(payload.get("received_at")),
        media=tuple(_files(payload.get("media"))),
    )


def status_of(payload: Mapping[str, object], event_id: str = "") -> DeliveryReport:
    """News of a text of ours, from a callback or from the API. Our own id stands in the URL that it names.

    Raises:
        ValueError: it is none.
    """
    known, first = payload.get("id"), _first(payload.get("to"))
    word = first.get("status") if isinstance(first, Mapping) else None
    if not (is_id(known) and isinstance(word, str)):
        raise ValueError("id or status is missing or too long")
    codes, url = codes_of(payload.get("errors")), payload.get("webhook_url")
    state, reason = report_of(STATES, word, codes)
    return DeliveryReport(
        attempt_id=own_id_of(url, OWN_ID) if isinstance(url, str) else None,
        provider_id=known,
        state=state,
        reason=reason,
        raw=raw_of(word, codes),
        event_id=event_id,
    )


def raw_of(word: str, codes: tuple[int, ...]) -> str:
    """Telnyx's own word and numbers."""
    return bounded(" ".join((word, *map(str, codes))))


def _first(given: object) -> object:
    return given[0] if isinstance(given, list) and given else None


def _number(given: object) -> str:
    found = given.get("phone_number") if isinstance(given, Mapping) else None
    return found if is_id(found) else ""


def _files(given: object) -> list[InboundFile]:
    files = [one for one in given if isinstance(one, Mapping)] if isinstance(given, list) else []
    told = [(one.get("url"), one.get("sha256")) for one in files[:MOST_FILES]]
    return [
        InboundFile(url=url, sha256=digest if isinstance(digest, str) else "")
        for url, digest in told
        if isinstance(url, str) and url
    ]
