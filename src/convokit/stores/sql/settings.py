"""Frozen values as the JSON that is stored, and back."""

from __future__ import annotations

from datetime import time
from functools import cache
from typing import TYPE_CHECKING, Any

from convokit.domain.rules import Practice
from convokit.errors import StorageError

if TYPE_CHECKING:
    from cattrs.preconf.json import JsonConverter


@cache
def json_converter() -> JsonConverter:
    """Nested values, sets, dates and times included; sets are sorted, so that equal practices are equal text."""
    from cattrs.preconf.json import make_converter  # slow to import; only where a practice is read or written

    converter = make_converter(forbid_extra_keys=True)
    converter.register_unstructure_hook_func(_is_set, sorted)
    converter.register_unstructure_hook(time, time.isoformat)
    converter.register_structure_hook(time, lambda text, _: time.fromisoformat(text))
    return converter


def _is_set(kind: Any) -> bool:
    return getattr(kind, "__origin__", kind) is frozenset


def settings_of(practice: Practice) -> str:
    """The practice as JSON, keys and sets sorted."""
    return json_converter().dumps(practice, sort_keys=True)


def practice_of(settings: str) -> Practice:
    """The practice of :func:`settings_of`.

    Raises:
        StorageError: ``storage.newer``: it has settings that this release does not know.
    """
    from cattrs import BaseValidationError

    try:
        return json_converter().loads(settings, Practice)
    except (BaseValidationError, TypeError, ValueError, KeyError) as error:
        raise StorageError(
            "storage.newer", "a newer release of convokit has written the settings of a practice"
        ) from error
