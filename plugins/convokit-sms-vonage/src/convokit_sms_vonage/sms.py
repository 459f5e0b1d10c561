"""The SMS API: texts handed over, and what it calls us with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from convokit.domain.sms_segments import count_segments
from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.ports.carrier_tools import (
    LONGEST_ID,
    RAW_LIMIT,
    TEXT_LIMIT,
    bare,
    bounded,
    is_id,
    number_of,
    plus,
    unanswered,
    wait_of,
    words_of,
)
from convokit.ports.sms import (
    Conversation,
    DeliveryReport,
    Event,
    InboundText,
    OutboundText,
    Unreadable,
    Unverified,
    Verified,
    WebhookReading,
)
from convokit.ports.strict_json import read_object
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit_sms_vonage.settings import VonageSmsSettings, authorization
from convokit_sms_vonage.signature import is_signed, parameters_of
from convokit_sms_vonage.words import SMS_NOT_NOW, SMS_REFUSALS, sms_report_of

FORM: Final = "application/x-www-form-urlencoded"
LONGEST_CALLBACK: Final = 100
"""Characters. A longer URL is refused together with the text; the one of the dashboard is called then."""
_NO_ACCOUNT: Final = (401, 403, 404)
_ENOUGH: Final = HttpResponse(status=200)
"""What cannot be read now cannot be read the next time: Vonage is not to repeat it for a day."""


# --- handing over -----------------------------------------------------------------------------------------------------
def send_text(settings: VonageSmsSettings, message: OutboundText) -> Conversation:
    """Hand ``message`` over in one POST. It is never repeated: Vonage would take it for another text."""
    answer = yield message_request(settings, message)
    return outcome_of(answer)


def message_request(settings: VonageSmsSettings, message: OutboundText) -> HttpRequest:
    """The request. What GSM-7 cannot write must be asked for as ``unicode``, or it becomes question marks."""
    form = {
        "from": bare(message.sender),
        "to": bare(message.to),
        "text": message.text,
        "type": "text" if count_segments(message.text).encoding == "GSM-7" else "unicode",
        "client-ref": message.id,
    }
    if message.callback_url is not None and len(message.callback_url) <= LONGEST_CALLBACK:
        form["callback"] = message.callback_url
    return HttpRequest(
        method="POST",
        url=settings.send_url,
        headers=(authorization(settings), ("Content-Type", FORM), ("Accept", "application/json")),
        body=urlencode(form, errors="replace").encode(),
    )


def outcome_of(answer: HttpResponse | NoAnswer) -> Outcome:
    """What Vonage said. It answers 200 to everything: whether a text was taken is said for each of its parts."""
    if isinstance(answer, NoAnswer):
        return unanswered(answer)
    try:
        given = read_object(answer.body).get("messages")
    except ValueError:
        given = None
    parts = [part for part in given if isinstance(part, Mapping)] if isinstance(given, list) else []
    if answer.status == 200 and parts and all(isinstance(part.get("status"), str) for part in parts):
        return _outcome(parts, answer)
    raw = words_of(answer)
    if answer.status == 429:
        return TryLater(raw=raw, after=wait_of(answer))
    if 400 <= answer.status < 500 and answer.status != 408:
        return Refused(reason="account_problem" if answer.status in _NO_ACCOUNT else "unknown", raw=raw)
    return Unsure(why=f"unexpected answer: {raw}"[:RAW_LIMIT])


def _outcome(parts: list[Mapping[str, object]], answer: HttpResponse) -> Outcome:
    taken = [part for part in parts if part["status"] == "0"]
    known = parts[0].get("message-id")
    if len(taken) == len(parts) and is_id(known):
        return Accepted(provider_id=known)
    if taken:
        # Some of it is on its way, or all of it and nobody knows under which id.
        return Unsure(why=f"{len(taken)} of {len(parts)} parts were taken" if is_id(known) else "taken, without an id")
    code = number_of(parts[0]["status"])
    raw = bounded(f"{parts[0]['status']} {parts[0].get('error-text', '')}")
    if code is None:
        return Unsure(why=f"a status that is no number: {raw}"[:RAW_LIMIT])
    if code in SMS_NOT_NOW:
        return TryLater(raw=raw, after=wait_of(answer))
    return Refused(reason=SMS_REFUSALS.get(code, "unknown"), raw=raw)


# --- callbacks --------------------------------------------------------------------------------------------------------
def read_callback(settings: VonageSmsSettings, request: HttpRequest) -> WebhookReading:
    """Verify, then tell a client's text from a delivery receipt."""
    given = parameters_of(request)
    if given is None or not is_signed(settings, given):
        return Unverified(why="the signature does not fit, or it is no form")
    try:
        return Verified(events=(_event(given),))
    except ValueError as error:
        return Unreadable(why=str(error)[:LONGEST_ID], answer=_ENOUGH)


def _event(given: Mapping[str, str]) -> Event:
    known, number, to = (given.get(name, "") for name in ("messageId", "msisdn", "to"))
    if not (is_id(known) and is_id(number) and is_id(to)):
        raise ValueError("messageId, msisdn or to is missing or too long")
    if "status" in given:
        own = given.get("client-ref")
        return report(known, own if is_id(own) else None, given["status"], number_of(given.get("err-code")))
    if given.get("type") not in ("text", "unicode"):
        raise ValueError("neither a text nor a receipt")
    text = given.get("text", "")
    if len(text) > TEXT_LIMIT:
        raise ValueError("longer than any text can be")
    return InboundText(provider_id=known, sender=plus(number), to=plus(to), text=text, raw=_part(given))


def _part(given: Mapping[str, str]) -> str:
    """Which part it is of a text that Vonage does not put together."""
    if given.get("concat") != "true":
        return ""
    return bounded(f"part {given.get('concat-part', '?')} of {given.get('concat-total', '?')}")


def report(known: str, own_id: str | None, word: str, code: int | None) -> DeliveryReport:
    """News of a text of ours, from a callback or a record."""
    state, reason = sms_report_of(word, code)
    raw = bounded(word if code is None else f"{word} {code}")
    return DeliveryReport(attempt_id=own_id, provider_id=known, state=state, reason=reason, raw=raw)
