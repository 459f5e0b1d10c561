"""What became of transcripts, in the visitor's language: downloaded, filed in the medical record, or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from convokit.domain.record_reasons import NO_CLEAR_ANSWER, RECORD_ADVICE
from convokit_dashboard.words import Words

_NAMED: Final = r"\((?P<count>\d+) entr(?:y|ies), (?P<head>SHA-256 \w+)\)\."
_ASKED: Final = r"(?:, as (?P<name>.+) asked)?"

DOWNLOADED: Final = (
    r"(?P<name>.+) downloaded the transcript(?P<notes>, with the internal notes)?(?P<left_out>, without [^()]+)? "
) + _NAMED
FILED: Final = rf"The transcript was filed in the medical record{_ASKED} {_NAMED}"
NOT_FILED: Final = rf"The transcript could not be filed in the medical record{_ASKED}\. (?P<advice>.+)"


def _which(v: Mapping[str, str], words: Words, *more: str) -> str:
    entries = words.many("%(n)s entry", "%(n)s entries", int(v["count"]))
    return ", ".join((*more, entries, v["head"]))


def downloaded(words: Words, v: Mapping[str, str]) -> str:
    """Who took it, and what it holds besides or not."""
    more = [
        *((words("with the notes of the staff"),) if v["notes"] else ()),
        *((words("with something left out"),) if v["left_out"] else ()),
    ]
    return words("%(name)s downloaded the transcript (%(which)s).", name=v["name"], which=_which(v, words, *more))


def filed(words: Words, v: Mapping[str, str]) -> str:
    """The record has it."""
    which = _which(v, words)
    if not v["name"]:
        return words("The transcript was filed in the medical record (%(which)s).", which=which)
    return words(
        "The transcript was filed in the medical record, as %(name)s asked (%(which)s).", name=v["name"], which=which
    )


def not_filed(words: Words, v: Mapping[str, str]) -> str:
    """It is not there, why, and what to do."""
    known = (*RECORD_ADVICE.values(), NO_CLEAR_ANSWER)
    advice = words(v["advice"]) if v["advice"] in known else v["advice"]
    if not v["name"]:
        return words("The transcript could not be filed in the medical record. %(advice)s", advice=advice)
    return words(
        "The transcript could not be filed in the medical record, as %(name)s asked. %(advice)s",
        name=v["name"],
        advice=advice,
    )
