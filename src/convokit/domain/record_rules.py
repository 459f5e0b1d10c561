"""What a practice has decided about filing transcripts in the medical record."""

from __future__ import annotations

from typing import Final, Literal

from attrs import frozen

RecordFormat = Literal["pdf", "html", "json", "txt"]

FORMATS: Final[tuple[RecordFormat, ...]] = ("pdf", "html", "json", "txt")
"""What a record gets. Not an archive: it holds the files that were sent, and a record is handed over in one piece."""


@frozen(kw_only=True)
class RecordRules:
    """What is filed, where the host has set up a medical record to file in (``convokit_records``).

    Attributes:
        on_end: the transcript is filed whenever a conversation ends.
        format: ``"pdf"``, ``"html"``, ``"json"`` or ``"txt"``.
    """

    on_end: bool = True
    format: RecordFormat = "pdf"


USUAL_RECORDS: Final = RecordRules()
