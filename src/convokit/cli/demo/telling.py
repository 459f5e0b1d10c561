"""How the demo tells its day: sentences beside the time, and what the desk shows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from attrs import evolve

from convokit.cli.demo.stage import ZONE, Stage
from convokit.cli.screen import Screen
from convokit.cli.views import badge_line, inbox_lines, moves_lines, narration, thread_lines
from convokit.domain.conversation import Entry
from convokit.domain.people import Client
from convokit.runtime.desk import PracticeDesk

_SECRET: Final = re.compile(r"(?<=/pay/)\S+")
"""What a link to a payment is signed with: another one in every run, and nothing for a screen."""


class Telling:
    """What every scene stands on. ``files`` are those that the day has written, each with what it is."""

    def __init__(self, stage: Stage, screen: Screen, folder: Path) -> None:
        self.stage = stage
        self.screen = screen
        self.folder = folder
        self.files: list[tuple[Path, str]] = []

    @property
    def desk(self) -> PracticeDesk:
        """The desk, with the settings of now."""
        return self.stage.desk

    def tell(self, words: str) -> None:
        """The time and a sentence."""
        self.screen.say()
        for line in narration(self.screen, self.stage.time, words):
            self.screen.say(line)

    def inbox(self) -> None:
        """The active conversations and the counts, as the desk has them now."""
        self.screen.say()
        for line in inbox_lines(self.screen, self.desk.inbox().items, self.stage.clock(), ZONE):
            self.screen.say(line)
        self.screen.say("  " + self.screen.tone(badge_line(self.desk.badges()), "dim"))

    def thread(self, client: Client, newest: int = 50) -> None:
        """A conversation."""
        known = self.stage.of(client)
        shown = (
            evolve(entry, text=_SECRET.sub("…", entry.text)) for entry in self.desk.thread(known.id, limit=newest).items
        )
        self.screen.say()
        for line in thread_lines(self.screen, known, shown, ZONE):
            self.screen.say(line)

    def moves(self, entry: Entry) -> None:
        """How a message's mark moved."""
        for line in moves_lines(self.screen, self.stage.moves(entry), ZONE):
            self.screen.say(line)
