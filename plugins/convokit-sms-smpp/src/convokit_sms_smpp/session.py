"""An account's session: connected as long as it is open, however often the connection breaks."""

from __future__ import annotations

import logging
import math
import random
import secrets
import threading
import time
from typing import Final

from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.plugins.faults import log_fault
from convokit.ports.carrier_tools import bounded
from convokit.ports.sms import OutboundText
from convokit.ports.sms_session import Intake, SessionState
from convokit_sms_smpp.link import Link, connected
from convokit_sms_smpp.pdu import Bind, Message
from convokit_sms_smpp.receipts import answered_id
from convokit_sms_smpp.receiving import Receiver
from convokit_sms_smpp.settings import SmppSettings
from convokit_sms_smpp.talk import Answered, Lost, NotTaken, Reply, Talk
from convokit_sms_smpp.texts import submits_of
from convokit_sms_smpp.words import NO_ACCOUNT, NOT_NOW, refusal, shown

_LONGEST_WAIT: Final = 60.0
_ENDING_SECONDS: Final = 1.0

_log = logging.getLogger("convokit")


class SmppSession:
    """A :class:`~convokit.ports.sms_session.SmsSession` that speaks SMPP 3.4 as a transceiver."""

    def __init__(self, settings: SmppSettings, *, second: float = 1.0) -> None:
        """``second``: how long a second of waiting for another try takes; shorter for tests."""
        self._second = second
        self._settings = settings
        self._receiver = Receiver(settings)
        self._lock = threading.RLock()
        self._moved = threading.Condition(self._lock)
        self._thread: threading.Thread | None = None
        self._closing = False
        self._link: Link | None = None
        self._failures = 0
        self._failure = "not connected"
        self._refused: int | None = None
        self._slow_until = 0.0
        self._slow_for = 0.0
        self._reference = secrets.randbelow(0x10000)

    def __repr__(self) -> str:
        return f"SmppSession({self._settings.shown})"

    # --- for the kit --------------------------------------------------------------------------------------------------
    def open(self, take: Intake) -> None:
        """See :meth:`convokit.ports.sms_session.SmsSession.open`."""
        with self._lock:
            if self._thread is None and not self._closing:
                self._receiver.take = take
                self._thread = threading.Thread(target=self._keep, name="convokit-smpp", daemon=True)
                self._thread.start()

    def close(self, seconds: float) -> None:
        """See :meth:`convokit.ports.sms_session.SmsSession.close`."""
        until = time.monotonic() + seconds
        with self._moved:
            self._closing = True
            link, thread = self._link, self._thread
            self._moved.notify_all()
        if link is not None:
            link.leave()
        if thread is not None:
            thread.join(max(0.0, until - time.monotonic() - _ENDING_SECONDS))
            if link is not None:
                link.cut("it was closed")
            thread.join(_ENDING_SECONDS)
        self._receiver.give_all()

    def state(self) -> SessionState:
        """See :meth:`convokit.ports.sms_session.SmsSession.state`."""
        with self._lock:
            is_up = self._link is not None and self._link.is_bound
            how = "bound" if is_up else self._failure if self._thread is not None else "not open in this process"
        warning = "the connection is not encrypted" if self._settings.is_open_to_others else ""
        return SessionState(is_up=is_up, words=f"{self._settings.shown}, {how}", warning=warning)

    def hand_over(self, message: OutboundText) -> Outcome:
        """See :meth:`convokit.ports.sms_session.SmsSession.hand_over`. The parts of a long text leave one by one."""
        reference = self._next_reference()
        parts = submits_of(self._settings, message, reference)
        if parts is None:
            return Refused(reason="content_rejected", raw=f"more than {self._settings.max_parts} parts")
        if (quiet := self._slow_until - time.monotonic()) > 0:
            return TryLater(raw="the carrier asked to be slower", after=math.ceil(quiet))
        until = time.monotonic() + self._settings.deadline
        ready = self._ready(until)
        if not isinstance(ready, Link):
            return ready
        references = self._receiver.references
        references.expect(reference, message)
        outcome = self._parts(ready, message, parts, until)
        if not isinstance(outcome, Unsure):
            references.forget(reference)
        return outcome

    # --- handing over -------------------------------------------------------------------------------------------------
    def _parts(self, link: Link, message: OutboundText, parts: tuple[Message, ...], until: float) -> Outcome:
        named: str | None = None
        for number, part in enumerate(parts, start=1):
            is_last = number == len(parts)
            reply = self._part(link, message, part, until, is_first=number == 1, is_last=is_last)
            if not (isinstance(reply, Answered) and reply.status == 0):
                where = "" if number == 1 else f", after {number - 1} of {len(parts)} parts"
                return self._outcome(reply, where)
            named = answered_id(self._settings, reply.message_id)
        return Accepted(provider_id=named)

    def _part(
        self, link: Link, message: OutboundText, part: Message, until: float, *, is_first: bool, is_last: bool
    ) -> Reply:
        """Submit a part; once the first one was taken, "too fast" is waited for, for the rest must follow."""
        while True:
            reply = link.submit(part, until, lambda late: self._receiver.answered_late(message, late, is_last=is_last))
            if not isinstance(reply, Answered):
                return reply
            if reply.status not in NOT_NOW:
                self._slow_for = 0.0
                return reply
            wait = self._slower()
            if is_first or wait >= _left(until) or not self._slept(wait):
                return reply

    def _slower(self) -> float:
        """Be quiet for a while; how long, in seconds."""
        with self._lock:
            now = time.monotonic()
            if now >= self._slow_until:  # else this was said to another text of the same burst
                first = self._settings.throttle_seconds * self._second
                self._slow_for = min(_LONGEST_WAIT, 2 * self._slow_for or first)
                self._slow_until = now + self._slow_for
            return self._slow_until - now

    def _slept(self, seconds: float) -> bool:
        """Wait; whether it was not closed meanwhile."""
        with self._moved:
            return not self._moved.wait_for(lambda: self._closing, seconds)

    def _outcome(self, reply: Reply, where: str) -> Outcome:
        """What a reply means. ``where``: which parts were taken before it, so that nothing is handed over twice."""
        match reply:
            case Answered() if reply.status not in NOT_NOW:
                return Refused(reason=refusal(reply.status), raw=bounded(shown(reply.status) + where))
            case Answered() if not where:
                return TryLater(raw=shown(reply.status), after=max(1, math.ceil(self._slow_for)))
            case NotTaken() if not where:
                return TryLater(raw=bounded(reply.why))
            case Answered():
                return Unsure(why=bounded(shown(reply.status) + where))
            case NotTaken() | Lost():
                return Unsure(why=bounded(reply.why + where))

    def _ready(self, until: float) -> Link | Outcome:
        """The connection once it is bound; else why it is not."""
        with self._moved:
            before = self._failures
            until = min(until, time.monotonic() + self._settings.timeout)
            waiting = self._link is not None or not before
            if waiting:
                self._moved.wait_for(lambda: self._bound or self._failures != before or self._closing, _left(until))
            if self._bound is not None:
                return self._bound
            if self._refused in NO_ACCOUNT:
                return Refused(reason="account_problem", raw=self._failure)
            return TryLater(raw=bounded(self._failure))

    @property
    def _bound(self) -> Link | None:
        return self._link if self._link is not None and self._link.is_bound else None

    def _next_reference(self) -> int:
        with self._lock:
            self._reference = (self._reference + 1) & 0xFFFF
            return self._reference

    # --- staying connected --------------------------------------------------------------------------------------------
    def _keep(self) -> None:
        """Connect again and again: after a second, then after ever longer, each a little different."""
        first = self._settings.reconnect_seconds * self._second
        wait = first
        while not self._closing:
            begun = time.monotonic()
            was_bound = self._once()
            if was_bound and time.monotonic() - begun > wait:
                wait = first
            with self._moved:
                self._moved.wait_for(lambda: self._closing, wait * random.uniform(0.8, 1.2))  # noqa: S311 - no secret
            wait = min(2 * wait, _LONGEST_WAIT)
            self._receiver.tick(time.monotonic())

    def _once(self) -> bool:
        """One connection from its bind to its end. Whether it was bound."""
        try:
            link = Link(connected(self._settings), self._talk(), self)
        except OSError as error:
            self._failed(f"cannot connect ({type(error).__name__})", None)
            return False
        with self._moved:
            self._link = None if self._closing else link
        if self._link is None:
            link.cut("it was closed")
        try:
            link.run()
        except Exception as error:  # a mistake of ours must not end the session
            log_fault(_log, "smpp: the connection failed", error)
        self._failed(link.ended, link.refused)
        return link.was_bound

    def _talk(self) -> Talk:
        settings = self._settings
        return Talk(
            bind=Bind(
                system_id=settings.system_id, password=settings.password.reveal(), system_type=settings.system_type
            ),
            window=settings.window,
            silence=settings.enquire_link,
            patience=settings.timeout,
            now=time.monotonic(),
        )

    def _failed(self, why: str, refused: int | None) -> None:
        if not self._closing:
            _log.warning("smpp: no connection to %s: %s", self._settings.shown, why)
        self._receiver.broken(time.monotonic())
        with self._moved:
            self._link = None
            self._failures += 1
            self._failure, self._refused = why, refused
            self._moved.notify_all()

    # --- for the connection -------------------------------------------------------------------------------------------
    def delivered(self, message: Message) -> int:
        """See :class:`convokit_sms_smpp.link.Owner`."""
        return self._receiver.delivered(message, time.monotonic())

    def tick(self, now: float) -> float | None:
        """See :class:`convokit_sms_smpp.link.Owner`."""
        return self._receiver.tick(now)

    def changed(self) -> None:
        """See :class:`convokit_sms_smpp.link.Owner`."""
        with self._moved:
            if self._bound is not None:
                _log.info("smpp: bound to %s", self._settings.shown)
            self._moved.notify_all()


def _left(until: float) -> float:
    return max(0.0, until - time.monotonic())
