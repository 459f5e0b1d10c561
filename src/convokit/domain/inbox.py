"""The lists of conversations: what can be asked, and where a page ends.

Order is total. Active, urgency on: ``urgency desc, last message desc, row desc``; off: ``last message desc, row desc``.
History: ``ended desc, row desc``. A page ends at a *position*, the order key of its last row, so a deep page costs
what the first one costs.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Final, Generic, Literal, TypeVar

from attrs import frozen

from convokit.errors import InvalidInput

T = TypeVar("T")

LARGEST_PAGE: Final = 200
BADGE_CAP: Final = 99
_LARGEST_CURSOR: Final = 200
_LARGEST_NUMBER: Final = 2**63 - 1

Position = tuple[int, ...]
"""The order key of a row: ``(urgency, last_us, row)`` or ``(moment_us, row)``."""


@frozen(kw_only=True)
class InboxQuery:
    """What the active list is narrowed to; every filter combines with every other.

    Attributes:
        unread: only unread, only read, or both (``None``).
        initiated_by: ``"practice"``, ``"client"`` or ``None``.
        urgency: a rank of :mod:`convokit.domain.urgency`, or ``None``.
        channel: ``"app"``, ``"sms"`` or ``None``.
    """

    unread: bool | None = None
    initiated_by: Literal["practice", "client"] | None = None
    urgency: int | None = None
    channel: Literal["app", "sms"] | None = None


@frozen(kw_only=True)
class Badges:
    """Counts beside the tabs, exact up to the cap of 99; one more than the cap means "99+".

    ``by_urgency`` counts open conversations by rank, least urgent first.
    """

    active: int
    unread: int
    history: int
    by_urgency: tuple[int, ...]

    @staticmethod
    def shown(count: int) -> str:
        """How a count is written: ``"7"``, ``"99+"``."""
        return f"{BADGE_CAP}+" if count > BADGE_CAP else str(count)


@frozen(kw_only=True)
class Page(Generic[T]):
    """One page. ``next`` is handed back as ``after=`` for the following page; ``None`` when there is none."""

    items: tuple[T, ...]
    next: str | None = None


def check_limit(limit: object) -> int:
    """``limit`` if it is a whole number from 1 to 200.

    Raises:
        InvalidInput: ``page.limit``.
    """
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= LARGEST_PAGE:
        raise InvalidInput("page.limit", "a page has 1 to 200 rows", field="limit", limit=f"1..{LARGEST_PAGE}")
    return limit


def encode_cursor(order: str, position: Position) -> str:
    """An opaque cursor. ``order`` names the list it belongs to, so that it cannot be used on another one."""
    return base64.urlsafe_b64encode(json.dumps([order, *position]).encode()).decode().rstrip("=")


def decode_cursor(order: str, cursor: str, parts: int) -> Position:
    """The position of a cursor that was made for the same list.

    Raises:
        InvalidInput: ``page.cursor`` for anything that :func:`encode_cursor` did not make for this list.
    """
    wrong = InvalidInput("page.cursor", "this cursor does not belong to this list", field="after")
    if not isinstance(cursor, str) or len(cursor) > _LARGEST_CURSOR:
        raise wrong
    try:
        found = json.loads(base64.b64decode(cursor.encode() + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        raise wrong from None
    if not isinstance(found, list) or len(found) != parts + 1 or found[0] != order:
        raise wrong
    numbers = found[1:]
    if not all(type(n) is int and 0 <= n <= _LARGEST_NUMBER for n in numbers):
        raise wrong
    return tuple(numbers)
