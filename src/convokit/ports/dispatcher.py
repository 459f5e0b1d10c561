"""What an engine that runs work must be able to do: threads in this process, or a queue that many machines share.

What is owed stands in the store, with its state, its time, its lane and its lease: that row is the truth. An engine
carries nothing but the *name* of a row. A name that comes late, twice, or for what is done already does no harm,
because :meth:`Work.perform` takes the row's lease first; a name that an engine loses costs a delay and no message,
because :meth:`Work.sweep` names again what is due.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Literal, Protocol

from attrs import field, frozen

Queue = Literal["sends", "mails", "renders"]
"""What sort of work it is, so that an engine can keep one sort from holding up another.

``"sends"`` is texts and what carriers and payment providers are asked, ``"mails"`` mails, ``"renders"`` what takes a
processor: transcripts that are filed, files that are fetched.
"""


@frozen(kw_only=True)
class Notice:
    """Something is owed, and may be due: the name of its row, and nothing that stands in it.

    Attributes:
        practice, kind, key: which row: a ``"text"`` or a ``"job"`` of a practice, by its key.
        lane: what has the same lane is done one after the other, in the order in which it was owed. An engine that
            starts it all the same is told that there is nothing to do yet.
        queue: what sort of work it is.
        not_before_us: when it is due, microseconds since the epoch, UTC; 0: at once.
        pool: what has the same pool is done by the same provider. An engine gives every pool threads of its own, so
            that a provider that hangs takes none from the others. ``""``: not known yet.
    """

    practice: str
    kind: Literal["text", "job"]
    key: str
    lane: str
    queue: Queue = "sends"
    not_before_us: int = 0
    pool: str = field(default="", eq=False)


Full = tuple[str, str | None]
"""A pool of which no thread is free; with a practice: none for that practice."""


@frozen(kw_only=True)
class NameWrite:
    """A statement that puts names into a queue which is in the store's own database.

    Attributes:
        text: SQL, with the placeholders of that database: ``$1``, ``$2`` on PostgreSQL, ``?`` on SQLite.
        values: for the placeholders; each is text to the database.
    """

    text: str
    values: tuple[str, ...] = ()


class Work(Protocol):
    """What convokit gives to an engine. Blocking; every thread may use it."""

    def sweep(self, limit: int = 200, full: Collection[Full] = ()) -> tuple[Notice, ...]:
        """Look at the clock, settle what dead workers left, and name what is due, at most ``limit`` of it.

        What the engine could not begin now, for its pool is ``full``, may be left out: it must hide nothing else.

        To be called every few seconds, by one worker or by several. What it names may have been named before.

        Raises:
            StorageError: the store does not answer now.
        """
        ...

    def perform(self, notice: Notice) -> bool:
        """Do what a notice names, if it is due and nobody else is at it. Whether something was done.

        It takes as long as a carrier takes to answer, two minutes at most. It raises nothing.
        """
        ...

    def rest(self) -> bool:
        """What waits for quiet times: making messages ready for search. Whether something was done; raises nothing."""
        ...


@frozen(kw_only=True)
class DispatcherHealth:
    """How an engine is, for ``convokit doctor`` and health pages.

    Attributes:
        running: whether it performs work now, in this process.
        busy: how much it is performing at this moment, in this process.
        words: the same in plain words, with what an administrator should know; no secret.
        problem: what keeps work from being done, in plain words; ``None``: nothing that is known.
    """

    running: bool
    busy: int
    words: str
    problem: str | None = None


class Dispatcher(Protocol):
    """An engine, built around one kit's :class:`Work`."""

    def writes(self, notices: Sequence[Notice]) -> Sequence[NameWrite]:
        """What is to be written in the very transaction that owes something, so that name and row are there together.

        Nothing, for an engine without a queue in the store's own database. Quick, and without a question to anybody:
        the store sends it along with its commit. What the database refuses of it takes back nothing else: the
        transaction is done again without it, and :meth:`notify` is called.
        """
        ...

    def notify(self, notices: Sequence[Notice]) -> None:
        """Hear that something is owed, which is committed, and of which nothing was written.

        Quick; it performs nothing itself, and raises nothing.
        """
        ...

    def run(self, *, threads: int, idle_seconds: float) -> None:
        """Perform work until :meth:`stop`, and sweep at least every ``idle_seconds``.

        At most ``threads`` at a time in each pool (:attr:`Notice.pool`), of which one practice never gets all. An
        engine whose workers are told of everything may sweep less often, as its settings say. A store that is away is
        waited for. What :meth:`Work.perform` is doing at the end is finished.
        """
        ...

    def stop(self) -> None:
        """Make :meth:`run` return; from any thread, and from a signal handler. A stop before the start counts too."""
        ...

    def wait(self, seconds: float) -> bool:
        """Wait until no :meth:`run` of this process is at work any more. Whether that came about in time."""
        ...

    def health(self) -> DispatcherHealth:
        """How it is. Quick, and never raises."""
        ...


@frozen(kw_only=True)
class DispatcherOffer:
    """What ``convokit_dispatchers`` returns: a recipe, not an instance.

    Attributes:
        name: unique over the engines of all enabled plugins; at most one of them is enabled.
        settings: a frozen attrs class; what ``convokit.open(settings=...)`` has under ``name`` is checked against it.
            Secrets in it are a :class:`~convokit.ports.secret.Secret`.
        build: makes the engine from an instance of ``settings``, the kit's :class:`Work`, and the URL of the kit's
            store, which may hold a password. It starts nothing. A :class:`~convokit.errors.ConfigurationError` of it
            reaches the administrator as it is.
        api: the plugin interface version this was written for; this release speaks 1.
    """

    name: str
    settings: type[object]
    build: Callable[..., Dispatcher]
    api: int = 1
