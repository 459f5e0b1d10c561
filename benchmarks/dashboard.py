"""The dashboard beside bare Starlette: its first page, and two hundred of it that are open at once."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Final

from attrs import frozen
from filled import Size, fill
from harness import Check, Effort, Figure, Goal, Report, Side, compare, race

import convokit

SERVER: Final = Path(__file__).with_name("dashboard_server.py")
STATIC: Final = ("desk.css", "theme.css", "desk.js", "vendor/htmx.min.js", "vendor/hx-sse.min.js")
_OURS: Final = "the dashboard"
_BARE: Final = "bare Starlette"
_WIRE: Final = 60_000
_SOON: Final = 0.5
_TICKS: Final = os.sysconf("SC_CLK_TCK")


@frozen
class Server:
    """A server in a process of its own."""

    pid: int
    port: int

    def get(self, path: str, **headers: str) -> bytes:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path, headers=headers)
        body = connection.getresponse().read()
        connection.close()
        return body

    def cpu(self) -> float:
        """Seconds of processor time so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory(self) -> int:
        """Bytes that it holds."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def served(side: str, file: Path) -> Iterator[Server]:
    """A server until it is no longer needed."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    process = subprocess.Popen([sys.executable, str(SERVER), side, str(file), str(port)])
    server = Server(process.pid, port)
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                server.get("/active")
                break
            time.sleep(0.05)
        yield server
    finally:
        process.terminate()
        process.wait()


def run(effort: Effort) -> Report:
    """The first page, what a first visit weighs, and 200 that are open."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "desk.db")
        fill(
            file,
            Size(conversations=effort.of(10_000, 10_000, 500), practices=1, open_each=effort.of(9_000, 9_000, 400)),
        )
        with served("ours", file) as ours, served("bare", file) as bare:
            pages = tuple(page_figures(ours, bare, effort))
            wire = weight(ours)
        clients = effort.of(200, 200, 20)
        with served("ours", file) as ours, served("bare", file) as bare:
            watched = asyncio.run(open_figures(ours, bare, file, clients, effort))
    figures, slowest, lists, alone = watched
    return Report(
        figures=(*pages, *figures),
        checks=(
            Check(what=f"a first visit weighs at most {_WIRE // 1000} kB, compressed", holds=wire <= _WIRE),
            Check(what=f"a change is told to {clients} dashboards within half a second", holds=slowest <= _SOON),
            Check(what="and one of them has its list within that time", holds=alone <= _SOON),
            Check(what=f"and {clients} lists are drawn anew within a second", holds=lists <= 2 * _SOON),
        ),
        notes=(
            f"{wire:,} bytes; told in {slowest * 1000:.0f} ms; all lists in {lists * 1000:.0f} ms;"
            f" told and one list: {alone * 1000:.0f} ms",
        ),
    )


def page_figures(ours: Server, bare: Server, effort: Effort) -> Iterator[Figure]:
    """One client, and sixteen at once."""
    for clients in (1, 16):
        sides = {_OURS: asking(ours, clients, effort), _BARE: asking(bare, clients, effort)}
        race(sides, rounds=1)
        times = race(sides, rounds=effort.of(9, 5, 1))
        what = f"first inbox page, 50 rows, clients: {clients}"
        items = effort.of(40, 20, 2) * clients
        named = "50 literal rows of the same markup, bare Starlette and Jinja2"
        yield compare(times, _OURS, _BARE, what=what, items=items, goal=Goal("<=", 2), named=named)


def asking(server: Server, clients: int, effort: Effort) -> Side:
    """Asks for the page again and again, each client on one connection."""

    def one() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        for _ in range(effort.of(40, 20, 2)):
            connection.request("GET", "/active")
            if b"Ana Ruiz" not in connection.getresponse().read():
                raise RuntimeError("this is not the page")
        connection.close()

    def work(_: int) -> None:
        threads = [threading.Thread(target=one) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return lambda: nullcontext(work)


def weight(server: Server) -> int:
    """Bytes of a first visit: the page and every file of it, compressed as a browser takes them."""
    files = ["/active", *(f"/static/{name}" for name in STATIC)]
    sizes = [len(server.get(file, **{"Accept-Encoding": "gzip"})) for file in files]
    return sum(sizes)


class Screen:
    """A dashboard that is open: its stream, and a second connection for its list."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def open(self) -> None:
        """Begin to listen."""
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writer.write(b"GET /live HTTP/1.1\r\nHost: x\r\n\r\n")
        await self.reader.readuntil(b"hello\n\n")

    async def told(self) -> None:
        """Wait for the next event."""
        await self.reader.readuntil(b"event: desk:changed")

    async def drain(self) -> None:
        """Read whatever comes."""
        while await self.reader.read(65_536):
            pass

    async def list(self) -> None:
        """Ask for the list anew, as a browser does after an event."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(
            b"GET /parts/list/active?n=1 HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
        )
        await reader.read()
        writer.close()

    def close(self) -> None:
        """No longer."""
        self.writer.close()


async def opened(server: Server, clients: int) -> list[Screen]:
    """So many dashboards that are open."""
    screens = [Screen(server.port) for _ in range(clients)]
    for screen in screens:
        await screen.open()
    return screens


async def open_figures(
    ours: Server, bare: Server, file: Path, clients: int, effort: Effort
) -> tuple[list[Figure], float, float, float]:
    """What many open dashboards cost, how soon all of them are told and have their lists, and one of them its own."""
    before = {side: side.memory() for side in (ours, bare)}
    screens = {side: await opened(side, clients) for side in (ours, bare)}
    held = {side: (side.memory() - before[side]) / clients for side in (ours, bare)}
    slowest, lists = await latency(screens[ours], file, effort.of(9, 5, 2), askers=clients)
    alone = sum(await latency(screens[ours], file, effort.of(9, 5, 2), askers=1))
    reading = [asyncio.create_task(screen.drain()) for side in (ours, bare) for screen in screens[side]]
    await asyncio.to_thread(bare.get, "/beat")
    writing = threading.Event()
    writer = threading.Thread(target=changes, args=(file, writing), daemon=True)
    writer.start()
    spent: dict[str, list[float]] = {_OURS: [], _BARE: []}
    for _ in range(effort.of(9, 5, 2)):
        began = {side: side.cpu() for side in (ours, bare)}
        await asyncio.sleep(effort.of(4, 3, 1))
        spent[_OURS].append(max(ours.cpu() - began[ours], 1 / _TICKS))
        spent[_BARE].append(max(bare.cpu() - began[bare], 1 / _TICKS))
    writing.set()
    await asyncio.to_thread(writer.join)
    for task in reading:
        task.cancel()
    for side in (ours, bare):
        for screen in screens[side]:
            screen.close()
    what = f"{clients} open dashboards, five changes a second"
    cpu = compare(
        spent, _OURS, _BARE, what=f"{what}: processor time", goal=Goal("<=", 1.5), named="idle streams, told as often"
    )
    memory = Figure(
        what=f"{clients} open dashboards: memory of each",
        against="idle streams of bare Starlette",
        ours=held[ours],
        theirs=held[bare],
        ratio=held[ours] / max(held[bare], 1),
        noise=0.3,
        goal=Goal("<=", 1.5),
        unit="bytes",
    )
    return [cpu, memory], slowest, lists, alone


def changes(file: Path, over: threading.Event) -> None:
    """Another process at the same practice: it writes five times a second."""
    with convokit.open(f"sqlite:///{file}") as kit:
        desk = kit.practice("p0")
        talk = desk.inbox(limit=1).items[0].id
        while not over.wait(0.2):
            desk.note(talk, "a change", by=convokit.Staff(id="u2", name="Sam"))


async def latency(screens: list[Screen], file: Path, rounds: int, *, askers: int) -> tuple[float, float]:
    """How long after a commit all dashboards were told, and then until so many had their lists: medians."""
    with convokit.open(f"sqlite:///{file}") as kit:
        desk = kit.practice("p0")
        talk = desk.inbox(limit=1).items[0].id
        told, drawn = [], []
        for number in range(rounds):
            await asyncio.to_thread(desk.note, talk, f"note {number}", by=convokit.Staff(id="u2", name="Sam"))
            began = time.perf_counter()
            await asyncio.gather(*(screen.told() for screen in screens))
            told.append(time.perf_counter() - began)
            await asyncio.gather(*(screen.list() for screen in screens[:askers]))
            drawn.append(time.perf_counter() - began - told[-1])
    return statistics.median(told), statistics.median(drawn)
