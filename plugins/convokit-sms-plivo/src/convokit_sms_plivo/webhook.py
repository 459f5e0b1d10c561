"""What Plivo calls us with: clients' texts, and the statuses of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from convokit.domain.attachment import MOST_FILES
from convokit.ports.carrier_tools import LONGEST_ID, TEXT_LIMIT, bounded, is_id, number_of, own_id_of, plus
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
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit_sms_plivo.send import OWN_ID
from convokit_sms_plivo.settings import PlivoSettings
from convokit_sms_plivo.signature import MOST_PARAMETERS, is_genuine
from convokit_sms_plivo.words import report_of

_NOTHING_TO_SAY: Final = HttpResponse(status=200, headers=(("Content-Type", "text/xml"),), body=b"<Response/>")
"""Plivo's XML without a message: nothing is texted back."""
_ENOUGH: Final = HttpResponse(status=200)
"""What cannot be read now cannot be read the next time: Plivo is not to repeat it."""
_MEDIA: Final = re.compile(r"Media([0-9]{1,3})")


def read_callback(settings: PlivoSettings, request: HttpRequest) -> WebhookReading:
    """Verify, then tell a client's text from the status of one of ours."""
    if not is_genuine(settings, request):
        return Unverified(why="the signature does not fit")
    try:
        return Verified(events=(_event(request, _fields(request)),), answer=_NOTHING_TO_SAY)
    except ValueError as error:
        return Unreadable(why=str(error)[:LONGEST_ID], answer=_ENOUGH)


def _fields(request: HttpRequest) -> Mapping[str, str]:
    """The parameters: of the form, or of the URL of a GET."""
    text = request.body.decode("utf-8", "replace") if request.body else urlsplit(request.url).query
    return dict(parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=MOST_PARAMETERS))


def _event(request: HttpRequest, fields: Mapping[str, str]) -> Event:
    known = fields.get("MessageUUID")
    if not is_id(known):
        raise ValueError("MessageUUID is missing or too long")
    word = fields.get("Status", "")
    if not word:
        return _text(known, fields)
    code = number_of(fields.get("ErrorCode", ""))
    state, reason = report_of(word, code)
    raw = bounded(word if code is None else f"{word} {code}")
    own = own_id_of(request.url, OWN_ID)
    return DeliveryReport(attempt_id=own, provider_id=known, state=state, reason=reason, raw=raw)


def _text(known: str, fields: Mapping[str, str]) -> InboundText:
    """A client's text. The words of an MMS are its ``Body``."""
    sender, to = fields.get("From"), fields.get("To")
    if not (is_id(sender) and is_id(to)):
        raise ValueError("From or To is missing or too long")
    if fields.get("Type", "sms") not in ("sms", "mms"):
        raise ValueError("a message of another channel")
    text = fields.get("Text") or fields.get("Body") or ""
    if len(text) > TEXT_LIMIT:
        raise ValueError("longer than any text can be")
    intent = fields.get("MessageIntent", "")
    return InboundText(
        provider_id=known,
        sender=plus(sender),
        to=plus(to),
        text=text,
        raw=bounded(f"MessageIntent={intent}") if intent else "",
        media=_files(fields),
    )


def _files(fields: Mapping[str, str]) -> tuple[InboundFile, ...]:
    """The files, in the order of their numbers: Plivo's pages count from 0 or from 1."""
    found = ((_MEDIA.fullmatch(name), url) for name, url in fields.items() if url)
    numbered = sorted((int(match[1]), url) for match, url in found if match is not None)
    return tuple(InboundFile(url=url) for _, url in numbered[:MOST_FILES])
