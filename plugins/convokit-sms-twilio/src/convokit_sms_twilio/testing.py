"""Twilio's Messages API, pretended on this machine, for tests of hosts and of this plugin.

It is as strict as the real one is documented to be: who may ask, which parameters there are, how they look, and by
which numbers it refuses. Its callbacks are signed as Twilio signs them. It needs ``convokit-vet[testing]``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import count
from typing import Final, Literal
from urllib.parse import parse_qs, parse_qsl, urlsplit

from attrs import asdict, define, evolve, field

from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.testing import CarrierApi, Left, answered_json, posted_form
from convokit_sms_twilio.settings import TwilioSettings

ACCOUNT: Final = f"AC{'0123456789abcdef' * 2}"
TOKEN: Final = "fedcba9876543210" * 2
API_KEY: Final = f"SK{'00112233445566778899aabbccddeeff'}"
API_SECRET: Final = "an-api-key-secret-4711"  # noqa: S105 - it guards nothing
SHARED_KEY: Final = "webhooks_sharedkey_0815"
SHARED_SECRET: Final = "a-shared-key-secret-0815"  # noqa: S105
SERVICE: Final = f"MG{'0f1e2d3c4b5a6978' * 2}"
SHORT: Final = 50
LONGEST: Final = 1_600
MOST_FILES: Final = 10
_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_SENT: Final = {"To", "From", "Body", "MediaUrl", "MessagingServiceSid", "StatusCallback"}
_ASKED: Final = {"To", "From", "DateSent<", "DateSent>", "PageSize", "Page", "PageToken"}
_WORDS: Final[Mapping[str, str]] = {"sent": "sent", "delivered": "delivered", "failed": "undelivered"}


@define(kw_only=True)
class Kept:
    """A message as the API has it."""

    sid: str
    direction: Literal["inbound", "outbound-api"]
    sender: str
    to: str
    body: str = field(repr=False)
    media: tuple[str, ...] = ()
    status: str
    error: int | None = None
    at: datetime


class TwilioApi(CarrierApi):
    """One account. ``given``: settings that differ: an API key, a Messaging Service, a shared key.

    Attributes:
        refuses: a rule of this API for some numbers: the error number by which texts to them are refused.
        page: how many messages it puts on a page at most.
    """

    plugin = "twilio"
    name = "twilio"

    def __init__(self, **given: str) -> None:
        super().__init__()
        self.given = given
        self.refuses: dict[str, int] = {}
        self.page = 1_000
        self.kept: list[Kept] = []
        self.files: dict[str, bytes] = {}
        self._ids = count(1)

    def settings(self, url: str) -> Mapping[str, object]:
        return asdict(self._settings(url))

    def _settings(self, url: str) -> TwilioSettings:
        return TwilioSettings(account_sid=ACCOUNT, auth_token=TOKEN, base_url=url, **self.given)

    # --- the API ------------------------------------------------------------------------------------------------------
    def answer(self, request: HttpRequest) -> HttpResponse:
        parts = urlsplit(request.url)
        here = f"/2010-04-01/Accounts/{ACCOUNT}/Messages"
        if not self._may(request):
            return _error(401, 20003, "Authenticate")
        rest = parts.path.removeprefix(here)
        sid, _, more = rest.removeprefix("/").partition("/")
        if request.method == "POST" and rest == ".json":
            return self._create(request)
        if request.method == "GET" and rest == ".json":
            return self._list(parts.path, parts.query)
        one = next((kept for kept in self.kept if kept.sid == sid.removesuffix(".json")), None)
        if request.method != "GET" or rest == parts.path or one is None:
            return _error(404, 20404, f"The requested resource {parts.path} was not found")
        if not more:
            return answered_json(200, self._shown(one))
        if more == "Media.json":
            return answered_json(200, {"media_list": self._files(one), "next_page_uri": None})
        return HttpResponse(status=200, body=self.files[more.removeprefix("Media/")])

    def _may(self, request: HttpRequest) -> bool:
        pair = (self.given.get("api_key_sid", ACCOUNT), self.given.get("api_key_secret", TOKEN))
        return request.header("Authorization") == f"Basic {base64.b64encode(':'.join(pair).encode()).decode()}"

    def _create(self, request: HttpRequest) -> HttpResponse:
        if request.header("Content-Type") != "application/x-www-form-urlencoded":
            return _error(400, 21604, "A 'To' phone number is required")
        form = parse_qs(request.body.decode(), keep_blank_values=True, strict_parsing=True)
        refused = self._refused(form)
        if refused is not None:
            return refused
        one = Kept(
            sid=self._sid("MM" if form.get("MediaUrl") else "SM"),
            direction="outbound-api",
            sender=form["From"][0],
            to=form["To"][0],
            body=form.get("Body", [""])[0],
            media=tuple(form.get("MediaUrl", ())),
            status="queued",
            at=self.now(),
        )
        self.kept.append(one)
        callback = form.get("StatusCallback", [None])[0]
        left = Left(id=one.sid, sender=one.sender, to=one.to, text=one.body, media=one.media, callback=callback)
        self.ledger.write(left)
        return answered_json(201, self._shown(one))

    def _refused(self, form: Mapping[str, list[str]]) -> HttpResponse | None:
        """What the API refuses, by the first rule that is broken."""
        unknown = sorted(form.keys() - _SENT)
        assert not unknown, f"the API has no {unknown}"
        assert all(len(form[name]) == 1 for name in form.keys() - {"MediaUrl"}), "given twice"
        to, sender = form.get("To", [""])[0], form.get("From", [""])[0]
        body, media = form.get("Body", [""])[0], form.get("MediaUrl", [])
        rules = (
            (not to, 21604, "A 'To' phone number is required"),
            (not _E164.fullmatch(to), 21211, f"Invalid 'To' Phone Number: {to[:4]}XXXX"),
            (not sender, 21603, "A 'From' phone number is required"),
            (not _E164.fullmatch(sender), 21606, f"The 'From' phone number {sender} is not a valid number"),
            (not body and not media, 21602, "Message body is required"),
            (len(body) > LONGEST, 21617, "The concatenated message body exceeds the 1600 character limit"),
            (len(media) > MOST_FILES, 21623, "Number of media files exceeds allowed limit"),
            (not all(_is_web(url) for url in media), 21620, "Invalid media URL(s)"),
            (not all(map(_is_web, form.get("StatusCallback", []))), 21609, "Invalid 'StatusCallback' URL"),
            (form.get("MessagingServiceSid", [SERVICE]) != [SERVICE], 21701, "The Messaging Service does not exist"),
        )
        broken = next((_error(400, code, words) for wrong, code, words in rules if wrong), None)
        by_number = self.refuses.get(to)
        if broken is None and by_number is not None:
            return _error(429 if by_number == 20429 else 400, by_number, "Refused")
        return broken

    def _list(self, path: str, query: str) -> HttpResponse:
        asked = dict(parse_qsl(query, strict_parsing=True))
        assert asked.keys() <= _ASKED, f"the API has no {sorted(asked.keys() - _ASKED)}"
        chosen = [one for one in reversed(self.kept) if _is_asked_for(one, asked)]
        size, begin = min(int(asked.get("PageSize", SHORT)), self.page), int(asked.get("Page", 0)) * self.page
        more = f"{path}?{query}&Page={begin // self.page + 1}" if begin + size < len(chosen) else None
        messages = [self._shown(one) for one in chosen[begin : begin + size]]
        return answered_json(200, {"messages": messages, "next_page_uri": more, "page_size": size})

    def _shown(self, one: Kept) -> dict[str, object]:
        waiting = one.status == "queued"
        return {
            "sid": one.sid,
            "account_sid": ACCOUNT,
            "from": one.sender,
            "to": one.to,
            "body": one.body,
            "direction": one.direction,
            "status": one.status,
            "error_code": one.error,
            "num_media": str(len(one.media)),
            "date_created": _stamp(one.at),
            "date_sent": None if waiting else _stamp(one.at),
            "date_updated": _stamp(one.at),
        }

    def _files(self, one: Kept) -> list[dict[str, object]]:
        names = [url.rpartition("/")[2] for url in one.media]
        path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{one.sid}/Media"
        return [{"sid": name, "content_type": "image/jpeg", "uri": f"{path}/{name}.json"} for name in names]

    # --- what happens -------------------------------------------------------------------------------------------------
    def know(self, left: Left, state: Literal["sent", "delivered", "failed"]) -> None:
        one = next(kept for kept in self.kept if kept.sid == left.id)
        one.status, one.error = _WORDS[state], 30003 if state == "failed" else None

    def report(self, left: Left, state: Literal["sent", "delivered", "failed"]) -> HttpResponse:
        self.know(left, state)
        assert left.callback is not None, "no StatusCallback was sent"
        told = {"MessageSid": left.id, "SmsSid": left.id, "MessageStatus": _WORDS[state], "SmsStatus": _WORDS[state]}
        error = {"ErrorCode": "30003"} if state == "failed" else {}
        about = {"AccountSid": ACCOUNT, "From": left.sender, "To": left.to, "ApiVersion": "2010-04-01"}
        return self.call(self.sign(posted_form(left.callback, {**told, **error, **about})))

    def bring(self, sender: str, to: str, text: str, *files: bytes) -> HttpResponse:
        """See :class:`convokit.testing.CarrierApi`. ``files``: what comes with it."""
        one = self._came(sender, to, text, files)
        told = {
            "MessageSid": one.sid,
            "SmsSid": one.sid,
            "SmsStatus": "received",
            "AccountSid": ACCOUNT,
            "From": sender,
            "To": to,
            "Body": text,
            "NumMedia": str(len(files)),
            "NumSegments": "1",
            "FromCity": "",
            "ApiVersion": "2010-04-01",
            **{f"MediaUrl{number}": url for number, url in enumerate(one.media)},
            **{f"MediaContentType{number}": "image/jpeg" for number in range(len(files))},
        }
        return self.call(self.sign(posted_form(self.hook, told)))

    def keep(self, sender: str, to: str, text: str, *files: bytes) -> None:
        self._came(sender, to, text, files)

    def opt_out(self, number: str) -> None:
        self.refuses[number] = 21610

    def _came(self, sender: str, to: str, text: str, files: tuple[bytes, ...]) -> Kept:
        sid, names = self._sid("MM" if files else "SM"), [self._sid("ME") for _ in files]
        self.files.update(zip(names, files, strict=True))
        base = f"{self.seen_at}/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}/Media"
        one = Kept(
            sid=sid,
            direction="inbound",
            sender=sender,
            to=to,
            body=text,
            media=tuple(f"{base}/{name}" for name in names),
            status="received",
            at=self.now(),
        )
        self.kept.append(one)
        return one

    def _sid(self, kind: str) -> str:
        return f"{kind}{next(self._ids):032x}"

    # --- signatures ---------------------------------------------------------------------------------------------------
    def sign(self, request: HttpRequest) -> HttpRequest:
        """A callback with Twilio's proof: by the shared key if there is one."""
        if "shared_key_id" in self.given:
            by = (("X-Twilio-Webhooks-Signature-Settings", f"key={SHARED_KEY},algorithm=HMAC_SHA256"),)
            return _signed(request, hashlib.sha256, SHARED_SECRET, by)
        return _signed(request, hashlib.sha1, TOKEN, ())


def _signed(
    request: HttpRequest, digest: Callable[..., object], key: str, more: tuple[tuple[str, str], ...]
) -> HttpRequest:
    """Written from Twilio's page on the security of webhooks, and apart from the plugin's own code."""
    posted = parse_qsl(request.body.decode(), keep_blank_values=True)
    whole = request.url + "".join(f"{name}{value}" for name, value in sorted(set(posted)))
    proof = base64.b64encode(hmac.new(key.encode(), whole.encode(), digest).digest()).decode()  # type: ignore[arg-type]
    return evolve(request, headers=(*request.headers, ("X-Twilio-Signature", proof), *more))


def _is_asked_for(one: Kept, asked: Mapping[str, str]) -> bool:
    sent = None if one.status == "queued" else one.at
    if "To" in asked and asked["To"] != one.to:
        return False
    if "From" in asked and asked["From"] != one.sender:
        return False
    if "DateSent>" in asked and (sent is None or sent < _instant(asked["DateSent>"])):
        return False
    return "DateSent<" not in asked or (sent is not None and sent <= _instant(asked["DateSent<"]))


def _instant(stamp: str) -> datetime:
    return datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%S%z")


def _stamp(at: datetime) -> str:
    return at.strftime("%a, %d %b %Y %H:%M:%S +0000")


def _is_web(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _error(status: int, code: int, words: str) -> HttpResponse:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return answered_json(status, {"code": code, "message": words, "more_info": more, "status": status})
