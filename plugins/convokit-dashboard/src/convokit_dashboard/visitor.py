"""Who looks at the dashboard, as the host knows them."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import field, frozen

from convokit.domain.people import Staff


def _ids(given: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if given is None else tuple(given)


@frozen(kw_only=True)
class Visitor:
    """A signed-in member of staff, and what they may see.

    Attributes:
        practice_id: the practice whose desk they work at; they see no other.
        staff: who they are; ``staff.id`` is recorded as the author of what they write.
        departments: ids of the departments whose conversations they see (``""`` is the default one); ``None``: all.
        manager: whether they may change the practice's settings.
        language: ``"en"``, ``"es"``; ``None``: what their browser asks for.
    """

    practice_id: str
    staff: Staff
    departments: tuple[str, ...] | None = field(default=None, converter=_ids)
    manager: bool = False
    language: str | None = None
