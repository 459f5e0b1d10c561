"""Running the `convokit` command for real, and plugins to run it with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

KANNEL = """
[kannel]
send_url = "http://127.0.0.1:13013/cgi-bin/sendsms"
username = "desk"
password = "hidden-one"
webhook_user = "kannel"
webhook_password = "hidden-two-hidden-two"
"""
"""Settings of a carrier, as a file for `--settings`."""


def environment(**changes: str) -> dict[str, str]:
    """This environment without what would change the command, and with ``changes``."""
    dropped = ("CONVOKIT_", "NO_COLOR", "PYTHONIOENCODING")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return {**kept, "PYTHONUTF8": "1", **changes}


def unmeasured() -> dict[str, str]:
    """The same without coverage measurement, whose lock stays taken for ever when Ctrl-C comes while it is held."""
    return {name: value for name, value in environment().items() if not name.startswith("COVERAGE_PROCESS_")}


def convokit(*arguments: str, given: str = "", **changes: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m convokit`` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "convokit", *arguments],
        input=given,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        env=environment(**changes),
        timeout=400,
        check=False,
    )


def install(folder: Path, name: str, source: str) -> str:
    """A distribution with one plugin, importable from ``folder``; returns what PYTHONPATH must be."""
    folder.mkdir(exist_ok=True)
    module = f"made_{name}"
    (folder / f"{module}.py").write_text(source, encoding="utf-8")
    about = folder / f"{module}-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: made-{name}\nVersion: 1.0\n", encoding="utf-8")
    (about / "entry_points.txt").write_text(f"[convokit]\n{name} = {module}\n", encoding="utf-8")
    return os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
