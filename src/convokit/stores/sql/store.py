"""The SQL store: its parts, and what is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from convokit.domain.planned_work import WorkPlan
from convokit.domain.rules import Practice
from convokit.ports.store import Endpoint
from convokit.ports.store_beside import Heard, HostTransaction
from convokit.stores.checks import LARGEST_UNREADABLE, id_taken
from convokit.stores.sql import statements as sql
from convokit.stores.sql.database import PATIENCE_MS, Database, TakenError
from convokit.stores.sql.effects import Effects
from convokit.stores.sql.erasing import Erasing
from convokit.stores.sql.guests import Group
from convokit.stores.sql.hosts import host_of
from convokit.stores.sql.jobs import Jobs
from convokit.stores.sql.loading import Loading
from convokit.stores.sql.media import Media
from convokit.stores.sql.part import GUESTS
from convokit.stores.sql.payments import Payments
from convokit.stores.sql.people import People
from convokit.stores.sql.push import Push
from convokit.stores.sql.reading import Reading
from convokit.stores.sql.search import Search
from convokit.stores.sql.settings import settings_of
from convokit.stores.sql.work import Work, write_plan
from convokit.stores.sql.writing import Writing


class SqlStore(Loading, Writing, Reading, Search, Effects, Jobs, Media, People, Work, Payments, Push, Erasing):
    """A :class:`convokit.ports.store.Store` in a database. Every thread, and several processes, may use it at once.

    Made by :func:`convokit.stores.sql.open_sqlite`. After a fork parent and child have connections of their own; what
    the child then writes is as safe as what the parent writes.
    """

    def __init__(self, database: Database, *, release: Callable[[], None]) -> None:
        super().__init__(database)
        self._release: Callable[[], None] | None = release

    def put_practice(self, practice: Practice, *, plan: WorkPlan | None = None) -> None:
        """See :meth:`convokit.ports.store.Store.put_practice`."""
        with self._db.writing(None) as run:
            run.write(sql.PUT_PRACTICE, (practice.id, settings_of(practice)))
            if plan is not None and (row := run.one(sql.PRACTICE_KEY, (practice.id,))) is not None:
                run.enter(row[0])
                write_plan(run, row[0], plan)

    def endpoint(self, token: str) -> Endpoint | None:
        """See :meth:`convokit.ports.store.Store.endpoint`."""
        row = self._db.one(sql.ENDPOINT, (token,))
        return None if row is None else Endpoint(token=token, practice_id=row[0], provider=row[1])

    def endpoint_for(
        self, practice_id: str, provider: str, fresh_token: str, *, patience_ms: int = PATIENCE_MS
    ) -> Endpoint:
        """See :meth:`convokit.ports.store.Store.endpoint_for`."""
        practice = self._key(practice_id)
        row = self._db.one(sql.ENDPOINT_FOR, (practice, provider))
        if row is None:
            with self._db.writing(practice, patience_ms) as run:
                row = run.one(sql.ENDPOINT_FOR, (practice, provider))
                if row is None:
                    try:
                        run.count(sql.ADD_ENDPOINT, (practice, provider, fresh_token))
                    except TakenError as error:
                        raise id_taken() from error
        return Endpoint(token=fresh_token if row is None else row[0], practice_id=practice_id, provider=provider)

    def keep_unreadable(
        self, practice_id: str, provider: str, body: bytes, at_us: int, *, patience_ms: int = PATIENCE_MS
    ) -> None:
        """See :meth:`convokit.ports.store.Store.keep_unreadable`."""
        practice = self._key(practice_id)
        with self._db.writing(practice, patience_ms) as run:
            run.write(sql.ADD_UNREADABLE, (practice, provider, at_us, body[:LARGEST_UNREADABLE]))

    def listen(self, heard: Heard) -> Callable[[], None]:
        """See :meth:`convokit.ports.store_beside.NewsStore.listen`."""
        return self._db.listen(heard)

    @contextmanager
    def within(self, connection: object) -> Iterator[HostTransaction]:
        """See :meth:`convokit.ports.store_beside.HostStore.within`."""
        self._home.check_open()
        host = host_of(connection)
        token = GUESTS.set({**GUESTS.get(), self: self._home.within(host.driver)})
        try:
            yield host
        finally:
            GUESTS.reset(token)

    @contextmanager
    def together(self, practice_id: str, *, patience_ms: int = PATIENCE_MS) -> Iterator[HostTransaction]:
        """See :meth:`convokit.ports.store_beside.GroupStore.together`."""
        self._refuse_within("to commit several things together")
        practice = self._key(practice_id)
        group = Group()
        with self._home.together(practice, patience_ms) as inside:
            token = GUESTS.set({**GUESTS.get(), self: inside})
            try:
                yield group
            finally:
                GUESTS.reset(token)
        self._home.committed(practice_id)
        group.tell()

    def close(self) -> None:
        """See :meth:`convokit.ports.store.Store.close`."""
        release, self._release = self._release, None
        if release is not None:
            release()
