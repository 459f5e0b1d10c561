"""The lists of conversations: what can be asked, in which order, and where a page ends.

Every order is total. A page ends at a *position*, the place of its last row in the order, so a deep page costs what
the first one costs, and what comes on top meanwhile disturbs nothing.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Final, Generic, Literal, TypeVar, assert_never

from attrs import frozen

from convokit.domain import urgency as levels
from convokit.domain.conversation import Conversation
from convokit.errors import InvalidInput

T = TypeVar("T")

LARGEST_PAGE: Final = 200
BADGE_CAP: Final = 99
_LARGEST_CURSOR: Final = 1_000
_LONGEST_WORD: Final = 128
_MOST_URGENT: Final = len(levels.LEVELS) - 1
_LARGEST_NUMBER: Final = 2**63 - 1
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")

Position = tuple[int, ...]
"""The place of a row in the history, a thread or a search: whole numbers, the row last."""

Sort = Literal[
    "urgency", "newest", "unread", "initiated_by", "channel", "department", "assignee", "awaiting_reply", "failed"
]
SORTS: Final[tuple[Sort, ...]] = (
    "urgency",
    "newest",
    "unread",
    "initiated_by",
    "channel",
    "department",
    "assignee",
    "awaiting_reply",
    "failed",
)
"""The orders of the active list; in all of them the newest message is on top of what is otherwise alike.

``urgency``: most urgent first. ``unread``, ``failed``: what a person should look at first. ``initiated_by``: begun by
clients first. ``channel``: the app first. ``department``: the default one first, then by id. ``assignee``: by the id of
the member of staff, unassigned last. ``awaiting_reply``: longest waiting first, then what waits for nothing.
"""


def usual_order(*, urgency: bool) -> Sort:
    """How open conversations are listed where nobody asks for another order, by the practice's rule of that name."""
    return "urgency" if urgency else "newest"


@frozen(kw_only=True)
class InboxPosition:
    """The place of a row in the active list.

    Attributes:
        segment: each order is a few lists, one below the other: 0 is on top.
        word: department or assignee within a segment that is grouped by it, else ``""``.
        moment_us: the newest message; or since when the client has been waiting.
        row: breaks ties.
    """

    segment: int
    word: str
    moment_us: int
    row: int


@frozen(kw_only=True)
class InboxQuery:
    """What the active list is narrowed to; every filter combines with every other, and ``None`` filters nothing.

    Attributes:
        unread: only unread, or only read.
        urgency: a rank of :mod:`convokit.domain.urgency`.
        department: an id; ``""`` is the default department.
        assignee: the id of a member of staff; ``""`` is nobody.
        awaiting_reply: the client waits for an answer, or does not.
        failed: a text failed or is unsure and needs a person, or none does.
        visible: the departments that the reader may see, whatever else is asked.
    """

    unread: bool | None = None
    initiated_by: Literal["practice", "client"] | None = None
    urgency: int | None = None
    channel: Literal["app", "sms"] | None = None
    department: str | None = None
    assignee: str | None = None
    awaiting_reply: bool | None = None
    failed: bool | None = None
    visible: tuple[str, ...] | None = None

    def asks_for(self, conversation: Conversation) -> bool:
        """Whether an open conversation is in the list."""
        asked = (
            (self.unread, conversation.unread > 0),
            (self.initiated_by, conversation.initiated_by),
            (self.urgency, conversation.urgency),
            (self.channel, conversation.channel),
            (self.department, conversation.department),
            (self.assignee, conversation.assignee_id or ""),
            (self.awaiting_reply, conversation.awaiting_us is not None),
            (self.failed, conversation.failed > 0),
        )
        return is_visible(conversation, self.visible) and all(wanted in (None, is_so) for wanted, is_so in asked)


def is_visible(conversation: Conversation, visible: tuple[str, ...] | None) -> bool:
    """Whether a reader who may see these departments (``None``: all) may see the conversation."""
    return visible is None or conversation.department in visible


def position_of(conversation: Conversation, sort: Sort, row: int) -> InboxPosition:
    """The place of an open conversation in an order."""
    segment, word, moment_us = _place(conversation, sort)
    return InboxPosition(segment=segment, word=word, moment_us=moment_us, row=row)


def _place(c: Conversation, sort: Sort) -> tuple[int, str, int]:
    match sort:
        case "newest":
            segment = 0
        case "urgency":
            segment = _MOST_URGENT - c.urgency
        case "unread":
            segment = int(c.unread == 0)
        case "failed":
            segment = int(c.failed == 0)
        case "initiated_by":
            segment = int(c.initiated_by == "practice")
        case "channel":
            segment = int(c.channel == "sms")
        case "department":
            return int(c.department != ""), c.department, c.last_us
        case "assignee":
            return int(c.assignee_id is None), c.assignee_id or "", c.last_us
        case "awaiting_reply":
            return (1, "", c.last_us) if c.awaiting_us is None else (0, "", c.awaiting_us)
        case _:
            assert_never(sort)
    return segment, "", c.last_us


_GROUPED: Final = frozenset({("department", 1), ("assignee", 0)})
"""Segments that are grouped by a word."""


def place_in_order(sort: Sort, position: InboxPosition) -> tuple[int, str, int, int]:
    """A key that puts positions of one order into it when sorted ascending."""
    newest_first = 1 if (sort, position.segment) == ("awaiting_reply", 0) else -1
    return position.segment, position.word, newest_first * position.moment_us, newest_first * position.row


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
    return _encoded([order, *position])


def decode_cursor(order: str, cursor: str, parts: int) -> Position:
    """The position of a cursor that was made for the same list.

    Raises:
        InvalidInput: ``page.cursor`` for anything that :func:`encode_cursor` did not make for this list.
    """
    return tuple(map(_number, _decoded(order, cursor, parts)))


def encode_inbox_cursor(sort: Sort, position: InboxPosition) -> str:
    """An opaque cursor of the active list in one of its orders."""
    return _encoded([f"active.{sort}", position.segment, position.word, position.moment_us, position.row])


def decode_inbox_cursor(sort: Sort, cursor: str) -> InboxPosition:
    """The position of a cursor that was made for the same order; the filters may be others.

    Raises:
        InvalidInput: ``page.cursor``.
    """
    segment, word, moment_us, row = _decoded(f"active.{sort}", cursor, 4)
    place = InboxPosition(segment=_number(segment), word=_word(word), moment_us=_number(moment_us), row=_number(row))
    if ((sort, place.segment) in _GROUPED) != (place.word != ""):
        raise _wrong_cursor()
    return place


def _encoded(parts: list[int | str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts, ensure_ascii=False).encode()).decode().rstrip("=")


def _decoded(order: str, cursor: object, parts: int) -> list[object]:
    if not isinstance(cursor, str) or len(cursor) > _LARGEST_CURSOR:
        raise _wrong_cursor()
    try:
        found = json.loads(base64.b64decode(cursor.encode() + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        raise _wrong_cursor() from None
    if not isinstance(found, list) or len(found) != parts + 1 or found[0] != order:
        raise _wrong_cursor()
    return found[1:]


def _number(part: object) -> int:
    if not isinstance(part, int) or isinstance(part, bool) or not 0 <= part <= _LARGEST_NUMBER:
        raise _wrong_cursor()
    return part


def _word(part: object) -> str:
    """A word that can be looked for: of a bounded length, without what no store can carry."""
    if not isinstance(part, str) or len(part) > _LONGEST_WORD or _UNSTORABLE.search(part):
        raise _wrong_cursor()
    return part


def _wrong_cursor() -> InvalidInput:
    return InvalidInput("page.cursor", "this cursor does not belong to this list", field="after")
