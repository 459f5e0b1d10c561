"""The rules about mail, checked when a practice is added."""

from __future__ import annotations

import re
from typing import Final

from attrs import evolve

from convokit.domain.holidays import WEEKDAYS, holiday_of
from convokit.domain.mail_address import parse_mail_address
from convokit.domain.mail_rules import CLIENT, EndOfDay, MailRules
from convokit.errors import InvalidInput
from convokit.runtime.checks import NAME_LIMIT, is_storable

RECIPIENTS_LIMIT: Final = 50
HOLIDAYS_LIMIT: Final = 400
LATE_HOURS: Final = (1, 12)
_TIME: Final = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_MAIL: Final = "rules.mail"
_END_OF_DAY: Final = "rules.end_of_day"


def check_mail(mail: object, end_of_day: object) -> tuple[MailRules, EndOfDay]:
    """Both, with addresses composed and each once, weekdays in order.

    Raises:
        InvalidInput: ``rules.mail``, ``rules.end_of_day``, an ``email...`` code; ``field`` names the setting.
    """
    if not isinstance(mail, MailRules):
        raise InvalidInput(_MAIL, "mail= is a convokit.MailRules", field=_MAIL, limit="MailRules")
    if not isinstance(end_of_day, EndOfDay):
        raise InvalidInput(_END_OF_DAY, "end_of_day= is a convokit.EndOfDay", field=_END_OF_DAY, limit="EndOfDay")
    checked = MailRules(
        sender="" if mail.sender == "" else _address(mail.sender, f"{_MAIL}.sender"),
        sender_name=_name(mail.sender_name),
        transcript_to=check_recipients(mail.transcript_to, _MAIL, f"{_MAIL}.transcript_to", or_client=True),
    )
    reminder = _check_end_of_day(end_of_day)
    if not checked.sender and (checked.transcript_to or reminder.on):
        field = f"{_MAIL}.sender"
        raise InvalidInput(_MAIL, "mails need a sender: the practice's own address", field=field)
    return checked, reminder


def check_recipients(given: object, code: str, field: str, *, or_client: bool) -> tuple[str, ...]:
    """Addresses, each once, in order; with ``or_client`` the word ``"client"`` may stand among them.

    Raises:
        InvalidInput: ``code``; an ``email...`` code for an address.
    """
    found = (given,) if isinstance(given, str) else given
    if not isinstance(found, (tuple, list)):
        raise InvalidInput(code, "recipients are a list of addresses", field=field, limit="list of str")
    if len(found) > RECIPIENTS_LIMIT:
        raise InvalidInput(code, "too many recipients", field=field, limit=f"{RECIPIENTS_LIMIT} recipients")
    return tuple(dict.fromkeys(one if or_client and one == CLIENT else _address(one, field) for one in found))


def _address(given: object, field: str) -> str:
    return str(parse_mail_address(given, field=field))


def _name(given: object) -> str:
    if not isinstance(given, str) or len(given) > NAME_LIMIT or not is_storable(given):
        limit = f"{NAME_LIMIT} characters"
        raise InvalidInput(_MAIL, "sender_name is a name", field=f"{_MAIL}.sender_name", limit=limit)
    return " ".join(given.split())


def _check_end_of_day(given: EndOfDay) -> EndOfDay:
    if not isinstance(given.time, str) or not _TIME.fullmatch(given.time):
        raise _wrong("time", 'the time is written as "17:30"', "00:00..23:59")
    days = given.weekdays
    if not isinstance(days, tuple) or not days or not all(day in WEEKDAYS for day in days):
        raise _wrong("weekdays", 'weekdays is a list of days, at least one: ["mon", "tue"]', ", ".join(WEEKDAYS))
    if type(given.late_hours) is not int or not LATE_HOURS[0] <= given.late_hours <= LATE_HOURS[1]:
        least, most = LATE_HOURS
        raise _wrong("late_hours", f"late_hours is a whole number from {least} to {most}", f"{least}..{most}")
    if not isinstance(given.holidays, tuple) or len(given.holidays) > HOLIDAYS_LIMIT:
        raise _wrong("holidays", "holidays is a list of days", f"{HOLIDAYS_LIMIT} days")
    for day in given.holidays:
        if not isinstance(day, str) or holiday_of(day) is None:
            why = 'a holiday is written as "2026-12-24", "12-25", "4th thu nov" or "last mon may"'
            raise _wrong("holidays", why, "a day that exists")
    return evolve(
        given,
        recipients=check_recipients(given.recipients, _END_OF_DAY, f"{_END_OF_DAY}.recipients", or_client=False),
        weekdays=tuple(day for day in WEEKDAYS if day in days),
    )


def _wrong(setting: str, why: str, limit: str) -> InvalidInput:
    return InvalidInput(_END_OF_DAY, why, field=f"{_END_OF_DAY}.{setting}", limit=limit)
