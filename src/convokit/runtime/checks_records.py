"""The rules about filing, checked when a practice is added."""

from __future__ import annotations

from typing import Final

from convokit.domain.record_rules import FORMATS, RecordRules
from convokit.errors import InvalidInput

_FIELD: Final = "rules.records"


def check_records(given: object) -> RecordRules:
    """What is filed.

    Raises:
        InvalidInput: ``rules.records``; ``field`` names the setting.
    """
    if not isinstance(given, RecordRules):
        raise InvalidInput(_FIELD, "records= is a convokit.RecordRules", field=_FIELD, limit="RecordRules")
    if type(given.on_end) is not bool:
        raise InvalidInput(_FIELD, "on_end is True or False", field=f"{_FIELD}.on_end", limit="bool")
    if given.format not in FORMATS:
        raise InvalidInput(_FIELD, "unknown format", field=f"{_FIELD}.format", limit=", ".join(FORMATS))
    return given
