"""The delivery mark of a message: icon, colour, and the same in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import evolve, frozen

from convokit.domain.conversation import Conversation, Entry
from convokit.domain.delivery import Indicator, indicator
from convokit_dashboard.words import Words

ICONS: Final[Mapping[str, str]] = {
    "clock": "clock",
    "one-check": "check",
    "two-checks": "checks",
    "info": "info",
    "unsure": "unsure",
}
"""The icon of each mark; two checks that are blue have one of their own, ``"read"``."""


@frozen(kw_only=True)
class Mark:
    """A mark. ``label`` says the same in words; ``advice`` is what happened and what to do, or empty."""

    icon: str
    color: str
    label: str
    advice: str = ""

    @property
    def text(self) -> str:
        """All of it, for the tooltip and for the screen reader."""
        return f"{self.label}. {self.advice}" if self.advice else self.label


def mark(shown: Indicator, words: Words) -> Mark:
    """The mark of an indicator."""
    # The colour says it too, but not to everybody, and not on paper.
    read = shown.mark == "two-checks" and shown.color == "blue"
    return Mark(
        icon="read" if read else ICONS[shown.mark],
        color=shown.color,
        label=words(shown.label),
        advice="" if shown.advice is None else words(shown.advice),
    )


def mark_of(entry: Entry, words: Words) -> Mark | None:
    """The mark beside a message, or ``None`` for what was not sent by us."""
    shown = entry.indicator
    return None if shown is None else mark(shown, words)


def mark_of_row(conversation: Conversation, words: Words) -> Mark | None:
    """The mark beside a conversation in the list: that of its newest message, if it is ours. Why it failed, and what to
    do, the message itself says.
    """
    if conversation.last_delivery is None or conversation.last_side != "practice":
        return None
    shown = indicator(channel=conversation.channel, delivery=conversation.last_delivery)
    return evolve(mark(shown, words), advice="")
