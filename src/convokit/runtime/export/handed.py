"""Saying in the threads of conversations who has their exported transcripts."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve

from convokit.domain.people import Staff
from convokit.domain.rules import Practice
from convokit.facts import TranscriptTaken
from convokit.runtime.export.rows import Row
from convokit.runtime.steps import Steps
from convokit.runtime.world import World


class Handed:
    """Says who has a file, once it is whole.

    That changes the conversation, and a file of a conversation that has changed is made again: so the row takes the
    number of this very change. Whatever else happens to the conversation still counts.
    """

    def __init__(self, steps: Steps, world: World, practices: Iterable[Practice], by: Staff) -> None:
        self._steps = steps
        self._world = world
        self._practices = {practice.id: practice for practice in practices}
        self._by = by

    def over(self, row: Row) -> Row:
        """Say it of the file of ``row``; the row with who has it, and the change number the conversation now has.

        Of a file whose conversation has moved on meanwhile nothing is said: it is made again.
        """
        known = self._steps.store.conversation(row.practice, row.conversation)
        if known is None or known.change != row.change:
            return row
        fact = TranscriptTaken(
            conversation_id=row.conversation,
            entry_id=self._world.fresh_id("m"),
            at_us=self._world.now_us(),
            by_id=self._by.id,
            by_name=self._by.name,
            head=row.head,
            count=row.entries,
            internal_notes=row.internal_notes,
            redacted=row.redacted,
        )
        done = self._steps.take(self._practices[row.practice], fact)
        in_between = done.before.found.change != row.change
        return evolve(row, by=self._by.id, change=row.change if in_between else done.change)
