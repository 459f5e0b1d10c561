"""Delivery of one message: a join, and the table of what a person sees.

``QUEUED < UNSURE < SENT < FAILED < DELIVERED < READ`` and a report moves a message to the *larger* of the two. So
every order, repetition and loss of the same reports ends the same, and a check never moves backwards. A late failure
never hides "delivered"; a late "sent" never clears a failure, only "delivered" does.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final, Literal

from attrs import frozen

from convokit.domain.reasons import reason as find_reason
from convokit.errors import InvalidInput

Channel = Literal["app", "sms"]


class Delivery(IntEnum):
    """How far a message has come. The numbers are stored; their order is the rule."""

    QUEUED = 0
    """Committed here, not yet handed over."""
    UNSURE = 1
    """Handed over or not: nobody can know. A person decides, or later evidence does."""
    SENT = 2
    """The carrier has it, or the app can fetch it. Many carriers never report more."""
    FAILED = 3
    """The carrier says it could not be delivered."""
    DELIVERED = 4
    """The carrier says delivered, or the client opened the app."""
    READ = 5
    """The client opened the conversation in the app. Never for texts."""


NOT_FOUND: Final = "not_found"
"""The flag of an unsure text that the carrier, asked for it, does not have."""
ANSWER_LOST: Final = "answer_lost"
"""The flag of a text that is handed over again, to a carrier that sends it once all the same."""
QUIET: Final = "quiet_hours"
"""The flag of a text that a program wrote by itself, and that waits for the end of the quiet hours."""

DELIVERY_NAMES: Final = {d.name.lower(): d for d in Delivery}


def advance(current: Delivery, report: Delivery) -> Delivery:
    """The delivery after ``report``: the larger of the two."""
    return report if report > current else current


@frozen(kw_only=True)
class Indicator:
    """What a person sees beside a message.

    Attributes:
        mark: ``"clock"``, ``"one-check"``, ``"two-checks"``, ``"info"`` (the black "i") or ``"unsure"``.
        color: ``"gray"``, ``"blue"`` or ``"black"``; never the only carrier of meaning.
        label: the same in words, for tooltip and screen reader.
        reason: the failure in a few words, or ``None``.
        advice: what to do about it, or ``None``.
    """

    mark: Literal["clock", "one-check", "two-checks", "info", "unsure"]
    color: Literal["gray", "blue", "black"]
    label: str
    reason: str | None = None
    advice: str | None = None


_CLOCK: Final = Indicator(mark="clock", color="gray", label="Waiting to be sent")
_QUIET: Final = Indicator(mark="clock", color="gray", label="Waits for the end of the quiet hours")
_UNSURE: Final = Indicator(
    mark="unsure",
    color="black",
    label="It is not known whether the carrier took this text",
    advice="Send it again if the client has not got it, or leave it.",
)
_NOT_FOUND: Final = Indicator(
    mark="unsure",
    color="black",
    label="The carrier does not have this text",
    advice="Send it again: most likely it never left.",
)
_READ: Final = Indicator(mark="two-checks", color="blue", label="Read: the client opened the conversation")

# PRODUCT table A12, row by row. A text is never "read"; an app message never shows the black "i": it waits in the app.
_APP: Final = {
    0: _CLOCK,
    1: Indicator(mark="one-check", color="gray", label="Sent, unread"),
    2: Indicator(mark="one-check", color="gray", label="Sent, unread"),
    3: Indicator(mark="one-check", color="gray", label="Sent, unread"),
    4: Indicator(mark="two-checks", color="gray", label="Received: the client opened the app"),
    5: _READ,
}
_SMS: Final = {
    0: _CLOCK,
    1: _UNSURE,
    2: Indicator(mark="one-check", color="gray", label="Sent, not yet delivered"),
    4: Indicator(mark="two-checks", color="gray", label="Delivered, says the carrier"),
    5: Indicator(mark="two-checks", color="gray", label="Delivered, says the carrier"),
}


def indicator(
    *, channel: str, delivery: Delivery | str, reason: str | None = None, not_found: bool = False, quiet: bool = False
) -> Indicator:
    """What the person sees for a message.

    Args:
        channel: ``"app"`` or ``"sms"``; the same delivery looks different on each.
        delivery: a :class:`Delivery` or its name in lower case (``"delivered"``).
        reason: category of :mod:`convokit.domain.reasons` for a failed text.
        not_found: of an unsure text: the carrier was asked, and does not have it.
        quiet: of a queued text: it waits for the end of the quiet hours.

    Raises:
        InvalidInput: ``message.channel`` or ``message.delivery`` for an unknown word.
    """
    if not isinstance(delivery, Delivery):
        if not isinstance(delivery, str) or delivery not in DELIVERY_NAMES:
            raise InvalidInput(
                "message.delivery", "unknown delivery", field="delivery", limit=", ".join(DELIVERY_NAMES)
            )
        delivery = DELIVERY_NAMES[delivery]
    if channel == "app":
        return _APP[int(delivery)]
    if channel != "sms":
        raise InvalidInput("message.channel", "unknown channel", field="channel", limit="app, sms")
    if delivery is Delivery.FAILED:
        found = find_reason(reason if isinstance(reason, str) else "unknown")
        return Indicator(
            mark="info", color="black", label="Could not be delivered", reason=found.category, advice=found.advice
        )
    if quiet and delivery is Delivery.QUEUED:
        return _QUIET
    return _NOT_FOUND if not_found and delivery is Delivery.UNSURE else _SMS[int(delivery)]
