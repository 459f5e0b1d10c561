"""The host's own knowledge of reminders: what a patient needs, and by when."""

from __future__ import annotations

from typing import Protocol

from convokit.domain.reminders import Every, PastDue, PatientReminders, Recurring, Reminder

__all__ = ["Every", "PastDue", "PatientReminders", "Recurring", "Reminder", "Reminders"]


class Reminders(Protocol):
    """What ``convokit_reminders`` returns."""

    def due_for(self, practice_id: str, patient_id: str) -> PatientReminders | None:
        """The open reminders of a patient of this practice, and whether the patient is alive and active.

        ``None`` for a patient that is not known. Asked whenever the emojis are shown, once per patient of a list, in
        the thread that asks: keep it to some milliseconds. What it raises costs these emojis and nothing else.
        """
        ...
