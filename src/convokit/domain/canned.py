"""Texts that are ready to be used: written once, and filled in for the conversation at hand."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, cast

from attrs import frozen

from convokit.domain.people import Staff

MOST_CANNED: Final = 200
CANNED_LENGTH: Final = 4_000
"""Ready texts of a practice, and characters of one."""

CANNED_PLACEHOLDERS: Final = ("{client}", "{patient}", "{practice}", "{staff}")
"""What a ready text may have filled in: the client's and the patient's first name, the practice, who writes."""

_PLACEHOLDER: Final = re.compile("|".join(map(re.escape, CANNED_PLACEHOLDERS)))


@frozen(kw_only=True)
class CannedReply:
    """A text that is ready.

    Attributes:
        title: how staff find it.
        text: with :data:`CANNED_PLACEHOLDERS`.
        department: id of the department that uses it (``""`` is the default one); ``None``: all.
    """

    title: str
    text: str
    department: str | None = None


def listed_replies(given: Iterable[CannedReply]) -> tuple[CannedReply, ...]:
    """Ready texts as a tuple; what is no list stays as it is, for the door to refuse."""
    try:
        return tuple(given)
    except TypeError:
        return cast("tuple[CannedReply, ...]", given)


def filled_reply(text: str, *, client: str, patient: str, practice: str, staff: Staff) -> str:
    """A ready text with its names; a name that is not known leaves nothing behind."""
    # In one pass and not by str.format: a name may hold braces, and no template may reach attributes.
    names = {
        "{client}": client.partition(" ")[0],
        "{patient}": patient,
        "{practice}": practice,
        "{staff}": staff.name,
    }
    return _PLACEHOLDER.sub(lambda found: names[found[0]], text)
