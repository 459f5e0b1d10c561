"""Names of exported files: they sort, they are safe on every file system, and two conversations never share one."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from convokit.domain.conversation import Conversation
from convokit.domain.instant import to_datetime
from convokit.domain.rules import Practice
from convokit.transcripts.file_names import plain, telling


def file_name(practice: Practice, conversation: Conversation, suffix: str) -> str:
    """``2026-03-08_Bella_Ana-Ruiz_0123456789abcdef.pdf``: the local day it began, patient, client, a digest of its id.

    Letters, digits, ``-`` and ``_`` only, at most 130 characters, and no name that Windows reserves. What is not Latin
    falls away from the names, never from the transcript; the digest tells two alike apart.
    """
    day = to_datetime(conversation.started_us).astimezone(ZoneInfo(practice.time_zone)).date()
    who = plain(conversation.patient_name), plain(conversation.client_name)
    parts = (day.isoformat(), *(part for part in who if part), telling(practice.id, conversation.id))
    return "_".join(parts) + suffix
