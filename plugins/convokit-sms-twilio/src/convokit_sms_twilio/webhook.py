"""What Twilio calls us with: clients' texts, and the statuses of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from convokit.domain.attachment import MOST_FILES
from convokit.ports.carrier_tools import LONGEST_ID, TEXT_LIMIT, bounded, number_of, own_id_of
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
from convokit_sms_twilio.send import OWN_ID
from convokit_sms_twilio.settings import TwilioSettings
from convokit_sms_twilio.signature import Form, proven
from convokit_sms_twilio.words import report_of

_NOTHING_TO_SAY: Final = HttpResponse(status=200, headers=(("Content-Type", "text/xml"),), body=b"<Response/>")
"""TwiML without a verb: Twilio texts nothing back."""
_RECEIVED: Final = frozenset({"received", "receiving"})


def read_callback(settings: TwilioSettings, request: HttpRequest) -> WebhookReading:
    """Verify, then tell a client's text from the status of one of ours by its words."""
    form = proven(settings, request)
    if form is None:
        return Unverified(why="the signature does not fit")
    try:
        return Verified(events=(_event(request, _fields(request, form)),), answer=_NOTHING_TO_SAY)
    except ValueError as error:
        return Unreadable(why=str(error)[:LONGEST_ID])


def _fields(request: HttpRequest, form: Form) -> Mapping[str, str]:
    """The parameters, from wherever they were signed: the form, the body by its hash, or the URL of a GET."""
    if form:
        return {_text_of(name): _text_of(value) for name, value in form}
    if request.body:
        told = read_object(request.body)
        return {name: str(value) for name, value in told.items() if type(value) in (str, int)}
    return dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True, errors="replace"))


def _text_of(signed: str) -> str:
    return signed if signed.isascii() else signed.encode("latin-1").decode("utf-8", "replace")


def _event(request: HttpRequest, fields: Mapping[str, str]) -> Event:
    sid = fields.get("MessageSid") or fields.get("SmsSid") or ""
    if not 0 < len(sid) <= LONGEST_ID:
        raise ValueError("MessageSid is missing or too long")
    word = fields.get("MessageStatus") or fields.get("SmsStatus") or ""
    if word in _RECEIVED or ("Body" in fields and not word):
        return _text(sid, fields)
    if not word:
        raise ValueError("neither a text nor a status")
    return report(sid, own_id_of(request.url, OWN_ID), word, number_of(fields.get("ErrorCode")))


def _text(sid: str, fields: Mapping[str, str]) -> InboundText:
    sender, to, text = (fields.get(name, "") for name in ("From", "To", "Body"))
    for name, value in (("From", sender), ("To", to)):
        if not 0 < len(value) <= LONGEST_ID:
            raise ValueError(f"{name} is missing or too long")
    if len(text) > TEXT_LIMIT:
        raise ValueError("longer than any text can be")
    several = min(number_of(fields.get("NumMedia")) or 0, MOST_FILES)
    urls = (fields.get(f"MediaUrl{number}", "") for number in range(several))
    opted = fields.get("OptOutType", "")
    return InboundText(
        provider_id=sid,
        sender=sender,
        to=to,
        text=text,
        raw=bounded(f"OptOutType={opted}") if opted else "",
        media=tuple(InboundFile(url=url) for url in urls if url),
    )


def report(sid: str, own_id: str | None, word: str, code: int | None) -> DeliveryReport:
    """News of a text, from a callback or a list."""
    state, reason = report_of(word, code)
    raw = bounded(word if code is None else f"{word} {code}")
    return DeliveryReport(attempt_id=own_id, provider_id=sid, state=state, reason=reason, raw=raw)
