"""An ASGI application on a port of this machine, in a thread."""

from __future__ import annotations

import threading
import time
from typing import Any

from attrs import define


@define
class Running:
    """A server in a thread of its own."""

    server: Any
    thread: threading.Thread

    def end(self) -> None:
        self.server.should_exit = True
        self.thread.join(timeout=20)
        assert not self.thread.is_alive(), "the server does not end"


def serve(app: Any, port: int) -> Running:
    """Serve an ASGI app until :meth:`Running.end`."""
    import uvicorn

    config = uvicorn.Config(app, port=port, log_level="error", lifespan="off", timeout_graceful_shutdown=1, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    for _ in range(200):
        if server.started:
            return Running(server, thread)
        time.sleep(0.05)
    raise AssertionError("the server does not start")
