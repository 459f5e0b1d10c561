"""A file that is being sent is closed as soon as nobody reads it any more, not when memory is tidied."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import Any

import pytest
from convokit_dashboard.pieces import Pieces
from starlette.requests import ClientDisconnect
from starlette.types import Message


def film(ends: list[str]) -> Generator[bytes, None, None]:
    try:
        while True:
            yield b"frame"
    finally:
        ends.append("closed")


@pytest.mark.parametrize("spec_version", ["2.3", "2.4"])
def test_a_client_that_goes_away_leaves_no_file_open(spec_version: str) -> None:
    ends: list[str] = []
    sent: list[Message] = []
    rolling = film(ends)
    gone = asyncio.Event()

    async def receive() -> Message:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)
        if len(sent) > 3:
            gone.set()
            if spec_version == "2.4":  # from then on a server tells by an error; before, by a message
                raise OSError

    async def play() -> None:
        scope: dict[str, Any] = {"type": "http", "asgi": {"version": "3.0", "spec_version": spec_version}}
        await Pieces(rolling, headers={})(scope, receive, send)

    if spec_version == "2.4":
        with pytest.raises(ClientDisconnect):
            asyncio.run(play())
    else:
        asyncio.run(play())
    assert ends == ["closed"]
    assert sent[1]["body"] == b"frame"
