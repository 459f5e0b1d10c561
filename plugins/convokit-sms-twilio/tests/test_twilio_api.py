"""The pretended API is what the official SDK expects, and as strict as the real one."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from convokit_sms_twilio import TwilioGateway, TwilioSettings
from convokit_sms_twilio.testing import ACCOUNT, TOKEN, TwilioApi
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from convokit.outcomes import Accepted
from convokit.ports.sms import OutboundText
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.testing import answered

OURS, ANA = "+13035550100", "+13035550123"
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
BASIC = f"Basic {base64.b64encode(f'{ACCOUNT}:{TOKEN}'.encode()).decode()}"


class ToThisMachine(TwilioHttpClient):  # type: ignore[misc]  # the SDK's classes have no types here
    """The SDK's own client, with another address for Twilio's."""

    def __init__(self, url: str) -> None:
        super().__init__(timeout=20)
        self.url = url

    def request(self, method: str, url: str, *given: Any, **named: Any) -> Any:
        return super().request(method, url.replace("https://api.twilio.com", self.url), *given, **named)


@pytest.fixture
def api() -> Iterator[TwilioApi]:
    with TwilioApi() as running:
        yield running


@pytest.fixture
def sdk(api: TwilioApi) -> Iterator[Client]:
    http = ToThisMachine(api.url)
    yield Client(ACCOUNT, TOKEN, http_client=http)
    if http.session is not None:
        http.session.close()


def test_the_sdk_sends_and_lists(api: TwilioApi, sdk: Client) -> None:
    now = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
    api.now = lambda: now
    sent = sdk.messages.create(to=ANA, from_=OURS, body="¿Bien? 🐶", status_callback="https://desk.example/x?id=1")
    api.keep(ANA, OURS, "Look!", b"a picture")
    assert [(left.id, left.text, left.callback) for left in api.ledger] == [
        (sent.sid, "¿Bien? 🐶", "https://desk.example/x?id=1")
    ]
    api.know(api.ledger.lines()[0], "delivered")
    (mine,) = sdk.messages.list(from_=OURS, to=ANA, date_sent_after=now - timedelta(hours=1))
    assert (mine.sid, mine.status, mine.body, mine.date_sent, mine.direction) == (
        sent.sid,
        "delivered",
        "¿Bien? 🐶",
        now,
        "outbound-api",
    )
    (theirs,) = sdk.messages.list(to=OURS, date_sent_before=now + timedelta(hours=1))
    assert (theirs.direction, theirs.num_media, theirs.status) == ("inbound", "1", "received")
    assert sdk.messages.list(to=OURS, date_sent_after=now + timedelta(seconds=1)) == []
    (file,) = sdk.messages(theirs.sid).media.list()
    assert file.uri.endswith(f"/Messages/{theirs.sid}/Media/{file.sid}.json")


def test_what_the_plugin_sends_the_sdk_finds(api: TwilioApi, sdk: Client) -> None:
    given = dict(api.settings(api.url))
    talk = TwilioGateway(TwilioSettings(**given)).send(OutboundText(id="m_1.1", sender=OURS, to=ANA, text="Hi"))
    request = next(talk)
    answer = api.answer(request)
    with pytest.raises(StopIteration) as stop:
        talk.send(answer)
    assert isinstance(stop.value.value, Accepted)
    (found,) = sdk.messages.list()
    assert (found.sid, found.status, found.date_sent) == (stop.value.value.provider_id, "queued", None)


def test_pages_follow_one_another(api: TwilioApi, sdk: Client) -> None:
    api.page = 2
    for number in range(5):
        api.keep(ANA, OURS, str(number))
    assert [one.body for one in sdk.messages.list(to=OURS)] == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"To": ""}, 21604),
        ({"To": "13035550123"}, 21211),
        ({"To": "+0"}, 21211),
        ({"From": ""}, 21603),
        ({"From": "clinic"}, 21606),
        ({"Body": ""}, 21602),
        ({"Body": "y" * 1_601}, 21617),
        ({"MediaUrl": ["https://desk.example/x"] * 11}, 21623),
        ({"MediaUrl": ["file:///x"]}, 21620),
        ({"StatusCallback": "desk.example"}, 21609),
        ({"MessagingServiceSid": "MG1"}, 21701),
        ({"To": "+13035550199"}, 21610),
    ],
)
def test_it_refuses_what_twilio_refuses(api: TwilioApi, changed: dict[str, Any], code: int) -> None:
    api.opt_out("+13035550199")
    answer = api.answer(post({"To": ANA, "From": OURS, "Body": "Hi", **changed}))
    assert answer.status == 400
    assert f'"code": {code}'.encode() in answer.body
    assert not list(api.ledger)


def post(form: dict[str, Any], **headers: str) -> HttpRequest:
    given = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": BASIC, **headers}
    body = urlencode(form, doseq=True).encode()
    return HttpRequest(method="POST", url=f"http://h{PATH}", headers=tuple(given.items()), body=body)


def test_it_knows_its_own_parameters_only(api: TwilioApi) -> None:
    with pytest.raises(AssertionError, match="Bdy"):
        api.answer(post({"To": ANA, "From": OURS, "Bdy": "Hi"}))
    with pytest.raises(AssertionError, match="twice"):
        api.answer(post({"To": [ANA, OURS], "From": OURS, "Body": "Hi"}))
    asked = HttpRequest(method="GET", url=f"http://h{PATH}?Datesent=2027-01-15", headers=(("Authorization", BASIC),))
    with pytest.raises(AssertionError, match="Datesent"):
        api.answer(asked)


def test_it_throttles_by_its_own_status(api: TwilioApi, sdk: Client) -> None:
    api.refuses[ANA] = 20429
    with pytest.raises(TwilioRestException) as refused:
        sdk.messages.create(to=ANA, from_=OURS, body="Hi")
    assert (refused.value.status, refused.value.code) == (429, 20429)


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", PATH, {"Authorization": "Basic eDp5"}, 401),
        ("GET", PATH, {}, 200),
        ("DELETE", PATH, {}, 404),
        ("GET", "/2010-04-01/Accounts/AC1/Messages.json", {}, 404),
        ("GET", PATH.replace(".json", "/SM1.json"), {}, 404),
        ("POST", PATH, {"Content-Type": "application/json"}, 400),
    ],
)
def test_who_may_do_what(api: TwilioApi, method: str, path: str, headers: dict[str, str], status: int) -> None:
    given = {"Authorization": BASIC, **headers}
    answer = api.answer(HttpRequest(method=method, url=f"http://h{path}", headers=tuple(given.items())))
    assert answer.status == status


def test_its_callbacks_reach_the_host_signed(api: TwilioApi) -> None:
    heard: list[HttpRequest] = []

    def host(request: HttpRequest) -> HttpResponse:
        heard.append(request)
        return answered(200)

    api.host, api.hook = host, "https://desk.example/x"
    api.bring(ANA, OURS, "Hi")
    (request,) = heard
    gateway = TwilioGateway(TwilioSettings(**dict(api.settings(api.url))))  # type: ignore[arg-type]
    assert "Unverified" not in repr(gateway.read_webhook(request))
