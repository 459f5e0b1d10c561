"""Who writes the files of an export: this process, or several, as far as there is work for them."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from types import TracebackType
from typing import Final

from convokit.errors import StorageError
from convokit.runtime.export.place import Place
from convokit.runtime.export.rows import Row
from convokit.runtime.export.writing import Writer, start_process, write_there

_AT_ONCE: Final = 20
"""Conversations that are handed to a process together: enough that handing over costs little."""
_WORTH_A_PROCESS: Final = 2 * _AT_ONCE
"""Conversations that a further process is started for; it takes a second or two until it can write the first one."""


class Hands:
    """Writes the files of one export. A context manager; its processes live as long as it does.

    Args:
        writer: of this process.
        place: for other processes to open the same; where they cannot, everything stays in this one.
        processes: how many there are at most.
    """

    def __init__(self, writer: Writer, place: Place, processes: int) -> None:
        self._writer = writer
        self._place = place
        self._most = processes if place.is_shared else 1
        self._pool: ProcessPoolExecutor | None = None

    def write(self, rows: Iterator[Row], most: int) -> Iterator[Row]:
        """The rows with what was written, in any order.

        Args:
            most: there are so many rows, or fewer.

        Raises:
            StorageError: ``export.process``: a process was killed.
        """
        many = min(self._most, 1 + most // _WORTH_A_PROCESS)
        return map(self._writer.write, rows) if many == 1 else self._elsewhere(rows, many)

    def _elsewhere(self, rows: Iterator[Row], many: int) -> Iterator[Row]:
        """Few are handed out ahead, so that memory stays flat whatever the number."""
        pool = self._pool = self._pool or self._started(many)
        flying: set[Future[list[Row]]] = set()
        try:
            while (some := list(islice(rows, _AT_ONCE))) or flying:
                if some:
                    flying.add(pool.submit(write_there, some))
                if len(flying) >= 2 * many or not some:
                    done, flying = wait(flying, return_when=FIRST_COMPLETED)
                    for one in done:
                        yield from one.result()
        except BrokenProcessPool:
            why = "a process of the export was killed (out of memory?); start it again, it goes on where it was"
            raise StorageError("export.process", why) from None

    def _started(self, many: int) -> ProcessPoolExecutor:
        # Started anew, not forked: a fork would copy threads' locks and the open database.
        method = multiprocessing.get_context("spawn")
        where = self._place, str(self._writer.folder)
        return ProcessPoolExecutor(many, method, initializer=start_process, initargs=where)

    def __enter__(self) -> Hands:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
