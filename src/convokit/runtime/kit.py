"""The kit: one per process. It opens the store, loads the plugins, and hands out a desk per practice."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime
from types import TracebackType
from typing import TYPE_CHECKING

from convokit.domain.people import Staff
from convokit.domain.redaction import NOTHING_LEFT_OUT, Redaction
from convokit.runtime.checks import check_id, check_staff
from convokit.runtime.checks_kit import check_callable
from convokit.runtime.kit_front import KitFront
from convokit.runtime.kit_practices import KitPractices
from convokit.runtime.within import refuse_within, within
from convokit.runtime.worker import WorkReport

if TYPE_CHECKING:
    from convokit.runtime.export.running import ExportProgress, ExportReport


class Convokit(KitPractices, KitFront):
    """What :func:`convokit.open` returns. Thread-safe; use it as a context manager or call :meth:`close`."""

    def within(self, connection: object) -> AbstractContextManager[None]:
        """Let a transaction of the host's carry what is done inside, in this thread or task::

            with engine.begin() as connection, kit.within(connection):   # SQLAlchemy
            with transaction.atomic(), kit.within(django.db.connection): # Django

        It is committed with the host's own rows, or rolled back with them. Nothing leaves, and no plugin is told,
        before that. The transaction should be short: until it ends, everybody else who writes for the same practice
        waits (on SQLite: who writes at all).

        Not possible inside (``within.not_here``): work, webhooks, :meth:`PracticeDesk.opt_out`,
        :meth:`PracticeDesk.erase_client`; what these say is true only once it is committed.

        Args:
            connection: SQLAlchemy's ``Connection`` or Django's connection wrapper; to the same database.

        Raises:
            ConfigurationError: ``within.connection``, ``within.store``.
            Conflict: ``within.no_transaction``.
            StorageError: ``storage.host_transaction``, ``storage.wrong_role``.
        """
        return within(self.store, connection)

    def work(self) -> WorkReport:
        """Perform what is owed and due, once, in this thread. Settles what a dead worker left behind."""
        refuse_within("to work")
        return self.worker.work()

    def run(self, *, threads: int = 4, idle_seconds: float = 0.2) -> None:
        """Be the worker: perform what is owed until :meth:`stop` is called from elsewhere."""
        refuse_within("to work")
        self.dispatcher.run(threads=threads, idle_seconds=idle_seconds)

    def stop(self) -> None:
        """Make :meth:`run` return when what it has begun is settled."""
        self.dispatcher.stop()

    def now(self) -> datetime:
        """The kit's present moment, aware."""
        return self.world.clock()

    def export_transcripts(
        self,
        folder: str | os.PathLike[str],
        *,
        practice_id: str | None = None,
        format: str = "pdf",  # noqa: A002 - what people call it
        since: date | None = None,
        before: date | None = None,
        client_id: str | None = None,
        patient_id: str | None = None,
        state: str | None = None,
        internal_notes: bool = False,
        redact: Redaction = NOTHING_LEFT_OUT,
        by: Staff | None = None,
        processes: int | None = 1,
        progress: Callable[[ExportProgress], None] | None = None,
    ) -> ExportReport:
        """Write the transcripts of many conversations into a folder, with a manifest (``manifest.jsonl``).

        Called again with the same folder it goes on: files that are there, whole, and of conversations that have not
        changed since, are kept. A conversation that cannot be written is in the report and stops nothing.

        Args:
            practice_id: one practice; default all.
            format: ``"pdf"``, ``"html"``, ``"json"``, ``"txt"`` or ``"zip"``.
            since, before: conversations with a message, a start or an end at or after ``since``, and begun before
                ``before``: an aware ``datetime``, or a ``date``, which begins when it does in each practice's zone.
            client_id, patient_id: the host's ids.
            state: ``"open"`` or ``"ended"``; default both.
            internal_notes, redact: as in :meth:`PracticeDesk.transcript`, without chosen messages. The manifest says
                how a file was made; asked for otherwise, it is made anew.
            by: who takes the transcripts: once a file is whole the thread says so (``transcript_downloaded``), once
                for each file. ``None``: nothing is said.
            processes: how many write, on a database that processes share; ``None``: as many as there are cores. They
                are started anew, so a script that asks for several stands under ``if __name__ == "__main__":``.
            progress: called again and again in this thread.

        Raises:
            InvalidInput: ``export...``, ``time.naive``, ``transcript.redact``; ``by.type``, ``staff...``.
            NotFound: ``practice.unknown``.
            Conflict: ``export.running``: another export writes into the folder.
            StorageError: ``export.not_written``, ``export.process``, ``storage...``; the next call goes on.
        """
        from convokit.runtime.export.asking import check_folder, check_processes, wanted
        from convokit.runtime.export.handed import Handed
        from convokit.runtime.export.running import export

        if progress is not None:
            check_callable(progress, "progress", "export.progress")
        practices = self.store.practices() if practice_id is None else (self._find(practice_id),)
        asked = wanted(
            practices,
            format=format,
            since=since,
            before=before,
            client_id=client_id,
            patient_id=patient_id,
            state=state,
            internal_notes=internal_notes,
            redact=redact,
        )
        return export(
            self.documents,
            asked,
            check_folder(folder),
            place=self._place,
            processes=check_processes(processes),
            progress=progress,
            handed=None if by is None else Handed(self.steps, self.world, asked.practices, check_staff(by)),
        )

    def secret(self, name: str) -> bytes:
        """A random key of 32 bytes, kept in the store: the same in every process. For what a host signs."""
        return self.store.secret(f"host: {check_id(name, 'name')}", self.world.fresh_key())

    def plugin(self, name: str) -> object:
        """An enabled plugin by name.

        Raises:
            ConfigurationError: ``plugin.not_enabled``.
        """
        return self.catalogue.plugin(name)

    def __enter__(self) -> Convokit:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
