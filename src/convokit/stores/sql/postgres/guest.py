"""PostgreSQL within a host's transaction.

Our statements run as the app's role and with its search path, so that row-level security holds whatever the host's role
is; after each call everything is as the host had it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from attrs import frozen
from psycopg.pq import PipelineStatus, TransactionStatus

from convokit.errors import ConfigurationError, ConvokitError, StorageError
from convokit.stores.sql.database import TakenError
from convokit.stores.sql.hosts import no_transaction
from convokit.stores.sql.postgres.faults import DRIVER, LostError, RefusedError, translated
from convokit.stores.sql.postgres.hearing import NOTIFY
from convokit.stores.sql.postgres.run import NOBODY, PostgresRun
from convokit.stores.sql.postgres.wire import Wire

_HOW: Final = (
    "SELECT current_setting('role'), current_setting('search_path'), current_setting('lock_timeout'),"
    " current_database(), (SELECT system_identifier FROM pg_control_system())"
)
_SET: Final = (
    "SELECT set_config('search_path', $1, true), set_config('role', $2, true),"
    " set_config('convokit.practice', $3, true), set_config('lock_timeout', $4, true)"
)
_NO_RIGHT: Final = "42501"
_SECONDS: Final = 60.0


@frozen(kw_only=True)
class Home:
    """What our own connections have, by which a host's is told to lead to the same database."""

    role: str
    search_path: str
    database: str
    system: int


class PostgresSession:
    """See :class:`convokit.stores.sql.guests.Session`."""

    def __init__(self, driver: object, home: Home) -> None:
        """``home``: where it must lead.

        Raises:
            ConfigurationError: ``within.connection``: no connection of psycopg 3, or to another database.
            Conflict: ``within.no_transaction``.
            StorageError: ``storage.host_transaction``: it has failed already.
        """
        if not isinstance(driver, psycopg.Connection):
            why = f"PostgreSQL needs a connection of psycopg 3, not {type(driver).__name__}"
            raise ConfigurationError("within.connection", why, field="connection")
        if driver.autocommit and driver.info.transaction_status == TransactionStatus.IDLE:
            raise no_transaction("it commits each statement by itself")
        if driver.pgconn.pipeline_status != PipelineStatus.OFF:
            raise ConfigurationError("within.connection", "the connection is in a pipeline", field="connection")
        if driver.info.transaction_status == TransactionStatus.INERROR:
            raise host_failed()
        driver.execute("SELECT 1")  # the driver begins its transaction, as the host has set it
        self._home = home
        self._wire = Wire(driver, prepare=False)
        role, path, self._patience, database, system = self._wire.exchange([(_HOW, ())], _SECONDS)[0].rows[0]
        self._theirs = (path, role)
        if (database, system) != (home.database, home.system):
            why = "the host's connection leads to another database than the kit's"
            raise ConfigurationError("within.connection", why, field="connection")

    @contextmanager
    def __call__(self, practice: int | None, patience_ms: int | None) -> Iterator[PostgresRun]:
        """A savepoint."""
        run = PostgresRun(self._wire, _SECONDS)
        scope = NOBODY if practice is None else str(practice)
        patience = self._patience if patience_ms is None else f"{patience_ms}ms"
        run.queue("SAVEPOINT convokit_call")
        run.queue(_SET, (self._home.search_path, self._home.role, scope, patience))
        if patience_ms is not None and practice is not None:
            run.lock(practice)
        try:
            yield run
            run.be_sure()
            told = [(NOTIFY, (str(news),)) for news in sorted(run.news)]
            path, role = self._theirs
            run.exchange(*told, (_SET, (path, role, NOBODY, self._patience)), ("RELEASE SAVEPOINT convokit_call", ()))
        except BaseException as error:
            meaning = self._undone(error)
            if meaning is not None:
                raise meaning from None
            raise

    def _undone(self, error: BaseException) -> ConvokitError | None:
        """Take back what was done since the savepoint; what an exception of the driver means."""
        try:
            self._wire.exchange(
                [("ROLLBACK TO SAVEPOINT convokit_call", ()), ("RELEASE SAVEPOINT convokit_call", ())], _SECONDS
            )
        except (RefusedError, LostError) as worse:
            return host_failed() if isinstance(worse, RefusedError) else translated(worse)
        if isinstance(error, RefusedError) and error.code == _NO_RIGHT:
            why = f"the host's role may not act as {self._home.role}: GRANT {self._home.role} TO the host's role"
            return StorageError("storage.wrong_role", why, field="connection")
        if isinstance(error, DRIVER) and not isinstance(error, TakenError):
            return translated(error)
        return None


def host_failed() -> StorageError:
    """The host's transaction can only be rolled back."""
    why = "an earlier statement of the host's transaction failed, so it can only be rolled back"
    return StorageError("storage.host_transaction", why, field="connection")


def home_of(connection: psycopg.Connection[Any]) -> Home:
    """What a connection of our own has."""
    row = connection.execute(_HOW).fetchone()
    who = connection.execute("SELECT current_user").fetchone()
    if row is None or who is None:
        raise StorageError("storage.io", "the server gave no answer to a question without conditions")
    return Home(role=who[0], search_path=row[1], database=row[3], system=row[4])
