"""A desk with browsers: through a service that is as strict as the standards, to what the browser shows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from convokit_push_webpush import WebPushSettings, fresh_private_key
from convokit_push_webpush.testing import Browser, WebPushService, opened
from cryptography.exceptions import InvalidTag

import convokit
from convokit.ports.wire import HttpRequest, HttpResponse

ANA = convokit.Client(id="c17", name="Ana Ruiz")
KIM = convokit.Staff(id="u1", name="Dr. Kim")
HAPPY_PAWS = convokit.Practice(id="happy-paws", name="Happy Paws 🐾")
SECRET = "Bella's secret results"


@pytest.fixture
def service() -> Iterator[WebPushService]:
    with WebPushService() as made:
        yield made


@pytest.fixture
def kit(service: WebPushService) -> Iterator[convokit.Convokit]:
    with convokit.open("memory:", plugins=["webpush"], settings={"webpush": service.settings()}) as made:
        made.add_practice(HAPPY_PAWS)
        yield made


def register(kit: convokit.Convokit, browser: Browser) -> str:
    desk = kit.practice("happy-paws")
    return desk.app_register(ANA.id, transport="webpush", token=browser.token, keys=browser.keys)


def write(kit: convokit.Convokit) -> convokit.Conversation:
    desk = kit.practice("happy-paws")
    talk = desk.start(client=ANA, channel="app", by=KIM)
    desk.send(talk.id, SECRET, by=KIM)
    kit.work()
    return talk


def test_the_browser_is_shown_that_something_waits(kit: convokit.Convokit, service: WebPushService) -> None:
    key = WebPushSettings(**service.settings()).application_server_key
    browser = service.subscribe(key)
    register(kit, browser)
    talk = write(kit)
    (shown,) = service.ledger
    assert (shown.browser, shown.urgency) == (browser.token, "high")
    assert 23 * 3600 < shown.ttl <= 24 * 3600
    assert (shown.told["title"], shown.told["text"]) == ("Happy Paws 🐾", "You have a new message.")
    assert (shown.told["data"], shown.told["badge"]) == ({"conversation": talk.id}, 1)
    assert (shown.topic, len(shown.told["tag"])) == (shown.told["tag"], 32)
    assert SECRET not in str(shown.told)


def test_a_browser_that_unsubscribed_is_forgotten(kit: convokit.Convokit, service: WebPushService) -> None:
    kept, gone = service.subscribe(), service.subscribe()
    kept_id = register(kit, kept)
    register(kit, gone)
    service.unsubscribe(gone)
    write(kit)
    assert [one.id for one in kit.practice("happy-paws").app_registrations(ANA.id)] == [kept_id]


def test_what_is_wrong_with_our_key_drops_nothing(kit: convokit.Convokit, service: WebPushService) -> None:
    other = WebPushSettings(private_key=fresh_private_key(), subject="https://vet.example")
    register(kit, service.subscribe(other.application_server_key))
    write(kit)
    assert len(service.ledger) == 0
    assert len(kit.practice("happy-paws").app_registrations(ANA.id)) == 1


def test_a_service_that_is_down_is_tried_again(kit: convokit.Convokit, service: WebPushService) -> None:
    browser = service.subscribe()
    register(kit, browser)
    service.answers[browser.token] = HttpResponse(status=503, headers=(("Retry-After", "5"),))
    write(kit)
    (owed,) = kit.store.due_jobs(2**62, 9)
    assert (owed.state, owed.tries) == ("owed", 1)


# --- the service itself -----------------------------------------------------------------------------------------------


def a_push(kit: convokit.Convokit, browser: Browser) -> HttpRequest:
    """What the plugin would send now."""
    from attrs import evolve

    from convokit.testing import PUSHED

    register(kit, browser)
    (token,) = kit.practice("happy-paws").app_registrations(ANA.id)
    found = kit.push_transports.of("happy-paws", "webpush")
    assert found is not None
    return next(found.transport.push(token, evolve(PUSHED, at_us=kit.world.now_us())))


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("", "", 201),
        ("TTL", "", 400),
        ("TTL", "soon", 400),
        ("Urgency", "now", 400),
        ("Topic", "x" * 33, 400),
        ("Content-Encoding", "aesgcm", 400),
        ("Authorization", "", 401),
        ("Authorization", "Bearer x", 401),
    ],
)
def test_the_pretended_service_is_strict(
    kit: convokit.Convokit, service: WebPushService, name: str, value: str, status: int
) -> None:
    request = a_push(kit, service.subscribe())
    headers = tuple((key, value if key == name else said) for key, said in request.headers)
    changed = HttpRequest(method="POST", url=request.url, headers=headers, body=request.body)
    assert service.answer(changed).status == status


def test_the_pretended_service_knows_its_own_address(kit: convokit.Convokit, service: WebPushService) -> None:
    with WebPushService() as elsewhere:
        request = a_push(kit, elsewhere.subscribe())
    browser = service.subscribe()
    moved = HttpRequest(method="POST", url=browser.token, headers=request.headers, body=request.body)
    assert service.answer(moved).status == 403
    large = HttpRequest(method="POST", url=browser.token, headers=request.headers, body=b"x" * 4_097)
    assert service.answer(large).status == 413
    assert service.answer(HttpRequest(method="GET", url=browser.token)).status == 405


def test_nobody_else_reads_it(kit: convokit.Convokit, service: WebPushService) -> None:
    request = a_push(kit, service.subscribe())
    with pytest.raises(InvalidTag):
        opened(request.body, service.subscribe())
