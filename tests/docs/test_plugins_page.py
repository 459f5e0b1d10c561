"""The manual's table of plugins says what the plugins say of themselves."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest
from tree import plugins

TABLE = runpy.run_path(str(Path(__file__).resolve().parents[2] / "docs" / "plugin_table.py"))
PAGE: str = TABLE["PAGE"].read_text(encoding="utf-8")


def test_the_page_says_what_the_plugins_say() -> None:
    assert TABLE["renewed"](PAGE) == PAGE, "run: python docs/plugin_table.py --write"


def test_every_distribution_has_its_row() -> None:
    told = re.findall(r"^\| `[^`]+` \| `([^`]+)` \|", PAGE, re.MULTILINE)
    assert {name for name in told if name != "convokit-vet"} == {
        plugin.name
        for plugin in plugins()
        if TABLE["_ENTRY"] in (plugin / "pyproject.toml").read_text(encoding="utf-8")
    }


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"a": True, "b": False, "c": None, "d": (), "e": ""}, ["`a`"]),
        ({"a": {"b": 1_000_000, "c": ["x", "y"]}}, ["`a.b` 1,000,000", "`a.c` x, y"]),
        ({"a": "1.1", "b": 0}, ["`a` 1.1", "`b` 0"]),
    ],
)
def test_what_is_declared_in_a_few_words(values: dict[str, object], words: list[str]) -> None:
    assert list(TABLE["declared"](values)) == words
