"""How the queue is, in one question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import psycopg
from attrs import frozen

from convokit_engine_procrastinate.names import table_of
from convokit_engine_procrastinate.settings import QUEUES

_ASK: Final = (
    "SELECT (SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)),"
    " (SELECT coalesce(jsonb_object_agg(queue_name, waiting), '{}') FROM (SELECT queue_name, count(*) AS waiting"
    " FROM procrastinate_jobs WHERE status = 'todo' AND queue_name = ANY(%s) GROUP BY queue_name) AS counted)"
)


@frozen
class Looked:
    """``workers``: of Procrastinate's that gave a sign of life lately; ``queues``: how many names wait in each."""

    workers: int
    queues: Mapping[str, int]

    @property
    def waiting(self) -> int:
        """How many names wait."""
        return sum(self.queues.values())

    @property
    def words(self) -> str:
        """The same in words."""
        waits = ", ".join(f"{self.queues.get(table_of(queue), 0)} {queue}" for queue in QUEUES)
        return f"{self.workers} queue workers alive; waiting: {waits}"


def look(conninfo: str, silent_seconds: float) -> Looked:
    """Ask.

    Raises:
        psycopg.Error: the database does not answer, or the tables are gone.
    """
    with psycopg.connect(conninfo, connect_timeout=2, autocommit=True) as connection:
        connection.execute("SET statement_timeout = '2s'")
        row = connection.execute(_ASK, (silent_seconds, [table_of(queue) for queue in QUEUES])).fetchone()
    return Looked(0, {}) if row is None else Looked(row[0], row[1])
