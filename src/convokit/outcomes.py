"""How handing something to the outside world went.

Providers never raise through convokit: whatever they do becomes one of these four values. What a plugin raises
unexpectedly becomes :class:`Unsure`, because nobody knows whether the text left.
"""

from __future__ import annotations

from attrs import field, frozen


@frozen(kw_only=True)
class Accepted:
    """The provider took it. ``provider_id`` is its name for the message, or ``None`` (Kannel gives none)."""

    provider_id: str | None = None
    delivery: str | None = None
    """``"sent"`` (the default meaning) or ``"delivered"`` when the provider says so in its very answer."""
    url: str | None = field(default=None, repr=False)
    """Where a client pays, when a payment provider was asked to make a link."""


@frozen(kw_only=True)
class Refused:
    """The provider will not send it, now or later.

    ``reason`` is a category of :mod:`convokit.domain.reasons` (``"opted_out"``, ``"landline"``, ...); ``raw`` is the
    provider's own code and words, kept for support, at most 500 characters.
    """

    reason: str
    raw: str = ""


@frozen(kw_only=True)
class TryLater:
    """Nothing was sent, and the same request may succeed later (throttled, provider down before it took anything).

    ``after`` is the provider's wish in seconds (``Retry-After``), or ``None``; the worker's own back-off still holds.
    """

    raw: str = ""
    after: int | None = None


@frozen(kw_only=True)
class Unsure:
    """Nobody can know whether the provider took it (no answer after the bytes left, or an answer without sense)."""

    why: str


Outcome = Accepted | Refused | TryLater | Unsure
"""Every performer returns exactly one of these."""
