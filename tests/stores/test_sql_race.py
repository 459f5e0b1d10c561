"""Many processes at one SQLite file. What the contract races already is not repeated here."""

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading

import pytest

from convokit.ports.store import Committed, SeenBefore
from convokit.stores.sql import open_sqlite
from convokit.testing.builders import ANA, Facts, practice, take

WRITE = """
    import sys
    from convokit.stores.sql import open_sqlite
    from convokit.testing.builders import *
    store = open_sqlite(sys.argv[1])
    facts = Facts(prefix=sys.argv[2])
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(int(sys.argv[3])):
        address = ANA if number % 2 else f"+1303{int(sys.argv[2]):03}{number:04}"
        fact = facts.arrived(address=address)
        take(store, practice(), fact)
        print(fact.provider_id, flush=True)
    store.close()
"""


@pytest.fixture
def url(tmp_path):
    url = f"sqlite:///{tmp_path}/desk.db"
    store = open_sqlite(url)
    store.put_practice(practice())
    store.close()
    return url


def writer(url, name, texts):
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WRITE), url, str(name), str(texts)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def go(processes):
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()


def stored(url):
    database = sqlite3.connect(url.removeprefix("sqlite:///"))
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    ids = [row[0] for row in database.execute("SELECT provider_id FROM convokit_entry WHERE kind = 'message'")]
    opened = database.execute(
        "SELECT count(*) FROM convokit_conversation WHERE ended = 0 GROUP BY practice_pk, channel, address, sender"
    ).fetchall()
    database.close()
    assert set(opened) == {(1,)}
    assert len(ids) == len(set(ids))
    return set(ids)


def test_p02_sixteen_writers_at_one_file_make_no_error(url):
    processes = [writer(url, name, 6) for name in range(16)]
    go(processes)
    acknowledged = set()
    for process in processes:
        out, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        acknowledged.update(out.split())
    assert len(acknowledged) == 16 * 6
    assert stored(url) == acknowledged


@pytest.mark.skipif(os.name != "posix", reason="needs kill -9")
def test_p01_what_was_acknowledged_outlives_kill_9(url):
    processes = [writer(url, name, 2_000) for name in range(3)]
    go(processes)
    acknowledged = set()
    for number, process in enumerate(processes):
        acknowledged.update(process.stdout.readline().strip() for _ in range(10 + 7 * number))
        process.send_signal(signal.SIGKILL)
    for process in processes:
        # Not communicate(): it would pass over what readline() has taken into its buffer.
        acknowledged.update(line.strip() for line in process.stdout if line.endswith("\n"))
        process.stdout.close()
        process.stdin.close()
        process.wait()
    assert acknowledged <= stored(url)
    store = open_sqlite(url)
    assert isinstance(take(store, practice(), Facts(prefix="after").arrived()), Committed)
    store.close()


def test_p03_of_four_processes_one_begins_a_hand_over(url):
    store = open_sqlite(url)
    facts = Facts()
    text = facts.arrived()
    take(store, practice(), text)
    reply = facts.replied(text.conversation_id)
    take(store, practice(), reply)
    code = """
        import sys
        from convokit.stores.sql import open_sqlite
        store = open_sqlite(sys.argv[1])
        print("ready", flush=True)
        sys.stdin.readline()
        print(store.begin("happy-paws", sys.argv[2], int(sys.argv[3]), 10) is not None)
        store.close()
    """
    arguments = [sys.executable, "-c", textwrap.dedent(code), url, f"{reply.entry_id}.1", str(facts.now_us)]
    processes = [
        subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    go(processes)
    assert sorted(process.communicate(timeout=120)[0] for process in processes) == ["False\n"] * 3 + ["True\n"]
    store.close()


def test_p02_a_fact_that_was_stored_between_our_look_and_the_lock(url):
    """Another process is faster by a moment: at the very BEGIN of our transaction it stores the same report."""
    store = open_sqlite(url)
    facts = Facts()
    text = facts.arrived()
    take(store, practice(), text)
    reply = facts.replied(text.conversation_id)
    take(store, practice(), reply)
    # An unknown word changes nothing but the fact's identity: no version and no consent can be stale.
    report = facts.reported(reply.entry_id, None)
    other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    raced = []

    def faster(statement):
        if statement == "BEGIN IMMEDIATE" and not raced:
            raced.append(statement)
            other.execute("INSERT INTO convokit_fact VALUES (1, ?, NULL, 'theirs')", (report.identity,))

    with store._db.writing() as run:
        connection = run.connection
    connection.set_trace_callback(faster)
    assert take(store, practice(), report) == SeenBefore(entry_id=None, fingerprint="theirs")
    connection.set_trace_callback(None)
    assert raced
    other.close()
    store.close()


def test_readers_do_not_wait_for_a_writer(url):
    store = open_sqlite(url)
    take(store, practice(), Facts().arrived())
    with store._db.writing() as run:
        run.connection.execute("UPDATE convokit_practice SET change_no = 100")
        found = []
        reader = threading.Thread(target=lambda: found.append(store.latest_at("happy-paws", "sms", ANA)))
        reader.start()
        reader.join(30)
        assert found[0].unread == 1
    store.close()
