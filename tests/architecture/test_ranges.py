"""What distributions ask for: from which release on is always said, and the tool that tries both ends reads it."""

from __future__ import annotations

import importlib.util
import tomllib
import zipfile
from pathlib import Path
from types import ModuleType

import pytest
from tree import ROOT, plugins


@pytest.fixture(scope="module")
def ranges() -> ModuleType:
    """``tools/ranges.py``."""
    spec = importlib.util.spec_from_file_location("ranges", ROOT / "tools" / "ranges.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


METADATA = """Metadata-Version: 2.4
Name: convokit-sms-pigeon
Requires-Dist: convokit-vet>=0.1
Requires-Dist: attrs>=25.4
Requires-Dist: psycopg[binary]>=3.2; extra == 'postgres'
Requires-Dist: pytest<10,>=9; extra == "testing"
Requires-Dist: pywin32>=300; sys_platform == 'nowhere'
Requires-Dist: tzdata

Requires-Dist: stands in the description
"""


def test_what_is_asked_for_is_read_from_the_metadata(ranges: ModuleType) -> None:
    assert ranges.asked_for(METADATA) == ["attrs>=25.4", "tzdata"]
    more = ranges.asked_for(METADATA, ["testing", "postgres"])
    assert more == ["attrs>=25.4", "psycopg[binary]>=3.2", "pytest<10,>=9", "tzdata"]


def test_what_says_no_oldest_release_is_found(ranges: ModuleType) -> None:
    assert ranges.unbounded(["attrs>=25.4", "tzdata", "pillow<13", "click==8.2", "anyio~=4.9", "idna!=3.6"]) == [
        "tzdata",
        "pillow<13",
        "idna!=3.6",
    ]


@pytest.mark.parametrize("source", [ROOT, *plugins()], ids=lambda source: source.name)
def test_every_distribution_says_from_which_release_on(ranges: ModuleType, source: Path) -> None:
    project = tomllib.loads((source / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project.get("optional-dependencies", {})
    assert ranges.unbounded([*project["dependencies"], *(one for wanted in extras.values() for one in wanted)]) == []
    name = "convokit-vet" if source == ROOT else source.name
    assert project["name"] == name
    assert ranges.EXTRAS.get(name, set()) <= set(extras)


def test_every_distribution_has_contracts_to_run(ranges: ModuleType) -> None:
    assert list(ranges.distributions()) == ["convokit-vet", *sorted(plugin.name for plugin in plugins())]
    for name in ranges.distributions():
        found = ranges.tests_of(name)
        assert found, f"{name} has no contract: say in TESTS which tests show that it works"
        assert all((ROOT / path).exists() for path in found)
    assert {*ranges.TESTS, *ranges.TOOLS, *ranges.EXTRAS} <= set(ranges.distributions())


def test_a_distribution_is_tried_on_all_that_it_and_the_core_ask_for(ranges: ModuleType, tmp_path: Path) -> None:
    needed = ("attrs>=25.3", "pytest>=9; extra == 'testing'", "x>=1; extra == 'crypto'")
    core = "\n".join(f"Requires-Dist: {one}" for one in needed)
    wheels = {}
    for name, told in (("convokit-vet", core), ("convokit-sms-pigeon", METADATA)):
        wheels[name] = tmp_path / f"{name}.whl"
        with zipfile.ZipFile(wheels[name], "w") as wheel:
            wheel.writestr("x-0.1.dist-info/METADATA", told)
            wheel.writestr("x/__init__.py", "")
    assert ranges.requirements("convokit-vet", wheels) == ["attrs>=25.3", "pytest>=9", "x>=1"]
    assert ranges.requirements("convokit-sms-pigeon", wheels) == ["attrs>=25.3", "pytest>=9", "attrs>=25.4", "tzdata"]


def test_only_distributions_that_are_there_are_tried(ranges: ModuleType) -> None:
    with pytest.raises(SystemExit, match="no such distribution: convokit-sms-pigeon; there are convokit-vet, "):
        ranges.main(["convokit-sms-pigeon", "--", "-x"])


def test_a_row_left_out_elsewhere_is_not_left_out_there(ranges: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONVOKIT_SHARE", "PYTHONPATH"):
        monkeypatch.setenv(name, "5")
    assert {"CONVOKIT_SHARE", "PYTHONPATH"}.isdisjoint(ranges.environment())
