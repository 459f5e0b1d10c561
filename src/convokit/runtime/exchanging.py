"""The HTTP client of a kit: one for all carriers, made when the first of them speaks."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from convokit.runtime.drivers import Exchange

if TYPE_CHECKING:
    from convokit.runtime.http import BlockingHttp


class Exchanging:
    """Every thread may use it."""

    def __init__(self) -> None:
        self._http: BlockingHttp | None = None
        self._lock = threading.Lock()

    def client(self) -> Exchange:
        """The client."""
        with self._lock:
            if self._http is None:
                from convokit.runtime.http import BlockingHttp  # slow to import: only when a carrier speaks HTTP

                self._http = BlockingHttp()
            return self._http

    def use(self, http: BlockingHttp) -> None:
        """Use this client from now on, and close it in the end. For tests, whose carriers answer sooner or never."""
        self.close()
        with self._lock:
            self._http = http

    def close(self) -> None:
        """Close its connections. Twice is fine."""
        with self._lock:
            if self._http is not None:
                self._http.close()
                self._http = None
