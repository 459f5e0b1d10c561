"""Looks over every log record, error, traceback and line on standard error of the whole suite.

What must not be there is learned while the tests run: every :class:`~convokit.ports.secret.Secret` that is made, and
the words of every message that comes in or goes out. A secret or the words of a message that then stand in what a host
would write into its log fail the test in which that happens.

A test that leaks on purpose, to show that something notices, says so: ``@pytest.mark.leaks("why")``.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, Final

import pytest

from convokit.errors import ConvokitError
from convokit.facts.texts import StaffReplied, TextArrived
from convokit.ports.secret import Secret
from convokit.ports.sms import InboundText, OutboundText
from convokit.testing.guards import LEAST_SECRET, forms_of

LEAST_WORDS: Final = 12
"""A shorter text, "Hello", may stand in a line by chance."""
_TOLD: Final = "a secret or the words of a message"


class Canary:
    """What was learned and what was told, since the last look."""

    def __init__(self) -> None:
        self.forms: set[str] = set()
        self.words: set[str] = set()
        self.told: list[tuple[str, str]] = []

    # --- learning ----------------------------------------------------------------------------------------------------
    def secret(self, value: object) -> None:
        text = value.decode("utf-8", "ignore") if isinstance(value, bytes) else value
        if isinstance(text, str) and len(text) >= LEAST_SECRET:
            self.forms |= forms_of(text)

    def text(self, value: object) -> None:
        if isinstance(value, str) and len(value.strip()) >= LEAST_WORDS:
            self.words.add(value.strip())

    # --- listening ---------------------------------------------------------------------------------------------------
    def record(self, record: logging.LogRecord) -> None:
        try:
            line = record.getMessage()
        except (TypeError, ValueError):  # logging itself says so
            return
        self.told.append((f"a log record of {record.name}", line))
        if record.exc_info and record.exc_info[1] is not None:
            self.error(record.exc_info[1], f"a traceback in the log of {record.name}")

    def error(self, error: BaseException, where: str) -> None:
        """An error and what it came from, as a traceback shows them; not the lines of the source."""
        seen: set[int] = set()
        current: BaseException | None = error
        while current is not None and id(current) not in seen:
            seen.add(id(current))
            self.told.append((where, "".join(traceback.format_exception_only(current))))
            current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)

    def found(self) -> list[str]:
        """Where something stands that must not; never what it is."""
        found = []
        for where, text in self.told:
            if any(form in text for form in (*self.forms, *self.words)):
                found.append(f"{_TOLD} in {where}")
        return sorted(set(found))

    def clear(self) -> None:
        """Begin anew. Secrets stay: settings are made once for many tests."""
        self.told.clear()
        self.words.clear()


HEARD: Final = Canary()


class _Ear(logging.Handler):
    """Hears what any handler of the host's would: every level that is on, and nothing that a filter held back."""

    def __init__(self, canary: Canary) -> None:
        super().__init__(logging.DEBUG)
        self.canary = canary

    def emit(self, record: logging.LogRecord) -> None:
        self.canary.record(record)


class Listening:
    """The plugin of pytest."""

    def __init__(self, canary: Canary = HEARD) -> None:
        self.canary = canary
        self._undo: list[Callable[[], None]] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "leaks(why): shows a secret or a text on purpose")
        canary = self.canary
        self._after(Secret, lambda made: canary.secret(made.reveal()))
        for kind in (OutboundText, InboundText, TextArrived, StaffReplied):
            self._after(kind, lambda made: canary.text(made.text))
        self._after(ConvokitError, lambda made: canary.error(made, "an error"))
        ear = _Ear(canary)
        logging.getLogger().addHandler(ear)
        self._undo.append(lambda: logging.getLogger().removeHandler(ear))
        self._caught_by(pytest.RaisesExc)

    def _after(self, kind: type[Any], learn: Callable[[Any], None]) -> None:
        before = kind.__init__

        @wraps(before)
        def init(made: Any, *args: Any, **more: Any) -> None:
            before(made, *args, **more)
            learn(made)

        kind.__init__ = init
        self._undo.append(lambda: setattr(kind, "__init__", before))

    def _caught_by(self, raises: type[Any]) -> None:
        """Errors that tests expect: with everything that they came from, which is only known when they are caught."""
        before, canary = raises.__exit__, self.canary

        def leave(self: Any, kind: Any, error: Any, trace: Any) -> Any:
            if isinstance(error, ConvokitError):
                canary.error(error, "a traceback")
            return before(self, kind, error, trace)

        raises.__exit__ = leave
        self._undo.append(lambda: setattr(raises, "__exit__", before))

    def pytest_unconfigure(self) -> None:
        while self._undo:
            self._undo.pop()()

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[Any]:
        report = yield
        if report.when != "teardown":
            return report
        self.canary.told.append(("standard error", report.capstderr))
        found = self.canary.found()
        self.canary.clear()
        if found and report.passed and item.get_closest_marker("leaks") is None:
            report.outcome = "failed"
            report.longrepr = "\n".join(found)
        return report
