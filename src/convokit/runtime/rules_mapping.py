"""Practices and their rules from a mapping, as TOML and JSON have it: strictly, and with errors that name the setting.

The classes themselves say what there is: a setting that is added to one of them can be written in a file at once.
Nothing is converted silently. A list becomes the tuple or set that the class has, a table the value it stands for, and
ISO text a date or a time; everything else has to be of the very type, so ``reopen_hours = "48"`` is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date, time
from types import NoneType
from typing import Final, TypeVar, get_args

import attrs

from convokit.domain.rules import Practice, Rules
from convokit.errors import ConfigurationError
from convokit.runtime.checks_practice import check_practice, check_rules
from convokit.runtime.rules_words import (
    UNIONS,
    Hint,
    are_pairs,
    expected,
    field_of,
    hints_of,
    joined,
    missing,
    origin,
    plain,
    unknown,
    wrong,
)

_LISTS: Final = (list, tuple)
_SETS: Final = (list, tuple, set, frozenset)

T = TypeVar("T")


def practice_from(given: Mapping[str, object]) -> Practice:
    """A practice from a mapping as JSON or TOML has it, checked as :meth:`Convokit.add_practice` checks it.

    Raises:
        ConfigurationError: ``rules.unknown`` with the nearest name, ``rules.type``, ``rules.missing``; ``field`` is
            the path of the setting (``"rules.end_of_day.tme"``); ``time.zone``.
        InvalidInput: as :meth:`Convokit.add_practice`.
    """
    return check_practice(_value(Practice, given, ""))


def rules_from(given: Mapping[str, object]) -> Rules:
    """Rules alone from a mapping, checked. Whether the automatic answers fit is known once they have a practice.

    Raises:
        ConfigurationError, InvalidInput: as :func:`practice_from`.
    """
    return check_rules(_value(Rules, given, "rules"))


def settings_in(value: object, path: str = "") -> Iterator[tuple[str, object, object]]:
    """Every setting of a practice or of rules: its path, its value and its default, in the order of the classes."""
    for one in attrs.fields(type(value)):  # type: ignore[arg-type]  # callers give attrs values
        name, found = joined(path, one.name), getattr(value, one.name)
        if attrs.has(type(found)):
            yield from settings_in(found, name)
        else:
            yield field_of(name), found, one.default


def _value(kind: type[T], given: object, path: str) -> T:
    """An instance of an attrs class from a mapping."""
    if not isinstance(given, Mapping):
        raise wrong(given, "a table", path)
    fields = attrs.fields_dict(kind)  # type: ignore[arg-type]  # only attrs classes get here
    hints = hints_of(kind)
    for name in given:
        if name not in fields:
            raise unknown(kind, name, path)
    for name, one in fields.items():
        if one.default is attrs.NOTHING and name not in given:
            raise missing(joined(path, name))
    return kind(**{name: _built(hints[name], value, joined(path, name)) for name, value in given.items()})


def _built(hint: Hint, given: object, path: str) -> object:
    """What is written for a setting, as the type of the setting."""
    if isinstance(hint, type) and attrs.has(hint):
        return _value(hint, given, path)
    found = origin(hint)
    if found in UNIONS:
        return _one_of(get_args(hint), given, path)
    if found is tuple:
        return _tuple(hint, given, path)
    if found is frozenset:
        return _set(hint, given, path)
    if hint in _FROM_TEXT:
        return _moment(hint, given, path)
    fits = any(type(given) is type(one) and given == one for one in get_args(hint)) if found else type(given) is hint
    if not fits:
        raise wrong(given, expected(hint), path)
    return given


def _one_of(hints: tuple[Hint, ...], given: object, path: str) -> object:
    """One of several types, ``None`` perhaps among them."""
    others = [hint for hint in hints if hint is not NoneType]
    if given is None and len(others) < len(hints):
        return None
    for hint in others[:-1]:
        try:
            return _built(hint, given, path)
        except ConfigurationError:
            continue
    return _built(others[-1], given, path)


def _tuple(hint: Hint, given: object, path: str) -> object:
    kinds = get_args(hint)
    if kinds[-1] is not Ellipsis:
        if not isinstance(given, _LISTS) or len(given) != len(kinds):
            raise wrong(given, expected(hint), path)
        return tuple(_built(kind, one, path) for kind, one in zip(kinds, given, strict=True))
    if isinstance(given, Mapping) and are_pairs(kinds[0]):
        key, value = get_args(kinds[0])
        return tuple((_built(key, k, path), _built(value, v, joined(path, plain(str(k))))) for k, v in given.items())
    if not isinstance(given, _LISTS):
        raise wrong(given, expected(hint), path)
    return tuple(_built(kinds[0], one, f"{path}[{number}]") for number, one in enumerate(given))


def _set(hint: Hint, given: object, path: str) -> object:
    if not isinstance(given, _SETS):
        raise wrong(given, expected(hint), path)
    return frozenset(_built(get_args(hint)[0], one, path) for one in given)


def _moment(hint: Hint, given: object, path: str) -> object:
    """A date or a time, itself or as ISO text in its plain form."""
    if type(given) is hint:
        return given
    parse, form = _FROM_TEXT[hint]
    if isinstance(given, str) and form.fullmatch(given):  # Python would also take 20261224 and 2026-W52-4
        with suppress(ValueError):
            return parse(given)
    raise wrong(given, expected(hint), path)


_FROM_TEXT: Final[Mapping[Hint, tuple[Callable[[str], object], re.Pattern[str]]]] = {
    date: (date.fromisoformat, re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")),
    time: (time.fromisoformat, re.compile("[0-9]{2}:[0-9]{2}(:[0-9]{2})?")),
}
