"""A transcript as JSON, and checking one that was filed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from attrs import evolve

from convokit.domain.transcript import Transcript, canonical_document
from convokit.domain.transcript_record import FORMAT, Seal, Verdict, canonical, check
from convokit.errors import InvalidInput

LARGEST: Final = 256 * 1024 * 1024
"""Bytes of a transcript that is read again; a hundred thousand long messages have fewer."""


def render_json(transcript: Transcript, seal: Seal | None = None) -> str:
    """The canonical form, ASCII: a record to a line, so that two transcripts can be compared by eye."""
    document = canonical_document(transcript)
    return _written(document if seal is None else {**document, "seal": seal.record})


def _written(whole: Mapping[str, object]) -> str:
    lines = ",\n".join(canonical(line).decode("ascii") for line in _listed(whole["lines"]))
    parts = (
        f'"count":{whole["count"]}',
        f'"document":{canonical(whole["document"]).decode("ascii")}',
        f'"format":"{FORMAT}"',
        f'"head":"{whole["head"]}"',
        f'"lines":[\n{lines}\n]' if lines else '"lines":[]',
        *((f'"seal":{canonical(whole["seal"]).decode("ascii")}',) if "seal" in whole else ()),
    )
    return "{" + ",\n".join(parts) + "}\n"


def _listed(lines: object) -> list[object]:
    return lines if isinstance(lines, list) else []


def check_json(content: bytes, *, head: str | None = None, count: int | None = None) -> Verdict:
    """Whether a transcript in JSON is whole and unchanged; see :func:`convokit.domain.transcript_record.check`.

    Raises:
        InvalidInput: ``transcript.unreadable``: it is no JSON, or has a name twice, whose values nobody could tell
            apart; ``transcript.too_large``.
    """
    if len(content) > LARGEST:
        raise InvalidInput("transcript.too_large", "this file is too large", field="file", limit=f"{LARGEST} bytes")
    try:
        found: object = json.loads(content, object_pairs_hook=_once, parse_constant=_refused, parse_float=_refused)
    except (ValueError, RecursionError):
        raise InvalidInput("transcript.unreadable", "this file is no transcript in JSON", field="file") from None
    verdict = check(found, head=head, count=count)
    if verdict.whole and isinstance(found, dict) and _written(found).encode("ascii") != content:
        # The records are the same; a blank or an escape is not. Whoever wrote this file, it was not convokit.
        return evolve(verdict, whole=False, why="its records are whole, but the file was written anew by other means")
    return verdict


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name twice")
    return dict(pairs)


def _refused(text: str) -> object:
    raise ValueError(text)  # no number of a transcript has a fraction
