"""From the first command of a fresh clone to the first picture: `python3 go.py demo`, with nothing installed before."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from harness import Check, Effort, Report

ROOT: Final = Path(__file__).resolve().parents[1]
_LIMIT: Final = 20
"""Seconds. Somebody who only wants a look goes away after more."""
_FLAGS: Final = ("--headless=new", "--no-sandbox", "--disable-gpu")

Look = Callable[[str], None]
"""Returns when the page at this address is on the screen."""


def run(effort: Effort) -> Report:
    """Thrice, each in a clone of its own with an empty cache; a smoke run starts what is installed here, once."""
    if effort.smoke:
        command = [sys.executable, "-m", "convokit", "demo", "--no-browser"]
        taken = [_timed(command, ROOT, _fetched)]
    else:
        with _chromium() as look:
            taken = [_of_a_clone(look) for _ in range(effort.of(3, 1, 1))]
    holds = effort.smoke or sorted(taken)[len(taken) // 2] <= _LIMIT
    what = f"the first command of a fresh clone shows the dashboard within {_LIMIT} seconds"
    notes = tuple(f"{seconds:.1f} s" for seconds in taken)
    return Report(figures=(), checks=(Check(what=what, holds=holds),), notes=notes)


def _of_a_clone(look: Look) -> float:
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        # The interpreter below this environment: a fresh machine has no other one.
        python = getattr(sys, "_base_executable", sys.executable)
        return _timed([python, "go.py", "demo", "--no-browser"], clone, look)


def _timed(command: list[str], where: Path, look: Look) -> float:
    """Seconds until the picture is there."""
    environment = {**os.environ, "PIP_NO_CACHE_DIR": "1", "PYTHONUNBUFFERED": "1"}
    started = time.perf_counter()
    with subprocess.Popen(command, cwd=where, env=environment, stdout=subprocess.PIPE, text=True) as demo:
        try:
            look(_listening(_address(demo)))
            return time.perf_counter() - started
        finally:
            demo.send_signal(signal.SIGINT)
            demo.communicate()


def _address(demo: subprocess.Popen[str]) -> str:
    """Where it says that the practice is open."""
    said = []
    for line in demo.stdout or ():
        said.append(line)
        if found := re.search(r"is open:\s+(http://\S+)", line):
            return found[1]
    raise RuntimeError("the demo did not open: " + "".join(said))


def _listening(url: str) -> str:
    """The address, once somebody answers there: that it is open is said a moment before."""
    place = urlsplit(url)
    for _ in range(500):
        with suppress(OSError), socket.create_connection((place.hostname, place.port or 80), 1):
            return url
        time.sleep(0.02)
    raise RuntimeError(f"nobody listens at {url}")


def _fetched(url: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    connection.request("GET", "/desk/active")
    if connection.getresponse().status != 200:
        raise RuntimeError("the dashboard is not there")
    connection.close()


@contextmanager
def _chromium() -> Iterator[Look]:
    """A browser that is open already, as a visitor's is."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=_FLAGS)

        def look(url: str) -> None:
            page = browser.new_page()
            page.goto(url)
            page.frame_locator("iframe").first.locator(".row").first.wait_for()
            page.screenshot()
            page.close()

        yield look
        browser.close()
