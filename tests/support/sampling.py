"""Fewer rows where the work is shared (``tools/run_tests.py``): the same ones in every run and on every machine.

``CONVOKIT_SHARE=20``: of the thousands of rows of the contracts, one in twenty, and always the first; the others are
not even made, which would take long. With ``CONVOKIT_SHARE_ALL``: of all tests, one in twenty, and one row of each
test that runs on PostgreSQL.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Sequence
from typing import Final

import pytest

SHARE: Final = int(os.environ.get("CONVOKIT_SHARE", "1"))
EVERY: Final = bool(os.environ.get("CONVOKIT_SHARE_ALL"))
FEW: Final = 4
"""A list that is no longer is left as it is: its rows are kinds, such as blocking and asyncio."""


OTHERS: Final = 4


def taken(name: str) -> bool:
    """Whether this one of very many takes part."""
    return zlib.crc32(name.encode()) % SHARE == 0


class Sampling:
    """As a plugin of pytest it is there for the tests of every folder."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        where = metafunc.definition
        if SHARE == 1 or EVERY or "contract" not in where.path.name:
            return
        make = metafunc.parametrize

        def fewer(
            names: str | Sequence[str], values: Iterable[object], *args: object, ids: object = None, **more: object
        ) -> None:
            rows = list(values)
            kept = [at for at in range(len(rows)) if at == 0 or len(rows) <= FEW or taken(f"{where.nodeid} {at}")]
            if isinstance(ids, Iterable):
                named = list(ids)
                ids = [named[at] for at in kept]
            make(names, [rows[at] for at in kept], *args, ids=ids, **more)  # type: ignore[arg-type]  # as they came

        metafunc.parametrize = fewer  # type: ignore[method-assign, assignment]  # pytest has no hook between the two

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        if SHARE == 1:
            return
        seen = set[object]()
        stays = self._stays_of_all if EVERY else self._stays
        kept = [item for item in items if stays(item, seen)]
        gone = set(items).difference(kept)
        config.hook.pytest_deselected(items=list(gone))
        items[:] = kept

    @staticmethod
    def _stays_of_all(item: pytest.Item, seen: set[object]) -> bool:
        """Of every test the first row on PostgreSQL, and one in twenty of the others and of those in memory."""
        function = getattr(item, "function", item)
        if "postgres" in item.nodeid and function not in seen:
            seen.add(function)
            return True
        return taken(item.nodeid)

    @staticmethod
    def _stays(item: pytest.Item, seen: set[object]) -> bool:
        """One row of each test always, whoever keeps the contract; of the other keepers' rows one in four."""
        function = getattr(item, "function", item)
        if "contract" not in item.path.name or function not in seen:
            seen.add(function)
            return True
        return zlib.crc32(item.nodeid.encode()) % OTHERS == 0
