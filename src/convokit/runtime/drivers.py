"""Two drivers for one kind of gateway: the blocking one and the asyncio one.

A gateway yields requests and gets answers; only the exchange of one request differs between the drivers. Requests are
never repeated and redirects are never followed here: a repeated POST is a second text.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.plugins.faults import log_fault
from convokit.ports.sms import Conversation
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer

_MOST_REQUESTS: Final = 3
_LONGEST_ID: Final = 200

_log = logging.getLogger("convokit")

Exchange = Callable[[HttpRequest], HttpResponse | NoAnswer]
AsyncExchange = Callable[[HttpRequest], Awaitable[HttpResponse | NoAnswer]]


def drive(conversation: Conversation, exchange: Exchange) -> Outcome:
    """Run a gateway's exchange to its outcome, blocking. Never raises for what a plugin or a provider does."""
    talk = _Talk(conversation)
    request = talk.first()
    while request is not None:
        request = talk.answer(exchange(request))
    return talk.outcome


async def adrive(conversation: Conversation, exchange: AsyncExchange) -> Outcome:
    """The same, awaiting each exchange."""
    talk = _Talk(conversation)
    request = talk.first()
    while request is not None:
        request = talk.answer(await exchange(request))
    return talk.outcome


class _Talk:
    """The part both drivers share: step the generator, check what comes out, contain what it raises."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
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
        except (Exception, SystemExit) as error:  # whatever a plugin raises
            log_fault(_log, "a gateway raised", error)
            self.outcome = Unsure(why=f"the gateway raised {type(error).__name__}")
            return None
        self._requests += 1
        if not isinstance(request, HttpRequest) or self._requests > _MOST_REQUESTS:
            self._conversation.close()
            self.outcome = Unsure(why="gateway.contract: not a request, or too many of them")
            return None
        return request


def checked(outcome: object) -> Outcome:
    """An outcome as the contract has it; anything else a plugin returns is :class:`Unsure`."""
    if isinstance(outcome, Accepted):
        named = outcome.provider_id
        if named is None or (isinstance(named, str) and 0 < len(named) <= _LONGEST_ID):
            return outcome
    elif isinstance(outcome, (Refused, TryLater, Unsure)):
        return outcome
    return Unsure(why=f"gateway.contract: returned {type(outcome).__name__}")
