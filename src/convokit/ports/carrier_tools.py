"""What the gateways of most carriers need.

Bounded words, waits, no answer; ids, numbers and times as providers write them; HTTP Basic both ways; and our own id in
the callback URL.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Iterable
from datetime import datetime
from typing import Final, TypeGuard
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from convokit.domain.instant import SECOND
from convokit.outcomes import TryLater, Unsure
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer

RAW_LIMIT: Final = 500
"""Most characters of a provider's own words that are kept."""
LONGEST_WAIT: Final = 86_400
LONGEST_ID: Final = 200
"""Most characters of a name or an id that a provider may give; longer ones are nobody's."""
TEXT_LIMIT: Final = 100_000
"""Most characters of a client's text: 255 parts, the most that concatenation has, are fewer."""
_MOST_PARAMETERS: Final = 100
_SHORTEST, _LONGEST = 7, 15
"""Digits of numbers that are no short codes."""


def bounded(text: str) -> str:
    """``text`` on one line, at most 500 characters."""
    return " ".join(text[: 4 * RAW_LIMIT].split())[:RAW_LIMIT]


def words_of(answer: HttpResponse) -> str:
    """Status and beginning of the body of an answer, for ``raw`` and ``why``."""
    return bounded(f"{answer.status} {answer.body[: 4 * RAW_LIMIT].decode('utf-8', 'replace')}")


def unanswered(lost: NoAnswer) -> TryLater | Unsure:
    """What no answer means: nothing was taken if nothing left, and nobody knows if something did."""
    why = bounded(lost.why)
    return Unsure(why=why) if lost.request_left else TryLater(raw=why)


def wait_of(answer: HttpResponse) -> int | None:
    """``Retry-After`` in seconds, at most a day. Dates are not read: they would need a clock."""
    value = answer.header("Retry-After")
    if value is None or not (value.isascii() and value.isdecimal() and len(value) <= 9):
        return None
    return min(int(value), LONGEST_WAIT)


# --- ids, numbers and times -------------------------------------------------------------------------------------------
def is_id(value: object) -> TypeGuard[str]:
    """Whether it can be the id of a message, or a number: a text of 1 to 200 characters."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_ID


def number_of(value: object) -> int | None:
    """An error number, as JSON or a form gives it; ``None`` for none, for 0, and for what is no such number."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 9:
        return int(value) or None
    return value or None if type(value) is int and 0 <= value < 10**9 else None


def microseconds_of(stamp: object) -> int | None:
    """An instant of ISO 8601 with its zone, as in ``2027-01-15T08:00:00.123Z``; ``None`` for anything else.

    Microseconds since the epoch, UTC.
    """
    try:
        found = datetime.fromisoformat(stamp) if isinstance(stamp, str) else None
        return None if found is None or found.tzinfo is None else round(found.timestamp() * SECOND)
    except ValueError:
        return None


def bare(number: str) -> str:
    """A number of E.164 without its plus: so some providers want it."""
    return number.removeprefix("+")


def plus(number: str) -> str:
    """The number with its plus again; a short code or a name stays as it is."""
    whole = number.isascii() and number.isdecimal() and _SHORTEST < len(number) <= _LONGEST
    return f"+{number}" if whole else number


# --- HTTP Basic (RFC 7617) --------------------------------------------------------------------------------------------
def basic_authorization(user: str, password: str) -> tuple[str, str]:
    """The header that authorizes a request."""
    return "Authorization", f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def is_basic(request: HttpRequest, pairs: Iterable[str]) -> bool:
    """Whether a callback has one of these ``user:password``, compared in constant time. A doubled header has none."""
    scheme, _, token = (request.header("Authorization") or "").partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        given = base64.b64decode(token.strip().encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return False
    found = False
    for pair in pairs:
        found |= hmac.compare_digest(given, pair.encode())
    return found


# --- our own id -------------------------------------------------------------------------------------------------------
def with_own_id(callback_url: str, name: str, own_id: str) -> str:
    """The URL with our id as the last parameter of its query. The provider calls it as it is, and so brings it back."""
    parts = urlsplit(callback_url)
    query = "&".join(part for part in (parts.query, f"{name}={quote(own_id, safe='')}") if part)
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", query, ""))


def parameters_of(url: str) -> dict[str, str]:
    """The parameters of a URL's query. Of several with one name the last one: ours stand at the end.

    Raises:
        ValueError: the URL cannot be parsed, or has more than 100 parameters.
    """
    pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True, errors="replace", max_num_fields=_MOST_PARAMETERS)
    return dict(pairs)


def own_id_of(url: str, name: str) -> str | None:
    """The id that :func:`with_own_id` put there, or ``None``."""
    try:
        found = parameters_of(url).get(name, "")
    except ValueError:
        return None
    return found if 0 < len(found) <= LONGEST_ID else None
