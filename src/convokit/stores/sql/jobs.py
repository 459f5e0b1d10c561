"""Jobs: what is owed besides texts. Found when due, begun under a lease, settled under its fence."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, Literal

import sqlalchemy as sa
from attrs import evolve

from convokit.decisions.base import JobSettlement
from convokit.effects import JOBS, Job, OwedJob
from convokit.stores.checks import LONGEST_WAIT, MOST_AHEAD
from convokit.stores.sql import schema
from convokit.stores.sql.database import PATIENCE_MS, CommitLostError, Run
from convokit.stores.sql.part import Part
from convokit.stores.sql.rows import Cells
from convokit.stores.sql.settings import json_converter
from convokit.stores.sql.statement import Statement
from convokit.stores.sql.statements import columns, is_not_among, literally, names, only, param

_P: Final = schema.practice
_J: Final = schema.job
_JOB: Final = "kind payload state tries owed_us due_us begun_us lease_us".split()
_STATES: Final[tuple[Literal["owed", "begun", "done"], ...]] = ("owed", "begun", "done")
_OWED, _BEGUN, _DONE = range(3)

_found = sa.select(*columns(_J, _JOB), _P.c.public_id).select_from(_J.join(_P, _P.c.pk == _J.c.practice_pk))
# A newer release, on the same file for a while, may owe kinds that this one does not know: they are left to it.
_known = literally("convokit_job.kind IN ({})".format(", ".join(f"'{kind}'" for kind in sorted(JOBS))))
_owed = _found.where(literally(schema.OWED), _known)
_begun = _found.where(literally(schema.BEGUN), _known)
_by_key = (_J.c.practice_pk == param("practice"), _J.c.key == param("job"))
_clock_went_back = sa.or_(_J.c.lease_us > param("far"), _J.c.begun_us > param("ahead"))


def _page(found: sa.Select[*tuple[Any, ...]], order: sa.Column[int], names: str) -> Statement:
    return Statement(found.order_by(order, _J.c.pk).limit(param("most")).offset(only("0")), names, across=True)


OWE: Final = Statement(
    sa.insert(_J).values(state=only(str(_OWED)), tries=only("0"), due_us=only("0")),
    "practice_pk key kind payload owed_us",
)
LOAD: Final = Statement(_found.where(*_by_key), "practice job")
DUE: Final = _page(_owed.where(_J.c.due_us <= param("now")), _J.c.due_us, "now most")
DUE_BUT: Final = _page(
    _owed.where(_J.c.due_us <= param("now"), is_not_among(_P.c.public_id, "but")), _J.c.due_us, "now but but most"
)
DUE_FAR: Final = _page(_owed.where(_J.c.due_us > param("far")), _J.c.due_us, "far most")
ABANDONED: Final = _page(_begun.where(_J.c.lease_us <= param("now")), _J.c.lease_us, "now most")
ABANDONED_FAR: Final = _page(
    _begun.where(_J.c.lease_us > param("now"), _clock_went_back), _J.c.lease_us, "now far ahead most"
)
CLAIM: Final = Statement(
    _owed.where(*_by_key, sa.or_(_J.c.due_us <= param("now"), _J.c.due_us > param("far"))), "practice job now far"
)
BEGIN: Final = Statement(sa.update(_J).where(*_by_key), "state tries begun_us lease_us practice job")
LEASE: Final = Statement(
    sa.select(_J.c.tries, _J.c.begun_us, _J.c.lease_us).where(*_by_key, literally(schema.BEGUN)), "practice job"
)
_fenced = sa.update(_J).where(*_by_key, _J.c.tries == param("fence"), literally(schema.BEGUN))
SETTLE: Final = Statement(_fenced, "state due_us lease_us practice job fence")
SETTLE_INSTEAD: Final = Statement(_fenced, "payload state due_us lease_us practice job fence")


class Jobs(Part):
    """What the worker asks about jobs."""

    def due_jobs(self, now_us: int, limit: int, but: Collection[str] = ()) -> tuple[OwedJob, ...]:
        """See :meth:`convokit.ports.store.Store.due_jobs`."""
        if but:
            found = self._db.all(DUE_BUT, (now_us, names(but), names(but), limit))
        else:
            found = self._db.all(DUE, (now_us, limit))
        if len(found) < limit:
            far = self._db.all(DUE_FAR, (now_us + LONGEST_WAIT, limit - len(found)))
            found += [row for row in far if row[len(_JOB)] not in but]
        return tuple(map(job_of, found))

    def abandoned_jobs(self, now_us: int, limit: int) -> tuple[OwedJob, ...]:
        """See :meth:`convokit.ports.store.Store.abandoned_jobs`."""
        found = self._db.all(ABANDONED, (now_us, limit))
        if len(found) < limit:
            values = (now_us, now_us + LONGEST_WAIT, now_us + MOST_AHEAD, limit - len(found))
            found += self._db.all(ABANDONED_FAR, values)
        return tuple(map(job_of, found))

    def begin_job(self, practice_id: str, key: str, now_us: int, lease_us: int) -> OwedJob | None:
        """See :meth:`convokit.ports.store.Store.begin_job`."""
        self._refuse_within("to perform a job")
        practice, lease_end = self._key(practice_id), now_us + lease_us
        begun: OwedJob | None = None
        mine = (0, now_us, lease_end)
        try:
            with self._db.writing(practice) as run:
                row = run.one(CLAIM, (practice, key, now_us, now_us + LONGEST_WAIT))
                if row is not None:
                    found = job_of(row)
                    mine = (found.tries + 1, now_us, lease_end)
                    begun = evolve(found, state="begun", tries=mine[0], begun_us=now_us, lease_us=lease_end)
                    run.write(BEGIN, (_BEGUN, *mine, practice, key))
        except CommitLostError as lost:
            if self._db.look_up(practice, lost, PATIENCE_MS, lambda run: run.one(LEASE, (practice, key))) != mine:
                return None
        return begun


def job_of(row: Cells) -> OwedJob:
    """An owed job from its columns, then the practice's id."""
    kind: Any = JOBS[row[0]]
    return OwedJob(
        job=json_converter().loads(row[1], kind),
        practice=row[8],
        state=_STATES[row[2]],
        tries=row[3],
        owed_us=row[4],
        due_us=row[5],
        begun_us=row[6],
        lease_us=row[7],
    )


def load_job(run: Run, practice: int, key: str) -> OwedJob | None:
    """One job."""
    row = run.one(LOAD, (practice, key))
    return None if row is None else job_of(row)


def owe_job(run: Run, practice: int, job: Job, at_us: int) -> None:
    """Store a job."""
    run.write(OWE, (practice, job.key, job.kind, json_converter().dumps(job, sort_keys=True), at_us))


def settle_job(run: Run, practice: int, settlement: JobSettlement) -> bool:
    """End an attempt; ``False``: it is not ours any more."""
    again = settlement.again_us
    state = (_DONE, 0) if again is None else (_OWED, again)
    of_whom = (practice, settlement.key, settlement.tries)
    if settlement.instead is None:
        return run.count(SETTLE, (*state, None, *of_whom)) == 1
    payload = json_converter().dumps(settlement.instead, sort_keys=True)
    return run.count(SETTLE_INSTEAD, (payload, *state, None, *of_whom)) == 1
