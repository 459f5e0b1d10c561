"""The departments that the rules of a practice have."""

from __future__ import annotations

from convokit.domain.departments import DEFAULT, FRONT_DESK, Department
from convokit.domain.hours import ConversationHours
from convokit.domain.rules import Rules


def all_departments(rules: Rules) -> tuple[Department, ...]:
    """Every department, the default one first, the others in the practice's order."""
    first = next((one for one in rules.departments if one.id == DEFAULT), FRONT_DESK)
    return (first, *(one for one in rules.departments if one.id != DEFAULT))


def department(rules: Rules, department_id: str) -> Department | None:
    """The department with this id, or ``None``."""
    return next((one for one in all_departments(rules) if one.id == department_id), None)


def hours_of(rules: Rules, department_id: str) -> ConversationHours:
    """The hours of a department: its own, else the practice's."""
    if not rules.departments:
        return rules.hours
    found = department(rules, department_id)
    return rules.hours if found is None or found.hours is None else found.hours


def home(rules: Rules, department_id: str) -> str:
    """Where a conversation that is opened again belongs: its department, or the default one if that is gone."""
    return department_id if department(rules, department_id) is not None else DEFAULT


def dropped(known: Rules, fresh: Rules) -> tuple[Department, ...]:
    """The departments that new rules no longer have."""
    kept = {one.id for one in fresh.departments}
    return tuple(one for one in known.departments if one.id not in kept and one.id != DEFAULT)
