"""A process that forks while a database is open: both sides go on, and what either acknowledged is stored.

SQLite keeps the locks of a file in the memory of the process, so a connection that crosses a fork loses commits.
"""

import gc
import os
import subprocess
import sys
import textwrap
import threading
import weakref
from pathlib import Path

import pytest

from convokit.errors import StorageError
from convokit.ports.store import Committed
from convokit.stores.sql import open_sqlite
from convokit.stores.sql.sqlite import connections, forking
from convokit.stores.sql.sqlite.engine import SqliteDatabase
from convokit.testing.builders import Facts, practice, take

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

BEGIN = """
import os, signal, sys, threading, warnings
from convokit.errors import StorageError
from convokit.stores.sql import open_sqlite
from convokit.testing.builders import *
warnings.filterwarnings("ignore", category=DeprecationWarning)  # forking with threads is what is tested
signal.alarm(100)
store = open_sqlite(sys.argv[1])
store.put_practice(practice())

def write(prefix, texts):
    facts = Facts(prefix=prefix)
    for _ in range(texts):
        take(store, practice(), facts.arrived())

def child(work):
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    return pid

def ended(pid):
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
"""
COUNT = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
print(database.execute("PRAGMA integrity_check").fetchone()[0],
      database.execute("SELECT count(*) FROM convokit_entry WHERE kind = 'message'").fetchone()[0])
"""


def run(code, path):
    argument = path if code is COUNT else f"sqlite:///{path}"
    script = code if code is COUNT else BEGIN + textwrap.dedent(code)
    done = subprocess.run(
        [sys.executable, "-c", script, str(argument)], capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


@pytest.fixture
def path(tmp_path: Path):
    return tmp_path / "desk.db"


@pytest.mark.parametrize("leave", ["store.close()", "sys.exit()"])
def test_p01_the_child_goes_on_writing_after_the_parent_has_closed(path, leave):
    code = f"""
        write("before", 3)
        done, closed = os.pipe(), os.pipe()
        def work():
            write("beside", 5)
            os.write(done[1], b"x")
            os.close(closed[1])
            assert os.read(closed[0], 1) == b""  # its other end closes when the parent does
            write("after", 20)
            print("written", flush=True)
        pid = child(work)
        assert os.read(done[0], 1) == b"x"
        write("parent", 5)
        if "close" in "{leave}":
            store.close()
            os.close(closed[1])
            ended(pid)
        {leave}
    """
    assert run(code, path) == "written"  # the pipe of its output ends with the child
    assert run(COUNT, path) == "ok 33"


def test_p22_a_fork_while_another_thread_writes_leaves_nobody_waiting(path):
    code = """
        stop, texts = threading.Event(), [0, 0, 0]
        def spin(number):
            while not stop.is_set():
                write(f"parent{number}-{texts[number]}-", 1)
                texts[number] += 1
                store.latest_at("happy-paws", "sms", ANA)
        threads = [threading.Thread(target=spin, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        children = [child(lambda: write(f"child{number}-", 2)) for number in range(12)]
        stop.set()
        for thread in threads:
            thread.join()
        for pid in children:
            ended(pid)
        write("last", 1)
        store.close()
        print(sum(texts) + 12 * 2 + 1)
    """
    expected = run(code, path)
    assert run(COUNT, path) == f"ok {expected}"


def test_p22_forks_from_several_threads_at_once(path):
    code = """
        def forks(number):
            for turn in range(3):
                ended(child(lambda: write(f"child{number}-{turn}-", 1)))
                write(f"parent{number}-{turn}-", 1)
        threads = [threading.Thread(target=forks, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    """
    run(code, path)
    assert run(COUNT, path) == "ok 24"


@pytest.mark.parametrize("held", ["reading()", "writing()"])
def test_p01_a_child_of_a_fork_inside_a_statement_is_refused(path, held):
    """It cannot be made safe, so it does not write; the parent is not disturbed."""
    code = f"""
        from convokit.stores.sql.sqlite import forking
        forking._PATIENCE_SECONDS = 0.05
        def refused(call):
            try:
                call()
            except StorageError as error:
                assert error.code == "storage.forked"
            else:
                raise AssertionError
        def work():
            refused(lambda: write("child", 1))
            store.close()
            refused(lambda: open_sqlite(sys.argv[1]))
            open_sqlite(sys.argv[1] + ".other").close()
        write("before", 1)
        with store._db.{held}:
            ended(child(work))
        write("parent", 1)
    """
    run(code, path)
    assert run(COUNT, path) == "ok 2"


def test_p01_a_child_of_a_fork_that_python_did_not_see_is_refused(path):
    code = """
        import ctypes
        write("before", 1)
        if ctypes.PyDLL(None).fork() == 0:
            codes = []
            for call in (lambda: write("child", 1), lambda: (store.close(), open_sqlite(sys.argv[1]))):
                try:
                    call()
                except StorageError as error:
                    codes.append(error.code)
            print(codes, flush=True)
            os._exit(0)
        os.wait()
        write("parent", 1)
    """
    assert run(code, path) == "['storage.forked', 'storage.forked']"
    assert run(COUNT, path) == "ok 2"


def test_a_fork_closes_every_connection_and_the_parent_opens_its_own(path):
    store = open_sqlite(f"sqlite:///{path}")
    store.put_practice(practice())
    with store._db.reading() as reader, store._db.writing() as writer:
        pass
    forking.FORKS.before()
    for run_ in (reader, writer):
        with pytest.raises(Exception, match="closed database"):
            run_.connection.execute("SELECT 1")
    forking.FORKS.after_in_parent()
    assert isinstance(take(store, practice(), Facts().arrived()), Committed)
    store.close()


@pytest.mark.parametrize("write", [True, False])
def test_who_comes_during_a_fork_waits_for_its_end_or_is_told_so(path, write, monkeypatch):
    store = open_sqlite(f"sqlite:///{path}")
    store.put_practice(practice())
    monkeypatch.setattr(connections, "PATIENCE_MS", 20)

    def come(patience_ms):
        with store._db.writing(patience_ms=patience_ms) if write else store._db.reading():
            return "in"

    forking.FORKS.before()
    with pytest.raises(StorageError) as caught:
        come(20)
    assert caught.value.code == "storage.busy"
    monkeypatch.setattr(connections, "PATIENCE_MS", 60_000)
    end = threading.Timer(0.05, forking.FORKS.after_in_parent)
    end.start()
    assert come(60_000) == "in"
    end.join()
    store.close()


def test_a_fork_waits_for_those_inside(path):
    store = open_sqlite(f"sqlite:///{path}")
    entered, leave = threading.Event(), threading.Event()

    def read():
        with store._db.reading():
            entered.set()
            leave.wait(60)

    reader = threading.Thread(target=read)
    reader.start()
    assert entered.wait(60)
    later = threading.Timer(0.05, leave.set)
    later.start()
    forking.FORKS.before()
    assert leave.is_set()
    forking.FORKS.after_in_parent()
    reader.join()
    later.join()
    store.close()


def test_a_fork_that_does_not_get_everybody_out_leaves_the_connections_alone(path, monkeypatch):
    monkeypatch.setattr(forking, "_PATIENCE_SECONDS", 0.02)
    store = open_sqlite(f"sqlite:///{path}")
    for inside in (store._db.reading, store._db.writing):
        with inside() as run_:
            forking.FORKS.before()
            forking.FORKS.after_in_parent()
            assert run_.connection.execute("SELECT 1").fetchone() == (1,)
    store.put_practice(practice())
    store.close()


def test_a_child_has_locks_and_connections_of_its_own(path):
    store = open_sqlite(f"sqlite:///{path}")
    store.put_practice(practice())
    before, opening = store._db.connections, forking.FORKS.opening
    forking.FORKS.before()
    forking.FORKS.after_in_child()
    assert store._db.connections is not before
    assert forking.FORKS.opening is not opening
    store.put_practice(practice())
    store.close()


def test_a_fork_keeps_no_database(path):
    database = SqliteDatabase(path)
    gone = weakref.ref(database)
    assert database in forking.FORKS.databases
    del database
    gc.collect()
    assert gone() is None
