"""What a texting carrier must be able to do whose protocol is no HTTP but one connection that stays open (SMPP).

Such a carrier cannot be sans-I/O: bytes come when nobody asked, and a connection that is not fed is cut. So a plugin of
this kind owns its connection, its threads and its timers, and this is all that the kit knows of them:

* :meth:`SmsSession.open` and :meth:`SmsSession.close` are the kit's to call. A process that works (``run``, ``work``)
  keeps a session open for every practice; one that only answers requests has none.
* :meth:`SmsSession.hand_over` blocks until the outcome is known or cannot be known any more. It is called in worker
  threads, several at a time, never in an event loop.
* What the carrier says by itself, clients' texts and delivery reports, goes to the :class:`Intake` that ``open`` was
  given, in whichever process it arrives. Only what the intake took may be acknowledged to the carrier.
"""

from __future__ import annotations

from typing import Final, Protocol, runtime_checkable

from attrs import frozen

from convokit.outcomes import Outcome
from convokit.ports.sms import Event, OutboundText

LONGEST_BLOCKING_SECONDS: Final = 100.0
"""Longest time that :meth:`SmsSession.hand_over` may take; a hand-over has a lease of 150 seconds."""


class Intake(Protocol):
    """The kit's door for what a carrier says by itself. Every thread may use it."""

    def __call__(self, number: str, event: Event) -> bool:
        """Take an event in.

        Args:
            number: the practice's number that it is about: the recipient of a client's text, the sender of a text
                that is reported on. It says whose it is where practices share an account.
            event: the text, or the report.

        Returns:
            Whether it is committed. If not, the carrier must be told to repeat it, or it must be offered again.
        """
        ...


@frozen(kw_only=True)
class SessionState:
    """How a session is, for people.

    Attributes:
        is_up: whether texts can be handed over now.
        words: where it leads and how it is, without any secret: ``"smsc.example:2775, bound"``.
        warning: what an administrator should change, or ``""``.
    """

    is_up: bool
    words: str
    warning: str = ""


@runtime_checkable
class SmsSession(Protocol):
    """A carrier with a connection of its own, built for one set of settings; practices with equal ones share it."""

    def open(self, take: Intake) -> None:
        """Begin to connect, and stay connected, until :meth:`close`. Returns at once; again it changes nothing."""
        ...

    def hand_over(self, message: OutboundText) -> Outcome:
        """Hand one text over; for at most 100 seconds. Must not raise for anything a carrier can do.

        ``TryLater`` only where it is certain that nothing was taken; ``Unsure`` where bytes left and no answer came.
        """
        ...

    def close(self, seconds: float) -> None:
        """Take leave of the carrier, hand over what is held for the intake, end all threads; within ``seconds``.

        Hand-overs that still wait are :class:`~convokit.outcomes.Unsure`. Twice is fine.
        """
        ...

    def state(self) -> SessionState:
        """How it is. Does no input or output."""
        ...
