"""Pigeon: a carrier that does everything right, with all capabilities, and the rows that show it.

Clients' texts come as signed forms, reports as signed JSON, so that both kinds of callback are there. Broken plugins
are made of it by changing one thing.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Final, Literal
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from attrs import evolve, field, frozen
from attrs.validators import matches_re

from convokit.domain.attachment import MediaLimits
from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.ports.carrier_tools import is_id
from convokit.ports.sms import (
    Capabilities,
    Conversation,
    DeliveryReport,
    Event,
    InboundFile,
    InboundText,
    OutboundFile,
    OutboundText,
    SmsGatewayOffer,
    Unreadable,
    Unverified,
    Verified,
    WebhookReading,
)
from convokit.ports.sms_asking import (
    Fetching,
    Found,
    ListedText,
    Looking,
    Polled,
    Polling,
    UncertainText,
)
from convokit.ports.strict_json import read_json
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit.testing import (
    CALLBACK_URL,
    MESSAGE,
    RECEIVED_US,
    Asked,
    CallbackRow,
    FetchRow,
    LookUpRow,
    PollRow,
    SendRow,
    Signature,
    SmsGatewayContract,
    answered,
    answered_json,
    posted_form,
    posted_json,
)

API: Final = "https://api.pigeon.example/texts"
HOSTS: Final = ("api.pigeon.example", "*.cdn.pigeon.example")
REASONS: Final = {
    "no-line": "invalid_number",
    "landline": "landline",
    "stopped": "opted_out",
    "spam": "carrier_filtered",
    "unregistered": "sender_unregistered",
    "bad-key": "account_problem",
}
STATES: Final[dict[str, Literal["sent", "delivered", "failed"]]] = {
    "flying": "sent",
    "arrived": "delivered",
    "lost": "failed",
}
SECOND_US: Final = 1_000_000


@frozen(kw_only=True)
class PigeonSettings:
    api_key: str = field(repr=False, validator=matches_re(r"[!-~]{8,}"))
    signing_secret: str = field(repr=False, validator=matches_re(r"[!-~]{8,}"))


@frozen
class Pigeon:
    settings: PigeonSettings

    def send(self, message: OutboundText) -> Conversation:
        text = {"ref": message.id, "from": message.sender, "to": message.to, "text": message.text}
        if message.callback_url is not None:
            text["callback"] = message.callback_url
        told: dict[str, object] = {**text, **({"media": [file.url for file in message.media]} if message.media else {})}
        answer = yield HttpRequest(
            method="POST",
            url=API,
            headers=(
                ("Authorization", f"Bearer {self.settings.api_key}"),
                ("Content-Type", "application/json"),
                ("Idempotency-Key", message.id),
            ),
            body=json.dumps(told).encode(),
        )
        return outcome_of(answer)

    def read_webhook(self, request: HttpRequest) -> WebhookReading:
        if not self.is_signed(request):
            return Unverified(why="signature")
        try:
            return Verified(events=(self.event_of(request),))
        except (ValueError, KeyError, TypeError, AttributeError):
            return Unreadable(why="not an event of Pigeon")

    def is_signed(self, request: HttpRequest) -> bool:
        given = (request.header("X-Pigeon-Signature") or "").encode("utf-8", "surrogatepass")
        stamp = request.header("X-Pigeon-Time") or ""
        if not is_fresh(stamp, request.received_us):
            return False
        expected = signature_of(self.settings.signing_secret, stamp, request)
        return expected is not None and hmac.compare_digest(given, expected.encode())

    def event_of(self, request: HttpRequest) -> Event:
        if is_form(request):
            return text_of(dict(fields_of(request.body)))
        told = read_json(request.body)
        if not isinstance(told, dict):
            raise ValueError("no object")
        return report_of(told)

    def look_up(self, text: UncertainText) -> Looking:
        since = str(text.begun_us // SECOND_US - 60)
        told = list_of((yield self.get("", {"to": text.to, "since": since})))
        if told is None:
            return TryLater(raw="no list")
        return Found(reports=tuple(report_of(one) for one in told if one["ref"] == text.id))

    def poll(self, numbers: tuple[str, ...], since_us: int, until_us: int) -> Polling:
        events: list[Event | ListedText] = []
        for number in numbers:
            query = {"number": number, "since": str(since_us // SECOND_US), "until": str(until_us // SECOND_US)}
            told = list_of((yield self.get("/events", query)))
            if told is None:
                return TryLater(raw="no list")
            events.extend(map(told_of, told))
        return Polled(events=tuple(events), until_us=until_us)

    def fetch_text(self, listed: ListedText) -> Fetching:
        answer = yield self.get(f"/{listed.provider_id}", {})
        if isinstance(answer, HttpResponse) and answer.status == 404:
            return None
        told = list_of(answer)
        return text_of(told[0]) if told else TryLater(raw="no text")  # type: ignore[arg-type]

    def get(self, path: str, query: dict[str, str]) -> HttpRequest:
        url = f"{API}{path}?{urlencode(query)}".rstrip("?")
        return HttpRequest(method="GET", url=url, headers=(("Authorization", f"Bearer {self.settings.api_key}"),))

    def media_request(self, url: str) -> HttpRequest:
        try:
            host = urlsplit(url).hostname or ""
        except ValueError:
            host = ""
        known = host == HOSTS[0] or host.endswith(HOSTS[1][1:])
        headers = (("Authorization", f"Bearer {self.settings.api_key}"),) if known else ()
        return HttpRequest(method="GET", url=url, headers=headers)


def list_of(answer: HttpResponse | NoAnswer) -> list[dict[str, object]] | None:
    """Events, if it is a list of nothing else."""
    if isinstance(answer, NoAnswer) or answer.status != 200:
        return None
    try:
        told = read_json(answer.body)
    except ValueError:
        return None
    if not isinstance(told, list):
        return None
    wanted = {"ref", "state"}, {"id", "from", "to", "text"}
    good = all(isinstance(one, dict) and any(names <= one.keys() for names in wanted) for one in told)
    return told if good else None


def told_of(one: dict[str, object]) -> Event | ListedText:
    """Files are not in the list: of a text that has some it says only that it came."""
    if one.get("files"):
        return ListedText(provider_id=str(one["id"]), to=str(one["to"]))
    return text_of(one) if "text" in one else report_of(one)  # type: ignore[arg-type]


def is_form(request: HttpRequest) -> bool:
    return (request.header("Content-Type") or "").startswith("application/x-www-form-urlencoded")


def fields_of(body: bytes) -> list[tuple[str, str]]:
    return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=200)


def signature_of(secret: str, stamp: str, request: HttpRequest) -> str | None:
    """The URL, then the parameters of a form in order, or the raw body."""
    try:
        said = repr(sorted(fields_of(request.body))).encode() if is_form(request) else request.body
    except ValueError:
        return None
    whole = f"{stamp}\n{request.url}\n".encode("utf-8", "surrogatepass") + said
    return hmac.new(secret.encode(), whole, hashlib.sha256).hexdigest()


def is_fresh(stamp: str, received_us: int | None) -> bool:
    if received_us is None or not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):
        return False
    return abs(int(stamp) * SECOND_US - received_us) <= 300 * SECOND_US


def outcome_of(answer: HttpResponse | NoAnswer) -> Outcome:
    if isinstance(answer, NoAnswer):
        return Unsure(why=answer.why[:500]) if answer.request_left else TryLater(raw=answer.why[:500])
    if answer.status == 429:
        return TryLater(raw="429", after=seconds_of(answer.header("Retry-After")))
    try:
        told = read_json(answer.body)
        if isinstance(told, dict) and answer.status == 201 and is_id(told["id"]):
            return Accepted(provider_id=told["id"])
        if isinstance(told, dict) and 400 <= answer.status < 500 and isinstance(told["error"], str):
            return Refused(reason=REASONS.get(told["error"], "unknown"), raw=f"{answer.status} {told['error']}"[:500])
    except (ValueError, KeyError):
        pass
    return Unsure(why=f"an answer without sense, status {answer.status}")


def seconds_of(value: str | None) -> int | None:
    if value is None or not (value.isascii() and value.isdecimal() and len(value) < 10):
        return None
    return min(int(value), 86_400)


def text_of(given: Mapping[str, str]) -> InboundText:
    media = tuple(InboundFile(url=value) for name, value in given.items() if name.startswith("media"))
    known, sender, to = given["id"], given["from"], given["to"]
    if not (is_id(known) and is_id(sender) and is_id(to)):
        raise ValueError("no text")
    return InboundText(provider_id=known, sender=sender, to=to, text=given["text"], media=media)


def report_of(given: Mapping[str, object]) -> DeliveryReport:
    word, why = str(given["state"])[:60], given.get("why", "")
    if not is_id(given["ref"]) or not isinstance(why, str):
        raise ValueError("no report")
    state = STATES.get(word)
    return DeliveryReport(
        attempt_id=given["ref"],
        provider_id="p9",
        state=state,
        reason=REASONS.get(why, "unknown") if state == "failed" else None,
        raw=f"{word} {why}".strip()[:500],
    )


CAPABILITIES: Final = Capabilities(
    looks_up=True,
    polls=True,
    delivery_reports=True,
    inbound=True,
    answers_stop=True,
    answers_help=True,
    idempotent_send=True,
    mms=MediaLimits(types=frozenset({"image/jpeg"}), bytes_each=1_000_000, bytes_together=1_000_000),
    media_hosts=HOSTS,
)
OFFER: Final = SmsGatewayOffer(name="pigeon", settings=PigeonSettings, build=Pigeon, capabilities=CAPABILITIES)
SETTINGS: Final = {"api_key": "pk_live_4711aa", "signing_secret": "whsec_0815bb"}
PHOTO: Final = OutboundFile(
    url="https://desk.example/media/secret-link", media_type="image/jpeg", size=7, sha256="0" * 64, name="bella.jpg"
)


def signed(request: HttpRequest) -> HttpRequest:
    stamp = str((request.received_us or RECEIVED_US) // SECOND_US)
    proof = signature_of(SETTINGS["signing_secret"], stamp, request) or "none"
    return evolve(request, headers=(*request.headers, ("X-Pigeon-Time", stamp), ("X-Pigeon-Signature", proof)))


def inbound(text: str, **more: str) -> HttpRequest:
    fields = {"id": "in-1", "from": "+13035550123", "to": "+13035550100", "text": text, **more}
    return posted_form(CALLBACK_URL, fields)


def report(state: str, why: str = "") -> HttpRequest:
    return posted_json(CALLBACK_URL, {"ref": MESSAGE.id, "state": state, "why": why})


def came(text: str, *urls: str) -> tuple[InboundText]:
    media, known = tuple(InboundFile(url=url) for url in urls), "in-2" if urls else "in-1"
    return (InboundText(provider_id=known, sender="+13035550123", to="+13035550100", text=text, media=media),)


def reported(state: str | None, raw: str, reason: str | None = None) -> tuple[DeliveryReport]:
    known: dict[str, object] = {"attempt_id": MESSAGE.id, "provider_id": "p9"}
    return (DeliveryReport(**known, state=state, reason=reason, raw=raw),)  # type: ignore[arg-type]


def refused(error: str, shows: str, status: int = 422) -> SendRow:
    return SendRow(
        label=error,
        shows=shows,
        answers=(answered_json(status, {"error": error}),),
        outcome=Refused(reason=REASONS[error], raw=f"{status} {error}"),
    )


SENT: Final = {
    "ref": MESSAGE.id,
    "from": MESSAGE.sender,
    "to": MESSAGE.to,
    "text": MESSAGE.text,
    "callback": CALLBACK_URL,
}
ROWS: Final = (
    SendRow(
        label="taken",
        shows="accepted",
        answers=(answered_json(201, {"id": "p9"}),),
        outcome=Accepted(provider_id="p9"),
        asks=(Asked(url=API, headers={"Authorization": f"Bearer {SETTINGS['api_key']}"}, json=SENT),),
    ),
    SendRow(
        label="with a photo",
        answers=(answered_json(201, {"id": "p9"}),),
        outcome=Accepted(provider_id="p9"),
        message=evolve(MESSAGE, media=(PHOTO,)),
        asks=(Asked(url=API, json={**SENT, "media": [PHOTO.url]}),),
    ),
    refused("no-line", "bad number"),
    refused("landline", "landline"),
    refused("stopped", "opted out"),
    refused("bad-key", "wrong credentials", 401),
    SendRow(
        label="slow down",
        shows="throttled, with Retry-After",
        answers=(answered(429, "", {"Retry-After": "30"}),),
        outcome=TryLater(raw="429", after=30),
    ),
    SendRow(
        label="slow down, no more said",
        shows="throttled, without Retry-After",
        answers=(answered(429),),
        outcome=TryLater(raw="429"),
    ),
    SendRow(
        label="down",
        shows="server error",
        answers=(answered(503, "down"),),
        outcome=Unsure(why="an answer without sense, status 503"),
    ),
    SendRow(
        label="half an answer",
        shows="unreadable answer",
        answers=(answered(201, '{"id":'),),
        outcome=Unsure(why="an answer without sense, status 201"),
    ),
    SendRow(
        label="a login page",
        shows="HTML with 200",
        answers=(answered(200, "<html>"),),
        outcome=Unsure(why="an answer without sense, status 200"),
    ),
)
CALLBACKS: Final = (
    CallbackRow(label="a text", request=inbound("How is Bella?"), reads=came("How is Bella?")),
    CallbackRow(label="a stop", request=inbound("STOP"), reads=came("STOP")),
    CallbackRow(label="a call for help", request=inbound("HELP"), reads=came("HELP")),
    CallbackRow(
        label="a photo",
        request=inbound("", id="in-2", media0=f"https://x.cdn.pigeon.example/{quote('a b.jpg')}"),
        reads=came("", "https://x.cdn.pigeon.example/a%20b.jpg"),
    ),
    CallbackRow(label="flying", shows="report: sent", request=report("flying"), reads=reported("sent", "flying")),
    CallbackRow(
        label="arrived", shows="report: delivered", request=report("arrived"), reads=reported("delivered", "arrived")
    ),
    CallbackRow(
        label="stopped by a filter",
        shows=("report: failed", "filtered"),
        request=report("lost", "spam"),
        reads=reported("failed", "lost spam", "carrier_filtered"),
    ),
    CallbackRow(
        label="not registered",
        shows="unregistered sender",
        request=report("lost", "unregistered"),
        reads=reported("failed", "lost unregistered", "sender_unregistered"),
    ),
    CallbackRow(
        label="a new word", shows="report: unknown word", request=report("resting"), reads=reported(None, "resting")
    ),
    CallbackRow(label="no event", request=posted_json(CALLBACK_URL, {"kind": "invoice"}), reads=None),
)


CAME: Final = {"id": "in-1", "from": "+13035550123", "to": "+13035550100", "text": "How is Bella?"}
WITH_FILES: Final = {**CAME, "id": "in-2", "text": "", "files": 1}
ARRIVED: Final = {"ref": MESSAGE.id, "state": "arrived"}
LOOKED: Final = f"{API}?to=%2B13035550123&since=1799999940"
POLLED: Final = f"{API}/events?number=%2B13035550100&since=1799996400&until=1800000000"
LOOK_UPS: Final = (
    LookUpRow(
        label="it has it",
        answers=(answered_json(200, [{"ref": "other", "state": "flying"}, ARRIVED]),),
        outcome=Found(reports=reported("delivered", "arrived")),
        asks=(Asked(method="GET", url=LOOKED, headers={"Authorization": f"Bearer {SETTINGS['api_key']}"}),),
    ),
    LookUpRow(label="it has nothing", answers=(answered_json(200, []),), outcome=Found()),
)
LISTED: Final = ListedText(provider_id="in-2", to="+13035550100")
FETCHES: Final = (
    FetchRow(
        label="the one with files",
        listed=LISTED,
        answers=(answered_json(200, [{**WITH_FILES, "media0": "https://x.cdn.pigeon.example/a%20b.jpg"}]),),
        outcome=came("", "https://x.cdn.pigeon.example/a%20b.jpg")[0],
        asks=(Asked(method="GET", url=f"{API}/in-2"),),
    ),
    FetchRow(label="it is gone", listed=LISTED, answers=(answered(404),), outcome=None),
)
POLLS: Final = (
    PollRow(
        label="a text, one with files, and a report",
        answers=(answered_json(200, [CAME, WITH_FILES, ARRIVED]),),
        outcome=Polled(
            events=(*came("How is Bella?"), LISTED, *reported("delivered", "arrived")), until_us=1_800_000_000_000_000
        ),
        asks=(Asked(method="GET", url=POLLED),),
    ),
)


class PigeonContract(SmsGatewayContract):
    offer = OFFER
    settings = SETTINGS
    secrets = ("api_key", "signing_secret")
    sends = ROWS
    callbacks = CALLBACKS
    look_ups = LOOK_UPS
    polls = POLLS
    fetches = FETCHES
    signatures = (
        Signature(
            label="HMAC-SHA256",
            sign=signed,
            headers=("X-Pigeon-Signature", "X-Pigeon-Time"),
            any_order=True,
            seconds=300,
        ),
    )

    def make_inbound(self, text: str) -> HttpRequest:
        return inbound(text)
