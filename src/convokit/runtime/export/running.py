"""An export from its wishes to its report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, Literal

from attrs import evolve, field, frozen

from convokit.domain.conversation import Conversation
from convokit.domain.rules import Practice
from convokit.errors import StorageError
from convokit.ports.store_lists import Change
from convokit.runtime.documents import Documents
from convokit.runtime.export.handed import Handed
from convokit.runtime.export.hands import Hands
from convokit.runtime.export.manifest import Manifest
from convokit.runtime.export.place import Place
from convokit.runtime.export.rows import Key, Row
from convokit.runtime.export.writing import Writer, reason_of

_CHUNK: Final = 200
_ROUNDS: Final = 5
"""How often what changed during the export is looked for again; a busy desk never stands still."""


@frozen(kw_only=True)
class Period:
    """With a message, a start or an end at or after ``since_us``, and begun before ``before_us``; UTC, or no limit."""

    since_us: int | None = None
    before_us: int | None = None


@frozen(kw_only=True)
class Wanted:
    """Which conversations; what is left out does not narrow them.

    Attributes:
        practices: whose; each with its settings.
        periods: of when, by the practice's id: a day begins at another moment in each zone.
        suffix: ``".pdf"``, ``".html"``, ``".json"``, ``".txt"`` or ``".zip"``.
        client_id, patient_id: the host's ids.
        state: ``"open"`` or ``"ended"``.
        internal_notes: with the notes of the staff.
        redacted: what is left out: the ``kinds`` of a :class:`~convokit.domain.redaction.Redaction`.
    """

    practices: tuple[Practice, ...]
    periods: Mapping[str, Period]
    suffix: str = ".pdf"
    client_id: str | None = None
    patient_id: str | None = None
    state: Literal["open", "ended"] | None = None
    internal_notes: bool = False
    redacted: tuple[str, ...] = ()

    def fits(self, practice_id: str, conversation: Conversation) -> bool:
        """Whether this conversation is one of them."""
        period = self.periods[practice_id]
        newest = max(conversation.last_us, conversation.started_us, conversation.ended_us or 0)
        return (
            (period.since_us is None or newest >= period.since_us)
            and (period.before_us is None or conversation.started_us < period.before_us)
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
    documents: Documents,
    wanted: Wanted,
    folder: Path,
    *,
    place: Place,
    processes: int,
    progress: Progress | None,
    handed: Handed | None,
) -> ExportReport:
    """Write what is wanted into ``folder``, and the manifest.

    Args:
        place: for other processes to open the same; where they cannot, everything stays in this one.
        processes: how many write.
        handed: says in the threads who has the files now; ``None``: nothing is said.

    Raises:
        Conflict: ``export.running``.
        StorageError: the folder or the store cannot be used. What was written is kept, and the next export goes on.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with Manifest(folder) as manifest:
            writer = Writer(documents, folder)
            with Hands(writer, place, processes) as hands:
                under_way = _Export(documents, wanted, manifest, progress, handed)
                under_way.run(hands)
            return under_way.report(manifest.finish())
    except OSError as error:
        why = f"the folder of the export cannot be used: {error.strerror}"
        raise StorageError("export.not_written", why, field="folder") from error


class _Export:
    """One export under way."""

    def __init__(
        self,
        documents: Documents,
        wanted: Wanted,
        manifest: Manifest,
        progress: Progress | None,
        handed: Handed | None,
    ) -> None:
        self._store = documents.store
        self._wanted = wanted
        self._manifest = manifest
        self._tell = progress or (lambda _: None)
        self._handed = handed
        self._so_far = ExportProgress()
        self._failed: dict[Key, Row] = {}

    def run(self, hands: Hands) -> None:
        """All of it. A conversation that changes meanwhile is written again, after the others."""
        since = {practice.id: 0 for practice in self._wanted.practices}
        for again in range(_ROUNDS):
            newest = {practice_id: self._newest(practice_id, number) for practice_id, number in since.items()}
            upto = {practice_id: number for practice_id, (number, _) in newest.items()}
            if upto == since:
                break
            count = sum(count for _, count in newest.values())
            # A conversation is listed once up to this number: no two processes ever write one file.
            if again:
                rows = self._changed(since, upto)
            else:
                self._so_far = evolve(self._so_far, of=count)
                rows = self._missing(upto)
            self._round(hands.write(rows, count))
            since = upto

    def report(self, manifest: Path) -> ExportReport:
        """What came of it."""
        done = self._so_far
        return ExportReport(
            written=done.written, kept=done.kept, failed=tuple(self._failed.values()), manifest=manifest
        )

    def _newest(self, practice_id: str, since: int) -> tuple[int, int]:
        """The practice's newest change, and how many conversations there are to look at until then."""
        count = 0
        while changes := self._store.changes(practice_id, since=since, limit=_CHUNK):
            since, count = changes[-1].number, count + len(changes)
        return since, count

    def _round(self, written: Iterator[Row]) -> None:
        for row in written:
            self._manifest.add(row)
            self._failed.pop(row.key, None)
            if row.error:
                self._failed[row.key] = row
            else:
                self._hand_over(row)
            self._move(written=self._so_far.written + (not row.error), failed=len(self._failed))

    def _hand_over(self, row: Row) -> None:
        """The file is whole: the thread says who has it, once."""
        if self._handed is not None and not row.by:
            self._manifest.add(self._handed.over(row))

    def _move(self, **changes: int) -> None:
        """One conversation more is done with."""
        self._so_far = evolve(self._so_far, looked_at=self._so_far.looked_at + 1, **changes)
        self._tell(self._so_far)

    def _missing(self, upto: Mapping[str, int]) -> Iterator[Row]:
        """A row for each conversation that is wanted and whose file is not there, in the order of the change feed."""
        for row in self._rows(dict.fromkeys(upto, 0), upto):
            if row is None:
                self._move()
            elif not row.error and (known := self._manifest.whole(row)):
                self._hand_over(known)
                self._move(kept=self._so_far.kept + 1)
            else:
                yield row

    def _changed(self, since: Mapping[str, int], upto: Mapping[str, int]) -> Iterator[Row]:
        """The same of conversations that have changed while the others were written."""
        for row in self._rows(since, upto):
            if row is not None and self._manifest.good(row) is None:
                self._so_far = evolve(self._so_far, of=self._so_far.of + 1)
                yield row

    def _rows(self, since: Mapping[str, int], upto: Mapping[str, int]) -> Iterator[Row | None]:
        for practice_id, number in since.items():
            for change in self._changes(practice_id, number, upto[practice_id]):
                yield self._wanted_row(practice_id, change)

    def _wanted_row(self, practice_id: str, change: Change) -> Row | None:
        """The row of a conversation that is wanted; with the error where it cannot even be looked at."""
        row = Row(
            practice=practice_id,
            conversation=change.conversation_id,
            change=change.number,
            suffix=self._wanted.suffix,
            internal_notes=self._wanted.internal_notes,
            redacted=self._wanted.redacted,
        )
        try:
            known = self._store.conversation(practice_id, change.conversation_id)
        except Exception as error:  # a damaged row
            return evolve(row, error=reason_of(error))
        if known is None or not self._wanted.fits(practice_id, known):
            return None
        return evolve(row, change=known.change)

    def _changes(self, practice_id: str, since: int, upto: int) -> Iterator[Change]:
        while since < upto and (changes := self._store.changes(practice_id, since=since, limit=_CHUNK)):
            yield from (change for change in changes if change.number <= upto)
            since = changes[-1].number
