"""A PostgreSQL of the tests' own: a private cluster from the system's binaries, on a free port of this machine.

It never touches a cluster that the system runs. Nothing is installed and nothing is left: the folder goes when the
tests have ended, and the server goes with the process that started it, however that one ends.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, Final

from attrs import define, field, frozen
from needs import unavailable

ADMIN: Final = "postgres"
OWNER: Final = "desk_owner"
APP: Final = "desk_app"
HOST: Final = "practice_software"

_PACKAGE: Final = "PostgreSQL not found: apt-get install -y --no-install-recommends postgresql"
_PROGRAMS: Final = ("initdb", "postgres")
_SETTINGS: Final = {
    "autovacuum_naptime": "1h",  # a test that needs it says so
    "deadlock_timeout": "200ms",
    "fsync": "off",  # kill -9 loses nothing of what the system has been given; a power cut is not what is tested
    "jit": "off",
    "listen_addresses": "127.0.0.1",
    "log_min_messages": "fatal",
    "max_connections": "120",
    "max_wal_size": "256MB",
    "shared_buffers": "48MB",
}


def binaries() -> Path:
    """The folder of the server's programs; skips (or fails) where there are none."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda found: int(found.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    for found in (*debian, *((Path(on_path).resolve().parent,) if on_path else ())):
        if all((found / program).exists() for program in _PROGRAMS):
            return found
    unavailable(_PACKAGE)


@frozen
class Place:
    """One database of the cluster, as each of its roles opens it."""

    name: str
    port: int

    def url(self, role: str = APP) -> str:
        return f"postgresql://{role}@127.0.0.1:{self.port}/{self.name}"


@define
class Cluster:
    """A running server."""

    folder: Path
    bin: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    _names: Iterator[int] = field(factory=lambda: count(1))
    _template: str | None = None

    # --- the server ------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start, and wait until it takes connections. From the main thread: it ends with the thread that started it."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *_dying_with_us(),
                    *(str(self.bin / "postgres"), "-D", str(self.folder / "data")),
                    *("-p", str(self.port), "-k", str(self.folder)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                **_somebody(),
            )
        deadline = time.monotonic() + 60
        while True:
            try:
                self.admin("SELECT 1")
            except self._away() as error:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    said = (self.folder / "log").read_text(errors="replace")
                    raise RuntimeError(f"PostgreSQL does not start: {said[-2000:]}") from error
                time.sleep(0.02)
            else:
                return

    def stop(self, mode: signal.Signals = signal.SIGINT) -> None:
        """Stop: ``SIGINT`` ends all sessions first, ``SIGQUIT`` ends at once, as a crash would."""
        process, self.process = self.process, None
        if process is not None:
            process.send_signal(mode)
            process.wait(60)

    def kill(self) -> None:
        """kill -9 of the server and of every process of it."""
        process, self.process = self.process, None
        assert process is not None
        children = _children(process.pid)
        for pid in (process.pid, *children):
            with _gone():
                os.kill(pid, signal.SIGKILL)
        process.wait(60)
        deadline = time.monotonic() + 30
        while any(Path(f"/proc/{pid}").exists() for pid in children) and time.monotonic() < deadline:
            time.sleep(0.01)

    def restart(self) -> None:
        self.stop()
        self.start()

    def remove(self) -> None:
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- databases -------------------------------------------------------------------------------------------------

    def admin(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run a statement as the administrator."""
        with self.connect(database) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def connect(self, database: str = "postgres", role: str = ADMIN, **options: Any) -> Any:
        """A connection of psycopg's, without transactions of its own."""
        import psycopg

        url = Place(database, self.port).url(role)
        return psycopg.connect(url, autocommit=True, connect_timeout=5, **options)

    def empty(self) -> Place:
        """A new database that the owner's role owns, without a table."""
        name = f"desk{next(self._names)}"
        self.admin(f"CREATE DATABASE {name} OWNER {OWNER}")
        return Place(name, self.port)

    def migrated(self) -> Place:
        """A new database with our tables, which the app's role may use."""
        if self._template is None:
            from convokit.stores.sql.postgres import migrate

            made = self.empty()
            migrate(made.url(OWNER), app_roles=(APP,))
            self._template = made.name
        name = f"desk{next(self._names)}"
        self.admin(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {self._template}")
        return Place(name, self.port)

    def drop(self, place: Place) -> None:
        self.admin(f"DROP DATABASE IF EXISTS {place.name} WITH (FORCE)")

    @staticmethod
    def _away() -> type[Exception]:
        import psycopg

        return psycopg.OperationalError


def new_cluster() -> Cluster:
    """Make and start a cluster with the roles of the tests."""
    found = binaries()
    try:
        import psycopg  # noqa: F401
    except ImportError:
        unavailable("psycopg not found: pip install 'convokit-vet[postgres]'")
    # Not pytest's own folder: only its owner may enter that, and the server never runs as root.
    folder = Path(tempfile.mkdtemp(prefix="convokit-pg-"))
    somebody = _somebody()
    if somebody:
        os.chown(folder, somebody["user"], somebody["group"])
    # The default order of texts is a language's, so that a text column that forgets to say "C" is noticed.
    subprocess.run(
        [
            *(str(found / "initdb"), "-D", str(folder / "data"), "-U", ADMIN, "-A", "trust", "-E", "UTF8"),
            *("--no-sync", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"),
        ],
        check=True,
        capture_output=True,
        cwd=folder,
        **somebody,
    )
    with (folder / "data" / "postgresql.conf").open("a") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in _SETTINGS.items())
    cluster = Cluster(folder, found, _free_port())
    cluster.start()
    for role in (OWNER, APP, HOST):
        cluster.admin(f"CREATE ROLE {role} LOGIN")
    return cluster


def _somebody() -> dict[str, Any]:
    """Who runs the server where we are root: the user of Debian's package, else nobody."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    who = names.get("postgres") or names["nobody"]
    return {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}


def _dying_with_us() -> list[str]:
    """In front of a command: it is told to end when this process does, where the system knows how."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "QUIT", "--"] if setpriv else []


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with _gone():
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[1]) == pid:
                found.append(int(stat.parent.name))
    return found


@contextmanager
def _gone() -> Iterator[None]:
    """A process may end while it is looked at."""
    with suppress(ProcessLookupError, FileNotFoundError):
        yield
