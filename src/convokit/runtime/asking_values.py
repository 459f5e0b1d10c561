"""What a gateway found when it was asked, checked before it is used: whole, bounded, and no other than the port has."""

from __future__ import annotations

import logging
from typing import Final

from convokit.outcomes import TryLater
from convokit.plugins.faults import contain, log_fault
from convokit.ports.sms import DeliveryReport, Event, InboundText
from convokit.ports.sms_asking import Fetched, Found, ListedText, LookedUp, Polled, PollResult
from convokit.runtime.plugin_values import LONGEST_ID, event_checked, outcome_checked, words

MOST_EVENTS: Final = 20_000
"""More of one poll are left for the next one: a practice's texts of a day are far fewer."""

_log = logging.getLogger("convokit")


def looked_up_checked(given: object) -> LookedUp:
    """What a look-up came to; rubbish is no answer."""
    try:
        match given:
            case Found() if isinstance(given.reports, (tuple, list)):
                return Found(reports=tuple(filter(None, map(_report, given.reports[:MOST_EVENTS]))))
            case TryLater():
                return _later(given)
    except BaseException as error:  # a value that raises when it is looked at
        contain(error)
        log_fault(_log, "gateway.contract: what was looked up could not be read", error)
    return TryLater(raw=f"gateway.contract: returned {type(given).__name__[:200]}")


def polled_checked(given: object) -> PollResult:
    """What a poll came to; rubbish is no answer, and an event that is none is left out."""
    try:
        match given:
            case Polled() if isinstance(given.events, (tuple, list)) and type(given.until_us) is int:
                events = [event for one in given.events[:MOST_EVENTS] if (event := _event(one)) is not None]
                return Polled(events=tuple(events), until_us=given.until_us)
            case TryLater():
                return _later(given)
    except BaseException as error:  # a value that raises when it is looked at
        contain(error)
        log_fault(_log, "gateway.contract: what was polled could not be read", error)
    return TryLater(raw=f"gateway.contract: returned {type(given).__name__[:200]}")


def fetched_checked(given: object) -> Fetched:
    """What fetching a listed text came to; rubbish is no answer."""
    try:
        match given:
            case None:
                return None
            case InboundText():
                checked = event_checked(given)
                return checked if isinstance(checked, InboundText) else None
            case TryLater():
                return _later(given)
    except BaseException as error:  # a value that raises when it is looked at
        contain(error)
        log_fault(_log, "gateway.contract: a fetched text could not be read", error)
    return TryLater(raw=f"gateway.contract: returned {type(given).__name__[:200]}")


def _later(given: TryLater) -> TryLater:
    checked = outcome_checked(given)
    return checked if isinstance(checked, TryLater) else TryLater()


def _event(given: object) -> Event | ListedText | None:
    try:
        return _listed(given) if isinstance(given, ListedText) else event_checked(given)
    except BaseException as error:  # whatever a plugin's value is
        contain(error)
        log_fault(_log, "gateway.contract: an unusable event was polled", error)
        return None


def _listed(given: ListedText) -> ListedText:
    if not (isinstance(given.provider_id, str) and isinstance(given.to, str)):
        raise TypeError("not a listed text")
    sent_at = given.sent_at if type(given.sent_at) is int else None
    return ListedText(provider_id=words(given.provider_id, LONGEST_ID), to=words(given.to, LONGEST_ID), sent_at=sent_at)


def _report(given: object) -> DeliveryReport | None:
    found = _event(given)
    return found if isinstance(found, DeliveryReport) and found.provider_id else None
