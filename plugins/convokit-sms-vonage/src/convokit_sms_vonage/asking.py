"""What Vonage is asked: for a text whose answer was lost. Its records keep our own id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from convokit.outcomes import TryLater
from convokit.ports.carrier_asking import MARGIN, asked, instant_of
from convokit.ports.carrier_tools import bare, bounded, is_id, number_of
from convokit.ports.sms import DeliveryReport
from convokit.ports.sms_asking import Found, Looking, UncertainText
from convokit_sms_vonage.settings import AnySettings, authorization

Report = Callable[[str, "str | None", str, "int | None"], DeliveryReport]
"""Makes a report of Vonage's id, our own, a word and an error number."""


def look_up(settings: AnySettings, product: str, report: Report, text: UncertainText) -> Looking:
    """The records between the two numbers about the time of the hand-over: by our own id."""
    told = yield from asked(records_url(settings, product, text), authorization(settings))
    if told is None or isinstance(told, TryLater):
        return told or TryLater(raw="no records")
    given = told.get("records")
    if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
        return TryLater(raw="no records")
    mine = [one for one in given if one.get("client_ref") == text.id]
    if not mine and told.get("request_status") != "SUCCESS":
        # A list that was cut says nothing about what is not in it.
        return TryLater(raw=bounded(f"records: {told.get('request_status')}"))
    return Found(reports=tuple(_reports(mine, report)))


def records_url(settings: AnySettings, product: str, text: UncertainText) -> str:
    """Where some minutes of records of one product are. Vonage charges for each record."""
    query = {
        "account_id": settings.api_key,
        "product": product,
        "direction": "outbound",
        "from": bare(text.sender),
        "to": bare(text.to),
        "date_start": instant_of(text.begun_us - MARGIN),
        "date_end": instant_of(text.begun_us + MARGIN),
    }
    return f"{settings.records_url}?{urlencode(query)}"


def _reports(records: list[Mapping[str, object]], report: Report) -> list[DeliveryReport]:
    """A report for each message, by its last record: a message may have one for each of its statuses."""
    found: dict[str, DeliveryReport] = {}
    for one in sorted(records, key=lambda one: (str(one.get("date_received", "")), str(one.get("date_finalized", "")))):
        known, own, word = one.get("message_id"), one.get("client_ref"), one.get("status")
        if is_id(known) and isinstance(word, str):
            found[known] = report(known, own if is_id(own) else None, word, number_of(one.get("error_code")))
    return list(found.values())
