"""The floors of the package hold, and whoever breaks one breaks the build.

The contracts stand in pyproject.toml (import-linter, ruff). Here they run on the package as it is, and then on copies
with one wrong line each, so that a contract that no longer bites is noticed.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from tree import ROOT, core_modules

FORBIDDEN_CALLS: Final = {"__import__", "breakpoint", "compile", "eval", "exec", "globals", "input", "open", "print"}
FORBIDDEN_METHODS: Final = {"now", "today", "utcnow"}


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
        ("facts.py", "from sqlalchemy import select", "convokit.facts -> sqlalchemy"),
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


def impurities(tree: ast.AST) -> Iterator[str]:
    """What no import shows: built-in input and output, clocks behind allowed types, state kept in a module."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in FORBIDDEN_CALLS:
                yield f"line {node.lineno}: {name}()"
            case ast.Attribute(attr=name) if name in FORBIDDEN_METHODS:
                yield f"line {node.lineno}: .{name}"
            case ast.Global(names=names):
                yield f"line {node.lineno}: global {', '.join(names)}"


@pytest.mark.parametrize("module", core_modules(), ids=lambda module: str(module.relative_to(ROOT / "src")))
def test_the_core_is_pure(module: Path) -> None:
    assert list(impurities(ast.parse(module.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("open('x')", "line 1: open()"),
        ("print(1)", "line 1: print()"),
        ("eval('1')", "line 1: eval()"),
        ("__import__('time')", "line 1: __import__()"),
        ("globals()['x'] = 1", "line 1: globals()"),
        ("clock = datetime.now", "line 1: .now"),
        ("date.today()", "line 1: .today"),
        ("datetime.datetime.utcnow()", "line 1: .utcnow"),
        ("def f():\n    global x\n    x = 1", "line 2: global x"),
    ],
)
def test_an_impurity_is_found(source: str, found: str) -> None:
    assert list(impurities(ast.parse(source))) == [found]


def test_there_is_a_core_to_check() -> None:
    folders = {module.relative_to(ROOT / "src" / "convokit").parts[0] for module in core_modules()}
    assert folders == {"errors.py", "domain", "outcomes.py", "facts.py", "effects.py", "decisions"}
