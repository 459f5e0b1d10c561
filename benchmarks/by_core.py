"""The same work in SQLAlchemy Core, written as its tutorial writes it: expressions where they are used, one engine."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from by_hand import PRAGMAS

from convokit.facts import TextArrived
from convokit.stores.sql import schema

_C = schema.conversation.c
_P = schema.practice.c
_S = schema.consent.c


@contextmanager
def taker(path: Path) -> Iterator[Callable[[str, TextArrived], object]]:
    """A function that takes a text into this file."""
    engine = engine_for(path)
    with engine.connect() as connection:
        keys = {row.public_id: row.pk for row in connection.execute(sa.select(_P.public_id, _P.pk))}

    def take(practice_id: str, fact: TextArrived) -> None:
        with engine.begin() as connection:
            _take(connection, keys[practice_id], fact)

    yield take
    engine.dispose()


def engine_for(path: Path, *, begin: bool = True) -> sa.Engine:
    """An engine as durable as the SQL store; with ``begin``, each transaction takes the write lock from the start."""
    engine = sa.create_engine(f"sqlite:///{path}")

    @sa.event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    if begin:
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _take(connection: sa.Connection, practice: int, fact: TextArrived) -> None:
    known = connection.execute(_load(practice, fact)).one()
    seq = known.last_seq + 1
    change = connection.execute(
        sa.update(schema.practice).where(_P.pk == practice).values(change_no=_P.change_no + 1).returning(_P.change_no)
    ).scalar_one()
    connection.execute(
        sa.update(schema.conversation)
        .where(_C.pk == known.pk)
        .values(
            unread=known.unread + 1,
            last_seq=seq,
            last_us=fact.at_us,
            last_text=fact.text[:120],
            last_side="client",
            last_delivery=None,
            last_message_seq=seq,
            awaiting_us=fact.at_us if known.awaiting_us is None else known.awaiting_us,
            version=known.version + 1,
            change=change,
        )
    )
    entry = connection.execute(
        sa.insert(schema.entry).values(**_entry(practice, known.pk, seq, fact)).returning(schema.entry.c.pk)
    ).scalar_one()
    connection.execute(
        sa.insert(schema.fact).values(
            practice_pk=practice,
            identity=fact.identity,
            entry_pk=entry,
            fingerprint=fact.fingerprint,
        )
    )


def _load(practice: int, fact: TextArrived) -> sa.Select[tuple[object, ...]]:
    with_consent = schema.conversation.outerjoin(
        schema.consent, sa.and_(_S.practice_pk == _C.practice_pk, _S.address == _C.address)
    )
    return (
        sa.select(schema.conversation, _S.opted_out)
        .select_from(with_consent)
        .where(
            _C.practice_pk == practice,
            _C.channel == fact.channel,
            _C.address == fact.address,
            _C.sender == fact.sender,
            sa.text(schema.OPEN),
        )
    )


def _entry(practice: int, conversation: int, seq: int, fact: TextArrived) -> dict[str, object]:
    return {
        "practice_pk": practice,
        "conversation_pk": conversation,
        "public_id": fact.entry_id,
        "seq": seq,
        "at_us": fact.at_us,
        "kind": "message",
        "side": "client",
        "text": fact.text,
        "author_name": fact.client_name,
        "attempt": 1,
        "raw": "",
        "provider_id": fact.provider_id,
        "flags": "",
        "attachments": "",
    }
