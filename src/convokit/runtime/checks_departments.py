"""A practice's departments, its app audience and the states of its numbers are checked when it is added."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from attrs import evolve

from convokit.decisions.base import unknown_department
from convokit.domain.audience import AUDIENCES, AppAudience
from convokit.domain.department_rules import department
from convokit.domain.departments import DEFAULT, MOST_DEPARTMENTS, Department
from convokit.domain.rules import Rules
from convokit.domain.sender_states import SENDER_STATES, SenderState
from convokit.errors import InvalidInput
from convokit.runtime.checks import ID_LIMIT, NAME_LIMIT, check_sender, is_storable

GREETING_LENGTH: Final = 1_000
MOST_SELECTED: Final = 100_000
_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


def check_departments(given: object) -> tuple[Department, ...]:
    """Departments with their names on one line each.

    Raises:
        InvalidInput: ``rules.departments``.
    """
    if not isinstance(given, tuple) or not all(isinstance(one, Department) for one in given):
        raise _wrong("departments= is a list of convokit.Department", "list of Department")
    if len(given) > MOST_DEPARTMENTS:
        raise _wrong("too many departments", f"{MOST_DEPARTMENTS} departments")
    checked = tuple(map(_checked, given))
    for what, used in (("id", [one.id for one in checked]), ("name", [one.name.casefold() for one in checked])):
        twice = next((value for value in used if used.count(value) > 1), None)
        if twice is not None:
            raise _wrong(f"two departments have the {what} {twice!a}", f"1 department per {what}")
    return checked


def _checked(one: Department) -> Department:
    if not isinstance(one.id, str) or not (one.id == DEFAULT or _ID.fullmatch(one.id)):
        raise _wrong('the id of a department has 1 to 64 of A-Z a-z 0-9 . _ -, or is ""', "64 characters")
    name = " ".join(one.name.split()) if isinstance(one.name, str) and is_storable(one.name) else ""
    if not name or len(name) > NAME_LIMIT:
        raise _wrong(f"department {one.id!r} needs a name that people can read", f"1..{NAME_LIMIT} characters")
    if type(one.in_app) is not bool:
        raise _wrong(f"in_app of department {one.id!r} is True or False", "bool")
    greeting = one.greeting
    if not isinstance(greeting, str) or len(greeting) > GREETING_LENGTH or not is_storable(greeting):
        raise _wrong(f"the greeting of department {one.id!r} is text", f"{GREETING_LENGTH:,} characters")
    return evolve(one, name=name)


def check_visible(given: Iterable[str], rules: Rules) -> frozenset[str]:
    """The departments that a desk is to see.

    Raises:
        InvalidInput: ``departments.type``, ``department.unknown``.
    """
    ids = None if isinstance(given, (str, bytes)) or not isinstance(given, Iterable) else tuple(given)
    if not ids or not all(isinstance(one, str) for one in ids):
        why = "departments= is a list of at least one department's id"
        raise InvalidInput("departments.type", why, field="departments", limit="list of str")
    if any(department(rules, one) is None for one in ids):
        raise unknown_department()
    return frozenset(ids)


def _wrong(why: str, limit: str) -> InvalidInput:
    return InvalidInput("rules.departments", why, field="rules.departments", limit=limit)


def check_audience(given: object) -> AppAudience:
    """Who may be written to in the app.

    Raises:
        InvalidInput: ``rules.app``.
    """
    if not isinstance(given, AppAudience):
        raise _wrong_audience("app= is a convokit.AppAudience", "AppAudience")
    if given.who not in AUDIENCES:
        raise _wrong_audience("who= is an audience", ", ".join(AUDIENCES))
    ids = given.clients
    if not isinstance(ids, frozenset) or len(ids) > MOST_SELECTED:
        raise _wrong_audience("clients= is a set or list of client ids", f"{MOST_SELECTED:,} ids")
    if not all(isinstance(one, str) and 0 < len(one) <= ID_LIMIT and is_storable(one) for one in ids):
        raise _wrong_audience("the id of a client is text", f"1..{ID_LIMIT} characters")
    if ids and given.who != "selected":
        raise _wrong_audience('clients= are the selected ones: they need who="selected"', "selected")
    return given


def _wrong_audience(why: str, limit: str) -> InvalidInput:
    return InvalidInput("rules.app", why, field="rules.app", limit=limit)


def check_sender_states(
    given: object, numbers: tuple[str, ...], region: str | None
) -> tuple[tuple[str, SenderState], ...]:
    """The states by number in E.164; every number is one of the practice's.

    Raises:
        InvalidInput: ``practice.sender_states``; an ``address...`` code.
    """
    pairs = given if isinstance(given, tuple) else None
    if pairs is None or not all(isinstance(pair, tuple) and len(pair) == len(("number", "state")) for pair in pairs):
        raise _wrong_state('sender_states= maps numbers to states, {"+13035550100": "verifying"}', "mapping of str")
    checked: dict[str, SenderState] = {}
    for number, state in pairs:
        own = check_sender(number, region, "practice.sender_states")
        if own not in numbers or own in checked:
            raise _wrong_state("each is one of the practice's numbers, named once", "1 state per number")
        if state not in SENDER_STATES:
            raise _wrong_state("a number has another state than this", ", ".join(SENDER_STATES))
        checked[own] = state
    return tuple(sorted(checked.items()))


def _wrong_state(why: str, limit: str) -> InvalidInput:
    return InvalidInput("practice.sender_states", why, field="practice.sender_states", limit=limit)
