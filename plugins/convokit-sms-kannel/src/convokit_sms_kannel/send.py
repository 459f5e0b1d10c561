"""One text to ``sendsms``, and what its answer means."""

from __future__ import annotations

from typing import Final

from convokit.domain.sms_segments import count_segments
from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.ports.carrier_tools import RAW_LIMIT, unanswered, wait_of, words_of
from convokit.ports.sms import Conversation, OutboundText
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit_sms_kannel.settings import KannelSettings
from convokit_sms_kannel.urls import report_url
from convokit_sms_kannel.words import NOT_TAKEN, TAKEN, refusal

_CODING: Final = {"GSM-7": "0", "UCS-2": "2"}


def send_text(settings: KannelSettings, message: OutboundText) -> Conversation:
    """Hand ``message`` over in one POST.

    A text of more parts than ``max_messages`` is refused here: Kannel would answer 202 and drop the rest.
    """
    count = count_segments(message.text)
    if count.segments > settings.max_messages:
        return Refused(reason="content_rejected", raw=f"{count.segments} parts, at most {settings.max_messages}")
    answer = yield sendsms_request(settings, message, coding=_CODING[count.encoding])
    return _outcome(answer)


def sendsms_request(settings: KannelSettings, message: OutboundText, *, coding: str) -> HttpRequest:
    """The request. A POST, so that neither the password nor the text stands in a URL that proxies log.

    ``coding`` is ours to choose (``"0"`` GSM-7, ``"2"`` UCS-2): in GSM-7 Kannel turns an emoji into ``?``.
    """
    headers = [
        ("Content-Type", "text/plain; charset=UTF-8"),
        ("X-Kannel-Username", settings.username),
        ("X-Kannel-Password", settings.password.reveal()),
        ("X-Kannel-From", message.sender),
        ("X-Kannel-To", message.to),
        ("X-Kannel-Coding", coding),
    ]
    if settings.smsc is not None:
        headers.append(("X-Kannel-SMSC", settings.smsc))
    if message.callback_url is not None:
        headers.append(("X-Kannel-DLR-Mask", str(settings.dlr_mask)))
        headers.append(("X-Kannel-DLR-URL", report_url(settings, message.callback_url, message.id)))
    return HttpRequest(
        method="POST", url=settings.send_url, headers=tuple(headers), body=message.text.encode("utf-8", "replace")
    )


def _outcome(answer: HttpResponse | NoAnswer) -> Outcome:
    if isinstance(answer, NoAnswer):
        return unanswered(answer)
    raw = words_of(answer)
    words = raw.partition(" ")[2]
    low = words.lower()
    if answer.status == 202 and low.startswith(TAKEN):
        return Accepted()
    if any(answer.status == status and part in low for status, part in NOT_TAKEN):
        return TryLater(raw=raw, after=wait_of(answer))
    if 400 <= answer.status < 500:
        return Refused(reason=refusal(answer.status, words), raw=raw)
    return Unsure(why=f"unexpected answer: {raw}"[:RAW_LIMIT])
