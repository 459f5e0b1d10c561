"""A practice's ready texts are checked when it is added."""

from __future__ import annotations

from attrs import evolve

from convokit.domain.canned import CANNED_LENGTH, CANNED_PLACEHOLDERS, MOST_CANNED, CannedReply
from convokit.domain.departments import DEFAULT, Department
from convokit.domain.rules import unknown_placeholder
from convokit.errors import InvalidInput
from convokit.runtime.checks import NAME_LIMIT, is_storable, nothing_fills

_SHOWN = 40


def check_canned(given: object, departments: tuple[Department, ...]) -> tuple[CannedReply, ...]:
    """Ready texts, each with a title of its own on one line.

    Raises:
        InvalidInput: ``rules.canned``.
    """
    if not isinstance(given, tuple) or not all(isinstance(one, CannedReply) for one in given):
        raise _wrong("canned= is a list of convokit.CannedReply", "list of CannedReply")
    if len(given) > MOST_CANNED:
        raise _wrong("too many ready texts", f"{MOST_CANNED} texts")
    known = {DEFAULT, *(one.id for one in departments)}
    checked = tuple(_checked(one, known) for one in given)
    titles = [one.title.casefold() for one in checked]
    twice = next((title for title in titles if titles.count(title) > 1), None)
    if twice is not None:
        raise _wrong(f"two ready texts are called {twice[:_SHOWN]!a}", "1 text per title")
    return checked


def _checked(one: CannedReply, departments: set[str]) -> CannedReply:
    title = " ".join(one.title.split()) if isinstance(one.title, str) and is_storable(one.title) else ""
    if not title or len(title) > NAME_LIMIT:
        raise _wrong("a ready text needs a title that people can read", f"1..{NAME_LIMIT} characters")
    text = one.text
    if not isinstance(text, str) or not text.strip() or len(text) > CANNED_LENGTH or not is_storable(text):
        raise _wrong(f"the ready text {title[:_SHOWN]!a} is no text", f"1..{CANNED_LENGTH:,} characters")
    unknown = unknown_placeholder(text, CANNED_PLACEHOLDERS)
    if unknown is not None:
        raise nothing_fills(unknown, CANNED_PLACEHOLDERS, "rules.canned")
    if one.department is not None and one.department not in departments:
        raise _wrong(f"the ready text {title[:_SHOWN]!a} is of a department that is not there", "a department's id")
    return evolve(one, title=title)


def _wrong(why: str, limit: str) -> InvalidInput:
    return InvalidInput("rules.canned", why, field="rules.canned", limit=limit)
