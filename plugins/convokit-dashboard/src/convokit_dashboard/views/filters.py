"""The filters of the active list as they stand in the URL: read strictly, written shortest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, cast

from attrs import frozen

from convokit.domain import urgency as levels
from convokit.domain.inbox import SORTS, Sort

Initiator = Literal["practice", "client"]
_LONGEST: Final = 128


@frozen(kw_only=True)
class Filters:
    """What the list is narrowed to and how it is sorted; ``None`` filters nothing. See :meth:`PracticeDesk.inbox`."""

    unread: bool | None = None
    initiated_by: Initiator | None = None
    urgency: str | None = None
    channel: Literal["app", "sms"] | None = None
    department: str | None = None
    assignee: str | None = None
    awaiting_reply: bool | None = None
    failed: bool | None = None
    sort: Sort | None = None

    @property
    def count(self) -> int:
        """How many filters are set."""
        return sum(value is not None for name, value in self.pairs_raw() if name != "sort")

    def pairs_raw(self) -> tuple[tuple[str, object], ...]:
        """Names in the URL and values."""
        return (
            ("unread", self.unread),
            ("from", self.initiated_by),
            ("urgency", self.urgency),
            ("by", self.channel),
            ("department", self.department),
            ("assignee", self.assignee),
            ("waiting", self.awaiting_reply),
            ("failed", self.failed),
            ("sort", self.sort),
        )

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """As they stand in the URL, in one order, only those that are set."""
        return tuple(
            (name, _written(value, default="-" if name in ("department", "assignee") else ""))
            for name, value in self.pairs_raw()
            if value is not None
        )


def _written(value: object, *, default: str) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value) or default


def read_filters(given: Mapping[str, str]) -> Filters:
    """The filters of a URL; what is not understood filters nothing, so that an old bookmark still opens."""
    return Filters(
        unread=_yes(given.get("unread")),
        initiated_by=cast("Initiator | None", _one_of(given.get("from"), ("practice", "client"))),
        urgency=_one_of(given.get("urgency"), levels.LEVELS),
        channel=cast("Literal['app', 'sms'] | None", _one_of(given.get("by"), ("app", "sms"))),
        department=_key(given.get("department")),
        assignee=_key(given.get("assignee")),
        awaiting_reply=_yes(given.get("waiting")),
        failed=_yes(given.get("failed")),
        sort=cast("Sort | None", _one_of(given.get("sort"), SORTS)),
    )


def _yes(given: str | None) -> bool | None:
    return {"1": True, "0": False}.get(given or "")


def _one_of(given: str | None, known: tuple[str, ...]) -> str | None:
    return given if given in known else None


def _key(given: str | None) -> str | None:
    """An id; ``"-"`` is the default department, or nobody. An empty field of a form filters nothing."""
    if not given or len(given) > _LONGEST or "\x00" in given:
        return None
    return "" if given == "-" else given
