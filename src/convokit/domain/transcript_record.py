"""A transcript as records, chained by SHA-256: the form that is kept, compared and checked.

The canonical form, version 1: each record is JSON with sorted keys, no blanks, ASCII only, times in UTC; the first
digest is over the prefix ``convokit transcript 1``, a line feed and the document's record; each further one over the
digest before (32 bytes) and the line's record. A changed, added, removed or moved line changes every digest after it.
A tail that was cut off, digests and all, is found only by whoever kept the last digest and the count.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final, Literal, cast

from attrs import frozen

VERSION: Final = 1
FORMAT: Final = f"convokit transcript {VERSION}"
_PREFIX: Final = f"{FORMAT}\n".encode("ascii")

_PARTS: Final = {"format", "document", "lines", "count", "head"}

Record = Mapping[str, object]


def canonical(record: object) -> bytes:
    """The one encoding of a record: JSON, sorted keys, no blanks, ASCII (a lone surrogate is escaped, not lost)."""
    return json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")


def first_digest(head: Record) -> bytes:
    """The digest of a document's record; the chain begins with it."""
    return sha256(_PREFIX + canonical(head)).digest()


def next_digest(before: bytes, line: Record) -> bytes:
    """The digest after one more line."""
    return sha256(before + canonical(line)).digest()


@frozen(kw_only=True)
class Seal:
    """A signature of a transcript's head and count.

    Attributes:
        algorithm: ``"Ed25519"`` (RFC 8032).
        public_key: the signer's, 32 bytes in hex.
        value: the signature of :func:`signed_bytes`, 64 bytes in hex.
    """

    algorithm: str = "Ed25519"
    public_key: str
    value: str

    @property
    def record(self) -> Record:
        """How the canonical form has it."""
        return {"algorithm": self.algorithm, "public_key": self.public_key, "value": self.value}


def signed_bytes(head: str, count: int) -> bytes:
    """What a signature is over: the format, the last digest and the number of lines, a line each."""
    return f"{FORMAT}\n{head}\n{count}\n".encode("ascii")


@frozen(kw_only=True)
class Verdict:
    """What a check of a transcript found.

    Attributes:
        whole: all of it was compared, and nothing was changed, added, removed or moved; and, where they were given,
            head and count are those.
        why: where it differs, or what could not be compared, in plain words; empty when it is whole.
        position: the first line that differs, from 1; 0 for the document's own record, ``None`` where no line is to
            blame.
        head, count: the last digest and the number of lines, as the document has them.
        notes: what else was found, a sentence each: whether the pages of a PDF were compared, who signed.
        record_only: nothing was found to be changed, and the record is whole; but what shows it, the pages of a PDF
            for one, could not be compared with it. Such pages may say anything.
    """

    whole: bool
    why: str = ""
    position: int | None = None
    head: str = ""
    count: int = 0
    notes: tuple[str, ...] = ()
    record_only: bool = False

    @property
    def outcome(self) -> Literal["whole", "record_only", "changed"]:
        """The three that there are, in a word."""
        if self.whole:
            return "whole"
        return "record_only" if self.record_only else "changed"


def check(document: object, *, head: str | None = None, count: int | None = None) -> Verdict:
    """Whether a document in the canonical form, read from JSON, is whole and unchanged.

    Args:
        head, count: what was kept when it was made; without them a tail that was cut off cannot be found.
    """
    if not isinstance(document, dict) or set(document) - {"seal"} != _PARTS:
        return Verdict(whole=False, why="this is not a transcript, or parts of it are missing")
    if document["format"] != FORMAT:
        return Verdict(whole=False, why=f"its format is not {FORMAT!r}")
    lines = document["lines"]
    if not isinstance(document["document"], dict) or not isinstance(lines, list):
        return Verdict(whole=False, why="this is not a transcript, or parts of it are missing")
    broken = _broken(document["document"], lines)
    if broken is not None:
        return broken
    last = cast("str", lines[-1]["digest"]) if lines else first_digest(_bare(document["document"])).hex()
    return _compared(Verdict(whole=True, head=last, count=len(lines)), document, head, count)


def _compared(found: Verdict, document: Mapping[str, object], head: str | None, count: int | None) -> Verdict:
    """What the chain says beside what the document says of itself, and what was kept elsewhere."""
    where = "its own last lines say"
    for told_head, told_count in ((document["head"], document["count"]), (head, count)):
        if told_count is not None and (type(told_count) is not int or told_count != found.count):
            why = f"it has {found.count} lines, {where} {str(told_count)[:20]}"
            return Verdict(whole=False, why=why, head=found.head, count=found.count)
        if told_head is not None and told_head != found.head:
            why = f"it ends in {found.head[:16]}..., {where} {str(told_head)[:16]}..."
            return Verdict(whole=False, why=why, head=found.head, count=found.count)
        where = "what was kept says"
    return found


def _broken(head: dict[str, object], lines: Sequence[object]) -> Verdict | None:
    """The first link of the chain that does not hold."""
    digest = first_digest(_bare(head))
    if head.get("digest") != digest.hex():
        return Verdict(whole=False, why="what it says of the conversation was changed", position=0)
    for position, line in enumerate(lines, 1):
        if not isinstance(line, dict):
            return Verdict(whole=False, why=f"line {position} is no line", position=position)
        digest = next_digest(digest, _bare(line))
        if line.get("digest") != digest.hex():
            why = f"line {position} was changed, moved, added, or stands where one was removed"
            return Verdict(whole=False, why=why, position=position)
    return None


def _bare(record: Mapping[str, object]) -> Record:
    return {name: value for name, value in record.items() if name != "digest"}
