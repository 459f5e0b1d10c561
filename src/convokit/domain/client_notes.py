"""A note about a client that only staff see."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from attrs import field, frozen

from convokit.domain.instant import to_datetime

NOTE_LENGTH: Final = 4_000
"""Characters of a note."""


@frozen(kw_only=True)
class ClientNote:
    """The note of a client; one that nobody has written yet is empty and has version 0.

    Attributes:
        client_id: the host's.
        text: as it was typed, several lines perhaps; ``""`` once it was taken away.
        version: one more with each change.
        author_id, author_name: who changed it last; ``""`` for a note that nobody has written.
        at_us: when that was.
    """

    client_id: str
    text: str = field(default="", repr=False)
    version: int = 0
    author_id: str = ""
    author_name: str = ""
    at_us: int = 0

    @property
    def at(self) -> datetime | None:
        """When it was changed last, UTC; ``None`` for a note that nobody has written."""
        return None if self.version == 0 else to_datetime(self.at_us)
