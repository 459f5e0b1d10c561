"""Erasing a person at one practice: what goes, what stays and why, and the list of numbers that stay opted out.

Of a conversation its skeleton stays (ids, times, order, delivery, who of the staff acted): the practice's own record of
what it did. Everything that says who the client was, or what was said, goes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from attrs import evolve, field, frozen

from convokit.domain.attachment import Upload
from convokit.domain.consent_ledger import Consent
from convokit.domain.conversation import Conversation, Entry
from convokit.domain.delivery import Delivery

ERASED: Final = "[erased]"
"""What stands where a text was. As the fingerprint of a fact: it matches whatever comes again."""

WHY_LENGTH: Final = 200
"""Characters of the reason for an erasure. It stays, and must not name the client."""

ERASED_OWNER: Final = "erased"
"""Whose the uploads are that wait for their files to be deleted."""


@frozen(kw_only=True)
class Erasure:
    """What is asked for.

    Attributes:
        client_id: the host's id of the client.
        numbers: further numbers of theirs, E.164.
        by_id, by_name, reason: who erases, and why in words that do not name the client; both stay.
        key: of the digests of numbers that stay opted out; see :func:`convokit.stores.checks.digest_of`.
    """

    client_id: str
    numbers: tuple[str, ...] = field(default=(), repr=False)
    at_us: int
    by_id: str
    by_name: str
    reason: str
    key: bytes = field(repr=False)


@frozen(kw_only=True)
class Kept:
    """Something that an erasure leaves: what it is, why, and how long."""

    what: str
    why: str
    until: str


KEPT: Final = (
    Kept(
        what="of each conversation its random id, times, order, delivery states and the staff who acted",
        why="the practice's record that it communicated, with whom of its staff, and when; it names no client",
        until="as long as the practice keeps its records",
    ),
    Kept(
        what="of each line of the opt-out ledger its kind, source and time, without the number and the evidence",
        why="proof that opt-outs are recorded and kept to (47 CFR 64.1200)",
        until="as long as the practice keeps its records",
    ),
    Kept(
        what="of each number that was opted out a keyed digest (HMAC-SHA256)",
        why="so that nobody texts the erased person again; it cannot be read, only compared",
        until="until the person texts START, or staff opt the number in",
    ),
    Kept(
        what="of each payment its invoice number, amounts, times, states and the provider's ids, without its title",
        why="accounting",
        until="as long as the practice keeps its books",
    ),
    Kept(
        what="the carrier's ids of messages that came in",
        why="so that a webhook which is repeated does not bring a message back",
        until="as long as the database",
    ),
)
"""What every erasure leaves here. Backups, the carrier, mails that were sent and the host's records are elsewhere."""


def kept_elsewhere(filed: tuple[str, ...]) -> tuple[Kept, ...]:
    """What the host's medical record has of the client, by the conversations that it is of."""
    if not filed:
        return ()
    many = "1 transcript" if len(filed) == 1 else f"{len(filed)} transcripts"
    return (
        Kept(
            what=f"{many} in the medical record, of: {', '.join(dict.fromkeys(filed))}",
            why="the medical record is the host's; what was filed there is not erased from here",
            until="as the host decides",
        ),
    )


@frozen(kw_only=True)
class Erased:
    """What a store erased in its one transaction.

    Attributes:
        changes: the conversations by id, each with its new change number; first those that were erased.
        conversations, entries, payments: how many of them were erased.
        withdrawn: texts and jobs that had not left, and now will not.
        numbers: numbers that were the client's alone, now forgotten; ``suppressed``: those of them that stay opted out.
        shared: numbers that another client has too; their consent stays.
        files: uploads whose files are still to be deleted; also those that an earlier call left.
        filed: the conversation of each transcript that the host's medical record has taken.
    """

    changes: tuple[tuple[str, int], ...] = ()
    conversations: int = 0
    entries: int = 0
    payments: int = 0
    withdrawn: int = 0
    numbers: int = 0
    suppressed: int = 0
    shared: int = 0
    files: tuple[Upload, ...] = ()
    filed: tuple[str, ...] = ()


@frozen(kw_only=True)
class ErasureReport:
    """What an erasure did, in numbers; it holds nothing of the person.

    Attributes:
        conversations, entries, files, payments: how many of them were erased.
        withdrawn: texts, mails and other work that had not left, and now will not.
        numbers: numbers that were forgotten; ``suppressed``: those of them that stay opted out.
        shared: numbers that another client has too: what is known of the number itself stays.
        kept: what is left, why, and until when.
    """

    conversations: int
    entries: int
    files: int
    payments: int
    withdrawn: int
    numbers: int
    suppressed: int
    shared: int
    kept: tuple[Kept, ...] = KEPT


@frozen(kw_only=True)
class Found:
    """What of a practice an erasure is about.

    Attributes:
        theirs: conversations to erase.
        naming: conversations of others that have the client among their candidates.
        numbers: the client's alone; ``shared``: also another client's.
    """

    theirs: tuple[Conversation, ...]
    naming: tuple[Conversation, ...]
    numbers: tuple[str, ...]
    shared: tuple[str, ...]


def numbers_of(erasure: Erasure, conversations: Iterable[Conversation]) -> frozenset[str]:
    """Every number of the client: those that were given, and those of their own conversations."""
    own = [c for c in conversations if _is_own(c, erasure.client_id)]
    texted = (c.address for c in own if c.channel == "sms")
    return frozenset((*erasure.numbers, *texted, *(c.client_phone for c in own if c.client_phone)))


def find(erasure: Erasure, conversations: Iterable[Conversation]) -> Found:
    """What is the client's among ``conversations``: all that are theirs, at one of their numbers, or have candidates.

    A conversation at one of their numbers that nobody is known to have is theirs, unless another client has the number.
    """
    known, who = tuple(conversations), erasure.client_id
    numbers = numbers_of(erasure, known)
    others = [c for c in known if not _is_own(c, who)]
    taken = (c for c in others if c.client_id is not None or any(one.client_id != who for one in c.candidates))
    shared = numbers.intersection(number for c in taken for number in (c.address, c.client_phone))
    unknown = {c.id for c in others if c.client_id is None and c.channel == "sms" and c.address in numbers - shared}
    theirs = tuple(c for c in known if _is_own(c, who) or c.id in unknown)
    gone = {c.id for c in theirs}
    naming = tuple(c for c in others if c.id not in gone and any(one.client_id == who for one in c.candidates))
    return Found(theirs=theirs, naming=naming, numbers=tuple(sorted(numbers - shared)), shared=tuple(sorted(shared)))


def _is_own(conversation: Conversation, client_id: str) -> bool:
    at = conversation.channel, conversation.address
    return conversation.client_id == client_id or at == ("app", client_id)


def erased_conversation(known: Conversation, at_us: int, change: int) -> Conversation:
    """The conversation after it: ended, without a person."""
    return evolve(
        known,
        address="",
        title="",
        client_id=None,
        client_name="",
        patient_id=None,
        patient_name="",
        ended=True,
        ended_us=known.ended_us if known.ended else at_us,
        unread=0,
        last_seq=known.last_seq + 1,
        last_text=ERASED if known.last_text else "",
        awaiting_us=None,
        failed=0,
        client_email="",
        client_phone="",
        version=known.version + 1,
        change=change,
        candidates=(),
    )


def without_candidate(known: Conversation, client_id: str, change: int) -> Conversation:
    """Another conversation, without the client among its candidates."""
    left = tuple(one for one in known.candidates if one.client_id != client_id)
    return evolve(known, candidates=left, version=known.version + 1, change=change)


def erased_entry(known: Entry) -> Entry:
    """An entry after it: where it stands, when, by which member of staff, and how it was delivered."""
    return evolve(
        known,
        text=ERASED,
        author_name="" if known.side == "client" else known.author_name,
        raw="",
        provider_id=None,
        client_ref=None,
        attachments=(),
    )


def held_back(known: Entry) -> Entry:
    """A text that had not left, and will not; nobody has to decide about it."""
    flags = tuple(dict.fromkeys((*known.flags, "left")))
    return evolve(known, delivery=Delivery.FAILED, reason="cancelled", flags=flags)


def erased_upload(known: Upload) -> Upload:
    """An upload that is in no message any more: whoever clears up next deletes its file."""
    file = evolve(known.attachment, name="file")
    return evolve(known, attachment=file, owner=ERASED_OWNER, entry_id=None, expires_us=0)


def event_of(erasure: Erasure, after: Conversation, entry_id: str) -> Entry:
    """What the timeline says of it."""
    return Entry(
        id=entry_id,
        conversation_id=after.id,
        seq=after.last_seq,
        at_us=erasure.at_us,
        kind="event",
        side="system",
        channel=after.channel,
        event="erased",
        text=f"{erasure.by_name} erased what the desk knew of the client: {erasure.reason}",
        author_id=erasure.by_id,
        author_name=erasure.by_name,
    )


def traces_of(numbers: Iterable[str], conversations: Iterable[Conversation]) -> tuple[bytes, ...]:
    """By what a kept request of a provider is known to be about the client: the digits of a number, an address."""
    digits = {number.lstrip("+") for number in numbers}
    return tuple(sorted(one.encode() for one in {*digits, *(c.client_email for c in conversations)} if one))


def key_name(practice_id: str) -> str:
    """Under which name the store keeps a practice's key of digests."""
    return f"suppression:{practice_id}"


def suppressed(address: str, since_us: int | None) -> Consent:
    """The consent of a number that the ledger no longer knows; ``since_us``: since when it is opted out, if it is."""
    return Consent(address=address) if since_us is None else Consent(address=address, opted_out=True, since_us=since_us)
