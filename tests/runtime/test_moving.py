"""Moving a desk from SQLite to PostgreSQL: every row, in spite of kill -9, and no desk opened that differs."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from moved_desk import TALKS, fill
from postgres_cluster import APP, OWNER, Cluster, Place
from postgres_fixtures import postgres_cluster

import convokit
from convokit.cli import cli
from convokit.errors import ConfigurationError, StorageError
from convokit.runtime.moving import MoveReport, move_desk
from convokit.stores.sql import schema
from convokit.stores.sql.moving import TABLES

__all__ = ["postgres_cluster"]

SCRIPT = Path(__file__).resolve().parents[1] / "support" / "moved_desk.py"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled")
    fill(folder)
    return folder


@pytest.fixture
def source(tmp_path: Path, filled: Path) -> str:
    shutil.copytree(filled, tmp_path, dirs_exist_ok=True)
    return f"sqlite:///{tmp_path}/desk.db"


@pytest.fixture
def target(postgres_cluster: Cluster) -> Iterator[Place]:
    place = postgres_cluster.empty()
    yield place
    postgres_cluster.drop(place)


def moved(source: str, target: Place, **options: object) -> MoveReport:
    return move_desk(source, target.url(OWNER), app_roles=(APP,), **options)  # type: ignore[arg-type]


def heads(url: str) -> dict[str, str]:
    """Where the chain of every transcript ends."""
    found = {}
    with convokit.open(url) as kit:
        for practice in kit.practices():
            desk = kit.practice(practice.id)
            for row in (*desk.inbox().items, *desk.history().items):
                found[f"{practice.id} {row.id}"] = desk.transcript(row.id).transcript.head
    return found


def test_every_row_of_every_table(source: str, target: Place, postgres_cluster: Cluster) -> None:
    report = moved(source, target)
    assert (report.differs, report.files, report.missing) == ((), 2, 1), (
        "of the made-up file of practice b there are no bytes"
    )
    counts = {table.table: table.rows for table in report.tables}
    assert counts.keys() == {table.name for table in TABLES}
    assert [name for name, rows in counts.items() if not rows] == [], "the test needs a row in every table"
    with closing(sqlite3.connect(source.removeprefix("sqlite:///"))) as file, file:
        for name, rows in counts.items():
            assert file.execute(f"SELECT count(*) FROM {name}").fetchone() == (rows,)  # noqa: S608
            assert postgres_cluster.admin(f"SELECT count(*) FROM {name}", target.name) == [(rows,)]  # noqa: S608


def test_what_is_moved_is_every_table_but_those_of_search() -> None:
    left_out = set(schema.metadata.tables) - {table.name for table in TABLES}
    assert left_out == {"convokit_search_mark", "convokit_searched"}


def test_transcripts_end_in_the_same_heads_and_the_desk_goes_on(source: str, target: Place) -> None:
    before = heads(source)
    assert len(before) >= TALKS
    moved(source, target)
    assert heads(target.url()) == before
    kim = convokit.Staff(id="u1", name="Dr. Kim")
    with convokit.open(target.url(), plugins=["simulator"]) as kit:
        desk = kit.practice("happy-paws")
        hits = desk.search("results").items
        assert len({hit.conversation.id for hit in hits}) == TALKS, "the new database has an index of its own"
        talk = desk.inbox(channel="sms").items[0]
        desk.send(talk.id, "See you at five.", by=kim)  # takes a number of its own


def test_webhook_addresses_stay(source: str, target: Place) -> None:
    with convokit.open(source, plugins=["simulator"]) as kit:
        before = kit.webhook_path("happy-paws")
    moved(source, target)
    with convokit.open(target.url(), plugins=["simulator"]) as kit:
        assert kit.webhook_path("happy-paws") == before


@pytest.mark.parametrize("kills_at", [2, 40])
def test_killed_and_resumed(source: str, target: Place, kills_at: int) -> None:
    killed = subprocess.run(
        [sys.executable, str(SCRIPT), source, target.url(OWNER), str(kills_at)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    for role in (APP, f"{OWNER}"):
        with pytest.raises(StorageError) as refused:
            convokit.open(f"{target.url(role)}?convokit_role=owner" if role == OWNER else target.url(role))
        assert refused.value.code in ("storage.moving", "storage.wrong_role")
    again: list[tuple[str, str, int]] = []
    report = moved(source, target, progress=lambda step: again.append((step.doing, step.what, step.done)))
    assert report.differs == ()
    practices = [step for step in again if step[:2] == ("copy", "convokit_practice")]
    assert not practices, "what was copied is not copied again"
    assert heads(target.url()) == heads(source)


def test_refused_on_a_database_with_other_data(source: str, target: Place, postgres_cluster: Cluster) -> None:
    url = f"{target.url(OWNER)}?convokit_role=owner"
    with convokit.open(url) as kit:
        kit.add_practice(convokit.Practice(id="other", name="Other", region="US", numbers=["+13035550198"]))
    with pytest.raises(ConfigurationError) as refused:
        moved(source, target)
    assert refused.value.code == "move.not_empty"
    assert postgres_cluster.admin("SELECT public_id FROM convokit_practice", target.name) == [("other",)]


def test_refused_where_the_source_was_written_to_meanwhile(source: str, target: Place) -> None:
    class StopHereError(Exception):
        pass

    def stop(step: object) -> None:
        raise StopHereError

    with pytest.raises(StopHereError):
        moved(source, target, progress=stop)
    with convokit.open(source, plugins=["simulator"]) as kit:
        client = convokit.Client(id="c99", name="Late", has_app=True)
        kit.practice("happy-paws").start(client=client, channel="app", by=convokit.Staff(id="u1", name="Kim"))
    found = run_doctor(f"{target.url(OWNER)}?convokit_role=owner")
    assert "storage.moving" in found
    with pytest.raises(ConfigurationError) as refused:
        moved(source, target)
    assert refused.value.code == "move.other_source"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE convokit_entry SET text = text || '.' WHERE pk = (SELECT max(pk) FROM convokit_entry)", "another one"),
        ("DELETE FROM convokit_consent_line", "is missing in the target"),
        ("UPDATE convokit_consent SET opted_out = 1 - opted_out", "another one"),
        ("INSERT INTO convokit_secret VALUES ('zz', 'x')", "is only in the target"),
    ],
)
def test_verification_finds_a_changed_row(
    source: str, target: Place, postgres_cluster: Cluster, change: str, said: str
) -> None:
    moved(source, target)
    assert moved(source, target, verify_only=True).differs == ()
    postgres_cluster.admin(change, target.name)
    (words,) = moved(source, target, verify_only=True).differs
    assert said in words
    assert "+1303" not in words


def test_a_difference_found_by_the_move_keeps_the_target_shut(
    source: str, target: Place, postgres_cluster: Cluster
) -> None:
    def meddle(step: object) -> None:
        postgres_cluster.admin("UPDATE convokit_entry SET text = 'x'", target.name)

    assert moved(source, target, progress=meddle).differs
    with pytest.raises(StorageError) as refused:
        convokit.open(f"{target.url(OWNER)}?convokit_role=owner")
    assert refused.value.code == "storage.moving"


def test_a_text_that_postgresql_does_not_take(source: str, target: Place) -> None:
    with closing(sqlite3.connect(source.removeprefix("sqlite:///"))) as file, file:
        file.execute("UPDATE convokit_practice SET settings = settings || char(0)")
    with pytest.raises(convokit.InvalidInput) as refused:
        moved(source, target)
    assert (refused.value.code, refused.value.field) == ("move.value", "convokit_practice")


def test_partitions(source: str, target: Place, postgres_cluster: Cluster) -> None:
    assert moved(source, target, partitions=3).differs == ()
    parts = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'convokit_entry'::regclass"
    assert postgres_cluster.admin(parts, target.name) == [(3,)]


def run_doctor(url: str) -> str:
    done = CliRunner().invoke(cli, ["doctor", "--db", url])
    assert done.exit_code == 1
    return done.stdout


# --- the command ------------------------------------------------------------------------------------------------------


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["migrate", *arguments])


def test_the_command(source: str, target: Place, tmp_path: Path) -> None:
    with closing(sqlite3.connect(f"{tmp_path}/desk.db")) as file, file:
        file.execute("DELETE FROM convokit_media WHERE public_id = 'f-of-b'")  # it has no bytes
    given = ("--from", f"{tmp_path}/desk.db", "--to", target.url(OWNER))
    done = run(*given, "--app-role", APP)
    assert (done.exit_code, done.stdout.splitlines()[-2:]) == (
        0,
        ["files: 1 of 1 are there", "both sides are the same"],
    )
    assert "convokit: copy entry: " in done.stderr
    told = json.loads(run(*given, "--verify", "--json").stdout)
    assert told["differs"] == []
    for path in (tmp_path / "desk.db.media").rglob("*"):
        if path.is_file():
            path.write_bytes(b"other bytes")
    spoilt = run(*given, "--verify")
    assert (spoilt.exit_code, "1 files are missing" in spoilt.stderr) == (4, True)


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        ((), 2, "give --db"),
        (("--from", "desk.db"), 2, "belong together"),
        (("--from", "nowhere.db", "--to", "postgresql://h/d"), 1, "storage.missing"),
        (("--from", "{here}", "--to", "sqlite:///other.db"), 1, "move.url"),
        (("--from", "memory:", "--to", "postgresql://h/d"), 1, "move.url"),
    ],
)
def test_what_the_command_refuses(tmp_path: Path, arguments: tuple[str, ...], exit_code: int, said: str) -> None:
    convokit.open(f"sqlite:///{tmp_path}/desk.db").close()
    done = run(*(word.replace("{here}", f"{tmp_path}/desk.db") for word in arguments))
    assert (done.exit_code, said in done.stderr) == (exit_code, True), done.stderr


def test_no_file_is_made(tmp_path: Path, target: Place) -> None:
    with pytest.raises(StorageError) as refused:
        moved(f"sqlite:///{tmp_path}/nowhere.db", target)
    assert refused.value.code == "storage.missing"
    assert not list(tmp_path.iterdir())


def test_only_the_owner_moves(source: str, postgres_cluster: Cluster) -> None:
    place = postgres_cluster.migrated()
    with pytest.raises(StorageError) as refused:
        move_desk(source, place.url())
    assert refused.value.code == "storage.wrong_role"
    postgres_cluster.drop(place)
