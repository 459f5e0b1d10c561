"""A desk with an iPhone behind a pretended APNs, over TLS and HTTP/2; and the life of our signature."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from attrs import evolve
from convokit_push_apns import Apns, ApnsSettings
from convokit_push_apns.testing import KEY_ID, TEAM, TOPIC, ApnsApi, fresh_pem, said

import convokit
from convokit.errors import ConfigurationError
from convokit.ports.push import PushToken
from convokit.ports.wire import HttpRequest
from convokit.runtime.world import system_clock
from convokit.testing import PUSHED

ANA = convokit.Client(id="c17", name="Ana Ruiz")
KIM = convokit.Staff(id="u1", name="Dr. Kim")
PHONE = "00fc13adff785122" * 4
SECRET = "Bella's secret results"
TOKEN = PushToken(id="app-1", transport="apns", value=PHONE, registered_us=0)
SETTINGS = {"team_id": TEAM, "key_id": KEY_ID, "topic": TOPIC, "private_key": fresh_pem()}
MINUTE_US = 60_000_000


@pytest.fixture
def api() -> Iterator[ApnsApi]:
    with ApnsApi() as made:
        yield made


@pytest.fixture
def kit(api: ApnsApi, monkeypatch: pytest.MonkeyPatch) -> Iterator[convokit.Convokit]:
    monkeypatch.setenv("SSL_CERT_FILE", str(api.certificate))
    with convokit.open("memory:", plugins=["apns"], settings={"apns": api.settings()}) as made:
        made.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws 🐾"))
        made.practice("happy-paws").app_register(ANA.id, transport="apns", token=PHONE.upper())
        yield made


def write(kit: convokit.Convokit) -> convokit.Conversation:
    desk = kit.practice("happy-paws")
    talk = desk.start(client=ANA, channel="app", by=KIM)
    desk.send(talk.id, SECRET, by=KIM)
    kit.work()
    return talk


def test_the_phone_is_told_over_http_2_that_something_waits(kit: convokit.Convokit, api: ApnsApi) -> None:
    talk = write(kit)
    (pushed,) = api.ledger
    assert (pushed.token, pushed.topic) == (PHONE, TOPIC)
    assert pushed.payload["aps"]["alert"] == {"title": "Happy Paws 🐾", "body": "You have a new message."}
    assert (pushed.payload["conversation"], pushed.payload["aps"]["badge"]) == (talk.id, 1)
    assert SECRET not in str(pushed.payload)
    kit.practice("happy-paws").send(talk.id, "Please call us.", by=KIM)
    kit.work()
    assert (len(api.ledger), len(api.proofs)) == (2, 1)


def test_an_app_that_was_removed_is_forgotten_unless_it_came_back(kit: convokit.Convokit, api: ApnsApi) -> None:
    desk = kit.practice("happy-paws")
    before = int((system_clock() - timedelta(hours=1)).timestamp() * 1_000)
    api.answers[PHONE] = said(410, "Unregistered", before)
    talk = write(kit)
    assert len(desk.app_registrations(ANA.id)) == 1
    api.answers[PHONE] = said(410, "Unregistered", before + 2 * 3_600_000)
    desk.send(talk.id, "Please call us.", by=KIM)
    kit.work()
    assert desk.app_registrations(ANA.id) == ()


def test_a_signature_serves_for_forty_minutes() -> None:
    apns = Apns(ApnsSettings(**SETTINGS))  # type: ignore[arg-type]  # texts
    shown = []
    for minutes in (0, 39, 41, 10):  # the last one: the clock went back
        request = next(apns.push(TOKEN, evolve(PUSHED, at_us=PUSHED.at_us + minutes * MINUTE_US)))
        shown.append(request.header("authorization"))
    assert shown[0] == shown[1]
    assert len(set(shown)) == 3


def test_a_signature_that_apple_finds_too_old_is_not_used_again() -> None:
    apns = Apns(ApnsSettings(**SETTINGS))  # type: ignore[arg-type]  # texts
    pushing = apns.push(TOKEN, PUSHED)
    first = next(pushing)
    with pytest.raises(StopIteration):
        pushing.send(said(403, "ExpiredProviderToken"))
    later = next(apns.push(TOKEN, evolve(PUSHED, at_us=PUSHED.at_us + MINUTE_US)))
    assert later.header("authorization") != first.header("authorization")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("team_id", "def123ghij"),
        ("key_id", "ABC123"),
        ("topic", "an app"),
        ("private_key", "hidden"),
        ("private_key", "hidden é"),
        ("private_key", "-----BEGIN PRIVATE KEY-----\nhidden\n-----END PRIVATE KEY-----\n"),
        ("base_url", "http://api.push.apple.com"),
    ],
)
def test_p19_unusable_values_are_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        ApnsSettings(**{**SETTINGS, name: value})  # type: ignore[arg-type]  # texts
    assert (refused.value.code, refused.value.field) == ("settings.invalid", name)
    assert "hidden" not in f"{refused.value} {refused.value!r}"


def test_line_breaks_may_be_written_as_two_characters() -> None:
    made = ApnsSettings(**{**SETTINGS, "private_key": SETTINGS["private_key"].replace("\n", "\\n")})  # type: ignore[arg-type]
    assert "PRIVATE" not in repr(made)
    assert next(Apns(made).push(TOKEN, PUSHED)).url.startswith("https://api.push.apple.com/3/device/")


def test_an_app_is_named_by_its_bundle_id() -> None:
    apns = Apns(ApnsSettings(**SETTINGS))  # type: ignore[arg-type]  # texts
    assert apns.why_no_token(evolve(TOKEN, app="example.vet.other")) is None
    assert apns.why_no_token(evolve(TOKEN, app="not\nan app")) is not None


# --- the pretended service itself -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("", "", 200),
        ("authorization", "", 403),
        ("authorization", "bearer x", 403),
        ("apns-topic", "example.vet.other", 400),
        ("apns-push-type", "loud", 400),
        ("apns-priority", "11", 400),
        ("apns-expiration", "soon", 400),
        ("apns-id", "1", 400),
        ("apns-collapse-id", "x" * 65, 400),
    ],
)
def test_the_pretended_service_is_strict(api: ApnsApi, name: str, value: str, status: int) -> None:
    request = a_push(api)
    headers = tuple((key, value if key == name else given) for key, given in request.headers)
    changed = HttpRequest(method="POST", url=request.url, headers=headers, body=request.body)
    assert api.answer(changed).status == status


def a_push(api: ApnsApi) -> HttpRequest:
    now = int(api.now().timestamp() * 1e6)
    return next(Apns(ApnsSettings(**api.settings())).push(TOKEN, evolve(PUSHED, at_us=now)))  # type: ignore[arg-type]


def test_the_pretended_service_knows_its_paths_sizes_and_times(api: ApnsApi) -> None:
    request = a_push(api)

    def status(**given: object) -> int:
        told = {"method": "POST", "url": request.url, "headers": request.headers, "body": request.body, **given}
        return api.answer(HttpRequest(**told)).status  # type: ignore[arg-type]  # as the cases name them

    assert status(url=f"{api.url}/3/device/xyz") == 400
    assert status(url=f"{api.url}/other") == 404
    assert status(method="GET") == 405
    assert status(body=b"x" * 4_097) == 413
    assert status(body=b"[]") == 400
    without = tuple(pair for pair in request.headers if pair[0] != "apns-topic")
    assert status(headers=without) == 400
    api.now = lambda: system_clock() + timedelta(hours=2)
    assert status() == 403
