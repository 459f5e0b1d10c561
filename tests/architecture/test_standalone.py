"""Nothing in the tree points at one machine: no private path, and no package index (a mirror must do as well)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from tree import ROOT, all_files

# Put together from pieces, so that this file passes its own test.
_PATHS: Final = [
    "work/",
    "tmp/" + "cv",
    "ro" + "ot/",
    "ho" + "me/[a-z]",
    "Us" + "ers/[a-z]",
    "op" + "t/(?:pypi|wheels|skills)",
]
_HOSTS: Final = ["pypi" + r"\.org", "pythonhosted" + r"\.org", "npmjs" + r"\.(?:org|com)", "debian" + r"\.org/debian"]
_OTHERS: Final = [r"\.\./" + "shared", r"[A-Z]:\\\\?" + "Users"]
FORBIDDEN: Final = re.compile(
    "|".join([*(rf"(?<![\w.}}/-])/{path}" for path in _PATHS), *(rf"(?<![\w-]){host}" for host in _HOSTS), *_OTHERS])
)


@pytest.mark.parametrize(
    "line",
    [
        "cd /" + "work/main",
        "#!/ro" + "ot/bin",
        "https://pypi" + ".org/simple",
        "see ../" + "shared/x",
        '"/ho' + 'me/anna"',
    ],
)
def test_the_pattern_finds(line: str) -> None:
    assert FORBIDDEN.search(line)


@pytest.mark.parametrize(
    "line", ["https://example.org/work/42", "network/", "tests/work/", "a friendship, no home", "~/x"]
)
def test_the_pattern_lets_pass(line: str) -> None:
    assert not FORBIDDEN.search(line)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_no_file_names_a_machine_or_an_index() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in all_files()
        for number, line in enumerate(_text(path).splitlines(), start=1)
        if FORBIDDEN.search(line)
    ]
    assert found == []
