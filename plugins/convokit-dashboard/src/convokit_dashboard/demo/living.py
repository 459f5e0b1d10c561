"""The living practice: a kit on a fresh file, its carrier, its payment provider, and the phones of its clients."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from attrs import define, field, frozen

from convokit.cli.demo.props import Mailbox
from convokit.domain.conversation import Conversation
from convokit.domain.instant import to_datetime, to_micros
from convokit.domain.people import Client
from convokit.gateways.payments_simulator import PaymentsSimulator, PaymentWeather
from convokit.gateways.simulator import Simulator, Weather
from convokit.runtime.desk import PracticeDesk
from convokit.runtime.kit import Convokit
from convokit.runtime.opening import open as open_kit
from convokit_dashboard.demo.cast import NUMBER, PRACTICE, ClientBook, Records
from convokit_dashboard.demo.clock import DemoClock, late_morning

ZONE: Final = ZoneInfo(PRACTICE.time_zone)
QUICK: Final = Weather(delay_seconds=(0.5, 1.6))
_TICK: Final = 0.1


@frozen(kw_only=True)
class Texted:
    """A text as it is on a client's phone."""

    mine: bool
    text: str
    at: datetime
    photos: int = 0


@define(eq=False, kw_only=True)
class Living:
    """Everything that the demo is made of."""

    kit: Convokit
    clock: DemoClock
    carrier: Simulator
    payments: PaymentsSimulator
    mailbox: Mailbox
    today: date
    origin: str
    written: dict[str, list[Texted]] = field(factory=dict)
    at_carrier: dict[str, bytes] = field(factory=dict)
    """Photos that clients sent with texts, by name: the demo is its own carrier's web server."""
    _stop: threading.Event = field(factory=threading.Event)
    _threads: list[threading.Thread] = field(factory=list)

    @property
    def desk(self) -> PracticeDesk:
        """The practice's desk, with its rules as they are now."""
        return self.kit.practice(PRACTICE.id)

    # --- the clients' side -------------------------------------------------------------------------------------------
    def texts(self, client: Client | str, words: str, photo: bytes | None = None) -> None:
        """A client, or an unknown number, texts the practice; perhaps a photo, which the carrier keeps for it."""
        number = client if isinstance(client, str) else client.phone or ""
        media: tuple[str, ...] = ()
        if photo is not None:
            name = self.kit.world.fresh_id("mms")
            self.at_carrier[name] = photo
            media = (f"{self.origin}/carrier/{name}",)
        texted = Texted(mine=True, text=words, at=self.clock(), photos=len(media))
        self.written.setdefault(number, []).append(texted)
        self.carrier.phone(number).text(NUMBER, words, media=media)

    def on_phone(self, number: str) -> tuple[Texted, ...]:
        """The texts on a phone, oldest first."""
        received = [
            Texted(mine=False, text=one.text, at=to_datetime(one.at_us), photos=len(one.files))
            for one in self.carrier.phone(number).received
        ]
        return tuple(sorted([*received, *self.written.get(number, [])], key=lambda one: one.at))

    def of(self, client: Client) -> Conversation:
        """A client's conversation: the open one, else the one that ended last."""
        rows = (*self.desk.inbox(limit=200).items, *self.desk.history(limit=200).items)
        return next(one for one in rows if one.client_id == client.id)

    # --- time --------------------------------------------------------------------------------------------------------
    def at(self, days_ago: int, time: str) -> None:
        """Let time pass until a time of a day."""
        hour, minute = map(int, time.split(":"))
        until = late_morning(self.today, ZONE, days_ago=days_ago, hour=hour, minute=minute)
        self.settle()
        while (due := self._next_due()) is not None and to_datetime(due) <= until:
            self.clock.move(to_datetime(due))
            self.settle()
        self.clock.move(until)
        self.settle()

    def wait(self, seconds: float) -> None:
        """Let some seconds pass."""
        until = self.clock() + timedelta(seconds=seconds)
        while (due := self._next_due()) is not None and to_datetime(due) <= until:
            self.clock.move(to_datetime(due))
            self.settle()
        self.clock.move(until)
        self.settle()

    def _next_due(self) -> int | None:
        evening = self.desk.end_of_day(limit=1).next_at
        calls = (self.carrier.next_due(), self.payments.next_due(), None if evening is None else to_micros(evening))
        return min((due for due in calls if due is not None), default=None)

    def settle(self) -> None:
        """What happens by itself at this moment."""
        self.carrier.step()
        self.payments.step()
        self.kit.work()
        self.carrier.step()

    # --- running -----------------------------------------------------------------------------------------------------
    def begin(self) -> None:
        """Let time go on, with a worker and the world outside in threads of their own."""
        self.clock.release()
        self._threads = [
            threading.Thread(target=self.kit.run, kwargs={"threads": 2, "idle_seconds": _TICK}, daemon=True),
            threading.Thread(target=self._outside, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def _outside(self) -> None:
        while not self._stop.wait(_TICK):
            self.carrier.step()
            self.payments.step()

    def end(self) -> None:
        """Stop everything, and close the file."""
        self._stop.set()
        self.kit.stop()
        for thread in self._threads:
            thread.join(timeout=5)
        self.kit.close()


def seeded_ids(seed: int) -> Callable[[str], str]:
    """Ids that are the same in every run with the same seed; for shows, not for secrets."""
    source = random.Random(f"convokit dashboard demo {seed}")  # noqa: S311 - repeatable on purpose
    lock = threading.Lock()

    def fresh(prefix: str) -> str:
        with lock:
            return f"{prefix}_{source.getrandbits(128):032x}"

    return fresh


def open_practice(file: Path, folder: Path, *, seed: int, today: datetime, public_url: str) -> Living:
    """An empty practice on a fresh file, eight days before ``today``."""
    day = today.astimezone(ZONE).date()
    clock = DemoClock(late_morning(day, ZONE, days_ago=8, hour=8, minute=0))
    here = urlsplit(public_url)
    carrier, payments = (
        Simulator(seed=seed, weather=QUICK, media_hosts=(here.hostname or "",)),
        PaymentsSimulator(seed=seed, weather=PaymentWeather(delay_seconds=(0.4, 1.2))),
    )
    mailbox = Mailbox(folder)
    kit = open_kit(
        f"sqlite:///{file.as_posix()}",
        plugins=[carrier, payments, mailbox, ClientBook(), Records(day)],
        clock=clock,
        fresh_id=seeded_ids(seed),
        public_url=public_url,
        private_media_hosts=[here.netloc],
        records="folder",
    )
    kit.add_practice(PRACTICE)
    carrier.connect(kit)
    payments.connect(kit)
    origin = f"{here.scheme}://{here.netloc}"
    return Living(kit=kit, clock=clock, carrier=carrier, payments=payments, mailbox=mailbox, today=day, origin=origin)
