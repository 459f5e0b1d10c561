"""What Bandwidth calls us with: clients' texts, and what became of ours, as a list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from convokit.domain.attachment import MOST_FILES
from convokit.ports.carrier_tools import (
    LONGEST_ID,
    TEXT_LIMIT,
    bounded,
    is_basic,
    is_id,
    microseconds_of,
    number_of,
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
from convokit.ports.strict_json import read_json
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit_sms_bandwidth.settings import BandwidthSettings
from convokit_sms_bandwidth.words import report_of

_ENOUGH: Final = HttpResponse(status=200)
"""What cannot be read now cannot be read the next time: Bandwidth is not to repeat it for a day."""
_LAYOUT: Final = (".smil", ".smi")
"""Files that only say how the others are laid out on a phone."""


def read_callback(settings: BandwidthSettings, request: HttpRequest) -> WebhookReading:
    """Verify HTTP Basic, then read each event of the list. One that says nothing does not take the others with it."""
    if not is_basic(request, settings.callback_pairs):
        return Unverified(why="wrong or missing Basic credentials")
    try:
        given = read_json(request.body)
    except ValueError as error:
        return Unreadable(why=str(error)[:LONGEST_ID], answer=_ENOUGH)
    events, why = [], "no list of events"
    for one in given if isinstance(given, list) else ():
        try:
            events.append(_event(one))
        except ValueError as error:
            why = str(error)
    return Verified(events=tuple(events)) if events else Unreadable(why=why[:LONGEST_ID], answer=_ENOUGH)


def _event(told: object) -> Event:
    message = told.get("message") if isinstance(told, Mapping) else None
    if not isinstance(told, Mapping) or not isinstance(message, Mapping):
        raise ValueError("an event that is about no message")
    known, word = message.get("id"), told.get("type")
    if not (is_id(known) and isinstance(word, str) and word.startswith("message-")):
        raise ValueError("id is missing or too long, or an event that is about no message")
    if word == "message-received":
        return _text(known, told, message)
    code = number_of(told.get("errorCode"))
    state, reason = report_of(word, code)
    tag = message.get("tag")
    return DeliveryReport(
        attempt_id=tag if is_id(tag) else None,
        provider_id=known,
        state=state,
        reason=reason,
        raw=bounded(word if code is None else f"{word} {code}"),
    )


def _text(known: str, told: Mapping[str, object], message: Mapping[str, object]) -> InboundText:
    """A client's text. Of one to a group of numbers, ``to`` of the event is the one that it came to."""
    sender, to, text = message.get("from"), told.get("to"), message.get("text") or ""
    if not (is_id(sender) and is_id(to) and isinstance(text, str)):
        raise ValueError("from, to or text is missing or too long")
    if len(text) > TEXT_LIMIT:
        raise ValueError("longer than any text can be")
    return InboundText(
        provider_id=known,
        sender=sender,
        to=to,
        text=text,
        sent_at=microseconds_of(message.get("time")),
        media=tuple(_files(message.get("media")))[:MOST_FILES],
    )


def _files(given: object) -> Iterator[InboundFile]:
    for url in given if isinstance(given, list) else ():
        if isinstance(url, str) and url and not _is_layout(url):
            yield InboundFile(url=url)


def _is_layout(url: str) -> bool:
    try:
        return urlsplit(url).path.lower().endswith(_LAYOUT)
    except ValueError:
        return False
