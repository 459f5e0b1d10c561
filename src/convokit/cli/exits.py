"""How the command ends: exit codes, and errors in one line on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Final

import click

from convokit.errors import ConvokitError, NotFound

DONE: Final = 0
FAILED: Final = 1
USAGE: Final = 2
NOTHING_FOUND: Final = 3
PARTLY_DONE: Final = 4
NOT_COMPARED: Final = 5
INTERRUPTED: Final = 130


class Failure(click.ClickException):
    """An error of convokit's: one line on stderr, without a stack."""

    exit_code = FAILED

    def show(self, file: IO[str] | None = None) -> None:
        """Print it."""
        click.echo(f"convokit: {self.message}", file=file, err=file is None)


class Nothing(Failure):
    """What was asked for is not there."""

    exit_code = NOTHING_FOUND


class Undecided(Failure):
    """What was found is neither good nor bad."""

    exit_code = NOT_COMPARED


def one_line(error: ConvokitError) -> str:
    """Code, message, field and limit of an error in one line."""
    details = [f"{name} {value}" for name, value in (("field", error.field), ("limit", error.limit)) if value]
    line = f"{error}" + (f" ({', '.join(details)})" if details else "")
    return " ".join(line.split())


@contextmanager
def ending() -> Iterator[None]:
    """Turn whatever ends a command into an exit code."""
    try:
        yield
        sys.stdout.flush()
    except ConvokitError as error:
        raise (Nothing if isinstance(error, NotFound) else Failure)(one_line(error)) from error
    except BrokenPipeError:
        _stop_printing()
        raise click.exceptions.Exit(DONE) from None
    except (KeyboardInterrupt, click.Abort):
        click.echo("", err=True)
        raise click.exceptions.Exit(INTERRUPTED) from None


def _stop_printing() -> None:
    """Nobody reads any more: what is still buffered goes nowhere, and Python does not complain about it at its end."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
