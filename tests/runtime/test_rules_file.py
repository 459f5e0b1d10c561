"""A TOML file of practices: read whole, or refused with the place and the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

import convokit
from convokit import ConfigurationError, ConvokitError, load_practices
from convokit.runtime.rules_file import LARGEST_FILE
from convokit.runtime.rules_mapping import settings_in

ROOT = Path(__file__).resolve().parents[2]
GOOD = '[[practice]]\nid = "a"\nname = "A"\nregion = "US"\nnumbers = ["303 555 0100"]\n'


def written(folder: Path, text: str | bytes) -> Path:
    file = folder / "practices.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_the_practices_of_a_file_in_its_order(tmp_path: Path) -> None:
    file = written(tmp_path, "\ufeff" + GOOD.replace('"a"', '"b"', 1) + '[[practice]]\nid = "a"\nname = "A"\n')
    practices = load_practices(file)
    assert [(one.id, one.numbers) for one in practices] == [("b", ("+13035550100",)), ("a", ())]
    assert load_practices(str(file)) == practices
    with convokit.open("memory:") as kit:
        assert tuple(map(kit.add_practice, practices)) == practices


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("", "rules.file", "practices.toml: no practice in it; each begins with [[practice]]"),
        ("practice = []", "rules.file", "no practice in it"),
        ("practice = 'a'", "rules.file", "no practice in it"),
        ("[practice]\nid = 'a'", "rules.file", "no practice in it"),
        ("id = 'a'\n", "rules.file", "'id' stands outside of a practice"),
        (f"{GOOD}\n[rules]\n", "rules.file", "'rules' stands outside of a practice"),
        (f"{GOOD}rules = [\n", "rules.file", "no TOML: "),
        ("[[practice]]\n\nid = = 'a'\n", "rules.file", "(at line 3, column 6)"),
        ("[[practice]]\nid = 'a'\nid = 'b'\n", "rules.file", "(at line 3, column 9)"),
        (b"[[practice]]\nid = 'a'\nname = '\xff'\n", "rules.file", "not UTF-8 at line 3"),
        ("x = " + "[" * 100_000, "rules.file", "cannot be read (RecursionError)"),
        ("x = " + "9" * 5_000, "rules.file", "cannot be read (ValueError)"),
        ("#" * (LARGEST_FILE + 1), "rules.file", "more than 5,000,000 bytes"),
        (GOOD + GOOD, "rules.file", "two practices have the id a"),
        (GOOD + GOOD.replace('"a"', '"b"', 1), "rules.file", "two practices have the number +13035550100"),
        (f"{GOOD}rules.reopen_hour = 5", "rules.unknown", "practices.toml, practice a: there is no setting"),
        (f"{GOOD}rules.reopen_hours = 2026-12-24", "rules.type", "practice a: rules.reopen_hours is a date; it has"),
        (f"{GOOD}rules.reopen_hours = 9999", "rules.reopen_hours", "practices.toml, practice a: reopen_hours is a"),
        ("[[practice]]\nname = 'A'\n", "rules.missing", "practices.toml, practice number 1: practice.id is needed"),
        ("practice = [5]", "rules.type", "practice number 1: practice is a whole number; it has to be a table"),
        (GOOD.replace("303 555 0100", "call us"), "address.characters", "practices.toml, practice a: "),
        (f'{GOOD}time_zone = "Mars/Base"', "time.zone", "practices.toml, practice a: unknown time zone"),
    ],
    ids=lambda value: value[:50] if isinstance(value, str) else repr(value),
)
def test_p18_case_68_a_wrong_file_is_refused_with_place_and_reason(
    tmp_path: Path, text: str | bytes, code: str, words: str
) -> None:
    with pytest.raises(ConvokitError) as caught:
        load_practices(written(tmp_path, text))
    assert caught.value.code == code
    assert words in caught.value.message
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("missing.toml", "missing.toml: No such file or directory"),
        (".", "Is a directory"),
        ("a\x00b", "cannot be read (ValueError)"),
        (None, "a path is text or a Path, not NoneType"),
        (5, "not int"),
        (b"practices.toml", "not bytes"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: object, words: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError) as caught:
        load_practices(path)  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.field) == ("rules.file", "path")
    assert words in caught.value.message


def test_the_example_names_every_family_of_rules() -> None:
    first, second = load_practices(ROOT / "examples" / "practices.toml")
    assert second.rules == convokit.Rules(urgency=False)
    rules = [(name.split(".")[1], value != default) for name, value, default in settings_in(first.rules, "rules")]
    missing = {family for family, _ in rules} - {family for family, is_own in rules if is_own}
    assert missing == {"urgency", "max_app_characters", "app"}, "show the new settings in examples/practices.toml"
