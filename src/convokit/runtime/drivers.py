"""Two drivers for one kind of gateway: the blocking one and the asyncio one.

A gateway yields requests and gets answers; only the exchange of one request differs between the drivers. Requests are
never repeated and redirects are never followed here: a repeated POST is a second text.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Generator
from typing import Final, Generic, TypeVar

from convokit.outcomes import Outcome, Unsure
from convokit.plugins.faults import contain, in_this_process, log_fault
from convokit.ports.sms import Conversation
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit.runtime.plugin_values import outcome_checked

_MOST_REQUESTS: Final = 3
_SERVER_ERROR: Final = 500
LONGEST_HAND_OVER_SECONDS: Final = 100.0
"""No request of a hand-over starts later than this. With the longest answer after it, it ends before its lease."""

_log = logging.getLogger("convokit")

Exchange = Callable[[HttpRequest], HttpResponse | NoAnswer]
AsyncExchange = Callable[[HttpRequest], Awaitable[HttpResponse | NoAnswer]]
Monotonic = Callable[[], float]
Question = Generator[HttpRequest, HttpResponse | NoAnswer, object]
T = TypeVar("T")


def drive(conversation: Conversation, exchange: Exchange, *, monotonic: Monotonic = time.monotonic) -> Outcome:
    """Run a gateway's exchange to its outcome, blocking. Never raises for what a plugin or a provider does."""
    return _driven(_Talk(conversation, monotonic, checked, _unsure), exchange)


def ask(
    question: Question,
    exchange: Exchange,
    check: Callable[[object], T],
    instead: Callable[[str], T],
    *,
    most: int,
    monotonic: Monotonic = time.monotonic,
) -> T:
    """Run another exchange that a gateway makes, blocking.

    Args:
        check: what was returned, as the port has it.
        instead: what counts as returned when the gateway breaks its contract: why.
        most: how many requests it may make.
    """
    return _driven(_Talk(question, monotonic, check, instead, most), exchange)


def _driven(talk: _Talk[T], exchange: Exchange) -> T:
    request = talk.first()
    while request is not None:
        request = talk.answer(exchange(request))
    return talk.result


async def adrive(
    conversation: Conversation, exchange: AsyncExchange, *, monotonic: Monotonic = time.monotonic
) -> Outcome:
    """The same, awaiting each exchange."""
    talk = _Talk(conversation, monotonic, checked, _unsure)
    request = talk.first()
    while request is not None:
        request = talk.answer(await exchange(request))
    return talk.result


class Seen:
    """Watches what a provider answers, to tell one that is well from one that is not."""

    def __init__(self) -> None:
        self.answered: bool = False
        """Whether the last answer was one of a server that is well: any but none, and 500 and above."""

    def watching(self, exchange: Exchange) -> Exchange:
        """The same exchange, watched."""

        def watched(request: HttpRequest) -> HttpResponse | NoAnswer:
            return self._seen(exchange(request))

        return watched

    def awatching(self, exchange: AsyncExchange) -> AsyncExchange:
        """The same, awaited."""

        async def watched(request: HttpRequest) -> HttpResponse | NoAnswer:
            return self._seen(await exchange(request))

        return watched

    def _seen(self, answer: HttpResponse | NoAnswer) -> HttpResponse | NoAnswer:
        self.answered = isinstance(answer, HttpResponse) and answer.status < _SERVER_ERROR
        return answer


class _Talk(Generic[T]):
    """The part both drivers share: step the generator, check what comes out, contain what it raises."""

    def __init__(
        self,
        conversation: Question,
        monotonic: Monotonic,
        check: Callable[[object], T],
        instead: Callable[[str], T],
        most: int = _MOST_REQUESTS,
    ) -> None:
        self._conversation = conversation
        self._monotonic = monotonic
        self._check, self._instead, self._most = check, instead, most
        self._deadline = monotonic() + LONGEST_HAND_OVER_SECONDS
        self._requests = 0
        self.result: T = instead("the gateway said nothing")

    def first(self) -> HttpRequest | None:
        return self._step(lambda: next(self._conversation))

    def answer(self, answer: HttpResponse | NoAnswer) -> HttpRequest | None:
        return self._step(lambda: self._conversation.send(answer))

    def _step(self, advance: Callable[[], HttpRequest]) -> HttpRequest | None:
        try:
            request = in_this_process(advance)
        except StopIteration as stop:
            self.result = self._check(stop.value)
            return None
        except BaseException as error:  # whatever a plugin raises
            contain(error)
            log_fault(_log, "a gateway raised", error)
            self.result = self._instead(f"the gateway raised {type(error).__name__}")
            return None
        self._requests += 1
        if not isinstance(request, HttpRequest) or self._requests > self._most:
            self._end("gateway.contract: not a request, or too many of them")
            return None
        if self._requests > 1 and self._monotonic() > self._deadline:
            self._end(f"the hand-over took longer than {LONGEST_HAND_OVER_SECONDS:.0f} s")
            return None
        return request

    def _end(self, why: str) -> None:
        """Ask the gateway no more. A text may have left with an earlier request."""
        self.result = self._instead(why)
        try:
            self._conversation.close()
        except BaseException as error:  # no generator, or one that ignores its end
            contain(error)
            log_fault(_log, "a gateway could not be closed", error)


def _unsure(why: str) -> Outcome:
    return Unsure(why=why)


def checked(outcome: object) -> Outcome:
    """An outcome as the contract has it; anything else a plugin returns is :class:`Unsure`."""
    try:
        return outcome_checked(outcome)
    except BaseException as error:  # a value that raises when it is looked at
        contain(error)
        log_fault(_log, "gateway.contract: an outcome could not be read", error)
        return Unsure(why=f"gateway.contract: an outcome that raised {type(error).__name__}")
