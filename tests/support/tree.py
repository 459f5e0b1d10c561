"""The files of this repository, as tests of its shape see them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
CORE: Final = ("errors", "domain", "outcomes", "facts", "effects", "decisions")
_NOT_OURS: Final = ("build", "dist", "mutants", "node_modules", "__pycache__", "_build")


def plugins() -> list[Path]:
    """The folder of every distribution under ``plugins/``."""
    return sorted(found.parent for found in ROOT.glob("plugins/*/pyproject.toml"))


def package_modules() -> list[Path]:
    """Every module that is shipped: those of ``src`` and of the plugins."""
    sources = [ROOT / "src", *(plugin / "src" for plugin in plugins())]
    return sorted(module for source in sources for module in source.rglob("*.py") if _ours(module))


def core_modules() -> list[Path]:
    """The modules of the pure core."""
    package = ROOT / "src" / "convokit"
    return [
        module for module in package_modules() if module.is_relative_to(package) and _floor(module, package) in CORE
    ]


def all_files() -> list[Path]:
    """What is tracked or could be: everything but ignored files, with git or (in a source archive) without."""
    git = shutil.which("git")
    if git is not None and (ROOT / ".git").exists():
        command = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
        return sorted(path for name in listed.split("\0") if name and (path := ROOT / name).is_file())
    return sorted(path for path in _walk() if path.is_file())


def _walk() -> list[Path]:
    found = []
    for folder, folders, files in os.walk(ROOT):
        here = Path(folder)
        folders[:] = [name for name in folders if _ours(here / name)]
        found += [here / name for name in files]
    return found


def _ours(path: Path) -> bool:
    names = path.relative_to(ROOT).parts
    return not any(name in _NOT_OURS or (name.startswith(".") and name != ".ci" and len(name) > 1) for name in names)


def _floor(module: Path, package: Path) -> str:
    return module.relative_to(package).parts[0].removesuffix(".py")
