"""Asking for money, and what becomes of it: the client's link, the notes in the thread, what a person must see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, assert_never

from attrs import evolve, frozen

from convokit.decisions.base import NOTHING, Before, Decision, DeliveryChange, JobSettlement
from convokit.decisions.reply import refuse_ended, refuse_not_ready
from convokit.domain.changed import changed
from convokit.domain.conversation import Conversation, Entry, EventKind, preview
from convokit.domain.delivery import Delivery
from convokit.domain.instant import HOUR
from convokit.domain.payment import FLAGS, Evidence, Page, Payment, PaymentState, evidence_of
from convokit.domain.payment_rules import payment_words
from convokit.domain.retry import wait
from convokit.domain.rules import Practice
from convokit.effects import AskPayment, OwedJob, SendText
from convokit.errors import Conflict
from convokit.facts import PaymentAsked, PaymentCancelled, PaymentPageWanted, PaymentReported, PaymentRequested
from convokit.outcomes import Accepted, TryLater, Unsure

APP: Final = "app"
"""Who says that the client opened the request in the practice's app."""

_NOTES: Final[Mapping[PaymentState, tuple[EventKind, str]]] = {
    "paid": ("payment_paid", "{amount} paid: {title}."),
    "partly_refunded": ("payment_partly_refunded", "{refunded} of {received} refunded: {title}."),
    "refunded": ("payment_refunded", "{refunded} refunded: {title}."),
    "disputed": ("payment_disputed", "The client's bank disputes the payment of {amount}: {title}."),
    "declined": ("payment_declined", "The payment of {amount} was declined: {title}. The client can try again."),
    "expired": ("payment_expired", "The request for {amount} has expired: {title}."),
    "cancelled": ("payment_cancelled", "The request for {amount} was cancelled: {title}."),
}
"""What a note of a state is called, and says; of the others the thread says nothing."""
_REFUND_FAILED: Final = "A refund failed; {refunded} of {received} refunded: {title}."


@frozen(kw_only=True)
class _Story:
    """The conversation one version up, and what is new in it."""

    conversation: Conversation
    entries: tuple[Entry, ...] = ()
    deliveries: tuple[DeliveryChange, ...] = ()
    effects: tuple[SendText, ...] = ()
    withdrawn: str | None = None

    @staticmethod
    def of(before: Before) -> _Story:
        current = before.found
        return _Story(conversation=changed(current, version=current.version + 1))

    def with_entry(self, entry: Entry) -> _Story:
        return evolve(self, conversation=changed(self.conversation, last_seq=entry.seq), entries=(*self.entries, entry))

    def with_event(self, entry_id: str, at_us: int, event: EventKind, words: str) -> _Story:
        return self.with_entry(self.event(entry_id, at_us, event, words))

    def event(self, entry_id: str, at_us: int, event: EventKind | None, words: str) -> Entry:
        return Entry(
            id=entry_id,
            conversation_id=self.conversation.id,
            seq=self.conversation.last_seq + 1,
            at_us=at_us,
            kind="event",
            side="system",
            channel=self.conversation.channel,
            event=event,
            text=words,
        )

    def unread(self) -> _Story:
        """A person must look at it, in whatever state the conversation is."""
        return evolve(self, conversation=changed(self.conversation, unread=max(self.conversation.unread, 1)))

    def decided(
        self, payment: Payment, jobs: tuple[AskPayment, ...] = (), end: JobSettlement | None = None
    ) -> Decision:
        return Decision(
            conversation=self.conversation,
            entries=self.entries,
            deliveries=self.deliveries,
            effects=self.effects,
            withdrawn=self.withdrawn,
            payment=payment,
            jobs=jobs,
            job_settlement=end,
        )


def payment(
    before: Before,
    fact: PaymentRequested | PaymentCancelled | PaymentPageWanted | PaymentAsked | PaymentReported,
    practice: Practice,
) -> Decision:
    """What follows, by the kind of fact.

    Raises:
        ConvokitError: the wish of staff does not fit the state.
    """
    match fact:
        case PaymentRequested():
            return _request(before, fact, practice)
        case PaymentCancelled():
            return _cancel(before, fact)
        case PaymentPageWanted():
            return _page_wanted(before, fact)
        case PaymentAsked():
            return _asked(before, fact, practice)
        case PaymentReported():
            return _report(before, fact, practice)
        case _:
            assert_never(fact)


def _request(before: Before, fact: PaymentRequested, practice: Practice) -> Decision:
    """The request is noted, and the provider will be asked for a link.

    Raises:
        Conflict: ``conversation.ended``; by text, where no link could be sent: ``client.opted_out``,
            ``sender.requested``, ``sender.verifying``, ``sender.suspended``.
    """
    current = before.found
    refuse_ended(current)
    refuse_not_ready(practice, current.sender)
    if current.channel == "sms" and before.opted_out:
        raise Conflict("client.opted_out", "the client opted out of texts", field="conversation_id")
    payment = Payment(
        id=fact.payment_id,
        conversation_id=current.id,
        title=fact.title,
        invoice=fact.invoice,
        money=fact.money,
        provider=fact.provider,
        by_id=fact.by_id,
        by_name=fact.by_name,
        requested_us=fact.at_us,
        expires_us=fact.expires_us,
        page=_first_page(fact),
    )
    words = f"{fact.by_name} asked for {payment.money.text}: {payment.title}."
    story = _Story.of(before).with_event(fact.entry_id, fact.at_us, "payment_requested", words)
    until_us = None if payment.page is None else payment.page.until_us
    last_us = fact.expires_us if until_us is None else until_us
    ask = AskPayment(payment_id=payment.id, conversation_id=current.id, not_after_us=last_us, until_us=until_us)
    return story.decided(payment, (ask,))


def _cancel(before: Before, fact: PaymentCancelled) -> Decision:
    """Staff take the request back: a link that was not sent yet is held back, one that was made is closed.

    Raises:
        NotFound: ``payment.unknown``.
        Conflict: ``payment.settled``: money came already; it can only be refunded, at the provider.
    """
    payment = before.found_payment
    if payment.settled:
        raise Conflict("payment.settled", "this request has been paid", field="payment_id")
    after = payment.joined(Evidence(seen=("cancelled",)), fact.at_us)
    if after == payment:
        return NOTHING
    words = f"{fact.by_name} cancelled the request for {payment.money.text}: {payment.title}."
    story = _Story.of(before).with_event(fact.entry_id, fact.at_us, "payment_cancelled", words)
    return _withdrawn(before, story).decided(after, _closing(after))


def _asked(before: Before, fact: PaymentAsked, practice: Practice) -> Decision:
    """The provider made the link, or did not. An answer that came after somebody else's settlement changes nothing."""
    owed, payment = before.job, before.payment
    if owed is None or payment is None or (owed.state, owed.tries) != ("begun", fact.tries):
        return NOTHING
    again_us = _again(owed, fact, practice)
    end = JobSettlement(key=fact.key, tries=fact.tries, again_us=again_us)
    if fact.ask == "expire" and again_us is None and isinstance(fact.outcome, Accepted):
        return _expired(before, payment, fact, end)
    over = again_us is not None or fact.ask != "open"
    if over or not (payment.payable or isinstance(fact.outcome, Accepted)):
        return Decision(job_settlement=end)
    if not isinstance(fact.outcome, Accepted):
        return _without_link(before, payment, fact, end)
    linked = _linked(payment, fact, fact.outcome)
    if not payment.payable or fact.page > 1:
        # Cancelled meanwhile, or paid by an earlier link that we never heard of: nobody is sent this one. The link to
        # a later page the client has already.
        return _Story.of(before).decided(linked, _closing(linked), end)
    return _with_link(before, linked, fact, practice, end)


def _report(before: Before, fact: PaymentReported, practice: Practice) -> Decision:
    """A provider's report joins what is known. What is known already changes nothing."""
    payment = before.payment
    if payment is None or fact.provider not in (payment.provider, APP):
        return NOTHING
    if fact.status == "expired" and payment.page is not None and fact.at_us < payment.expires_us:
        return NOTHING  # a page is over, not the request: our own link leads to another
    said = evidence_of(fact.status, movement_id=fact.movement_id, money=fact.money, test=fact.test)
    after = payment.joined(said, fact.at_us)
    if after == payment:
        return NOTHING
    story = _Story.of(before)
    if fact.status == "refund_failed":
        story = story.with_event(fact.entry_id, fact.at_us, "payment_refund_failed", _note(after, _REFUND_FAILED))
    elif after.state in _NOTES and _moved(payment, after):
        story = story.with_event(fact.entry_id, fact.at_us, _NOTES[after.state][0], _note(after))
    fresh = [FLAGS[flag] for flag in after.flags if flag not in payment.flags]
    if fresh:
        words = f"Please look at the payment of {after.money.text}, {after.title}. {' '.join(fresh)}"
        story = story.with_event(fact.flag_id, fact.at_us, "payment_flagged", words).unread()
    if after.settled and not payment.settled:
        story = _withdrawn(before, _with_receipt(before, story, after, fact, practice))
    return story.decided(after)


def _moved(before: Payment, after: Payment) -> bool:
    """Whether there is something to tell: of a refund before its payment nobody can say yet of what it is."""
    return after.state != before.state or (after.settled and after.refunded != before.refunded)


# --- the link --------------------------------------------------------------------------------------------------------


def _again(owed: OwedJob, fact: PaymentAsked, practice: Practice) -> int | None:
    """When to ask again. A link that nobody was sent harms nobody: so also when it is not known whether it was made."""
    if not isinstance(fact.outcome, (TryLater, Unsure)):
        return None
    not_before_us = _not_before(owed)
    if fact.at_us < not_before_us:
        # An hour at a time: to a store, what is due still later was written before the clock went back.
        return min(not_before_us, fact.at_us + HOUR)
    again_us = fact.at_us + wait(owed.tries, fact.outcome.after if isinstance(fact.outcome, TryLater) else None)
    return again_us if again_us <= max(owed.owed_us, not_before_us) + practice.rules.give_up_after else None


def _not_before(owed: OwedJob) -> int:
    return owed.job.not_before_us if isinstance(owed.job, AskPayment) else 0


def _with_link(
    before: Before, payment: Payment, fact: PaymentAsked, practice: Practice, end: JobSettlement
) -> Decision:
    """The client gets the link, as a message of whoever asked."""
    current = before.found
    blocked = current.channel == "sms" and before.opted_out
    story = _Story.of(before)
    message = changed(
        story.event(
            fact.entry_id, fact.at_us, None, payment_words(practice.rules.payments.prompt, practice.name, payment)
        ),
        kind="message",
        side="practice",
        author_id=payment.by_id,
        author_name=current.team_member or payment.by_name,
        delivery=Delivery.FAILED if blocked else _first_delivery(current),
        reason="opted_out" if blocked else None,
    )
    after = changed(
        story.conversation,
        last_message_seq=message.seq,
        last_us=max(current.last_us, fact.at_us),
        last_text=preview(message.text),
        last_side="practice",
        last_delivery=message.delivery,
        failed=current.failed + blocked,
    )
    effects = () if blocked else _texts(current, message.id)
    told = evolve(story, conversation=after, effects=effects).with_entry(message)
    return told.decided(evolve(payment, entry_id=message.id), _expiring(payment) if fact.outlasts else (), end)


def _first_page(fact: PaymentRequested) -> Page | None:
    if fact.link is None:
        return None
    until_us = fact.expires_us if fact.page_until_us is None else fact.page_until_us
    return Page(link=fact.link, until_us=until_us, wanted_us=fact.at_us)


def _page_wanted(before: Before, fact: PaymentPageWanted) -> Decision:
    """The provider is asked for another page, once however many clicks there were; the old one is closed."""
    payment = before.payment
    if payment is None or payment.page is None or not payment.lacks_page(fact.at_us):
        return NOTHING
    old, of = payment.page, payment.conversation_id
    page = evolve(old, wanted=old.number + 1, wanted_us=fact.at_us)
    ask = AskPayment(
        payment_id=payment.id,
        conversation_id=of,
        page=page.wanted,
        until_us=fact.until_us,
        not_after_us=fact.until_us,
    )
    still_open = fact.closes and fact.at_us <= old.until_us
    return _Story.of(before).decided(evolve(payment, page=page), (ask, *(_close(payment) if still_open else ())))


def _linked(payment: Payment, fact: PaymentAsked, made: Accepted) -> Payment:
    """The payment with the page that the provider has made; the client gets our own link to it, where there is one."""
    if payment.page is None:
        return evolve(payment, url=made.url, provider_id=made.provider_id)
    page = evolve(payment.page, number=fact.page, url=made.url, until_us=fact.until_us)
    return evolve(payment, url=page.link, provider_id=made.provider_id, page=page)


def _without_link(before: Before, payment: Payment, fact: PaymentAsked, end: JobSettlement) -> Decision:
    after = payment.joined(Evidence(seen=("link_failed",)), fact.at_us)
    words = f"{FLAGS['link_failed']} It was for {payment.money.text}: {payment.title}."
    story = _Story.of(before).with_event(fact.entry_id, fact.at_us, "payment_link_failed", words)
    return story.unread().decided(after, end=end)


def _expiring(payment: Payment) -> tuple[AskPayment, ...]:
    """What makes a link useless when its time is over: it may not know of it."""
    of = payment.conversation_id
    return (AskPayment(payment_id=payment.id, conversation_id=of, ask="expire", not_before_us=payment.expires_us),)


def _expired(before: Before, payment: Payment, fact: PaymentAsked, end: JobSettlement) -> Decision:
    """The link was closed because its time is over. A client who was faster has paid: then there is nothing to say."""
    after = payment.joined(Evidence(seen=("expired",)), fact.at_us)
    story = _Story.of(before)
    if after.state != payment.state:
        story = story.with_event(fact.entry_id, fact.at_us, "payment_expired", _note(after))
    return story.decided(after, end=end)


def _closing(payment: Payment) -> tuple[AskPayment, ...]:
    """What makes a link useless that nobody shall pay by any more."""
    unwanted = payment.state == "cancelled" or (payment.page is not None and payment.state == "expired")
    if payment.url is None or not unwanted or (payment.page is not None and payment.page.is_wanted):
        return ()  # of a page that another one follows: it is closed or over already
    return _close(payment)


def _close(payment: Payment) -> tuple[AskPayment, ...]:
    """Close the newest page, which need not be that any more when it is done."""
    page = 1 if payment.page is None else payment.page.number
    known, of = payment.provider_id, payment.conversation_id
    return (AskPayment(payment_id=payment.id, conversation_id=of, ask="close", page=page, provider_id=known),)


def _withdrawn(before: Before, story: _Story) -> _Story:
    """Hold the message with the link back, if nobody has begun to hand it over."""
    owed, entry, current = before.effect, before.entry, story.conversation
    if owed is None or entry is None or owed.state != "owed":
        return story
    if entry.delivery is not Delivery.QUEUED:
        # It was to be sent again, and its first text has arrived meanwhile: that stays true.
        return evolve(story, withdrawn=owed.key)
    change = DeliveryChange(
        entry_id=entry.id,
        attempt=entry.attempt,
        delivery=Delivery.FAILED,
        reason="cancelled",
        # Nobody has to decide about it any more.
        flags=tuple(dict.fromkeys((*entry.flags, "left"))),
    )
    last = Delivery.FAILED if entry.seq == current.last_message_seq else current.last_delivery
    return evolve(story, conversation=changed(current, last_delivery=last), deliveries=(change,), withdrawn=owed.key)


# --- notes -----------------------------------------------------------------------------------------------------------


def _note(payment: Payment, words: str | None = None) -> str:
    return (words or _NOTES[payment.state][1]).format(
        amount=payment.money.text,
        received=payment.received.text,
        refunded=payment.refunded.text,
        title=payment.title,
    )


def _with_receipt(before: Before, story: _Story, payment: Payment, fact: PaymentReported, practice: Practice) -> _Story:
    """The client's own note of the payment; none for those who want no texts, or may want none."""
    current, template = story.conversation, practice.rules.payments.receipt
    unwanted = before.consent is not None and (before.consent.opted_out or before.consent.maybe)
    if payment.state != "paid" or not template or current.is_erased or (current.channel == "sms" and unwanted):
        return story
    note = story.event(fact.receipt_id, fact.at_us, None, payment_words(template, practice.name, payment))
    receipt = evolve(note, kind="automatic", side="practice", delivery=_first_delivery(current))
    return evolve(story.with_entry(receipt), effects=_texts(current, receipt.id))


def _first_delivery(current: Conversation) -> Delivery:
    return Delivery.SENT if current.channel == "app" else Delivery.QUEUED


def _texts(current: Conversation, entry_id: str) -> tuple[SendText, ...]:
    if current.channel == "app":
        return ()
    return (SendText(entry_id=entry_id, conversation_id=current.id, sender=current.sender, to=current.address),)
