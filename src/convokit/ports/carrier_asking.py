"""What gateways need that can be asked (:mod:`convokit.ports.sms_asking`): a question, its answer, and moments."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from datetime import UTC, datetime
from typing import Final

from convokit.domain.instant import SECOND
from convokit.outcomes import TryLater
from convokit.ports.carrier_tools import bounded, wait_of, words_of
from convokit.ports.strict_json import read_object
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer

MARGIN: Final = 300 * SECOND
"""How far a carrier's time of a text may be from ours, with the longest hand-over. Microseconds."""

Told = Mapping[str, object] | TryLater | None
"""What a question brought: an object; :class:`TryLater` where there was no usable answer; ``None``: no such thing."""
Asking = Generator[HttpRequest, HttpResponse | NoAnswer, Told]
_GONE: Final = (404, 410)


def asked(url: str, authorization: tuple[str, str]) -> Asking:
    """Ask for the JSON object at ``url``. ``authorization``: the header."""
    answer = yield HttpRequest(method="GET", url=url, headers=(authorization, ("Accept", "application/json")))
    if isinstance(answer, NoAnswer):
        return TryLater(raw=bounded(answer.why))
    if answer.status in _GONE:
        return None
    later = TryLater(raw=words_of(answer), after=wait_of(answer))
    try:
        return read_object(answer.body) if answer.status == 200 else later
    except ValueError:
        return later


def instant_of(at_us: int) -> str:
    """A moment (microseconds since the epoch, UTC) as ``2027-01-15T08:00:00Z``, the rest of its second cut off."""
    return datetime.fromtimestamp(at_us // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
