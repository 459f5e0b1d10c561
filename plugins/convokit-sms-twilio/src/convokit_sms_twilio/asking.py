"""What Twilio is asked: for a text whose answer was lost, and for everything of a day.

Twilio keeps no id of ours beside a message, so a text is known again by its numbers, its words and its time.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final, TypeGuard
from urllib.parse import quote, urlencode, urlsplit

from attrs import field, frozen

from convokit.domain.attachment import MOST_FILES
from convokit.domain.instant import DAY, SECOND
from convokit.outcomes import TryLater
from convokit.ports.carrier_asking import MARGIN, Told, asked, instant_of
from convokit.ports.carrier_tools import is_id, number_of
from convokit.ports.sms import Event, InboundFile, InboundText
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
from convokit_sms_twilio.settings import TwilioSettings
from convokit_sms_twilio.webhook import report

PAGE: Final = 1_000
"""The most that Twilio puts on a page."""
LOOKED_AT: Final = 3
"""Pages of the texts between two numbers that a look-up reads, the newest first."""
MOST_LISTS: Final = 8
"""Lists (one of each number and direction) that are asked for by number; with more numbers the account's list is."""

_SIMPLE: Final = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "..."})
_BLANKS: Final = re.compile(r"\s+")


@frozen(kw_only=True)
class Listed:
    """A message as Twilio's API has it. Times in microseconds since the epoch, UTC; 0 where there is none."""

    sid: str
    inbound: bool
    sender: str
    to: str
    text: str = field(repr=False)
    word: str
    code: int | None
    files: int
    created_us: int
    sent_us: int


# --- one text ---------------------------------------------------------------------------------------------------------
def look_up(settings: TwilioSettings, text: UncertainText) -> Looking:
    """The texts between the two numbers. All of them: where one stands that has no time of sending yet is not said."""
    found: list[Listed] = []
    url: str | None = list_url(settings, {"To": text.to, "From": text.sender}, PAGE)
    for _ in range(LOOKED_AT):
        if url is None:
            break
        told = yield from asked(url, settings.authorization)
        page = _page(told)
        if isinstance(page, TryLater):
            return page
        found.extend(one for one in page if _may_be(one, text))
        url = _next(settings, told)
    found.sort(key=lambda one: one.created_us)
    return Found(reports=tuple(report(one.sid, None, one.word, one.code) for one in found))


def _may_be(one: Listed, text: UncertainText) -> bool:
    near = abs(one.created_us - text.begun_us) <= MARGIN
    return not one.inbound and one.to == text.to and near and _alike(one.text, text.text)


def _alike(theirs: str, ours: str) -> bool:
    """Whether two texts are one, but for what "smart encoding" replaces, and for what trial accounts write before."""
    mine = _plain(ours)
    return _plain(theirs).endswith(mine) if mine else not theirs.strip()


def _plain(text: str) -> str:
    return _BLANKS.sub(" ", unicodedata.normalize("NFKC", text.translate(_SIMPLE))).strip()


# --- everything of a while --------------------------------------------------------------------------------------------
def poll(settings: TwilioSettings, numbers: tuple[str, ...], since_us: int, until_us: int) -> Polling:
    """The messages to and from each number, at most of one day."""
    until_us = min(until_us, since_us + DAY)
    events: list[Event | ListedText] = []
    left = MOST_REQUESTS
    for chosen in _lists(numbers):
        span = {"DateSent>": instant_of(since_us), "DateSent<": instant_of(until_us + SECOND)}
        url: str | None = list_url(settings, {**chosen, **span}, PAGE)
        while url is not None:
            if not left:
                return TryLater(raw=f"more than {MOST_REQUESTS} pages of one day")
            left -= 1
            told = yield from asked(url, settings.authorization)
            page = _page(told)
            if isinstance(page, TryLater):
                return page
            events.extend(_event(one) for one in page if _is_ours(one, numbers))
            url = _next(settings, told)
    return Polled(events=tuple(events), until_us=until_us)


def _lists(numbers: tuple[str, ...]) -> list[dict[str, str]]:
    each = [{name: number} for number in numbers for name in ("To", "From")]
    return each if len(each) <= MOST_LISTS else [{}]


def _is_ours(one: Listed, numbers: tuple[str, ...]) -> bool:
    return (one.to if one.inbound else one.sender) in numbers


def _event(one: Listed) -> Event | ListedText:
    if not one.inbound:
        return report(one.sid, None, one.word, one.code)
    if one.files:
        return ListedText(provider_id=one.sid, to=one.to, sent_at=one.sent_us or None)
    return _text(one, ())


def _text(one: Listed, files: tuple[InboundFile, ...]) -> InboundText:
    return InboundText(
        provider_id=one.sid, sender=one.sender, to=one.to, text=one.text, sent_at=one.sent_us or None, media=files
    )


# --- a text with files ------------------------------------------------------------------------------------------------
def fetch_text(settings: TwilioSettings, listed: ListedText) -> Fetching:
    """The message, and the list of its files."""
    url = f"{settings.account_url}/Messages/{quote(listed.provider_id, safe='')}"
    told = yield from asked(f"{url}.json", settings.authorization)
    if told is None or isinstance(told, TryLater):
        return told
    message = _message(told)
    if message is None:
        return TryLater(raw="no message")
    files = yield from asked(f"{url}/Media.json", settings.authorization)
    if isinstance(files, TryLater):
        return files
    given = [] if files is None else files.get("media_list")
    if not isinstance(given, list):
        return TryLater(raw="no list of files")
    paths = [one.get("uri") for one in given[:MOST_FILES] if isinstance(one, dict)]
    urls = (f"{_origin(settings)}{path.removesuffix('.json')}" for path in paths if _is_path(path))
    return _text(message, tuple(InboundFile(url=url) for url in urls))


# --- requests and answers ---------------------------------------------------------------------------------------------
def list_url(settings: TwilioSettings, chosen: Mapping[str, str], size: int) -> str:
    """Where a page of messages is, newest first. The names of the parameters may end in ``<`` or ``>``."""
    return f"{settings.account_url}/Messages.json?{urlencode({**chosen, 'PageSize': size})}"


def _page(told: Told) -> list[Listed] | TryLater:
    """The messages of a list; one that is none would mean that something is left out."""
    if isinstance(told, TryLater):
        return told
    given = None if told is None else told.get("messages")
    messages = [_message(one) for one in given] if isinstance(given, list) else [None]
    found = [one for one in messages if one is not None]
    return found if len(found) == len(messages) else TryLater(raw="no list of messages")


def _message(given: object) -> Listed | None:
    if not isinstance(given, dict) or not is_id(given.get("sid")):
        return None
    words = {name: value if isinstance(value, str) else "" for name, value in given.items()}
    created_us = _microseconds(words.get("date_created", ""))
    if not created_us:
        return None
    return Listed(
        sid=words["sid"],
        inbound=words.get("direction") == "inbound",
        sender=words.get("from", ""),
        to=words.get("to", ""),
        text=words.get("body", ""),
        word=words.get("status", ""),
        code=number_of(given.get("error_code")),
        files=number_of(given.get("num_media")) or 0,
        created_us=created_us,
        sent_us=_microseconds(words.get("date_sent", "")),
    )


def _next(settings: TwilioSettings, told: Told) -> str | None:
    path = told.get("next_page_uri") if isinstance(told, Mapping) else None
    return f"{_origin(settings)}{path}" if _is_path(path) else None


def _is_path(path: object) -> TypeGuard[str]:
    """Whether it leads to our account's API: credentials go there and nowhere else."""
    return isinstance(path, str) and path.startswith("/2010-04-01/") and path.isascii() and path.isprintable()


def _origin(settings: TwilioSettings) -> str:
    parts = urlsplit(settings.base_url)
    return f"{parts.scheme}://{parts.netloc}"


def _microseconds(stamp: str) -> int:
    """RFC 2822, as in ``Fri, 15 Jan 2027 08:00:00 +0000``; 0 for anything else."""
    try:
        told = parsedate_to_datetime(stamp)
        return int(told.replace(tzinfo=told.tzinfo or UTC).timestamp()) * SECOND
    except (ValueError, TypeError, OverflowError):
        return 0
