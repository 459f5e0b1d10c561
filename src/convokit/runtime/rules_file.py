"""Practices and their rules from a TOML file."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, cast

from convokit.domain.rules import Practice
from convokit.errors import ConfigurationError, ConvokitError
from convokit.runtime.rules_mapping import practice_from
from convokit.runtime.rules_words import TABLE, plain

LARGEST_FILE: Final = 5_000_000
"""Bytes of a file of practices."""


def load_practices(path: str | os.PathLike[str]) -> tuple[Practice, ...]:
    """The practices of a TOML file, checked as :meth:`Convokit.add_practice` checks them, in the file's order.

    Each is a ``[[practice]]`` with the fields of :class:`Practice`; its rules are ``[practice.rules]`` with the fields
    of :class:`Rules`, and so on inwards. What is left out has its default.

    Raises:
        ConfigurationError: ``rules.file``: it cannot be read, is no TOML (with line and column), or holds no practice
            or one twice; otherwise as :func:`practice_from`. The message names the file and the practice.
        InvalidInput: as :meth:`Convokit.add_practice`.
    """
    file = _file(path)
    practices = tuple(_in_file(file, number, table) for number, table in enumerate(_tables(file), 1))
    _check_once(file, "id", (one.id for one in practices))
    _check_once(file, "number", (number for one in practices for number in one.numbers))
    return practices


def _file(path: object) -> Path:
    try:
        return Path(path)  # type: ignore[arg-type]  # whatever it is, it is refused by name
    except TypeError:
        why = f"a path is text or a Path, not {type(path).__name__}"
        raise ConfigurationError("rules.file", why, field="path", limit="path") from None


def _check_once(file: Path, what: str, values: Iterable[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise _unreadable(file, f"two practices have the {what} {value}")
        seen.add(value)


def _tables(file: Path) -> list[object]:
    try:
        with file.open("rb") as stream:
            body = stream.read(LARGEST_FILE + 1)
        if len(body) > LARGEST_FILE:
            raise _unreadable(file, f"more than {LARGEST_FILE:,} bytes")
        found = tomllib.loads(body.decode("utf-8-sig"))
    except OSError as error:
        raise _unreadable(file, error.strerror or type(error).__name__) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise _unreadable(file, f"not UTF-8 at line {line}") from None
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(file, f"no TOML: {plain(str(error), 200)}") from None
    except (ValueError, RecursionError) as error:  # a path with a NUL, a number of 5,000 digits, 10,000 brackets
        raise _unreadable(file, f"cannot be read ({type(error).__name__})") from None
    loose = next((name for name in found if name != TABLE), None)
    if loose is not None:
        raise _unreadable(file, f"{plain(loose)!r} stands outside of a practice; each begins with [[{TABLE}]]")
    tables = found.get(TABLE)
    if not isinstance(tables, list) or not tables:
        raise _unreadable(file, f"no practice in it; each begins with [[{TABLE}]]")
    return tables


def _in_file(file: Path, number: int, table: object) -> Practice:
    """One practice; an error says which one of the file it is about."""
    try:
        return practice_from(cast("Mapping[str, object]", table))
    except ConvokitError as error:
        known = table.get("id") if isinstance(table, dict) else None
        which = plain(known) if isinstance(known, str) else f"number {number}"
        why = f"{plain(file.name)}, practice {which}: {error.message}"
        raise type(error)(error.code, why, field=error.field, limit=error.limit) from None


def _unreadable(file: Path, why: str) -> ConfigurationError:
    return ConfigurationError("rules.file", f"{plain(file.name)}: {why}", field="path")
