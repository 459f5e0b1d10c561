"""The command on PostgreSQL: migrate, doctor, and what every command says when something is wrong."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result
from postgres_cluster import APP, OWNER, Cluster, Place
from postgres_fixtures import postgres_cluster, postgres_place

import convokit
from convokit.cli import cli

__all__ = ["postgres_cluster", "postgres_place"]

PRACTICE = convokit.Practice(id="happy-paws", name="Happy Paws", region="US", numbers=["+13035550100"])


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


def doctor(url: str) -> tuple[int, dict[str, list[tuple[str, str]]]]:
    done = run("doctor", "--db", url, "--json")
    found: dict[str, list[tuple[str, str]]] = {}
    for finding in json.loads(done.stdout):
        found.setdefault(finding["about"], []).append((finding["state"], finding["words"]))
    return done.exit_code, found


def test_the_owner_migrates_and_the_app_works(postgres_cluster: Cluster) -> None:
    place = postgres_cluster.empty()
    before = run("inbox", "--db", place.url())
    assert before.exit_code == 1
    assert "storage.older" in before.stderr
    assert "convokit migrate" in before.stderr
    done = run("migrate", "--db", place.url(OWNER), "--app-role", APP, "--partitions", "2")
    assert (done.exit_code, done.stdout) == (0, f"schema 0003; may be opened by {APP}\n")
    with convokit.open(place.url()) as kit:
        kit.add_practice(PRACTICE)
    assert run("inbox", "--db", place.url()).exit_code == 3, "nobody has written yet"
    assert run("migrate", "--db", place.url(OWNER)).stdout == "schema 0003\n"
    _, found = doctor(place.url())
    (store,) = found["store"]
    assert store[0] == "ok"
    assert store[1].endswith("in 2 parts")
    postgres_cluster.drop(place)


def test_the_doctor_knows_the_server_the_role_and_the_wall(postgres_place: Place) -> None:
    _, found = doctor(postgres_place.url())
    (store,) = found["store"]
    assert store[0] == "ok"
    assert f"role {APP}, row-level security on 24 tables" in store[1]
    assert ("warn", "fsync is off: a power cut loses what was acknowledged") in found["postgresql"]
    assert found["connections"] == [("ok", "at most 10 of this process; the server allows 120 in all")]
    assert "role" not in found


def test_the_doctor_warns_of_one_role_for_both(postgres_place: Place) -> None:
    _, found = doctor(f"{postgres_place.url(OWNER)}?convokit_role=owner&convokit_connections=200")
    assert [state for state, _ in found["role"]] == ["warn"]
    assert [state for state, _ in found["connections"]] == ["warn"]


@pytest.mark.parametrize(
    ("role", "database", "code"),
    [
        (OWNER, None, "storage.wrong_role"),
        ("postgres", None, "storage.wrong_role"),
        ("nobody_known", None, "storage.wrong_role"),
        (APP, "no_such_desk", "storage.missing"),
    ],
)
def test_the_doctor_says_what_is_wrong(postgres_place: Place, role: str, database: str | None, code: str) -> None:
    exit_code, found = doctor(Place(database or postgres_place.name, postgres_place.port).url(role))
    (store,) = found["store"]
    assert (exit_code, store[0], code in store[1]) == (1, "fail", True)


def test_a_url_that_cannot_work_keeps_its_own_words(postgres_place: Place) -> None:
    done = run("inbox", "--db", f"{postgres_place.url()}?convokit_connections=many")
    assert (done.exit_code, "convokit_connections" in done.stderr) == (1, True)
    assert "postgresql://..." in run("inbox", "--db", "mysql://h/d").stderr


def test_what_is_for_postgresql_alone(tmp_path: object) -> None:
    done = run("migrate", "--db", f"{tmp_path}/desk.db", "--app-role", "x")
    assert (done.exit_code, "migrate.role" in done.stderr) == (1, True)
    assert run("migrate", "--db", f"{tmp_path}/desk.db").exit_code == 1, "a typing mistake makes no database"
    convokit.open(f"sqlite:///{tmp_path}/desk.db").close()
    assert run("migrate", "--db", f"{tmp_path}/desk.db").stdout == "schema 0003\n"
    assert run("migrate", "--db", "memory:").exit_code == 1


def test_transcripts_are_exported_by_several_processes(postgres_place: Place, tmp_path: object) -> None:
    with convokit.open(postgres_place.url()) as kit:
        kit.add_practice(PRACTICE)
        desk = kit.practice("happy-paws")
        kim = convokit.Staff(id="u1", name="Kim")
        for number in range(6):
            client = convokit.Client(id=f"c{number}", name="Ana", has_app=True)
            talk = desk.start(client=client, channel="app", by=kim)
            desk.send(talk.id, "Hello", by=kim)
        report = kit.export_transcripts(f"{tmp_path}/out", format="txt", processes=2)
    assert report.written == 6
