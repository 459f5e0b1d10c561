"""The stage of the demo: a desk on a fresh file, a virtual clock, and a carrier and its phones in the same process."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from convokit.cli.demo.cast import NUMBER, PETS, PRACTICE, ClientBook
from convokit.cli.demo.props import Mailbox, Records
from convokit.domain.conversation import Conversation, Entry
from convokit.domain.delivery import Indicator
from convokit.domain.instant import to_datetime, to_micros
from convokit.domain.people import Client, Staff
from convokit.domain.rules import Practice
from convokit.gateways.payments_simulator import PaymentsSimulator
from convokit.gateways.simulator import Phone, Simulator, Weather
from convokit.records.folder import FolderRecords
from convokit.runtime.kit import Convokit
from convokit.runtime.opening import open as open_kit

ZONE: Final = ZoneInfo(PRACTICE.time_zone)
MORNING: Final = datetime(2026, 5, 12, 7, 55, tzinfo=ZONE)
FRIDAY: Final = datetime(2026, 5, 8, 9, 30, tzinfo=ZONE)
"""A moment that lies more than the 72 hours of the reopen window before the day that is played."""

SILENT: Final = Weather(delay_seconds=(1500.0, 1560.0), no_answer=1.0)
"""A carrier that takes texts, but whose answers get lost and whose reports come 25 minutes late."""

LOST: Final = Weather(no_answer=1.0, lose=1.0)
"""A carrier whose answers get lost, and its reports too: nobody will ever know."""

Moves = list[tuple[datetime, Indicator]]
"""When a message's mark moved, and to what."""


class Clock:
    """A clock that only moves when it is told to."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def __call__(self) -> datetime:
        """The present moment."""
        return self._now

    def move(self, to: datetime) -> None:
        """Move on to a moment; never back."""
        self._now = max(self._now, to)


def seeded_ids(seed: int) -> Callable[[str], str]:
    """Ids that are the same in every run with the same seed; for shows, not for secrets."""
    source = random.Random(f"convokit demo {seed}")  # noqa: S311 - repeatable on purpose
    return lambda prefix: f"{prefix}_{source.getrandbits(128):032x}"


class Stage:
    """Plays: clients and staff act, time passes, and the carrier and the worker do their part in between."""

    def __init__(self, database: Path, folder: Path, seed: int) -> None:
        self.clock = Clock(FRIDAY)
        self.carrier = Simulator(seed=seed)
        self.payments = PaymentsSimulator(seed=seed)
        self.mailbox = Mailbox(folder)
        self.cabinet = FolderRecords(folder / "records")
        self.kit: Convokit = open_kit(
            f"sqlite:///{database.as_posix()}",
            plugins=[self.carrier, self.payments, self.mailbox, ClientBook(), Records(), self.cabinet],
            clock=self.clock,
            fresh_id=seeded_ids(seed),
            public_url="https://desk.happy-paws.example",
        )
        self.kit.add_practice(PRACTICE)
        self.desk = self.kit.practice(PRACTICE.id)
        self.carrier.connect(self.kit)
        self.payments.connect(self.kit)
        self._watched: dict[str, Moves] = {}

    def decide(self, practice: Practice) -> None:
        """New settings of the practice; they hold from now on."""
        self.kit.add_practice(practice)
        self.desk = self.kit.practice(practice.id)
        self.carrier.connect(self.kit)  # a new number has its callback set at the carrier, as a real one would

    # --- time --------------------------------------------------------------------------------------------------
    @property
    def time(self) -> str:
        """The practice's wall clock, ``"08:15"``."""
        return f"{self.clock().astimezone(ZONE):%H:%M}"

    def at(self, time: str) -> None:
        """Let time pass until a time of the day."""
        hour, minute = map(int, time.split(":"))
        self._pass(self.clock().astimezone(ZONE).replace(hour=hour, minute=minute, second=0, microsecond=0))

    def on_monday(self, time: str) -> None:
        """Let time pass until the day before the one that is played."""
        hour, minute = map(int, time.split(":"))
        self._pass((MORNING - timedelta(days=1)).replace(hour=hour, minute=minute))

    def until_morning(self) -> None:
        """Let the days before pass."""
        self._pass(MORNING)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self._pass(self.clock() + timedelta(seconds=seconds))

    def _pass(self, until: datetime) -> None:
        self._settle()
        while (due := self._next_due()) is not None and to_datetime(due) <= until:
            self.clock.move(to_datetime(due))
            self._settle()
        self.clock.move(until)
        self._settle()

    def _next_due(self) -> int | None:
        """When the carrier or the payment provider calls next, or the end of a day comes."""
        evening = self.desk.end_of_day(limit=1).next_at
        calls = (self.carrier.next_due(), self.payments.next_due(), None if evening is None else to_micros(evening))
        return min((due for due in calls if due is not None), default=None)

    def _settle(self) -> None:
        """What happens by itself at this moment: carrier and payment provider call, the worker hands over."""
        self.carrier.step()
        self.payments.step()
        self._look()
        self.kit.work()
        self._look()

    # --- clients -----------------------------------------------------------------------------------------------
    def phone(self, client: Client) -> Phone:
        """A client's phone."""
        return self.carrier.phone(client.phone or "")

    def texts(self, client: Client | str, words: str) -> None:
        """A client, or an unknown number, texts the practice."""
        number = client if isinstance(client, str) else client.phone or ""
        self.carrier.phone(number).text(NUMBER, words)
        self._settle()

    def writes_in_app(self, client: Client, words: str) -> None:
        """A client writes in the practice's app."""
        self.desk.app_message(client, words, patient=PETS.get(client.id))

    # --- staff -------------------------------------------------------------------------------------------------
    def of(self, client: Client) -> Conversation:
        """A client's conversation: the open one, else the one that ended last."""
        rows = (*self.desk.inbox(limit=200).items, *self.desk.history(limit=200).items)
        return next(c for c in rows if c.client_id == client.id)

    def reply(self, client: Client, words: str, by: Staff) -> Entry:
        """Staff write; the text is not handed over before time passes."""
        entry = self.desk.send(self.of(client).id, words, by=by)
        self._watched[entry.id] = []
        self._look()
        return entry

    def moves(self, entry: Entry) -> Moves:
        """How a message's mark has moved since it was written, or since this was last asked."""
        moves, self._watched[entry.id] = self._watched[entry.id], self._watched[entry.id][-1:]
        return moves

    def _look(self) -> None:
        for entry_id, moves in self._watched.items():
            shown = self.desk.message(entry_id).indicator
            if shown is not None and (not moves or moves[-1][1] != shown):
                moves.append((self.clock(), shown))
