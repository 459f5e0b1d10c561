"""One notification to a device, and what Apple's answer means."""

from __future__ import annotations

import json
import re
import uuid
from typing import Final

from convokit.outcomes import Accepted, Refused, TryLater, Unsure
from convokit.ports.carrier_tools import LONGEST_ID, unanswered, wait_of
from convokit.ports.push import Pushing, PushMessage, PushOutcome, PushToken, TokenGone
from convokit.ports.strict_json import read_object
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit_push_apns.proof import SECOND_US, Proof
from convokit_push_apns.settings import TOPIC
from convokit_push_apns.words import GONE, LATER, REASONS, STALE_PROOF, STATUSES, WAITS

MOST_BYTES: Final = 4_096
_TOKEN: Final = re.compile(r"(?:[0-9a-fA-F]{2}){32,100}")
_TOPIC: Final = re.compile(TOPIC)
_COLLAPSE: Final = re.compile(r"[!-~]{1,64}")
_WORD: Final = re.compile(r"[A-Za-z]{1,60}")
_MOST_MS: Final = 2**53


def push_message(proof: Proof, token: PushToken, message: PushMessage) -> Pushing:
    """Push ``message`` in one POST."""
    body = said(message)
    if len(body) > MOST_BYTES:
        return Refused(reason="content_rejected", raw=f"{len(body)} bytes")
    signed = proof.of(message.at_us)
    answer = yield push_request(proof, token, message, signed, body)
    if _word(answer) == STALE_PROOF:
        proof.forget(signed)
    return outcome_of(answer)


def said(message: PushMessage) -> bytes:
    """The payload: what is shown, and the ids for the app beside it."""
    aps: dict[str, object] = {
        "alert": {"title": message.title, "body": message.text},
        "sound": "default",
        "thread-id": message.collapse,
    }
    if message.badge is not None:
        aps["badge"] = message.badge
    told = {**message.data, "aps": aps}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def push_request(proof: Proof, token: PushToken, message: PushMessage, signed: str, body: bytes) -> HttpRequest:
    """The request. Its id is made of ours, so that a repetition has the same one."""
    collapse = (("apns-collapse-id", message.collapse),) if _COLLAPSE.fullmatch(message.collapse) else ()
    headers = (
        ("authorization", f"bearer {signed}"),
        ("apns-topic", token.app or proof.settings.topic),
        ("apns-push-type", "alert"),
        ("apns-priority", "10" if message.high else "5"),
        ("apns-expiration", str(message.at_us // SECOND_US + max(0, message.seconds))),
        *collapse,
        ("apns-id", str(uuid.uuid5(uuid.NAMESPACE_OID, message.id))),
        ("content-type", "application/json"),
    )
    url = f"{proof.settings.api}/3/device/{token.value.lower()}"
    return HttpRequest(method="POST", url=url, headers=headers, body=body)


def outcome_of(answer: HttpResponse | NoAnswer) -> PushOutcome:
    """What Apple said."""
    if isinstance(answer, NoAnswer):
        return unanswered(answer)
    if answer.status == 200:
        known = answer.header("apns-id")
        return Accepted(provider_id=known if known and len(known) <= LONGEST_ID else None)
    word = _word(answer)
    raw = f"{answer.status} {word}".rstrip()
    if answer.status == 410 or (answer.status == 400 and word in GONE):
        return TokenGone(raw=raw, since_us=_since(answer) if answer.status == 410 else None)
    if answer.status in LATER or word == STALE_PROOF:
        return TryLater(raw=raw, after=WAITS.get(word, wait_of(answer)))
    if 400 <= answer.status < 500:
        return Refused(reason=REASONS.get(word) or STATUSES.get(answer.status, "unknown"), raw=raw)
    return Unsure(why=f"unexpected answer: {raw}")


def _told(answer: HttpResponse | NoAnswer) -> dict[str, object]:
    try:
        return read_object(answer.body) if isinstance(answer, HttpResponse) else {}
    except ValueError:
        return {}


def _word(answer: HttpResponse | NoAnswer) -> str:
    reason = _told(answer).get("reason")
    return reason if isinstance(reason, str) and _WORD.fullmatch(reason) else ""


def _since(answer: HttpResponse) -> int | None:
    """Since when the token has been gone, in microseconds; Apple says milliseconds."""
    found = _told(answer).get("timestamp")
    known = isinstance(found, int) and not isinstance(found, bool) and 0 <= found < _MOST_MS
    return found * 1_000 if known and isinstance(found, int) else None


def why_no_device_token(token: PushToken) -> str | None:
    """Why this cannot be a device token; ``None``: it may be one."""
    if not _TOKEN.fullmatch(token.value):
        return "a device token is 64 to 200 hex digits"
    return None if not token.app or _TOPIC.fullmatch(token.app) else "app is a bundle id: example.vet.app"
