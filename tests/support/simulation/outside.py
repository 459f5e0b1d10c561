"""What truly happened, written down outside of the library: the ledgers that it is compared with."""

from __future__ import annotations

from collections import Counter
from typing import Final, Literal

from attrs import define, field, frozen

SURGERY: Final = "surgery"
"""The other department of each practice."""

Word = Literal["plain", "stop", "start", "help", "maybe"]


class Violation(BaseException):
    """A promise was broken. Raised inside of a plugin it is contained there, as everything is: see :data:`BROKEN`."""

    def __init__(self, promise: str, what: str) -> None:
        super().__init__(f"{promise}: {what}")
        self.promise = promise


BROKEN: Final[list[Violation]] = []
"""What was broken in the day that is played; the first of it is what the day is about."""


def hold(promise: str, truth: object, what: str) -> None:
    """Stop the day when a promise is broken."""
    if not truth:
        BROKEN.append(Violation(promise, what))
        raise BROKEN[-1]


@frozen(kw_only=True)
class Side:
    """A practice as the outside knows it. ``mark`` stands in everything that is its own."""

    id: str
    mark: str
    numbers: tuple[str, ...]

    def automatic(self, kind: str) -> str:
        """What it answers by itself: ``"confirmation"``, ``"help"``, ``"away"`` or ``"greeting"``."""
        return f"{self.mark} automatic {kind}"

    @property
    def mailbox(self) -> str:
        """The address it sends mails from."""
        return f"desk@{self.id}.example"

    @property
    def front(self) -> str:
        """Where its transcripts go, besides to the client."""
        return f"front@{self.id}.example"


@define(eq=False, kw_only=True)
class Inbound:
    """A client's text on its way, until the carrier heard 2xx."""

    practice: str
    provider_id: str
    sender: str
    to: str
    text: str
    word: Word
    tried_at: int | None = None
    acknowledged: bool = False

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """What makes it this text and no other."""
        return self.practice, self.provider_id, self.sender, self.to, self.text


@define(eq=False, kw_only=True)
class Report:
    """A delivery report on its way."""

    practice: str
    key: str
    provider_id: str
    state: str | None
    reason: str | None = None
    raw: str = ""
    names: Literal["both", "ours", "theirs"] = "both"
    acknowledged: bool = False


@define(eq=False, kw_only=True)
class Paid:
    """News of a payment on its way. ``minor``: the cents that moved."""

    practice: str
    payment_id: str
    status: str
    movement_id: str = ""
    minor: int | None = None
    acknowledged: bool = False


@frozen(kw_only=True)
class Left:
    """A text that truly left."""

    practice: str
    key: str
    to: str
    text: str = field(repr=False)


@define(eq=False)
class Gate:
    """What is known from outside about one client's consent at one practice.

    ``closed_at``: since this step no text may be begun. ``known``: whether the client is opted out; ``None`` when the
    outside cannot tell (somebody died in the middle, the carrier's own list took part).
    """

    closed_at: int | None = None
    shut_at: int = -1
    opened_at: int = -1
    known: bool | None = False

    def open(self, step: int) -> None:
        """Somebody may be opening it now: nothing is certain until they return."""
        self.closed_at, self.opened_at, self.known = None, step, None

    def opened(self, step: int, since: int) -> None:
        """Texts may leave again; unless somebody closed it since this was first tried."""
        self.closed_at, self.opened_at = None, step
        self.known = None if self.shut_at > since else False

    def closed(self, step: int, since: int) -> None:
        """An opt-out is in effect; unless somebody opened it since this was first tried."""
        self.shut_at = step
        if self.opened_at > since:
            self.closed_at, self.known = None, None
        else:
            self.closed_at, self.known = step, True


@define(eq=False)
class Outside:
    """All ledgers of one day."""

    step: int = 0
    inbound: list[Inbound] = field(factory=list)
    reports: list[Report] = field(factory=list)
    payments: list[Paid] = field(factory=list)
    prompts: dict[tuple[str, str], int] = field(factory=dict)
    """What the payment provider was asked for, in cents, by practice and payment."""
    closed: set[str] = field(factory=set)
    """Payments whose link the provider has closed."""
    asked: list[tuple[Side, str]] = field(factory=list)
    """Payments that staff know of."""
    left: list[Left] = field(factory=list)
    gates: dict[tuple[str, str], Gate] = field(factory=dict)
    begun: dict[tuple[str, str], int] = field(factory=dict)
    """When a hand-over was asked for, by practice and attempt."""
    refused: dict[tuple[str, str], str] = field(factory=dict)
    """Attempts that the carrier refused because its own list has the phone, and the phone."""
    named: set[tuple[str, str]] = field(factory=set)
    """Attempts whose carrier's id was committed."""
    mailed: Counter[tuple[str, str]] = field(factory=Counter)
    """How often a mail truly left for a recipient, by the mail's id and the address."""
    filed: dict[tuple[str, str], str] = field(factory=dict)
    """What is truly in the medical record: the last digest of each document, by practice and the document's id."""
    asked_to_file: set[tuple[str, str]] = field(factory=set)
    """Documents that staff asked for, by practice and the document's id."""
    turned_down: Counter[tuple[str, str]] = field(factory=Counter)
    """How often the record refused a document."""
    written: dict[tuple[str, str], bool] = field(factory=dict)
    """What staff and app clients wrote (each text is unique), and whether the call returned."""
    again: Counter[tuple[str, str]] = field(factory=Counter)
    """How often staff pressed *send again* on a message."""
    counts: Counter[str] = field(factory=Counter)

    def tick(self) -> int:
        """One step further; the order of everything that was seen from outside."""
        self.step += 1
        return self.step

    def gate(self, practice: str, address: str) -> Gate:
        """The gate of a client at a practice."""
        return self.gates.setdefault((practice, address), Gate())

    def leave(self, side: Side, key: str, to: str, text: str) -> None:
        """A text leaves now: for good, unless it must not."""
        times = sum((left.practice, left.key) == (side.id, key) for left in self.left)
        hold("P3", times == 0, f"attempt {key} left twice")
        begun = self.begun.get((side.id, key))
        hold("P3", begun is not None, f"attempt {key} left without being begun")
        if text not in (side.automatic("confirmation"), side.automatic("help")):
            closed = self.gate(side.id, to).closed_at
            hold("P6", closed is None or begun < closed, f"{key} left for {to}, begun after the opt-out took effect")
        self.left.append(Left(practice=side.id, key=key, to=to, text=text))
        self.counts["left"] += 1
