"""What every contract watches while a plugin is at work: that it does no input or output, and tells no secret."""

from __future__ import annotations

import base64
import logging
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Final, NoReturn
from urllib.parse import quote, quote_plus

LEAST_SECRET: Final = 8
"""A shorter one might stand in any text by chance."""


def forms_of(secret: str) -> set[str]:
    """A secret as it may show: as it is, in a URL, and in an ``Authorization`` header together with a user."""
    plain = secret.encode()
    shifted = {base64.b64encode(b"x" * lead + plain).decode().rstrip("=")[lead + 2 : -2] for lead in range(3)}
    return {secret, quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1], *(s for s in shifted if len(s) > 8)}


def shown(secrets: Iterable[str], text: str) -> list[str]:
    """The places of those secrets that stand in a text, by their number; never the secrets themselves."""
    found = enumerate(secrets, start=1)
    return [f"secret number {number}" for number, secret in found if any(form in text for form in forms_of(secret))]


def hold_back(secrets: Iterable[str], text: str, where: str) -> None:
    """Fail when a text shows a secret."""
    leaked = shown(secrets, text)
    assert not leaked, f"{', '.join(leaked)} in {where}"


@contextmanager
def nothing_is_logged(secrets: Iterable[str]) -> Iterator[None]:
    """Fail at the end when a secret was logged meanwhile, at any level."""
    listening, known = _Listening(), tuple(secrets)
    root = logging.getLogger()
    before = root.level
    root.addHandler(listening)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.setLevel(before)
        root.removeHandler(listening)
    hold_back(known, "\n".join(listening.lines), "the log")


class _Listening(logging.Handler):
    """Keeps every record as a log file would show it, traceback included."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def no_input_or_output() -> Iterator[None]:
    """Make connecting, looking names up and sleeping fail: a sans-I/O plugin does none of these."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a plugin that is sans-I/O connects to nothing and waits for nothing")

    doors = ((socket.socket, "connect"), (socket.socket, "connect_ex"), (socket, "getaddrinfo"), (time, "sleep"))
    with ExitStack() as restoring:
        for owner, name in doors:
            restoring.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, refuse)
        yield
