"""The floors of the package hold, and whoever breaks one breaks the build.

The contracts stand in pyproject.toml (import-linter, ruff). Here they run on the package as it is, and then on copies
with one wrong line each, so that a contract that no longer bites is noticed. What the core may use besides is in
test_purity.py.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tree import ROOT


def run_tool(tool: str, *arguments: str, package: Path) -> subprocess.CompletedProcess[str]:
    """Run a console script of this environment with the package in ``package`` before any installed one."""
    # The folder of the interpreter comes first: the environment need not be activated.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    script = shutil.which(tool, path=path)
    assert script is not None, f"{tool} is not installed in this environment"
    environment = {**os.environ, "PYTHONPATH": str(package), "NO_COLOR": "1", "COLUMNS": "200"}
    return subprocess.run(
        [script, *arguments], cwd=package, env=environment, capture_output=True, text=True, check=False
    )


def lint_imports(package: Path) -> subprocess.CompletedProcess[str]:
    config = str(ROOT / "pyproject.toml")
    return run_tool("lint-imports", "--config", config, "--no-cache", "--no-logo", package=package)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of ``src`` that may be spoilt."""
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
    return tmp_path / "src"


def spoil(copy: Path, module: str, line: str) -> None:
    path = copy / "convokit" / module
    path.write_text(path.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")


def test_the_floors_hold() -> None:
    linted = lint_imports(ROOT / "src")
    assert linted.returncode == 0, linted.stdout + linted.stderr


@pytest.mark.parametrize(
    ("module", "line", "named"),
    [
        ("domain/retry.py", "import time", "convokit.domain.retry -> time"),
        ("decisions/base.py", "import random", "convokit.decisions.base -> random"),
        ("decisions/base.py", "from os import environ", "convokit.decisions.base -> os"),
        ("facts/texts.py", "from sqlalchemy import select", "convokit.facts.texts -> sqlalchemy"),
        ("outcomes.py", "def late():\n    import threading", "convokit.outcomes -> threading"),
        ("effects.py", "import pluggy", "convokit.effects -> pluggy"),
        ("errors.py", "from uuid import uuid4", "convokit.errors -> uuid"),
        ("runtime/steps.py", "from fpdf import FPDF", "convokit.runtime.steps -> fpdf"),
        ("runtime/steps.py", "import pluggy", "convokit.runtime.steps -> pluggy"),
        ("runtime/steps.py", "import phonenumbers", "convokit.runtime.steps -> phonenumbers"),
        ("runtime/steps.py", "from dateutil.rrule import rrule", "convokit.runtime.steps -> dateutil"),
        ("runtime/steps.py", "from sqlalchemy.engine import Engine", "convokit.runtime.steps -> sqlalchemy"),
        ("domain/rules.py", "from convokit.facts import TextArrived", "convokit.domain.rules -> convokit.facts"),
        ("ports/sms.py", "from convokit.runtime import steps", "convokit.ports.sms -> convokit.runtime.steps"),
        ("gateways/__init__.py", "from convokit import stores", "convokit.gateways -> convokit.stores"),
        ("cellar.py", "DEPTH = 1", "cellar"),
    ],
    ids=lambda value: value.replace(" ", "-").replace("\n", "") if isinstance(value, str) else None,
)
def test_a_broken_floor_is_named(copy: Path, module: str, line: str, named: str) -> None:
    (copy / "convokit" / module).touch()
    spoil(copy, module, line)
    linted = lint_imports(copy)
    assert linted.returncode == 1, linted.stdout + linted.stderr
    assert named in linted.stdout


def test_the_core_imports_no_module_that_reads_files_or_clocks(copy: Path) -> None:
    modules = ["codecs", "linecache", "posix", "timeit", "urllib", "zipfile"]
    spoil(copy, "domain/urgency.py", "\n".join(f"import {module}" for module in [*modules, "urllib.request"]))
    linted = lint_imports(copy)
    assert linted.returncode == 1, linted.stdout + linted.stderr
    assert [name for name in modules if f"convokit.domain.urgency -> {name}" not in linted.stdout] == []


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("NOW = datetime.now(UTC)", "TID251"),
        ("NOW = datetime.now()", "DTZ005"),
        ("NOW = datetime.utcnow()", "TID251"),
        ("TODAY = date.today()", "TID251"),
        ("print('here')", "T201"),
    ],
)
def test_a_clock_in_the_core_is_named(copy: Path, line: str, rule: str) -> None:
    spoil(copy, "domain/rules.py", f"from datetime import UTC, date, datetime\n{line}")
    config = str(ROOT / "pyproject.toml")
    checked = run_tool("ruff", "check", "--no-cache", "--config", config, "convokit/domain/rules.py", package=copy)
    assert checked.returncode == 1
    assert rule in checked.stdout
