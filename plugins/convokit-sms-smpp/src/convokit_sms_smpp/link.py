"""One connection: its socket is touched by one thread alone; every other one speaks through the state machine."""

from __future__ import annotations

import selectors
import socket
import ssl
import threading
import time
from contextlib import suppress
from typing import Final, Protocol

from convokit_sms_smpp.pdu import Message
from convokit_sms_smpp.settings import SmppSettings
from convokit_sms_smpp.talk import Delivered, Late, Lost, NotTaken, Reply, Talk, WhenLate

_CHUNK: Final = 65_536
_LONGEST_SLEEP: Final = 60.0


class Owner(Protocol):
    """Who has the connection."""

    def delivered(self, message: Message) -> int:
        """Take a ``deliver_sm`` in; the status to answer it with. Called in the connection's thread."""
        ...

    def tick(self, now: float) -> float | None:
        """Do what is due by now; when something is due next. Called in the connection's thread."""
        ...

    def changed(self) -> None:
        """The connection is bound, or dead. Called in the connection's thread."""
        ...


def connected(settings: SmppSettings) -> socket.socket:
    """A socket that leads to the centre, TLS included.

    Raises:
        OSError: there is nobody, or not the one whom the settings want; ``ssl.SSLError`` is one of them.
    """
    plain = socket.create_connection(settings.address, timeout=settings.timeout)
    if not settings.tls:
        return plain
    try:
        return ssl.create_default_context(cafile=settings.ca_file).wrap_socket(plain, server_hostname=settings.host)
    except BaseException:
        plain.close()
        raise


class Link:
    """A connection from its bind to its end. Every thread may :meth:`submit`; one thread runs :meth:`run`."""

    def __init__(self, sock: socket.socket, talk: Talk, owner: Owner) -> None:
        self._sock = sock
        self._talk = talk
        self._owner = owner
        self._changed = threading.Condition()
        self._woken, self._waker = socket.socketpair()
        for one in (sock, self._woken, self._waker):
            one.setblocking(False)

    @property
    def is_bound(self) -> bool:
        """Whether texts may be handed over."""
        return self._talk.state == "bound"

    @property
    def was_bound(self) -> bool:
        """Whether the carrier ever took the bind."""
        return self._talk.was_bound

    @property
    def ended(self) -> str:
        """Why it is dead."""
        return self._talk.ended

    @property
    def refused(self) -> int | None:
        """The status of the bind, if it was refused."""
        return self._talk.refused

    # --- for other threads --------------------------------------------------------------------------------------------
    def submit(self, message: Message, until: float, late: WhenLate) -> Reply:
        """Say a ``submit_sm`` and wait for its answer, until a moment of the monotonic clock."""
        with self._changed:
            self._changed.wait_for(lambda: self._talk.has_room or not self.is_bound, _left(until))
            if not self._talk.has_room:
                return NotTaken(why="the window is full" if self.is_bound else "the connection is gone")
            sent = self._talk.submit(message, late)
            self._wake()
            self._changed.wait_for(lambda: sent.reply is not None, _left(until))
            if sent.reply is None:
                self._talk.stop_waiting(sent)
            return sent.reply or Lost(why="no answer in time")

    def leave(self) -> None:
        """Take leave of the carrier. :meth:`run` returns when it has answered, or after its patience."""
        with self._changed:
            self._talk.leave(time.monotonic())
            self._wake()

    def cut(self, why: str) -> None:
        """End it without a word."""
        self._die(why)
        self._wake()

    def _wake(self) -> None:
        with suppress(OSError):  # it is full: the thread is awake
            self._waker.send(b"\0")

    # --- the connection's thread --------------------------------------------------------------------------------------
    def run(self) -> None:
        """Be the connection until it is dead."""
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self._woken, selectors.EVENT_READ)
                selector.register(self._sock, selectors.EVENT_READ)
                while self._talk.state != "dead":
                    self._round(selector)
        except OSError as error:  # ssl.SSLError is one
            self._die(type(error).__name__)
        finally:
            self._die("it was ended")
            with suppress(OSError):
                self._sock.send(self._talk.to_write())  # the answer to a carrier that took leave
            for one in (self._sock, self._woken, self._waker):
                one.close()

    def _round(self, selector: selectors.BaseSelector) -> None:
        now = time.monotonic()
        due = self._owner.tick(now)
        with self._changed:
            was = self._talk.state
            self._talk.tick(now)
            self._write()
            if was != self._talk.state:
                return self._tell()
            events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._talk.to_write() else 0)
            selector.modify(self._sock, events)
            until = min(now + _LONGEST_SLEEP, self._talk.next_due(), *([] if due is None else [due]))
        for key, _ in selector.select(max(0.0, until - time.monotonic())):
            if key.fileobj is self._woken:
                self._woken.recv(_CHUNK)
            else:
                self._read()
        return None

    def _write(self) -> None:
        while data := self._talk.to_write():
            try:
                self._talk.wrote(self._sock.send(data))
            except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
                return

    def _read(self) -> None:
        while True:
            try:
                data = self._sock.recv(_CHUNK)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return
            if not data:
                return self._die("the carrier hung up")
            self._hear(data)
            if not (isinstance(self._sock, ssl.SSLSocket) and self._sock.pending()):
                return None

    def _hear(self, data: bytes) -> None:
        with self._changed:
            was = self._talk.state
            heard = self._talk.hear(data, time.monotonic())
        while True:
            with self._changed:
                news = next(heard, None)
                if was != self._talk.state:
                    was = self._talk.state
                    self._owner.changed()
                self._changed.notify_all()
            if news is None:
                return
            self._take(news)

    def _take(self, news: Delivered | Late) -> None:
        """Outside of the lock: whoever waits for an answer must not wait for the store too."""
        if isinstance(news, Late):
            news.tell(news.answer)
            return
        status = self._owner.delivered(news.message)
        with self._changed:
            self._talk.answer(news, status)
            self._write()

    def _die(self, why: str) -> None:
        with self._changed:
            was = self._talk.state
            self._talk.die(why)
            if was != self._talk.state:
                self._tell()

    def _tell(self) -> None:
        self._owner.changed()
        self._changed.notify_all()


def _left(until: float) -> float:
    return max(0.0, until - time.monotonic())
