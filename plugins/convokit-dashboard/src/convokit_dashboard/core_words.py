"""The sentences of the desk itself that the front desk reads: marks, reasons, reminders; to be translated."""

from __future__ import annotations

from convokit.domain.audience import EVERYBODY, AppAudience, app_choice
from convokit.domain.delivery import Delivery, indicator
from convokit.domain.mail_reasons import MAIL_ADVICE
from convokit.domain.payment import FLAGS
from convokit.domain.people import Client
from convokit.domain.reasons import REASONS
from convokit.domain.record_reasons import NO_CLEAR_ANSWER, RECORD_ADVICE
from convokit.domain.reminder_kinds import KINDS
from convokit.domain.senders import NOT_READY
from convokit_dashboard.views.transcripts import FORMATS

PAYMENT_REASONS = (
    "No payment provider is set up for this practice.",
    "Payments are not set up correctly. Please tell your administrator.",
    "The client opted out of texts, so no payment link can be sent.",
    "The conversation has ended; restart it first.",
)
CHANNEL_REASONS = (
    "No phone number is known of this client.",
    "The practice has no number to text from.",
)
"""Sentences that stand in the middle of the desk's code; tests compare them with what it says."""


def core_words() -> tuple[str, ...]:
    """Every sentence, in English, each once."""
    found: dict[str, None] = {}
    for channel in ("app", "sms"):
        for delivery in Delivery:
            shown = indicator(channel=channel, delivery=delivery)
            found.update(dict.fromkeys([shown.label, *([shown.advice] if shown.advice else [])]))
    found[indicator(channel="sms", delivery=Delivery.QUEUED, quiet=True).label] = None
    found.update(dict.fromkeys(reason.advice for reason in REASONS.values()))
    found.update(dict.fromkeys(kind.label for kind in KINDS))
    found.update(dict.fromkeys(FLAGS.values()))
    found.update(dict.fromkeys((*MAIL_ADVICE.values(), *RECORD_ADVICE.values(), NO_CLEAR_ANSWER)))
    found.update(dict.fromkeys(one.reason for one in NOT_READY.values()))
    nobody = Client(id="-", name="-", has_app=False)
    for audience in (AppAudience(who="disabled"), AppAudience(who="selected"), EVERYBODY):
        found[app_choice(audience, nobody).reason] = None
    found.update(dict.fromkeys((*PAYMENT_REASONS, *CHANNEL_REASONS)))
    found.update(dict.fromkeys(one.name for one in FORMATS))
    return tuple(one for one in found if one)
