"""Bad input gets a clear error here, at the door, so that everything inside can trust its values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

from attrs import evolve

from convokit.domain.mail_address import parse_mail_address
from convokit.domain.people import Client, Patient, Staff
from convokit.domain.phone import normalise_address, parse_number
from convokit.domain.rules import Practice
from convokit.domain.sms_segments import count_segments
from convokit.errors import ConfigurationError, InvalidInput
from convokit.ports.wire import HttpRequest

NAME_LIMIT: Final = 200
REASON_LIMIT: Final = 1000
ID_LIMIT: Final = 128
_SHOWN: Final = 40
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


def is_storable(text: str) -> bool:
    """False where a store could not carry the text: NUL, lone surrogates."""
    return _UNSTORABLE.search(text) is None


def repair(text: str) -> tuple[str, tuple[str, ...]]:
    """``text`` with what no store can carry (NUL, lone surrogates) as U+FFFD, flagged ``"repaired"`` if it had any.

    A pair of surrogates (JSON escapes decoded one by one) is the character it stands for.
    """
    if is_storable(text):
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


def check_seq(value: object, field: str) -> int | None:
    """A sequence number of a timeline, or ``None``.

    Raises:
        InvalidInput: ``<field>.type``.
    """
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise InvalidInput(f"{field}.type", f"{field} is a sequence number, 0 or more", field=field, limit="int")
    return value


def check_staff(by: object, field: str = "by") -> Staff:
    """Who acts; a name is never enough, the author is an id.

    Raises:
        InvalidInput: ``by.type`` (or that of another ``field``), ``staff.id...``, ``staff.name...``.
    """
    if not isinstance(by, Staff):
        code = "by.type" if field == "by" else "assignee.type"
        raise InvalidInput(code, f"{field}= is a convokit.Staff", field=field, limit="Staff")
    return Staff(id=check_id(by.id, "staff.id"), name=check_label(by.name, "staff.name", empty=False))


def check_client(client: object) -> Client:
    """Who the conversation is with.

    Raises:
        InvalidInput: ``client.type``, ``client.id...``, ``client.name...``, ``client.has_app``, an ``email...`` code.
    """
    if not isinstance(client, Client):
        raise InvalidInput("client.type", "client= is a convokit.Client", field="client", limit="Client")
    if client.has_app is not None and type(client.has_app) is not bool:
        raise InvalidInput("client.has_app", "has_app is True, False or None", field="client.has_app", limit="bool")
    # Hosts keep "no e-mail" as an empty text as often as not.
    email = None if client.email in (None, "") else str(parse_mail_address(client.email, field="client.email"))
    name = check_label(client.name, "client.name")
    return evolve(client, id=check_id(client.id, "client.id"), name=name, email=email)


def phone_of(client: Client, region: str | None) -> str:
    """A client's number in E.164, to find the client by; ``""`` for none and for what is no number."""
    return normalise_address(client.phone, region) or ""


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


def check_request(request: object) -> HttpRequest:
    """A provider's request, with fields of the right types.

    Raises:
        InvalidInput: ``request.type``.
    """
    if (
        not isinstance(request, HttpRequest)
        or not all(isinstance(text, str) for text in (request.method, request.url))
        or not isinstance(request.body, bytes)
        or not isinstance(request.headers, tuple)
        or not all(isinstance(header, tuple) and len(header) == len(("name", "value")) for header in request.headers)
        or not all(isinstance(text, str) for header in request.headers for text in header)
    ):
        raise InvalidInput(
            "request.type",
            "a webhook is a convokit.HttpRequest: method and url are str, body is bytes, headers are pairs of str",
            field="request",
            limit="HttpRequest",
        )
    return request


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


def nothing_fills(found: str, known: Sequence[str], field: str) -> InvalidInput:
    """The refusal of a template with a brace that nothing is filled in for: no name, another one, or an attribute."""
    names = ", ".join(known)
    why = f"nothing is filled in for {found[:_SHOWN]!a}; known: {names}"
    return InvalidInput("template.field", why, field=field, limit=names)
