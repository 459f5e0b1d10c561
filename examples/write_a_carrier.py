"""A carrier plugin, whole: what an author writes, then a day with it against a pretend provider on this machine.

In a package of its own the hook at the end of part 1 is a function of the module, and pyproject.toml names the module:

    [project.entry-points.convokit]
    acme = "convokit_sms_acme"
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar, Final, Literal

from attrs import field, frozen

import convokit
from convokit.outcomes import Accepted, Refused, TryLater, Unsure
from convokit.plugins import hookimpl
from convokit.plugins.checks import revealed, strong
from convokit.ports.secret import Secret, secret
from convokit.ports.sms import (
    Capabilities,
    Conversation,
    DeliveryReport,
    InboundText,
    OutboundText,
    SmsGatewayOffer,
    Unreadable,
    Unverified,
    Verified,
    WebhookReading,
)
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer

# ---------------------------------------------------------------- 1. the plugin: values in, values out, no I/O

STATUSES: Final[dict[str, tuple[Literal["sent", "delivered", "failed"], str | None]]] = {
    "SENT": ("sent", None),
    "DELIVERED": ("delivered", None),
    "LANDLINE": ("failed", "landline"),
    "STOPPED": ("failed", "opted_out"),
}
"""The provider's words in ours. A word that is not here moves no check; it is kept raw."""


@frozen(kw_only=True)
class AcmeSettings:
    """What a practice must configure; checked when the carrier is chosen. Secrets never show in a repr."""

    send_url: str
    api_key: Secret[str] = field(converter=secret)
    webhook_secret: Secret[str] = field(converter=secret, validator=revealed(strong))


@frozen
class AcmeGateway:
    settings: AcmeSettings

    def send(self, message: OutboundText) -> Conversation:
        """Ask, get the answer back, say how it went. The kit has the HTTP client; a POST is never repeated by it."""
        body = {
            "from": message.sender,
            "to": message.to,
            "text": message.text,
            "reference": message.id,
            "callback": message.callback_url,
        }
        answer = yield HttpRequest(
            method="POST",
            url=self.settings.send_url,
            headers=(
                ("Content-Type", "application/json"),
                ("Authorization", f"Bearer {self.settings.api_key.reveal()}"),
            ),
            body=json.dumps(body).encode(),
        )
        match answer:
            case NoAnswer(request_left=True):
                return Unsure(why=answer.why)  # the text may be on its way: never send it again by yourself
            case NoAnswer():
                return TryLater(raw=answer.why)
            case HttpResponse(status=201):
                return Accepted()  # the reference comes back in the reports, so the provider's own id is not needed
            case HttpResponse(status=429):
                return TryLater(raw="429")
            case HttpResponse(status=400 | 422):
                return Refused(reason="content_rejected", raw=f"{answer.status}")
            case HttpResponse(status=401 | 403):
                return Refused(reason="account_problem", raw=f"{answer.status}")
        return Unsure(why=f"unexpected answer {answer.status}")

    def read_webhook(self, request: HttpRequest) -> WebhookReading:
        """Verify the raw bytes first, in constant time; then read what happened."""
        given = (request.header("X-Acme-Signature") or "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, signature(self.settings.webhook_secret.reveal(), request.body)):
            return Unverified(why="wrong or missing signature")
        try:
            said = json.loads(request.body)
        except (ValueError, RecursionError):
            said = None
        match said:
            case {"id": str(number), "from": str(sender), "to": str(to), "text": str(text)}:
                return Verified(events=(InboundText(provider_id=number, sender=sender, to=to, text=text),))
            case {"reference": str(reference), "status": str(word)}:
                state, reason = STATUSES.get(word, (None, None))
                report = DeliveryReport(attempt_id=reference, provider_id=None, state=state, reason=reason, raw=word)
                return Verified(events=(report,))
        return Unreadable(why="neither a text nor a report")


def signature(secret: str, body: bytes) -> bytes:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()


class AcmePlugin:
    name = "acme"

    @hookimpl
    def convokit_sms_gateways(self) -> list[SmsGatewayOffer]:
        able = Capabilities(delivery_reports=True, inbound=True)
        return [SmsGatewayOffer(name="acme", settings=AcmeSettings, build=AcmeGateway, capabilities=able)]


# ---------------------------------------------------------------- 2. a pretend provider, listening on this machine

SHARED = "shared with the provider only"


class Provider(BaseHTTPRequestHandler):
    """Takes every text that comes with the right key."""

    texts: ClassVar[list[dict[str, str]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        known = self.headers["Authorization"] == "Bearer key-of-happy-paws"
        if known:
            self.texts.append(json.loads(body))
        self.send_response(201 if known else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def call_back(kit: convokit.Convokit, url: str, secret: str = SHARED, **news: str) -> int:
    """What the provider does when there is news. A host's web framework hands such a request to ``kit.webhook``."""
    body = json.dumps(news).encode()
    headers = (("X-Acme-Signature", signature(secret, body).decode()),)
    return kit.webhook(convokit.HttpRequest(method="POST", url=url, headers=headers, body=body)).status


# ---------------------------------------------------------------- 3. the practice's day


def play(kit: convokit.Convokit) -> None:
    kit.add_practice(
        convokit.Practice(
            id="happy-paws", name="Happy Paws", time_zone="America/Denver", region="US", numbers=["+13035550100"]
        )
    )
    desk, kim = kit.practice("happy-paws"), convokit.Staff(id="u1", name="Dr. Kim")
    ana = convokit.Client(id="c17", name="Ana Ruiz", phone="(303) 555-0123")
    talk = desk.start(client=ana, channel="sms", title="Lab results", by=kim)
    sent = desk.send(talk.id, "Bella's results are in. All good! 🐶", by=kim)

    def show() -> None:
        mark = desk.message(sent.id).indicator
        print(f"  the front desk sees: {mark.label if mark else ''}")

    show()
    kit.work()
    show()
    (text,) = Provider.texts
    print(f"Ana reads: {text['text']}")
    call_back(kit, text["callback"], reference=text["reference"], status="DELIVERED")
    show()
    for _ in range(2):  # providers repeat themselves
        call_back(kit, text["callback"], id="in-1", **{"from": text["to"]}, to=text["from"], text="Great, thank you!")
    print(f"  the inbox shows: {[(row.last_text, row.unread) for row in desk.inbox(unread=True).items]}")
    forged = call_back(kit, text["callback"], "a guess", reference=text["reference"], status="LANDLINE")
    print(f"A forged report is answered with {forged}.")


def main() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Provider) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        settings = {"send_url": f"{address}/messages", "api_key": "key-of-happy-paws", "webhook_secret": SHARED}
        with convokit.open(
            "memory:", plugins=[AcmePlugin()], settings={"acme": settings}, public_url="https://desk.example/hooks"
        ) as kit:
            play(kit)
        server.shutdown()


if __name__ == "__main__":
    main()
