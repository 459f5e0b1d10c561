"""Bad input gets a clear error here, at the door, so that everything inside can trust its values."""

from __future__ import annotations

import re
from typing import Final
from zoneinfo import ZoneInfo

from attrs import evolve

from convokit.domain.people import Client, Patient, Staff
from convokit.domain.phone import normalise_address, parse_number
from convokit.domain.reminder_kinds import LONGEST_EMOJI, is_emoji, kind_key
from convokit.domain.reminders import LONGEST_KIND
from convokit.domain.rules import Practice, Rules
from convokit.domain.sms_segments import count_segments
from convokit.errors import ConfigurationError, InvalidInput

NAME_LIMIT: Final = 200
REASON_LIMIT: Final = 1000
ID_LIMIT: Final = 128
EMOJI_LIMIT: Final = 200
LARGEST_REMINDER_MONTHS: Final = 1200
_PRACTICE_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SHORT_CODE: Final = re.compile(r"[0-9]{3,6}")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def check_text(text: object, *, channel: str, practice: Practice) -> tuple[str, tuple[str, ...]]:
    """A message that staff want to send, and its flags.

    Raises:
        InvalidInput: ``message.type``, ``message.empty``, ``message.too_long`` (saying how many segments it has).
    """
    if not isinstance(text, str):
        raise InvalidInput("message.type", "a message is text", field="text", limit="str")
    if not text.strip():
        raise InvalidInput("message.empty", "the message is empty", field="text")
    most = practice.rules.max_app_characters
    if len(text) > most:
        raise InvalidInput(
            "message.too_long", f"the message has {len(text)} characters", field="text", limit=f"{most} characters"
        )
    clean, flags = repair(text)
    if channel == "sms":
        segments = count_segments(clean).segments
        if segments > practice.rules.max_text_segments:
            raise InvalidInput(
                "message.too_long",
                f"the text needs {segments} segments",
                field="text",
                limit=f"{practice.rules.max_text_segments} segments",
            )
    return clean, flags


def repair(text: str) -> tuple[str, tuple[str, ...]]:
    """``text`` with what no store can carry (NUL, lone surrogates) as U+FFFD, flagged ``"repaired"`` if it had any.

    A pair of surrogates (JSON escapes decoded one by one) is the character it stands for.
    """
    if not _UNSTORABLE.search(text):
        return text, ()
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\x00", "\ufffd")
    return joined, ("repaired",) if "\ufffd" in joined else ()


def check_label(value: object, field: str, *, most: int = NAME_LIMIT, empty: bool = True) -> str:
    """A name, title or reason: one line of text.

    Raises:
        InvalidInput: ``<field>.type``, ``<field>.empty``, ``<field>.too_long``.
    """
    if not isinstance(value, str):
        raise InvalidInput(f"{field}.type", f"{field} is text", field=field, limit="str")
    clean = " ".join(repair(value)[0].split())
    if not clean and not empty:
        raise InvalidInput(f"{field}.empty", f"{field} is empty", field=field)
    if len(clean) > most:
        raise InvalidInput(f"{field}.too_long", f"{field} is too long", field=field, limit=f"{most} characters")
    return clean


def check_id(value: object, field: str) -> str:
    """An id of the host's or ours, as opaque text of 1 to 128 characters.

    Raises:
        InvalidInput: ``<field>.type``, ``<field>.too_long``.
    """
    if not isinstance(value, str) or not value or "\x00" in value or _SURROGATE.search(value):
        raise InvalidInput(f"{field}.type", f"{field} is text of 1 to {ID_LIMIT} characters", field=field, limit="str")
    if len(value) > ID_LIMIT:
        raise InvalidInput(f"{field}.too_long", f"{field} is too long", field=field, limit=f"{ID_LIMIT} characters")
    return value


def check_staff(by: object) -> Staff:
    """Who acts; a name is never enough, the author is an id.

    Raises:
        InvalidInput: ``by.type``, ``staff.id...``, ``staff.name...``.
    """
    if not isinstance(by, Staff):
        raise InvalidInput("by.type", "by= is a convokit.Staff", field="by", limit="Staff")
    return Staff(id=check_id(by.id, "staff.id"), name=check_label(by.name, "staff.name", empty=False))


def check_client(client: object) -> Client:
    """Who the conversation is with.

    Raises:
        InvalidInput: ``client.type``, ``client.id...``, ``client.name...``.
    """
    if not isinstance(client, Client):
        raise InvalidInput("client.type", "client= is a convokit.Client", field="client", limit="Client")
    return evolve(client, id=check_id(client.id, "client.id"), name=check_label(client.name, "client.name"))


def check_patient(patient: object) -> Patient | None:
    """The pet, if there is one.

    Raises:
        InvalidInput: ``patient.type``, ``patient.id...``, ``patient.name...``.
    """
    if patient is None:
        return None
    if not isinstance(patient, Patient):
        raise InvalidInput("patient.type", "patient= is a convokit.Patient", field="patient", limit="Patient")
    return Patient(id=check_id(patient.id, "patient.id"), name=check_label(patient.name, "patient.name"))


def check_practice(practice: object) -> Practice:
    """A practice with its numbers in E.164.

    Raises:
        InvalidInput: ``practice.type``, ``practice.id``, ``practice.name...``, an ``address...`` code for a number,
            ``practice.rules``, ``rules...``.
        ConfigurationError: ``time.zone``.
    """
    if not isinstance(practice, Practice):
        raise InvalidInput("practice.type", "add_practice takes a convokit.Practice", field="practice")
    if not isinstance(practice.id, str) or not _PRACTICE_ID.fullmatch(practice.id):
        raise InvalidInput("practice.id", "an id has 1 to 64 of A-Z a-z 0-9 . _ -", field="practice.id", limit="64")
    check_zone(practice.time_zone)
    check_reminder_rules(practice.rules)
    numbers = tuple(check_sender(n, practice.region, "practice.numbers") for n in practice.numbers)
    return evolve(practice, name=check_label(practice.name, "practice.name", empty=False), numbers=numbers)


def check_reminder_rules(rules: object) -> None:
    """The practice's own emojis for reminders, and how long they are shown.

    Raises:
        InvalidInput: ``practice.rules``, ``rules.reminder_emojis``, ``rules.reminder_months``.
    """
    if not isinstance(rules, Rules):
        raise InvalidInput("practice.rules", "rules= is a convokit.Rules", field="practice.rules", limit="Rules")
    months = rules.reminder_months
    if type(months) is not int or not 0 <= months <= LARGEST_REMINDER_MONTHS:
        why = "reminder_months is a whole number of months"
        raise InvalidInput(
            "rules.reminder_months", why, field="rules.reminder_months", limit=f"0..{LARGEST_REMINDER_MONTHS}"
        )
    if len(rules.reminder_emojis) > EMOJI_LIMIT:
        raise _wrong_emojis("reminder_emojis has too many kinds", f"{EMOJI_LIMIT} kinds")
    seen: set[str] = set()
    for kind, emoji in rules.reminder_emojis:
        key = _check_emoji(kind, emoji)
        if key in seen:
            raise _wrong_emojis(f"{kind!r} is named twice; {key!r} is the same kind", "1 emoji per kind")
        seen.add(key)


def _check_emoji(kind: object, emoji: object) -> str:
    """The key of a kind that has a usable emoji."""
    if not isinstance(kind, str) or len(kind) > LONGEST_KIND or _UNSTORABLE.search(kind) or not kind_key(kind):
        raise _wrong_emojis("a kind of reminder is a word or a few", f"1..{LONGEST_KIND} characters")
    if not isinstance(emoji, str) or (emoji and not is_emoji(emoji)):
        raise _wrong_emojis(f"{kind!r} has other text than an emoji", f"{LONGEST_EMOJI} characters, or none to hide it")
    return kind_key(kind)


def _wrong_emojis(why: str, limit: str) -> InvalidInput:
    return InvalidInput("rules.reminder_emojis", why, field="rules.reminder_emojis", limit=limit)


def check_sender(number: object, region: str | None, field: str) -> str:
    """A number to text from: unlike a client's it may be toll-free, a landline that texts, or a short code.

    Raises:
        InvalidInput: an ``address...`` code.
    """
    if isinstance(number, str) and _SHORT_CODE.fullmatch(number):
        return number
    known = normalise_address(number, region)
    return known or parse_number(number, region=region, field=field).e164


def check_zone(name: object) -> None:
    """An IANA time zone.

    Raises:
        ConfigurationError: ``time.zone``.
    """
    try:
        if not isinstance(name, str) or not name:
            raise ValueError("no name")
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # unknown, a path, a NUL, a folder of the database
        raise ConfigurationError("time.zone", "unknown time zone; use an IANA name", field="time_zone") from error
