"""One text as a batch of one, and what its answer means."""

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
from convokit_sms_sinch.settings import SinchSettings
from convokit_sms_sinch.words import PARAMETERS, REFUSALS

_NO_ACCOUNT: Final = (401, 402, 403, 404)
_NAMED: Final = re.compile(rf"""(?:^|["'`.])({"|".join(PARAMETERS)})(?=["'`:.\[])""")
"""A field as a message names it. Not any word: ``to`` and ``from`` are words of every sentence."""


def send_text(settings: SinchSettings, message: OutboundText) -> Conversation:
    """Hand ``message`` over in one POST. It is never repeated: Sinch would take it for another text."""
    answer = yield message_request(settings, message)
    return outcome_of(answer)


def message_request(settings: SinchSettings, message: OutboundText) -> HttpRequest:
    """The request. ``client_reference`` is our own id; reports repeat it in their body, which is signed."""
    told: dict[str, object] = {
        **_content(message),
        "from": message.sender,
        "to": [message.to],
        "client_reference": message.id,
    }
    if message.callback_url is not None:
        told["delivery_report"] = "per_recipient"
        told["callback_url"] = message.callback_url
    return HttpRequest(
        method="POST",
        url=f"{settings.plan_url}/batches",
        headers=(settings.authorization, ("Content-Type", "application/json"), ("Accept", "application/json")),
        body=json.dumps(told).encode(),
    )


def _content(message: OutboundText) -> dict[str, object]:
    """A text, or one picture with words: Sinch takes no more of them with a text."""
    if not message.media:
        return {"type": "mt_text", "body": message.text}
    words = {"message": message.text} if message.text else {}
    return {"type": "mt_media", "body": {"url": message.media[0].url, **words}}


def outcome_of(answer: HttpResponse | NoAnswer) -> Outcome:
    """What Sinch said. Any 5xx is uncertain: the text may have been taken before something broke."""
    if isinstance(answer, NoAnswer):
        return unanswered(answer)
    try:
        told = read_object(answer.body)
    except ValueError:
        told = {}
    if answer.status == 201 and is_id(known := told.get("id")):
        return Accepted(provider_id=known)
    code, words = (_text(told, name) for name in ("code", "text"))
    raw = bounded(f"{answer.status} {code} {words}") if code else words_of(answer)
    if answer.status == 429:
        return TryLater(raw=raw, after=wait_of(answer))
    if 400 <= answer.status < 500 and answer.status != 408:
        return Refused(reason=_reason(answer.status, code, words), raw=raw)
    return Unsure(why=f"unexpected answer: {raw}"[:RAW_LIMIT])


def _text(told: Mapping[str, object], name: str) -> str:
    found = told.get(name)
    return found if isinstance(found, str) else ""


def _reason(status: int, code: str, words: str) -> str:
    named = _NAMED.search(bounded(words))
    found = REFUSALS.get(code) or (PARAMETERS[named[1]] if named else None)
    return found or ("account_problem" if status in _NO_ACCOUNT else "unknown")
