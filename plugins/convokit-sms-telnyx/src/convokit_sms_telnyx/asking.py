"""What Telnyx is asked: for a text whose answer was lost, and for everything since a moment.

Its detail records tell who wrote to whom and what became of it, and for texts of ours the callback URL, in which our
own id stands. They have no words and no files: those are fetched message by message.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Final
from urllib.parse import quote, urlencode

from attrs import frozen

from convokit.domain.instant import SECOND
from convokit.outcomes import TryLater
from convokit.ports.carrier_asking import MARGIN, Asking, asked, instant_of
from convokit.ports.carrier_tools import is_id, microseconds_of, own_id_of
from convokit.ports.sms import DeliveryReport, Event
from convokit.ports.sms_asking import (
    MOST_REQUESTS,
    Fetching,
    Found,
    ListedText,
    Looking,
    Polled,
    Polling,
    UncertainText,
)
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit_sms_telnyx.send import OWN_ID, codes_of
from convokit_sms_telnyx.settings import TelnyxSettings
from convokit_sms_telnyx.webhook import raw_of, text_of
from convokit_sms_telnyx.words import RECORDED, report_of

PAGE: Final = 50
"""The most that Telnyx puts on a page."""
MOST_READ: Final = 10
"""Texts that a look-up reads one by one, where their records do not say whose they are."""
MOST_LISTS: Final = 10

_Page = Generator[HttpRequest, HttpResponse | NoAnswer, "tuple[list[Record], bool] | TryLater"]


@frozen(kw_only=True)
class Record:
    """A detail record of a text. ``own_id``: that of :class:`OutboundText`, where the record names the callback URL."""

    id: str
    inbound: bool
    sender: str
    to: str
    word: str
    codes: tuple[int, ...]
    created_us: int
    own_id: str | None


# --- one text ---------------------------------------------------------------------------------------------------------
def look_up(settings: TelnyxSettings, text: UncertainText) -> Looking:
    """The records of the two numbers about the time of the hand-over: by our own id, or by the words."""
    chosen = {"cli": text.sender, "cld": text.to, "direction": "outbound"}
    told = yield from _records(settings, chosen, text.begun_us - MARGIN, text.begun_us + MARGIN, 3)
    if isinstance(told, TryLater):
        return told
    records = [one for one in told[0] if not one.inbound and (one.sender, one.to) == (text.sender, text.to)]
    mine = [one for one in records if one.own_id == text.id]
    if not mine:
        for one in [one for one in records if one.own_id is None][:MOST_READ]:
            message = yield from _message(settings, one.id)
            if isinstance(message, TryLater):
                return message
            if message is not None and (message.get("text") or "") == text.text:
                mine.append(one)
    return Found(reports=tuple(map(_report, sorted(mine, key=lambda one: one.created_us))))


# --- everything since a moment ----------------------------------------------------------------------------------------
def poll(settings: TelnyxSettings, numbers: tuple[str, ...], since_us: int, until_us: int) -> Polling:
    """The records of each number, oldest first; up to the earliest moment that all lists reach."""
    events: list[Event | ListedText] = []
    lists = _lists(numbers)
    for chosen in lists:
        told = yield from _records(settings, chosen, since_us, until_us, MOST_REQUESTS // len(lists))
        if isinstance(told, TryLater):
            return told
        records, more = told
        events.extend(_event(one) for one in records if _is_news(one, numbers))
        if more:
            until_us = min(until_us, max(one.created_us for one in records))
    return Polled(events=tuple(events), until_us=until_us)


def _lists(numbers: tuple[str, ...]) -> list[dict[str, str]]:
    ways = (("cld", "inbound"), ("cli", "outbound"))
    each = [{name: number, "direction": way} for number in numbers for name, way in ways]
    return each if 0 < len(each) <= MOST_LISTS else [{}]


def _is_news(one: Record, numbers: tuple[str, ...]) -> bool:
    return one.to in numbers if one.inbound else one.sender in numbers and bool(one.word)


def _event(one: Record) -> Event | ListedText:
    return ListedText(provider_id=one.id, to=one.to, sent_at=one.created_us) if one.inbound else _report(one)


def _report(one: Record) -> DeliveryReport:
    # A record without a status yet is of a text that Telnyx has.
    state, reason = report_of(RECORDED, one.word, one.codes) if one.word else ("sent", None)
    raw = raw_of(one.word or "no status yet", one.codes)
    return DeliveryReport(attempt_id=one.own_id, provider_id=one.id, state=state, reason=reason, raw=raw)


# --- a client's text --------------------------------------------------------------------------------------------------
def fetch_text(settings: TelnyxSettings, listed: ListedText) -> Fetching:
    """The message itself, files included."""
    message = yield from _message(settings, listed.provider_id)
    if message is None or isinstance(message, TryLater):
        return message
    try:
        return text_of(message)
    except ValueError as error:
        return TryLater(raw=str(error))


# --- requests and answers ---------------------------------------------------------------------------------------------
def records_url(settings: TelnyxSettings, chosen: Mapping[str, str], since_us: int, until_us: int, page: int) -> str:
    """Where a page of detail records of texts is, oldest first."""
    query = {
        "filter[record_type]": "messaging",
        "filter[created_at][gte]": instant_of(since_us),
        "filter[created_at][lt]": instant_of(until_us + SECOND),
        **{f"filter[{name}]": value for name, value in chosen.items()},
        "sort": "created_at",
        "page[number]": page,
        "page[size]": PAGE,
    }
    return f"{settings.api_url}/detail_records?{urlencode(query)}"


def _records(settings: TelnyxSettings, chosen: Mapping[str, str], since_us: int, until_us: int, most: int) -> _Page:
    """The records of a stretch, and whether there are more than ``most`` pages of them."""
    found: list[Record] = []
    for page in range(1, most + 1):
        told = yield from asked(records_url(settings, chosen, since_us, until_us, page), settings.authorization)
        if told is None or isinstance(told, TryLater):
            return told or TryLater(raw="no records")
        given, meta = told.get("data"), told.get("meta")
        records = [_record(one) for one in given] if isinstance(given, list) else [None]
        pages = meta.get("total_pages") if isinstance(meta, Mapping) else None
        if None in records or type(pages) is not int:
            return TryLater(raw="no detail records")
        found.extend(one for one in records if one is not None)
        if page >= pages or not records:
            return found, False
    return found, True


def _record(given: object) -> Record | None:
    """A record; ``None`` for what is none, or has no time: something would be left out."""
    if not isinstance(given, Mapping) or not is_id(known := given.get("uuid")):
        return None
    created_us = microseconds_of(given.get("created_at"))
    if created_us is None:
        return None
    words = {name: value if isinstance(value, str) else "" for name, value in given.items()}
    return Record(
        id=known,
        inbound=words.get("direction") == "inbound",
        sender=words.get("cli", ""),
        to=words.get("cld", ""),
        word=words.get("status", ""),
        codes=codes_of(given.get("errors")),
        created_us=created_us,
        own_id=own_id_of(words.get("delivery_status_webhook_url", ""), OWN_ID),
    )


def _message(settings: TelnyxSettings, known: str) -> Asking:
    told = yield from asked(f"{settings.api_url}/messages/{quote(known, safe='')}", settings.authorization)
    if told is None or isinstance(told, TryLater):
        return told
    data = told.get("data")
    return data if isinstance(data, Mapping) else TryLater(raw="no message")
