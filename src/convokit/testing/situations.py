"""What can happen between a plugin and a provider, and what must come of it: the tables that the contracts ask by.

The manual's tables are compared with these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from attrs import evolve, frozen

from convokit.outcomes import Accepted, Refused, TryLater, Unsure
from convokit.ports.push import TokenGone


@frozen(kw_only=True)
class Situation:
    """Something that a provider does.

    Attributes:
        meaning: what happens.
        expects: what must come of it, in words.
        fits: whether an outcome, or something that was read from a callback, says so.
        waivable: a provider may have no such thing; then the contract takes a reason instead.
    """

    meaning: str
    expects: str
    fits: Callable[[object], bool]
    waivable: bool = True


def _refused(meaning: str, reason: str) -> Situation:
    def fits(told: object) -> bool:
        # Some providers say it in their answer, others only in a report.
        return getattr(told, "reason", None) == reason and not isinstance(told, (Accepted, TryLater, Unsure))

    return Situation(meaning=meaning, expects=f"refused or failed: {reason}", fits=fits)


def is_state(state: str | None) -> Callable[[object], bool]:
    """Whether a report has this state."""
    return lambda told: getattr(told, "state", "no report") == state


EXCHANGE: Final[Mapping[str, Situation]] = {
    "accepted": Situation(
        meaning="the provider takes it",
        expects="Accepted",
        fits=lambda told: isinstance(told, Accepted),
        waivable=False,
    ),
    "wrong credentials": _refused("the account or its key is not known", "account_problem"),
    "throttled, with Retry-After": Situation(
        meaning="too many requests; the answer says how long to wait",
        expects="TryLater with after",
        fits=lambda told: isinstance(told, TryLater) and told.after is not None,
    ),
    "throttled, without Retry-After": Situation(
        meaning="too many requests, no more said",
        expects="TryLater without after",
        fits=lambda told: isinstance(told, TryLater) and told.after is None,
    ),
    "server error": Situation(
        meaning="a 5xx: nobody can know what it did before",
        expects="Unsure, or TryLater where the provider says that it took nothing",
        fits=lambda told: isinstance(told, (Unsure, TryLater)),
        waivable=False,
    ),
    "unreadable answer": Situation(
        meaning="the status of success, and a body that cannot be read",
        expects="Unsure",
        fits=lambda told: isinstance(told, Unsure),
        waivable=False,
    ),
    "HTML with 200": Situation(
        meaning="a proxy's or a login page, with the status of success",
        expects="Unsure",
        fits=lambda told: isinstance(told, Unsure),
        waivable=False,
    ),
}
"""What any provider may answer to any request that does something."""

SMS: Final[Mapping[str, Situation]] = {
    **EXCHANGE,
    "server error": evolve(EXCHANGE["server error"], expects="Unsure, or TryLater with a waiver"),
    "opted out": _refused("the number has opted out, by the carrier's own list", "opted_out"),
    "bad number": _refused("the number is no number", "invalid_number"),
    "landline": _refused("the number cannot receive texts", "landline"),
    "filtered": _refused("a spam filter stopped it", "carrier_filtered"),
    "unregistered sender": _refused("the sender is not registered with the carriers", "sender_unregistered"),
}
"""What a carrier may answer to a text, or report about it later."""

REPORTS: Final[Mapping[str, Situation]] = {
    "report: sent": Situation(meaning="the carrier has it", expects='state "sent"', fits=is_state("sent")),
    "report: delivered": Situation(meaning="the phone has it", expects='state "delivered"', fits=is_state("delivered")),
    "report: failed": Situation(meaning="it did not arrive", expects='state "failed"', fits=is_state("failed")),
    "report: unknown word": Situation(
        meaning="a status that the plugin has never heard of",
        expects="state None, with the word in raw",
        fits=lambda told: is_state(None)(told) and bool(getattr(told, "raw", "")),
        waivable=False,
    ),
}
"""What a carrier that declares delivery reports reports."""


def _reports(status: str, meaning: str, *, waivable: bool = True) -> Situation:
    return Situation(
        meaning=meaning,
        expects=f'status "{status}"',
        fits=lambda told: getattr(told, "status", None) == status,
        waivable=waivable,
    )


PAYMENTS: Final[Mapping[str, Situation]] = {
    **EXCHANGE,
    "report: paid": _reports("paid", "the client has paid", waivable=False),
    "report: refunded": _reports("refunded", "money went back"),
    "report: refund failed": _reports("refund_failed", "a refund did not reach the client"),
    "report: declined": _reports("declined", "a card was declined; the link still works"),
    "report: expired": _reports("expired", "the link works no longer"),
    "report: disputed": _reports("disputed", "the client has the bank take the money back"),
    "report: of a test": Situation(
        meaning="it comes from the provider's test mode",
        expects="test is true",
        fits=lambda told: getattr(told, "test", False) is True,
    ),
    "report: somebody else's sale": Situation(
        meaning="a sale of the same account that was not asked for by convokit",
        expects="nothing is read",
        fits=lambda told: told is None,
        waivable=False,
    ),
    "report: unknown event": Situation(
        meaning="an event that the plugin has never heard of",
        expects="nothing is read",
        fits=lambda told: told is None,
        waivable=False,
    ),
}
"""What a payment provider may answer and report."""

PUSH: Final[Mapping[str, Situation]] = {
    **{name: found for name, found in EXCHANGE.items() if name not in ("unreadable answer", "HTML with 200")},
    "token is gone": Situation(
        meaning="the app was removed, or the browser forgot the registration",
        expects="TokenGone",
        fits=lambda told: isinstance(told, TokenGone),
        waivable=False,
    ),
    "somebody else's token": Situation(
        meaning="the token belongs to another app or another sender",
        expects="TokenGone, or refused",
        fits=lambda told: isinstance(told, (TokenGone, Refused)),
    ),
    "a bad message": Situation(
        meaning="the service rejects what is pushed; the token is not at fault",
        expects="refused: content_rejected",
        fits=lambda told: isinstance(told, Refused) and told.reason == "content_rejected",
        waivable=False,
    ),
}
"""What a push service may answer. For some of them the status alone says that it was taken."""

NOTHING_TAKEN: Final = "a 5xx took nothing"
SENDS: Final[Mapping[str, str]] = {
    NOTHING_TAKEN: "the carrier documents a 5xx that it answers before it takes anything; a row shows it",
}
"""What may be waived about sending texts, with a reason."""

SIGNATURES: Final[Mapping[str, str]] = {
    "one byte changed": "the signature covers neither the URL nor the body, or not both",
}
"""What may be waived about signatures, with a reason."""
