"""Every Python block of README.md and the manual runs, in the order in which a reader meets it.

A block marked ``output`` is what the blocks before it have printed since the last one, letter for letter.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from sybil import Example, Sybil
from sybil.parsers.myst import CodeBlockParser, PythonCodeBlockParser, SkipParser

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted(page for page in (ROOT / "docs").rglob("*.md") if "_build" not in page.parts)]


@pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(ROOT))) for page in PAGES])
def test_snippets_run(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def printed(example: Example) -> None:
        assert capsys.readouterr().out == example.parsed

    monkeypatch.chdir(tmp_path)
    parsers = [PythonCodeBlockParser(), CodeBlockParser("output", printed), SkipParser()]
    for example in Sybil(parsers=parsers).parse(page).examples():
        example.evaluate()
