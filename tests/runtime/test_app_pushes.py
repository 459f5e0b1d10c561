"""The client's apps are told that a message waits: registered, pushed to, tried again and forgotten, on both stores."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import attrs
import httpx2
import pytest
from bell import API, LOGIN, OFFER, Bell
from desks import ANA, HAPPY_PAWS, KIM, World, world

import convokit
from convokit.effects import SendPush
from convokit.outcomes import Accepted, Outcome, Refused
from convokit.plugins import hookimpl
from convokit.ports.push import PushCapabilities, PushToken
from convokit.runtime.drivers import Exchange
from convokit.runtime.http import BlockingHttp
from convokit.runtime.push_performing import LONGEST_PREVIEW

CANARY = "Bella's secret results"
BEN = convokit.Client(id="c18", name="Ben")
PHONE = "a1b2c3d4e5f6"


@attrs.define
class Belfry:
    """Offers Bell, pretends its service, and hears how pushes went."""

    name = "belfry"
    offer: object = OFFER
    answers: list[httpx2.Response] = attrs.field(factory=list)
    rung: list[dict[str, object]] = attrs.field(factory=list)
    settled: list[tuple[str, Outcome]] = attrs.field(factory=list)

    @hookimpl
    def convokit_push_transports(self) -> list[object]:
        return [self.offer]

    @hookimpl
    def convokit_settings(self, kind: str, provider: str) -> dict[str, str] | None:
        return {"key": "bk_0123456789"} if (kind, provider) == ("push", "bell") else None

    @hookimpl
    def convokit_settled(self, effect: object, outcome: Outcome) -> None:
        if isinstance(effect, SendPush):
            self.settled.append((effect.token_id, outcome))

    def serve(self, request: httpx2.Request) -> httpx2.Response:
        if str(request.url) == LOGIN:
            return httpx2.Response(200, json={"access": "ya29"})
        assert str(request.url) == API
        self.rung.append(json.loads(request.content))
        return self.answers.pop(0) if self.answers else httpx2.Response(200)


@pytest.fixture
def tower() -> Belfry:
    return Belfry()


@pytest.fixture
def w(store_url: str, tower: Belfry) -> Iterator[World]:
    with world(store_url, plugins=(tower,)) as made:
        made.kit.exchanging.use(BlockingHttp(httpx2.MockTransport(tower.serve)))
        yield made


def ring(w: World, text: str = CANARY) -> convokit.Conversation:
    """A conversation in the app in which staff have written."""
    talk = w.desk.start(client=ANA, channel="app", title="Labs", by=KIM)
    w.desk.send(talk.id, text, by=KIM)
    return talk


def register(w: World, token: str = PHONE, client: convokit.Client = ANA) -> str:
    return w.desk.app_register(client.id, transport="bell", token=token)


def use(w: World, **rules: object) -> None:
    push = convokit.PushRules(**rules)  # type: ignore[arg-type]  # as the tests name them
    w.kit.add_practice(attrs.evolve(HAPPY_PAWS, rules=convokit.Rules(push=push)))
    w.desk = w.kit.practice("happy-paws")


def test_the_app_is_told_that_something_waits_and_never_what(w: World, tower: Belfry) -> None:
    which = register(w)
    talk = ring(w)
    assert tower.rung == []  # after the commit, by the worker
    assert w.kit.work().performed == 1
    (told,) = tower.rung
    assert (told["to"], told["title"], told["text"]) == (PHONE, "Happy Paws", "You have a new message.")
    assert told["data"] == {"conversation": talk.id}
    assert len(str(told["collapse"])) == 32
    assert CANARY not in str(told)
    assert tower.settled == [(which, Accepted())]
    assert w.kit.work().performed == 0


def test_the_practice_may_want_the_message_itself_told(w: World, tower: Belfry) -> None:
    use(w, says="message")
    register(w)
    talk = ring(w, f"{CANARY}\nare in.")
    w.kit.work()
    w.desk.send(talk.id, "x" * 1_000, by=KIM)
    w.desk.app_opened(ANA.id)
    w.desk.send(talk.id, "x" * 1_000, by=KIM)
    w.kit.work()
    first, second = (str(told["text"]) for told in tower.rung)
    assert first == f"{CANARY} are in."
    assert (len(second), second[-1]) == (LONGEST_PREVIEW, "…")


def test_every_app_of_the_client_is_told_and_nobody_elses(w: World, tower: Belfry) -> None:
    register(w)
    register(w, "tablet12345")
    register(w, "phoneOfBen1", BEN)
    ring(w)
    w.kit.work()
    assert {told["to"] for told in tower.rung} == {PHONE, "tablet12345"}


def test_who_reads_meanwhile_is_not_told(w: World, tower: Belfry) -> None:
    register(w)
    talk = ring(w)
    w.desk.app_read(talk.id, client_id=ANA.id)
    w.kit.work()
    assert tower.rung == []
    assert [type(outcome) for _, outcome in tower.settled] == [Refused]


def test_a_phone_is_told_of_who_signed_in_last(w: World, tower: Belfry) -> None:
    which = register(w)
    assert register(w, client=BEN) == which
    ring(w)
    w.kit.work()
    assert tower.rung == []
    assert [one.id for one in w.desk.app_registrations(BEN.id)] == [which]
    assert not w.desk.app_unregister(ANA.id, which)
    assert w.desk.app_unregister(BEN.id, which)
    assert w.desk.app_registrations(BEN.id) == ()


def test_a_registration_that_leads_nowhere_is_forgotten(w: World, tower: Belfry) -> None:
    register(w)
    tower.answers = [httpx2.Response(404, json={"error": "unregistered"})]
    ring(w)
    w.kit.work()
    assert w.desk.app_registrations(ANA.id) == ()
    ((_, outcome),) = tower.settled
    assert outcome == Refused(reason="number_inactive", raw="unregistered")


def test_one_that_was_given_again_since_is_kept(w: World, tower: Belfry) -> None:
    register(w)
    since = int(w.clock.moment.timestamp()) - 60
    tower.answers = [httpx2.Response(404, json={"error": "unregistered", "since": since})]
    ring(w)
    w.kit.work()
    assert len(w.desk.app_registrations(ANA.id)) == 1


def test_a_service_that_is_down_is_tried_again_until_it_is_of_no_use(w: World, tower: Belfry) -> None:
    use(w, hours=1)
    register(w)
    tower.answers = [httpx2.Response(503) for _ in range(100)]
    ring(w)
    for _ in range(40):
        w.kit.work()
        w.clock.pass_(minutes=5)
    assert 3 < len(tower.rung) < 40
    assert len(tower.settled) == 1
    assert len(w.desk.app_registrations(ANA.id)) == 1


def test_an_app_that_was_not_seen_for_too_long_is_forgotten(w: World, tower: Belfry) -> None:
    use(w, forget_days=30)
    register(w)
    w.clock.pass_(days=31)
    ring(w)
    w.kit.work()
    assert tower.rung == []
    assert w.desk.app_registrations(ANA.id) == ()


def test_nobody_is_told_of_a_client_who_was_erased(w: World, tower: Belfry) -> None:
    register(w)
    ring(w)
    w.desk.erase_client(ANA.id, by=KIM, reason="asked")
    w.kit.work()
    assert tower.rung == []
    assert w.desk.app_registrations(ANA.id) == ()


WRONG = [
    ({"transport": "gong"}, "push.transport", "bell"),
    ({"transport": 5}, "push.transport", "bell"),
    ({"token": ""}, "push.token", "str"),
    ({"token": "é" * 9}, "push.token", "str"),
    ({"token": "x" * 5_000}, "push.token", "4096 characters"),
    ({"token": "short"}, "push.token", None),
    ({"app": "x" * 256}, "push.app", "255 characters"),
    ({"app": "\x00"}, "push.app", "255 characters"),
    ({"keys": []}, "push.keys", "8 keys"),
    ({"keys": {str(n): "" for n in range(9)}}, "push.keys", "8 keys"),
    ({"keys": {"auth": 5}}, "push.keys", "512 characters"),
    ({"keys": {"auth": "x" * 513}}, "push.keys", "512 characters"),
]


@pytest.mark.parametrize(("wrong", "code", "limit"), WRONG)
def test_p18_what_is_no_registration_is_refused(
    w: World, wrong: dict[str, object], code: str, limit: str | None
) -> None:
    given: dict[str, object] = {"transport": "bell", "token": PHONE, **wrong}
    with pytest.raises(convokit.InvalidInput) as caught:
        w.desk.app_register(ANA.id, **given)  # type: ignore[arg-type]  # wrong on purpose
    assert (caught.value.code, caught.value.limit) == (code, limit)
    assert "short" not in str(caught.value)
    assert w.desk.app_registrations(ANA.id) == ()


def test_p19_a_registration_does_not_show_its_token(w: World) -> None:
    register(w)
    assert PHONE not in repr(w.desk.app_registrations(ANA.id))


# --- transports that misbehave ----------------------------------------------------------------------------------------


class Raises(Bell):
    def why_no_token(self, token: PushToken) -> str | None:
        if token.value == "raises12345":
            raise RuntimeError(token.value)
        return None

    def push(self, token: PushToken, message: object) -> object:
        raise SystemExit(token.value)


class Odd(Bell):
    def push(self, token: PushToken, message: object) -> Any:
        yield from ()
        return "ok"


def broken(url: str, build: object, **more: object) -> tuple[Belfry, AbstractContextManager[World]]:
    tower = Belfry(offer=attrs.evolve(OFFER, build=build, **more))
    return tower, world(url, plugins=(tower,))


@pytest.mark.parametrize("build", [Raises, Odd])
def test_a_transport_that_misbehaves_is_tried_again_and_stops_nothing(
    store_url: str, build: object, caplog: pytest.LogCaptureFixture
) -> None:
    tower, made = broken(store_url, build)
    with made as w:
        register(w)
        ring(w)
        assert w.kit.work().performed == 1
        assert tower.settled == []
        w.clock.pass_(hours=25)
        w.kit.work()
        assert [outcome.reason for _, outcome in tower.settled] == ["expired"]  # type: ignore[union-attr]
    assert PHONE not in caplog.text


def test_what_cannot_be_judged_is_not_registered(store_url: str) -> None:
    _, made = broken(store_url, Raises)
    with made as w, pytest.raises(convokit.InvalidInput) as caught:
        register(w, "raises12345")
    assert caught.value.code == "push.token"
    assert "raises12345" not in str(caught.value)


def test_a_transport_that_is_gone_keeps_the_push_for_a_while(store_url: str, tower: Belfry) -> None:
    with world(store_url, plugins=(tower,)) as w:
        register(w)
        if store_url == "memory:":
            return  # it forgets
    with world(store_url) as later:
        ring(later)
        assert later.kit.work().performed == 1
        assert len(later.desk.app_registrations(ANA.id)) == 1


def refuses(settings: object) -> Bell:
    raise RuntimeError("bk_0123456789")


def test_a_transport_that_cannot_be_built(store_url: str) -> None:
    _, made = broken(store_url, refuses)
    with made as w, pytest.raises(convokit.ConfigurationError) as caught:
        register(w)
    assert caught.value.code == "plugin.build_failed"
    assert "bk_" not in str(caught.value)


def test_settings_that_break_later_keep_the_push_for_a_while(store_url: str) -> None:
    tower, made = broken(store_url, Bell)
    with made as w:
        register(w)
        ring(w)
        w.kit.push_transports._built.clear()
        w.kit.catalogue.push_transports["bell"] = attrs.evolve(OFFER, build=refuses)
        assert w.kit.work().performed == 1
        assert tower.settled == []


def test_a_service_that_insists_on_http_2_is_asked_by_a_client_that_speaks_it(store_url: str) -> None:
    tower, made = broken(store_url, Bell, capabilities=PushCapabilities(http="2"))
    with made as w:
        asked: list[str] = []
        client = BlockingHttp(httpx2.MockTransport(tower.serve))

        def told(version: str) -> Exchange:
            asked.append(version)
            return client

        w.kit.jobs._performers[SendPush]._exchange = told  # type: ignore[attr-defined]  # the performer of pushes
        register(w)
        ring(w)
        w.kit.work()
        assert asked == ["2"]
        assert len(tower.rung) == 1


# --- the rules --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"says": "everything"}, "rules.push.says"),
        ({"text": " "}, "rules.push.text"),
        ({"text": "x" * 201}, "rules.push.text"),
        ({"text": "\x00"}, "rules.push.text"),
        ({"hours": 0}, "rules.push.hours"),
        ({"hours": True}, "rules.push.hours"),
        ({"forget_days": 4_000}, "rules.push.forget_days"),
    ],
)
def test_rules_that_make_no_sense_are_refused(wrong: dict[str, object], field: str) -> None:
    push = convokit.PushRules(**wrong)  # type: ignore[arg-type]  # wrong on purpose
    with convokit.open("memory:") as kit, pytest.raises(convokit.InvalidInput) as caught:
        kit.add_practice(attrs.evolve(HAPPY_PAWS, rules=convokit.Rules(push=push)))
    assert (caught.value.code, caught.value.field) == ("rules.push", field)


def test_rules_of_another_kind_are_refused() -> None:
    with convokit.open("memory:") as kit, pytest.raises(convokit.InvalidInput) as caught:
        kit.add_practice(attrs.evolve(HAPPY_PAWS, rules=convokit.Rules(push="on")))  # type: ignore[arg-type]
    assert caught.value.field == "rules.push"
