"""A circuit breaker: when a provider that fails again and again is left alone for a while, and how it is tried again.

A pure function of what happened and when. Whoever keeps a circuit says what time it is.

``closed``: everything may begin. After some failures in a row it is ``open``: nothing may begin until its pause is
over. Then it is ``half-open``: one try may begin, and what comes of it closes the circuit, or opens it for twice as
long.
"""

from __future__ import annotations

from typing import Final, Literal

from attrs import evolve, frozen

from convokit.domain.instant import MINUTE, SECOND

LONGEST_TRY: Final = 3 * MINUTE
"""A try that has not come back by then never will: another one may begin."""


@frozen(kw_only=True)
class CircuitRules:
    """When a circuit opens, and for how long.

    Attributes:
        failures: so many in a row open it.
        pause, longest_pause: microseconds of the first pause, and the most that it is doubled to.
    """

    failures: int = 5
    pause: int = 30 * SECOND
    longest_pause: int = 15 * MINUTE


@frozen(kw_only=True)
class Circuit:
    """How one practice's use of one provider stands.

    Attributes:
        failures: in a row, up to now.
        pauses: how often in a row it opened.
        since_us: when the state began; 0: from the beginning.
        until_us: of ``"open"``: the end of the pause. Of ``"half-open"``: until when the try that is under way counts.
    """

    state: Literal["closed", "open", "half-open"] = "closed"
    failures: int = 0
    pauses: int = 0
    since_us: int = 0
    until_us: int = 0


CLOSED: Final = Circuit()


def may_begin(circuit: Circuit, now_us: int, rules: CircuitRules) -> bool:
    """Whether something may begin now."""
    # A pause that ends later than any can: the clock went back since.
    longest = max(rules.longest_pause, LONGEST_TRY)
    return circuit.state == "closed" or not 0 < circuit.until_us - now_us <= longest


def begun(circuit: Circuit, now_us: int) -> Circuit:
    """Something begins that :func:`may_begin`: behind an open circuit it is the one try."""
    if circuit.state == "closed":
        return circuit
    since_us = circuit.since_us if circuit.state == "half-open" else now_us
    return evolve(circuit, state="half-open", since_us=since_us, until_us=now_us + LONGEST_TRY)


def given_up(circuit: Circuit, now_us: int) -> Circuit:
    """What was begun came to nothing that says anything about the provider: another one may try."""
    return evolve(circuit, until_us=now_us) if circuit.state == "half-open" else circuit


def worked(circuit: Circuit, now_us: int) -> Circuit:
    """The provider answered as one does that is well, a refusal included."""
    if circuit.state == "closed":
        return circuit if circuit.failures == 0 else evolve(circuit, failures=0)
    return Circuit(since_us=now_us)


def failed(circuit: Circuit, now_us: int, rules: CircuitRules) -> Circuit:
    """The provider did not answer, or not as one does that is well."""
    failures = circuit.failures + 1
    if circuit.state == "open" or (circuit.state == "closed" and failures < rules.failures):
        return evolve(circuit, failures=failures)
    pause = min(rules.pause << min(circuit.pauses, 20), rules.longest_pause)
    return Circuit(state="open", failures=failures, pauses=circuit.pauses + 1, since_us=now_us, until_us=now_us + pause)
