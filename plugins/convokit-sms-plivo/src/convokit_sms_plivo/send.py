"""One text to ``Message``, and what its answer means."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.ports.carrier_tools import (
    RAW_LIMIT,
    bare,
    bounded,
    is_id,
    unanswered,
    wait_of,
    with_own_id,
    words_of,
)
from convokit.ports.sms import Conversation, OutboundText
from convokit.ports.strict_json import read_object
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit_sms_plivo.settings import PlivoSettings
from convokit_sms_plivo.words import PARAMETERS, STATUSES

OWN_ID: Final = "id"
"""The parameter of the callback URL that brings our own id back. V3 covers the URL."""
_NAMES: Final = re.compile(rf"\b({'|'.join(PARAMETERS)})\b")


def send_text(settings: PlivoSettings, message: OutboundText) -> Conversation:
    """Hand ``message`` over in one POST. It is never repeated: Plivo would take it for another text."""
    answer = yield message_request(settings, message)
    return outcome_of(answer)


def message_request(settings: PlivoSettings, message: OutboundText) -> HttpRequest:
    """The request. Plivo writes numbers without their plus."""
    told: dict[str, object] = {"src": bare(message.sender), "dst": bare(message.to)}
    if message.text or not message.media:
        told["text"] = message.text
    told["type"] = "mms" if message.media else "sms"
    if message.media:
        told["media_urls"] = [file.url for file in message.media]
    if message.callback_url is not None:
        told["url"] = with_own_id(message.callback_url, OWN_ID, message.id)
        told["method"] = "POST"
    return HttpRequest(
        method="POST",
        url=settings.send_url,
        headers=(settings.authorization, ("Content-Type", "application/json"), ("Accept", "application/json")),
        body=json.dumps(told).encode(),
    )


def outcome_of(answer: HttpResponse | NoAnswer) -> Outcome:
    """What Plivo said. Any 5xx is uncertain: the text may have been taken before something broke."""
    if isinstance(answer, NoAnswer):
        return unanswered(answer)
    try:
        told = read_object(answer.body)
    except ValueError:
        told = {}
    known = _first(told.get("message_uuid"))
    if answer.status == 202 and known is not None:
        return Accepted(provider_id=known)
    raw = words_of(answer)
    if answer.status == 202 and _first(told.get("invalid_number")) is not None:
        return Refused(reason="invalid_number", raw=raw)
    if answer.status == 429:
        return TryLater(raw=raw, after=wait_of(answer))
    if 400 <= answer.status < 500 and answer.status != 408:
        error = _error(told)
        return Refused(reason=_reason(answer.status, error), raw=bounded(f"{answer.status} {error}") if error else raw)
    return Unsure(why=f"unexpected answer: {raw}"[:RAW_LIMIT])


def _first(given: object) -> str | None:
    first = given[0] if isinstance(given, list) and given else None
    return first if is_id(first) else None


def _error(told: Mapping[str, object]) -> str:
    error = told.get("error")
    error = error.get("error") if isinstance(error, Mapping) else error
    return bounded(error) if isinstance(error, str) else ""


def _reason(status: int, error: str) -> str:
    named = _NAMES.search(error)
    return STATUSES.get(status) or (PARAMETERS[named[1]] if named else "unknown")
