"""A practice and its rules are checked when they are added, so that every decision can trust them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from attrs import evolve

from convokit.domain.consent_text import clauses
from convokit.domain.phone import region_code
from convokit.domain.reminder_kinds import LONGEST_EMOJI, is_emoji, kind_key
from convokit.domain.reminders import LONGEST_KIND
from convokit.domain.rules import PLACEHOLDERS, Practice, Rules, filled, unknown_placeholder
from convokit.domain.sms_segments import count_segments
from convokit.errors import InvalidInput
from convokit.runtime.checks import check_label, check_sender, check_zone, is_storable, nothing_fills
from convokit.runtime.checks_canned import check_canned
from convokit.runtime.checks_departments import check_audience, check_departments, check_sender_states
from convokit.runtime.checks_hours import answers_by_hours, check_all_hours, check_phone_known, told_of
from convokit.runtime.checks_mail import check_mail
from convokit.runtime.checks_payments import check_payments
from convokit.runtime.checks_push import check_push
from convokit.runtime.checks_quiet import check_quiet
from convokit.runtime.checks_records import check_records

RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "rules.reopen_hours": (0, 8_760),
    # One concatenation header numbers at most 255 parts (3GPP TS 23.040, 9.2.3.24.1).
    "rules.max_text_segments": (1, 255),
    "rules.max_app_characters": (1, 100_000),
    "rules.give_up_hours": (1, 168),
    "rules.link_hours": (1, 8_760),
    "rules.reminder_months": (0, 1_200),
}
"""The whole numbers among the rules: the smallest and the largest that make sense."""

NUMBERS_LIMIT: Final = 100
STOP_WORDS_LIMIT: Final = 200
STOP_WORD_LENGTH: Final = 100
ANSWER_LENGTH: Final = 1_000
EMOJI_LIMIT: Final = 200
_SHOWN: Final = 40
_PRACTICE_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


def check_practice(practice: object) -> Practice:
    """A practice with its numbers in E.164 and its regions in upper case.

    Raises:
        InvalidInput: ``practice.type``, ``practice.id``, ``practice.name...``, ``practice.region``,
            ``practice.numbers``, ``practice.sender_states``, an ``address...`` code for a number,
            ``practice.rules``, ``rules...``.
        ConfigurationError: ``time.zone``.
    """
    if not isinstance(practice, Practice):
        raise InvalidInput("practice.type", "add_practice takes a convokit.Practice", field="practice")
    if not isinstance(practice.id, str) or not _PRACTICE_ID.fullmatch(practice.id):
        raise InvalidInput("practice.id", "an id has 1 to 64 of A-Z a-z 0-9 . _ -", field="practice.id", limit="64")
    check_zone(practice.time_zone)
    region = None if practice.region is None else _region(practice.region, "practice.region")
    numbers = _numbers(practice.numbers, region)
    checked = evolve(
        practice,
        name=check_label(practice.name, "practice.name", empty=False),
        region=region,
        numbers=numbers,
        phone=_phone(practice.phone, region),
        sender_states=check_sender_states(practice.sender_states, numbers, region),
        rules=check_rules(practice.rules),
    )
    _check_answer(checked, "rules.confirmation", checked.rules.confirmation)
    _check_answer(checked, "rules.help_reply", checked.rules.help_reply)
    for place, field, template in answers_by_hours(checked.rules):
        if template != "":
            with told_of(place):
                _check_answer(checked, field, template)
                check_phone_known(checked, field, template)
    return checked


def _region(given: object, field: str) -> str:
    code = region_code(given)
    if code is None:
        shown = ascii(given[:_SHOWN]) if isinstance(given, str) else type(given).__name__
        why = f"no region: {shown}; use an ISO 3166 code of two letters (GB, not UK)"
        raise InvalidInput(field, why, field=field, limit="2 letters")
    return code


def _numbers(given: object, region: str | None) -> tuple[str, ...]:
    """The sender numbers in order, each once."""
    if not isinstance(given, tuple):
        raise InvalidInput("practice.numbers", "numbers= is a list of phone numbers", field="practice.numbers")
    if len(given) > NUMBERS_LIMIT:
        limit = f"{NUMBERS_LIMIT} numbers"
        raise InvalidInput("practice.numbers", "too many numbers", field="practice.numbers", limit=limit)
    return tuple(dict.fromkeys(check_sender(number, region, "practice.numbers") for number in given))


def _phone(given: object, region: str | None) -> str | None:
    """The number that clients may call, as it was typed: it is only ever shown."""
    if given is None:
        return None
    check_sender(given, region, "practice.phone")
    return " ".join(str(given).split())


def check_rules(rules: object) -> Rules:
    """Rules with countries in upper case and names on one line. Whether the answers fit is a matter of the practice.

    Raises:
        InvalidInput: ``practice.rules``, ``rules...``.
    """
    if not isinstance(rules, Rules):
        raise InvalidInput("practice.rules", "rules= is a convokit.Rules", field="practice.rules", limit="Rules")
    if type(rules.urgency) is not bool:
        raise InvalidInput("rules.urgency", "urgency is True or False", field="rules.urgency", limit="bool")
    for field, (least, most) in RANGES.items():
        value = getattr(rules, field.removeprefix("rules."))
        if type(value) is not int or not least <= value <= most:
            why = f"{field.removeprefix('rules.')} is a whole number from {least} to {most}"
            raise InvalidInput(field, why, field=field, limit=f"{least}..{most}")
    _check_emojis(rules)
    _check_stop_words(rules.stop_words)
    mail, end_of_day = check_mail(rules.mail, rules.end_of_day)
    departments = check_departments(rules.departments)
    check_all_hours(rules)
    return evolve(
        rules,
        mail=mail,
        end_of_day=end_of_day,
        countries=_countries(rules.countries),
        departments=departments,
        app=check_audience(rules.app),
        payments=check_payments(rules.payments),
        records=check_records(rules.records),
        push=check_push(rules.push),
        quiet_hours=check_quiet(rules.quiet_hours),
        canned=check_canned(rules.canned, departments),
    )


def _countries(given: object) -> frozenset[str]:
    if not isinstance(given, frozenset):
        why = 'countries= is a set or list of region codes, {"US", "CA"}'
        raise InvalidInput("rules.countries", why, field="rules.countries", limit="set of str")
    return frozenset(_region(code, "rules.countries") for code in given)


def _check_stop_words(given: object) -> None:
    if not isinstance(given, frozenset):
        raise _wrong_stop_words('stop_words= is a set or list of words, {"basta"}', "set of str")
    if len(given) > STOP_WORDS_LIMIT:
        raise _wrong_stop_words("too many stop words", f"{STOP_WORDS_LIMIT} words")
    for word in given:
        if not isinstance(word, str) or len(word) > STOP_WORD_LENGTH or not is_storable(word):
            raise _wrong_stop_words("a stop word is a word or a few", f"1..{STOP_WORD_LENGTH} characters")
        if not clauses(word):
            raise _wrong_stop_words("a stop word has no letters or digits, so no text could match it", "1 word")


def _wrong_stop_words(why: str, limit: str) -> InvalidInput:
    return InvalidInput("rules.stop_words", why, field="rules.stop_words", limit=limit)


def _check_answer(practice: Practice, field: str, template: object) -> None:
    """An automatic answer that clients can be sent: with nothing left to fill in, and no longer than a text may be."""
    if not isinstance(template, str) or not template.strip() or not is_storable(template):
        raise InvalidInput(field, "an automatic answer is text, and not empty", field=field, limit="str")
    if len(template) > ANSWER_LENGTH:
        raise InvalidInput(field, "an automatic answer is too long", field=field, limit=f"{ANSWER_LENGTH} characters")
    unknown = unknown_placeholder(template)
    if unknown is not None:
        raise nothing_fills(unknown, PLACEHOLDERS, field)
    sender = max(practice.numbers, key=len, default="")
    segments, most = count_segments(filled(template, practice, sender)).segments, practice.rules.max_text_segments
    if segments > most:
        why = f"this answer needs {segments} segments when it is filled in"
        raise InvalidInput(field, why, field=field, limit=f"{most} segments")


def _check_emojis(rules: Rules) -> None:
    """The practice's own emojis for reminders."""
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
    if not isinstance(kind, str) or len(kind) > LONGEST_KIND or not is_storable(kind) or not kind_key(kind):
        raise _wrong_emojis("a kind of reminder is a word or a few", f"1..{LONGEST_KIND} characters")
    if not isinstance(emoji, str) or (emoji and not is_emoji(emoji)):
        raise _wrong_emojis(f"{kind!r} has other text than an emoji", f"{LONGEST_EMOJI} characters, or none to hide it")
    return kind_key(kind)


def _wrong_emojis(why: str, limit: str) -> InvalidInput:
    return InvalidInput("rules.reminder_emojis", why, field="rules.reminder_emojis", limit=limit)
