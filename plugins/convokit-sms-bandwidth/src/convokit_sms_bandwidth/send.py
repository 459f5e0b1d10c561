"""One text to ``messages``, and what its answer means."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.ports.carrier_tools import RAW_LIMIT, bounded, is_id, unanswered, wait_of, words_of
from convokit.ports.sms import Conversation, OutboundText
from convokit.ports.strict_json import read_object
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit_sms_bandwidth.settings import BandwidthSettings
from convokit_sms_bandwidth.words import PARAMETERS

_NO_ACCOUNT: Final = (401, 403, 404)
_NAME: Final = re.compile("[A-Za-z]+")


def send_text(settings: BandwidthSettings, message: OutboundText) -> Conversation:
    """Hand ``message`` over in one POST. It is never repeated: Bandwidth would take it for another text."""
    answer = yield message_request(settings, message)
    return outcome_of(answer)


def message_request(settings: BandwidthSettings, message: OutboundText) -> HttpRequest:
    """The request. Where to call back is entered at Bandwidth; ``tag`` is our own id, which callbacks repeat."""
    told: dict[str, object] = {
        "applicationId": settings.application_id,
        "to": [message.to],
        "from": message.sender,
        "tag": message.id,
    }
    if message.text or not message.media:
        told["text"] = message.text
    if message.media:
        told["media"] = [file.url for file in message.media]
    return HttpRequest(
        method="POST",
        url=settings.send_url,
        headers=(settings.authorization, ("Content-Type", "application/json"), ("Accept", "application/json")),
        body=json.dumps(told).encode(),
    )


def outcome_of(answer: HttpResponse | NoAnswer) -> Outcome:
    """What Bandwidth said. Any 5xx is uncertain: a proxy may have lost the answer to a text that was taken."""
    if isinstance(answer, NoAnswer):
        return unanswered(answer)
    try:
        told = read_object(answer.body)
    except ValueError:
        told = {}
    if answer.status == 202 and is_id(known := told.get("id")):
        return Accepted(provider_id=known)
    name, words = _fault(told)
    raw = bounded(f"{answer.status} {words}") if words else words_of(answer)
    if answer.status == 429:
        return TryLater(raw=raw, after=wait_of(answer))
    if 400 <= answer.status < 500 and answer.status != 408:
        found = PARAMETERS.get(name)
        return Refused(reason=found or ("account_problem" if answer.status in _NO_ACCOUNT else "unknown"), raw=raw)
    return Unsure(why=f"unexpected answer: {raw}"[:RAW_LIMIT])


def _fault(told: Mapping[str, object]) -> tuple[str, str]:
    """The field that a refusal names, as in ``to`` or ``to[0]``, and its words."""
    given = told.get("fieldErrors")
    first = given[0] if isinstance(given, list) and given else None
    fault = first if isinstance(first, Mapping) else {}
    field = fault.get("fieldName")
    name = _NAME.match(field) if isinstance(field, str) else None
    given_words = (told.get("type"), field, fault.get("description", told.get("description")))
    texts = [one for one in given_words if isinstance(one, str)]
    return name[0] if name else "", " ".join(texts)
