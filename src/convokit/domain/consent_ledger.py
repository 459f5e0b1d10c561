"""Who may be texted: the append-only ledger, and its projection.

The ledger keeps every opt-out and opt-in with its evidence; the projection answers "may we text this number now?".
Entries are only ever added. Records of consent outlive the messages (Virginia SB 1339: ten years).
"""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen

ConsentAction = Literal["opt_out", "opt_in", "maybe", "dismiss"]
ConsentSource = Literal["text", "staff", "gateway"]


@frozen(kw_only=True)
class ConsentEntry:
    """One line of the ledger: who, when, how, and the evidence.

    Attributes:
        address: the client's number, E.164. Scope: the whole practice.
        action: ``"maybe"`` is a text that only may mean an opt-out; ``"dismiss"`` is staff's "it did not mean that".
        source: the client's own text, staff, or the carrier's "this number opted out".
        actor: staff id, or ``None``.
        evidence: the exact text, staff's reason, or the carrier's code.
        provider_id: the provider's id of the text.
        classifier: version of the rules that judged it.
    """

    address: str
    action: ConsentAction
    source: ConsentSource
    at_us: int
    actor: str | None = None
    evidence: str = field(default="", repr=False)
    provider_id: str | None = None
    classifier: str | None = None


@frozen(kw_only=True)
class Consent:
    """The projection for one number at one practice.

    Attributes:
        opted_out: no text may leave, except the one confirmation and the answer to HELP.
        maybe: a text may have meant an opt-out; automatic messages wait for a person.
        since_us: since when it stands so.
    """

    address: str
    opted_out: bool = False
    maybe: bool = False
    since_us: int = 0

    def after(self, entry: ConsentEntry) -> Consent:
        """The projection after one more line of the ledger. A "maybe" never lifts or sets an opt-out."""
        if entry.action == "maybe":
            return Consent(address=self.address, opted_out=self.opted_out, maybe=True, since_us=self.since_us)
        if entry.action == "dismiss":
            return Consent(address=self.address, opted_out=self.opted_out, since_us=self.since_us)
        out = entry.action == "opt_out"
        since = self.since_us if out and self.opted_out else entry.at_us
        return Consent(address=self.address, opted_out=out, since_us=since)
