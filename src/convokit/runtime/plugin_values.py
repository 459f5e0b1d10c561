"""Values of plugins, checked before they go further: a wrong type or an odd character must not reach the store."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Final

from attrs import evolve

from convokit.domain.attachment import MOST_FILES
from convokit.domain.candidates import MOST_CANDIDATES
from convokit.domain.mail_address import parse_mail_address
from convokit.domain.people import Client, Patient
from convokit.domain.reasons import REASONS
from convokit.errors import InvalidInput
from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.ports.directory import Match
from convokit.ports.push import PushOutcome, TokenGone
from convokit.ports.sms import DeliveryReport, Event, InboundFile, InboundText
from convokit.ports.wire import HttpResponse
from convokit.runtime.checks import NAME_LIMIT, check_id, repair
from convokit.runtime.payment_links import link_checked

LONGEST_ID: Final = 200
LONGEST_RAW: Final = 500
LONGEST_URL: Final = 2_000
LONGEST_WAIT: Final = 24 * 3600
_SHA256: Final = re.compile(r"[0-9a-fA-F]{64}")
_STATES: Final = (None, "sent", "delivered", "failed")
_STATUSES: Final = range(200, 600)


def words(value: object, most: int = LONGEST_RAW) -> str:
    """Text that every store can carry, at most ``most`` characters; ``""`` for what is no text."""
    return repair(value[:most])[0] if isinstance(value, str) else ""


# --- outcomes ------------------------------------------------------------------------------------------------------
def outcome_checked(outcome: object) -> Outcome:
    """An outcome as the contract has it; what is no outcome, or has an impossible id, is :class:`Unsure`."""
    match outcome:
        case Accepted() if _is_id(outcome.provider_id):
            named = None if outcome.provider_id is None else words(outcome.provider_id, LONGEST_ID)
            arrived = "delivered" if outcome.delivery == "delivered" else None
            return Accepted(provider_id=named, delivery=arrived, url=link_checked(outcome.url))
        case Refused():
            reason, raw = reason_checked(outcome.reason, words(outcome.raw))
            return Refused(reason=reason, raw=raw)
        case TryLater():
            return TryLater(raw=words(outcome.raw), after=_seconds(outcome.after))
        case Unsure():
            return Unsure(why=words(outcome.why))
        case _:
            return Unsure(why=f"gateway.contract: returned {type(outcome).__name__[:LONGEST_ID]}")


def push_checked(outcome: object) -> PushOutcome:
    """How a push went, as the port has it; anything else is :class:`Unsure`."""
    try:
        if not isinstance(outcome, TokenGone):
            return outcome_checked(outcome)
        since: object = outcome.since_us
        known = isinstance(since, int) and not isinstance(since, bool) and 0 <= since < 2**63
        return TokenGone(raw=words(outcome.raw), since_us=since if known else None)  # type: ignore[arg-type]  # just told
    except (Exception, SystemExit) as error:  # a value that raises when it is looked at
        return Unsure(why=f"gateway.contract: an outcome that raised {type(error).__name__}")


def reason_checked(reason: object, raw: str) -> tuple[str, str]:
    """A category of the table and the raw words; one that is not in the table is "unknown", and kept as raw."""
    if isinstance(reason, str) and reason in REASONS:
        return reason, raw
    return "unknown", raw or words(reason)


def _is_id(value: object) -> bool:
    return value is None or (isinstance(value, str) and 0 < len(value) <= LONGEST_ID)


def _seconds(value: object) -> int | None:
    """A carrier's wish: whole seconds from 0 to a day, or ``None``."""
    if not isinstance(value, (int, float)) or isinstance(value, bool) or value != value:
        return None  # also for NaN, which is not itself
    return int(min(max(value, 0), LONGEST_WAIT))


# --- webhooks ------------------------------------------------------------------------------------------------------
def event_checked(event: object) -> Event:
    """An event that a gateway read, with its strings repaired and bounded.

    Raises:
        TypeError: it is no event, or a field has another type than the port says, or ``state`` an unknown word.
    """
    match event:
        case InboundText():
            _want_text(event.provider_id, event.sender, event.to, event.text)
            # Sender and text stay as they came: the front flags what it repairs in them and keeps the original.
            return evolve(event, provider_id=words(event.provider_id, LONGEST_ID), media=_files_checked(event.media))
        case DeliveryReport():
            return _report_checked(event)
        case _:
            raise TypeError("not an event")


def _files_checked(given: object) -> tuple[InboundFile, ...]:
    """At most as many files as a message has."""
    if not isinstance(given, (tuple, list)) or not all(isinstance(file, InboundFile) for file in given):
        raise TypeError("not files")
    for file in given:
        _want_text(file.url, file.name, file.sha256)
    return tuple(
        InboundFile(url=words(file.url, LONGEST_URL), name=words(file.name), sha256=_digest(file.sha256))
        for file in given[:MOST_FILES]
    )


def _digest(value: str) -> str:
    """A SHA-256 in hex; nothing for what is none, for no file could fit it."""
    return value.lower() if _SHA256.fullmatch(value) else ""


def _report_checked(report: DeliveryReport) -> DeliveryReport:
    optional = (report.attempt_id, report.provider_id, report.reason)
    _want_text(report.raw, report.event_id, *(value for value in optional if value is not None))
    if report.state not in _STATES:
        raise TypeError("an unknown state")
    reason, raw = report.reason, words(report.raw)
    if reason is not None:
        reason, raw = reason_checked(reason, raw)
    return evolve(
        report,
        attempt_id=None if report.attempt_id is None else words(report.attempt_id, LONGEST_ID),
        provider_id=None if report.provider_id is None else words(report.provider_id, LONGEST_ID),
        reason=reason,
        raw=raw,
        event_id=words(report.event_id, LONGEST_ID),
    )


def _want_text(*values: object) -> None:
    for value in values:
        if not isinstance(value, str):
            raise TypeError("not text")


def answer_checked(answer: object) -> HttpResponse | None:
    """An answer that a server can send, or ``None``."""
    if not isinstance(answer, HttpResponse) or not isinstance(answer.body, bytes) or answer.status not in _STATUSES:
        return None
    try:
        pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    except (AttributeError, TypeError, ValueError):
        return None
    whole = b"".join(name + value for name, value in pairs)
    return None if any(sign in whole for sign in b"\r\n\x00") else answer


# --- the host's directory ------------------------------------------------------------------------------------------
def matches_checked(found: object) -> tuple[Match, ...]:
    """The matches in a directory's answer, each client once, with names repaired and bounded; the first few only.

    Raises:
        TypeError: the answer is no sequence of matches, or a match lacks what a match has.
        InvalidInput: an id is unusable.
    """
    if not isinstance(found, (tuple, list)):
        raise TypeError("not a tuple of matches")
    matches: dict[str, Match] = {}
    for one in found[:MOST_CANDIDATES]:
        match = _match(one)
        matches.setdefault(match.client.id, match)
    return tuple(matches.values())


def found_checked(found: object) -> tuple[Match, ...]:
    """The matches of a search, each client and pet once; the first few only.

    Raises:
        TypeError, InvalidInput: as :func:`matches_checked`.
    """
    if not isinstance(found, (tuple, list)):
        raise TypeError("not a tuple of matches")
    matches: dict[tuple[str, str | None], Match] = {}
    for one in map(_match, found[:MOST_CANDIDATES]):
        matches.setdefault((one.client.id, None if one.patient is None else one.patient.id), one)
    return tuple(matches.values())


def _match(match: object) -> Match:
    if not isinstance(match, Match) or not isinstance(match.client, Client):
        raise TypeError("not a match")
    client = _client(match.client)
    if match.patient is None:
        return Match(client=client)
    if not isinstance(match.patient, Patient):
        raise TypeError("not a patient")
    patient = Patient(id=check_id(match.patient.id, "patient.id"), name=_name(match.patient.name))
    return Match(client=client, patient=patient)


def _client(given: Client) -> Client:
    """The e-mail address and the number are there to find a client by: a wrong one is left out."""
    phone = given.phone if isinstance(given.phone, str) else None
    has_app = given.has_app if isinstance(given.has_app, bool) else None
    client = Client(id=check_id(given.id, "client.id"), name=_name(given.name), phone=phone, has_app=has_app)
    with suppress(InvalidInput):
        return evolve(client, email=str(parse_mail_address(given.email)))
    return client


def _name(value: object) -> str:
    _want_text(value)
    return " ".join(words(value, NAME_LIMIT).split())
