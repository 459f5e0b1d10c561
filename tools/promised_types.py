"""Whether a type checker knows the type of everything that is promised: `tox -e types`.

pyright looks at the installed package, as a user's does. Promised are the names of `convokit` itself, and what authors
of plugins use: `convokit.ports`, `convokit.plugins`, `convokit.outcomes` and `convokit.testing`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import convokit

FOR_AUTHORS = ("convokit.ports.", "convokit.plugins.", "convokit.outcomes.", "convokit.testing.")


def promised() -> tuple[str, ...]:
    """The full names of what `convokit` promises, by where they live."""
    return tuple(f"{getattr(convokit, name).__module__}.{name}" for name in convokit.__all__)


def belongs(symbol: str, names: tuple[str, ...]) -> bool:
    """Whether a symbol is a promised name, a part of one, or for authors of plugins."""
    return symbol.startswith(FOR_AUTHORS) or any(symbol == name or symbol.startswith(name + ".") for name in names)


def unknown(symbols: list[dict[str, Any]]) -> Iterator[str]:
    """What pyright says against each promised symbol."""
    names = promised()
    for symbol in symbols:
        if belongs(symbol["name"], names) and not (symbol["isTypeKnown"] and not symbol["isTypeAmbiguous"]):
            why = "; ".join(said["message"].replace("\n", " ") for said in symbol["diagnostics"])
            yield f"{symbol['name']}: {why}"


def main() -> None:
    command = ["pyright", "--verifytypes", "convokit", "--ignoreexternal", "--outputjson"]
    verified = subprocess.run(command, capture_output=True, text=True, check=False)
    symbols = json.loads(verified.stdout)["typeCompleteness"]["symbols"]
    ours = [symbol for symbol in symbols if belongs(symbol["name"], promised())]
    complaints = list(unknown(symbols))
    print("\n".join([*complaints, f"{len(ours)} promised symbols, {len(complaints)} without a known type"]))
    if complaints or not ours:
        sys.exit(1)


if __name__ == "__main__":
    main()
