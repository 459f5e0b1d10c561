"""A kit and its engine: told what is owed, performing it by name, and never the truth itself."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
from attrs import define, field, frozen
from desks import ANA, HAPPY_PAWS, KIM, World, world

import convokit
from convokit import Delivery
from convokit.gateways.simulator import Simulator
from convokit.plugins import hookimpl
from convokit.ports.dispatcher import Dispatcher, DispatcherHealth, DispatcherOffer, NameWrite, Notice, Work
from convokit.runtime.embedded import EmbeddedDispatcher


@frozen
class QueueSettings:
    dsn: str = field(repr=False)


@define
class Engine:
    """Does nothing by itself: a test performs what it was told."""

    settings: QueueSettings
    work: Work
    told: list[Notice] = field(factory=list)
    raises: bool = False

    def writes(self, notices: Sequence[Notice]) -> Sequence[NameWrite]:
        return ()

    def notify(self, notices: Sequence[Notice]) -> None:
        if self.raises:
            raise SystemExit("the queue is away")
        self.told.extend(notices)

    def run(self, *, threads: int, idle_seconds: float) -> None:
        for notice in self.work.sweep():
            self.work.perform(notice)

    def stop(self) -> None:
        return None

    def wait(self, seconds: float) -> bool:
        return True

    def health(self) -> DispatcherHealth:
        return DispatcherHealth(running=False, busy=0, words="a list")


@define(eq=False)
class Plugin:
    name: str = "queue"
    made: list[Engine] = field(factory=list)
    broken: bool = False

    @hookimpl
    def convokit_dispatchers(self) -> list[DispatcherOffer]:
        return [DispatcherOffer(name=self.name, settings=QueueSettings, build=self.build)]

    def build(self, settings: QueueSettings, work: Work, url: str) -> Dispatcher:
        if self.broken:
            raise RuntimeError(settings.dsn)
        self.made.append(Engine(settings, work))
        return self.made[-1]


SETTINGS = {"queue": {"dsn": "postgresql://user:secret@db/desk"}}


def opened(*plugins: object, settings: object = SETTINGS) -> convokit.Convokit:
    kit = convokit.open("memory:", plugins=[Simulator(), *plugins], settings=settings)  # type: ignore[arg-type]
    kit.add_practice(HAPPY_PAWS)
    return kit


def test_the_built_in_engine_is_used_where_none_is_enabled() -> None:
    with opened(settings={}) as kit:
        assert isinstance(kit.dispatcher, EmbeddedDispatcher)
        assert kit.dispatcher.health() == DispatcherHealth(
            running=False, busy=0, words="no worker runs in this process"
        )


def test_an_engine_is_told_what_is_owed_and_performs_it_by_name() -> None:
    plugin = Plugin()
    with opened(plugin) as kit:
        (engine,) = plugin.made
        assert engine.settings == QueueSettings("postgresql://user:secret@db/desk")
        assert "secret" not in repr(kit.dispatcher)
        desk = kit.practice("happy-paws")
        talk = desk.start(client=ANA, channel="sms", by=KIM)
        sent = desk.send(talk.id, "Hello", by=KIM)
        (notice,) = engine.told
        assert notice == Notice(practice="happy-paws", kind="text", key=f"{sent.id}.1", lane=talk.id)
        assert kit.worker.perform(notice)
        assert desk.message(sent.id).delivery is Delivery.SENT
        assert not kit.worker.perform(notice), "a second time it is nobody's turn"
        desk.send(talk.id, "Again", by=KIM)
        kit.run()
        assert kit.store.unsettled() == 0


@pytest.mark.parametrize("kind", ["text", "job"])
def test_a_name_of_nothing_is_nobodys_turn(kind: str) -> None:
    with opened(settings={}) as kit:
        named = Notice(practice="happy-paws", kind=kind, key="never", lane="x")  # type: ignore[arg-type]
        assert not kit.worker.perform(named)
        assert not kit.worker.perform(Notice(practice="nobody", kind="text", key="x", lane="x"))


def test_p04_an_engine_that_fails_costs_no_message() -> None:
    plugin = Plugin()
    with opened(plugin) as kit:
        plugin.made[0].raises = True
        desk = kit.practice("happy-paws")
        sent = desk.send(desk.start(client=ANA, channel="sms", by=KIM).id, "Hello", by=KIM)
        kit.run()
        assert desk.message(sent.id).delivery is Delivery.SENT


@pytest.mark.parametrize(
    ("plugins", "settings", "code"),
    [
        ((Plugin(), Plugin("other")), {**SETTINGS, "other": {"dsn": "x"}}, "dispatcher.several"),
        ((Plugin(),), {}, "settings.missing"),
        ((Plugin(),), {"queue": {"dns": "secret-dsn"}}, "settings.unknown"),
        ((Plugin(broken=True),), {"queue": {"dsn": "secret-dsn"}}, "plugin.build_failed"),
    ],
)
def test_what_is_wrong_with_an_engine_ends_the_start(plugins: tuple[object, ...], settings: object, code: str) -> None:
    with pytest.raises(convokit.ConfigurationError) as refused:
        opened(*plugins, settings=settings)
    assert refused.value.code == code
    assert "secret-dsn" not in str(refused.value)


def test_the_built_in_engine_does_not_wait_for_its_next_look(w: World) -> None:
    running = threading.Thread(target=lambda: w.kit.run(threads=2, idle_seconds=30.0), daemon=True)
    running.start()
    try:
        for number in range(3):
            talk = w.desk.start(
                client=convokit.Client(id=f"c{number}", name="Ana", phone=f"+1303555013{number}"), channel="sms", by=KIM
            )
            sent = w.desk.send(talk.id, "Hello", by=KIM)
            for _ in range(200):
                if w.desk.message(sent.id).delivery is not Delivery.QUEUED:
                    break
                running.join(0.05)
            assert w.desk.message(sent.id).delivery is Delivery.SENT
    finally:
        w.kit.stop()
        running.join(30)
    assert not running.is_alive()


def test_health_says_what_it_is_doing() -> None:
    with world() as made:
        running = threading.Thread(target=lambda: made.kit.run(threads=1, idle_seconds=0.01), daemon=True)
        running.start()
        while not made.kit.dispatcher.health().running:
            running.join(0.01)
        assert made.kit.dispatcher.health().words == "threads of this process, 0 at work"
