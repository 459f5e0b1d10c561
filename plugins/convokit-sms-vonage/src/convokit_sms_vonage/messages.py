"""The Messages API: texts and pictures handed over, and what it calls us with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from convokit.domain.attachment import MOST_FILES
from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.ports.carrier_tools import (
    LONGEST_ID,
    RAW_LIMIT,
    TEXT_LIMIT,
    bare,
    bounded,
    is_id,
    microseconds_of,
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
    InboundFile,
    InboundText,
    OutboundText,
    Unreadable,
    Unverified,
    Verified,
    WebhookReading,
)
from convokit.ports.strict_json import read_object
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit_sms_vonage.settings import VonageSettings, authorization
from convokit_sms_vonage.signature import has_token, is_genuine
from convokit_sms_vonage.words import NOT_NOW, PARAMETERS, PROBLEMS, REASONS, report_of

CHANNELS: Final = ("sms", "mms")
KINDS: Final = ("image", "audio", "video", "vcard", "file")
_NO_ACCOUNT: Final = (401, 402, 403, 404)
_ENOUGH: Final = HttpResponse(status=200)
"""What cannot be read now cannot be read the next time: Vonage is not to repeat it."""
_SIGN_IT: Final = HttpResponse(status=503)
"""Vonage says that by a fault of its own a callback may come unsigned, and that a 5xx makes it repeat it signed."""


# --- handing over -----------------------------------------------------------------------------------------------------
def send_text(settings: VonageSettings, message: OutboundText) -> Conversation:
    """Hand ``message`` over in one POST. It is never repeated: Vonage would take it for another text."""
    answer = yield message_request(settings, message)
    return outcome_of(answer)


def message_request(settings: VonageSettings, message: OutboundText) -> HttpRequest:
    """The request. ``client_ref`` is our own id; callbacks repeat it in their signed body."""
    told: dict[str, object] = {
        **_content(message),
        "to": bare(message.to),
        "from": bare(message.sender),
        "client_ref": message.id,
    }
    if message.callback_url is not None:
        told["webhook_url"] = message.callback_url
        told["webhook_version"] = "v1"
    return HttpRequest(
        method="POST",
        url=settings.send_url,
        headers=(authorization(settings), ("Content-Type", "application/json"), ("Accept", "application/json")),
        body=json.dumps(told).encode(),
    )


def _content(message: OutboundText) -> dict[str, object]:
    """A text, a picture with a caption, or several pictures: the words go with the first."""
    if not message.media:
        return {"channel": "sms", "message_type": "text", "text": message.text}
    caption = {"caption": message.text} if message.text else {}
    first, *others = ({"url": file.url} for file in message.media)
    if not others:
        return {"channel": "mms", "message_type": "image", "image": {**first, **caption}}
    pictures = [{"type": "image", **picture} for picture in ({**first, **caption}, *others)]
    return {"channel": "mms", "message_type": "content", "content": pictures}


def outcome_of(answer: HttpResponse | NoAnswer) -> Outcome:
    """What Vonage said. Any 5xx is uncertain: the text may have been taken before something broke."""
    if isinstance(answer, NoAnswer):
        return unanswered(answer)
    try:
        told = read_object(answer.body)
    except ValueError:
        told = {}
    if answer.status == 202 and is_id(known := told.get("message_uuid")):
        return Accepted(provider_id=known)
    problem = _fragment(told)
    code = number_of(problem)
    raw = bounded(f"{answer.status} {problem} {told.get('detail', '')}") if problem else words_of(answer)
    if answer.status == 429 or (400 <= answer.status < 500 and code in NOT_NOW):
        return TryLater(raw=raw, after=wait_of(answer))
    if 400 <= answer.status < 500 and answer.status != 408:
        return Refused(reason=_reason(answer.status, problem, code, told), raw=raw)
    return Unsure(why=f"unexpected answer: {raw}"[:RAW_LIMIT])


def _fragment(told: Mapping[str, object]) -> str:
    """The number or the name of an error: the end of the URL in ``type``."""
    kind = told.get("type")
    return kind.rpartition("#")[2][:LONGEST_ID] if isinstance(kind, str) and "#" in kind else ""


def _reason(status: int, problem: str, code: int | None, told: Mapping[str, object]) -> str:
    found = PROBLEMS.get(problem) if code is None else REASONS.get(code)
    if found is None:
        given = told.get("invalid_parameters")
        names = (one.get("name") for one in given if isinstance(one, Mapping)) if isinstance(given, list) else ()
        roots = (name.partition(".")[0] for name in names if isinstance(name, str))
        found = next((PARAMETERS[name] for name in roots if name in PARAMETERS), None)
    return found or ("account_problem" if status in _NO_ACCOUNT else "unknown")


# --- callbacks --------------------------------------------------------------------------------------------------------
def read_callback(settings: VonageSettings, request: HttpRequest) -> WebhookReading:
    """Verify, then tell a client's text from the status of one of ours."""
    if not is_genuine(settings, request):
        why = "the token does not fit, or is old"
        return Unverified(why=why) if has_token(request) else Unverified(why="no token", answer=_SIGN_IT)
    try:
        return Verified(events=(_event(read_object(request.body)),))
    except ValueError as error:
        return Unreadable(why=str(error)[:LONGEST_ID], answer=_ENOUGH)


def _event(told: Mapping[str, object]) -> Event:
    known = told.get("message_uuid")
    if told.get("channel") not in CHANNELS or not is_id(known):
        raise ValueError("no text: channel or message_uuid is missing or another one")
    word = told.get("status")
    if "message_type" in told or not isinstance(word, str):
        return _text(known, told)
    own, error = told.get("client_ref"), told.get("error")
    code = _code(error) if isinstance(error, Mapping) else None
    return report(known, own if is_id(own) else None, word, code)


def report(known: str, own_id: str | None, word: str, code: int | None) -> DeliveryReport:
    """News of a text of ours, from a callback or a record."""
    state, reason = report_of(word, code)
    raw = bounded(word if code is None else f"{word} {code}")
    return DeliveryReport(attempt_id=own_id, provider_id=known, state=state, reason=reason, raw=raw)


def _code(error: Mapping[str, object]) -> int | None:
    return number_of(_fragment(error)) or number_of(error.get("title"))


def _text(known: str, told: Mapping[str, object]) -> InboundText:
    sender, to = told.get("from"), told.get("to")
    if not (is_id(sender) and is_id(to)):
        raise ValueError("from or to is missing or too long")
    parts = list(_parts(told))
    words = "\n".join(dict.fromkeys(text for part in parts for text in _words(part)))
    files = {file.url: file for part in parts for file in _file(part)}
    if not (words or files or isinstance(told.get("text"), str)):
        raise ValueError("neither words nor a file")
    if len(words) > TEXT_LIMIT:
        raise ValueError("longer than any text can be")
    return InboundText(
        provider_id=known,
        sender=plus(sender),
        to=plus(to),
        text=words,
        sent_at=microseconds_of(told.get("timestamp")),
        media=tuple(files.values())[:MOST_FILES],
    )


def _parts(told: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """What a message is made of: itself, its main attachment, and further ones."""
    yield {"text": told.get("text")}
    for kind in KINDS:
        part = told.get(kind)
        if isinstance(part, Mapping):
            yield part
    further = told.get("content")
    yield from (part for part in further if isinstance(part, Mapping)) if isinstance(further, list) else ()


def _words(part: Mapping[str, object]) -> Iterator[str]:
    yield from (text for text in (part.get("text"), part.get("caption")) if isinstance(text, str) and text)


def _file(part: Mapping[str, object]) -> Iterator[InboundFile]:
    url, name = part.get("url"), part.get("name")
    if isinstance(url, str) and url:
        yield InboundFile(url=url, name=name[:LONGEST_ID] if isinstance(name, str) else "")
