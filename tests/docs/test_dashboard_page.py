"""The manual's page about the dashboard says what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import attrs
from convokit_dashboard.options import VARIABLES, Options
from convokit_dashboard.routes.table import SPOTS
from tree import ROOT

PAGE = Path(ROOT / "docs" / "reference" / "dashboard.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_address_is_on_the_page() -> None:
    told = [(method, path.strip("`"), manager == "yes") for method, path, manager in rows("Addresses")]
    assert told == [(spot.method, spot.path, spot.manager) for spot in SPOTS]


def test_every_option_and_its_default() -> None:
    told = {name.strip("`"): default.strip("`") for name, default, _ in rows("Options")}
    fields = {field.name: repr(field.default).replace("'", '"') for field in attrs.fields(Options)}
    assert told.keys() == fields.keys()
    del told["theme"], fields["theme"]
    assert told == fields


def test_every_variable_of_the_theme_is_in_the_page_and_in_the_stylesheet() -> None:
    assert [name.strip("`") for name, _ in rows("Theme")] == list(VARIABLES)
    style = (ROOT / "plugins/convokit-dashboard/src/convokit_dashboard/static/desk.css").read_text(encoding="utf-8")
    assert {name for name in VARIABLES if f"--desk-{name}:" in style} == set(VARIABLES)


def test_every_key_of_the_script_is_told() -> None:
    script = (ROOT / "plugins/convokit-dashboard/src/convokit_dashboard/static/desk.js").read_text(encoding="utf-8")
    keys = set(
        re.findall(
            r'^    "?([a-z/?])"?: \(\) =>', script.partition("const keys = {")[2].partition("};")[0], re.MULTILINE
        )
    )
    told = {key for cell, _ in rows("Keyboard") for key in re.findall(r"\b[A-Z]\b|[/?]", cell)}
    assert {key.upper() for key in keys} == told
