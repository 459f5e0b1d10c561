"""The doctor on rules: what a practice has set, what it leaves unused, and a file of practices."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from attrs import evolve
from click.testing import CliRunner

import convokit as api
from convokit.cli import cli
from convokit.cli.doctor_practice import PARTS
from convokit.runtime.rules_mapping import settings_in

FILE = """
[[practice]]
id = "happy-paws"
name = "Happy Paws"
region = "US"
numbers = ["303 555 0100", "303 555 0101"]
sender_states = { "+13035550101" = "verifying" }

[practice.rules]
reopen_hours = 48
urgency = false
confirmation = "{practice}: from now on you get no more texts from us. Reply START to undo."

[practice.rules.mail]
sender = "desk@happy-paws.example"
transcript_to = ["client"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "practices.toml"
    made.write_text(FILE, encoding="utf-8")
    return made


def doctor(*arguments: str | Path) -> tuple[int, list[tuple[str, str, str]]]:
    """The exit code, and state, subject and words of each line about the file, the rules and the desk."""
    done = CliRunner().invoke(cli, ["doctor", *map(str, arguments), "--json"])
    found = [(line["state"], line["about"], line["words"]) for line in json.loads(done.stdout)]
    kept = ("file", "rules", "practice", "desk")
    return done.exit_code, [line for line in found if line[1].startswith(kept)]


def test_a_file_is_checked_without_a_database(file: Path) -> None:
    code, found = doctor("--rules", file)
    assert code == 0
    assert found[0] == ("ok", "file", "practices.toml: 1 practice, every setting is known and fits")
    state, about, words = found[1]
    total = sum(1 for _ in settings_in(api.Rules()))
    assert (state, about) == ("ok", "rules happy-paws")
    assert words.startswith(f"5 of {total} are the practice's own: rules.urgency = false, rules.reopen_hours = 48, ")
    assert "rules.confirmation = 75 characters" in words
    assert 'rules.mail.sender = "desk@happy-paws.example", rules.mail.transcript_to = 1 entry' in words
    about_rules = {(state, words) for state, about, words in found[2:]}
    assert ("warn", "rules.mail.transcript_to is set, but no mailer is enabled") in about_rules
    assert ("warn", "+13035550101 is verifying: no text leaves from it") in about_rules
    assert ("off", "not used: conversation hours are kept. It needs rules.hours.week") in about_rules
    assert any(state == "off" and "a plugin with convokit_reminders" in words for state, words in about_rules)


def test_an_enabled_mailer_is_enough_for_transcripts(file: Path) -> None:
    _, found = doctor("--rules", file, "--plugin", "smtp")
    assert not [words for state, _, words in found if "no mailer" in words]


def test_a_wrong_file_fails_with_the_setting(file: Path) -> None:
    file.write_text(FILE.replace("reopen_hours", "reopen_hour"), encoding="utf-8")
    code, found = doctor("--rules", file)
    assert code == 1
    ((state, about, words),) = found
    assert (state, about) == ("fail", "file")
    assert "[rules.unknown] practices.toml, practice happy-paws" in words
    assert "did you mean rules.reopen_hours? (field rules.reopen_hour)" in words


def test_a_broken_plugin_hides_nothing_of_the_file(file: Path) -> None:
    code, found = doctor("--rules", file, "--plugin", "nope")
    assert code == 1
    assert found == [("ok", "file", "practices.toml: 1 practice, every setting is known and fits")]


def test_a_file_is_compared_with_the_database(file: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    with api.open(url):
        pass
    code, found = doctor("--rules", file, "--db", url)
    assert code == 0
    assert ("warn", "file", "happy-paws is not in the database yet; the host adds it with kit.add_practice") in found
    (practice,) = api.load_practices(file)
    with api.open(url) as kit:
        kit.add_practice(practice)
    assert not [line for line in doctor("--rules", file, "--db", url)[1] if line[0] == "warn" and line[1] == "file"]
    with api.open(url) as kit:
        kit.add_practice(evolve(practice, rules=evolve(practice.rules, reopen_hours=1, give_up_hours=1)))
    _, found = doctor("--rules", file, "--db", url)
    words = "the database has other values for happy-paws: rules.reopen_hours, rules.give_up_hours; "
    assert ("warn", "file", f"{words}the host has not added it since") in found
    with api.open(url) as kit:
        kit.add_practice(api.Practice(id="happy-paws", name="Happy"))
    _, found = doctor("--rules", file, "--db", url)
    assert any("practice.name, practice.region, practice.numbers" in words and ", ...;" in words for *_, words in found)


def test_a_practice_that_decides_nothing_has_only_unused_parts(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    with api.open(url) as kit:
        kit.add_practice(api.Practice(id="bare", name="Bare"))
    _, found = doctor("--db", url)
    total = sum(1 for _ in settings_in(api.Rules()))
    assert ("ok", "rules bare", f"all {total} are the defaults") in found
    assert {state for state, about, _ in found if about == "rules bare"} == {"ok", "off"}


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.set_by)
def test_every_part_names_a_setting_that_there_is(part: object) -> None:
    (found,) = [one for one in PARTS if one is part]
    place = found.set_by.partition(" ")[0]
    assert place in {name for name, _, _ in settings_in(api.Rules(), "rules")}
    bare = api.Practice(id="bare", name="Bare")
    assert found.is_set(bare) is (place in {"rules.app.who", "rules.records.on_end", "rules.quiet_hours.on"})


def test_without_a_database_the_installation_is_checked_and_it_says_so() -> None:
    done = CliRunner().invoke(cli, ["doctor"])
    assert done.exit_code == 0
    assert "ok    python: " in done.stdout
    assert "off   store: not looked at: give --db" in done.stdout
