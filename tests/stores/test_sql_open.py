"""Opening a database file: new, known, newer, damaged, locked, shared and forked."""

import gc
import os
import sqlite3
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

import convokit
from convokit.errors import ConfigurationError, ConvokitError, StorageError
from convokit.stores.sql import open_sqlite, schema
from convokit.stores.sql.sqlite import engine, migrating, opening
from convokit.testing.builders import Facts, practice, take

OPEN = "from convokit.stores.sql import open_sqlite; import sys; store = open_sqlite(sys.argv[1])"


def url_of(path):
    return f"sqlite:///{path}"


def python(code, *arguments, **options):
    """Start a Python process that runs ``code``."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def said(process):
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out.strip()


def refused(path):
    with pytest.raises(StorageError) as caught:
        open_sqlite(url_of(path))
    return caught.value.code


@pytest.fixture
def path(tmp_path):
    return tmp_path / "desk.db"


def put_text(store):
    store.put_practice(practice())
    return take(store, practice(), Facts().arrived())


# --- new and known -----------------------------------------------------------------------------------------------


def test_a_new_file_is_made_and_found_again(path):
    store = open_sqlite(url_of(path))
    put_text(store)
    store.close()
    again = open_sqlite(url_of(path))
    assert again.badges("happy-paws").active == 1
    again.close()


def test_a_relative_path_is_relative_to_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    open_sqlite("sqlite:///a b%c#?.db".replace("?", "")).close()
    assert (tmp_path / "a b%c#.db").exists()


def test_an_empty_file_is_a_new_database(path):
    path.touch()
    store = open_sqlite(url_of(path))
    assert store.practices() == ()
    store.close()


def test_the_pragmas_that_durability_rests_on(path):
    store = open_sqlite(url_of(path))
    with store._db.writing() as run:
        values = {name: run.connection.execute(f"PRAGMA {name}").fetchone()[0] for name in PRAGMAS}
    assert values == PRAGMAS
    with store._db.reading() as run:
        assert run.connection.execute("PRAGMA query_only").fetchone() == (1,)
    store.close()


PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "wal_autocheckpoint": 10_000}


def test_a_hosts_own_tables_beside_ours_are_left_alone(path):
    with sqlite3.connect(path) as host:
        host.execute("CREATE TABLE conversation (id)")
        host.execute("INSERT INTO conversation VALUES (7)")
    host.close()
    open_sqlite(url_of(path)).close()
    host = sqlite3.connect(path)
    assert host.execute("SELECT id FROM conversation").fetchall() == [(7,)]
    host.close()


def test_alembic_is_imported_only_when_there_is_something_to_migrate(path):
    code = f"{OPEN}; store.close(); print('alembic' in sys.modules)"
    assert said(python(code, url_of(path))) == "True"
    assert said(python(code, url_of(path))) == "False"


def test_importing_convokit_and_the_memory_store_imports_no_sqlalchemy():
    code = "import sys, convokit, convokit.stores.memory; print({'sqlalchemy', 'alembic'} & set(sys.modules))"
    assert said(python(code)) == "set()"


def test_the_list_of_revisions_is_the_folder_of_migrations():
    from alembic.script import ScriptDirectory

    from convokit.stores.sql.migrating import config

    scripts = ScriptDirectory.from_config(config())
    assert tuple(s.revision for s in reversed(list(scripts.walk_revisions()))) == schema.REVISIONS


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:///a.db?mode=ro", "sqlite:a"])
def test_a_url_that_names_no_file(url):
    with pytest.raises(ConfigurationError) as caught:
        open_sqlite(url)
    assert caught.value.code == "store.url"


# --- refused ------------------------------------------------------------------------------------------------------


def test_p22_a_missing_folder(tmp_path):
    assert refused(tmp_path / "no" / "desk.db") == "storage.no_folder"


def test_p22_a_folder_in_place_of_a_file(tmp_path):
    assert refused(tmp_path) == "storage.not_a_database"


def test_p22_a_file_that_is_not_a_database(path):
    path.write_bytes(b"Dear diary, " * 1000)
    assert refused(path) == "storage.not_a_database"
    assert path.read_bytes() == b"Dear diary, " * 1000


def test_p22_a_database_that_was_emptied_beside_its_log(path):
    """SQLite would take it for new, and drop the log with the commits in it."""
    store = open_sqlite(url_of(path))
    put_text(store)
    log = path.with_name("desk.db-wal").read_bytes()
    store.close()
    path.write_bytes(b"")
    path.with_name("desk.db-wal").write_bytes(log)
    assert refused(path) == "storage.corrupt"
    assert path.with_name("desk.db-wal").read_bytes() == log


def test_p22_a_damaged_page(path):
    store = open_sqlite(url_of(path))
    put_text(store)
    store.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    assert refused(path) == "storage.corrupt"


def test_p23_a_newer_schema_is_refused_untouched(path):
    open_sqlite(url_of(path)).close()
    later = sqlite3.connect(path)
    later.execute("UPDATE convokit_version SET version_num = '9999'")
    later.commit()
    later.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    later.close()
    before = path.read_bytes()
    assert refused(path) == "storage.newer"
    assert path.read_bytes() == before


def test_p22_settings_of_a_newer_release(path):
    store = open_sqlite(url_of(path))
    store.put_practice(practice())
    with store._db.writing() as run:
        run.connection.execute("UPDATE convokit_practice SET settings = json_set(settings, '$.fax', '1')")
    with pytest.raises(StorageError) as caught:
        store.practice("happy-paws")
    assert caught.value.code == "storage.newer"
    store.close()


READ_ONLY = """
    import os, sys
    from convokit.stores.sql import open_sqlite
    from convokit.stores.sql.sqlite import migrating
    from convokit.errors import StorageError
    if os.getuid() == 0:
        os.setuid(65534)
    try:
        open_sqlite(sys.argv[1])
    except StorageError as error:
        print(error.code)
"""


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX permissions")
@pytest.mark.parametrize("what", ["file", "folder", "folder of a new file"])
def test_p22_read_only_is_said_at_the_start(path, what):
    if what != "folder of a new file":
        open_sqlite(url_of(path)).close()
    for folder in (path.parent, *path.parents[:4]):
        if folder.owner() == path.parent.owner() and folder != Path(folder.anchor):
            folder.chmod(0o777)
    (path if what == "file" else path.parent).chmod(0o444 if what == "file" else 0o555)
    try:
        assert said(python(READ_ONLY, url_of(path))) == "storage.read_only"
    finally:
        path.parent.chmod(0o777)


# --- migrating ----------------------------------------------------------------------------------------------------


def test_p23_of_eight_processes_one_migrates_and_the_others_wait(path):
    code = f"{OPEN}; print(store.practices()); store.close()"
    processes = [python(code, url_of(path)) for _ in range(8)]
    assert [said(process) for process in processes] == ["()"] * 8
    database = sqlite3.connect(path)
    assert database.execute("SELECT count(*) FROM convokit_version").fetchone() == (1,)
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


@pytest.mark.parametrize("known", schema.REVISIONS[:-1])
def test_p23_a_file_of_an_earlier_release_is_brought_up_and_keeps_its_rows(path, known):
    store = open_sqlite(url_of(path))
    put_text(store)
    store.close()
    database = sqlite3.connect(path)
    # What came after it is taken back by hand: no migration of ours does.
    database.execute("ALTER TABLE convokit_payment DROP COLUMN page")
    if known == "0001":
        database.execute("DROP TABLE convokit_push_token")
    database.execute("UPDATE convokit_version SET version_num = ?", (known,))
    database.commit()
    database.close()
    store = open_sqlite(url_of(path))
    assert len(store.practices()) == 1
    assert store.push_tokens(store.practices()[0].id, "c17") == ()
    store.close()


def test_p23_a_migration_that_fails_leaves_nothing(path, monkeypatch):
    path.touch()

    def half(connection):
        connection.execute("CREATE TABLE convokit_practice (pk INTEGER PRIMARY KEY)")
        raise RuntimeError

    monkeypatch.setattr(migrating, "_upgrade", half)
    with pytest.raises(RuntimeError):
        migrating.migrate(path, 1000)
    monkeypatch.undo()
    database = sqlite3.connect(path)
    assert database.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    database.close()
    open_sqlite(url_of(path)).close()


def test_p23_rows_that_point_nowhere_after_a_migration_undo_it(path, monkeypatch):
    path.touch()

    def orphan(connection):
        connection.execute("CREATE TABLE parent (pk INTEGER PRIMARY KEY)")
        connection.execute("CREATE TABLE child (parent REFERENCES parent (pk))")
        connection.execute("INSERT INTO child VALUES (1)")

    monkeypatch.setattr(migrating, "_upgrade", orphan)
    with pytest.raises(StorageError) as caught:
        migrating.migrate(path, 1000)
    assert caught.value.code == "storage.corrupt"
    database = sqlite3.connect(path)
    assert database.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    database.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs kill -9")
def test_p23_killed_while_migrating_it_starts_from_nothing_again(path):
    code = """
        import os, sys
        from pathlib import Path
        from convokit.stores.sql.sqlite import migrating
        real = migrating._upgrade
        def killed(connection):
            real(connection)
            os._exit(9)
        migrating._upgrade = killed
        migrating.migrate(Path(sys.argv[1]), 1000)
    """
    path.touch()
    process = python(code, path)
    process.communicate(timeout=120)
    assert process.returncode == 9
    store = open_sqlite(url_of(path))
    put_text(store)
    store.close()


# --- one file, many users -----------------------------------------------------------------------------------------


def test_two_stores_on_one_file_share_the_one_writing_connection(path):
    first, second = open_sqlite(url_of(path)), open_sqlite(url_of(path))
    assert first._db is second._db
    put_text(first)
    assert second.badges("happy-paws").active == 1
    first.close()
    first.close()
    assert second.badges("happy-paws").active == 1
    second.close()
    assert opening._open == {}
    with pytest.raises(StorageError) as caught:
        second.badges("happy-paws")
    assert caught.value.code == "storage.closed"


@pytest.mark.parametrize("wrong", [{"media": "ftp://files"}, {"private_media_hosts": ["no port"]}])
def test_a_kit_that_cannot_be_opened_leaves_no_connection_open(path, wrong):
    with pytest.raises(ConvokitError):
        convokit.open(url_of(path), **wrong)
    assert opening._open == {}


def test_a_store_closed_while_it_is_read_ends_when_the_reader_is_done(path):
    store = open_sqlite(url_of(path))
    database = store._db
    with database.reading() as run:
        store.close()
        assert run.connection.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(sqlite3.ProgrammingError):
        run.connection.execute("SELECT 1")
    with pytest.raises(StorageError):
        database.writing().__enter__()


def test_a_writer_that_waited_while_the_store_was_closed_is_told_so(path):
    store = open_sqlite(url_of(path))
    entered, codes = threading.Event(), []

    def wait_and_write():
        entered.set()
        try:
            store.put_practice(practice())
        except StorageError as error:
            codes.append(error.code)

    with store._db.writing():
        waiting = threading.Thread(target=wait_and_write)
        waiting.start()
        assert entered.wait(10)
        store._db.closed = True
    waiting.join()
    assert codes == ["storage.closed"]
    store.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_p22_a_forked_process_opens_connections_of_its_own(path):
    code = f"""
        {OPEN}
        import os
        from convokit.testing.builders import *
        store.put_practice(practice())
        take(store, practice(), Facts(prefix="parent").arrived())
        child = os.fork()
        if child == 0:
            assert store._db.connections.writer is None
            take(store, practice(), Facts(prefix="child").arrived())
            assert store._db.connections.writer is not None
            store.close()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        take(store, practice(), Facts(prefix="later").arrived())
        (shown,), _ = store.inbox("happy-paws", __import__("convokit.domain.inbox").domain.inbox.InboxQuery(),
                                  sort="urgency", after=None, limit=2)
        print(os.waitstatus_to_exitcode(status), shown.last_seq)
        store.close()
    """
    assert said(python(code, url_of(path))) == "0 3"


def test_closing_leaves_no_connection_behind(path):
    store = open_sqlite(url_of(path))
    put_text(store)
    store.close()
    gc.collect()
    assert sorted(file.name for file in path.parent.iterdir()) == ["desk.db"]


@pytest.mark.parametrize(
    ("version", "risky"),
    [
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((4, 0, 0), False),
    ],
)
def test_versions_of_sqlite_that_can_damage_a_shared_database(version, risky):
    found = engine.sqlite_version_risk(version)
    assert (found is not None) == risky
    assert found is None or ".".join(map(str, version)) in found
