"""Plivo's messaging API, pretended on this machine, for tests of hosts and of this plugin.

It is as strict as the real one is documented to be: who may ask, which parameters there are, and how they look. Its
callbacks are signed as Plivo signs them. It needs ``convokit-vet[testing]``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from itertools import count
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, urlsplit

from attrs import asdict, evolve

from convokit.domain.sms_segments import count_segments
from convokit.ports.strict_json import read_object
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.testing import CarrierApi, Left, answered_json, posted_form
from convokit_sms_plivo.settings import PlivoSettings

AUTH_ID: Final = "MAXXXXXXXXXXXXXXXXXX"
AUTH_TOKEN: Final = "an-auth-token-4711-of-the-account"  # noqa: S105 - it guards nothing
LONGEST: Final[Mapping[str, int]] = {"GSM-7": 1_600, "UCS-2": 737}
MOST_FILES: Final = 10
NONCE: Final = "05429567804466091622"
_NUMBER: Final = re.compile(r"[1-9][0-9]{6,14}")
_SENT: Final = {"src", "dst", "text", "type", "media_urls", "url", "method", "log", "trackable"}
_WORDS: Final[Mapping[str, str]] = {"sent": "sent", "delivered": "delivered", "failed": "undelivered"}


class PlivoApi(CarrierApi):
    """One account. ``given``: settings that differ.

    Attributes:
        refuses: with which status and words texts to some numbers are refused.
        opted_out: numbers whose texts are taken, and then reported as failed.
        proof: in which way callbacks are proved: ``"V3"``, ``"Ma-V3"`` or ``"V2"``.
    """

    plugin = "plivo"
    name = "plivo"

    def __init__(self, proof: Literal["V3", "Ma-V3", "V2"] = "V3", **given: object) -> None:
        super().__init__()
        self.proof: Literal["V3", "Ma-V3", "V2"] = proof
        self.given = given
        self.refuses: dict[str, tuple[int, str]] = {}
        self.opted_out: set[str] = set()
        self.files: dict[str, bytes] = {}
        self._ids = count(1)

    def settings(self, url: str) -> Mapping[str, object]:
        given: dict[str, Any] = {"auth_id": AUTH_ID, "auth_token": AUTH_TOKEN, "base_url": url, **self.given}
        return asdict(PlivoSettings(**given))

    # --- the API ------------------------------------------------------------------------------------------------------
    def answer(self, request: HttpRequest) -> HttpResponse:
        path = urlsplit(request.url).path
        media = f"/Account/{AUTH_ID}/Media/"
        if path.startswith(media):
            return HttpResponse(status=200, body=self.files[path.removeprefix(media)])
        pair = base64.b64encode(f"{AUTH_ID}:{AUTH_TOKEN}".encode()).decode()
        if request.header("Authorization") != f"Basic {pair}":
            return HttpResponse(status=401, body=b"Could not verify your access level for that URL.")
        if (request.method, path) != ("POST", f"/v1/Account/{AUTH_ID}/Message/"):
            return _error(404, "not found")
        if request.header("Content-Type") != "application/json":
            return _error(400, "the request is no JSON")
        return self._create(read_object(request.body))

    def _create(self, told: Mapping[str, Any]) -> HttpResponse:
        refused = self._refused(told)
        if refused is not None:
            return refused
        left = Left(
            id=self._uuid(),
            sender=f"+{told['src']}",
            to=f"+{told['dst']}",
            text=told.get("text", ""),
            media=tuple(told.get("media_urls", ())),
            callback=told.get("url"),
        )
        if left.to in self.opted_out:
            self._tell(left, "failed", "200")
        else:
            self.ledger.write(left)
        return answered_json(202, {"api_id": "a", "message": "message(s) queued", "message_uuid": [left.id]})

    def _refused(self, told: Mapping[str, Any]) -> HttpResponse | None:
        """What the API refuses, by the first rule that is broken."""
        unknown = sorted(told.keys() - _SENT)
        assert not unknown, f"the API has no {unknown}"
        kind, media, text = told.get("type", "sms"), told.get("media_urls", []), told.get("text", "")
        rules = (
            (not _is_number(told.get("dst")), "dst parameter is not valid"),
            (not _is_number(told.get("src")), "src parameter is not valid"),
            (told.get("src") == told.get("dst"), "src and dst cannot be the same"),
            (kind not in ("sms", "mms") or bool(media) != (kind == "mms"), "type parameter is not valid"),
            (not text and not media, "text parameter is missing"),
            (len(text) > LONGEST[count_segments(text).encoding], "text parameter is too long"),
            (not isinstance(media, list) or len(media) > MOST_FILES, "media_urls parameter is not valid"),
            (not all(map(_is_web, media)), "media_urls parameter is not valid"),
            (not _is_web(told.get("url", "https://x.example")), "url parameter is not valid"),
            (told.get("method", "POST") not in ("POST", "GET"), "method parameter is not valid"),
        )
        broken = next((_error(400, words) for wrong, words in rules if wrong), None)
        by_number = self.refuses.get(f"+{told.get('dst')}")
        return _error(*by_number) if broken is None and by_number is not None else broken

    # --- what happens -------------------------------------------------------------------------------------------------
    def report(self, left: Left, state: Literal["sent", "delivered", "failed"]) -> HttpResponse:
        return self._tell(left, _WORDS[state], "80" if state == "failed" else "000")

    def bring(self, sender: str, to: str, text: str, *files: bytes) -> HttpResponse:
        """See :class:`convokit.testing.CarrierApi`. ``files``: what comes with it."""
        told = {"MessageUUID": self._uuid(), "From": sender.removeprefix("+"), "To": to.removeprefix("+")}
        if not files:
            return self._call(self.hook, {**told, "Type": "sms", "Text": text, "Units": "1", "MessageIntent": ""})
        urls = []
        for content in files:
            name = self._uuid()
            self.files[name] = content
            urls.append(f"{self.seen_at}/Account/{AUTH_ID}/Media/{name}")
        media = {f"Media{number}": url for number, url in enumerate(urls)}
        return self._call(self.hook, {**told, "Type": "mms", "Body": text, "MediaCount": str(len(urls)), **media})

    def opt_out(self, number: str) -> None:
        self.opted_out.add(number)

    def _tell(self, left: Left, word: str, code: str) -> HttpResponse:
        assert left.callback is not None, "no url was sent"
        told = {
            "MessageUUID": left.id,
            "ParentMessageUUID": left.id,
            "From": left.sender.removeprefix("+"),
            "To": left.to.removeprefix("+"),
            "Type": "sms",
            "Status": word,
            "ErrorCode": code,
            "Units": "1",
        }
        return self._call(left.callback, told)

    def _call(self, url: str, told: Mapping[str, str]) -> HttpResponse:
        return self.call(self.sign(posted_form(url, told)))

    def sign(self, request: HttpRequest) -> HttpRequest:
        """Written from Plivo's pages on the validation of signatures, and apart from the plugin's own code."""
        parts = urlsplit(request.url)
        plain, version = f"{parts.scheme}://{parts.netloc}{parts.path}", self.proof[-2:]
        if version == "V2":
            whole = f"{plain}{NONCE}"
        else:
            query = "&".join(f"{name}={value}" for name, value in sorted(parse_qsl(parts.query)))
            posted = sorted(parse_qsl(request.body.decode(), keep_blank_values=True))
            whole = f"{plain}?{query}{'.' if query else ''}{''.join(map(''.join, posted))}.{NONCE}"
        made = base64.b64encode(hmac.new(AUTH_TOKEN.encode(), whole.encode(), hashlib.sha256).digest()).decode()
        more = ((f"X-Plivo-Signature-{self.proof}", made), (f"X-Plivo-Signature-{version}-Nonce", NONCE))
        return evolve(request, headers=(*request.headers, *more))

    def _uuid(self) -> str:
        return f"00000000-0000-11e1-8000-{next(self._ids):012x}"


def _is_number(value: object) -> bool:
    return isinstance(value, str) and _NUMBER.fullmatch(value) is not None


def _is_web(url: object) -> bool:
    parts = urlsplit(url) if isinstance(url, str) else urlsplit("")
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _error(status: int, words: str) -> HttpResponse:
    return answered_json(status, {"api_id": "a", "error": words})
