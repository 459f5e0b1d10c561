"""What Sinch is asked: for a text whose answer was lost. Its batches keep our own id."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Final
from urllib.parse import quote, urlencode

from convokit.outcomes import TryLater
from convokit.ports.carrier_asking import MARGIN, asked, instant_of
from convokit.ports.carrier_tools import is_id
from convokit.ports.sms import DeliveryReport
from convokit.ports.sms_asking import Found, Looking, UncertainText
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit_sms_sinch.settings import SinchSettings
from convokit_sms_sinch.webhook import report_in

PAGE: Final = 100
"""The most that Sinch puts on a page."""
MOST_READ: Final = 5
"""Batches of one id whose reports are read: there is one, as no text is handed over twice."""

_Report = Generator[HttpRequest, HttpResponse | NoAnswer, DeliveryReport | TryLater]


def look_up(settings: SinchSettings, text: UncertainText) -> Looking:
    """The batches about the time of the hand-over that have our own id, and what became of them."""
    told = yield from asked(batches_url(settings, text), settings.authorization)
    if told is None or isinstance(told, TryLater):
        return told or TryLater(raw="no batches")
    given = told.get("batches")
    if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
        return TryLater(raw="no batches")
    mine = [one.get("id") for one in given if one.get("client_reference") == text.id]
    reports = []
    for known in [one for one in mine if is_id(one)][:MOST_READ]:
        report = yield from _report(settings, known, text)
        if isinstance(report, TryLater):
            return report
        reports.append(report)
    return Found(reports=tuple(reports))


def batches_url(settings: SinchSettings, text: UncertainText) -> str:
    """Where some minutes of batches are, by our own id."""
    query = {
        "client_reference": text.id,
        "start_date": instant_of(text.begun_us - MARGIN),
        "end_date": instant_of(text.begun_us + MARGIN),
        "page_size": PAGE,
    }
    return f"{settings.plan_url}/batches?{urlencode(query)}"


def _report(settings: SinchSettings, known: str, text: UncertainText) -> _Report:
    """The last report on a batch; where there is none yet, Sinch has the text."""
    url = f"{settings.plan_url}/batches/{quote(known, safe='')}/delivery_report/{quote(text.to, safe='')}"
    told = yield from asked(url, settings.authorization)
    if isinstance(told, TryLater):
        return told
    if told is None:
        return DeliveryReport(attempt_id=text.id, provider_id=known, state="sent", raw="no report yet")
    try:
        return report_in({**told, "batch_id": known, "client_reference": text.id})
    except ValueError as error:
        return TryLater(raw=str(error))
