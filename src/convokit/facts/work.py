"""Planned work comes due, and jobs come to an end."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from attrs import field, frozen

from convokit.domain.attachment import Attachment
from convokit.outcomes import Outcome, Refused, TryLater


@frozen(kw_only=True)
class TimePassed:
    """The time of planned work has come.

    ``day`` is the local day that it is for, ``due_us`` the instant; ``open_count`` how many conversations are open,
    no further than the counts beside the tabs; ``missed``: by the practice's rules it is too late now.
    """

    kind: Literal["end_of_day"] = "end_of_day"
    day: date
    due_us: int
    at_us: int
    open_count: int
    missed: bool = False

    @property
    def identity(self) -> str:
        """Once for each day. A day that was missed because the clock ran ahead can still have its turn."""
        return f"time:{self.kind}:{self.day.isoformat()}" + (":missed" if self.missed else "")


@frozen(kw_only=True)
class MailSettled:
    """Handing over a mail has come to an end. ``tries`` is the fence that was given when it was begun.

    ``refusals`` are the recipients to whom it did not go although it went to others, each with what was said.
    ``conversation_id`` or ``day``: whose transcript it was, or the day whose reminder.
    """

    key: str
    tries: int
    outcome: Outcome
    refusals: tuple[tuple[str, Refused | TryLater], ...] = field(default=(), repr=False)
    provider: str
    at_us: int
    conversation_id: str | None
    day: date | None = None
    entry_id: str

    identity: ClassVar[str | None] = None


@frozen(kw_only=True)
class FilingSettled:
    """Filing a transcript has come to an end. ``tries`` is the fence that was given when it was begun.

    ``head`` and ``count`` are those of the document that was handed over; empty and 0 where none was.
    """

    key: str
    tries: int
    outcome: Outcome
    at_us: int
    conversation_id: str
    entry_id: str
    head: str = ""
    count: int = 0

    identity: ClassVar[str | None] = None


@frozen(kw_only=True)
class MediaFetched:
    """Fetching a file of a carrier has come to an end. ``tries`` is the fence that was given when it was begun.

    ``attachment`` is the file as it was taken in; ``reason`` is the code of why it was not.
    """

    key: str
    tries: int
    outcome: Outcome
    at_us: int
    conversation_id: str
    entry_id: str
    attachment_id: str
    attachment: Attachment | None = None
    reason: str | None = None

    identity: ClassVar[str | None] = None


@frozen(kw_only=True)
class TextLookedUp:
    """Asking the carrier for a text has come to an end. ``tries`` is the fence that was given when it was begun.

    ``absent``: the carrier has no such text, long enough after the hand-over to be believed. What it has instead is
    told by :class:`~convokit.facts.EffectSettled` and :class:`~convokit.facts.DeliveryReported`.
    """

    key: str
    tries: int
    outcome: Outcome
    at_us: int
    conversation_id: str
    entry_id: str
    attempt: int
    absent: bool = False

    identity: ClassVar[str | None] = None


@frozen(kw_only=True)
class TextReleased:
    """A text that a program wrote by itself was looked at again. ``tries`` is the fence of that look.

    Whether it may leave now is decided from ``at_us``; ``outcome`` is :class:`~convokit.outcomes.Refused` where it
    must not leave at all, :class:`~convokit.outcomes.Unsure` where it may have left already.
    """

    key: str
    tries: int
    outcome: Outcome
    at_us: int
    conversation_id: str
    entry_id: str

    identity: ClassVar[str | None] = None


@frozen(kw_only=True)
class PollWanted:
    """A practice texts through a carrier that can be asked for what its callbacks did not tell."""

    provider: str
    at_us: int

    @property
    def identity(self) -> str:
        """Once, for each carrier of a practice."""
        return f"poll:{self.provider}"


@frozen(kw_only=True)
class CarrierPolled:
    """Asking a carrier for what it has, up to ``until_us``, has come to an end; ``None``: it did not answer.

    ``tries`` is the fence that was given when it was begun. ``more``: the rest, from ``until_us`` on, is to be
    asked for at once.
    """

    key: str
    tries: int
    outcome: Outcome
    at_us: int
    until_us: int | None = None
    more: bool = False

    identity: ClassVar[str | None] = None
