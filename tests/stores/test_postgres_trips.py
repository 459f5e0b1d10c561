"""How often a text that is handed over goes to the server and back: each trip is time that every text pays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from postgres_cluster import Place

from convokit.decisions.base import Needs
from convokit.effects import SendMail
from convokit.errors import Conflict, StorageError
from convokit.outcomes import Accepted
from convokit.ports.store import Begun, Committed, Stale
from convokit.stores.builtin import open_store
from convokit.stores.sql import owed
from convokit.stores.sql.postgres.faults import RefusedError
from convokit.stores.sql.postgres.wire import Wire
from convokit.testing.builders import LEASE, Facts, practice
from convokit.testing.store_base import Desk


@pytest.fixture
def desk(postgres_place: Place) -> Iterator[Desk]:
    store = open_store(postgres_place.url(), {})
    store.put_practice(practice())
    yield Desk(store, practice(), Facts())
    store.close()


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many statements each trip carries."""
    trips: list[int] = []
    exchange = Wire.exchange

    def counting(self: Wire, batch: Any, *more: Any, **named: Any) -> Any:
        trips.append(len(batch))
        return exchange(self, batch, *more, **named)

    with monkeypatch.context() as patched:
        patched.setattr(Wire, "exchange", counting)
        yield trips


def test_a_text_is_begun_in_two_trips_and_settled_in_three(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    effect = desk.owe(desk.open().id)
    with counted(monkeypatch) as trips:
        begun = desk.store.begin(desk.id, effect.key, desk.facts.now_us, LEASE)
    assert isinstance(begun, Begun)
    assert len(trips) == 2
    settled = desk.facts.settled(effect.key, outcome=Accepted(provider_id="x1"))
    with counted(monkeypatch) as trips:
        assert isinstance(desk.take(settled), Committed)
    assert len(trips) == 3


def test_who_settles_too_late_stores_nothing_although_nobody_waits_for_the_answer(desk: Desk) -> None:
    effect = desk.owe(desk.open().id)
    desk.store.begin(desk.id, effect.key, desk.facts.now_us, LEASE)
    late = desk.facts.settled(effect.key, outcome=Accepted(provider_id="x1"))
    decided = desk.decided(late)
    assert isinstance(desk.take(desk.facts.settled(effect.key, outcome=Accepted(provider_id="x2"))), Committed)
    assert isinstance(desk.commit(late, decided), Stale)
    assert desk.store.attempt_of(desk.id, late.provider, "x1") is None


def test_what_must_be_is_looked_at_before_the_commit(desk: Desk) -> None:
    database: Any = desk.store._db  # type: ignore[attr-defined]
    key = desk.store._key(desk.id)  # type: ignore[attr-defined]

    def write() -> None:
        with database.writing(key) as run:
            run.next_change(key)
            run.must(owed.SETTLE, (2, None, "carrier", None, key, "no-such-key", 1), LookupError())

    with pytest.raises(LookupError):
        write()
    assert desk.put(desk.facts.arrived()) == 1


def test_a_transaction_in_which_something_failed_is_not_told_as_committed(desk: Desk) -> None:
    """The server answers a COMMIT of such a one with "ROLLBACK", and with no error."""
    store: Any = desk.store

    def careless() -> None:
        with store._db.writing(store._key(desk.id)) as run:
            run.queue("SELECT 1 / 0")
            with suppress(RefusedError):
                run.flush()

    with pytest.raises(StorageError) as caught:
        careless()
    assert "25P02" in str(caught.value)
    assert desk.open().id  # the connection is good for more


def test_what_was_taken_before_is_not_taken_for_what_is_tried(desk: Desk) -> None:
    job = SendMail(mail_id="m1", because="end_of_day", to=("front@happy-paws.example",))
    desk.owe_job(job)
    with pytest.raises(Conflict):
        desk.owe_job(job)
    assert desk.store.load(desk.id, Needs(job_key=job.key)).job is not None
