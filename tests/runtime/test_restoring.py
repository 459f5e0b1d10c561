"""A desk that was restored from a backup sends nothing again: SQLite's own backup, and pg_dump on PostgreSQL."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner
from desks import HAPPY_PAWS, KIM, Clock
from postgres_cluster import ADMIN, APP, OWNER, Cluster
from postgres_fixtures import postgres_cluster
from scripted_mailer import FRONT, ScriptedMailer, mailing

import convokit
from convokit.cli import cli
from convokit.domain.delivery import Delivery
from convokit.gateways.payments_simulator import PaymentsSimulator
from convokit.gateways.simulator import Simulator, Weather
from convokit.runtime.restoring import HeldBack, hold_back

__all__ = ["postgres_cluster"]

Restore = Callable[[], str]
TEXTS: Final = 3
BEFORE: Final = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
"""Half past four in Denver: the end-of-day mail of half past five is still to come."""


class World:
    """Carrier, mailer and payment provider outlive the database that is lost."""

    def __init__(self, *, can_be_asked: bool = False) -> None:
        self.clock = Clock(BEFORE)
        self.carrier = Simulator(seed=7, weather=Weather(), can_be_asked=can_be_asked)
        self.mailer = ScriptedMailer()
        self.payments = PaymentsSimulator(seed=7)

    @contextmanager
    def opened(self, url: str) -> Iterator[convokit.Convokit]:
        plugins = [self.carrier, self.mailer, self.payments]
        with convokit.open(
            url, plugins=plugins, clock=self.clock, public_url="https://desk.example", media="memory:"
        ) as kit:
            kit.add_practice(mailing(HAPPY_PAWS, end_of_day=convokit.EndOfDay(recipients=[FRONT])))
            self.carrier.connect(kit)
            self.payments.connect(kit)
            yield kit

    def left(self) -> tuple[int, int]:
        """Texts and mails that have left the house."""
        return len(self.carrier.taken), len(self.mailer.sent)


def owe(kit: convokit.Convokit) -> list[str]:
    """Texts, two of them in one conversation, a mail, and a payment prompt; ids of the texts."""
    desk = kit.practice("happy-paws")
    sent = []
    for number in range(TEXTS - 1):
        client = convokit.Client(id=f"c{number}", name="Ana", phone=f"+1303555{2000 + number}")
        talk = desk.start(client=client, channel="sms", by=KIM)
        sent.append(desk.send(talk.id, "Bella may come home.", by=KIM).id)
    sent.append(desk.send(talk.id, "At five.", by=KIM).id)
    desk.request_payment(talk.id, title="Invoice 1042", amount="84.50", currency="USD", by=KIM)
    app = convokit.Client(id="c9", name="Ben", has_app=True)
    ended = desk.start(client=app, channel="app", by=KIM)
    desk.send(ended.id, "Thank you", by=KIM)
    desk.end(ended.id, by=KIM)
    return sent


def lose(world: World, url: str, back_up: Callable[[], Restore]) -> tuple[str, list[str]]:
    """Owe, back up, let everything leave, lose the database, restore; the restored desk's URL and the texts' ids."""
    with world.opened(url) as kit:
        sent = owe(kit)
        restore = back_up()
        world.clock.pass_(minutes=90)  # past the end of the day
        while kit.work().performed:
            world.clock.pass_(seconds=1)
    return restore(), sent


# --- two ways to back up ----------------------------------------------------------------------------------------------


@pytest.fixture
def on_sqlite(tmp_path: Path) -> tuple[str, Callable[[], Restore]]:
    desk, copy = tmp_path / "desk.db", tmp_path / "backup.db"

    def back_up() -> Restore:
        with closing(sqlite3.connect(desk)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        return restore

    def restore() -> str:
        for name in ("desk.db", "desk.db-wal", "desk.db-shm"):
            (tmp_path / name).unlink(missing_ok=True)
        copy.rename(desk)
        return f"sqlite:///{desk}"

    return f"sqlite:///{desk}", back_up


@pytest.fixture
def on_postgres(postgres_cluster: Cluster, tmp_path: Path) -> Iterator[tuple[str, Callable[[], Restore]]]:
    """By the administrator: row-level security binds the owner of the tables, too."""
    place, dump = postgres_cluster.migrated(), tmp_path / "desk.dump"

    def run(program: str, *arguments: str) -> None:
        where = ("-h", "127.0.0.1", "-p", str(postgres_cluster.port), "-U", ADMIN)
        command = [str(postgres_cluster.bin / program), *where, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr

    def back_up() -> Restore:
        run("pg_dump", "--format=custom", f"--file={dump}", place.name)
        return restore

    def restore() -> str:
        postgres_cluster.drop(place)
        run("createdb", "-O", OWNER, place.name)
        run("pg_restore", "--exit-on-error", f"--dbname={place.name}", str(dump))
        return place.url(APP)

    yield place.url(APP), back_up
    postgres_cluster.drop(place)


@pytest.fixture(params=["sqlite", "postgres"])
def desk(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(f"on_{request.param}")


# --- what is held back ------------------------------------------------------------------------------------------------


def test_without_holding_back_everything_leaves_twice(on_sqlite: Any) -> None:
    """Else the tests below would prove nothing."""
    world = World()
    url, _ = lose(world, *on_sqlite)
    texts, mails = world.left()
    assert (texts, mails) == (TEXTS + 1, 2), "the link to pay by is a text, too; the transcript and the end of the day"
    with world.opened(url) as kit:
        while kit.work().performed:
            world.clock.pass_(seconds=1)
    again = world.left()
    assert again[0] > texts
    assert again[1] > mails


def test_a_restored_desk_sends_nothing_again(desk: Any) -> None:
    world = World()
    url, sent = lose(world, *desk)
    before = world.left()
    with world.opened(url) as kit:
        held = hold_back(kit)
        assert held == HeldBack(texts=TEXTS, mails=1, payments=1, reports=1)
        assert hold_back(kit) == HeldBack(), "twice is fine"
        for _ in range(3):
            kit.work()
            world.clock.pass_(hours=1)
        assert world.left() == before
        here = kit.practice("happy-paws")
        assert {here.message(entry).delivery for entry in sent} == {Delivery.UNSURE}
        assert kit.store.unsettled() == 0
        (talk,) = [row for row in here.inbox(channel="sms").items if row.client_id == "c0"]
        here.send_again(talk.id, sent[0], by=KIM)  # a person decides
        kit.work()
        assert world.left()[0] == before[0] + 1


def test_a_carrier_that_can_be_asked_knows_them(on_sqlite: Any) -> None:
    """What it knows is read from it again; still nothing leaves."""
    world = World(can_be_asked=True)
    url, sent = lose(world, *on_sqlite)
    before = world.left()
    with world.opened(url) as kit:
        hold_back(kit)
        for _ in range(6):
            kit.work()
            world.clock.pass_(minutes=10)
        assert world.left()[0] == before[0]
        found = {kit.practice("happy-paws").message(entry).delivery for entry in sent}
        assert found <= {Delivery.SENT, Delivery.DELIVERED}


def test_what_was_being_handed_over_is_held_back_too(on_sqlite: Any) -> None:
    world = World()
    url, back_up = on_sqlite
    with world.opened(url) as kit:
        owe(kit)
        for owed in kit.store.due(2**62, 50):
            kit.store.begin(owed.practice, owed.key, kit.world.now_us(), 150_000_000)
        restore = back_up()
    with world.opened(restore()) as kit:
        assert hold_back(kit).texts == TEXTS
        kit.work()
    assert world.left()[0] == 0


def test_the_command(on_sqlite: Any) -> None:
    world = World()
    url, _ = lose(world, *on_sqlite)
    done = CliRunner().invoke(cli, ["restored", "--db", url, "--plugin", "simulator", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["texts"], told["mails"], told["payments"]) == (TEXTS, 1, 1)
    again = CliRunner().invoke(cli, ["restored", "--db", url])
    assert again.stdout == "held back: 0 texts, 0 mails, 0 payment prompts, 0 end-of-day mails\n"
