"""Practices from mappings: every setting there is can be given, what is wrong is named, nothing is converted."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, time
from typing import Literal

import attrs
import pytest
from attrs import evolve, field, frozen

import convokit
from convokit import ConfigurationError, ConvokitError, Practice, Rules, practice_from, rules_from
from convokit.domain.audience import AppAudience
from convokit.domain.departments import Department
from convokit.runtime import rules_mapping, rules_words
from convokit.runtime.rules_mapping import settings_in

NEW = {"id": "new", "name": "New"}
FULL = Practice(
    id="happy-paws",
    name="Happy Paws",
    time_zone="America/Denver",
    region="US",
    numbers=["+13035550100", "+13035550101"],
    phone="(303) 555-0199",
    sender_states={"+13035550101": "verifying"},
    rules=Rules(
        urgency=False,
        countries={"US", "CA"},
        stop_words={"no gracias"},
        reminder_emojis={"rabies": "🐺", "other": ""},
        departments=[Department(id="surgery", name="Surgery"), Department(id="", name="Desk", in_app=False)],
        app=AppAudience(who="selected", clients={"c1", "c2"}),
        hours=convokit.ConversationHours(
            week={"mon-fri": "8:00-12:00, 13:00-18:00"}, holidays=["12-25"], exceptions={"2026-12-24": ""}, away="Bye"
        ),
    ),
)


def plain(value: object) -> object:
    """A value as JSON and TOML can write it; ``None`` is left out."""
    if attrs.has(type(value)):
        cells = {one.name: getattr(value, one.name) for one in attrs.fields(type(value))}  # type: ignore[arg-type]
        return {name: plain(cell) for name, cell in cells.items() if cell is not None}
    if isinstance(value, frozenset):
        return sorted(map(plain, value))  # type: ignore[type-var]
    return list(map(plain, value)) if isinstance(value, tuple) else value


def toml(table: Mapping[str, object], name: str = "") -> Iterator[str]:
    """A table with its inner tables, as TOML."""
    inner = {key: value for key, value in table.items() if isinstance(value, dict)}
    for key, value in table.items():
        if key not in inner:
            yield f"{key} = {json.dumps(value, ensure_ascii=False) if not isinstance(value, list) else listed(value)}"
    for key, value in inner.items():
        yield f"[{name}{key}]"
        yield from toml(value, f"{name}{key}.")


def listed(values: list[object]) -> str:
    cells = [
        "{" + ", ".join(f"{k} = {json.dumps(v)}" for k, v in value.items()) + "}"
        if isinstance(value, dict)
        else listed(value)
        if isinstance(value, list)
        else json.dumps(value, ensure_ascii=False)
        for value in values
    ]
    return f"[{', '.join(cells)}]"


@pytest.mark.parametrize("practice", [FULL, Practice(id="new", name="New")], ids=["full", "bare"])
def test_a_practice_survives_being_written_and_read(practice: Practice) -> None:
    written = plain(practice)
    assert isinstance(written, dict)
    assert practice_from(written) == practice
    assert practice_from(json.loads(json.dumps(written))) == practice
    assert practice_from(tomllib.loads("\n".join(toml(written)))) == practice
    assert rules_from(written["rules"]) == practice.rules


def test_every_setting_that_there_is_can_be_given_by_its_default() -> None:
    """Every field of every class below Practice has a type that a file can write; a new one needs nothing here."""
    rules = Rules()
    for one in attrs.fields(Rules):
        kind = type(getattr(rules, one.name))
        if attrs.has(kind):
            assert getattr(rules, one.name) == kind(), f"the default of rules.{one.name} is not {kind.__name__}()"
    assert rules_from(plain(rules)) == rules  # type: ignore[arg-type]


def test_the_practice_is_checked_and_its_numbers_are_ours() -> None:
    made = practice_from({**NEW, "region": "us", "numbers": ["303-555-0101"], "rules": {"countries": ["ca"]}})
    assert (made.region, made.numbers, made.rules.countries) == ("US", ("+13035550101",), {"CA"})
    assert practice_from(NEW) == Practice(id="new", name="New")


def rules(**given: object) -> dict[str, object]:
    return {**NEW, "rules": given}


@pytest.mark.parametrize(
    ("given", "code", "at", "words"),
    [
        (rules(end_of_day={"tme": "17:30"}), "rules.unknown", "rules.end_of_day.tme", "mean rules.end_of_day.time?"),
        (rules(reopen_hour=5), "rules.unknown", "rules.reopen_hour", "mean rules.reopen_hours?"),
        (rules(departments=[{"id": "x", "nam": "X"}]), "rules.unknown", "rules.departments[0].nam", "[0].name?"),
        ({**NEW, "reopen_hours": 5}, "rules.unknown", "practice.reopen_hours", "mean rules.reopen_hours?"),
        (rules(transcript_to=[]), "rules.unknown", "rules.transcript_to", "mean rules.mail.transcript_to?"),
        ({**NEW, "nmae": "x"}, "rules.unknown", "practice.nmae", "mean practice.name?"),
        ({**NEW, "zzz": 1}, "rules.unknown", "practice.zzz", "known: id, name, time_zone"),
        ({**NEW, 5: 1}, "rules.unknown", "practice.5", "known: id"),
        ({**NEW, "x" * 10_000: 1}, "rules.unknown", f"practice.{'x' * 60}...", "known: id"),
        ({**NEW, "a\n\x1b[31m": 1}, "rules.unknown", "practice.a\\n\\x1b[31m", "known: id"),
        ({"id": "new"}, "rules.missing", "practice.name", "needed"),
        (rules(departments=[{"name": "X"}]), "rules.missing", "rules.departments[0].id", "needed"),
        (5, "rules.type", "practice", "is a whole number; it has to be a table"),
        (rules(end_of_day="17:30"), "rules.type", "rules.end_of_day", "is text; it has to be a table"),
        ({**NEW, "rules": None}, "rules.type", "rules", "is nothing; it has to be a table"),
        (rules(reopen_hours="48"), "rules.type", "rules.reopen_hours", "is text; it has to be a whole number"),
        (rules(reopen_hours=True), "rules.type", "rules.reopen_hours", "is true; it has to be a whole number"),
        (rules(reopen_hours=2.0), "rules.type", "rules.reopen_hours", "is a number with a fraction"),
        (rules(reopen_hours=None), "rules.type", "rules.reopen_hours", "is nothing"),
        (rules(urgency=1), "rules.type", "rules.urgency", "is a whole number; it has to be true or false"),
        (rules(urgency="yes"), "rules.type", "rules.urgency", "is text; it has to be true or false"),
        (rules(help_reply=5), "rules.type", "rules.help_reply", "it has to be text in quotes"),
        (rules(help_reply=b"x"), "rules.type", "rules.help_reply", "is bytes; it has to be text in quotes"),
        (rules(end_of_day={"time": time(17, 30)}), "rules.type", "rules.end_of_day.time", "is a time; it has to be"),
        (rules(countries="US"), "rules.type", "rules.countries", "has to be a list; each is text in quotes"),
        (rules(countries=["US", 5]), "rules.type", "rules.countries", "is a whole number; it has to be text in quotes"),
        (rules(countries={"US": True}), "rules.type", "rules.countries", "is a table; it has to be a list"),
        (rules(hours={"week": ["mon"]}), "rules.type", "rules.hours.week[0]", "a pair: text in quotes and text"),
        (rules(hours={"week": [["mon"]]}), "rules.type", "rules.hours.week[0]", "is a list; it has to be a pair"),
        (rules(hours={"week": {"mon": 8}}), "rules.type", "rules.hours.week.mon", "has to be text in quotes"),
        (rules(hours={"week": "mon"}), "rules.type", "rules.hours.week", "a table; each value is text in quotes"),
        (rules(departments={"id": "x"}), "rules.type", "rules.departments", "it has to be a list; each is a table"),
        (rules(departments=["x"]), "rules.type", "rules.departments[0]", "it has to be a table"),
        (rules(app={"who": "al"}), "rules.type", "rules.app.who", 'is "al"; it has to be "all" or "selected" or'),
        (rules(app={"who": True}), "rules.type", "rules.app.who", 'is true; it has to be "all"'),
        ({**NEW, "numbers": "+13035550100"}, "rules.type", "practice.numbers", "it has to be a list; each is text"),
        ({**NEW, "numbers": ["+13035550100", 5]}, "rules.type", "practice.numbers[1]", "it has to be text in quotes"),
        ({**NEW, "region": 1}, "rules.type", "practice.region", "it has to be text in quotes"),
        ({**NEW, "time_zone": "Mars/Base"}, "time.zone", "time_zone", "IANA"),
        (rules(reopen_hours=9_999), "rules.reopen_hours", "rules.reopen_hours", "from 0 to 8760"),
        (rules(reminder_emojis={"rabies": "wolf"}), "rules.reminder_emojis", "rules.reminder_emojis", "emoji"),
    ],
    ids=lambda value: str(value)[:60],
)  # fmt: skip
def test_p18_case_68_a_wrong_setting_is_named(given: object, code: str, at: str, words: str) -> None:
    with pytest.raises(ConvokitError) as caught:
        practice_from(given)  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.field) == (code, at)
    assert words in caught.value.message
    assert len(str(caught.value)) < 500


def test_rules_alone_are_checked_too() -> None:
    with pytest.raises(ConfigurationError) as caught:
        rules_from({"urgncy": True})
    assert caught.value.field == "rules.urgncy"
    with pytest.raises(convokit.InvalidInput) as refused:
        rules_from({"give_up_hours": 0})
    assert refused.value.field == "rules.give_up_hours"


@frozen(kw_only=True)
class Odd:
    """Kinds of settings that no class has today."""

    day: date = date(2026, 1, 1)
    at: time | None = None
    both: int | str = 0
    pair: tuple[int, str] = (1, "a")
    days: frozenset[date] = field(default=frozenset())
    step: Literal[1, 2] = 1


@pytest.mark.parametrize(
    ("name", "given", "found"),
    [
        ("day", date(2026, 12, 24), date(2026, 12, 24)),
        ("day", "2026-12-24", date(2026, 12, 24)),
        ("at", "17:30", time(17, 30)),
        ("at", "17:30:15", time(17, 30, 15)),
        ("at", time(17, 30), time(17, 30)),
        ("at", None, None),
        ("both", 5, 5),
        ("both", "x", "x"),
        ("pair", [5, "x"], (5, "x")),
        ("days", ["2026-12-24", date(2026, 1, 1)], frozenset({date(2026, 12, 24), date(2026, 1, 1)})),
        ("step", 2, 2),
    ],
)
def test_kinds_of_settings_that_may_come(name: str, given: object, found: object) -> None:
    assert rules_mapping._built(Odd, {name: given}, "rules.odd") == evolve(Odd(), **{name: found})


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("day", "20261224", "is text; it has to be a date (2026-12-24)"),
        ("day", "2026-W52-4", "is text; it has to be a date"),
        ("day", "2026-02-30", "is text; it has to be a date"),
        ("day", 20261224, "is a whole number; it has to be a date"),
        ("at", "25:00", "is text; it has to be a time (17:30:00)"),
        ("at", "17", "is text; it has to be a time"),
        ("both", 2.5, "is a number with a fraction; it has to be text in quotes"),
        ("pair", [5], "is a list; it has to be a pair: a whole number and text in quotes"),
        ("days", "2026-12-24", "is text; it has to be a list; each is a date (2026-12-24)"),
        ("step", 3, "is a whole number; it has to be 1 or 2"),
        ("step", True, "is true; it has to be 1 or 2"),
    ],
)
def test_kinds_of_settings_that_may_come_are_not_converted(name: str, given: object, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        rules_mapping._built(Odd, {name: given}, "rules.odd")
    assert caught.value.field == f"rules.odd.{name}"
    assert words in caught.value.message


def test_expected_words_for_a_choice_of_types() -> None:
    assert rules_words.expected(int | str | None) == "a whole number or text in quotes"


def test_every_setting_is_listed_with_its_value_and_default() -> None:
    found = {name: (value, default) for name, value, default in settings_in(FULL)}
    assert found["practice.region"] == ("US", None)
    assert found["rules.urgency"] == (False, True)
    assert found["rules.app.who"] == ("selected", "all")
    assert "rules.app" not in found
