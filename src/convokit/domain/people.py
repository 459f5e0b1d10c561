"""Who takes part, as the host names them. convokit keeps only what a conversation shows."""

from __future__ import annotations

from attrs import field, frozen


@frozen(kw_only=True)
class Client:
    """A pet owner. ``id`` is the host's; ``phone`` in any notation; ``email`` for transcripts and search.

    ``has_app``: whether they have the practice's app; ``None`` where the host does not know.
    """

    id: str
    name: str
    phone: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    has_app: bool | None = None


@frozen(kw_only=True)
class Patient:
    """A pet. ``id`` is the host's."""

    id: str
    name: str


@frozen(kw_only=True)
class Staff:
    """An authenticated member of staff. ``id`` is recorded as the author and cannot be edited afterwards."""

    id: str
    name: str
