"""One text to ``Messages``, and what its answer means."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.ports.carrier_tools import (
    RAW_LIMIT,
    bounded,
    is_id,
    number_of,
    unanswered,
    wait_of,
    with_own_id,
    words_of,
)
from convokit.ports.sms import Conversation, OutboundText
from convokit.ports.strict_json import read_object
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit_sms_twilio.settings import TwilioSettings
from convokit_sms_twilio.words import NOT_NOW, reason_of

OWN_ID: Final = "id"
"""The parameter of the callback URL that brings our own id back. The URL is signed, so nobody else can set it."""
FORM: Final = "application/x-www-form-urlencoded"


def send_text(settings: TwilioSettings, message: OutboundText) -> Conversation:
    """Hand ``message`` over in one POST. It is never repeated: Twilio would take it for another text."""
    answer = yield message_request(settings, message)
    return outcome_of(answer)


def message_request(settings: TwilioSettings, message: OutboundText) -> HttpRequest:
    """The request. With a Messaging Service the number is given too: clients answer the number that they know."""
    form = [("To", message.to), ("From", message.sender)]
    if message.text or not message.media:
        form.append(("Body", message.text))
    if settings.messaging_service_sid is not None:
        form.append(("MessagingServiceSid", settings.messaging_service_sid))
    form.extend(("MediaUrl", file.url) for file in message.media)
    if message.callback_url is not None:
        form.append(("StatusCallback", with_own_id(message.callback_url, OWN_ID, message.id)))
    return HttpRequest(
        method="POST",
        url=f"{settings.account_url}/Messages.json",
        headers=(settings.authorization, ("Content-Type", FORM), ("Accept", "application/json")),
        body=urlencode(form, errors="replace").encode(),
    )


def outcome_of(answer: HttpResponse | NoAnswer) -> Outcome:
    """What Twilio said. Any 5xx is uncertain: the text may have been taken before something broke."""
    if isinstance(answer, NoAnswer):
        return unanswered(answer)
    try:
        told = read_object(answer.body)
    except ValueError:
        told = {}
    if answer.status == 201 and is_id(sid := told.get("sid")):
        return Accepted(provider_id=sid)
    code = number_of(told.get("code"))
    raw = words_of(answer) if code is None else bounded(f"{answer.status} {code} {told.get('message', '')}")
    if answer.status == 429 or (400 <= answer.status < 500 and code in NOT_NOW):
        return TryLater(raw=raw, after=wait_of(answer))
    if 400 <= answer.status < 500 and answer.status != 408:
        return Refused(reason=_reason(answer.status, code), raw=raw)
    return Unsure(why=f"unexpected answer: {raw}"[:RAW_LIMIT])


def _reason(status: int, code: int | None) -> str:
    known = reason_of(code)
    return "account_problem" if known == "unknown" and status in (401, 403, 404) else known
