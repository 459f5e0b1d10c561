"""convokit: a two-way conversations desk for veterinary practice software.

Everything promised is a name of this module; the rest may change. Names are imported when they are first used, so
``import convokit`` costs almost nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from convokit.domain.consent import Verdict, classify_text
    from convokit.domain.consent_ledger import Consent, ConsentEntry
    from convokit.domain.conversation import Conversation, Entry
    from convokit.domain.delivery import Delivery, Indicator, indicator
    from convokit.domain.inbox import Badges, Page
    from convokit.domain.people import Client, Patient, Staff
    from convokit.domain.reminders import PastDue
    from convokit.domain.rules import Practice, Rules
    from convokit.domain.sms_segments import Segments, count_segments
    from convokit.errors import ConfigurationError, Conflict, ConvokitError, InvalidInput, NotFound, StorageError
    from convokit.ports.store import Change
    from convokit.ports.wire import HttpRequest, HttpResponse
    from convokit.runtime.asgi import asgi_app
    from convokit.runtime.desk import OptOut, PastDueReminders, PracticeDesk
    from convokit.runtime.kit import Convokit
    from convokit.runtime.opening import open
    from convokit.runtime.worker import WorkReport
    from convokit.runtime.wsgi import wsgi_app

__version__ = "0.1.0"

_HOMES = {
    "convokit.domain.consent": ("Verdict", "classify_text"),
    "convokit.domain.consent_ledger": ("Consent", "ConsentEntry"),
    "convokit.domain.conversation": ("Conversation", "Entry"),
    "convokit.domain.delivery": ("Delivery", "Indicator", "indicator"),
    "convokit.domain.inbox": ("Badges", "Page"),
    "convokit.domain.people": ("Client", "Patient", "Staff"),
    "convokit.domain.reminders": ("PastDue",),
    "convokit.domain.rules": ("Practice", "Rules"),
    "convokit.domain.sms_segments": ("Segments", "count_segments"),
    "convokit.errors": (
        "ConfigurationError",
        "Conflict",
        "ConvokitError",
        "InvalidInput",
        "NotFound",
        "StorageError",
    ),
    "convokit.ports.store": ("Change",),
    "convokit.ports.wire": ("HttpRequest", "HttpResponse"),
    "convokit.runtime.asgi": ("asgi_app",),
    "convokit.runtime.desk": ("OptOut", "PastDueReminders", "PracticeDesk"),
    "convokit.runtime.kit": ("Convokit",),
    "convokit.runtime.opening": ("open",),
    "convokit.runtime.worker": ("WorkReport",),
    "convokit.runtime.wsgi": ("wsgi_app",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Badges",
    "Change",
    "Client",
    "ConfigurationError",
    "Conflict",
    "Consent",
    "ConsentEntry",
    "Conversation",
    "Convokit",
    "ConvokitError",
    "Delivery",
    "Entry",
    "HttpRequest",
    "HttpResponse",
    "Indicator",
    "InvalidInput",
    "NotFound",
    "OptOut",
    "Page",
    "PastDue",
    "PastDueReminders",
    "Patient",
    "Practice",
    "PracticeDesk",
    "Rules",
    "Segments",
    "Staff",
    "StorageError",
    "Verdict",
    "WorkReport",
    "asgi_app",
    "classify_text",
    "count_segments",
    "indicator",
    "open",
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
