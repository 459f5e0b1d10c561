"""A relay of bytes between two addresses, ``tcp:PORT`` on 127.0.0.1 or ``unix:PATH``: the network between hosts."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from pathlib import Path


def address_of(given: str) -> tuple[socket.AddressFamily, str | tuple[str, int]]:
    kind, _, where = given.partition(":")
    return (socket.AF_UNIX, where) if kind == "unix" else (socket.AF_INET, ("127.0.0.1", int(where)))


class Relay:
    """Listens at one address; each connection goes on to one of the others, in turn, to the next if one is away."""

    def __init__(self, listen: str, *targets: str) -> None:
        family, where = address_of(listen)
        if family == socket.AF_UNIX:
            Path(str(where)).unlink(missing_ok=True)
        self._listener = socket.create_server(where, family=family, backlog=512)  # type: ignore[arg-type]
        self._targets = targets
        self._turn = 0
        self.port = int(self._listener.getsockname()[1]) if family == socket.AF_INET else 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        far = self._reached()
        if far is None:
            near.close()
            return
        back = threading.Thread(target=_pump, args=(far, near), daemon=True)
        back.start()
        _pump(near, far)
        back.join()
        near.close()
        far.close()

    def _reached(self) -> socket.socket | None:
        first, self._turn = self._turn, self._turn + 1
        for step in range(len(self._targets)):
            family, where = address_of(self._targets[(first + step) % len(self._targets)])
            far = socket.socket(family)
            try:
                far.connect(where)
            except OSError:
                far.close()
            else:
                return far
        return None


def _pump(source: socket.socket, goal: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            goal.sendall(piece)
    for one in (goal, source):
        with suppress(OSError):
            one.shutdown(socket.SHUT_WR if one is goal else socket.SHUT_RD)
