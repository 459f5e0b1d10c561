"""What must be there for the engine to work, and what an administrator is told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner
from convokit_engine_procrastinate.schema import make
from convokit_engine_procrastinate.settings import ProcrastinateSettings
from postgres_cluster import APP, HOST, OWNER, Cluster, Place

import convokit
from convokit.cli import cli
from convokit.errors import ConfigurationError


def refused(url: str, **settings: object) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        convokit.open(url, plugins=["procrastinate"], settings={"procrastinate": settings}).close()
    return caught.value


def doctor(url: str) -> tuple[int, dict[str, tuple[str, str]]]:
    done = CliRunner().invoke(cli, ["doctor", "--db", url, "--plugin", "procrastinate", "--json"])
    return done.exit_code, {found["about"]: (found["state"], found["words"]) for found in json.loads(done.stdout)}


def command(*arguments: str) -> Any:
    return CliRunner().invoke(cli, ["--plugin", "procrastinate", "procrastinate", *arguments])


def test_the_owner_makes_the_tables_and_the_doctor_tells(postgres_place: Place) -> None:
    url = postgres_place.url()
    assert refused(url).code == "procrastinate.schema"
    code, found = doctor(url)
    assert (code, found["desk"][0]) == (1, "fail")
    assert "its tables are not there" in found["desk"][1]
    done = command("--db", postgres_place.url(OWNER))
    assert (done.exit_code, "tables made" in done.stdout) == (0, True)
    assert refused(url).code == "procrastinate.rights"
    done = command("--db", postgres_place.url(OWNER), "--app-role", APP)
    assert (done.exit_code, f"tables are there; may be used by {APP}\n" in done.stdout) == (0, True)
    convokit.open(url, plugins=["procrastinate"]).close()
    state, words = doctor(url)[1]["engine"]
    assert state == "ok"
    assert words.startswith("Procrastinate 3.")
    assert words.endswith("0 queue workers alive; waiting: 0 sends, 0 mails, 0 renders (none of them in this process)")


def test_tables_of_another_release_are_told(postgres_cluster: Cluster, queue_place: Place) -> None:
    postgres_cluster.admin("DROP FUNCTION procrastinate_defer_jobs_v1 CASCADE", queue_place.name)
    error = refused(queue_place.url())
    assert (error.code, error.limit) == ("procrastinate.schema", "procrastinate_defer_jobs_v1")
    assert command("--db", queue_place.url(OWNER)).exit_code == 1


def test_the_queue_is_in_the_desks_own_database(postgres_cluster: Cluster, queue_place: Place) -> None:
    assert refused("memory:").code == "procrastinate.store"
    other = postgres_cluster.empty()
    make(other.url(OWNER), [APP])
    assert refused(queue_place.url(), dsn=other.url()).code == "procrastinate.database"
    assert refused(queue_place.url(), dsn="postgresql://x@127.0.0.1:9/desk").code == "procrastinate.away"
    convokit.open(
        queue_place.url(), plugins=["procrastinate"], settings={"procrastinate": {"dsn": queue_place.url()}}
    ).close()


def test_who_may_not_make_tables_is_told(postgres_place: Place) -> None:
    for arguments in (
        ("--db", postgres_place.url(HOST)),
        ("--db", postgres_place.url(OWNER), "--app-role", "nobody_known"),
    ):
        done = command(*arguments)
        assert (done.exit_code, "procrastinate.role" in done.stderr) == (1, True)
    assert "procrastinate.away" in command("--db", "postgresql://x@127.0.0.1:9/desk").stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("queues", "sends, faxes"),
        ("queues", "sends, sends"),
        ("queues", ""),
        ("mails", 0),
        ("renders", 65),
        ("sweep_seconds", 0.01),
        ("silent_seconds", 601.0),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: object) -> None:
    with pytest.raises(ConfigurationError) as caught:
        ProcrastinateSettings(**{name: value})  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.field) == ("settings.invalid", name)


def test_what_is_no_text_leaves_a_thread() -> None:
    settings = ProcrastinateSettings(mails=5, renders=2)
    assert [settings.at_once(queue, 4) for queue in settings.served] == [4, 3, 2]
    assert [settings.at_once(queue, 1) for queue in settings.served] == [1, 1, 1]
    alone = ProcrastinateSettings(mails=5, queues="mails")
    assert [alone.at_once(queue, 4) for queue in alone.served] == [4]
