"""Keep the table of reference/plugins.md: what each plugin of this repository is, as its own metadata has it.

    python docs/plugin_table.py            say whether the page is true
    python docs/plugin_table.py --write    make it true

All of them must be installed. Each is imported in a process of its own.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import metadata
from pathlib import Path

from convokit.plugins.inspecting import inspected
from convokit.plugins.overview import CORE, PluginState, plugin_states

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "plugins.md"
_TABLE = re.compile(r"(?<=<!-- the table begins -->\n).*?(?=<!-- the table ends -->)", re.DOTALL)
_ENTRY = "[project.entry-points.convokit]"  # what is not loaded by name, as the dashboard, is no row
_HEAD = ("plugin", "distribution", "what it is", "hooks", "API", "declares")


def _is_loaded(project: Path) -> bool:
    return _ENTRY in project.read_text(encoding="utf-8")


def ours() -> list[PluginState]:
    """The built-in plugins, then those of this repository, by name."""
    here = {path.parent.name for path in ROOT.glob("plugins/convokit-*/pyproject.toml") if _is_loaded(path)}
    found = [inspected(one) for one in plugin_states(()) if one.distribution in {CORE, *here}]
    missing = here - {one.distribution for one in found}
    if missing:
        sys.exit(f"not installed: {', '.join(sorted(missing))}")
    return sorted(found, key=lambda one: (one.distribution != CORE, one.name))


def declared(values: Mapping[str, object], name: str = "") -> Iterator[str]:
    """Capabilities in a few words: what is true, and what has a value."""
    for key, value in values.items():
        words = f"{name}{key}"
        match value:
            case True:
                yield f"`{words}`"
            case False | None | "" | [] | ():
                continue
            case Mapping():
                yield from declared(value, f"{words}.")
            case list() | tuple():
                yield f"`{words}` {', '.join(map(str, value))}"
            case _:
                yield f"`{words}` {value:,}" if isinstance(value, int) else f"`{words}` {value}"


def rows() -> Iterator[tuple[str, ...]]:
    """The cells of the table."""
    for one in ours():
        about = "built in" if one.distribution == CORE else metadata(one.distribution)["Summary"]
        able = "; ".join(words for values in one.declares.values() for words in declared(values))
        hooks = ", ".join(f"`{hook}`" for hook in one.hooks)
        yield f"`{one.name}`", f"`{one.distribution}`", about, hooks, str(one.api), able


def renewed(page: str) -> str:
    """The page with its table as the plugins have it."""
    lines = [_HEAD, ("---",) * len(_HEAD), *rows()]
    table = "".join(f"| {' | '.join(cells)} |\n".replace("|  |", "| |") for cells in lines)
    return _TABLE.sub(lambda _: table, page)


def main() -> int:
    """Check or write; the exit code."""
    page = PAGE.read_text(encoding="utf-8")
    wanted = renewed(page)
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(wanted, encoding="utf-8")
    elif page != wanted:
        print(
            f"{PAGE.name} says other things than the plugins; run: python docs/plugin_table.py --write", file=sys.stderr
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
