"""PROMISES.md C, dates and clocks: what is no date is refused, wherever one can be given."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from attrs import evolve
from desks import HAPPY_PAWS, World

import convokit
from convokit import ConvokitError, practice_from
from convokit.domain.hours import ConversationHours
from convokit.domain.reminders import Reminder

NOT_A_DATE: list[object] = ["10", "01/02/03", "2026-W52-4", "20261224", "9" * 30, 10, datetime(2026, 3, 1)]  # noqa: DTZ001
ZONES: list[object] = ["../../etc/passwd", "/etc/localtime", "", "Mars/Olympus", "UTC\x00", "America", None, 5]

Give = Callable[[World, object], object]
DOORS: dict[str, tuple[Give, str]] = {
    "a reminder": (lambda w, day: Reminder(kind="rabies", due=day), "reminder.date"),  # type: ignore[arg-type]
    "an exception of hours": (
        lambda w, day: w.kit.add_practice(
            evolve(
                HAPPY_PAWS,
                rules=convokit.Rules(hours=ConversationHours(week={"mon": "8:00-9:00"}, exceptions={day: ""})),  # type: ignore[dict-item]
            )
        ),
        "hours.",
    ),
    "a holiday": (
        lambda w, day: w.kit.add_practice(
            evolve(
                HAPPY_PAWS,
                rules=convokit.Rules(hours=ConversationHours(week={"mon": "8:00-9:00"}, holidays=[day])),  # type: ignore[list-item]
            )
        ),
        "hours.holidays",
    ),
}
ROWS = [(34, door, day) for door in DOORS for day in NOT_A_DATE]
CASES = [*ROWS, (35,)]


@pytest.mark.parametrize(("row", "door", "day"), ROWS, ids=[f"c34-{door}-{repr(day)[:20]}" for _, door, day in ROWS])
def test_p18_what_is_no_iso_date_is_refused(w: World, row: int, door: str, day: object) -> None:
    give, code = DOORS[door]
    with pytest.raises(ConvokitError) as refused:
        give(w, day)
    assert code in refused.value.code
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("zone", ZONES, ids=lambda zone: f"c35-{zone!r}")
def test_p18_what_is_no_zone_is_refused(w: World, zone: object) -> None:
    with pytest.raises(ConvokitError) as refused:
        w.kit.add_practice(evolve(HAPPY_PAWS, id="new", numbers=(), time_zone=zone))
    assert (refused.value.code, refused.value.field) == ("time.zone", "time_zone")
    with pytest.raises(ConvokitError) as unread:
        practice_from({"id": "new", "name": "New", "time_zone": zone})
    assert unread.value.code == ("time.zone" if isinstance(zone, str) else "rules.type")
    assert [one.id for one in w.kit.practices()] == ["happy-paws"]
