"""One message to an app, and what the service's answer means."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

from convokit.outcomes import Accepted, Refused, TryLater, Unsure
from convokit.ports.carrier_tools import LONGEST_ID, unanswered, wait_of
from convokit.ports.push import Pushing, PushMessage, PushOutcome, PushToken, TokenGone
from convokit.ports.strict_json import read_object
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit_push_fcm.login import Login
from convokit_push_fcm.words import GONE, LATER, NO_TOKEN, REASONS, STATUSES

MOST_BYTES: Final = 4_096
"""Of what is shown and the ids, together."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9_:%.-]{32,4096}")
_WORD: Final = re.compile(r"[A-Z_]{1,60}")
_ERROR: Final = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
_BAD_MESSAGE: Final = "type.googleapis.com/google.rpc.BadRequest"


def push_message(login: Login, token: PushToken, message: PushMessage) -> Pushing:
    """Push ``message``: one request, and another one before it where an access token is needed."""
    told = said(token, message)
    size = len(_coded({name: told[name] for name in ("notification", "data")}))
    if size > MOST_BYTES:
        return Refused(reason="content_rejected", raw=f"{size} bytes")
    access = yield from login.token(message.at_us)
    if not isinstance(access, str):
        return access
    headers = (("Authorization", f"Bearer {access}"), ("Content-Type", "application/json"))
    answer = yield HttpRequest(
        method="POST", url=login.settings.send_url, headers=headers, body=_coded({"message": told})
    )
    if isinstance(answer, HttpResponse) and answer.status == 401:
        login.forget(access)
    return outcome_of(answer)


def said(token: PushToken, message: PushMessage) -> dict[str, object]:
    """The message as the API has it: for Android, for Apple's phones, and for browsers."""
    seconds = max(0, message.seconds)
    aps: dict[str, object] = {"sound": "default", "thread-id": message.collapse}
    shown: dict[str, object] = {"tag": message.collapse}
    if message.badge is not None:
        aps["badge"] = message.badge
        shown["notification_count"] = message.badge
    return {
        "token": token.value,
        "notification": {"title": message.title, "body": message.text},
        "data": dict(message.data),
        "android": {
            "collapse_key": message.collapse,
            "priority": "HIGH" if message.high else "NORMAL",
            "ttl": f"{seconds}s",
            "notification": shown,
        },
        "apns": {
            "headers": {
                "apns-collapse-id": message.collapse,
                "apns-expiration": str(message.at_us // 1_000_000 + seconds),
                "apns-priority": "10" if message.high else "5",
            },
            "payload": {"aps": aps},
        },
        "webpush": {"headers": {"TTL": str(seconds), "Urgency": "high" if message.high else "normal"}},
    }


def _coded(told: object) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def outcome_of(answer: HttpResponse | NoAnswer) -> PushOutcome:
    """What the service said. Only its codes are kept: its words may repeat the token."""
    if isinstance(answer, NoAnswer):
        return unanswered(answer)
    try:
        told = read_object(answer.body)
    except ValueError:
        told = {}
    name = told.get("name")
    if answer.status == 200:
        known = isinstance(name, str) and 0 < len(name) <= LONGEST_ID
        return Accepted(provider_id=str(name)) if known else Unsure(why="200, and no name")
    code, details = _error(told)
    raw = f"{answer.status} {code}".rstrip()
    if code in GONE or (code == NO_TOKEN and _ERROR in details and _BAD_MESSAGE not in details):
        return TokenGone(raw=raw)
    if answer.status in LATER or (answer.status == 401 and code not in REASONS):
        return TryLater(raw=raw, after=wait_of(answer))  # after a 401 with another access token
    if 400 <= answer.status < 500:
        return Refused(reason=REASONS.get(code) or STATUSES.get(answer.status, "unknown"), raw=raw)
    return Unsure(why=f"unexpected answer: {raw}")


def _error(told: Mapping[str, object]) -> tuple[str, frozenset[str]]:
    """The code of an error, FCM's own before that of all Google's APIs; and the kinds of its details."""
    error = told.get("error")
    if not isinstance(error, Mapping):
        return "", frozenset()
    given = error.get("details")
    details = [one for one in given if isinstance(one, Mapping)] if isinstance(given, list) else []
    own = [one.get("errorCode") for one in details if one.get("@type") == _ERROR]
    words = [word for word in (*own, error.get("status")) if isinstance(word, str) and _WORD.fullmatch(word)]
    return next(iter(words), ""), frozenset(str(one.get("@type")) for one in details)


def why_no_registration_token(token: PushToken) -> str | None:
    """Why this cannot be a registration token; ``None``: it may be one."""
    return None if _TOKEN.fullmatch(token.value) else "a registration token has 32 to 4096 letters, digits and _:%.-"
