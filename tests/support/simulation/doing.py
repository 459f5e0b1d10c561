"""How somebody uses the desk in a simulated day, and what may be answered."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, Final, Literal

from convokit.errors import ConvokitError
from simulation.outside import Side, hold
from simulation.world import SIDES, World

REFUSED: Final = frozenset(
    """conversation.ended conversation.open conversation.already_open conversation.channel
    message.not_failed message.automatic client.opted_out number.cannot_receive payment.settled storage.busy""".split()
)
"""What may be answered to somebody whose wish came too late. Anything else is a mistake."""


def do(world: World, side: Side, call: Callable[[Any], object]) -> Literal["done", "refused", "died"]:
    """Somebody uses the desk."""
    process, went = world.pick(), "died"
    with world.on(process):
        try:
            result = call(process.kit.practice(side.id))
            went = "done"
            world.say(f"   {process.name} {side.id}: {_named(result)}")
        except ConvokitError as error:
            went = "refused"
            hold("P18", error.code in REFUSED, f"refused with {error.code}")
            world.say(f"   {process.name} {side.id}: {error.code}")
        except Exception as error:  # what it is stands in the violation
            hold("P18", False, f"{type(error).__name__} crossed the front door: {error}")
    return went  # type: ignore[return-value]  # one of the three


def write(world: World, side: Side, words: str, call: Callable[[Any], Any], *, again: bool) -> None:
    """Somebody writes; the text is unique, so the timelines tell how often it was stored."""
    world.outside.written.setdefault((side.id, words), False)
    if again:
        world.repeatable.append((side, words, call))
    if do(world, side, call) == "done":
        world.outside.written[side.id, words] = True


def _named(result: object) -> str:
    return f"{type(result).__name__} {getattr(result, 'id', result if isinstance(result, int) else '')}"


def some_row(world: World, chance: random.Random, fits: Callable[[Any], bool] = lambda row: True) -> tuple[Side, Any]:
    """Some conversation of some practice, as staff last saw it."""
    side = chance.choice(SIDES)
    rows = [row for row in world.watches[side.id].rows.values() if fits(row)]
    return side, chance.choice(rows) if rows else None


def some_troubled(world: World, chance: random.Random) -> tuple[Side, Any]:
    """Some text that needs a person."""
    side = chance.choice(SIDES)
    entries = world.watches[side.id].troubled()
    return side, chance.choice(entries) if entries else None
