"""How a push went."""

from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from convokit.outcomes import Outcome


@frozen(kw_only=True)
class PushSettled:
    """Pushing has come to an end. ``tries`` is the fence that was given when it was begun.

    ``gone_us``: nobody is reached under the registration; it is dropped if the app gave it at this moment or before.
    """

    key: str
    tries: int
    outcome: Outcome
    at_us: int
    token_id: str
    gone_us: int | None = None

    identity: ClassVar[str | None] = None
