"""What is known of clients and their numbers: health, notes, who was chosen; and who is busy in a department."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from convokit.domain.candidates import ClientChoice
from convokit.domain.client_notes import ClientNote
from convokit.domain.inbox import BADGE_CAP
from convokit.domain.number_health import NumberHealth
from convokit.stores.sql import schema
from convokit.stores.sql.database import Run
from convokit.stores.sql.part import Part
from convokit.stores.sql.statement import Put, Statement
from convokit.stores.sql.statements import columns, literally, only, param

_C: Final = schema.conversation
_H: Final = schema.number_health
_N: Final = schema.client_note
_K: Final = schema.client_choice
_HEALTH: Final = ("reason", "since_us", "entry_id")
_NOTE: Final = ("text", "version", "author_id", "author_name", "at_us")
_CHOICE: Final = ("client_id", "by_id", "by_name", "at_us")

_of_number = (_H.c.practice_pk == param("practice"), _H.c.address == param("address"))
HEALTH: Final = Statement(sa.select(*columns(_H, _HEALTH)).where(*_of_number), "practice address")
CLEAR_HEALTH: Final = Statement(sa.delete(_H).where(*_of_number), "practice address")
MARK_HEALTH: Final = Statement(
    Put(table=_H, key="practice_pk address", replaces="reason entry_id"),
    "practice_pk address reason since_us entry_id",
)
_of_client = (_N.c.practice_pk == param("practice"), _N.c.client_id == param("client"))
NOTE: Final = Statement(sa.select(*columns(_N, _NOTE)).where(*_of_client), "practice client")
ADD_NOTE: Final = Statement(Put(table=_N), "practice_pk client_id text version author_id author_name at_us")
SET_NOTE: Final = Statement(
    sa.update(_N).where(*_of_client, _N.c.version == param("expected")),
    "text version author_id author_name at_us practice client expected",
)
CHOICE: Final = Statement(
    sa.select(*columns(_K, _CHOICE)).where(_K.c.practice_pk == param("practice"), _K.c.address == param("address")),
    "practice address",
)
SET_CHOICE: Final = Statement(
    Put(table=_K, key="practice_pk address", replaces=" ".join(_CHOICE)),
    "practice_pk address client_id by_id by_name at_us",
)
_open_there = (
    sa.select(only("1"))
    .select_from(_C)
    .where(_C.c.practice_pk == param("practice"), _C.c.department == param("department"), literally(schema.ELSEWHERE))
    .limit(only(str(BADGE_CAP + 1)))
    .offset(only("0"))
)
OPEN_IN_DEPARTMENT: Final = Statement(
    sa.select(sa.func.count()).select_from(_open_there.subquery()), "practice department"
)


class People(Part):
    """What is asked about clients, their numbers, and departments."""

    def number_health(self, practice_id: str, address: str) -> NumberHealth:
        """See :meth:`convokit.ports.store_people.PeopleStore.number_health`."""
        row = self._db.one(HEALTH, (self._key(practice_id), address))
        if row is None:
            return NumberHealth(address=address)
        return NumberHealth(address=address, reason=row[0], since_us=row[1], entry_id=row[2])

    def client_note(self, practice_id: str, client_id: str) -> ClientNote:
        """See :meth:`convokit.ports.store_people.PeopleStore.client_note`."""
        row = self._db.one(NOTE, (self._key(practice_id), client_id))
        return ClientNote(client_id=client_id, **({} if row is None else dict(zip(_NOTE, row, strict=True))))

    def put_client_note(self, practice_id: str, note: ClientNote) -> bool:
        """See :meth:`convokit.ports.store_people.PeopleStore.put_client_note`."""
        practice = self._key(practice_id)
        cells = (note.text, note.version, note.author_id, note.author_name, note.at_us)
        with self._db.writing(practice) as run:
            if note.version == 1:
                return run.count(ADD_NOTE, (practice, note.client_id, *cells)) == 1
            return run.count(SET_NOTE, (*cells, practice, note.client_id, note.version - 1)) == 1

    def open_in_department(self, practice_id: str, department: str) -> int:
        """See :meth:`convokit.ports.store_people.PeopleStore.open_in_department`."""
        return int(self._db.all(OPEN_IN_DEPARTMENT, (self._key(practice_id), department))[0][0])


def write_health(run: Run, practice: int, health: NumberHealth) -> None:
    """Mark a number, or take its mark away."""
    if health.reason is None:
        run.write(CLEAR_HEALTH, (practice, health.address))
    else:
        run.write(MARK_HEALTH, (practice, health.address, health.reason, health.since_us, health.entry_id))


def load_choice(run: Run, practice: int, address: str) -> ClientChoice | None:
    """Whom staff chose last for a number."""
    row = run.one(CHOICE, (practice, address))
    return None if row is None else ClientChoice(address=address, **dict(zip(_CHOICE, row, strict=True)))


def write_choice(run: Run, practice: int, choice: ClientChoice) -> None:
    """Remember whom staff chose."""
    run.write(SET_CHOICE, (practice, choice.address, choice.client_id, choice.by_id, choice.by_name, choice.at_us))
