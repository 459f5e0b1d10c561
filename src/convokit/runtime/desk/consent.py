"""Opt-outs and opt-ins that staff record, and what the ledger says."""

from __future__ import annotations

import time
from typing import Final, Literal

from attrs import evolve, frozen

from convokit.domain.consent_ledger import Consent, ConsentEntry
from convokit.domain.conversation import Entry
from convokit.domain.people import Staff
from convokit.errors import StorageError
from convokit.facts import ConsentRecorded
from convokit.runtime.checks import REASON_LIMIT, check_label
from convokit.runtime.desk.base import DeskBase
from convokit.runtime.perform import LEASE
from convokit.runtime.within import refuse_within

_POLL_SECONDS: Final = 0.02
_LONGEST_WAIT_SECONDS: Final = LEASE / 1_000_000 + 5


@frozen(kw_only=True)
class OptOut:
    """An opt-out that is in effect: committed, and no hand-over to the number is in flight any more.

    ``crossed`` are texts that were already leaving when it was recorded; they carry the flag ``"crossed"``.
    """

    consent: Consent
    crossed: tuple[Entry, ...] = ()


class DeskConsent(DeskBase):
    """Opt out, opt in, decide a "maybe"."""

    def opt_out(self, number: str, *, by: Staff, reason: str) -> OptOut:
        """Opt a client's number out of texts from this practice. When this returns, no text leaves any more.

        It is committed at once; then a hand-over that was in flight is waited for, at most for its lease of two and a
        half minutes.

        Args:
            reason: how the client asked ("by phone", "at the desk"); kept as evidence.

        Raises:
            InvalidInput: the number, or ``reason.empty``.
            StorageError: it is not known to be in effect.
        """
        refuse_within("to say that an opt-out is in effect")
        address = self._address(number)
        before = {entry.id for entry in self._crossed(address)}
        self._record(address, "opt_out", by, reason)
        self._wait_for_hand_overs(address)
        crossed = tuple(entry for entry in self._crossed(address) if entry.id not in before)
        return OptOut(consent=self._store.consent(self.practice.id, address), crossed=crossed)

    def opt_in(self, number: str, *, by: Staff, reason: str) -> Consent:
        """Record that the client allows texts again, with the evidence. The carrier may go on blocking the number
        until the client texts START; its next "opted out" answer reverts this.

        Raises:
            InvalidInput: the number, or ``reason.empty``.
        """
        address = self._address(number)
        self._record(address, "opt_in", by, reason)
        return self._store.consent(self.practice.id, address)

    def dismiss_maybe(self, number: str, *, by: Staff, reason: str) -> Consent:
        """Decide that a text which might have meant an opt-out did not.

        Raises:
            InvalidInput: the number, or ``reason.empty``.
        """
        address = self._address(number)
        self._record(address, "dismiss", by, reason)
        return self._store.consent(self.practice.id, address)

    def consent(self, number: str) -> Consent:
        """Whether a number may be texted.

        Raises:
            StorageError: when it cannot be read; never taken for "allowed".
        """
        return self._store.consent(self.practice.id, self._address(number))

    def consent_ledger(self, number: str) -> tuple[ConsentEntry, ...]:
        """Who opted in or out, when, how, and the evidence; oldest first.

        A desk of some departments does not see what clients wrote: that may have been to another one.
        """
        lines = self._store.ledger(self.practice.id, self._address(number))
        if self.visible is None:
            return lines
        return tuple(evolve(line, evidence="") if line.source == "text" else line for line in lines)

    def _address(self, number: str) -> str:
        return self._any_number(number, "number")

    def _record(self, address: str, action: Literal["opt_out", "opt_in", "dismiss"], by: Staff, reason: str) -> None:
        told = self._store.latest_at(self.practice.id, "sms", address)
        stamp = self._stamp("-" if told is None else told.id, by)
        self._take(
            ConsentRecorded(
                address=address,
                entry_id=stamp["entry_id"],
                at_us=stamp["at_us"],
                action=action,
                by_id=stamp["by_id"],
                by_name=stamp["by_name"],
                reason=check_label(reason, "reason", most=REASON_LIMIT, empty=False),
                conversation_id=None if told is None else told.id,
            )
        )

    def _wait_for_hand_overs(self, address: str) -> None:
        # Measured by the monotonic clock: the wall clock may jump, and a lease's end lies on it.
        deadline = time.monotonic() + _LONGEST_WAIT_SECONDS
        while self._store.in_flight(self.practice.id, address):
            if time.monotonic() > deadline:
                raise StorageError("consent.in_flight", "a hand-over to this number does not end", field="number")
            time.sleep(_POLL_SECONDS)

    def _crossed(self, address: str) -> tuple[Entry, ...]:
        told = self._store.latest_at(self.practice.id, "sms", address)
        if told is None or not self._sees(told):
            return ()
        newest = self._store.newest_entries(self.practice.id, told.id, limit=20)
        return tuple(e for e in newest if "crossed" in e.flags)
