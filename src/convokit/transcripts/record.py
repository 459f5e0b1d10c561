"""A transcript as JSON, and checking one that was filed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Final

from attrs import evolve

from convokit.domain.transcript import Transcript, head_record, line_record
from convokit.domain.transcript_record import FORMAT, Seal, Verdict, canonical, check, first_digest
from convokit.errors import InvalidInput

LARGEST: Final = 256 * 1024 * 1024
"""Bytes of a transcript that is read again; a hundred thousand long messages have fewer."""


def render_record(transcript: Transcript, seal: Seal | None = None) -> bytes:
    """The canonical form, ASCII: a record to a line, so that two transcripts can be compared by eye."""
    lines = ({**line_record(line), "digest": line.digest} for line in transcript.lines)  # made one at a time
    head = head_record(transcript.about)
    return _written(
        {**head, "digest": first_digest(head).hex()},
        lines,
        count=transcript.count,
        head=transcript.head,
        seal=None if seal is None else seal.record,
    )


def _written(document: object, lines: Iterable[object], *, count: object, head: object, seal: object) -> bytes:
    written = bytearray(f'{{"count":{count},\n"document":'.encode("ascii"))
    written += canonical(document)
    written += f',\n"format":"{FORMAT}",\n"head":"{head}",\n"lines":['.encode("ascii")
    apart = b"\n"
    for line in lines:
        written += apart
        written += canonical(line)
        apart = b",\n"
    written += b"]" if apart == b"\n" else b"\n]"
    if seal is not None:
        written += b',\n"seal":' + canonical(seal)
    written += b"}\n"
    return bytes(written)


def _written_again(whole: Mapping[str, object]) -> bytes:
    lines = whole["lines"]
    listed = lines if isinstance(lines, list) else []
    return _written(whole["document"], listed, count=whole["count"], head=whole["head"], seal=whole.get("seal"))


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
    if verdict.whole and isinstance(found, dict) and _written_again(found) != content:
        # The records are the same; a blank or an escape is not. Whoever wrote this file, it was not convokit.
        return evolve(verdict, whole=False, why="its records are whole, but the file was written anew by other means")
    return verdict


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name twice")
    return dict(pairs)


def _refused(text: str) -> object:
    raise ValueError(text)  # no number of a transcript has a fraction
