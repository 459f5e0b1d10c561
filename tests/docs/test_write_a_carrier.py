"""The page "Write a carrier": its pieces are those of the tutorial's carrier, and what it tries with it is true."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from command import convokit
from tree import ROOT
from tutorial import Author

pytest.importorskip("copier", reason="pip install copier")
pytest.importorskip("hatchling", reason="pip install hatchling")

PAGE = (ROOT / "docs" / "how-to" / "write-a-carrier.md").read_text(encoding="utf-8")
PIECE = re.compile(r"^In `([^`\n]+)`:\n\n```py\n(.*?)^```$", re.DOTALL | re.MULTILINE)
TRIED = re.compile(r"(?<!`:\n\n)^```py\n(.*?)^```\n\n```text\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def pigeon(tmp_path_factory: pytest.TempPathFactory) -> Author:
    """The tutorial's carrier, filled in and installed."""
    author = Author(tmp_path_factory.mktemp("carrier"))
    author.fills_in()
    return author


def test_its_pieces_are_those_of_the_tutorial(pigeon: Author) -> None:
    pieces = PIECE.findall(PAGE)
    assert len(pieces) == 3
    for file, text in pieces:
        assert text in (pigeon.project / file).read_text(encoding="utf-8"), file
    (entry,) = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert entry in (pigeon.project / "pyproject.toml").read_text(encoding="utf-8")
    named = re.findall(r"^\| `([^`]+)` \|", PAGE, re.MULTILINE)
    there = {file.name for file in pigeon.project.rglob("*.py")} | {"tests/"}
    assert {name for name in named if name.endswith((".py", "/"))} == there - {"test_pigeon_contract.py"}


def test_what_it_tries_is_true(pigeon: Author, tmp_path: Path) -> None:
    tried = TRIED.findall(PAGE)
    assert len(tried) == 2
    for code, printed in tried:
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=tmp_path, env=pigeon.env, capture_output=True, encoding="utf-8", check=False)
        assert (done.stdout, done.stderr) == (printed, "")


def test_the_command_sees_it_too(pigeon: Author) -> None:
    done = convokit("plugins", "--plugin", "pigeon", PYTHONPATH=pigeon.env["PYTHONPATH"])
    assert (done.returncode, done.stderr) == (0, "")
    assert "pigeon              enabled    convokit-sms-pigeon 0.1.0   1    carrier pigeon" in done.stdout
