"""The HTTP clients of a kit: one for all providers, made when the first of them speaks, and one that speaks HTTP/2."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from convokit.runtime.drivers import Exchange

if TYPE_CHECKING:
    from convokit.runtime.http import BlockingHttp


class Exchanging:
    """Every thread may use it."""

    def __init__(self) -> None:
        self._clients: dict[str, BlockingHttp] = {}
        self._lock = threading.Lock()

    def client(self, version: str = "1.1") -> Exchange:
        """The client for what insists on HTTP/2 (``"2"``), or for everybody else.

        Raises:
            ImportError: what speaks HTTP/2 is not installed.
        """
        with self._lock:
            if version not in self._clients:
                from convokit.runtime.http import BlockingHttp  # slow to import: only when a carrier speaks HTTP

                self._clients[version] = BlockingHttp(http2=version == "2")
            return self._clients[version]

    def use(self, http: BlockingHttp) -> None:
        """Use this client from now on, and close it in the end. For tests, whose carriers answer sooner or never."""
        self.close()
        with self._lock:
            self._clients = {"1.1": http, "2": http}

    def close(self) -> None:
        """Close its connections. Twice is fine."""
        with self._lock:
            for http in self._clients.values():
                http.close()
            self._clients = {}
