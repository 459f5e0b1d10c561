"""What comes at a time of the clock rather than after a message: one row for each practice and kind of work."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class PlannedWork:
    """The next time of one kind of work at a practice.

    Attributes:
        due_us: when it is due, microseconds since the epoch.
        planned_us: when that was worked out. A clock that shows an earlier time went back since, so the plan is void.
    """

    practice: str
    kind: str
    due_us: int
    planned_us: int


@frozen(kw_only=True)
class WorkPlan:
    """A new plan, made at ``planned_us``. ``due_us`` is ``None`` where there is nothing to come any more.

    It holds only if the plan that it replaces was due at ``instead_of`` (``None``: if there was none): somebody else
    may have changed the rules in between, and made another one.
    """

    kind: str
    due_us: int | None
    planned_us: int
    instead_of: int | None = None
