"""The rules about push, checked when a practice is added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from convokit.domain.push_rules import SAYS, PushRules
from convokit.errors import InvalidInput
from convokit.runtime.checks import is_storable

RANGES: Final[Mapping[str, tuple[int, int]]] = {"hours": (1, 672), "forget_days": (1, 3_650)}
"""Four weeks is the longest that FCM and the usual Web Push services keep a push for."""

WORDS_LENGTH: Final = 200
_FIELD: Final = "rules.push"


def check_push(given: object) -> PushRules:
    """The rules, fit to be used.

    Raises:
        InvalidInput: ``rules.push``; ``field`` names the setting.
    """
    if not isinstance(given, PushRules):
        raise _wrong("push= is a convokit.PushRules", "", "PushRules")
    if given.says not in SAYS:
        raise _wrong("unknown word", "says", ", ".join(SAYS))
    text: object = given.text
    if not isinstance(text, str) or not text.strip() or not is_storable(text):
        raise _wrong("text is text, and not empty", "text", "str")
    if len(text) > WORDS_LENGTH:
        raise _wrong("text is too long", "text", f"{WORDS_LENGTH} characters")
    for name, (least, most) in RANGES.items():
        value = getattr(given, name)
        if type(value) is not int or not least <= value <= most:
            raise _wrong(f"{name} is a whole number from {least} to {most}", name, f"{least}..{most}")
    return given


def _wrong(why: str, name: str, limit: str) -> InvalidInput:
    return InvalidInput(_FIELD, why, field=f"{_FIELD}.{name}".rstrip("."), limit=limit)
