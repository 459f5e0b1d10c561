"""One dashboard: the kit it shows, how the host knows its visitors, and what all requests share."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import Final

from attrs import define, field
from starlette.requests import Request

from convokit.runtime.kit import Convokit
from convokit_dashboard.csrf import line_name, make_token, token_holds
from convokit_dashboard.live.hub import Hub
from convokit_dashboard.live.kept import Kept
from convokit_dashboard.options import Options, stylesheet
from convokit_dashboard.visitor import Visitor

Identify = Callable[[Request], Visitor | Awaitable[Visitor | None] | None]
"""The host's log-in: who sends this request, or ``None``. Called for every request; a plain function is called in a
worker thread, a coroutine function on the event loop.
"""

log: Final = logging.getLogger("convokit.dashboard")


@define(eq=False, kw_only=True)
class Site:
    """What a dashboard is made of. Every thread may use it."""

    kit: Convokit = field(repr=False)
    identify: Identify = field(repr=False)
    options: Options
    hub: Hub
    kept: Kept = field(factory=Kept)

    @cached_property
    def _key(self) -> bytes:
        # Asked for with the first page, not when the host mounts the dashboard: mounting opens nothing.
        return self.kit.secret("dashboard forms")

    @cached_property
    def theme(self) -> str:
        """The theme's stylesheet."""
        return stylesheet(self.options.theme)

    def now_s(self) -> int:
        """The kit's present moment, in whole seconds since the epoch."""
        return int(self.kit.now().timestamp())

    def token_for(self, visitor: Visitor) -> str:
        """The proof that goes into each form of a page for this visitor."""
        return make_token(self._key, visitor.practice_id, visitor.staff.id, self.now_s())

    def line_for(self, visitor: Visitor) -> str:
        """The name by which the tabs of a visitor share one stream of changes."""
        return line_name(self._key, visitor.practice_id, visitor.staff.id, visitor.departments)

    def renewed(self, visitor: Visitor, old: str) -> str:
        """A new proof for a page that was this visitor's, however old; empty for anybody else's: who signs in at the
        same browser loads the page again.
        """
        known = token_holds(self._key, visitor.practice_id, visitor.staff.id, 0, old)
        return self.token_for(visitor) if known else ""

    def accepts(self, visitor: Visitor, token: str) -> bool:
        """Whether a form brings the proof."""
        return token_holds(self._key, visitor.practice_id, visitor.staff.id, self.now_s(), token)
