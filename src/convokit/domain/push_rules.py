"""What a practice has decided about waking its app."""

from __future__ import annotations

from typing import Final, Literal

from attrs import frozen

from convokit.domain.instant import DAY, HOUR

PushSays = Literal["waits", "message"]

SAYS: Final[tuple[PushSays, ...]] = ("waits", "message")
"""How much a push tells."""


@frozen(kw_only=True)
class PushRules:
    """What a push says, and how long it and its address are good for. Without a registered app nothing is pushed.

    Attributes:
        says: ``"waits"``: that something waits, in the words of ``text``, and never what; ``"message"``: the beginning
            of the message, which then is on the screen of a locked phone and on the servers of the push service.
        text: the words of a push that does not tell the message.
        hours: a push that could not be handed over, or shown, for so long is dropped.
        forget_days: an app that has not registered again for so long is not pushed to any more. Some push services
            say "taken" for ever (WebKit bug 249766), so the age of a registration is the only sign.
    """

    says: PushSays = "waits"
    text: str = "You have a new message."
    hours: int = 24
    forget_days: int = 270

    @property
    def window(self) -> int:
        """How long a push is good for, in microseconds."""
        return self.hours * HOUR

    @property
    def forget_after(self) -> int:
        """How long a registration is good for, in microseconds."""
        return self.forget_days * DAY


USUAL_PUSH: Final = PushRules()
"""The rules of a practice that has decided nothing about push."""
