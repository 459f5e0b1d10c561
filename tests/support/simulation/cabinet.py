"""A medical record that misbehaves, and knows what is truly in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.plugins import hookimpl
from convokit.ports.records import RecordDocument, Records
from simulation.outside import hold

if TYPE_CHECKING:
    from simulation.world import World


class Cabinet:
    """The plugin and the record. It keeps to its contract: the same id is the same document."""

    name = "cabinet"

    def __init__(self, world: World) -> None:
        self.world = world

    @hookimpl
    def convokit_records(self) -> Records:
        return self

    def file(self, document: RecordDocument) -> Outcome:
        world = self.world
        if world.happens("throttle"):
            return TryLater(raw="503 later")
        if world.happens("refuse"):
            world.outside.turned_down[document.practice_id, document.id] += 1
            return Refused(reason="content_rejected", raw="no")
        world.seam()
        self._put(document)
        world.seam()
        if world.happens("reset"):
            return Unsure(why="connection reset")
        if world.happens("raises"):
            raise RuntimeError("the record's own mistake")
        return Accepted(provider_id=f"R-{document.id}")

    def _put(self, document: RecordDocument) -> None:
        world, told = self.world, document.content.decode()
        foreign = [other.mark for other in world.sides if other.id != document.practice_id and other.mark in told]
        hold("P10", not foreign, f"a record of {document.practice_id} tells of {foreign}")
        said = json.loads(told)
        hold("P14", (said["head"], said["count"]) == (document.head, document.count), f"{document.id} is another one")
        world.outside.filed[document.practice_id, document.id] = document.head
        world.outside.counts["filed"] += 1
        world.say(f"   {document.id} of {document.practice_id} is filed")
