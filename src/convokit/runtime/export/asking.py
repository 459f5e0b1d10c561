"""What a caller may ask of an export, checked."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import date, datetime, time
from pathlib import Path
from typing import Final, cast
from zoneinfo import ZoneInfo

from convokit.domain.instant import to_micros
from convokit.domain.local_time import instant_of
from convokit.domain.redaction import Redaction
from convokit.domain.rules import Practice
from convokit.errors import InvalidInput
from convokit.runtime.checks import check_id
from convokit.runtime.checks_transcripts import check_redaction
from convokit.runtime.export.running import Period, Wanted
from convokit.transcripts import FORMATS

_STATES: Final = ("open", "ended")
MOST_PROCESSES: Final = 64


def wanted(
    practices: Iterable[Practice],
    *,
    format: str,  # noqa: A002 - the word of the front door
    since: date | None,
    before: date | None,
    client_id: str | None,
    patient_id: str | None,
    state: str | None,
    internal_notes: bool,
    redact: Redaction,
) -> Wanted:
    """What is wanted.

    Raises:
        InvalidInput: ``export.format``, ``export.state``, ``time.naive``, ``export.since``, ``client_id...``,
            ``transcript.redact``: no redaction, or one that chooses messages, which are one conversation's.
    """
    if format not in FORMATS:
        raise InvalidInput("export.format", "unknown format", field="format", limit=", ".join(FORMATS))
    if state is not None and state not in _STATES:
        raise InvalidInput("export.state", "unknown state", field="state", limit=", ".join(_STATES))
    _period(ZoneInfo("UTC"), since, before)  # a database without a practice refuses the same
    whose = tuple(practices)
    left_out = check_redaction(redact)
    if left_out.messages:
        why = "messages are chosen in one conversation, not in an export of many"
        raise InvalidInput("transcript.redact", why, field="redact", limit="phone_numbers, client_name")
    return Wanted(
        practices=whose,
        periods={one.id: _period(ZoneInfo(one.time_zone), since, before) for one in whose},
        suffix=f".{format}",
        client_id=None if client_id is None else check_id(client_id, "client_id"),
        patient_id=None if patient_id is None else check_id(patient_id, "patient_id"),
        state=None if state is None else ("open" if state == "open" else "ended"),
        internal_notes=internal_notes is True,
        redacted=left_out.kinds,
    )


def _period(zone: ZoneInfo, since: date | None, before: date | None) -> Period:
    return Period(since_us=_moment(since, "export.since", zone), before_us=_moment(before, "export.before", zone))


def _moment(given: object, code: str, zone: ZoneInfo) -> int | None:
    """A moment, or the beginning of a day that is local to the practice."""
    if given is None:
        return None
    field = code.removeprefix("export.")
    if isinstance(given, datetime):
        return to_micros(given, field)
    if isinstance(given, date):
        return instant_of(given, time(), zone).at_us
    why = f"{field}= is a day, or an aware datetime"
    raise InvalidInput(code, why, field=field, limit="date or datetime")


def check_processes(given: object) -> int:
    """How many processes; ``None``: as many as there are cores.

    Raises:
        InvalidInput: ``export.processes``.
    """
    if given is None:
        return min(_cores(), MOST_PROCESSES)
    if type(given) is not int or not 1 <= given <= MOST_PROCESSES:
        limit = f"1..{MOST_PROCESSES}"
        raise InvalidInput("export.processes", "processes= is a whole number", field="processes", limit=limit)
    return given


def _cores() -> int:
    """How many cores this process may use, which in a container are not all that there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def check_folder(given: object) -> Path:
    """The folder.

    Raises:
        InvalidInput: ``export.folder``.
    """
    try:
        folder = Path(cast("str", given))
    except TypeError:
        folder = Path("\0")
    if "\0" in str(folder) or folder.is_file():
        raise InvalidInput("export.folder", "an export is written into a folder", field="folder", limit="folder")
    return folder
