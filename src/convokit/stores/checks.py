"""What both stores ask of a decision before they write it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

from convokit.decisions.base import Before, Decision
from convokit.domain.attachment import Attachment
from convokit.domain.instant import HOUR, MINUTE
from convokit.errors import Conflict, InvalidInput, NotFound, StorageError
from convokit.facts import EffectSettled, Fact, NoteWritten, RepliedAndEnded, StaffReplied, TextArrived
from convokit.outcomes import Accepted

LARGEST_UNREADABLE = 64 * 1024
"""Bytes kept of a webhook that could not be read."""

MOST_RECENT = 50
"""Automatic texts of one hour that are looked at: many more than the cap lets through."""

LONGEST_WAIT = HOUR
"""Nothing waits longer than this: no next try (a provider may ask for an hour, ``domain/retry.py``) and no lease. A
moment further ahead was written before the clock went back; to wait for it could take years."""

MOST_AHEAD = MINUTE
"""How far the moment of a beginning may lie ahead of "now": the caller read its clock before it waited for the store,
and somebody else began meanwhile. Further ahead, the clock went back after it was begun."""


def check_decision(before: Before, decision: Decision) -> None:
    """Entries and effects belong to the decision's conversation, ledger lines to the address that was loaded.

    Raises:
        InvalidInput: ``decision.conversation``, ``decision.consent``: a mistake in the decision.
    """
    of_one = decision.entries or decision.effects or decision.deliveries or decision.payment is not None
    if decision.conversation is None and of_one:
        raise InvalidInput("decision.conversation", "a decision about messages names their conversation")
    if decision.consent:
        loaded = () if before.consent is None else (before.consent.address,)
        if len({*loaded, *(line.address for line in decision.consent)}) != 1:
            raise InvalidInput("decision.consent", "a decision is about the one address whose consent was loaded")


def hour_before(at_us: int) -> tuple[int, int]:
    """After when and until when automatic texts count as those of the last hour.

    Until a little later than now: other machines' clocks are ahead. Further ahead, the clock went back since.
    """
    return at_us - HOUR, at_us + HOUR


def fingerprint_of(fact: Fact) -> str:
    """What tells a repetition of the fact from another content under its identity."""
    return fact.fingerprint if isinstance(fact, (TextArrived, StaffReplied, RepliedAndEnded, NoteWritten)) else ""


def late_name(fact: Fact, decision: Decision) -> str | None:
    """The provider's id in an answer that came after the hand-over was settled as unsure.

    Later reports name the message by it, so it is kept although the settlement itself no longer holds.
    """
    if decision.settlement is None and isinstance(fact, EffectSettled) and isinstance(fact.outcome, Accepted):
        return fact.outcome.provider_id
    return None


def unknown_practice() -> NotFound:
    """No practice has this id."""
    return NotFound("practice.unknown", "no such practice", field="practice")


def unknown_message() -> NotFound:
    """No message of this practice has this id."""
    return NotFound("message.unknown", "no such message at this practice", field="message_id")


def unknown_payment() -> NotFound:
    """No payment of this practice has this id."""
    return NotFound("payment.unknown", "no such payment at this practice", field="payment_id")


def id_taken() -> Conflict:
    """A fresh id was not fresh: the same call came twice, or the host's ids collide."""
    return Conflict("id.taken", "an id that should be new is in use", field="id")


def upload_unknown() -> NotFound:
    """No upload has this id here; the same answer for somebody else's."""
    return NotFound("upload.unknown", "no such upload; perhaps it has expired", field="attachments")


def upload_used() -> Conflict:
    """A file is in one message only."""
    return Conflict("upload.used", "this upload is in a message already", field="attachments", limit="1 message")


def claimable(files: Iterable[Attachment]) -> tuple[Attachment, ...]:
    """The files of a new message that were uploaded before; the others are still to be fetched."""
    return tuple(file for file in files if file.state == "ready")


def digest_of(key: bytes, address: str) -> str:
    """What is kept of a number that stays opted out though its person was erased: HMAC-SHA256, in hex."""
    return hmac.new(key, address.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def in_flight() -> StorageError:
    """Something of the person who is to be erased is just being handed over."""
    why = "a text or another piece of work of this client is just being handed over; try again"
    return StorageError("erasure.in_flight", why, field="client_id")


def closed() -> StorageError:
    """The store was closed before the call."""
    return StorageError("storage.closed", "the store has been closed")
