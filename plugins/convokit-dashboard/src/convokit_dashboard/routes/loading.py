"""Loading a conversation with all that stands around it."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from convokit.domain.consent_ledger import Consent
from convokit.domain.conversation import Conversation, Entry
from convokit.domain.inbox import LARGEST_PAGE
from convokit.domain.senders import not_ready
from convokit_dashboard.call import Call
from convokit_dashboard.routes.canned import canned_for
from convokit_dashboard.views.composer import ComposerView, composer
from convokit_dashboard.views.panel import PanelView, panel
from convokit_dashboard.views.payments import PaymentCard, card
from convokit_dashboard.views.people import Way, client_words, department_name, urgency_words, way
from convokit_dashboard.views.thread import Bubble, timeline

WINDOW: Final = 50
"""Entries that a thread shows first; older ones come when one scrolls up to them."""


@frozen(kw_only=True)
class HeadView:
    """What stands above a thread."""

    id: str
    client: str
    patient: str
    title: str
    way: Way
    team_member: str
    urgency: str
    urgency_level: str
    department: str
    department_id: str
    assignee: str
    assignee_id: str
    ended: bool
    erased: bool
    failed: int
    unread: int
    texting: bool
    opted_out: bool
    waiting: str
    no_filing: str


@frozen(kw_only=True)
class ThreadView:
    """A conversation, as the middle of the page shows it.

    Attributes:
        first: sequence number of the first entry that is shown. last: of the newest one.
        older: the address of the page before, or empty.
    """

    head: HeadView
    bubbles: tuple[Bubble, ...]
    first: int
    last: int
    older: str
    composer: ComposerView
    panel: PanelView
    ref: str


def load_thread(call: Call, conversation_id: str, *, first: int | None = None) -> ThreadView:
    """A conversation with its newest entries, or all from ``first`` on, as far as that is one page."""
    desk = call.desk
    known = desk.conversation(conversation_id)
    limit = WINDOW if first is None else min(max(known.last_seq - first + 1, 1), LARGEST_PAGE)
    page = desk.thread(known.id, limit=limit)
    consent = desk.consent(known.address) if known.channel == "sms" and not known.is_erased else None
    cards = {one.id: card(one, call.around) for one in desk.payments(known.id)}
    by_entry = {one.entry_id: cards[one.id] for one in desk.payments(known.id) if one.entry_id}
    return ThreadView(
        head=head(call, known, consent),
        bubbles=timeline(known, page.items, by_entry, call.around),
        first=page.items[0].seq if page.items else 0,
        last=known.last_seq,
        older="" if page.next is None else call.url(f"/parts/older/{known.id}", ("before", page.next)),
        composer=_composer(call, known, consent),
        panel=_panel(call, known, consent, tuple(cards.values())),
        ref=call.site.kit.world.fresh_id("ref"),
    )


def load_older(call: Call, conversation_id: str, before: str) -> tuple[tuple[Bubble, ...], str]:
    """A page of older entries, and the address of the one before it."""
    known = call.desk.conversation(conversation_id)
    page = call.desk.thread(known.id, before=before, limit=WINDOW)
    by_entry = {one.entry_id: card(one, call.around) for one in call.desk.payments(known.id) if one.entry_id}
    more = "" if page.next is None else call.url(f"/parts/older/{known.id}", ("before", page.next))
    return timeline(known, page.items, by_entry, call.around), more


def head(call: Call, known: Conversation, consent: Consent | None) -> HeadView:
    """What stands above the thread."""
    words, since = call.words, known.awaiting_reply_since
    return HeadView(
        id=known.id,
        client=client_words(known, words),
        patient=known.patient_name,
        title=known.title,
        way=way(known, words),
        team_member=known.team_member,
        urgency=urgency_words(known.urgency_level, words),
        urgency_level=known.urgency_level,
        department=department_name(known, call.departments),
        department_id=known.department,
        assignee=known.assignee_name,
        assignee_id=known.assignee_id or "",
        ended=known.ended,
        erased=known.is_erased,
        failed=known.failed,
        unread=known.unread,
        texting=known.channel == "sms" and not known.is_erased,
        opted_out=consent is not None and consent.opted_out,
        no_filing=_no_filing(call, known),
        waiting="" if since is None or known.ended else call.around.moment(since).age,
    )


def _no_filing(call: Call, known: Conversation) -> str:
    """Why its transcript cannot be filed in the medical record, in words for the front desk; empty if it can."""
    if not call.desk.can_file_transcripts:
        return call.words("No medical record is set up here. Please tell your administrator.")
    return call.words("The client of this conversation was erased.") if known.is_erased else ""


def _composer(call: Call, known: Conversation, consent: Consent | None) -> ComposerView:
    desk = call.desk
    texting = known.channel == "sms" and not known.is_erased
    stopped = not_ready(desk.practice, known.sender) if texting else None
    return composer(
        known,
        consent=consent,
        health=desk.number_health(known.address) if texting else None,
        sender_reason="" if stopped is None else stopped.reason,
        pay=desk.can_request_payment(known.id),
        canned=canned_for(call, known),
        words=call.words,
    )


def _panel(call: Call, known: Conversation, consent: Consent | None, cards: tuple[PaymentCard, ...]) -> PanelView:
    desk = call.desk
    return panel(
        known,
        note=None if known.client_id is None else desk.client_note(known.client_id),
        reminders=desk.past_due(known.id),
        consent=consent,
        payments=cards,
        around=call.around,
    )


def entries_since(call: Call, conversation_id: str, seq: int) -> tuple[Entry, ...]:
    """The entries after a sequence number, at most one page."""
    known = call.desk.conversation(conversation_id)
    limit = min(max(known.last_seq - seq, 1), LARGEST_PAGE)
    return tuple(one for one in call.desk.thread(known.id, limit=limit).items if one.seq > seq)
