"""Names of exported files: they sort, they are safe on every file system, and two conversations never share one."""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

from convokit.domain.conversation import Conversation
from convokit.domain.instant import to_datetime
from convokit.domain.rules import Practice

_LONGEST: Final = 40
_TELLING: Final = 16
_NOT_PLAIN: Final = re.compile(r"[^A-Za-z0-9]+")


def file_name(practice: Practice, conversation: Conversation, suffix: str) -> str:
    """``2026-03-08_Bella_Ana-Ruiz_0123456789abcdef.pdf``: the local day it began, patient, client, a digest of its id.

    Letters, digits, ``-`` and ``_`` only, at most 130 characters, and no name that Windows reserves. What is not Latin
    falls away from the names, never from the transcript; the digest tells two alike apart.
    """
    day = to_datetime(conversation.started_us).astimezone(ZoneInfo(practice.time_zone)).date()
    telling = sha256(f"{practice.id}\n{conversation.id}".encode("utf-8", "backslashreplace")).hexdigest()[:_TELLING]
    parts = (plain(conversation.patient_name), plain(conversation.client_name), telling)
    return "_".join((day.isoformat(), *(part for part in parts if part))) + suffix


def plain(text: str) -> str:
    """The Latin letters and digits of a name, marks taken off, with ``-`` for what was between them."""
    latin = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return _NOT_PLAIN.sub("-", latin).strip("-")[:_LONGEST].strip("-")
