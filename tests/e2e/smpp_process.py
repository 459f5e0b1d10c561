"""Starts the scripted SMPP peer (``smpp_peer/peer.js``) and reads what it says."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

from needs import need, unavailable

Event = Mapping[str, object]
_SOURCE = Path(__file__).resolve().parent / "smpp_peer"


def _cache() -> Path:
    chosen = os.environ.get("CONVOKIT_CACHE")
    return Path(chosen) if chosen else Path(tempfile.gettempdir()) / f"convokit-cache-{os.getuid()}"


def node_modules() -> Path:
    """The folder with the peer's npm packages, installed once outside the source tree."""
    (npm,) = need("npm", package="nodejs npm")
    package = _SOURCE / "package.json"
    folder = _cache() / f"smpp-peer-{hashlib.sha256(package.read_bytes()).hexdigest()[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            for name in ("package.json", ".npmrc"):
                shutil.copy(_SOURCE / name, folder)
            command = [npm, "install", "--ignore-scripts"]
            ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=180, check=False)
            if ran.returncode:
                unavailable(f"npm could not install the SMPP peer in {folder}: {ran.stderr[-300:]}")
            (folder / "done").touch()
    return folder / "node_modules"


class SmppPeer:
    """Use as a context manager; ``port`` is known inside."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._changed = threading.Condition()

    def __enter__(self) -> SmppPeer:
        (node,) = need("node", package="nodejs npm")
        self._process = subprocess.Popen(
            [node, str(_SOURCE / "peer.js")],
            env={**os.environ, "NODE_PATH": str(node_modules())},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.port = int(str(self.wait_for(lambda event: event["event"] == "listening")["port"]))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._changed:
                self._events.append(json.loads(line))
                self._changed.notify_all()

    def events(self) -> list[Event]:
        """Everything said so far."""
        with self._changed:
            return list(self._events)

    def wait_for(self, fits: Callable[[Event], bool], *, timeout: float = 20) -> Event:
        """The first event that fits; waits up to ``timeout`` seconds for it.

        Raises:
            AssertionError: none came; lists what came.
        """
        with self._changed:
            self._changed.wait_for(lambda: any(map(fits, self._events)), timeout)
            found = [event for event in self._events if fits(event)]
        assert found, f"no such event; came: {self.events()}"
        return found[0]
