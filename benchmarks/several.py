"""A hundred texts in one request of a carrier's, beside a hundred requests."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from filled import OURS, Size, address, copied
from harness import Effort, Figure, Goal, Work, compare, race

import convokit
from convokit.ports.wire import HttpRequest

_HOST: Final = "https://desk.example.com"
_SETTINGS: Final = {
    "account_id": "9900000",
    "api_user": "desk",
    "api_password": "fedcba9876543210",
    "application_id": "93de2206-9669-4e07-948d-329f4b722ee2",
    "webhook_user": "bandwidth",
    "webhook_password": "0123456789abcdef" * 2,
}
_HEADERS: Final = (
    ("Content-Type", "application/json"),
    (
        "Authorization",
        "Basic " + b64encode(f"{_SETTINGS['webhook_user']}:{_SETTINGS['webhook_password']}".encode()).decode(),
    ),
)
_TOGETHER: Final = "all in one request"
_ALONE: Final = "a request for each"


def figure(effort: Effort, filled: Path, size: Size) -> Figure:
    """Bandwidth's callbacks, which are lists, into open conversations of a filled file."""
    count, rounds = effort.of(100, 100, 4), effort.of(9, 5, 1)
    numbers = [number for number in range(size.conversations) if size.is_open(number)][:count]
    sides = {
        _TOGETHER: partial(_ready, filled, size, [numbers]),
        _ALONE: partial(_ready, filled, size, [[number] for number in numbers]),
    }
    times = race(sides, rounds=rounds)
    what = f"{len(numbers)} texts of Bandwidth's in one request"
    return compare(times, _TOGETHER, _ALONE, what=what, items=len(numbers), goal=Goal(">=", 2))


@contextmanager
def _ready(filled: Path, size: Size, requests: list[list[int]]) -> Iterator[Work]:
    settings = {"bandwidth": _SETTINGS}
    with (
        copied(filled) as path,
        convokit.open(
            f"sqlite:///{path}", plugins=["bandwidth"], settings=settings, public_url=f"{_HOST}/hooks/"
        ) as kit,
    ):
        url = str(kit.webhook_url(size.practice_id(0)))
        made = [HttpRequest(method="POST", url=url, headers=_HEADERS, body=_body(numbers)) for numbers in requests]

        def work(_: int) -> None:
            for request in made:
                if kit.webhook(request).status != 200:
                    raise RuntimeError("a callback was refused")

        yield work


def _body(numbers: list[int]) -> bytes:
    told = [
        {
            "type": "message-received",
            "time": "2027-01-15T08:00:00.000000Z",
            "to": OURS,
            "message": {
                "id": f"{number:032x}",
                "from": address(number),
                "to": [OURS],
                "text": "Hi, is Bella ready to be picked up this afternoon?",
                "direction": "in",
            },
        }
        for number in numbers
    ]
    return json.dumps(told).encode()
