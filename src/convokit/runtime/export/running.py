"""An export from its wishes to its report."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from pathlib import Path
from typing import Final, Literal

from attrs import evolve, field, frozen

from convokit.domain.conversation import Conversation
from convokit.domain.rules import Practice
from convokit.errors import StorageError
from convokit.ports.store_lists import Change
from convokit.runtime.documents import Documents
from convokit.runtime.export.manifest import Manifest, Row
from convokit.runtime.export.place import Place
from convokit.runtime.export.writing import Writer, reason_of, start_process, write_there

_CHUNK: Final = 200
_AT_ONCE: Final = 20
"""Conversations that are handed to a process together: enough that handing over costs little."""
_WORTH_A_PROCESS: Final = 2 * _AT_ONCE
"""Conversations that a further process is started for; it takes a second or two until it can write the first one."""
_ROUNDS: Final = 5
"""How often what changed during the export is looked for again; a busy desk never stands still."""


@frozen(kw_only=True)
class Wanted:
    """Which conversations; what is left out does not narrow them.

    Attributes:
        practices: whose; each with its settings.
        suffix: ``".pdf"``, ``".html"``, ``".json"``, ``".txt"`` or ``".zip"``.
        since_us, before_us: with a message, a start or an end at or after, and begun before, this moment.
        client_id, patient_id: the host's ids.
        state: ``"open"`` or ``"ended"``.
    """

    practices: tuple[Practice, ...]
    suffix: str = ".pdf"
    since_us: int | None = None
    before_us: int | None = None
    client_id: str | None = None
    patient_id: str | None = None
    state: Literal["open", "ended"] | None = None

    def fits(self, conversation: Conversation) -> bool:
        """Whether this conversation is one of them."""
        newest = max(conversation.last_us, conversation.started_us, conversation.ended_us or 0)
        return (
            (self.since_us is None or newest >= self.since_us)
            and (self.before_us is None or conversation.started_us < self.before_us)
            and (self.client_id is None or conversation.client_id == self.client_id)
            and (self.patient_id is None or conversation.patient_id == self.patient_id)
            and (self.state is None or conversation.ended == (self.state == "ended"))
        )


@frozen(kw_only=True)
class ExportReport:
    """What an export did.

    Attributes:
        written: files made now.
        kept: files of an earlier, perhaps interrupted, export that were there and whole.
        failed: conversations that could not be written; each is in the manifest with its reason.
        manifest: where the manifest is.
    """

    written: int = 0
    kept: int = 0
    failed: tuple[Row, ...] = field(default=(), repr=False)
    manifest: Path


@frozen(kw_only=True)
class ExportProgress:
    """How far an export is: conversations looked at, of how many, and what came of them so far."""

    looked_at: int = 0
    of: int = 0
    written: int = 0
    kept: int = 0
    failed: int = 0


Progress = Callable[[ExportProgress], None]
"""Called again and again in the thread that exports."""


def export(
    documents: Documents, wanted: Wanted, folder: Path, *, place: Place, processes: int, progress: Progress | None
) -> ExportReport:
    """Write what is wanted into ``folder``, and the manifest.

    Args:
        place: for other processes to open the same; where they cannot, everything stays in this one.
        processes: how many write.

    Raises:
        Conflict: ``export.running``.
        StorageError: the folder or the store cannot be used. What was written is kept, and the next export goes on.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with Manifest(folder) as manifest:
            return _Export(documents, wanted, folder, manifest, progress).run(place, processes)
    except OSError as error:
        why = f"the folder of the export cannot be used: {error.strerror}"
        raise StorageError("export.not_written", why, field="folder") from error


class _Export:
    """One export under way."""

    def __init__(
        self, documents: Documents, wanted: Wanted, folder: Path, manifest: Manifest, progress: Progress | None
    ) -> None:
        self._documents = documents
        self._store = documents.store
        self._wanted = wanted
        self._folder = folder
        self._manifest = manifest
        self._tell = progress or (lambda _: None)
        self._so_far = ExportProgress()
        self._failed: dict[str, Row] = {}

    def run(self, place: Place, processes: int) -> ExportReport:
        """All of it. A conversation that changes meanwhile is written again, after the others."""
        since = {practice.id: 0 for practice in self._wanted.practices}
        for _ in range(_ROUNDS):
            upto = {name: self._newest(name, number) for name, number in since.items()}
            if upto == since:
                break
            # A conversation is listed once up to this number: no two processes ever write one file.
            self._round(self._missing(since, upto), place, processes)
            since = upto
        failed = tuple(self._failed.values())
        done = self._so_far
        return ExportReport(written=done.written, kept=done.kept, failed=failed, manifest=self._manifest.finish())

    def _newest(self, practice_id: str, since: int) -> int:
        """The practice's newest change, and how many conversations there are to look at until then."""
        count = 0
        while changes := self._store.changes(practice_id, since=since, limit=_CHUNK):
            since, count = changes[-1].number, count + len(changes)
        self._so_far = evolve(self._so_far, of=self._so_far.of + count)
        return since

    def _round(self, rows: Iterator[Row], place: Place, processes: int) -> None:
        many = min(processes, 1 + self._so_far.of // _WORTH_A_PROCESS) if place.is_shared else 1
        writer = Writer(self._documents, self._folder)
        written = _here(writer, rows) if many == 1 else _there(place, self._folder, many, rows)
        for some in written:
            self._manifest.add(some)
            for row in some:
                self._failed.pop(row.conversation, None)
                if row.error:
                    self._failed[row.conversation] = row
            good, failed = sum(not row.error for row in some), len(self._failed)
            self._move(len(some), written=self._so_far.written + good, failed=failed)

    def _move(self, looked_at: int, **changes: int) -> None:
        """So many conversations more are done with."""
        self._so_far = evolve(self._so_far, looked_at=self._so_far.looked_at + looked_at, **changes)
        self._tell(self._so_far)

    def _missing(self, since: Mapping[str, int], upto: Mapping[str, int]) -> Iterator[Row]:
        """A row for each conversation that is wanted and whose file is not there, in the order of the change feed."""
        for practice_id in since:
            for change in self._changes(practice_id, since[practice_id], upto[practice_id]):
                row = self._wanted_row(practice_id, change)
                if row is None:
                    self._move(1)
                elif not row.error and self._manifest.has(row):
                    self._move(1, kept=self._so_far.kept + 1)
                else:
                    yield row

    def _wanted_row(self, practice_id: str, change: Change) -> Row | None:
        """The row of a conversation that is wanted; with the error where it cannot even be looked at."""
        row = Row(
            practice=practice_id,
            conversation=change.conversation_id,
            change=change.number,
            suffix=self._wanted.suffix,
        )
        try:
            known = self._store.conversation(practice_id, change.conversation_id)
        except Exception as error:  # a damaged row
            return evolve(row, error=reason_of(error))
        if known is None or not self._wanted.fits(known):
            return None
        return evolve(row, change=known.change)

    def _changes(self, practice_id: str, since: int, upto: int) -> Iterator[Change]:
        while since < upto and (changes := self._store.changes(practice_id, since=since, limit=_CHUNK)):
            yield from (change for change in changes if change.number <= upto)
            since = changes[-1].number


def _here(writer: Writer, rows: Iterator[Row]) -> Iterator[Sequence[Row]]:
    while some := list(islice(rows, _AT_ONCE)):
        yield writer.write(some)


def _there(place: Place, folder: Path, processes: int, rows: Iterator[Row]) -> Iterator[Sequence[Row]]:
    """Written by several processes; few are handed out ahead, so that memory stays flat whatever the number.

    Raises:
        StorageError: ``export.process``: one of them was killed.
    """
    # Started anew, not forked: a fork would copy threads' locks and the open database.
    method = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, method, initializer=start_process, initargs=(place, str(folder))) as pool:
        flying: set[Future[list[Row]]] = set()
        try:
            while (some := list(islice(rows, _AT_ONCE))) or flying:
                if some:
                    flying.add(pool.submit(write_there, some))
                if len(flying) >= 2 * processes or not some:
                    done, flying = wait(flying, return_when=FIRST_COMPLETED)
                    yield from (one.result() for one in done)
        except BrokenProcessPool:
            why = "a process of the export was killed (out of memory?); start it again, it goes on where it was"
            raise StorageError("export.process", why) from None
        finally:
            pool.shutdown(cancel_futures=True)
