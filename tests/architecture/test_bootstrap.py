"""The first command in a fresh clone: `go.py` must be readable by Pythons that are too old to run the rest."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

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


@pytest.fixture
def go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, with a new environment of this Python as its .venv."""
    spec = importlib.util.spec_from_file_location("go", GO)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = tmp_path / "made"
    monkeypatch.setattr(module, "VENV", str(made))
    subprocess.run([module.PYTHON, "-m", "venv", "--without-pip", str(made)], check=True)
    return module


def test_an_environment_of_this_very_interpreter_is_used(go: ModuleType) -> None:
    go.own_pip = lambda: False
    assert not go.usable()  # it has no pip, and this Python has none that could fill it
    go.own_pip = lambda: True
    assert go.usable()
    go.own_pip = lambda: False
    (site,) = Path(go.VENV).rglob("site-packages")
    (site / "pip.py").touch()
    assert go.usable()


def test_what_builds_is_named_by_the_project_alone(go: ModuleType) -> None:
    assert [tool.partition(">")[0] for tool in go.build_tools()] == ["hatchling", "editables"]
    folders = [Path(folder) for folder in go.plugins()]
    systems = {(f / "pyproject.toml").read_text(encoding="utf-8").partition("[project]")[0] for f in [ROOT, *folders]}
    assert len(folders) > 10
    assert len(systems) == 1


def test_the_demo_takes_what_another_run_installed(go: ModuleType) -> None:
    done: list[str] = []
    go.install = lambda purpose, *_, **__: done.append(purpose)
    go.start_convokit = done.extend
    go.main(["demo", "--keep"])
    Path(go.stamp_of("run")).write_text(go.digest())
    go.main(["demo"])
    assert done == ["demo", "demo", "--keep", "demo"]


def test_an_environment_of_another_interpreter_of_the_same_version_is_not(go: ModuleType, tmp_path: Path) -> None:
    (site,) = Path(go.VENV).rglob("site-packages")
    (site / "pip.py").touch()
    go.PYTHON = str(tmp_path / "another" / "python3")
    assert not go.usable()


def test_an_environment_whose_interpreter_is_gone_is_not(go: ModuleType) -> None:
    assert go.base_of(str(Path(go.VENV) / "gone")) is None


def test_temporary_files_go_where_there_is_room_and_the_user_wants_them(
    go: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(go, "IN_MEMORY", str(tmp_path))
    monkeypatch.setattr(go, "ROOM", 0)
    made = Path(go.swift_folder())
    assert made.is_dir()
    assert made.parent == tmp_path
    monkeypatch.setattr(go, "ROOM", 1 << 62)
    assert go.swift_folder() is None
    monkeypatch.setattr(go, "ROOM", 0)
    monkeypatch.setattr(go, "IN_MEMORY", str(tmp_path / "none"))
    assert go.swift_folder() is None
    monkeypatch.setattr(go, "IN_MEMORY", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert go.swift_folder() is None
