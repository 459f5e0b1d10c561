"""A practice's desk, part by part."""

from __future__ import annotations

from convokit.runtime.desk.acting import DeskActing
from convokit.runtime.desk.app import DeskApp
from convokit.runtime.desk.apps import DeskApps
from convokit.runtime.desk.consent import DeskConsent, OptOut
from convokit.runtime.desk.ending import DeskEnding
from convokit.runtime.desk.erasing import DeskErasing
from convokit.runtime.desk.hours import DeskHours, OpenNow
from convokit.runtime.desk.payments import DeskPayments, PaymentAvailability
from convokit.runtime.desk.people import DeskPeople
from convokit.runtime.desk.reading import DeskReading
from convokit.runtime.desk.reminders import DeskReminders, PastDueReminders
from convokit.runtime.desk.searching import DeskSearching
from convokit.runtime.desk.transcripts import DeskTranscripts

__all__ = ["OpenNow", "OptOut", "PastDueReminders", "PaymentAvailability", "PracticeDesk"]


class PracticeDesk(
    DeskApp,
    DeskApps,
    DeskReading,
    DeskSearching,
    DeskTranscripts,
    DeskActing,
    DeskConsent,
    DeskHours,
    DeskReminders,
    DeskPeople,
    DeskEnding,
    DeskPayments,
    DeskErasing,
):
    """The conversations of one practice; it sees this practice only, and an id of another one is simply unknown.

    Every method that changes something returns after it is committed and synced. ``by`` is the authenticated member
    of staff. Errors are :class:`~convokit.errors.ConvokitError`. Safe for every thread.
    """
