"""Two drivers for one kind of gateway: the blocking one and the asyncio one.

A gateway yields requests and gets answers; only the exchange of one request differs between the drivers. Requests are
never repeated and redirects are never followed here: a repeated POST is a second text.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final

from convokit.outcomes import Outcome, Unsure
from convokit.plugins.faults import log_fault
from convokit.ports.sms import Conversation
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit.runtime.plugin_values import outcome_checked

_MOST_REQUESTS: Final = 3
LONGEST_HAND_OVER_SECONDS: Final = 100.0
"""No request of a hand-over starts later than this. With the longest answer after it, it ends before its lease."""

_log = logging.getLogger("convokit")

Exchange = Callable[[HttpRequest], HttpResponse | NoAnswer]
AsyncExchange = Callable[[HttpRequest], Awaitable[HttpResponse | NoAnswer]]
Monotonic = Callable[[], float]


def drive(conversation: Conversation, exchange: Exchange, *, monotonic: Monotonic = time.monotonic) -> Outcome:
    """Run a gateway's exchange to its outcome, blocking. Never raises for what a plugin or a provider does."""
    talk = _Talk(conversation, monotonic)
    request = talk.first()
    while request is not None:
        request = talk.answer(exchange(request))
    return talk.outcome


async def adrive(
    conversation: Conversation, exchange: AsyncExchange, *, monotonic: Monotonic = time.monotonic
) -> Outcome:
    """The same, awaiting each exchange."""
    talk = _Talk(conversation, monotonic)
    request = talk.first()
    while request is not None:
        request = talk.answer(await exchange(request))
    return talk.outcome


class _Talk:
    """The part both drivers share: step the generator, check what comes out, contain what it raises."""

    def __init__(self, conversation: Conversation, monotonic: Monotonic) -> None:
        self._conversation = conversation
        self._monotonic = monotonic
        self._deadline = monotonic() + LONGEST_HAND_OVER_SECONDS
        self._requests = 0
        self.outcome: Outcome = Unsure(why="the gateway said nothing")

    def first(self) -> HttpRequest | None:
        return self._step(lambda: next(self._conversation))

    def answer(self, answer: HttpResponse | NoAnswer) -> HttpRequest | None:
        return self._step(lambda: self._conversation.send(answer))

    def _step(self, advance: Callable[[], HttpRequest]) -> HttpRequest | None:
        try:
            request = advance()
        except StopIteration as stop:
            self.outcome = checked(stop.value)
            return None
        except (Exception, SystemExit, GeneratorExit) as error:  # whatever a plugin raises
            log_fault(_log, "a gateway raised", error)
            self.outcome = Unsure(why=f"the gateway raised {type(error).__name__}")
            return None
        self._requests += 1
        if not isinstance(request, HttpRequest) or self._requests > _MOST_REQUESTS:
            self._end("gateway.contract: not a request, or too many of them")
            return None
        if self._requests > 1 and self._monotonic() > self._deadline:
            self._end(f"the hand-over took longer than {LONGEST_HAND_OVER_SECONDS:.0f} s")
            return None
        return request

    def _end(self, why: str) -> None:
        """Ask the gateway no more. A text may have left with an earlier request."""
        self.outcome = Unsure(why=why)
        try:
            self._conversation.close()
        except (Exception, SystemExit) as error:  # no generator, or one that ignores its end
            log_fault(_log, "a gateway could not be closed", error)


def checked(outcome: object) -> Outcome:
    """An outcome as the contract has it; anything else a plugin returns is :class:`Unsure`."""
    try:
        return outcome_checked(outcome)
    except (Exception, SystemExit) as error:  # a value that raises when it is looked at
        log_fault(_log, "gateway.contract: an outcome could not be read", error)
        return Unsure(why=f"gateway.contract: an outcome that raised {type(error).__name__}")
