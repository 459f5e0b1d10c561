"""The distributions of this repository: every one is measured and listed, and the tests run on what is shipped."""

from __future__ import annotations

import os
import tomllib
from importlib import resources
from pathlib import Path

import pytest
from tree import ROOT, plugins

import convokit


def _table(path: Path, *names: str) -> object:
    found: object = tomllib.loads(path.read_text(encoding="utf-8"))
    for name in names:
        assert isinstance(found, dict)
        found = found[name]
    return found


def test_coverage_measures_every_distribution() -> None:
    packages = {package.name for plugin in plugins() for package in (plugin / "src").iterdir() if package.is_dir()}
    measured = _table(ROOT / "pyproject.toml", "tool", "coverage", "run", "source_pkgs")
    assert isinstance(measured, list)
    assert set(measured) == {"convokit", *packages}
    mapped = _table(ROOT / "pyproject.toml", "tool", "coverage", "paths")
    assert isinstance(mapped, dict)
    assert mapped.keys() == {"convokit", *packages}


@pytest.mark.parametrize("plugin", plugins(), ids=lambda plugin: plugin.name)
def test_a_plugin_asks_for_a_range_of_the_right_distribution(plugin: Path) -> None:
    dependencies = _table(plugin / "pyproject.toml", "project", "dependencies")
    assert isinstance(dependencies, list)
    ours = [requirement for requirement in dependencies if str(requirement).startswith("convokit")]
    assert len(ours) == 1
    # "convokit" alone is somebody else's distribution; a pin would hold back every host.
    assert str(ours[0]).startswith("convokit-vet>=")


def test_the_package_says_that_it_is_typed() -> None:
    assert resources.files(convokit).joinpath("py.typed").is_file()


@pytest.mark.skipif("CONVOKIT_INSTALLED" not in os.environ, reason="only tox tests the built wheels")
def test_the_wheel_is_what_is_tested() -> None:
    assert not Path(convokit.__file__).is_relative_to(ROOT / "src")
