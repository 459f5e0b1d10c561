"""What building the distributions may delete: only what it built itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tree import ROOT

TOOL = ROOT / "tools" / "distributions.py"
OWN = ("core", "convokit-sms-kannel")


def tool(code: str, *, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run ``code`` with the tool imported as ``distributions``."""
    before = f"import sys; sys.path.insert(0, {str(TOOL.parent)!r})\nfrom pathlib import Path\nimport distributions\n"
    return subprocess.run([sys.executable, "-c", before + code], cwd=cwd, capture_output=True, text=True, check=False)


def clear(folder: Path) -> subprocess.CompletedProcess[str]:
    return tool(f"distributions.clear(Path({str(folder)!r}), {set(OWN)!r})", cwd=folder.parent)


def built(folder: Path) -> Path:
    """A folder as an earlier run left it."""
    for name in OWN:
        (folder / name).mkdir(parents=True)
        for archive in ("it-0.1.0-py3-none-any.whl", "it-0.1.0.tar.gz"):
            (folder / name / archive).write_bytes(b"made")
    return folder


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def test_what_was_built_before_makes_room(tmp_path: Path) -> None:
    folder = built(tmp_path / "dist")
    assert clear(folder).returncode == 0
    assert files(folder) == set()


def test_a_new_folder_and_an_empty_one_are_taken(tmp_path: Path) -> None:
    assert clear(tmp_path / "new").returncode == 0
    (tmp_path / "empty").mkdir()
    assert clear(tmp_path / "empty").returncode == 0


@pytest.mark.parametrize("strange", ["thesis.txt", "core/thesis.txt", "photos/cat.png", "core/deeper/it.whl"])
def test_a_folder_with_anything_else_is_refused_and_left_as_it_is(tmp_path: Path, strange: str) -> None:
    folder = built(tmp_path / "dist")
    (folder / strange).parent.mkdir(exist_ok=True)
    (folder / strange).write_text("years of work", encoding="utf-8")
    before = files(folder)
    done = clear(folder)
    assert done.returncode == 1
    assert "was not built here; nothing was deleted" in done.stderr
    assert files(folder) == before


@pytest.mark.skipif(sys.platform == "win32", reason="making a link needs a right there")
def test_a_link_is_not_followed(tmp_path: Path) -> None:
    elsewhere = built(tmp_path / "elsewhere")
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "core").symlink_to(elsewhere / "core")
    assert "core, which was not built here" in clear(tmp_path / "dist").stderr
    assert len(files(elsewhere)) == 4


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "dist").write_text("mine", encoding="utf-8")
    assert "is a file" in clear(tmp_path / "dist").stderr
    assert (tmp_path / "dist").read_text(encoding="utf-8") == "mine"


def test_without_the_package_it_says_what_to_install_and_touches_nothing(tmp_path: Path) -> None:
    folder = built(tmp_path / "dist")
    (tmp_path / "build").mkdir()  # such a folder looks like a package to Python
    hidden = "import importlib.util as u\nu.find_spec = lambda name: u.spec_from_loader(name, None)\n"
    done = tool(hidden + f"distributions.build(Path({str(folder)!r}))", cwd=tmp_path)
    assert done.returncode == 1
    assert "pip install build" in done.stderr
    assert len(files(folder)) == 4


def test_without_a_known_command_it_says_what_it_can_do() -> None:
    done = subprocess.run([sys.executable, str(TOOL)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "build FOLDER" in done.stderr
