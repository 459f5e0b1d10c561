"""Full, locked, read-only, broken under us: a typed error, nothing half stored, and it works again afterwards."""

import os
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time

import pytest
from attrs import evolve

from convokit.decisions.base import Needs
from convokit.errors import InvalidInput, StorageError
from convokit.ports.store import Committed
from convokit.stores.memory import MemoryStore
from convokit.stores.sql import open_sqlite
from convokit.stores.sql.sqlite import faults
from convokit.testing.builders import ANA, Facts, practice, take
from convokit.testing.store_base import Desk


@pytest.fixture
def path(tmp_path):
    return tmp_path / "desk.db"


@pytest.fixture
def desk(path):
    store = open_sqlite(f"sqlite:///{path}")
    store.put_practice(practice())
    yield Desk(store, practice(), Facts())
    store.close()


def code_of(call):
    with pytest.raises(StorageError) as caught:
        call()
    return caught.value.code


def commit_in(desk, patience_ms):
    fact = desk.facts.arrived()
    before, decision = desk.decided(fact)
    return lambda: desk.store.commit(desk.id, before, fact, decision, patience_ms=patience_ms)


def test_p22_a_lock_held_by_another_process_is_busy_within_the_patience_and_then_works(desk, path):
    commit = commit_in(desk, 50)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert code_of(commit) == "storage.busy"
    assert desk.store.badges(desk.id).active == 0
    other.execute("COMMIT")
    other.close()
    assert commit() == Committed(change=1)


def test_p22_a_lock_that_is_given_back_in_time_is_waited_for(desk, path):
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    later = threading.Timer(0.1, lambda: other.execute("COMMIT"))
    later.start()
    assert commit_in(desk, 30_000)() == Committed(change=1)
    later.join()
    other.close()


def test_p22_our_own_writer_is_waited_for_as_patiently(desk):
    commit = commit_in(desk, 50)
    with desk.store._db.writing():
        assert code_of(commit) == "storage.busy"
    assert commit() == Committed(change=1)


def test_the_patience_left_after_the_threads_lock_is_for_the_files_lock(desk):
    held, codes = threading.Event(), []

    def hold():
        with desk.store._db.writing():
            held.set()
            time.sleep(0.05)

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(10)
    with desk.store._db.writing(patience_ms=20_000) as run:
        codes.append(run.connection.execute("PRAGMA busy_timeout").fetchone()[0])
    holder.join()
    assert 0 < codes[0] < 20_000


def test_p22_a_full_database_stores_nothing_and_works_again_when_there_is_room(desk):
    desk.put(desk.facts.arrived("first"))
    store = desk.store
    with store._db.writing() as run:
        pages = run.connection.execute("PRAGMA page_count").fetchone()[0]
        run.connection.execute(f"PRAGMA max_page_count = {pages}")
    known = store.latest_at(desk.id, "sms", ANA)
    last = known.last_seq
    codes = []
    while not codes:
        try:
            desk.put(desk.facts.arrived("x" * 5_000))
            last += 1
        except StorageError as error:
            codes.append((error.code, "xxx" in str(error)))
    assert codes == [("storage.full", False)]
    now = store.latest_at(desk.id, "sms", ANA)
    assert now.last_seq == last
    assert len(store.entries(desk.id, known.id)) == last
    with store._db.writing() as run:
        run.connection.execute("PRAGMA max_page_count = 1000000")
    desk.put(desk.facts.arrived("again"))
    assert store.conversation(desk.id, known.id).last_seq == last + 1


LIMITED = """
    import resource, sys
    from convokit.errors import StorageError
    from convokit.stores.sql import open_sqlite
    from convokit.testing.builders import *

    store = open_sqlite(sys.argv[1])
    store.put_practice(practice())
    facts, acknowledged, code = Facts(), 0, None
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    try:
        for _ in range(500):
            take(store, practice(), facts.arrived("y" * 10_000))
            acknowledged += 1
    except StorageError as error:
        code = error.code
    stored = store.latest_at("happy-paws", "sms", ANA).last_seq
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    take(store, practice(), facts.arrived("after"))
    later = store.latest_at("happy-paws", "sms", ANA).last_seq
    store.close()
    print(code, stored == acknowledged, later == acknowledged + 1)
"""


@pytest.mark.skipif(os.name != "posix", reason="needs resource limits")
def test_p22_the_limit_on_file_sizes_is_full_too(path):
    process = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(LIMITED), f"sqlite:///{path}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert process.stdout == "storage.full True True\n", process.stderr
    database = sqlite3.connect(path)
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


class _Broken(sqlite3.Error):
    """What the driver raises, with the code of our choice."""

    def __init__(self, code):
        super().__init__("made for the test")
        self.sqlite_errorcode = code


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "storage.busy"),
        (sqlite3.SQLITE_LOCKED, "storage.busy"),
        (sqlite3.SQLITE_FULL, "storage.full"),
        (sqlite3.SQLITE_READONLY_DBMOVED, "storage.read_only"),
        (sqlite3.SQLITE_CORRUPT, "storage.corrupt"),
        (sqlite3.SQLITE_NOTADB, "storage.not_a_database"),
        (sqlite3.SQLITE_IOERR_FSYNC, "storage.io"),
        (sqlite3.SQLITE_IOERR_WRITE, "storage.io"),
        (sqlite3.SQLITE_CANTOPEN, "storage.io"),
        (sqlite3.SQLITE_NOMEM, "storage.io"),
    ],
)
def test_p22_what_the_database_says_has_a_stable_code(path, code, expected):
    assert faults.translated(_Broken(code), path).code == expected


def test_p22_after_an_io_error_the_next_write_opens_a_connection_of_its_own(desk):
    database = desk.store._db
    with pytest.raises(StorageError) as caught, database.writing() as run:
        raise _Broken(sqlite3.SQLITE_IOERR_FSYNC)
    assert caught.value.code == "storage.io"
    with database.writing() as fresh:
        assert fresh is not run
    desk.put(desk.facts.arrived())


def test_p22_a_file_that_went_away_is_an_error_not_a_new_empty_database(desk, path):
    database, away = desk.store._db, path.with_name("elsewhere.db")
    with database.reading():  # the only idle connection: the next reader needs a new one
        path.rename(away)
        assert code_of(lambda: desk.store.badges(desk.id)) == "storage.io"
    assert not path.exists()
    away.rename(path)
    assert desk.store.badges(desk.id).active == 0


def test_p22_reads_say_what_is_wrong_too(desk):
    store = desk.store
    with store._db.writing() as run:
        run.connection.execute("ALTER TABLE convokit_consent RENAME TO lost")
    assert code_of(lambda: store.consent(desk.id, ANA)) == "storage.io"
    assert code_of(lambda: store.load(desk.id, Needs(address=ANA, consent=True))) == "storage.io"
    fact = desk.facts.arrived()
    assert code_of(lambda: desk.decided(fact)) == "storage.io"
    with store._db.writing() as run:
        run.connection.execute("ALTER TABLE lost RENAME TO convokit_consent")
    desk.put(fact)


@pytest.mark.parametrize("text", ["lone \ud83d surrogate"])
def test_p18_a_value_that_cannot_be_stored_is_our_error_and_says_nothing_of_it(desk, text):
    fact = desk.facts.arrived(text)
    with pytest.raises(InvalidInput) as caught:
        desk.take(fact)
    assert caught.value.code == "storage.value"
    assert "lone" not in str(caught.value)
    assert desk.store.badges(desk.id).active == 0


def test_p18_a_number_that_is_too_large_is_our_error(desk):
    for call in (
        lambda: desk.store.changes(desk.id, since=2**70, limit=1),
        lambda: desk.store.conversation(desk.id, "\ud83d"),
    ):
        with pytest.raises(InvalidInput) as caught:
            call()
        assert caught.value.code == "storage.value"


def test_p01_a_repeated_fact_writes_not_a_byte(desk, path):
    fact = desk.facts.arrived()
    desk.put(fact)
    log = path.with_name("desk.db-wal")
    size, content = log.stat().st_size, log.read_bytes()
    for _ in range(20):
        desk.take(fact)
    assert (log.stat().st_size, log.read_bytes()) == (size, content)


def test_p01_a_committed_text_is_in_the_files(path):
    """Copied right after the commit, nothing closed: what another process finds when this one is killed."""
    store = open_sqlite(f"sqlite:///{path}")
    store.put_practice(practice())
    fact = Facts().arrived()
    take(store, practice(), fact)
    copy = path.with_name("copy.db")
    for suffix in ("", "-wal"):
        copy.with_name(copy.name + suffix).write_bytes(path.with_name(path.name + suffix).read_bytes())
    store.close()
    again = open_sqlite(f"sqlite:///{copy}")
    assert again.entry("happy-paws", fact.entry_id) is not None
    again.close()


@pytest.mark.parametrize("what", ["park", "keep_unreadable", "endpoint_for"])
def test_p22_what_a_webhook_writes_is_busy_within_its_patience(desk, path, what):
    store = desk.store
    calls = {
        "park": lambda: store.park(desk.id, "x", evolve(desk.facts.reported(""), attempt=0), patience_ms=50),
        "keep_unreadable": lambda: store.keep_unreadable(desk.id, "simulator", b"?", 1, patience_ms=50),
        "endpoint_for": lambda: store.endpoint_for(desk.id, "simulator", "token", patience_ms=50),
    }
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert code_of(calls[what]) == "storage.busy"
    other.execute("COMMIT")
    other.close()
    calls[what]()


def test_p22_the_store_in_memory_is_as_patient(desk):
    store = MemoryStore()
    store.put_practice(practice())
    with store._open():
        assert code_of(lambda: store.keep_unreadable(desk.id, "simulator", b"?", 1, patience_ms=5)) == "storage.busy"
    store.keep_unreadable(desk.id, "simulator", b"?", 1, patience_ms=5)
