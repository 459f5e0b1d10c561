"""The phone network's side of Kannel's ``smsc = fake`` driver: a line protocol over TCP."""

from __future__ import annotations

import re
import select
import socket
import time
from collections.abc import Callable
from urllib.parse import quote_from_bytes, unquote_to_bytes

from attrs import frozen

_LINE = re.compile(rb"(\S+) (\S+) (text|ucs-2|data|udh) ?(.*)", re.DOTALL)
_NUMBER = re.compile(rb"\+?[0-9]+")
_EXTENSION = set("\f^{}\\[~]|€")


@frozen
class Text:
    """A text that reached the phone, parts joined."""

    sender: str
    to: str
    text: str
    parts: int = 1


class FakeSmsc:
    """One connection to the fake SMSC's port. Kannel serves one such client at a time."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._rest = b""
        self._texts: list[Text] = []
        self._parts: dict[tuple[bytes, bytes, int, int], dict[int, bytes]] = {}
        self._open: tuple[bytes, bytes, bytes] | None = None

    def close(self) -> None:
        """Hang up; Kannel then queues texts until the next connection."""
        self._socket.close()

    def say(self, sender: str, to: str, text: str, *, ucs2: bool | None = None) -> None:
        """Let the phone ``sender`` write ``text`` to ``to``; UCS-2 unless it is one line of ASCII."""
        if ucs2 is None:
            ucs2 = not (text.isascii() and text.isprintable())
        payload = (
            b"ucs2 " + quote_from_bytes(text.encode("utf-16-be"), safe="").encode()
            if ucs2
            else b"text " + text.encode()
        )
        self.say_raw(f"{sender} {to} ".encode() + payload)

    def say_raw(self, line: bytes) -> None:
        """Send one protocol line."""
        self._socket.sendall(line + b"\n")

    def texts(self) -> list[Text]:
        """Every whole text so far, in order of arrival."""
        self._read(time.monotonic())
        return list(self._texts)

    def wait_for(self, fits: Callable[[Text], bool], *, timeout: float = 20) -> Text:
        """The first text that fits; waits up to ``timeout`` seconds for it.

        Raises:
            AssertionError: none came; lists what came.
        """
        deadline = time.monotonic() + timeout
        while True:
            found = next((text for text in self._texts if fits(text)), None)
            if found is not None:
                return found
            assert self._read(deadline), f"no such text; came: {self._texts}"

    def _read(self, deadline: float) -> bool:
        """Take in what is there, waiting for the first byte until ``deadline``; ``False`` if nothing came."""
        ready, _, _ = select.select([self._socket], [], [], max(0.0, deadline - time.monotonic()))
        data = self._socket.recv(65536) if ready else b""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._take(line)
        return bool(data)

    def _take(self, line: bytes) -> None:
        match = _LINE.fullmatch(line)
        if match is None or not (_NUMBER.fullmatch(match[2])):
            self._continue(line)
            return
        sender, to, kind, rest = match.groups()
        self._open = (sender, to, rest) if kind == b"text" else None
        if kind == b"text":
            self._add(sender, to, rest.decode())
        elif kind == b"ucs-2":
            self._add(sender, to, unquote_to_bytes(rest.replace(b"+", b" ")).decode("utf-16-be"))
        elif kind == b"udh":
            self._part(sender, to, rest)
        else:
            self._add(sender, to, unquote_to_bytes(rest.replace(b"+", b" ")).decode("latin-1"))

    def _continue(self, line: bytes) -> None:
        """A line feed inside a ``text`` is not escaped: what follows it comes as a line of its own."""
        assert self._open is not None, f"unknown line from Kannel: {line!r}"
        sender, to, rest = self._open
        self._open = (sender, to, rest + b"\n" + line)
        self._texts[-1] = Text(sender.decode(), to.decode(), self._open[2].decode())

    def _part(self, sender: bytes, to: bytes, rest: bytes) -> None:
        head, _, payload = rest.partition(b" data ")
        udh = unquote_to_bytes(head.replace(b"+", b" "))
        assert udh[:3] == b"\x05\x00\x03", f"not a concatenation header: {udh!r}"
        reference, total, number = udh[3:6]
        parts = self._parts.setdefault((sender, to, reference, total), {})
        parts[number] = unquote_to_bytes(payload.replace(b"+", b" "))
        if len(parts) == total:
            del self._parts[sender, to, reference, total]
            whole = [parts[index] for index in sorted(parts)]
            self._add(sender, to, b"".join(whole).decode(_encoding(whole[0])), parts=total)

    def _add(self, sender: bytes, to: bytes, text: str, parts: int = 1) -> None:
        self._texts.append(Text(sender.decode(), to.decode(), text, parts))


def _encoding(first_part: bytes) -> str:
    """The line does not tell the encoding of a part, its length does: 153 septets (152 before a pair) or 134 octets."""
    try:
        text = first_part.decode()
    except UnicodeDecodeError:
        return "utf-16-be"
    septets = sum(2 if char in _EXTENSION else 1 for char in text)
    return "utf-8" if septets in (152, 153) else "utf-16-be"
