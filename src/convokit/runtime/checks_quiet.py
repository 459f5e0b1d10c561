"""The quiet hours, checked when a practice is added, and what waits for their end."""

from __future__ import annotations

import re
from typing import Final

from convokit.domain.quiet import QuietHours
from convokit.errors import ConfigurationError, InvalidInput
from convokit.runtime.checks import check_zone

_FIELD: Final = "rules.quiet_hours"
_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


def check_quiet(given: object) -> QuietHours:
    """Hours that begin, and end at another time.

    Raises:
        InvalidInput: ``rules.quiet_hours``; ``field`` names the setting.
    """
    if not isinstance(given, QuietHours):
        raise InvalidInput(_FIELD, "quiet_hours= is a convokit.QuietHours", field=_FIELD, limit="QuietHours")
    if type(given.on) is not bool:
        raise InvalidInput(_FIELD, "on is True or False", field=f"{_FIELD}.on", limit="bool")
    for name, at in (("begin", given.begin), ("end", given.end)):
        if not isinstance(at, str) or not _TIME.fullmatch(at):
            why = f'{name} is a time, written as "21:00"'
            raise InvalidInput(_FIELD, why, field=f"{_FIELD}.{name}", limit="00:00..23:59")
    if given.begin == given.end:
        why = "the quiet hours end when they begin; on = false has none"
        raise InvalidInput(_FIELD, why, field=f"{_FIELD}.end", limit="another time")
    return given


def check_automatic(automatic: object, client_zone: object) -> str:
    """The zone whose quiet hours a text waits for; empty for the practice's.

    Raises:
        InvalidInput: ``automatic.type``; ``time.zone``: unknown, or given for what does not wait.
    """
    if type(automatic) is not bool:
        raise InvalidInput("automatic.type", "automatic is True or False", field="automatic", limit="bool")
    if client_zone is None:
        return ""
    if not automatic:
        why = "a zone has a meaning only with automatic=True: what a person writes does not wait"
        raise InvalidInput("time.zone", why, field="client_zone")
    try:
        check_zone(client_zone)
    except ConfigurationError as error:
        raise InvalidInput("time.zone", "unknown time zone; use an IANA name", field="client_zone") from error
    return str(client_zone)
