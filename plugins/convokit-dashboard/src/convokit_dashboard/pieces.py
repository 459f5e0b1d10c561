"""A file as the body of an answer."""

from __future__ import annotations

from collections.abc import Generator, Mapping

import anyio
import anyio.to_thread
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send


class Pieces(StreamingResponse):
    """Sends a file piece by piece, and closes it however that ends.

    Starlette leaves the rest of what it was sending to the garbage collector when a client goes away: until that comes
    by, the file stays open.
    """

    def __init__(
        self,
        pieces: Generator[bytes, None, None],
        *,
        status_code: int = 200,
        headers: Mapping[str, str],
        media_type: str | None = None,
    ) -> None:
        super().__init__(pieces, status_code=status_code, headers=headers, media_type=media_type)
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it; no piece is being read any more when it is closed, for a thread's work is waited for."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._pieces.close)
