"""What is wrong with a setting, in the words of somebody who writes a file, and with the name that may be meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import attrs

from convokit.domain.rules import Practice
from convokit.errors import ConfigurationError

TABLE: Final = "practice"
UNIONS: Final = (Union, UnionType)
_SHOWN: Final = 60

# What a type hint is at run time has no type of its own: classes, unions, Literal, tuple[str, ...].
Hint = Any


def origin(hint: Hint) -> object:
    """``tuple`` of ``tuple[str, ...]`` and so on; ``None`` of a plain class."""
    found: object = get_origin(hint)
    return found


def hints_of(kind: type[object]) -> Mapping[str, Hint]:
    """The settings of a class and the types they have."""
    return get_type_hints(kind)


def are_pairs(hint: Hint) -> bool:
    """Whether it is a tuple of two, as mappings are kept."""
    kinds = get_args(hint)
    return origin(hint) is tuple and len(kinds) == len(("key", "value")) and Ellipsis not in kinds


_WORDS: Final[Mapping[Hint, str]] = {
    str: "text in quotes",
    int: "a whole number",
    bool: "true or false",
    date: "a date (2026-12-24)",
    time: "a time (17:30:00)",
}
_WRITTEN: Final[Mapping[type[object], str]] = {
    str: "text",
    int: "a whole number",
    float: "a number with a fraction",
    date: "a date",
    time: "a time",
    datetime: "a date with a time",
    dict: "a table",
    list: "a list",
    tuple: "a list",
    NoneType: "nothing",
}


def expected(hint: Hint) -> str:
    """What a setting of this type has to be."""
    kinds = [kind for kind in get_args(hint) if kind not in (Ellipsis, NoneType)]
    if origin(hint) is Literal:
        return " or ".join(f'"{kind}"' if isinstance(kind, str) else str(kind) for kind in kinds)
    if origin(hint) in UNIONS:
        return " or ".join(map(expected, kinds))
    if origin(hint) is tuple and are_pairs(kinds[0]):
        return f"a table; each value is {expected(get_args(kinds[0])[1])}"
    if are_pairs(hint):
        return f"a pair: {' and '.join(map(expected, kinds))}"
    if kinds:
        return f"a list; each is {expected(kinds[0])}"
    return _WORDS.get(hint, "a table")


def wrong(given: object, wanted: str, path: str) -> ConfigurationError:
    """It is not what the setting has to be."""
    written = _WRITTEN.get(type(given), type(given).__name__)
    if isinstance(given, bool):
        written = "true" if given else "false"
    if isinstance(given, str) and wanted.startswith('"'):
        written = f'"{plain(given)}"'
    field = field_of(path)
    return ConfigurationError("rules.type", f"{field} is {written}; it has to be {wanted}", field=field, limit=wanted)


def missing(path: str) -> ConfigurationError:
    """A setting without a default is not there."""
    field = field_of(path)
    return ConfigurationError("rules.missing", f"{field} is needed", field=field)


def unknown(kind: Hint, name: object, path: str) -> ConfigurationError:
    """A setting that is not there, with the one that may have been meant: misspelt, or in another table."""
    known = [one.name for one in attrs.fields(kind)]
    near = difflib.get_close_matches(str(name)[:_SHOWN], known, n=1)
    elsewhere = next((place for place in _places() if place.rpartition(".")[2] == name), None)
    if near:
        hint = f"did you mean {field_of(joined(path, near[0]))}?"
    elif elsewhere is not None:
        hint = f"did you mean {elsewhere}?"
    else:
        hint = f"known: {', '.join(known)}"
    field = field_of(joined(path, plain(str(name))))
    return ConfigurationError("rules.unknown", f"there is no setting {field}; {hint}", field=field)


@cache
def _places() -> tuple[str, ...]:
    """Every setting that there is, by its path."""
    return tuple(_paths(Practice, ""))


def _paths(kind: Hint, path: str) -> Iterator[str]:
    for name, hint in hints_of(kind).items():
        here = joined(path, name)
        yield field_of(here)
        for inner in (hint, *get_args(hint)):
            if isinstance(inner, type) and attrs.has(inner):
                yield from _paths(inner, here)


def joined(path: str, name: str) -> str:
    """The path of a setting in a table."""
    return f"{path}.{name}" if path else name


def field_of(path: str) -> str:
    """A path as errors have it everywhere: ``practice.region``, ``rules.reopen_hours``."""
    if path == "rules" or path.startswith("rules."):
        return path
    return joined(TABLE, path) if path else TABLE


def plain(text: str, most: int = _SHOWN) -> str:
    """What somebody wrote, short and on one line."""
    short = text if len(text) <= most else f"{text[:most]}..."
    return ascii(short)[1:-1]
