"""What the gateways of most carriers need: bounded words, waits, no answer, and our own id in the callback URL."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from convokit.outcomes import TryLater, Unsure
from convokit.ports.wire import HttpResponse, NoAnswer

RAW_LIMIT: Final = 500
"""Most characters of a provider's own words that are kept."""
LONGEST_WAIT: Final = 86_400
LONGEST_ID: Final = 200
"""Most characters of a name or an id that a provider may give; longer ones are nobody's."""
_MOST_PARAMETERS: Final = 100


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
