"""PostgreSQL stopped, restarted, full, locked, slow, read-only, with the wrong role: a typed error, and it recovers."""

from __future__ import annotations

import pickle
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from cutting_proxy import CuttingProxy, Where
from postgres_cluster import ADMIN, APP, OWNER, Cluster, Place, new_cluster

from convokit.effects import SendMail
from convokit.errors import ConfigurationError, ConvokitError, InvalidInput, StorageError
from convokit.ports.store import Committed, SeenBefore, Stale, Store
from convokit.stores.builtin import open_store
from convokit.stores.sql.postgres import faults, migrate
from convokit.stores.sql.postgres.address import address_of
from convokit.stores.sql.statement import Statement
from convokit.testing.builders import ANA, LEASE, Facts, practice, take
from convokit.testing.store_base import Desk

COMMIT = b"\x00COMMIT\x00"  # as it is sent; READ COMMITTED is another matter
SLEEP = Statement(sa.text("SELECT pg_sleep(30)"), "")


@pytest.fixture
def own_cluster() -> Iterator[Cluster]:
    """A server that a test may stop, start and kill."""
    cluster = new_cluster()
    yield cluster
    cluster.remove()


def opened(place: Place, more: str = "", role: str = APP) -> Any:
    return open_store(f"{place.url(role)}{more}", {})


@pytest.fixture
def desk(postgres_place: Place) -> Iterator[Desk]:
    store = opened(postgres_place)
    store.put_practice(practice())
    yield Desk(store, practice(), Facts())
    store.close()


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(ConvokitError) as caught:
        call()
    return caught.value.code


def refused(place: Place, role: str = APP, more: str = "") -> StorageError:
    with pytest.raises(StorageError) as caught:
        opened(place, more, role).close()
    return caught.value


def commit_in(desk: Desk, patience_ms: int) -> Callable[[], object]:
    fact = desk.facts.arrived()
    before, decision = desk.decided(fact)
    return lambda: desk.store.commit(desk.id, before, fact, decision, patience_ms=patience_ms)


# --- stopped, restarted, killed ----------------------------------------------------------------------------------


def test_p22_a_server_that_is_stopped_is_away_at_once_and_back_when_it_is_started(own_cluster: Cluster) -> None:
    place = own_cluster.migrated()
    store = opened(place)
    store.put_practice(practice())
    own_cluster.stop()
    started = time.monotonic()
    for call in (
        lambda: store.consent("happy-paws", ANA),
        lambda: store.put_practice(practice("other")),
        lambda: store.due(1, 1),
        lambda: opened(place),
    ):
        assert code_of(call) == "storage.away"
    assert time.monotonic() - started < 2
    own_cluster.start()
    assert isinstance(take(store, practice(), Facts().arrived()), Committed)
    store.close()


def test_p22_a_restart_between_two_calls_is_not_noticed(own_cluster: Cluster) -> None:
    store = opened(own_cluster.migrated())
    store.put_practice(practice())
    facts = Facts()
    for _ in range(2):
        take(store, practice(), facts.arrived())
        own_cluster.restart()
    assert store.latest_at("happy-paws", "sms", ANA).last_seq == 2
    store.close()


def test_p22_a_connection_that_is_ended_in_a_transaction_stores_nothing(
    desk: Desk, postgres_cluster: Cluster, postgres_place: Place
) -> None:
    database: Any = desk.store._db  # type: ignore[attr-defined]
    key = desk.store._key(desk.id)  # type: ignore[attr-defined]

    def write() -> None:
        with database.writing(key) as run:
            run.next_change(key)
            run.flush()
            with postgres_cluster.connect() as admin:
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (postgres_place.name,)
                )
            run.next_change(key)
            run.flush()

    assert code_of(write) == "storage.away"
    assert desk.put(desk.facts.arrived()) == 1


# --- the end of a commit is not heard ------------------------------------------------------------------------------


@pytest.fixture
def proxy(postgres_cluster: Cluster) -> Iterator[CuttingProxy]:
    made = CuttingProxy(postgres_cluster.port)
    yield made
    made.close()


def through(proxy: CuttingProxy, place: Place) -> Any:
    """A store whose every statement can be read on the way."""
    return opened(Place(place.name, proxy.here), "?convokit_prepare=off&sslmode=disable&gssencmode=disable")


@pytest.mark.parametrize("where", ["before", "after"])
def test_case_84_a_commit_whose_answer_is_lost_is_looked_up(
    postgres_place: Place, proxy: CuttingProxy, where: Where
) -> None:
    store = through(proxy, postgres_place)
    store.put_practice(practice())
    desk = Desk(store, practice(), Facts())
    first = desk.facts.arrived("first")
    desk.put(first)
    fact = desk.facts.arrived("is it there?")
    decided = desk.decided(fact)
    proxy.arm(COMMIT, where)
    assert desk.commit(fact, decided) == (Committed(change=2) if where == "after" else Stale())
    assert proxy.cut.is_set()
    # Whoever hears "stale" decides again, and is none the wiser.
    assert isinstance(desk.take(fact), SeenBefore if where == "after" else Committed)
    texts = [entry.text for entry in store.entries(desk.id, first.conversation_id)]
    assert texts == ["first", "is it there?"]
    store.close()


@pytest.mark.parametrize("where", ["before", "after"])
def test_case_84_several_commits_whose_answer_is_lost_are_unknown_and_come_in_once(
    postgres_place: Place, proxy: CuttingProxy, where: Where
) -> None:
    store = through(proxy, postgres_place)
    store.put_practice(practice())
    desk = Desk(store, practice(), Facts())
    facts, told = [desk.facts.arrived(text) for text in ("one", "two", "three")], []

    def together() -> None:
        with store.together(desk.id) as group:
            for fact in facts:
                desk.put(fact)
                group.after_commit(lambda: told.append(1))
            proxy.arm(COMMIT, where)

    assert code_of(together) == "storage.unknown"  # which a carrier is told as 503: it asks again
    assert not told
    again = SeenBefore if where == "after" else Committed
    assert all(isinstance(desk.take(fact), again) for fact in facts)
    assert [entry.text for entry in store.entries(desk.id, facts[0].conversation_id)] == ["one", "two", "three"]
    store.close()


def test_p22_a_connection_that_is_ended_among_several_commits_stores_none(
    desk: Desk, postgres_cluster: Cluster, postgres_place: Place
) -> None:
    first, second = desk.facts.arrived("one"), desk.facts.arrived("two")

    def together() -> None:
        with desk.store.together(desk.id):
            desk.put(first)
            with postgres_cluster.connect() as admin:
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (postgres_place.name,)
                )
            desk.put(second)

    assert code_of(together) == "storage.away"
    assert desk.store.seen(desk.id, first.identity) is None
    assert desk.put(first) == 1


@pytest.mark.parametrize("where", ["before", "after"])
def test_case_84_a_decision_without_entries_is_made_again_and_changes_nothing_twice(
    postgres_place: Place, proxy: CuttingProxy, where: Where
) -> None:
    store = through(proxy, postgres_place)
    store.put_practice(practice())
    desk = Desk(store, practice(), Facts())
    known = desk.open()
    desk.put(desk.facts.staff_read(known.id, 1))
    number = desk.conversation(known.id).change
    proxy.arm(COMMIT, where)
    result = desk.take(desk.facts.marked_unread(known.id))
    assert result == Committed(change=0 if where == "after" else number + 1)
    assert (desk.conversation(known.id).unread, desk.conversation(known.id).change) == (1, number + 1)
    store.close()


@pytest.mark.parametrize("where", ["before", "after"])
def test_case_84_the_lease_of_a_hand_over_is_ours_only_if_it_was_committed(
    postgres_place: Place, proxy: CuttingProxy, where: Where
) -> None:
    store = through(proxy, postgres_place)
    store.put_practice(practice())
    desk = Desk(store, practice(), Facts())
    for owed, begin in (
        (desk.owe(desk.open().id), store.begin),
        (desk.owe_job(SendMail(mail_id="m", because="end_of_day", to=("a@b.c",))), store.begin_job),
    ):
        proxy.arm(COMMIT, where)
        first = begin(desk.id, owed.key, desk.facts.now_us, LEASE)
        assert (first is not None) == (where == "after")
        again = begin(desk.id, owed.key, desk.facts.now_us, LEASE)
        assert (again is None) == (where == "after")
    assert store.in_flight(desk.id, ANA) == 1
    store.close()


def test_case_84_a_session_whose_client_is_gone_is_ended_to_know(postgres_place: Place, proxy: CuttingProxy) -> None:
    """The network broke: the server would wait for the rest of the transaction, with the practice locked."""
    store = through(proxy, postgres_place)
    store.put_practice(practice())
    desk = Desk(store, practice(), Facts())
    commit = commit_in(desk, 3_000)
    proxy.drop_silently()
    proxy.arm(COMMIT, "before")
    assert commit() == Stale()
    assert commit() == Committed(change=1)
    store.close()


def test_case_84_a_server_killed_while_it_commits_is_asked_when_it_is_back(own_cluster: Cluster) -> None:
    place, proxy = own_cluster.migrated(), CuttingProxy(own_cluster.port)
    store = through(proxy, place)
    store.put_practice(practice())
    desk = Desk(store, practice(), Facts())
    desk.open()
    for where in ("after", "before"):
        fact = desk.facts.arrived(where)
        before, decision = desk.decided(fact)
        proxy.arm(COMMIT, where, then=own_cluster.kill)
        with ThreadPoolExecutor(1) as pool:
            result = pool.submit(store.commit, desk.id, before, fact, decision, patience_ms=60_000)
            assert proxy.cut.wait(60)
            own_cluster.start()
        assert result.result() == (Committed(change=2) if where == "after" else Stale())
        assert [entry.text for entry in store.newest_entries(desk.id, "c1", limit=1)] == ["after"]
    proxy.close()
    store.close()


def test_case_84_when_nobody_can_say_it_is_not_guessed(own_cluster: Cluster) -> None:
    place, proxy = own_cluster.migrated(), CuttingProxy(own_cluster.port)
    store = through(proxy, place)
    store.put_practice(practice())
    desk = Desk(store, practice(), Facts())
    commit = commit_in(desk, 300)
    proxy.arm(COMMIT, "after", then=own_cluster.stop)
    with pytest.raises(StorageError) as caught:
        commit()
    assert caught.value.code == "storage.unknown"
    assert pickle.loads(pickle.dumps(caught.value)).code == "storage.unknown"  # noqa: S301 - our own
    own_cluster.start()
    # The carrier comes again, and its text is known.
    assert len(store.entries(desk.id, "c1")) == 1
    proxy.close()
    store.close()


# --- busy, slow, crowded -------------------------------------------------------------------------------------------


def test_p22_a_practice_that_somebody_else_writes_to_is_busy_within_the_patience(
    desk: Desk, postgres_cluster: Cluster, postgres_place: Place
) -> None:
    commit = commit_in(desk, 50)
    with postgres_cluster.connect(postgres_place.name) as other:
        other.execute("BEGIN")
        other.execute("SELECT 1 FROM convokit_practice WHERE public_id = 'happy-paws' FOR UPDATE")
        assert code_of(commit) == "storage.busy"
        assert desk.store.badges(desk.id).active == 0
        other.execute("COMMIT")
    assert commit() == Committed(change=1)


def test_p11_other_practices_do_not_wait_for_it(desk: Desk) -> None:
    desk.store.put_practice(practice("other"))
    with desk.store._db.writing(desk.store._key(desk.id)) as run:  # type: ignore[attr-defined]
        run.flush()
        beside = Desk(desk.store, practice("other"), Facts())
        assert commit_in(beside, 50)() == Committed(change=1)


def test_p22_a_statement_that_takes_too_long_is_ended(postgres_place: Place) -> None:
    store = opened(postgres_place, "?convokit_statement_seconds=1")
    assert code_of(lambda: store._db.one(SLEEP, ())) == "storage.timeout"
    with pytest.raises(StorageError) as caught, store._db.writing() as run:
        run.one(SLEEP, ())
    assert caught.value.code == "storage.timeout"
    assert store.practices() == ()
    store.close()


def test_p22_when_all_connections_are_lent_one_is_waited_for(postgres_place: Place) -> None:
    store = opened(postgres_place, "?convokit_connections=1")
    store.put_practice(practice())
    with store._db.writing(1):
        assert code_of(lambda: store.keep_unreadable("happy-paws", "x", b"?", 1, patience_ms=50)) == (
            "storage.no_connection"
        )
        late = threading.Timer(0.2, store.practices)
        late.start()
    late.join()
    assert store.badges("happy-paws").active == 0
    store.close()


def test_p22_a_server_without_a_free_connection_says_so(postgres_place: Place, postgres_cluster: Cluster) -> None:
    store = opened(postgres_place)
    sessions = f"SELECT count(*) FROM pg_stat_activity WHERE usename = '{APP}'"  # noqa: S608 - a role of our own
    deadline = time.monotonic() + 30
    while postgres_cluster.admin(sessions)[0][0] > 1 and time.monotonic() < deadline:
        time.sleep(0.02)  # those of the tests before have said good-bye, and are still going
    postgres_cluster.admin(f"ALTER ROLE {APP} CONNECTION LIMIT 1")
    try:
        with store._db.writing():
            assert code_of(store.practices) == "storage.no_connection"
            assert refused(postgres_place).code == "storage.no_connection"
        assert store.practices() == ()
    finally:
        postgres_cluster.admin(f"ALTER ROLE {APP} CONNECTION LIMIT -1")
        store.close()


def test_p22_a_database_that_may_only_be_read(desk: Desk, postgres_cluster: Cluster, postgres_place: Place) -> None:
    first = desk.facts.arrived()
    desk.put(first)
    postgres_cluster.admin(f"ALTER DATABASE {postgres_place.name} SET default_transaction_read_only = on")
    store = opened(postgres_place)
    there = Desk(store, practice(), desk.facts)
    assert code_of(commit_in(there, 1000)) == "storage.read_only"
    assert store.conversation(desk.id, first.conversation_id).unread == 1
    store.close()


@pytest.mark.parametrize("text", ["lone \ud83d surrogate", "with a \x00 in it"])
def test_p18_a_value_that_cannot_be_stored_is_our_error_and_says_nothing_of_it(desk: Desk, text: str) -> None:
    fact = desk.facts.arrived(text)
    with pytest.raises(InvalidInput) as caught:
        desk.take(fact)
    assert caught.value.code == "storage.value"
    assert caught.value.__cause__ is None
    assert desk.store.badges(desk.id).active == 0


def test_p18_a_number_that_is_too_large_is_our_error(desk: Desk) -> None:
    assert code_of(lambda: desk.store.changes(desk.id, since=2**70, limit=1)) == "storage.value"


def test_p19_an_error_says_nothing_of_what_is_stored(desk: Desk) -> None:
    """PostgreSQL's own words quote the key that is there already."""
    desk.put(desk.facts.arrived(address="+13035550177"))
    key = desk.store._key(desk.id)  # type: ignore[attr-defined]
    twice = Statement(
        sa.text("INSERT INTO convokit_consent VALUES (:practice, '+13035550177', 0, 0, 0), (1, NULL, 0, 0, 0)"),
        "practice",
    )
    with pytest.raises(StorageError) as caught, desk.store._db.writing(key) as run:  # type: ignore[attr-defined]
        run.count(twice, (key,))
    assert "5550177" not in f"{caught.value!r} {caught.value.__cause__!r}"
    assert caught.value.code == "storage.io"


# --- the wrong role, the wrong tables --------------------------------------------------------------------------------


def test_p10_a_role_that_row_level_security_does_not_bind_is_refused(
    postgres_place: Place, postgres_cluster: Cluster
) -> None:
    postgres_cluster.admin("CREATE ROLE bypassing LOGIN BYPASSRLS")
    postgres_cluster.admin(f"CREATE ROLE member LOGIN IN ROLE {OWNER}")
    for role, why in ((ADMIN, "superuser"), (OWNER, "owns"), ("bypassing", "BYPASSRLS"), ("member", "owner")):
        found = refused(postgres_place, role)
        assert (found.code, found.field) == ("storage.wrong_role", "url")
        assert why in found.message


def test_p10_one_role_for_both_must_be_asked_for_and_still_cannot_pass_the_wall(
    postgres_place: Place, postgres_cluster: Cluster
) -> None:
    store = opened(postgres_place, "?convokit_role=owner", OWNER)
    store.put_practice(practice())
    store.close()
    found = refused(postgres_place, ADMIN, "?convokit_role=owner")
    assert found.code == "storage.wrong_role"


def test_p10_a_table_without_the_wall_is_refused(postgres_place: Place, postgres_cluster: Cluster) -> None:
    for statement, name in (
        ("ALTER TABLE convokit_entry NO FORCE ROW LEVEL SECURITY", "convokit_entry"),
        ("ALTER TABLE convokit_search_text DISABLE ROW LEVEL SECURITY", "convokit_search_text"),
    ):
        postgres_cluster.admin(statement, postgres_place.name)
        found = refused(postgres_place)
        assert found.code == "storage.no_row_security"
        assert name in str(found.limit)


def test_p22_a_role_that_is_not_let_in_or_may_not_use_the_tables(
    postgres_place: Place, postgres_cluster: Cluster
) -> None:
    postgres_cluster.admin("CREATE ROLE stranger LOGIN")
    assert refused(postgres_place, "nobody_known").code == "storage.wrong_role"
    assert "app-role stranger" in refused(postgres_place, "stranger").message
    assert refused(Place("no_such_desk", postgres_place.port)).code == "storage.missing"


def test_p22_rights_taken_away_while_it_runs_and_given_again(
    desk: Desk, postgres_cluster: Cluster, postgres_place: Place
) -> None:
    postgres_cluster.admin(f"REVOKE INSERT ON convokit_entry FROM {APP}", postgres_place.name)
    fact = desk.facts.arrived()
    assert code_of(lambda: desk.take(fact)) == "storage.wrong_role"
    migrate(postgres_place.url(OWNER), app_roles=(APP,))
    desk.put(fact)


def test_p19_the_ledger_of_opt_outs_is_only_added_to(postgres_place: Place, postgres_cluster: Cluster) -> None:
    with postgres_cluster.connect(postgres_place.name, APP) as connection:
        rights = connection.execute(
            "SELECT has_table_privilege('convokit_consent_line', 'DELETE'),"
            " has_column_privilege('convokit_consent_line', 'at_us', 'UPDATE'),"
            " has_column_privilege('convokit_consent_line', 'evidence', 'UPDATE')"
        ).fetchone()
    assert rights == (False, False, True)


def test_p22_a_database_that_is_not_in_utf8(postgres_cluster: Cluster) -> None:
    postgres_cluster.admin(
        f"CREATE DATABASE latin OWNER {OWNER} ENCODING LATIN1 TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C'"
    )
    migrate(Place("latin", postgres_cluster.port).url(OWNER), app_roles=(APP,))
    assert refused(Place("latin", postgres_cluster.port)).code == "storage.encoding"


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "limit"),
    [
        ("postgresql://desk_app@h/d?convokit_connections=0", "convokit_connections"),
        ("postgresql://desk_app@h/d?convokit_statement_seconds=soon", "convokit_statement_seconds"),
        ("postgresql://desk_app@h/d?convokit_prepare=maybe", "convokit_prepare"),
        ("postgresql://desk_app@h/d?convokit_rolle=owner", "convokit_rolle"),
        ("postgresql://desk_app@h/d?no_such_option=1", "postgresql://ROLE@HOST/DATABASE"),
        ("postgresql+asyncpg://desk_app@h/d", "postgresql://ROLE@HOST/DATABASE"),
        ("postgresql://desk_app:secret@[h/d", "postgresql://ROLE@HOST/DATABASE"),
    ],
)
def test_a_url_that_cannot_work_is_refused_without_showing_it(url: str, limit: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_store(url, {})
    assert (caught.value.code, caught.value.limit) == ("store.url", limit)
    assert "secret" not in f"{caught.value!r}{caught.value.__cause__!r}"


def test_what_a_url_says() -> None:
    url = "postgresql+psycopg://u:secret@h:5/d?sslmode=require&convokit_connections=3&convokit_statement_seconds=7"
    found = address_of(f"{url}&convokit_role=owner&convokit_prepare=off")
    said = dict(part.split("=") for part in found.conninfo.split())
    assert said["host"], said["sslmode"] == ("h", "require")
    assert {"keepalives_idle", "tcp_user_timeout"} <= said.keys()
    assert not [name for name in said if name.startswith("convokit")]
    assert (found.connections, found.statement_ms, found.owner, found.prepare) == (3, 7000, True, False)
    assert "secret" not in repr(found)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("08006", "storage.away"),
        ("22003", "storage.value"),
        ("22021", "storage.value"),
        ("23514", "storage.io"),
        ("25006", "storage.read_only"),
        ("40001", "storage.contended"),
        ("40P01", "storage.contended"),
        ("42501", "storage.wrong_role"),
        ("53100", "storage.full"),
        ("53200", "storage.io"),
        ("53300", "storage.no_connection"),
        ("55P03", "storage.busy"),
        ("57014", "storage.timeout"),
        ("57P01", "storage.away"),
        ("57P03", "storage.away"),
        ("58030", "storage.io"),
        ("XX001", "storage.corrupt"),
        ("XX000", "storage.io"),
    ],
)
def test_p22_what_the_server_says_has_a_stable_code(code: str, expected: str) -> None:
    found = faults.translated(faults.RefusedError(code))
    assert (found.code, code in found.message) == (expected, True)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ('FATAL:  password authentication failed for user "x"', "storage.wrong_role"),
        ("fe_sendauth: no password supplied", "storage.wrong_role"),
        ("FATAL:  sorry, too many clients already", "storage.no_connection"),
        ("FATAL:  remaining connection slots are reserved for superusers", "storage.no_connection"),
        ('FATAL:  database "x" does not exist', "storage.missing"),
        ("FATAL:  the database system is starting up", "storage.away"),
        ("Connection refused", "storage.away"),
    ],
)
def test_p22_what_is_wrong_when_it_does_not_connect(words: str, expected: str) -> None:
    assert faults.translated(faults.ConnectError(words)).code == expected


def test_a_closed_store_and_one_that_is_closed_while_it_is_used(postgres_place: Place) -> None:
    store: Store = opened(postgres_place)
    with store._db.writing() as run:  # type: ignore[attr-defined]
        store.close()
        assert run.one(Statement(sa.text("SELECT 1"), ""), ()) == (1,)
    assert code_of(store.practices) == "storage.closed"
    assert store._db._pool._idle == []  # type: ignore[attr-defined]
