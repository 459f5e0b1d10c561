"""Past-due reminders: what the host knows, as emojis beside a conversation. Nothing of it is stored."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import islice
from typing import Final

from attrs import frozen

from convokit.decisions.base import unknown_conversation
from convokit.domain.conversation import Conversation
from convokit.domain.inbox import LARGEST_PAGE
from convokit.domain.reminders import PastDue, PatientReminders, local_day, past_due
from convokit.errors import InvalidInput
from convokit.plugins.bounded import PluginFailed
from convokit.plugins.faults import contain, log_fault
from convokit.ports.reminders import Reminders
from convokit.runtime.desk.base import DeskBase

_MOST_FAULTS: Final = 3
"""Failures of the host in one list, after which the other patients are not asked for: a list must not hang."""

_log = logging.getLogger("convokit.reminders")


@frozen(kw_only=True)
class PastDueReminders:
    """What is past due for the patient of a conversation.

    Attributes:
        items: the longest overdue first, each kind once.
        complete: ``False`` where the host could not say, or had more than 100 reminders: there may be others, so an
            empty ``items`` does not mean that nothing is past due.
    """

    items: tuple[PastDue, ...] = ()
    complete: bool = True


_NONE: Final = PastDueReminders()
_UNKNOWN: Final = PastDueReminders(complete=False)


class DeskReminders(DeskBase):
    """Past-due reminders of one conversation, and of a list."""

    def past_due(self, conversation_id: str) -> PastDueReminders:
        """What is past due today for the patient of a conversation; nothing when it has no patient.

        Raises:
            NotFound: ``conversation.unknown``.
        """
        known = self.conversation(conversation_id)
        return self.past_due_for((known,))[known.id]

    def past_due_for(self, conversations: Iterable[Conversation]) -> Mapping[str, PastDueReminders]:
        """The same for the rows of a page, by conversation id. The host is asked once per patient.

        Raises:
            InvalidInput: ``conversations.type``, ``conversations.too_many`` (limit 200).
            NotFound: ``conversation.unknown``: one is of a department that this desk does not see.
        """
        rows = _checked(conversations)
        if not all(map(self._sees, rows)):
            raise unknown_conversation()
        host = self._steps.catalogue.reminders
        if host is None:
            return {row.id: _NONE for row in rows}
        today = local_day(self._world.now_us(), self.practice.time_zone)
        found: dict[str, PastDueReminders] = {}
        faults = 0
        for patient_id in dict.fromkeys(row.patient_id for row in rows if row.patient_id is not None):
            told = self._ask(host, patient_id, today) if faults < _MOST_FAULTS else None
            faults += told is None
            found[patient_id] = told or _UNKNOWN
        return {row.id: _NONE if row.patient_id is None else found[row.patient_id] for row in rows}

    def _ask(self, host: Reminders, patient_id: str, today: date) -> PastDueReminders | None:
        """What the host says, or ``None`` when it fails: the list is shown without its emojis then."""
        who = f"the reminders for practice {self.practice.id}"
        try:
            told = self._steps.catalogue.calls.call(who, lambda: host.due_for(self.practice.id, patient_id))
            if told is None:
                return _NONE
            if not isinstance(told, PatientReminders) or told.patient_id != patient_id:
                _log.error("reminders.contract: practice %s was told of something else", self.practice.id)
                return None
            items = past_due(told, today=today, rules=self.practice.rules)
        except PluginFailed as failed:
            log_fault(_log, f"the reminders of practice {self.practice.id} failed", failed.error)
            return None
        except BaseException as error:  # a value that raises when it is looked at
            contain(error)
            log_fault(_log, f"the reminders of practice {self.practice.id} could not be read", error)
            return None
        return PastDueReminders(items=items, complete=not told.too_many)


def _checked(conversations: Iterable[Conversation]) -> tuple[Conversation, ...]:
    wrong = InvalidInput(
        "conversations.type", "conversations are those of a page", field="conversations", limit="Conversation"
    )
    try:
        rows = tuple(islice(conversations, LARGEST_PAGE + 1))
    except TypeError:
        raise wrong from None
    if not all(isinstance(row, Conversation) for row in rows):
        raise wrong
    if len(rows) > LARGEST_PAGE:
        why = "more conversations than a page has"
        raise InvalidInput("conversations.too_many", why, field="conversations", limit=str(LARGEST_PAGE))
    return rows
