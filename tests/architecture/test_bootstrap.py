"""The first command in a fresh clone: `go.py` must be readable by Pythons that are too old to run the rest."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest
from tree import ROOT

GO = ROOT / "go.py"


def test_an_old_python_can_read_it() -> None:
    ast.parse(GO.read_text(encoding="utf-8"), feature_version=(3, 6))


def test_it_needs_only_the_standard_library() -> None:
    tree = ast.parse(GO.read_text(encoding="utf-8"))
    imports = [name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names]
    assert {name.partition(".")[0] for name in imports} <= sys.stdlib_module_names
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]


@pytest.mark.parametrize(("arguments", "code"), [(["help"], 0), (["--help"], 0), ([], 2), (["tset"], 2)])
def test_it_says_what_it_can_do(arguments: list[str], code: int) -> None:
    ran = subprocess.run([sys.executable, str(GO), *arguments], capture_output=True, text=True, check=False)
    assert ran.returncode == code
    assert "python3 go.py demo" in (ran.stderr if code else ran.stdout)
