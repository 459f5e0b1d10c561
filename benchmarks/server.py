"""A PostgreSQL of the benchmark's own, as durable as one in use: a private cluster from the system's binaries."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, Final

from attrs import define, field
from harness import Effort

ADMIN: Final = "postgres"
OWNER: Final = "desk_owner"
APP: Final = "desk_app"
# What is synced stays synced: fsync and synchronous_commit are left on.
_SETTINGS: Final = {
    "autovacuum": "off",  # it would come in the middle of a round
    "jit": "off",
    "listen_addresses": "127.0.0.1",
    "log_min_messages": "fatal",
    "max_wal_size": "4GB",
    "shared_buffers": "256MB",
}


@define
class Server:
    """A running server."""

    port: int
    _names: Iterator[int] = field(factory=lambda: count(1))

    def url(self, database: str, role: str = APP) -> str:
        """The URL of a database for a role; the administrator's is bound by no row-level security."""
        return f"postgresql://{role}@127.0.0.1:{self.port}/{database}"

    def run(self, statement: str) -> None:
        """Run a statement as the administrator."""
        with connect(self.url("postgres", ADMIN)) as connection:
            connection.execute(statement)

    def made(self, template: str | None = None) -> str:
        """The name of a new database, a copy of ``template``."""
        name = f"desk{next(self._names)}"
        self.run(f"CREATE DATABASE {name} OWNER {OWNER}" + (f" TEMPLATE {template}" if template else ""))
        return name

    @contextmanager
    def copied(self, template: str) -> Iterator[str]:
        """A copy of a database, which is dropped afterwards."""
        name = self.made(template)
        yield name
        self.run(f"DROP DATABASE {name} WITH (FORCE)")


def connect(url: str) -> Any:
    """A connection of psycopg's whose statements have ``$1``, ``$2``, ...; each is a transaction."""
    import psycopg

    return psycopg.connect(url, autocommit=True, cursor_factory=psycopg.RawCursor, prepare_threshold=0)


@contextmanager
def server(effort: Effort) -> Iterator[Server]:
    """Make a cluster and start it; at the end nothing is left of it. That of a smoke run syncs nothing."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="convokit-bench-"))
    who = _somebody()
    if who:
        os.chown(folder, who["user"], who["group"])
    try:
        _run(
            [programs / "initdb", "-D", folder / "data", "-U", ADMIN, "-A", "trust", "-E", "UTF8", "--no-sync"],
            folder,
            who,
        )
        with (folder / "data" / "postgresql.conf").open("a") as file:
            file.writelines(
                f"{name} = '{value}'\n"
                for name, value in (_SETTINGS | ({"fsync": "off"} if effort.smoke else {})).items()
            )
        made = Server(_free_port())
        process = subprocess.Popen(
            [programs / "postgres", "-D", folder / "data", "-p", str(made.port), "-k", folder],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **who,
        )
        try:
            _wait(made, process)
            for role in (OWNER, APP):
                made.run(f"CREATE ROLE {role} LOGIN")
            yield made
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait(60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda found: int(found.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    for found in (*debian, *((Path(on_path).resolve().parent,) if on_path else ())):
        if (found / "initdb").exists():
            return found
    sys.exit("PostgreSQL not found: apt-get install -y --no-install-recommends postgresql")


def _somebody() -> dict[str, Any]:
    """Who runs the server where we are root, for it refuses to run as such."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    who = names.get("postgres") or names["nobody"]
    return {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}


def _run(command: list[Path | str], folder: Path, who: dict[str, Any]) -> None:
    subprocess.run(command, check=True, capture_output=True, cwd=folder, **who)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait(made: Server, process: subprocess.Popen[bytes]) -> None:
    import psycopg

    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(psycopg.OperationalError):
            made.run("SELECT 1")
            return
        time.sleep(0.05)
    sys.exit("PostgreSQL does not start")
