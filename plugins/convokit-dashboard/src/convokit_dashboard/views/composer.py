"""What stands under the thread: the composer, or why nothing can be written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from attrs import frozen

from convokit.domain.attachment import LIMITS, MEGABYTE, MOST_FILES
from convokit.domain.consent_ledger import Consent
from convokit.domain.conversation import Conversation
from convokit.domain.number_health import NumberHealth
from convokit.domain.sms_segments import Segments
from convokit.runtime.desk.payments import PaymentAvailability
from convokit_dashboard.words import Words

ACCEPTED: Final = "image/*,video/*,application/pdf,.heic,.pdf"
"""What the file picker offers; what a file truly is, the desk tells from its content."""

Blocked = Literal["", "ended", "erased", "opted_out", "cannot_receive", "sender"]


@frozen(kw_only=True)
class CannedText:
    """A text that is ready: its name, and the words with everything filled in."""

    title: str
    text: str


@frozen(kw_only=True)
class ComposerView:
    """The composer.

    Attributes:
        key: changes when the composer must be drawn anew.
        blocked: why nothing can be written to the client, or ``""``. reason: the same in words.
        maybe: whether somebody should decide about an opt-out first.
        counts: whether the text is counted in segments.
        limits: what files may be, in words.
        pay: whether the client can be asked for money, and else why not.
    """

    key: str
    blocked: Blocked
    reason: str
    maybe: bool
    counts: bool
    limits: str
    placeholder: str
    pay: bool
    pay_reason: str
    currencies: tuple[str, ...]
    canned: tuple[CannedText, ...]
    most_files: int = MOST_FILES
    accepted: str = ACCEPTED
    notes: bool = True


def composer(
    known: Conversation,
    *,
    consent: Consent | None,
    health: NumberHealth | None,
    sender_reason: str,
    pay: PaymentAvailability,
    canned: Iterable[CannedText],
    words: Words,
) -> ComposerView:
    """What stands under the thread of a conversation."""
    blocked, reason = _blocked(known, consent, health, sender_reason, words)
    maybe = consent is not None and consent.maybe and not consent.opted_out
    ready = tuple(canned)
    return ComposerView(
        key=f"{known.id}-{blocked}-{int(maybe)}-{int(pay.available)}-{len(ready)}",
        blocked=blocked,
        reason=reason,
        maybe=maybe,
        counts=known.channel == "sms",
        limits=limits_words(known, words),
        placeholder=_placeholder(known, words),
        pay=pay.available,
        pay_reason=words(pay.reason),
        currencies=pay.currencies,
        canned=ready,
        notes=not known.is_erased,
    )


def _placeholder(known: Conversation, words: Words) -> str:
    name = known.client_name.partition(" ")[0]
    if not name:
        return words("Write a reply")
    return words("Write to %(name)s", name=name)


def _blocked(
    known: Conversation, consent: Consent | None, health: NumberHealth | None, sender_reason: str, words: Words
) -> tuple[Blocked, str]:
    if known.is_erased:
        return "erased", words("This client was erased. Nobody can be written to here any more.")
    if known.ended:
        return "ended", words("This conversation has ended.")
    if consent is not None and consent.opted_out:
        return "opted_out", words(
            "This client has opted out of texts. They can allow them again by texting START. Please call or e-mail."
        )
    if sender_reason:
        return "sender", words(sender_reason)
    if health is not None and not health.can_receive:
        return "cannot_receive", words(health.advice)
    return "", ""


def limits_words(known: Conversation, words: Words) -> str:
    """What files may be sent."""
    sizes = {kind: f"{most // MEGABYTE} MB" for kind, most in LIMITS.items()}
    said = words("Photos up to %(photo)s, videos up to %(video)s, PDFs up to %(pdf)s.", **sizes)
    if known.channel == "app":
        return said
    # Not inside an f-string: before Python 3.12 the translations' own reader sees nothing there.
    as_link = words("What does not fit a text goes as a link.")
    return f"{said} {as_link}"


@frozen(kw_only=True)
class CountView:
    """How long a text is: in words, what makes it dearer, and the same in plain characters."""

    said: str
    dear: str
    plain: str
    too_long: bool


def count_view(found: Segments, most: int, words: Words) -> CountView:
    """The count of a text."""
    parts = words.many("%(n)s segment", "%(n)s segments", found.segments)
    left = words.many("%(n)s character left", "%(n)s characters left", found.remaining)
    dear = ""
    if found.forcing:
        signs = " ".join(found.forcing[:5])
        dear = words("%(signs)s makes segments shorter (70 instead of 160 characters).", signs=signs)
    return CountView(said=f"{parts} · {left}", dear=dear, plain=found.plain or "", too_long=found.segments > most)
