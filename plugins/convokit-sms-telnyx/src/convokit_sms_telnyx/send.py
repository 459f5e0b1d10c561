"""One text to ``messages``, and what its answer means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.ports.carrier_tools import RAW_LIMIT, bounded, is_id, unanswered, wait_of, with_own_id, words_of
from convokit.ports.sms import Conversation, OutboundText
from convokit.ports.strict_json import read_object
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit_sms_telnyx.settings import TelnyxSettings
from convokit_sms_telnyx.words import NOT_NOW, reason_of

OWN_ID: Final = "id"
"""The parameter of the callback URL that brings our own id back. Callbacks repeat the URL in their signed body."""
_NO_ACCOUNT: Final = (401, 403, 404)


def send_text(settings: TelnyxSettings, message: OutboundText) -> Conversation:
    """Hand ``message`` over in one POST, with a key by which Telnyx knows a repetition for a day."""
    answer = yield message_request(settings, message)
    return outcome_of(answer)


def message_request(settings: TelnyxSettings, message: OutboundText) -> HttpRequest:
    """The request. Of one message it is always the same, byte by byte: a repetition must not differ."""
    told: dict[str, object] = {"from": message.sender, "to": message.to}
    if message.text or not message.media:
        told["text"] = message.text
    if message.media:
        told["media_urls"] = [file.url for file in message.media]
    if settings.messaging_profile_id is not None:
        told["messaging_profile_id"] = settings.messaging_profile_id
    if message.callback_url is not None:
        told["webhook_url"] = with_own_id(message.callback_url, OWN_ID, message.id)
    return HttpRequest(
        method="POST",
        url=f"{settings.api_url}/messages",
        headers=(
            settings.authorization,
            ("Content-Type", "application/json"),
            ("Accept", "application/json"),
            # A key is made of letters, digits, hyphens, underscores and colons: our ids have a dot.
            ("Idempotency-Key", message.id.replace(".", ":")),
        ),
        body=json.dumps(told).encode(),
    )


def outcome_of(answer: HttpResponse | NoAnswer) -> Outcome:
    """What Telnyx said. Any 5xx is uncertain: the text may have been taken before something broke."""
    if isinstance(answer, NoAnswer):
        return unanswered(answer)
    try:
        told = read_object(answer.body)
    except ValueError:
        told = {}
    data = told.get("data")
    if answer.status == 200 and isinstance(data, Mapping) and is_id(known := data.get("id")):
        return Accepted(provider_id=known)
    codes = codes_of(told.get("errors"))
    raw = bounded(f"{answer.status} {codes[0]} {_title(told)}") if codes else words_of(answer)
    if answer.status == 422 and "idempotency" in raw.lower():
        # There is a record of the key, so an earlier request with it was taken; this one was worded otherwise.
        return Accepted()
    if answer.status in (409, 429) or (400 <= answer.status < 500 and NOT_NOW.intersection(codes)):
        return TryLater(raw=raw, after=wait_of(answer))
    if 400 <= answer.status < 500 and answer.status != 408:
        known_reason = reason_of(codes)
        unnamed = known_reason == "unknown" and answer.status in _NO_ACCOUNT
        return Refused(reason="account_problem" if unnamed else known_reason, raw=raw)
    return Unsure(why=f"unexpected answer: {raw}"[:RAW_LIMIT])


def codes_of(errors: object) -> tuple[int, ...]:
    """The error numbers of a list of errors, or of a list of numbers."""
    given = errors[:10] if isinstance(errors, list) else []
    found = (one.get("code") if isinstance(one, Mapping) else one for one in given)
    texts = (str(one) for one in found if isinstance(one, (str, int)))
    return tuple(int(one) for one in texts if one.isascii() and one.isdecimal() and len(one) <= 9)


def _title(told: Mapping[str, object]) -> str:
    errors = told.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    return f"{first.get('title', '')} {first.get('detail', '')}" if isinstance(first, Mapping) else ""
