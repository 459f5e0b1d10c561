"""A TCP proxy that breaks a connection at a chosen word, before or after the server has heard it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Literal

from attrs import define, field

Where = Literal["before", "after"]


@define
class _Quiet:
    """Whether the client hears nothing any more, and whether the server has said something since."""

    here: threading.Event = field(factory=threading.Event)
    answered: threading.Event = field(factory=threading.Event)


@define
class CuttingProxy:
    """Forwards to ``port``. Once :meth:`arm` was called, the next batch with the word cuts its connection.

    ``"before"``: the server never hears of it. ``"after"``: the server does it, and its answer is lost.
    """

    port: int
    _listener: socket.socket = field(factory=lambda: socket.create_server(("127.0.0.1", 0)))
    _word: bytes = b""
    _where: Where = "after"
    _then: Callable[[], None] = field(default=lambda: None)
    _silent: bool = False
    cut: threading.Event = field(factory=threading.Event)

    def __attrs_post_init__(self) -> None:
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def here(self) -> int:
        return int(self._listener.getsockname()[1])

    def drop_silently(self) -> None:
        """From the next cut on, the server is not told that the client is gone."""
        self._silent = True

    def arm(self, word: bytes, where: Where, then: Callable[[], None] = lambda: None) -> None:
        """Cut at the next ``word``; ``then`` runs at that moment, before the client sees it."""
        self._where, self._then = where, then
        self.cut.clear()
        self._word = word

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            try:
                server = socket.create_connection(("127.0.0.1", self.port), timeout=5)
            except OSError:
                return
            server.settimeout(None)
            quiet = _Quiet()
            back = threading.Thread(target=self._back, args=(server, client, quiet), daemon=True)
            back.start()
            self._forth(client, server, quiet)
            back.join()
            server.close()

    def _forth(self, client: socket.socket, server: socket.socket, quiet: _Quiet) -> None:
        with suppress(OSError):
            while sent := client.recv(65536):
                if self._word and self._word in sent:
                    self._word = b""
                    quiet.here.set()  # whatever the server still says gets lost
                    if self._where == "after":
                        server.sendall(sent)
                        quiet.answered.wait(10)
                    self._then()
                    self.cut.set()
                    for side in (
                        (client,) if self._silent else (client, server)
                    ):  # closing them would not wake the other thread
                        side.shutdown(socket.SHUT_RDWR)
                    return
                server.sendall(sent)

    @staticmethod
    def _back(server: socket.socket, client: socket.socket, quiet: _Quiet) -> None:
        with suppress(OSError):
            while said := server.recv(65536):
                if quiet.here.is_set():
                    quiet.answered.set()
                    continue
                client.sendall(said)
            client.shutdown(socket.SHUT_RDWR)
