"""Looking at a plugin that is not enabled: in a process of its own, so that nothing of it is imported here.

``python -m convokit.plugins.inspecting NAME`` is that process. It tells what it found as JSON on its standard output,
which the plugin does not get to see.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Final

import attrs

from convokit.plugins.overview import PluginState, tried

SECONDS: Final = 30
"""How long a plugin may take to be imported and to say what it offers."""


def inspected(seen: PluginState) -> PluginState:
    """An installed plugin with its hooks and offers; ``"blocked"`` where it could not be enabled."""
    command = [sys.executable, "-P", "-m", "convokit.plugins.inspecting", seen.name]
    try:
        done = subprocess.run(  # noqa: S603 - this interpreter, and the name of an entry point as an argument
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        why = f"plugin {seen.name!r}: importing it takes more than {SECONDS} seconds"
        return attrs.evolve(seen, state="blocked", problem=why)
    try:
        told = json.loads(done.stdout)
    except ValueError:
        why = f"plugin {seen.name!r}: importing it ended the process, exit code {done.returncode}"
        return attrs.evolve(seen, state="blocked", problem=why)
    hooks, offers = tuple(told["hooks"]), tuple(told["offers"])
    found = attrs.evolve(seen, hooks=hooks, offers=offers, api=told["api"], declares=told["declares"])
    return found if told["problem"] is None else attrs.evolve(found, state="blocked", problem=told["problem"])


def main(name: str) -> None:
    """Try one plugin, and tell."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as channel:
        os.dup2(2, 1)  # what a plugin prints must not get between
        json.dump(attrs.asdict(tried(name)), channel)


if __name__ == "__main__":
    main(sys.argv[1])
