"""The circuits of this process: which provider is left alone for a while, by practice, so that none pays for another.

What waits behind an open circuit stays owed and untouched in the store. It goes out when the circuit closes.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Final, assert_never

from attrs import frozen

from convokit.domain import circuit
from convokit.domain.circuit import CLOSED, Circuit, CircuitRules
from convokit.effects import (
    AskPayment,
    FetchMedia,
    FileTranscript,
    Job,
    LookUpText,
    PollCarrier,
    ReleaseText,
    SendMail,
    SendPush,
)
from convokit.outcomes import Outcome, TryLater, Unsure

_log = logging.getLogger("convokit")

KINDS: Final = ("sms", "mail", "payments", "records", "files", "push")
"""What providers are of use for. Each kind, and each carrier, has threads of its own in the built-in engine."""

LEFT_ALONE: Final = "the provider is left alone for a while"


def kind_of(job: Job) -> str:
    """Whose work a job is."""
    match job:
        case LookUpText() | ReleaseText() | PollCarrier():
            return "sms"
        case SendMail():
            return "mail"
        case AskPayment():
            return "payments"
        case FileTranscript():
            return "records"
        case FetchMedia():
            return "files"
        case SendPush():
            return "push"
        case _:
            assert_never(job)


@frozen
class Use:
    """One practice's use of one provider: ``Use("sms", "kannel", "happy-paws")``."""

    kind: str
    provider: str
    practice: str


class Circuits:
    """Every thread may use it."""

    def __init__(self, rules: CircuitRules, now_us: Callable[[], int]) -> None:
        """``now_us``: microseconds since the epoch, UTC."""
        self._rules = rules
        self._now_us = now_us
        self._all: dict[Use, Circuit] = {}
        self._lock = threading.Lock()

    def begin(self, use: Use) -> bool:
        """Whether something may begin now; then it has begun, and is to be told of."""
        with self._lock:
            found, now_us = self._all.get(use, CLOSED), self._now_us()
            if not circuit.may_begin(found, now_us, self._rules):
                return False
            self._all[use] = circuit.begun(found, now_us)
            return True

    def give_up(self, use: Use) -> None:
        """What was begun came to nothing that says anything about the provider."""
        with self._lock:
            self._all[use] = circuit.given_up(self._all.get(use, CLOSED), self._now_us())

    def tell(self, use: Use, outcome: Outcome, *, answered: bool = False) -> None:
        """What came of it. ``answered``: the provider answered, as one does that is well, to its last request."""
        # One that says when to come again is there too.
        silent = isinstance(outcome, TryLater) and not answered and outcome.after is None
        failed = isinstance(outcome, Unsure) or silent
        with self._lock:
            before, now_us = self._all.get(use, CLOSED), self._now_us()
            after = circuit.failed(before, now_us, self._rules) if failed else circuit.worked(before, now_us)
            self._all[use] = after
        if after.state != before.state:
            what = "is left alone for a while" if after.state == "open" else "is well again"
            _log.warning(
                "practice %s: %s %s (%d failures in a row)",
                use.practice,
                use.provider,
                what,
                max(before.failures, after.failures),
            )

    def closed_off(self, kind: str) -> frozenset[str]:
        """The practices whose provider of this kind is to be left alone now."""
        with self._lock:
            now_us = self._now_us()
            return frozenset(
                use.practice
                for use, found in self._all.items()
                if use.kind == kind and not circuit.may_begin(found, now_us, self._rules)
            )

    def states(self) -> Mapping[Use, Circuit]:
        """All that were used in this process, as they are now."""
        with self._lock:
            return dict(self._all)
