"""One bound connection as a state machine: what it says, what it is told, and when it is dead. No input or output.

Whoever owns it holds one lock around every call. Times are seconds of a clock that only goes forward.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Literal

from attrs import define, field, frozen

from convokit_sms_smpp.pdu import (
    BAD_COMMAND,
    NOTHING,
    OK,
    Bind,
    Body,
    Command,
    Frames,
    Message,
    MessageAnswer,
    Pdu,
    PduError,
    decode,
    encode,
    header,
)

_LAST_SEQUENCE: Final = 0x7FFF_FFFF
_MOST_LATE: Final = 1_000
_SETTLES: Final = (Command.SUBMIT_SM_RESP, Command.GENERIC_NACK)

State = Literal["binding", "bound", "leaving", "dead"]


@frozen(kw_only=True)
class Answered:
    """The carrier's answer to a ``submit_sm``."""

    status: int
    message_id: str = ""


@frozen(kw_only=True)
class NotTaken:
    """It is certain that the carrier has not got it."""

    why: str


@frozen(kw_only=True)
class Lost:
    """It left, and no answer came."""

    why: str


Reply = Answered | NotTaken | Lost
WhenLate = Callable[[Answered], None]


@frozen(kw_only=True)
class Delivered:
    """A ``deliver_sm`` that wants an answer."""

    sequence: int
    message: Message = field(repr=False)


@frozen(kw_only=True)
class Late:
    """An answer that nobody waits for any more, and who is to be told."""

    tell: WhenLate = field(repr=False)
    answer: Answered


@define
class Submitted:
    """A ``submit_sm`` on its way.

    Attributes:
        end: the number of the byte after it, counted from the beginning of the connection.
        late: whom to tell of an answer that nobody waits for any more.
    """

    end: int
    late: WhenLate = field(repr=False)
    reply: Reply | None = None


@define
class Talk:
    """What goes on over one connection.

    Attributes:
        window: most submits without an answer.
        silence: seconds without a word of the other side after which it is asked whether it is there.
        patience: seconds that it may take to answer that, and to answer the bind.
        ended: why it is dead; ``refused`` is the status of a bind that was refused.
    """

    bind: Bind = field(repr=False)
    window: int
    silence: float
    patience: float
    now: float
    state: State = "binding"
    ended: str = ""
    refused: int | None = None
    written: int = 0
    was_bound: bool = False
    _out: bytearray = field(factory=bytearray, repr=False)
    _queued: int = 0
    _sequence: int = 0
    _frames: Frames = field(factory=Frames, repr=False)
    _waiting: dict[int, Submitted] = field(factory=dict, repr=False)
    _late: dict[int, Submitted] = field(factory=dict, repr=False)
    _heard: float = field(init=False)
    _asked: float | None = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._heard, self._asked = self.now, self.now
        self._say(Command.BIND_TRANSCEIVER, self.bind)

    # --- what we say --------------------------------------------------------------------------------------------------
    @property
    def has_room(self) -> bool:
        """Whether another submit may leave."""
        return self.state == "bound" and len(self._waiting) < self.window

    def submit(self, message: Message, late: WhenLate) -> Submitted:
        """Say a ``submit_sm``. The owner has asked whether there is room.

        Raises:
            ValueError: a value that does not fit its field.
        """
        sequence = self._say(Command.SUBMIT_SM, message)
        sent = self._waiting[sequence] = Submitted(self._queued, late)
        return sent

    def stop_waiting(self, sent: Submitted) -> None:
        """Nobody waits for the answer any more; it is heard all the same if it comes."""
        for sequence in [known for known, one in self._waiting.items() if one is sent]:
            self._late[sequence] = self._waiting.pop(sequence)
        while len(self._late) > _MOST_LATE:
            del self._late[next(iter(self._late))]

    def leave(self, now: float) -> None:
        """Say ``unbind``."""
        if self.state in ("binding", "bound"):
            self._say(Command.UNBIND)
            self.state, self._asked = "leaving", now

    def answer(self, asked: Delivered, status: int) -> None:
        """Answer a ``deliver_sm``."""
        self._reply(asked.sequence, Command.DELIVER_SM_RESP, status, MessageAnswer())

    def to_write(self) -> bytes:
        """The bytes that are to leave now."""
        return bytes(self._out[:65_536])

    def wrote(self, count: int) -> None:
        """So many of them left."""
        del self._out[:count]
        self.written += count

    def _say(self, command: Command, body: Body = NOTHING) -> int:
        self._sequence = self._sequence % _LAST_SEQUENCE + 1
        self._write(Pdu(command=command, sequence=self._sequence, body=body))
        return self._sequence

    def _reply(self, sequence: int, command: Command, status: int = OK, body: Body = NOTHING) -> None:
        self._write(Pdu(command=command, sequence=sequence, status=status, body=body))

    def _write(self, pdu: Pdu) -> None:
        data = encode(pdu)
        self._out += data
        self._queued += len(data)

    # --- what we are told ---------------------------------------------------------------------------------------------
    def hear(self, data: bytes, now: float) -> Iterator[Delivered | Late]:
        """Take bytes in. What the owner must see to is yielded; it answers a ``deliver_sm`` before it goes on."""
        self._heard = now
        if self.state == "bound":
            self._asked = None
        try:
            for frame in self._frames.feed(data):
                if self.state == "dead":
                    return
                yield from self._unit(frame)
        except PduError as error:
            self.die(f"it says what is no SMPP: {error}")

    def _unit(self, frame: bytes) -> Iterator[Delivered | Late]:
        try:
            pdu = decode(frame)
        except PduError as error:
            command, _, sequence = header(frame)
            if not Pdu(command=command, sequence=sequence).is_answer:
                self._reply(sequence, Command.GENERIC_NACK, error.status)
            elif sequence in self._waiting:
                self._waiting.pop(sequence).reply = Lost(why="an answer without sense")
            return
        if isinstance(pdu.body, Message) and pdu.command == Command.DELIVER_SM and self.was_bound:
            yield Delivered(sequence=pdu.sequence, message=pdu.body)
        elif pdu.command in _SETTLES and self.was_bound:
            yield from self._settled(pdu)
        else:
            self._told(pdu)

    def _told(self, pdu: Pdu) -> None:
        match pdu.command:
            case Command.BIND_TRANSCEIVER_RESP | Command.GENERIC_NACK if self.state == "binding":
                self._bound(pdu)
            case Command.ENQUIRE_LINK:
                self._reply(pdu.sequence, Command.ENQUIRE_LINK_RESP)
            case Command.UNBIND:
                self._reply(pdu.sequence, Command.UNBIND_RESP)
                self.die("the carrier took leave")
            case Command.UNBIND_RESP:
                self.die("we took leave")
            case _ if not pdu.is_answer:
                self._reply(pdu.sequence, Command.GENERIC_NACK, BAD_COMMAND)

    def _bound(self, pdu: Pdu) -> None:
        if pdu.status == OK and pdu.command == Command.BIND_TRANSCEIVER_RESP:
            self.state, self._asked, self.was_bound = "bound", None, True
        else:
            self.refused = pdu.status
            self.die(f"the bind was refused with 0x{pdu.status:08x}")

    def _settled(self, pdu: Pdu) -> Iterator[Late]:
        named = pdu.body.message_id if isinstance(pdu.body, MessageAnswer) else ""
        reply = Answered(status=pdu.status, message_id=named)
        sent = self._waiting.pop(pdu.sequence, None)
        if sent is not None:
            sent.reply = reply
        elif (late := self._late.pop(pdu.sequence, None)) is not None:
            yield Late(tell=late.late, answer=reply)

    # --- time ---------------------------------------------------------------------------------------------------------
    def next_due(self) -> float:
        """When :meth:`tick` has something to do."""
        return self._heard + self.silence if self._asked is None else self._asked + self.patience

    def tick(self, now: float) -> None:
        """Ask whether the other side is there, or find that it is not."""
        if self.state == "dead" or now < self.next_due():
            return
        if self._asked is None:
            self._say(Command.ENQUIRE_LINK)
            self._asked = now
        else:
            asked = {"binding": "the bind", "leaving": "our leave"}.get(self.state, "whether it is there")
            self.die(f"no answer to {asked}")

    def die(self, why: str) -> None:
        """It is over. What had not left as a whole was not taken; of the rest nobody knows. Again changes nothing."""
        if self.state == "dead":
            return
        self.state, self.ended = "dead", why
        for sent in self._waiting.values():
            sent.reply = Lost(why=why) if sent.end <= self.written else NotTaken(why=why)
        self._waiting.clear()
        self._late.clear()
