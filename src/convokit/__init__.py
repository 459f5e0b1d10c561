"""convokit: a two-way conversations desk for veterinary practice software.

Everything promised is a name of this module; the rest may change. Names are imported when they are first used, so
``import convokit`` costs almost nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from convokit.domain.app_view import AppConversation, AppMessage
    from convokit.domain.attachment import Attachment, Upload
    from convokit.domain.audience import AppAudience, ChannelChoice
    from convokit.domain.candidates import Candidate
    from convokit.domain.canned import CannedReply
    from convokit.domain.client_notes import ClientNote
    from convokit.domain.consent import Verdict, classify_text
    from convokit.domain.consent_ledger import Consent, ConsentEntry
    from convokit.domain.conversation import Conversation, Entry
    from convokit.domain.delivery import Delivery, Indicator, indicator
    from convokit.domain.departments import Department
    from convokit.domain.end_of_day import DayReport, EndOfDayState
    from convokit.domain.erasure import ErasureReport, Kept
    from convokit.domain.hours import ConversationHours
    from convokit.domain.inbox import Badges, Page
    from convokit.domain.mail_rules import EndOfDay, MailRules
    from convokit.domain.money import Money
    from convokit.domain.number_health import NumberHealth
    from convokit.domain.payment import Payment
    from convokit.domain.payment_rules import PaymentRules
    from convokit.domain.people import Client, Patient, Staff
    from convokit.domain.push_rules import PushRules
    from convokit.domain.quiet import QuietHours
    from convokit.domain.record_rules import RecordRules
    from convokit.domain.redaction import Redaction
    from convokit.domain.reminders import PastDue
    from convokit.domain.rules import Practice, Rules
    from convokit.domain.search import SearchHit
    from convokit.domain.sms_segments import Segments, count_segments
    from convokit.errors import ConfigurationError, Conflict, ConvokitError, InvalidInput, NotFound, StorageError
    from convokit.ports.directory import Match
    from convokit.ports.store_lists import Change
    from convokit.ports.wire import HttpRequest, HttpResponse
    from convokit.runtime.app_front import AppFront, AppUser
    from convokit.runtime.asgi import asgi_app
    from convokit.runtime.desk import OpenNow, OptOut, PastDueReminders, PaymentAvailability, PracticeDesk
    from convokit.runtime.documents import TranscriptSettings
    from convokit.runtime.health import Health, ProviderHealth
    from convokit.runtime.kit import Convokit
    from convokit.runtime.opening import open
    from convokit.runtime.payments_report import PaymentsReport
    from convokit.runtime.plugin_limits import PluginLimits
    from convokit.runtime.rules_file import load_practices
    from convokit.runtime.rules_mapping import practice_from, rules_from
    from convokit.runtime.worker import WorkReport
    from convokit.runtime.wsgi import wsgi_app

__version__ = "0.1.0"

_HOMES = {
    "convokit.domain.app_view": ("AppConversation", "AppMessage"),
    "convokit.domain.attachment": ("Attachment", "Upload"),
    "convokit.domain.audience": ("AppAudience", "ChannelChoice"),
    "convokit.domain.candidates": ("Candidate",),
    "convokit.domain.canned": ("CannedReply",),
    "convokit.domain.client_notes": ("ClientNote",),
    "convokit.domain.departments": ("Department",),
    "convokit.domain.money": ("Money",),
    "convokit.domain.number_health": ("NumberHealth",),
    "convokit.domain.consent": ("Verdict", "classify_text"),
    "convokit.domain.consent_ledger": ("Consent", "ConsentEntry"),
    "convokit.domain.conversation": ("Conversation", "Entry"),
    "convokit.domain.delivery": ("Delivery", "Indicator", "indicator"),
    "convokit.domain.end_of_day": ("DayReport", "EndOfDayState"),
    "convokit.domain.erasure": ("ErasureReport", "Kept"),
    "convokit.domain.mail_rules": ("EndOfDay", "MailRules"),
    "convokit.domain.hours": ("ConversationHours",),
    "convokit.domain.inbox": ("Badges", "Page"),
    "convokit.domain.payment": ("Payment",),
    "convokit.domain.payment_rules": ("PaymentRules",),
    "convokit.domain.people": ("Client", "Patient", "Staff"),
    "convokit.domain.push_rules": ("PushRules",),
    "convokit.domain.quiet": ("QuietHours",),
    "convokit.domain.record_rules": ("RecordRules",),
    "convokit.domain.redaction": ("Redaction",),
    "convokit.domain.reminders": ("PastDue",),
    "convokit.domain.rules": ("Practice", "Rules"),
    "convokit.domain.search": ("SearchHit",),
    "convokit.domain.sms_segments": ("Segments", "count_segments"),
    "convokit.errors": (
        "ConfigurationError",
        "Conflict",
        "ConvokitError",
        "InvalidInput",
        "NotFound",
        "StorageError",
    ),
    "convokit.ports.directory": ("Match",),
    "convokit.ports.store_lists": ("Change",),
    "convokit.ports.wire": ("HttpRequest", "HttpResponse"),
    "convokit.runtime.app_front": ("AppFront", "AppUser"),
    "convokit.runtime.asgi": ("asgi_app",),
    "convokit.runtime.desk": ("OpenNow", "OptOut", "PastDueReminders", "PaymentAvailability", "PracticeDesk"),
    "convokit.runtime.documents": ("TranscriptSettings",),
    "convokit.runtime.health": ("Health", "ProviderHealth"),
    "convokit.runtime.kit": ("Convokit",),
    "convokit.runtime.opening": ("open",),
    "convokit.runtime.payments_report": ("PaymentsReport",),
    "convokit.runtime.plugin_limits": ("PluginLimits",),
    "convokit.runtime.rules_file": ("load_practices",),
    "convokit.runtime.rules_mapping": ("practice_from", "rules_from"),
    "convokit.runtime.worker": ("WorkReport",),
    "convokit.runtime.wsgi": ("wsgi_app",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "AppAudience",
    "AppConversation",
    "AppFront",
    "AppMessage",
    "AppUser",
    "Attachment",
    "Badges",
    "Candidate",
    "CannedReply",
    "Change",
    "ChannelChoice",
    "Client",
    "ClientNote",
    "ConfigurationError",
    "Conflict",
    "Consent",
    "ConsentEntry",
    "Conversation",
    "ConversationHours",
    "Convokit",
    "ConvokitError",
    "DayReport",
    "Delivery",
    "Department",
    "EndOfDay",
    "EndOfDayState",
    "Entry",
    "ErasureReport",
    "Health",
    "HttpRequest",
    "HttpResponse",
    "Indicator",
    "InvalidInput",
    "Kept",
    "MailRules",
    "Match",
    "Money",
    "NotFound",
    "NumberHealth",
    "OpenNow",
    "OptOut",
    "Page",
    "PastDue",
    "PastDueReminders",
    "Patient",
    "Payment",
    "PaymentAvailability",
    "PaymentRules",
    "PaymentsReport",
    "PluginLimits",
    "Practice",
    "PracticeDesk",
    "ProviderHealth",
    "PushRules",
    "QuietHours",
    "RecordRules",
    "Redaction",
    "Rules",
    "SearchHit",
    "Segments",
    "Staff",
    "StorageError",
    "TranscriptSettings",
    "Upload",
    "Verdict",
    "WorkReport",
    "asgi_app",
    "classify_text",
    "count_segments",
    "indicator",
    "load_practices",
    "open",
    "practice_from",
    "rules_from",
    "wsgi_app",
]


def __getattr__(name: str) -> object:
    """Import a promised name when it is first used (PEP 562)."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'convokit' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
