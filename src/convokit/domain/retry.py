"""When to try again. A pure function of how often it was tried, so that restarts change nothing."""

from __future__ import annotations

from convokit.domain.instant import SECOND

_FIRST = 15 * SECOND
_LONGEST = 15 * 60 * SECOND


def wait(tries: int, asked_seconds: int | None = None) -> int:
    """Microseconds to wait after the ``tries``-th attempt: 15 s, doubling to 15 min.

    A provider's ``Retry-After`` may lengthen the wait, up to an hour; it never shortens it.
    """
    own = min(_FIRST << min(tries - 1, 10), _LONGEST)
    asked = min(max(asked_seconds or 0, 0), 3600) * SECOND
    return max(own, asked)
