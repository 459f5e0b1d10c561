"""Logs of commands that stay: lines for people, or one JSON object a line for programs.

Nothing that convokit logs holds a text, a number or a secret (``tests/runtime`` and the contract kit look). What other
libraries log is not ours to promise, so only their warnings are let through, and never their tracebacks' values.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, Literal, TypeVar

import click

LogFormat = Literal["text", "json"]
Command = TypeVar("Command", bound=Callable[..., object])

_OURS: Final = "convokit"


class JsonLines(logging.Formatter):
    """One object a line: ``time`` (ISO 8601, UTC), ``level``, ``logger``, ``message``, ``process``, ``thread``.

    Of an exception the type is told, as ``error``, and where it was raised, as ``at``; never its words.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line, in ASCII, without a line break in it."""
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
            "thread": record.threadName,
        }
        kind, _, trace = record.exc_info or (None, None, None)
        if kind is not None:
            told["error"] = kind.__name__
        if trace is not None:
            while trace.tb_next is not None:
                trace = trace.tb_next
            told["at"] = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        return json.dumps(told)


class TextLines(logging.Formatter):
    """A line for people. News has no level in front."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        level = "" if record.levelno <= logging.INFO else f"{record.levelname} "
        return f"convokit: {level}{record.getMessage()}"


def log_option(command: Command) -> Command:
    """Add ``--log-format``."""
    option = click.option(
        "--log-format",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        envvar="CONVOKIT_LOG_FORMAT",
        show_envvar=True,
        help="Lines on stderr for people, or one JSON object a line for programs.",
    )
    return option(command)


def set_up_logs(log_format: LogFormat) -> None:
    """Have everything that is logged written to standard error: our own from news on, others' from warnings on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if log_format == "json" else TextLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(_OURS).setLevel(logging.INFO)
