"""What a practice has decided about mail: who gets transcripts, and who is reminded at the end of the day."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, cast

from attrs import field, frozen

from convokit.domain.holidays import WEEKDAYS
from convokit.domain.instant import HOUR

CLIENT: Final = "client"
"""Stands for the client's own address among the recipients of a transcript."""

# What cannot be converted stays as it is: add_practice refuses it by name, a constructor would raise a TypeError.


def _texts(given: Iterable[str]) -> tuple[str, ...]:
    # One address may be given as it is; a string taken as a list would be an address per letter.
    try:
        return (given,) if isinstance(given, str) else tuple(given)
    except TypeError:
        return cast("tuple[str, ...]", given)


@frozen(kw_only=True)
class MailRules:
    """From whom mails come, and who gets the transcript when a conversation ends.

    Attributes:
        sender: the practice's own address, a plain one. Without it no mail leaves.
        sender_name: the name beside it; default: the practice's name.
        transcript_to: plain addresses, and the word ``"client"`` for the client's own; none: transcripts are not
            mailed. The client gets a mail of their own, and sees no other address.
    """

    sender: str = ""
    sender_name: str = ""
    transcript_to: tuple[str, ...] = field(default=(), converter=_texts)


@frozen(kw_only=True)
class EndOfDay:
    """The reminder of conversations that are still open at the end of the day. Off while it has no recipients.

    Attributes:
        recipients: plain addresses; they see each other.
        time: ``"HH:MM"``, 24 hours, local to the practice. One that the clocks skip is moved forward with them; of
            one that comes twice the first counts.
        weekdays: on which days: ``"mon"`` to ``"sun"``.
        holidays: on which days not, as :mod:`convokit.domain.holidays` writes them: ``"12-25"``, ``"4th thu nov"``.
        late_hours: when no worker ran at that time, it is still sent so many hours later, and after that noted as
            missed.
    """

    recipients: tuple[str, ...] = field(default=(), converter=_texts)
    time: str = "17:30"
    weekdays: tuple[str, ...] = field(default=WEEKDAYS[:5], converter=_texts)
    holidays: tuple[str, ...] = field(default=(), converter=_texts)
    late_hours: int = 2

    @property
    def on(self) -> bool:
        """Whether there is a reminder at all."""
        return bool(self.recipients)

    @property
    def window(self) -> int:
        """How late it may be sent, in microseconds."""
        return self.late_hours * HOUR


NO_MAIL: Final = MailRules()
NO_REMINDER: Final = EndOfDay()
