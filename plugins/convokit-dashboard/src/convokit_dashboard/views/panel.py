"""The panel beside the thread: client, patient, what is past due, the note, payments."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from convokit.domain.candidates import Candidate
from convokit.domain.client_notes import ClientNote
from convokit.domain.consent_ledger import Consent
from convokit.domain.conversation import Conversation
from convokit.runtime.desk.reminders import PastDueReminders
from convokit_dashboard.views.payments import PaymentCard
from convokit_dashboard.views.people import Emoji, Way, client_words, emojis, initials, phone_words, way
from convokit_dashboard.views.rows import Around
from convokit_dashboard.views.times import Moment


@frozen(kw_only=True)
class PanelView:
    """What is known of the client and the patient.

    Attributes:
        consent: ``"allowed"``, ``"out"``, ``"maybe"``; empty in the app.
        candidates: the clients who have the number, where staff are to choose.
        complete: whether the host could say all that is past due.
        previous: the conversation that this one follows.
    """

    client: str
    client_id: str
    initials: str
    email: str
    phone: str
    way: Way
    patient: str
    past_due: tuple[Emoji, ...]
    complete: bool
    consent: str
    note: str
    note_version: int
    note_by: str
    note_at: Moment | None
    candidates: tuple[Candidate, ...]
    payments: tuple[PaymentCard, ...]
    previous: str
    started: Moment
    sender: str


def panel(
    known: Conversation,
    *,
    note: ClientNote | None,
    reminders: PastDueReminders,
    consent: Consent | None,
    payments: Iterable[PaymentCard],
    around: Around,
) -> PanelView:
    """The panel beside a conversation."""
    at = None if note is None or note.at is None else around.moment(note.at)
    return PanelView(
        client=client_words(known, around.words),
        client_id=known.client_id or "",
        initials=initials(known.client_name),
        email=known.client_email,
        phone=phone_words(known.client_phone) if known.client_phone else "",
        way=way(known, around.words),
        patient=known.patient_name,
        past_due=emojis(reminders, around.words),
        complete=reminders.complete,
        consent=_consent(consent),
        note="" if note is None else note.text,
        note_version=0 if note is None else note.version,
        note_by="" if note is None else note.author_name,
        note_at=at,
        candidates=known.candidates,
        payments=tuple(payments),
        previous=known.previous_id or "",
        started=around.moment(known.started_at),
        sender=phone_words(known.sender) if known.channel == "sms" else "",
    )


def _consent(consent: Consent | None) -> str:
    if consent is None:
        return ""
    if consent.opted_out:
        return "out"
    return "maybe" if consent.maybe else "allowed"
