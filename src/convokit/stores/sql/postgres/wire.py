"""One connection to PostgreSQL: a batch of statements goes there and their results come back in one round trip.

This stands on libpq's pipeline mode as psycopg wraps it (``psycopg.pq``), not on its cursors: a statement costs a
quarter of the time, and several cost hardly more than one. A batch is one implicit transaction, unless it says BEGIN.
Values never become part of a statement's text.
"""

from __future__ import annotations

import select
import time
from collections.abc import Sequence
from typing import Any, Final

import psycopg
from psycopg.adapt import Transformer
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus
from psycopg.pq.abc import PGconn, PGresult

from convokit.stores.sql.postgres.faults import LostError, RefusedError
from convokit.stores.sql.rows import Cells

_BINARY: Final = 1
_TEXT: Final = 0
_READ: Final = select.POLLIN | select.POLLERR | select.POLLHUP
_ENDED: Final = ("08", "57P")  # the connection, the session, the server; libpq itself has no code
_DONE: Final = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)

Ask = tuple[str, Cells]
"""The text of a statement and its values."""


class Answer:
    """The result of one statement."""

    def __init__(self, result: PGresult) -> None:
        self._result = result

    @property
    def rows(self) -> list[Cells]:
        """Its rows."""
        loading: Any = Transformer()
        loading.set_pgresult(self._result)
        found: list[Cells] = loading.load_rows(0, self._result.ntuples, tuple)
        return found

    @property
    def count(self) -> int:
        """How many rows it wrote."""
        return self._result.command_tuples or 0

    @property
    def rolled_back(self) -> bool:
        """Whether a COMMIT was none: the server ends a transaction in which something failed that way, and no error."""
        return self._result.command_status == b"ROLLBACK"


class Wire:
    """A connection, used by one thread at a time.

    ``prepare``: whether the server keeps the statements. Not on a connection that is not ours, nor behind a proxy that
    gives each transaction another one.
    """

    def __init__(self, connection: psycopg.Connection[Any], *, prepare: bool) -> None:
        self.connection = connection
        self._libpq: PGconn = connection.pgconn
        self.session = self._libpq.backend_pid
        """The number of the server's process; a broken connection no longer tells."""
        self._prepare = prepare
        self._names: dict[str, bytes] = {}
        self._kept = 0
        self._inside = False
        self._poll = select.poll()
        self._poll.register(self._libpq.socket, _READ)

    @property
    def is_alive(self) -> bool:
        """Whether an idle connection still stands, as far as this machine knows."""
        try:
            while self._poll.poll(0):  # its last words, then its end
                self._libpq.consume_input()
        except psycopg.Error:
            return False
        return self._libpq.status == ConnStatus.OK

    def exchange(self, batch: Sequence[Ask], seconds: float, *, spare: int = 0) -> list[Answer]:
        """Run statements, in order, and give their answers.

        The first that is refused ends the batch: those after it are not run. ``spare``: how many at the end may be
        refused without anybody minding.

        Raises:
            RefusedError: the first error.
            LostError: the connection ended, or no answer came within ``seconds``.
            UnicodeEncodeError: a text is none.
        """
        packed = [(text, *_packed(values)) for text, values in batch]
        deadline = time.monotonic() + seconds
        if self._inside:  # somebody was interrupted while he waited: what comes next are his answers
            raise LostError
        self._inside = True
        try:
            self._libpq.enter_pipeline_mode()
            kept = [self._send(*one) for one in packed]
            self._libpq.pipeline_sync()
            answers, refused = self._receive(kept, deadline)
            self._libpq.exit_pipeline_mode()
        except psycopg.Error as error:
            raise LostError from error
        self._inside = False
        for at, code in enumerate(refused[: len(batch) - spare]):
            if code is not None:
                raise RefusedError(code, at, answers[:at])
        return answers

    def close(self) -> None:
        """Close the connection, whatever state it is in."""
        self.connection.close()

    def _send(self, text: str, values: list[bytes | None], formats: list[int]) -> str | None:
        """Queue one statement. Its text, if it is to be kept by the server first: then there is one answer more."""
        if not self._prepare:
            self._libpq.send_query_params(text.encode(), values, None, formats, _BINARY)
            return None
        name = self._names.get(text)
        kept = None
        if name is None:
            self._kept += 1
            name = b"convokit%d" % self._kept
            self._libpq.send_prepare(name, text.encode())
            self._names[text] = name
            kept = text
        self._libpq.send_query_prepared(name, values, formats, _BINARY)
        return kept

    def _receive(self, kept: list[str | None], deadline: float) -> tuple[list[Answer], list[str | None]]:
        """The answers of the statements, and the code of each one's error."""
        while self._libpq.flush():
            self._wait(_READ | select.POLLOUT, deadline)
            self._libpq.consume_input()
        answers: list[Answer] = []
        refused: list[str | None] = []
        for text in kept:
            code = None
            if text is not None:
                prepared = self._next(deadline)
                code = _refusal(prepared)
                if prepared.status not in _DONE:
                    del self._names[text]
            result = self._next(deadline)
            refused.append(code or _refusal(result))
            answers.append(Answer(result))
        self._next(deadline)  # the end of the batch
        return answers, refused

    def _next(self, deadline: float) -> PGresult:
        """The next result; ``None`` of libpq only separates them."""
        while True:
            while self._libpq.is_busy():
                self._wait(_READ, deadline)
                self._libpq.consume_input()
            result = self._libpq.get_result()
            if result is not None:
                return result
            if self._libpq.status != ConnStatus.OK:
                raise LostError

    def _wait(self, events: int, deadline: float) -> None:
        left = deadline - time.monotonic()
        self._poll.modify(self._libpq.socket, events)
        if left <= 0 or not self._poll.poll(left * 1000):
            raise LostError


def _packed(values: Cells) -> tuple[list[bytes | None], list[int]]:
    packed: list[bytes | None] = []
    formats = []
    for value in values:
        if value is None:
            packed.append(None)
            formats.append(_TEXT)
        elif isinstance(value, int):  # also truth values: "1" and "0" are read as such
            packed.append(b"%d" % value)
            formats.append(_TEXT)
        else:
            # With its length, so that a NUL in it ends nothing: the server refuses it.
            packed.append(value.encode() if isinstance(value, str) else bytes(value))
            formats.append(_BINARY)
    return packed, formats


def _refusal(result: PGresult) -> str | None:
    if result.status != ExecStatus.FATAL_ERROR:
        return None
    code = (result.error_field(DiagnosticField.SQLSTATE) or b"08000").decode()
    if code.startswith(_ENDED):
        raise LostError
    return code
