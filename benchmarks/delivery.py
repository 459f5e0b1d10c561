"""The delivery join: one comparison, and the decision around it; and the other decisions that a desk makes most."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import nullcontext
from time import process_time
from typing import Final, TypeVar

from attrs import evolve
from harness import Effort, Figure, Goal, Report, Side, compare, race

from convokit.decisions import Before, Decision, DeliveryChange, decide
from convokit.decisions.delivery import report
from convokit.domain.conversation import Conversation, Entry
from convokit.domain.delivery import Delivery, advance
from convokit.domain.rules import Practice
from convokit.facts import DeliveryReported, Fact, StaffReplied, TextArrived

One = TypeVar("One")
Other = TypeVar("Other")

_CONVERSATION: Final = Conversation(
    id="c", channel="sms", sender="+13035550100", address="+13035550123", started_us=1, last_us=1, last_seq=7
)
_PRACTICE: Final = Practice(id="p", name="Happy Paws", region="US", numbers=[_CONVERSATION.sender])


def run(effort: Effort) -> Report:
    """Join random pairs of states; then decide on reports; then on what a desk decides most often."""
    rounds = effort.of(45, 15, 1)
    return Report(figures=(*_joins(effort, rounds), *_decisions(effort, rounds), *_of_messages(effort, rounds)))


def _joins(effort: Effort, rounds: int) -> tuple[Figure, ...]:
    seeded, states = random.Random(2), list(Delivery)  # noqa: S311 - the same pairs each time
    pairs = [(seeded.choice(states), seeded.choice(states)) for _ in range(effort.of(100_000, 50_000, 100))]
    ranks = [(int(one), int(other)) for one, other in pairs]
    ours, bare = "advance", "a bare comparison of ranks"
    times = race({ours: _over(pairs, advance), bare: _over(ranks, _larger)}, rounds=rounds, clock=process_time)
    what = "advance: the join of two random states"
    return (compare(times, ours, bare, what=what, items=len(pairs), goal=Goal("<=", 2)),)


def _decisions(effort: Effort, rounds: int) -> tuple[Figure, ...]:
    cases = [_case(number) for number in range(effort.of(5_000, 3_000, 50))]
    ours, bare, peer = "decide", "the constructors of what it decides", "attrs.evolve of the conversation alone"
    times = race(
        {ours: _over(cases, report), bare: _over(cases, _construct), peer: _over(cases, _evolve)},
        rounds=rounds,
        clock=process_time,
    )
    what = "deciding on a report that moves the check"
    return (
        compare(times, ours, bare, what=what, items=len(cases), goal=Goal("<=", 1.5)),
        compare(times, ours, peer, what=what, items=len(cases)),
    )


def _of_messages(effort: Effort, rounds: int) -> tuple[Figure, ...]:
    """What a message costs to decide on, whoever wrote it, beside copying the conversation that it changes."""
    count = effort.of(5_000, 3_000, 50)
    before, peer = Before(conversation=_CONVERSATION), "attrs.evolve of the conversation alone"
    texts: dict[str, list[tuple[Before, Fact]]] = {
        "deciding on a text that comes in": [(before, _arrived(number)) for number in range(count)],
        "deciding on a reply of staff": [(before, _replied(number)) for number in range(count)],
    }
    sides = {name: _over(cases, _decide) for name, cases in texts.items()}
    sides[peer] = _over([(before, number) for number in range(count)], _evolve_anyway)
    times = race(sides, rounds=rounds, clock=process_time)
    return tuple(compare(times, name, peer, what=name, items=count) for name in texts)


def _decide(before: Before, fact: Fact) -> Decision:
    return decide(before, fact, _PRACTICE)


def _arrived(number: int) -> TextArrived:
    return TextArrived(
        conversation_id="c",
        entry_id=f"m{number}",
        answer_id=f"a{number}",
        event_id=f"e{number}",
        at_us=2,
        channel="sms",
        sender=_CONVERSATION.sender,
        address=_CONVERSATION.address,
        text="Hi, is Bella ready to be picked up this afternoon?",
        provider="kannel",
        provider_id=f"p{number}",
        fingerprint="0" * 64,
        client_name="Ana Ruiz",
    )


def _replied(number: int) -> StaffReplied:
    return StaffReplied(
        conversation_id="c",
        entry_id=f"m{number}",
        at_us=2,
        text="She is ready from four.",
        by_id="u1",
        by_name="Dr. Kim",
    )


def _evolve_anyway(before: Before, _: int) -> Conversation:
    return evolve(before.found, last_delivery=None, version=2)


def _over(pairs: list[tuple[One, Other]], function: Callable[[One, Other], object]) -> Side:
    def work(_: int) -> None:
        for one, other in pairs:
            function(one, other)

    return lambda: nullcontext(work)


def _larger(current: int, report: int) -> int:
    return report if report > current else current


def _case(number: int) -> tuple[Before, DeliveryReported]:
    entry = Entry(
        id=f"m{number}",
        conversation_id="c",
        seq=7,
        at_us=1,
        kind="message",
        side="practice",
        channel="sms",
        text="See you at four.",
        delivery=Delivery.SENT,
        provider_id=f"p{number}",
    )
    fact = DeliveryReported(
        entry_id=entry.id, attempt=1, at_us=2, provider="kannel", delivery=Delivery.DELIVERED, raw="DELIVRD"
    )
    return Before(conversation=_CONVERSATION, entry=entry), fact


def _construct(before: Before, fact: DeliveryReported) -> Decision:
    """The same values with everything known beforehand: what making them costs, and no more."""
    now = before.found
    after = Conversation(
        id=now.id,
        channel=now.channel,
        sender=now.sender,
        address=now.address,
        title=now.title,
        client_id=now.client_id,
        client_name=now.client_name,
        patient_id=now.patient_id,
        patient_name=now.patient_name,
        team_member=now.team_member,
        initiated_by=now.initiated_by,
        ended=now.ended,
        urgency=now.urgency,
        unread=now.unread,
        started_us=now.started_us,
        ended_us=now.ended_us,
        last_seq=now.last_seq,
        last_us=now.last_us,
        last_text=now.last_text,
        last_side=now.last_side,
        last_delivery=Delivery.DELIVERED,
        last_message_seq=now.last_message_seq,
        opened_seq=now.opened_seq,
        read_seq=now.read_seq,
        awaiting_us=now.awaiting_us,
        failed=0,
        version=now.version + 1,
        change=now.change,
        previous_id=now.previous_id,
    )
    change = DeliveryChange(
        entry_id=fact.entry_id, attempt=1, delivery=Delivery.DELIVERED, raw=fact.raw, provider_id="p", flags=()
    )
    return Decision(conversation=after, deliveries=(change,))


def _evolve(before: Before, fact: DeliveryReported) -> Conversation:
    return evolve(before.found, last_delivery=fact.delivery, version=2)
