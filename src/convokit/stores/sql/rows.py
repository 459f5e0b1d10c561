"""Rows and values: which columns a value is read from, in which order, and back. Direct constructors, for speed."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Final, Literal

from convokit.domain.consent_ledger import Consent, ConsentEntry
from convokit.domain.conversation import Conversation, Entry, with_watermarks
from convokit.domain.delivery import Delivery
from convokit.effects import OwedEffect, SendText
from convokit.facts import DeliveryReported
from convokit.stores.sql.attachment_cells import attachments_cell, attachments_of
from convokit.stores.sql.candidate_cells import candidates_of

# The driver gives untyped cells; the columns' types stand in schema.py.
Cells = Sequence[Any]

CONVERSATION: Final = (
    "pk public_id channel sender address title client_id client_name patient_id patient_name team_member initiated_by"
    " ended urgency unread started_us ended_us last_seq last_us last_text last_side last_delivery last_message_seq"
    " opened_seq read_seq awaiting_us failed department assignee_id assignee_name client_email client_phone"
    " away_us version change previous_id candidates"
).split()
ENTRY: Final = (
    "public_id seq at_us kind side event text author_id author_name attempt delivery reason raw provider_id"
    " client_ref flags attachments"
).split()
CONSENT: Final = ("opted_out", "maybe", "since_us")
CONSENT_CELLS: Final = len(CONSENT) + 1
"""As it is read: the projection, then the key of the practice's digests, if it has one (``suppression.py``)."""
CONSENT_LINE: Final = "address action source at_us actor evidence provider_id classifier".split()
OWED: Final = (
    "key attempt sender recipient because not_after_us state tries owed_us due_us begun_us lease_us provider"
    " provider_id"
).split()
PARKED: Final = "entry_id attempt at_us provider delivery reason raw event_id".split()

# What is fixed for life is never assigned again. SQLite rewrites every index that has an assigned column, moved or not:
# so what decides the place in the lists is assigned only by the writes that move it.
_ALWAYS: Final = (
    "title client_id client_name patient_id patient_name team_member last_seq last_text last_side last_delivery"
    " last_message_seq opened_seq read_seq client_email client_phone away_us version"
).split()
_PLACE: Final = "ended urgency ended_us department assignee_id assignee_name".split()
_NEWS: Final = "unread last_us".split()
_TURN: Final = "awaiting_us failed".split()


def _ordered(names: list[str]) -> tuple[str, ...]:
    return tuple(name for name in CONVERSATION if name in names)


QUIET: Final = _ordered(_ALWAYS)
MESSAGE: Final = _ordered([*_ALWAYS, *_NEWS])
QUIET_TURN: Final = _ordered([*_ALWAYS, *_TURN])
MESSAGE_TURN: Final = _ordered([*_ALWAYS, *_NEWS, *_TURN])
EVERYTHING: Final = _ordered([*_ALWAYS, *_NEWS, *_TURN, *_PLACE])
"""Columns that an update assigns, ``change`` besides, in the order of the table."""

quiet_cells: Final = attrgetter(*QUIET)
message_cells: Final = attrgetter(*MESSAGE)
quiet_turn_cells: Final = attrgetter(*QUIET_TURN)
message_turn_cells: Final = attrgetter(*MESSAGE_TURN)
everything_cells: Final = attrgetter(*EVERYTHING)
new_cells: Final = attrgetter("id", *CONVERSATION[2:-3])
place_of: Final = attrgetter(*_PLACE)
news_of: Final = attrgetter(*_NEWS)
turn_of: Final = attrgetter(*_TURN)
line_cells: Final = attrgetter(*CONSENT_LINE)
parked_cells: Final = attrgetter(*(name for name in PARKED if name != "provider"))
_entry_cells: Final = attrgetter("id", *ENTRY[1:15])

_DELIVERY: Final[dict[int | None, Delivery | None]] = {None: None, **{int(d): d for d in Delivery}}
_STATES: Final[tuple[Literal["owed", "begun", "done"], ...]] = ("owed", "begun", "done")


_FIELDS: Final = ("pk", "id", *CONVERSATION[2:])


def conversation_of(row: Cells) -> Conversation:
    """A conversation from the columns :data:`CONVERSATION`; others may follow them.

    A list makes hundreds of them, of columns that are named as the fields are. So the initialiser, which takes them
    one by one, is left out: see :func:`convokit.domain.changed.changed`.
    """
    made = object.__new__(Conversation)
    cells = made.__dict__
    cells.update(zip(_FIELDS, row, strict=False))
    del cells["pk"]
    cells["ended"] = row[12] == 1
    cells["last_delivery"] = _DELIVERY[row[21]]
    cells["candidates"] = candidates_of(row[36]) if row[36] else ()
    return made


def entry_of_row(row: Cells, conversation_id: str, channel: Any) -> Entry:
    """An entry from the columns :data:`ENTRY`, as it is stored."""
    return Entry(
        id=row[0],
        conversation_id=conversation_id,
        seq=row[1],
        at_us=row[2],
        kind=row[3],
        side=row[4],
        channel=channel,
        event=row[5],
        text=row[6],
        author_id=row[7],
        author_name=row[8],
        attempt=row[9],
        delivery=_DELIVERY[row[10]],
        reason=row[11],
        raw=row[12],
        provider_id=row[13],
        client_ref=row[14],
        flags=flags_of(row[15]),
        attachments=attachments_of(row[16]),
    )


def shown_entry(row: Cells) -> Entry:
    """An entry as a person sees it: :data:`ENTRY`, then its conversation's id, channel and watermarks."""
    conversation_id, channel, opened_seq, read_seq = row[len(ENTRY) :]
    return with_watermarks(entry_of_row(row, conversation_id, channel), opened_seq, read_seq)


def entry_cells(keys: Cells, value: Entry) -> Cells:
    """What is inserted for an entry: the keys, then :data:`ENTRY`."""
    return (
        *keys,
        *_entry_cells(value),
        " ".join(value.flags),
        attachments_cell(value.attachments),
    )


def delivery_of(cell: int | None) -> Delivery | None:
    """A delivery from its cell."""
    return _DELIVERY[cell]


def flags_of(cell: str) -> tuple[str, ...]:
    """Flags are words; a cell holds them with a space between."""
    return tuple(cell.split()) if cell else ()


def consent_of(address: str, row: Cells | None) -> Consent:
    """The projection from the columns :data:`CONSENT`; nothing known means allowed."""
    if row is None or row[0] is None:
        return Consent(address=address)
    return Consent(address=address, opted_out=row[0] == 1, maybe=row[1] == 1, since_us=row[2])


def consent_line_of(row: Cells) -> ConsentEntry:
    """A line of the ledger from the columns :data:`CONSENT_LINE`."""
    return ConsentEntry(
        address=row[0],
        action=row[1],
        source=row[2],
        at_us=row[3],
        actor=row[4],
        evidence=row[5],
        provider_id=row[6],
        classifier=row[7],
    )


def owed_of(row: Cells) -> OwedEffect:
    """An owed effect from the columns :data:`OWED`, then the ids of practice, conversation and entry."""
    practice_id, conversation_id, entry_id = row[len(OWED) : len(OWED) + 3]
    text = SendText(
        entry_id=entry_id,
        conversation_id=conversation_id,
        attempt=row[1],
        sender=row[2],
        to=row[3],
        because=row[4],
        not_after_us=row[5],
    )
    return OwedEffect(
        effect=text,
        practice=practice_id,
        state=_STATES[row[6]],
        tries=row[7],
        owed_us=row[8],
        due_us=row[9],
        begun_us=row[10],
        lease_us=row[11],
        provider=row[12],
        provider_id=row[13],
    )


def parked_of(row: Cells) -> DeliveryReported:
    """A parked report from the columns :data:`PARKED`."""
    return DeliveryReported(
        entry_id=row[0],
        attempt=row[1],
        at_us=row[2],
        provider=row[3],
        delivery=_DELIVERY[row[4]],
        reason=row[5],
        raw=row[6],
        event_id=row[7],
    )
