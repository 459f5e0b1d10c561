"""What is given when a kit is opened."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from convokit.domain.department_rules import dropped
from convokit.domain.inbox import Badges
from convokit.domain.rules import Practice
from convokit.errors import ConfigurationError, Conflict
from convokit.ports.store import Store

_LOCAL: Final = {"127.0.0.1", "localhost", "::1"}


def check_public_url(url: str | None) -> None:
    """Providers send messages of clients to it: https, except on this machine.

    Raises:
        ConfigurationError: ``public_url.scheme``, ``public_url.query``.
    """
    if url is None:
        return
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
    except ValueError:  # half an IPv6 address
        parts = urlsplit("")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
        raise ConfigurationError(
            "public_url.scheme", "public_url must be https (http only on this machine)", field="public_url"
        )
    if parts.query or parts.fragment:
        raise ConfigurationError("public_url.query", "public_url has no query and no fragment", field="public_url")


def check_callable(given: object, field: str, code: str) -> None:
    """A function.

    Raises:
        ConfigurationError: ``code``.
    """
    if not callable(given):
        raise ConfigurationError(code, f"{field}= is a function", field=field, limit="callable")


def refuse_taken(store: Store, practice: Practice) -> None:
    """A number belongs to one practice: nobody could tell whom a client's text to it is for.

    Raises:
        Conflict: ``practice.number_taken``.
    """
    known = store.practice(practice.id)
    fresh = {*practice.numbers} - {*(() if known is None else known.numbers)}
    # A host adds all its practices at each start: only numbers that are new cost a look at the others.
    others = (other for other in store.practices() if other.id != practice.id) if fresh else ()
    taken = fresh.intersection(number for other in others for number in other.numbers)
    if taken:
        raise Conflict(
            "practice.number_taken",
            f"another practice has this number: {', '.join(sorted(taken))}",
            field="practice.numbers",
            limit="1 practice per number",
        )


def refuse_in_use(store: Store, practice: Practice) -> None:
    """A department with open conversations stays, or nobody would look after them.

    Raises:
        Conflict: ``department.in_use``.
    """
    known = store.practice(practice.id)
    gone = () if known is None else dropped(known.rules, practice.rules)
    for one in gone:
        count = store.open_in_department(practice.id, one.id)
        if count:
            raise Conflict(
                "department.in_use",
                f"department {one.name!r} has open conversations ({Badges.shown(count)}); move or end them first",
                field="rules.departments",
                limit=one.id,
            )
