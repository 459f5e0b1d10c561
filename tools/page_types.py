"""Whether the Python of a page of the manual passes mypy as its reader would run it: `tox -e types`.

python tools/page_types.py PAGE...    the blocks of each page, put together in their order
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def written(page: Path) -> str:
    """The page's blocks at the lines where the page has them, so that a complaint leads to its place."""
    text = page.read_text(encoding="utf-8")
    lines = [""] * text.count("\n")
    for block in BLOCK.finditer(text):
        first = text.count("\n", 0, block.start(1))
        code = block[1].splitlines()
        lines[first : first + len(code)] = code
    return "\n".join(lines) + "\n"


def main(pages: list[str]) -> None:
    if not pages:
        raise SystemExit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        made = []
        for number, page in enumerate(pages):
            module = Path(folder) / f"page{number}_{re.sub(r'[^a-z0-9]', '_', Path(page).stem)}.py"
            module.write_text(written(Path(page)), encoding="utf-8")
            made.append(str(module))
        checked = subprocess.run([sys.executable, "-m", "mypy", "--strict", *made], cwd=ROOT, check=False)
    raise SystemExit(checked.returncode)


if __name__ == "__main__":
    main(sys.argv[1:])
