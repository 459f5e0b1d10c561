"""Keep the last column of explanation/what-is-promised.md: which tests prove a promise.

    python docs/promises.py            say whether the page is true
    python docs/promises.py --write    make it true

A test proves promise 6 when it is called ``test_p06_...``, and two promises as ``test_p01_p03_...``.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "explanation" / "what-is-promised.md"
NONE = "none of its own yet"
_TEST = re.compile(r"^ *(?:async )?def test_((?:p\d\d_)+)", re.MULTILINE)
_ROW = re.compile(r"^(\| P(\d+) \|.*\|)[^|\n]*\|$", re.MULTILINE)


def proofs() -> dict[int, list[str]]:
    """The test modules of each promise, by its number."""
    found: dict[int, set[str]] = {}
    for folder in (ROOT / "tests", *sorted(ROOT.glob("plugins/*/tests"))):
        for file in folder.rglob("test_*.py"):
            for numbers in _TEST.findall(file.read_text(encoding="utf-8")):
                for number in re.findall(r"\d\d", numbers):
                    found.setdefault(int(number), set()).add(file.relative_to(ROOT).as_posix())
    return {number: sorted(files) for number, files in sorted(found.items())}


def renewed(page: str) -> str:
    """The page with its last column as the tests have it."""
    known = proofs()

    def row(match: re.Match[str]) -> str:
        files = known.get(int(match[2]), [])
        return f"{match[1]} {', '.join(f'`{file}`' for file in files) or NONE} |"

    return _ROW.sub(row, page)


def main() -> int:
    """Check or write; the exit code."""
    page = PAGE.read_text(encoding="utf-8")
    wanted = renewed(page)
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(wanted, encoding="utf-8")
    elif page != wanted:
        print(f"{PAGE.name} names other tests than there are; run: python docs/promises.py --write", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
