"""What Kannel sends us: texts (``post-url``) and delivery reports (``dlr-url``)."""

from __future__ import annotations

from typing import Final

from convokit.ports.carrier_tools import LONGEST_ID, bounded, is_basic, parameters_of
from convokit.ports.sms import DeliveryReport, InboundText, Unreadable, Unverified, Verified, WebhookReading
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit_sms_kannel.settings import KannelSettings, basic_credentials
from convokit_sms_kannel.urls import EVENT, INBOUND, REPORT
from convokit_sms_kannel.words import report, without_text

_CODECS: Final = {
    "utf-16be": "utf-16-be",
    "utf-16": "utf-16-be",
    "ucs-2": "utf-16-be",
    "iso-8859-1": "latin-1",
    "windows-1252": "cp1252",
}
"""Charsets that Kannel names in ``%C``; all others are read as UTF-8, which is what ``mo-recode`` makes."""
_TEXT_LIMIT: Final = 100_000
"""Bytes. 255 parts, the most that concatenation has, are at most 78,030 bytes in UTF-8."""
_SECOND: Final = 1_000_000


def read_callback(settings: KannelSettings, request: HttpRequest) -> WebhookReading:
    """Verify HTTP Basic in constant time, then tell a text from a report by the ``event`` in the query.

    Fields are taken from the end of the query, where our own stand: the host's callback URL may hold the same names.
    """
    if not _is_kannel(settings, request):
        return Unverified(why="wrong or missing Basic credentials")
    try:
        fields = parameters_of(request.url)
    except ValueError:
        return _unreadable("the URL cannot be parsed")
    match (request.method, fields.get(EVENT)):
        case ("POST", event) if event == INBOUND:
            return _inbound(fields, request.body)
        case ("GET", event) if event == REPORT:
            return _report(fields)
    return _unreadable("neither POST with event=mo nor GET with event=dlr")


def _unreadable(why: str) -> Unreadable:
    # Anything but 200 and 202 makes Kannel repeat the same request, which would be as unreadable the next time.
    return Unreadable(why=why, answer=HttpResponse(status=202))


def _is_kannel(settings: KannelSettings, request: HttpRequest) -> bool:
    user, password = settings.webhook_user, settings.webhook_password.reveal()
    # Kannel 1.4 does not decode the user and password of a URL: it sends them percent-encoded as they stand there.
    return is_basic(request, (f"{user}:{password}", basic_credentials(user, password)))


def _inbound(fields: dict[str, str], body: bytes) -> WebhookReading:
    provider_id, sender, to = (fields.get(name, "") for name in ("id", "from", "to"))
    for name, value in (("id", provider_id), ("from", sender), ("to", to)):
        if not 0 < len(value) <= LONGEST_ID:
            return _unreadable(f"{name} is missing or too long")
    if len(body) > _TEXT_LIMIT:
        return _unreadable("longer than any text can be")
    smsc, coding, charset = (fields.get(name, "") for name in ("smsc", "coding", "charset"))
    text = InboundText(
        provider_id=provider_id,
        sender=sender,
        to=to,
        text=body.decode(_CODECS.get(charset.lower(), "utf-8"), "replace"),
        sent_at=_instant(fields.get("ts", "")),
        raw=bounded(f"smsc={smsc} coding={coding} charset={charset}"),
    )
    return Verified(events=(text,))


def _report(fields: dict[str, str]) -> WebhookReading:
    attempt_id = fields.get("id", "")
    if not 0 < len(attempt_id) <= LONGEST_ID:
        return _unreadable("id is missing or too long")
    kind, carrier_id, reply = fields.get("type", ""), fields.get("fid", ""), without_text(fields.get("reply", ""))
    state, reason = report(kind, reply)
    # fid is unique only within one SMSC and comes with some reports only: for support, not an identity.
    news = DeliveryReport(
        attempt_id=attempt_id,
        provider_id=None,
        state=state,
        reason=reason,
        raw=bounded(f"type={kind} fid={carrier_id} {reply}"),
    )
    return Verified(events=(news,))


def _instant(seconds: str) -> int | None:
    if not (seconds.isascii() and seconds.isdecimal() and 1 <= len(seconds) <= 11):
        return None
    return int(seconds) * _SECOND
