"""What Vonage is asked: for a text whose answer was lost. Its records keep our own id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from convokit.outcomes import TryLater
from convokit.ports.carrier_tools import bounded, wait_of, words_of
from convokit.ports.sms import DeliveryReport
from convokit.ports.sms_asking import Found, Looking, UncertainText
from convokit.ports.strict_json import read_object
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit_sms_vonage.settings import AnySettings, authorization
from convokit_sms_vonage.values import bare, is_id, number_of

SECOND: Final = 1_000_000
MARGIN: Final = 300 * SECOND
"""How far Vonage's time of a text may be from ours, with the longest hand-over. Microseconds."""

Report = Callable[[str, "str | None", str, "int | None"], DeliveryReport]
"""Makes a report of Vonage's id, our own, a word and an error number."""


def look_up(settings: AnySettings, product: str, report: Report, text: UncertainText) -> Looking:
    """The records between the two numbers about the time of the hand-over: by our own id."""
    answer = yield records_request(settings, product, text)
    told = _told(answer)
    if isinstance(told, TryLater):
        return told
    given = told.get("records")
    if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
        return TryLater(raw="no records")
    mine = [one for one in given if one.get("client_ref") == text.id]
    if not mine and told.get("request_status") != "SUCCESS":
        # A list that was cut says nothing about what is not in it.
        return TryLater(raw=bounded(f"records: {told.get('request_status')}"))
    return Found(reports=tuple(_reports(mine, report)))


def records_request(settings: AnySettings, product: str, text: UncertainText) -> HttpRequest:
    """Some minutes of records of one product. Vonage charges for each record."""
    query = {
        "account_id": settings.api_key,
        "product": product,
        "direction": "outbound",
        "from": bare(text.sender),
        "to": bare(text.to),
        "date_start": _instant(text.begun_us - MARGIN),
        "date_end": _instant(text.begun_us + MARGIN),
    }
    headers = (authorization(settings), ("Accept", "application/json"))
    return HttpRequest(method="GET", url=f"{settings.records_url}?{urlencode(query)}", headers=headers)


def _told(answer: HttpResponse | NoAnswer) -> Mapping[str, object] | TryLater:
    if isinstance(answer, NoAnswer):
        return TryLater(raw=bounded(answer.why))
    later = TryLater(raw=words_of(answer), after=wait_of(answer))
    try:
        return read_object(answer.body) if answer.status == 200 else later
    except ValueError:
        return later


def _reports(records: list[Mapping[str, object]], report: Report) -> list[DeliveryReport]:
    """A report for each message, by its last record: a message may have one for each of its statuses."""
    found: dict[str, DeliveryReport] = {}
    for one in sorted(records, key=lambda one: (str(one.get("date_received", "")), str(one.get("date_finalized", "")))):
        known, own, word = one.get("message_id"), one.get("client_ref"), one.get("status")
        if is_id(known) and isinstance(word, str):
            found[known] = report(known, own if is_id(own) else None, word, number_of(one.get("error_code")))
    return list(found.values())


def _instant(at_us: int) -> str:
    return datetime.fromtimestamp(at_us // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
