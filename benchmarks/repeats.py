"""A carrier calls back again: what changes nothing, beside the first call, which does."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from harness import Check, Effort, Figure, Goal, Report, Work, compare, race

import convokit
from convokit.domain.delivery import Delivery
from convokit.facts import DeliveryReported, Fact, TextArrived

_PRACTICE: Final = convokit.Practice(id="p0", name="Happy Paws", region="US", numbers=["+13035550100"])
_ANA: Final = convokit.Client(id="c17", name="Ana Ruiz", phone="+13035550123")
_KIM: Final = convokit.Staff(id="u1", name="Dr. Kim")

Facts = Callable[[convokit.Convokit, int], list[Fact]]


def run(effort: Effort) -> Report:
    """Delivery reports, then texts; each on a disk with ``synchronous=FULL``."""
    portions, each, rounds = 5, effort.of(60, 30, 3), effort.of(9, 5, 1)
    figures: list[Figure] = []
    checks: list[Check] = []
    for what, facts in (("delivery report", _reports), ("inbound text", _texts)):
        grown: list[bool] = []
        first, again = f"its first {what}", f"the same {what} again"
        sides = {
            first: partial(_ready, facts, portions, each, None),
            again: partial(_ready, facts, portions, each, grown),
        }
        times = race(sides, rounds=rounds, portions=portions)
        goal = Goal(">=", 10)
        figures.append(compare(times, again, first, what=again, items=portions * each, goal=goal))
        checks.append(Check(what=f"{again}: not a byte is written to the log", holds=not any(grown)))
    return Report(figures=tuple(figures), checks=tuple(checks))


@contextmanager
def _ready(facts: Facts, portions: int, each: int, grown: list[bool] | None) -> Iterator[Work]:
    """A fresh file; with ``grown``, the facts are already in it, and whether its log changes is noted there."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "desk.db"
        with convokit.open(f"sqlite:///{path}") as kit:
            kit.add_practice(_PRACTICE)
            made = facts(kit, portions * each)
            take = partial(kit.steps.take, _PRACTICE)
            for fact in made if grown is not None else ():
                take(fact)
            log = path.with_name("desk.db-wal")
            before = log.read_bytes()

            def work(portion: int) -> None:
                for fact in made[portion * each : (portion + 1) * each]:
                    take(fact)

            yield work
            if grown is not None:
                grown.append(log.read_bytes() != before)


def _reports(kit: convokit.Convokit, count: int) -> list[Fact]:
    """Texts are sent; the carrier will say of each that it was delivered."""
    desk = kit.practice(_PRACTICE.id)
    conversation = desk.start(client=_ANA, by=_KIM, channel="sms")
    sent = [desk.send(conversation.id, "Bella is ready to be picked up.", by=_KIM) for _ in range(count)]
    return [
        DeliveryReported(
            entry_id=entry.id,
            attempt=1,
            at_us=entry.at_us + 1,
            provider="kannel",
            delivery=Delivery.DELIVERED,
            raw="DELIVRD",
            event_id=f"event-{number}",
        )
        for number, entry in enumerate(sent)
    ]


def _texts(kit: convokit.Convokit, count: int) -> list[Fact]:
    """Texts of one client, into one conversation."""
    fresh = kit.world.fresh_id
    return [
        TextArrived(
            conversation_id=fresh("c"),
            entry_id=fresh("m"),
            answer_id=fresh("m"),
            event_id=fresh("m"),
            at_us=1_800_000_000_000_000 + number,
            channel="sms",
            sender=_PRACTICE.numbers[0],
            address="+13035550123",
            text="Is Bella ready to be picked up this afternoon?",
            provider="kannel",
            provider_id=f"text-{number}",
            fingerprint="0" * 32,
        )
        for number in range(count)
    ]
