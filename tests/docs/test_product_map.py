"""The product map is true: no part is left out, every call and every test that it names exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import attrs
import click
import pytest

import convokit
from convokit.cli import cli
from convokit.plugins.hookspecs import Hooks

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "reference" / "product-map.md").read_text(encoding="utf-8")

DASHBOARD = {f"A{number}" for number in range(1, 13)}
ALSO = {"departments", "app audience", "conversation hours", "client notes", "sender numbers", "the app", "ready texts"}
TEXTING = {"opt-out", "segments", "numbers", "failure catalogue", "shared numbers"}

ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith("| part ")
]
HERE = {"desk": convokit.PracticeDesk, "kit": convokit.Convokit, "convokit": convokit}
VALUES = {"Rules": convokit.Rules, "Practice": convokit.Practice}
SHOWN = {"Conversation": convokit.Conversation, "Entry": convokit.Entry}


def words(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def exists(call: str) -> bool:
    """Whether a call of the map is there: a method, a setting, a field, a hook or a command."""
    if call.startswith("convokit_"):
        return hasattr(Hooks, call)
    if " " in call:
        return is_command(call.split()[1:])
    head, *path = call.split(".")
    if head in HERE:
        return len(path) == 1 and callable(getattr(HERE[head], path[0], None))
    if head in SHOWN:
        return path[0] in attrs.fields_dict(SHOWN[head]) or hasattr(SHOWN[head], path[0])
    return is_setting(VALUES[head], path)


def is_setting(kind: type[attrs.AttrsInstance], path: list[str]) -> bool:
    """A field, or a field of the value that stands there."""
    field = attrs.fields_dict(kind).get(path[0])
    if field is None or len(path) == 1:
        return field is not None
    return is_setting(type(field.default), path[1:])


def is_command(path: list[str]) -> bool:
    command: click.Command | None = cli
    for word in path:
        command = command.get_command(click.Context(command), word) if isinstance(command, click.Group) else None
    return command is not None


@cache
def functions_of(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_no_part_is_missing() -> None:
    assert {row[0] for row in ROWS} == DASHBOARD | ALSO | TEXTING


@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]}: {row[1][:40]}" for row in ROWS])
def test_a_row_of_the_map_is_true(row: list[str]) -> None:
    _, what, calls, tests = row
    if calls.startswith("missing: issue "):
        assert not tests, f"{what}: what is missing has no proof"
        return
    assert words(calls), f"{what}: no call"
    assert words(tests), f"{what}: no test"
    for call in words(calls):
        assert exists(call), f"{what}: there is no {call}"
    for test in words(tests):
        file, _, name = test.partition("::")
        assert name in functions_of(file), f"{what}: {test} is gone; name the test that proves it now"


def test_every_call_of_a_desk_that_changes_something_is_on_the_map() -> None:
    told = {word.removeprefix("desk.") for row in ROWS for word in words(row[2]) if word.startswith("desk.")}
    methods = {name for name in dir(convokit.PracticeDesk) if not name.startswith("_")}
    plain = {
        "can_file_transcripts",
        "can_find_clients",
        "changes",
        "newest_change",
        "conversation",
        "entries",
        "mark_read",
        "message",
        "thread",
    }
    assert methods - told == plain, "put the new calls on docs/reference/product-map.md"
