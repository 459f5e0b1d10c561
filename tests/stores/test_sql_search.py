"""What only the SQL store has of search: its index, kept by whoever comes first, and the module that it needs."""

import sqlite3

import pytest
from attrs import evolve
from desks import ANA, BELLA, KIM, world

from convokit.domain.search import terms
from convokit.errors import StorageError
from convokit.stores.sql import open_sqlite
from convokit.stores.sql.sqlite.opening import want_module
from convokit.testing.builders import Facts, practice, take

KEPT = {
    "header": "SELECT body FROM convokit_search_header ORDER BY rowid",
    "text": "SELECT body FROM convokit_search_text ORDER BY rowid",
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "desk.db"


@pytest.fixture
def store(path):
    one = open_sqlite(f"sqlite:///{path}")
    for name in ("a", "b"):
        one.put_practice(practice(name))
    yield one
    one.close()


def kept(path, kind):
    connection = sqlite3.connect(path)
    try:
        return [body for (body,) in connection.execute(KEPT[kind])]
    finally:
        connection.close()


def test_a_build_of_sqlite_without_the_module_is_refused():
    connection = sqlite3.connect(":memory:")
    want_module(connection, "fts5")
    with pytest.raises(StorageError) as refused:
        want_module(connection, "fts99")
    connection.close()
    assert (refused.value.code, refused.value.limit) == ("storage.no_module", "fts99")


def test_nothing_is_indexed_before_somebody_asks(store, path):
    take(store, practice("a"), Facts().arrived("Hello"))
    assert (kept(path, "header"), kept(path, "text")) == ([], [])
    assert store.unindexed(10) == ("a",)
    while store.index_pending("a", 1):
        pass
    assert kept(path, "text") == ["1\ue000hello"]
    assert store.unindexed(10) == ()


def test_p10_every_word_in_the_index_carries_its_practice(store, path):
    for key, name in ((1, "a"), (2, "b")):
        facts = Facts()
        take(store, practice(name), evolve(facts.arrived("secret word"), client_name=f"Client {name}"))
        while store.index_pending(name, 50):
            pass
        assert all(word.startswith((f"{key}\ue000", f"{key}\ue001")) for word in kept(path, "text")[-1].split())
        assert all(word.startswith((f"{key}\ue000", f"{key}\ue001")) for word in kept(path, "header")[-1].split())


def test_p10_a_word_that_names_another_practice_does_not_reach_it(store):
    take(store, practice("b"), Facts().arrived("secret"))
    while store.index_pending("b", 50):
        pass
    for text in ("2\ue000secret", '" OR 2\ue000secret', "2 secret", "\ue000secret"):
        assert store.search("a", terms(text), after=None, limit=10) == ((), None)
    assert len(store.search("b", terms("secret"), after=None, limit=10)[0]) == 1


def test_a_header_that_did_not_change_is_not_written_again(store, path):
    facts = Facts()
    first = facts.arrived("one")
    take(store, practice("a"), first)
    while store.index_pending("a", 50):
        pass
    take(store, practice("a"), facts.marked_unread(first.conversation_id))
    take(store, practice("a"), facts.staff_read(first.conversation_id, 1))
    connection = sqlite3.connect(path)
    version = connection.execute("SELECT max(id) FROM convokit_search_header_data").fetchone()
    while store.index_pending("a", 50):
        pass
    assert connection.execute("SELECT max(id) FROM convokit_search_header_data").fetchone() == version
    connection.close()


def test_the_worker_goes_on_when_the_index_cannot_be_written(path, monkeypatch, caplog):
    with world(f"sqlite:///{path}") as made:
        talk = made.desk.start(client=ANA, patient=BELLA, channel="sms", by=KIM)
        made.desk.send(talk.id, "Hello", by=KIM)
        with monkeypatch.context() as broken:

            def full(*_: object) -> int:
                raise StorageError("storage.full", "no space left")

            broken.setattr(made.kit.store, "index_pending", full)
            assert made.kit.work().performed == 1
        assert "not yet ready for search" in caplog.text
        assert [hit.matched for hit in made.desk.search("hello").items] == ["text"]
