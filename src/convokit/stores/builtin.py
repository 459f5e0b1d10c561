"""Which store opens which URL: three are built in, plugins offer more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from convokit.errors import ConfigurationError
from convokit.ports.store import Store
from convokit.ports.stores import StoreOffer

if TYPE_CHECKING:
    from convokit.stores.sql.move import Told
    from convokit.stores.sql.moving import TableSides


def _open_memory(url: str) -> Store:
    from convokit.stores.memory import MemoryStore

    return MemoryStore()


def _open_sqlite(url: str) -> Store:
    from convokit.stores.sql import open_sqlite  # SQLAlchemy is slow to import: only when a database is opened

    return open_sqlite(url)


def _open_postgres(url: str) -> Store:
    with _driver_wanted():
        from convokit.stores.sql.postgres import open_postgres
    return open_postgres(url)


@contextmanager
def _driver_wanted() -> Iterator[None]:
    """Say what to install where PostgreSQL's driver is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "psycopg":
            raise
        why = "PostgreSQL needs psycopg: pip install 'convokit-vet[postgres]'"
        raise ConfigurationError("store.driver", why, field="url", limit="convokit-vet[postgres]") from None


BUILT_IN = (
    StoreOffer(name="memory", schemes=("memory",), open=_open_memory),
    StoreOffer(name="sqlite", schemes=("sqlite",), open=_open_sqlite),
    StoreOffer(name="postgres", schemes=("postgresql", "postgres"), open=_open_postgres),
)


def migrate_store(url: str, *, app_roles: Iterable[str] = (), partitions: int = 0) -> str:
    """Bring the database of a URL to this release; the revision that it has then.

    Args:
        app_roles, partitions: see :func:`convokit.stores.sql.postgres.migrate`; for PostgreSQL only.

    Raises:
        ConfigurationError: ``store.url``, ``store.driver``, ``migrate.role``, ``migrate.partitions``.
        StorageError: it cannot be migrated, and is as it was.
    """
    from convokit.stores.sql.schema import REVISIONS

    if url.startswith("sqlite:"):
        _open_sqlite(url).close()
    elif url.startswith("postgres"):
        with _driver_wanted():
            from convokit.stores.sql.postgres import migrate

            migrate(url, app_roles=app_roles, partitions=partitions)
    else:
        raise ConfigurationError("store.url", "only SQLite and PostgreSQL are migrated", field="url")
    return REVISIONS[-1]


def move_store(
    source: str, target: str, *, app_roles: Iterable[str], partitions: int, verify_only: bool, told: Told
) -> tuple[TableSides, ...]:
    """Move every row of a SQLite file into a PostgreSQL database; see :func:`convokit.stores.sql.move.move`.

    Raises:
        ConfigurationError: ``store.driver``, and see there.
        StorageError, InvalidInput: see there.
    """
    with _driver_wanted():
        from convokit.stores.sql.move import compare_only, move
    if verify_only:
        return compare_only(source, target, told=told)
    return move(source, target, app_roles=app_roles, partitions=partitions, told=told)


def moved_files(source: str) -> list[tuple[str, str]]:
    """The id of a practice and the address of a file, for all that a SQLite file names.

    Raises:
        StorageError: it cannot be read.
    """
    from convokit.stores.sql.sqlite.leaving import files_of

    return files_of(source)


def open_store(url: str, offered: Mapping[str, StoreOffer]) -> Store:
    """Open the store of a URL (``"sqlite:///desk.db"``, ``"memory:"``), created and migrated.

    Raises:
        ConfigurationError: ``store.url``, naming the known schemes, never the URL: it may hold a password.
        StorageError: it cannot be opened.
    """
    offers = {scheme: offer for offer in (*BUILT_IN, *offered.values()) for scheme in offer.schemes}
    scheme = url.partition(":")[0].partition("+")[0] if isinstance(url, str) else ""
    if scheme not in offers:
        known = ", ".join(f"{name}:" for name in sorted(offers))
        raise ConfigurationError("store.url", f"no store opens this URL; known: {known}", field="url", limit=known)
    return offers[scheme].open(url)
