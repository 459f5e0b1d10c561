"""Conversation hours as the app shows them: whether somebody answers now, and when."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from attrs import frozen

from convokit.domain.department_rules import hours_of
from convokit.domain.departments import DEFAULT
from convokit.domain.hours import next_opening
from convokit.domain.instant import to_datetime
from convokit.runtime.desk.departments import DeskDepartments


@frozen(kw_only=True)
class OpenNow:
    """Whether somebody answers now.

    Attributes:
        opens_at: while nobody does, when somebody does next, in the practice's time zone; ``None`` while somebody
            answers, and when it does not open within 400 days.
    """

    is_open: bool
    opens_at: datetime | None = None


class DeskHours(DeskDepartments):
    """When somebody answers."""

    def open_now(self, department: str = DEFAULT) -> OpenNow:
        """Whether somebody answers now, by the hours of a department, or the practice's where it has none.

        Raises:
            InvalidInput: ``department.unknown``.
        """
        hours = hours_of(self.practice.rules, self._known_department(department))
        now, zone = self._world.now_us(), ZoneInfo(self.practice.time_zone)
        opens = next_opening(hours, now, zone)
        if opens == now:
            return OpenNow(is_open=True)
        return OpenNow(is_open=False, opens_at=None if opens is None else to_datetime(opens).astimezone(zone))
