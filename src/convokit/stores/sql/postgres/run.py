"""Statements in a transaction on PostgreSQL. What nobody waits for is sent together with what follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final

from convokit.stores.sql import statements as sql
from convokit.stores.sql.database import EarlierTakenError, NamesRefusedError, TakenError
from convokit.stores.sql.postgres.faults import TAKEN, LostError, RefusedError
from convokit.stores.sql.postgres.wire import Answer, Ask, Wire
from convokit.stores.sql.rows import Cells
from convokit.stores.sql.statement import Statement

EVERYBODY: Final = "*"
"""Instead of a practice's key: rows of all practices may be read, and none written."""

NOBODY: Final = ""

SCOPE: Final = "SELECT set_config('convokit.practice', $1, true)"
LOCK: Final = "SELECT change_no FROM convokit_practice WHERE pk = $1 FOR NO KEY UPDATE"
"""One writer of a practice at a time, as in a file: what a transaction has read of it stays true until its end."""


Told = Callable[[Answer], None]

_PATIENCE: Final = "SELECT set_config('lock_timeout', '500', true)"
"""Before names are written: somebody who changes an engine's tables must not hold up messages."""


def _is_name(answer: Answer) -> None:
    """Marks what is queued as a name; there is nothing to be told."""


class PostgresRun:
    """See :class:`convokit.stores.sql.database.Run`."""

    def __init__(self, wire: Wire, seconds: float) -> None:
        """``seconds``: how long the answer to a batch may take."""
        self._wire = wire
        self._seconds = seconds
        self._queue: list[tuple[Ask, Told | None]] = []
        self._change: int | None = None
        self._unsure = False
        self.news: set[int] = set()
        """The practices whose change number moved."""

    # --- see the protocol ------------------------------------------------------------------------------------------

    def one(self, statement: Statement, values: Cells) -> Cells | None:
        """The only row, or ``None``."""
        found = self._ask(statement.postgres, values).rows
        return found[0] if found else None

    def all(self, statement: Statement, values: Cells) -> list[Cells]:
        """All rows."""
        return self._ask(statement.postgres, values).rows

    def write(self, statement: Statement, values: Cells, told: Callable[[int], None] | None = None) -> None:
        """Write, with what follows."""
        if told is None:
            self.queue(statement.postgres, values)
        else:
            self._unsure = True
            self.queue(statement.postgres, values, lambda answer: told(answer.count))

    def count(self, statement: Statement, values: Cells) -> int:
        """Write; how many rows that were."""
        return self._ask(statement.postgres, values).count

    def must(self, statement: Statement, values: Cells, otherwise: Exception) -> None:
        """Write one row, with what follows; ``otherwise`` is raised, here or later, if it was none."""

        def told(answer: Answer) -> None:
            if answer.count != 1:
                raise otherwise

        self._unsure = True
        self.queue(statement.postgres, values, told)

    def check(self, statement: Statement, values: Cells, told: Callable[[Cells | None], None]) -> None:
        """Read one row, with what follows."""
        self._unsure = True
        self.queue(statement.postgres, values, lambda answer: told(answer.rows[0] if answer.rows else None))

    def put(self, statement: Statement, values: Cells) -> None:
        """Insert a row, with what follows."""
        self.queue(statement.postgres, values)

    def set(self, statement: Statement, values: Cells, otherwise: Exception) -> None:
        """Change one row, with what follows; ``otherwise`` is raised, here or later, if there was none."""
        self.must(statement, values, otherwise)

    def carry(self, text: str, values: tuple[str, ...]) -> None:
        """Write names, with the commit."""
        self.queue(_PATIENCE)
        self.queue(text, values, _is_name)

    def next_change(self, practice: int) -> int:
        """Count up the practice's change number: it is locked, so nobody has to be asked for the new one."""
        if self._change is None:
            self.flush()
        number = self._change = (self._change or 0) + 1
        self.write(sql.NEXT_CHANGE, (practice,))
        self.news.add(practice)
        return number

    def count_up(self, practice: int, told: Callable[[int], None]) -> int:
        """Count up the practice's change number, with what follows."""

        def counted(answer: Answer) -> None:
            self._change = int(answer.rows[0][0]) if answer.rows else 0
            told(self._change)

        self._change, self._unsure = None, True
        self.queue(sql.NEXT_CHANGE.postgres, (practice,), counted)
        self.news.add(practice)
        return practice

    @contextmanager
    def undoable(self) -> Iterator[None]:
        """A savepoint."""
        try:
            self.flush()
        except TakenError as error:  # not of what is tried: whoever tries must not take it for that, and go on
            raise EarlierTakenError from error
        self.queue("SAVEPOINT convokit")
        try:
            yield
            self.flush()
        except TakenError:
            self.queue("ROLLBACK TO SAVEPOINT convokit")
            raise
        finally:
            self.queue("RELEASE SAVEPOINT convokit")

    def enter(self, practice: int) -> None:
        """What follows is about that practice, which is locked from here on."""
        self.queue(SCOPE, (str(practice),))
        self.lock(practice)

    # --- transactions ----------------------------------------------------------------------------------------------

    def beside(self) -> PostgresRun:
        """Another run of the same transaction, with nothing queued."""
        return PostgresRun(self._wire, self._seconds)

    def queue(self, text: str, values: Cells = (), told: Told | None = None) -> None:
        """Send it with what follows; ``told`` gets the answer."""
        self._queue.append(((text, values), told))

    def lock(self, practice: int) -> None:
        """Be the practice's only writer until the transaction ends."""
        self.queue(LOCK, (practice,), self._locked)

    def _locked(self, answer: Answer) -> None:
        found = answer.rows
        self._change = int(found[0][0]) if found else 0

    def flush(self) -> None:
        """Send what nobody waited for."""
        if self._queue:
            self.exchange()

    def be_sure(self) -> None:
        """Before the end of the transaction: have it told of what :meth:`must` be, while nothing is final."""
        if self._unsure:
            self.flush()

    def exchange(self, *asked: Ask, spare: int = 0) -> list[Answer]:
        """Send what is queued, and this; the answers to this. ``spare``: how many of the last may be refused.

        Raises:
            TakenError, RefusedError, LostError: what is queued is gone.
        """
        queued, self._queue, self._unsure = self._queue, [], False
        try:
            answers = self._wire.exchange([*(ask for ask, _ in queued), *asked], self._seconds, spare=spare)
        except RefusedError as error:
            for one, answer in zip(queued, error.answers, strict=False):
                # What was wrong before counts: the rest was sent without knowing it. Who asks for more gets no answer.
                with suppress(RefusedError):
                    _tell([one], [answer])
            if error.at < len(queued) and queued[error.at][1] is _is_name:
                raise NamesRefusedError(error.code) from None
            if error.code == TAKEN:
                raise TakenError from None
            raise
        _tell(queued, answers)
        return answers[len(queued) :]

    def _ask(self, text: str, values: Cells) -> Answer:
        return self.exchange((text, values))[0]


def _tell(queued: list[tuple[Ask, Told | None]], answers: Sequence[Answer]) -> None:
    """Tell who waits for them of the answers that there are."""
    for (_, told), answer in zip(queued, answers, strict=False):
        if told is not None:
            told(answer)


@contextmanager
def savepoint(run: PostgresRun, practice: int | None, patience_ms: int | None) -> Iterator[PostgresRun]:
    """A :class:`convokit.stores.sql.guests.Session` in a write transaction of our own; reading needs no savepoint."""
    if patience_ms is None or practice is None:
        yield run
        return
    run.flush()
    # A run of its own: what it queued is forgotten with it.
    own = run.beside()
    own.queue("SAVEPOINT convokit_one")
    own.lock(practice)
    try:
        yield own
        own.be_sure()
        own.exchange(("RELEASE SAVEPOINT convokit_one", ()))
    except BaseException:
        with suppress(RefusedError, LostError):  # then the whole transaction has failed, which its end tells
            run.exchange(("ROLLBACK TO SAVEPOINT convokit_one", ()), ("RELEASE SAVEPOINT convokit_one", ()))
        raise
    run.news |= own.news
