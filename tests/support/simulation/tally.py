"""The ledger of what the simulation counted: figures in the manual are read from it, never typed."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Final

from tree import ROOT

FOLDER: Final = Path(os.environ.get("CONVOKIT_LEDGER", ROOT / ".ledger_cache"))


def write(name: str, seeds: range, counts: Counter[str]) -> Path:
    """Write what a run counted; the file replaces that of the run before."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / f"{name}.json"
    told = {"first seed": seeds.start, "last seed": seeds.stop - 1, **dict(sorted(counts.items()))}
    file.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return file
