"""A short message service centre on this machine, for tests and demonstrations: strict, scripted, without a network.

>>> from convokit_sms_smpp.testing import PretendedCentre
>>> with PretendedCentre() as centre:
...     print(centre.settings()["system_id"], centre.taken())
convokit ()
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Literal, Self

from attrs import field, frozen

from convokit_sms_smpp.alphabet import UCS2, Alphabet, decoded, to_gsm
from convokit_sms_smpp.assembling import split
from convokit_sms_smpp.pdu import (
    Address,
    Bind,
    BindAnswer,
    Body,
    Command,
    Frames,
    Message,
    MessageAnswer,
    Nothing,
    Pdu,
    Tag,
    Tlvs,
    decode,
    encode,
)
from convokit_sms_smpp.words import WORDS

Behaviour = int | Literal["hang up", "say nothing"]
"""What happens to a ``submit_sm``: the status of the answer; or it is taken and the answer never comes."""
PATIENCE: Final = 10.0
"""Seconds until something that must happen counts as never happening."""
_SYSTEM_ID: Final = "convokit"
_PASSWORD: Final = "hush4711"  # noqa: S105 - of a pretended account
_WRONG_PASSWORD: Final = 0x0E
_LONGEST_SHORT: Final = 254


@frozen(kw_only=True)
class Taken:
    """A unit that the centre took, with the id that it gave it."""

    id: str
    message: Message


@frozen(kw_only=True)
class WholeText:
    """A text as the phone shows it, put together of its parts. ``id`` is the last part's."""

    id: str
    sender: str
    to: str
    text: str = field(repr=False)
    parts: tuple[Message, ...]


class PretendedCentre:
    """Listens on a free port of 127.0.0.1 and knows one account. Use it as a context manager."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        """``tls``: the context of a server, where the connection is to be encrypted."""
        self._tls = tls
        self._changed = threading.Condition()
        self._script: deque[Behaviour] = deque()
        self._taken: list[Taken] = []
        self._links: list[_Connection] = []
        self._owed: list[Callable[[], None]] = []
        self._ids = 0
        self._counts = {"bind": 0, "unbind": 0, "enquire": 0}
        self.knows_account = True
        self.alphabet: Alphabet = "gsm7"
        self.id_of: Callable[[int], str] = lambda number: f"c{number:08x}"

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def settings(self) -> dict[str, object]:
        """Settings of the plugin for this centre."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "tls": False,
            "system_id": _SYSTEM_ID,
            "password": _PASSWORD,
        }

    # --- what it does -------------------------------------------------------------------------------------------------
    def then(self, *behaviours: Behaviour) -> None:
        """What happens to the next units, one after the other. After these, everything is taken."""
        with self._changed:
            self._script.extend(behaviours)

    def answer_late(self) -> None:
        """Give the answers that were held back (``"say nothing"``)."""
        with self._changed:
            owed, self._owed = self._owed, []
        for give in owed:
            give()

    def cut(self) -> None:
        """Break every connection without a word."""
        for link in self._alive():
            link.hang_up()

    def leave(self) -> None:
        """Take leave of everybody, as for maintenance."""
        for link in self._alive():
            link.say(Command.UNBIND)

    def stop(self) -> None:
        """Listen no more, and break what there is. Twice is fine."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        self._accepting.join(PATIENCE)

    def deliver(self, message: Message) -> int:
        """Say a ``deliver_sm`` over any connection, and the status of its answer."""
        self.wait_for(lambda: bool(self._alive()), "nobody is bound")
        return self._alive()[-1].ask(message)

    def bring(self, sender: str, to: str, text: str, *, parts: int = 1) -> list[int]:
        """Bring a client's text, in so many parts with a header; the statuses of the answers."""
        return [self.deliver(message) for message in inbound(sender, to, text, parts)]

    def report(
        self, text: WholeText, word: str, *, tlvs: Tlvs | None = None, words_id: str | None = None, err: str = "000"
    ) -> int:
        """Report on a text, by parameters and by words; the status of the answer.

        Args:
            word: of the table :data:`convokit_sms_smpp.words.WORDS`, or one that nobody knows.
            tlvs: instead of those that a good centre gives.
            words_id: instead of the id, in the words.
        """
        return self.deliver(receipt(text, word, tlvs=tlvs, words_id=words_id, err=err))

    # --- what it saw --------------------------------------------------------------------------------------------------
    def taken(self) -> tuple[Taken, ...]:
        """Every unit that was taken, in order."""
        with self._changed:
            return tuple(self._taken)

    def texts(self) -> tuple[WholeText, ...]:
        """Every text that was taken as a whole, in order."""
        found: list[WholeText] = []
        parts: list[Taken] = []
        for one in self.taken():
            part, _ = split(one.message)
            parts.append(one)
            if part is None or part.number == part.total:
                found.append(self._whole(parts))
                parts = []
        return tuple(found)

    def count(self, what: Literal["bind", "unbind", "enquire"]) -> int:
        """How often it was asked for."""
        with self._changed:
            return self._counts[what]

    def wait_for(self, fits: Callable[[], bool], complaint: str) -> None:
        """Wait until something is so.

        Raises:
            AssertionError: it is not.
        """
        with self._changed:
            assert self._changed.wait_for(fits, PATIENCE), complaint

    # --- inside -------------------------------------------------------------------------------------------------------
    def _whole(self, parts: list[Taken]) -> WholeText:
        last = parts[-1].message
        content = b"".join(split(one.message)[1] for one in parts)
        return WholeText(
            id=parts[-1].id,
            sender=f"+{last.source.digits}",
            to=f"+{last.destination.digits}",
            text=decoded(content, last.data_coding, self.alphabet),
            parts=tuple(one.message for one in parts),
        )

    def _alive(self) -> list[_Connection]:
        with self._changed:
            return [link for link in self._links if link.is_bound]

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            if self._tls is not None:
                try:
                    sock = self._tls.wrap_socket(sock, server_side=True)
                except OSError:
                    continue  # the other side does not believe the certificate
            link = _Connection(sock, self)
            with self._changed:
                self._links.append(link)
            threading.Thread(target=link.run, daemon=True).start()

    def owe(self, give: Callable[[], None]) -> None:
        """Hold an answer back."""
        with self._changed:
            self._owed.append(give)

    def note(self, what: str) -> None:
        """Something happened on a connection."""
        with self._changed:
            if what in self._counts:
                self._counts[what] += 1
            self._changed.notify_all()

    def fits(self, bind: Bind) -> bool:
        """Whether it is the account that is known."""
        return self.knows_account and (bind.system_id, bind.password) == (_SYSTEM_ID, _PASSWORD)

    def submitted(self, message: Message) -> tuple[Behaviour, str]:
        """What is answered to a unit, and its id."""
        with self._changed:
            behaviour = self._script.popleft() if self._script else 0
            self._ids += 1
            named = self.id_of(self._ids)
            if behaviour == 0 or isinstance(behaviour, str):
                self._taken.append(Taken(id=named, message=message))
            self._changed.notify_all()
        return behaviour, named


class _Connection:
    """One client of the centre."""

    def __init__(self, sock: socket.socket, centre: PretendedCentre) -> None:
        self.is_bound = False
        self._sock = sock
        self._centre = centre
        self._writing = threading.Lock()
        self._sequence = 0
        self._answers: dict[int, int] = {}

    def run(self) -> None:
        """Answer until it ends."""
        frames = Frames()
        try:
            while data := self._sock.recv(65_536):
                for frame in frames.feed(data):
                    self._heard(decode(frame))
        except (OSError, ValueError):  # the other side is gone, or says rubbish
            pass
        finally:
            self.hang_up()
            self._centre.note("gone")

    def hang_up(self) -> None:
        """End it. Twice is fine."""
        self.is_bound = False
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()

    def say(self, command: Command, body: Body | None = None) -> int:
        """Say something of our own; its number."""
        with self._writing:
            self._sequence += 1
            self._sock.sendall(encode(Pdu(command=command, sequence=self._sequence, body=body or Nothing())))
            return self._sequence

    def ask(self, message: Message) -> int:
        """Say a ``deliver_sm``; the status of its answer."""
        sequence = self.say(Command.DELIVER_SM, message)
        self._centre.wait_for(lambda: sequence in self._answers or not self.is_bound, "deliver_sm was not answered")
        assert sequence in self._answers, "the connection broke before deliver_sm was answered"
        return self._answers.pop(sequence)

    def _heard(self, pdu: Pdu) -> None:
        match pdu.body:
            case Bind():
                fits = self._centre.fits(pdu.body)
                status = 0 if fits else _WRONG_PASSWORD
                self._answer(pdu, BindAnswer(system_id="centre") if fits else Nothing(), status)
                self.is_bound = fits
                self._centre.note("bind")
            case Message() if pdu.command == Command.SUBMIT_SM:
                self._submitted(pdu, pdu.body)
            case _ if pdu.command == Command.ENQUIRE_LINK:
                self._answer(pdu)
                self._centre.note("enquire")
            case _ if pdu.command == Command.UNBIND:
                self.is_bound = False
                self._centre.note("unbind")
                self._answer(pdu)
            case _ if pdu.command in (Command.DELIVER_SM_RESP, Command.GENERIC_NACK):
                self._answers[pdu.sequence] = pdu.status
                self._centre.note("answer")

    def _submitted(self, pdu: Pdu, message: Message) -> None:
        behaviour, named = self._centre.submitted(message)
        if behaviour == "hang up":
            self.hang_up()
        elif behaviour == "say nothing":
            self._centre.owe(lambda: self._answer(pdu, MessageAnswer(message_id=named)))
        else:
            self._answer(pdu, MessageAnswer(message_id=named) if behaviour == 0 else Nothing(), behaviour)

    def _answer(self, pdu: Pdu, body: Body | None = None, status: int = 0) -> None:
        answer = Pdu(command=pdu.command | 0x8000_0000, sequence=pdu.sequence, status=status, body=body or Nothing())
        with self._writing:
            self._sock.sendall(encode(answer))


# --- units that centres say ------------------------------------------------------------------------------------------
def inbound(sender: str, to: str, text: str, parts: int = 1, *, reference: int = 7) -> list[Message]:
    """A client's text as ``deliver_sm``, in so many parts."""
    plain = to_gsm(text)
    data = text.encode("utf-16-be", "surrogatepass") if plain is None else plain
    each = -(-len(data) // parts)
    each += each % 2 if plain is None else 0
    pieces = [data[at : at + each] for at in range(0, len(data), each)] or [b""]
    return [
        Message(
            source=Address(ton=1, npi=1, digits=sender.lstrip("+")),
            destination=Address(ton=1, npi=1, digits=to.lstrip("+")),
            esm_class=0 if parts == 1 else 0x40,
            data_coding=UCS2 if plain is None else 0,
            **_placed(piece if parts == 1 else bytes((5, 0, 3, reference, len(pieces), number)) + piece),
        )
        for number, piece in enumerate(pieces, start=1)
    ]


def _placed(content: bytes) -> dict[str, Any]:
    """Where a text stands: what is longer than a short message may be is a parameter."""
    if len(content) <= _LONGEST_SHORT:
        return {"short_message": content}
    return {"tlvs": ((Tag.MESSAGE_PAYLOAD, content),)}


def receipt(
    text: WholeText, word: str, *, tlvs: Tlvs | None = None, words_id: str | None = None, err: str = "000"
) -> Message:
    """A receipt as ``deliver_sm``: the words of appendix B, and the parameters that go with them."""
    named = text.id if words_id is None else words_id
    words = (
        f"id:{named} sub:001 dlvrd:001 submit date:2601010000 done date:2601010001 stat:{word} err:{err} text:quoted"
    )
    reference = text.parts[-1].tlv(Tag.USER_MESSAGE_REFERENCE)
    given: dict[int, bytes] = {Tag.RECEIPTED_MESSAGE_ID: text.id.encode() + b"\0"}
    if word in WORDS:
        given[Tag.MESSAGE_STATE] = bytes((WORDS[word],))
    if reference is not None:
        given[Tag.USER_MESSAGE_REFERENCE] = reference
    return Message(
        source=Address(ton=1, npi=1, digits=text.to.lstrip("+")),
        destination=Address(ton=1, npi=1, digits=text.sender.lstrip("+")),
        esm_class=0x04,
        short_message=words.encode("latin-1"),
        tlvs=tuple(given.items()) if tlvs is None else tlvs,
    )
