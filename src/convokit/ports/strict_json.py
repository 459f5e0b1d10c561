"""JSON that a provider sends, read strictly: one meaning or none.

Readers of JSON differ on what the standard leaves open (RFC 8259, sections 4, 6 and 8.1). What two of them may read
differently is refused: a name given twice, NaN and Infinity, a byte order mark, bytes that are no UTF-8.
"""

from __future__ import annotations

import json


def read_json(body: bytes) -> object:
    """The value of a body.

    Raises:
        ValueError: it is no JSON, has two meanings, is nested too deep, or has a number of thousands of digits.
            Nothing else is ever raised.
    """
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refused)
    except RecursionError:
        raise ValueError("nested too deep") from None


def read_object(body: bytes) -> dict[str, object]:
    """The same, where it must be an object.

    Raises:
        ValueError: it is something else.
    """
    found = read_json(body)
    if not isinstance(found, dict):
        raise ValueError("no object")
    return found


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice")
    return found


def _refused(word: str) -> object:
    raise ValueError(f"{word} is no JSON")
