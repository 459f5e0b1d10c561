"""A desk with an app behind a pretended FCM: from the message to what the phone gets, and the access token's life."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from attrs import evolve
from convokit_push_fcm import Fcm, FcmSettings
from convokit_push_fcm.login import token_of
from convokit_push_fcm.testing import FcmApi, error, service_pem

import convokit
from convokit.errors import ConfigurationError
from convokit.outcomes import Refused, TryLater, Unsure
from convokit.ports.push import PushToken
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit.testing import PUSHED, answered_json

ANA = convokit.Client(id="c17", name="Ana Ruiz")
KIM = convokit.Staff(id="u1", name="Dr. Kim")
PHONE = "dQw4w9WgXcQ:APA91bH" + "a1B2-_" * 20
SECRET = "Bella's secret results"
TOKEN = PushToken(id="app-1", transport="fcm", value=PHONE, registered_us=0)


@pytest.fixture
def api() -> Iterator[FcmApi]:
    with FcmApi() as made:
        yield made


@pytest.fixture
def kit(api: FcmApi) -> Iterator[convokit.Convokit]:
    with convokit.open("memory:", plugins=["fcm"], settings={"fcm": api.settings()}) as made:
        made.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws"))
        made.practice("happy-paws").app_register(ANA.id, transport="fcm", token=PHONE)
        yield made


def write(kit: convokit.Convokit) -> convokit.Conversation:
    desk = kit.practice("happy-paws")
    talk = desk.start(client=ANA, channel="app", by=KIM)
    desk.send(talk.id, SECRET, by=KIM)
    kit.work()
    return talk


def test_the_phone_is_told_that_something_waits(kit: convokit.Convokit, api: FcmApi) -> None:
    talk = write(kit)
    (pushed,) = api.ledger
    assert pushed.token == PHONE
    assert pushed.message["notification"] == {"title": "Happy Paws", "body": "You have a new message."}
    assert pushed.message["data"] == {"conversation": talk.id}
    assert SECRET not in str(pushed.message)


def test_an_app_that_was_removed_is_forgotten(kit: convokit.Convokit, api: FcmApi) -> None:
    api.answers[PHONE] = error(404, "NOT_FOUND", "UNREGISTERED")
    write(kit)
    assert kit.practice("happy-paws").app_registrations(ANA.id) == ()


def test_an_access_token_serves_until_it_is_old_or_not_believed(kit: convokit.Convokit, api: FcmApi) -> None:
    talk, desk = write(kit), kit.practice("happy-paws")
    desk.send(talk.id, "Please call us.", by=KIM)
    kit.work()
    assert (api.logins, len(api.ledger)) == (1, 2)
    api.revoke()
    desk.send(talk.id, "It is not urgent.", by=KIM)
    kit.work()
    (owed,) = kit.store.due_jobs(2**62, 9)
    assert (owed.tries, len(api.ledger)) == (1, 2)
    desk.send(talk.id, "Thank you.", by=KIM)
    kit.work()
    assert (api.logins, len(api.ledger)) == (2, 3)


def test_a_token_is_asked_for_again_before_it_ends() -> None:
    fcm = Fcm(FcmSettings(**SETTINGS))  # type: ignore[arg-type]  # texts
    urls = []
    for seconds in (0, 3_200, 3_400, 10):  # the last one: the clock went back
        moment = evolve(PUSHED, at_us=PUSHED.at_us + seconds * 1_000_000)
        pushing = fcm.push(TOKEN, moment)
        request = next(pushing)
        urls.append(request.url.rpartition("/")[2])
        if urls[-1] == "token":
            pushing.send(answered_json(200, {"access_token": "ya29", "expires_in": 3_600}))
    assert urls == ["token", "messages:send", "token", "token"]


SETTINGS = {
    "project_id": "happy-paws-app",
    "client_email": "desk@p.iam.gserviceaccount.com",
    "private_key": service_pem(),
}


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (NoAnswer(why="refused", request_left=False), TryLater(raw="refused")),
        (HttpResponse(status=401), Refused(reason="account_problem", raw="login: 401")),
        (HttpResponse(status=500), TryLater(raw="login: 500")),
        (HttpResponse(status=200, body=b"<html>"), Unsure(why="login: 200, and no token")),
        (HttpResponse(status=302), Unsure(why="login: 302, and no token")),
        (answered_json(200, {"access_token": "a b", "expires_in": 9}), Unsure(why="login: 200, and no token")),
        (answered_json(200, {"access_token": "ya29", "expires_in": "9"}), Unsure(why="login: 200, and no token")),
        (answered_json(200, {"access_token": "ya29", "expires_in": 10**9}), ("ya29", 86_400)),
    ],
)
def test_what_a_login_may_answer(answer: HttpResponse | NoAnswer, wanted: object) -> None:
    assert token_of(answer) == wanted


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("project_id", "Happy Paws"),
        ("client_email", "desk"),
        ("private_key", "hidden"),
        ("private_key", "-----BEGIN PRIVATE KEY-----\nhidden\n-----END PRIVATE KEY-----\n"),
        ("private_key", "hidden é"),
        ("base_url", "http://fcm.googleapis.com"),
        ("token_url", "ftp://hidden"),
    ],
)
def test_p19_unusable_values_are_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        FcmSettings(**{**SETTINGS, name: value})
    assert (refused.value.code, refused.value.field) == ("settings.invalid", name)
    assert "hidden" not in f"{refused.value} {refused.value!r}"


def test_line_breaks_may_be_written_as_in_the_file() -> None:
    made = FcmSettings(**{**SETTINGS, "private_key": service_pem().replace("\n", "\\n")})
    assert "PRIVATE" not in repr(made)
    assert next(Fcm(made).push(TOKEN, PUSHED)).url == "https://oauth2.googleapis.com/token"


# --- the pretended service itself -------------------------------------------------------------------------------------


def a_push(api: FcmApi, path: str = "", **given: object) -> HttpResponse:
    """What is answered to a message that is signed in, with some of it changed."""
    pushing = Fcm(FcmSettings(**api.settings())).push(TOKEN, evolve(PUSHED, at_us=int(api.now().timestamp() * 1e6)))
    request = pushing.send(api.answer(next(pushing)))
    told = {"method": "POST", "url": request.url + path, "headers": request.headers, "body": request.body, **given}
    return api.answer(HttpRequest(**told))  # type: ignore[arg-type]  # as the cases name them


def test_the_pretended_service_is_strict(api: FcmApi) -> None:
    assert a_push(api).status == 200
    assert a_push(api, "x").status == 404
    assert a_push(api, headers=()).status == 401
    assert a_push(api, body=b'{"message": {}}').status == 400
    assert a_push(api, body=b'{"message": {}, "validate_only": true}').status == 400
    assert api.answer(HttpRequest(method="POST", url=f"{api.url}/token", body=b"assertion=x")).status == 400
    login = Fcm(FcmSettings(**{**api.settings(), "client_email": "other@p.iam.gserviceaccount.com"}))
    asked = next(login.push(TOKEN, evolve(PUSHED, at_us=int(api.now().timestamp() * 1e6))))
    assert api.answer(asked).status == 400
