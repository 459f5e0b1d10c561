"""Names as rows of Procrastinate's queue."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from convokit.ports.dispatcher import Notice, Queue

PERFORM: Final = "convokit.perform"
SWEEP: Final = "convokit.sweep"
RESCUE: Final = "convokit.rescue"
UPKEEP: Final = "convokit_upkeep"

DEFER: Final = (
    "SELECT procrastinate_defer_jobs_v1(array_agg(job))"
    " FROM jsonb_populate_recordset(NULL::procrastinate_job_to_defer_v1, $1::text::jsonb) AS job"
    " WHERE NOT EXISTS (SELECT FROM procrastinate_jobs AS known"
    " WHERE known.queueing_lock = job.queueing_lock AND known.status = 'todo')"
)
"""Procrastinate's own function, for many at once: its method fails altogether when one of them waits already."""

_FIELDS: Final = ("practice", "kind", "key", "lane", "queue", "not_before_us")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def table_of(queue: Queue) -> str:
    """What a queue is called in the database, where a host may have others of its own."""
    return f"convokit_{queue}"


def packed(notices: Iterable[Notice]) -> str:
    """The names for :data:`DEFER`, in their order, each once."""
    rows = {lock_of(notice): notice for notice in notices}
    return json.dumps([_row(lock, notice) for lock, notice in rows.items()])


def lock_of(notice: Notice) -> str:
    """Two names with the same lock do not wait at once. A later time does not keep an earlier one out."""
    return json.dumps(["convokit", notice.practice, notice.kind, notice.key, notice.not_before_us])


def _row(lock: str, notice: Notice) -> dict[str, object]:
    due = _EPOCH + timedelta(microseconds=notice.not_before_us)
    return {
        "queue_name": table_of(notice.queue),
        "task_name": PERFORM,
        "priority": 0,
        "lock": None,
        "queueing_lock": lock,
        "args": {name: getattr(notice, name) for name in _FIELDS},
        "scheduled_at": due.isoformat() if notice.not_before_us > 0 else None,
    }
