"""The README's picture of the demo is what the demo prints."""

from __future__ import annotations

from pathlib import Path

from command import convokit

README = Path(__file__).parents[2] / "README.md"


def test_every_line_of_the_picture_is_printed_in_this_order(tmp_path: Path) -> None:
    picture = README.read_text(encoding="utf-8").partition("## What the demo shows")[2]
    picture = picture.partition("```text\n")[2].partition("\n```")[0]
    done = convokit("demo", "--headless", "--db", str(tmp_path / "d.db"), "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    printed = iter([line.strip() for line in done.stdout.splitlines()])
    missing = [line for line in picture.splitlines() if line.strip() and line.strip() not in printed]
    assert missing == []
