"""Bandwidth's messaging API, pretended on this machine, for tests of hosts and of this plugin.

It is as strict as the real one is documented to be: who may ask, which fields there are, and how they look. Its
callbacks are lists, with HTTP Basic as the application has it. It needs ``convokit-vet[testing]``.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from itertools import count
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from attrs import asdict

from convokit.ports.strict_json import read_object
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.testing import CarrierApi, Left, answered_json, posted_json
from convokit_sms_bandwidth.settings import BandwidthSettings

ACCOUNT: Final = "9900000"
APPLICATION: Final = "93de2206-9669-4e07-948d-329f4b722ee2"
API_PASSWORD: Final = "an-api-password-4711"  # noqa: S105 - it guards nothing
WEBHOOK_PASSWORD: Final = "a-callback-password-4711"  # noqa: S105 - nor does this
LONGEST_TEXT: Final = 2_048
LONGEST_URL: Final = 4_096
LONGEST_TAG: Final = 1_024
MOST_RECIPIENTS: Final = 50
_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_SENT: Final = {"applicationId", "to", "from", "text", "media", "tag", "priority", "expiration"}
_WORDS: Final[Mapping[str, str]] = {
    "sent": "message-sending",
    "delivered": "message-delivered",
    "failed": "message-failed",
}


class BandwidthApi(CarrierApi):
    """One messaging application. ``given``: settings that differ.

    Attributes:
        refuses: the field and the words by which texts to some numbers are refused.
        opted_out: numbers whose texts are taken, and then reported as failed.
    """

    plugin = "bandwidth"
    name = "bandwidth"

    def __init__(self, **given: str) -> None:
        super().__init__()
        self.given = given
        self.refuses: dict[str, tuple[str, str]] = {}
        self.opted_out: set[str] = set()
        self.files: dict[str, bytes] = {}
        self._ids = count(1)

    def settings(self, url: str) -> Mapping[str, object]:
        known = {"account_id": ACCOUNT, "api_user": "clinic", "api_password": API_PASSWORD}
        theirs = {"webhook_user": "bandwidth", "webhook_password": WEBHOOK_PASSWORD}
        given: dict[str, Any] = {**known, **theirs, "application_id": APPLICATION, "base_url": url, **self.given}
        return asdict(BandwidthSettings(**given))

    # --- the API ------------------------------------------------------------------------------------------------------
    def answer(self, request: HttpRequest) -> HttpResponse:
        path, home = urlsplit(request.url).path, f"/api/v2/users/{ACCOUNT}"
        if request.header("Authorization") != _basic("clinic", API_PASSWORD):
            return answered_json(401, {"type": "unauthorized", "description": "Authentication Failed"})
        if request.method == "GET" and path.removeprefix(f"{home}/media/") in self.files:
            return HttpResponse(status=200, body=self.files[path.removeprefix(f"{home}/media/")])
        if not path.startswith(f"{home}/"):
            return answered_json(403, {"type": "forbidden", "description": "Access Denied"})
        if (request.method, path) != ("POST", f"{home}/messages"):
            return answered_json(404, {"type": "not-found", "description": "The requested resource does not exist"})
        if request.header("Content-Type") != "application/json":
            return answered_json(415, {"type": "unsupported-media-type", "description": "Content-Type"})
        return self._create(read_object(request.body))

    def _create(self, told: Mapping[str, Any]) -> HttpResponse:
        refused = self._refused(told)
        if refused is not None:
            return refused
        left = Left(
            id=self._id(),
            sender=told["from"],
            to=told["to"][0],
            text=told.get("text", ""),
            media=tuple(told.get("media", ())),
            callback=self.hook,
            own_id=told.get("tag"),
        )
        if left.to in self.opted_out:
            self._tell(left, "message-failed", 4775)
        else:
            self.ledger.write(left)
        return answered_json(202, {**told, "id": left.id, "owner": left.sender, "direction": "out", "segmentCount": 1})

    def _refused(self, told: Mapping[str, Any]) -> HttpResponse | None:
        """What the API refuses, by the first rule that is broken."""
        unknown = sorted(told.keys() - _SENT)
        assert not unknown, f"the API has no {unknown}"
        to, text, media, tag = told.get("to"), told.get("text", ""), told.get("media", []), told.get("tag", "")
        rules = (
            (told.get("applicationId") != APPLICATION, "applicationId", "is not an application of this account"),
            (not isinstance(to, list) or not 0 < len(to) <= MOST_RECIPIENTS, "to", "must be a list"),
            (not isinstance(to, list) or not all(map(_is_number, to)), "to[0]", "must be a phone number in E.164"),
            (not _is_number(told.get("from")), "from", "must be a phone number in E.164"),
            (told.get("from") in (to or ()), "from", "must not be one of 'to'"),
            (not isinstance(media, list) or not all(map(_is_web, media)), "media", "must be URLs"),
            (not isinstance(text, str) or (not text and not media), "text", "must not be empty"),
            (len(text or "") > LONGEST_TEXT, "text", f"must be {LONGEST_TEXT} characters or less"),
            (not isinstance(tag, str) or len(tag) > LONGEST_TAG, "tag", f"must be {LONGEST_TAG} characters or less"),
        )
        broken = next((_error(name, words) for wrong, name, words in rules if wrong), None)
        by_number = self.refuses.get(to[0]) if broken is None and isinstance(to, list) else None
        return _error(*by_number) if by_number is not None else broken

    # --- what happens -------------------------------------------------------------------------------------------------
    def report(self, left: Left, state: Literal["sent", "delivered", "failed"]) -> HttpResponse:
        return self._tell(left, _WORDS[state], 4720 if state == "failed" else None)

    def bring(self, sender: str, to: str, text: str, *files: bytes) -> HttpResponse:
        """See :class:`convokit.testing.CarrierApi`. ``files``: what comes with it, behind a file of its layout."""
        urls = []
        for content in (b"<smil/>", *files) if files else ():
            name = f"{self._id()}.{'png' if content in files else 'smil'}"
            self.files[name] = content
            urls.append(f"{self.seen_at}/api/v2/users/{ACCOUNT}/media/{name}")
        message = {**self._message(to), "id": self._id(), "direction": "in", "to": [to], "from": sender, "text": text}
        more = {"media": urls} if urls else {}
        return self._call({"type": "message-received", "to": to, "message": {**message, **more}})

    def opt_out(self, number: str) -> None:
        self.opted_out.add(number)

    def _tell(self, left: Left, word: str, code: int | None) -> HttpResponse:
        about = {"id": left.id, "direction": "out", "to": [left.to], "from": left.sender, "text": ""}
        tag = {} if left.own_id is None else {"tag": left.own_id}
        more = {} if code is None else {"errorCode": code}
        return self._call(
            {"type": word, "to": left.to, **more, "message": {**self._message(left.sender), **about, **tag}}
        )

    def _message(self, owner: str) -> dict[str, object]:
        return {"owner": owner, "applicationId": APPLICATION, "time": self._stamp(), "segmentCount": 1}

    def _call(self, event: Mapping[str, object]) -> HttpResponse:
        told = [{"time": self._stamp(), "description": "ok", **event}]
        return self.call(posted_json(self.hook, told, {"Authorization": _basic("bandwidth", WEBHOOK_PASSWORD)}))

    def _stamp(self) -> str:
        return self.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def _id(self) -> str:
        return f"1589228074636lm4k2je7j7jklb{next(self._ids):03}"


def _basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def _is_number(value: object) -> bool:
    return isinstance(value, str) and _E164.fullmatch(value) is not None


def _is_web(url: object) -> bool:
    parts = urlsplit(url) if isinstance(url, str) and len(url) <= LONGEST_URL else urlsplit("")
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _error(name: str, words: str) -> HttpResponse:
    fault = {"fieldName": name, "description": f"'{name}' {words}"}
    told = {"type": "request-validation", "description": "Your request could not be accepted."}
    return answered_json(400, {**told, "fieldErrors": [fault]})
