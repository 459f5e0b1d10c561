"""What every contract has in common: its tests cannot be replaced, and its cases may come from data.

A contract is a class of tests. The author of a plugin subclasses it and says what is tested; pytest does the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import pytest

Cases = Mapping[str, object]
"""The values of one argument of a test, by the label that the test's name shows."""

_OURS: Final = "convokit.testing."
_SEALED: Final = ("test_", "cases", "pytest_generate_tests", "_nothing_leaks", "_no_input_or_output")


class Contract:
    """Base of all contracts. Tests may be added to a subclass; none may be replaced.

    A test that a plugin cannot pass yet is written as ``pytest.mark.xfail(reason="...")`` over a method of its name.
    """

    def __init_subclass__(cls) -> None:
        """Refuse what would take a test of the contract away.

        Raises:
            TypeError: a test of the contract is replaced, and not marked as failing, with the reason.
        """
        super().__init_subclass__()
        if cls.__module__.startswith(_OURS):
            return
        replaced = sorted(name for name, value in vars(cls).items() if _replaces(cls, name) and not _excused(value))
        if replaced:
            raise TypeError(
                f"tests of the contract are replaced: {', '.join(replaced)}; "
                'what must fail for now is marked pytest.mark.xfail(reason="...")'
            )

    def cases(self) -> Mapping[str, Callable[[], Cases]]:
        """The arguments of the contract's tests that come from data, by name, and how to get their values."""
        return {}

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make one test of each value; pytest calls this."""
        for name, values in self.cases().items():
            if name in metafunc.fixturenames:
                found = values()
                metafunc.parametrize(name, list(found.values()), ids=list(found))


def _replaces(cls: type[object], name: str) -> bool:
    return name.startswith(_SEALED) and any(name in vars(base) for base in cls.__mro__[1:])


def _excused(value: object) -> bool:
    return any(mark.name == "xfail" and str(mark.kwargs.get("reason", "")).strip() for mark in _marks(value))


def _marks(value: object) -> Iterator[pytest.Mark]:
    for mark in getattr(value, "pytestmark", ()):
        yield mark.mark if isinstance(mark, pytest.MarkDecorator) else mark
