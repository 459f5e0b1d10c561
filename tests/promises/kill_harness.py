"""T3: kill -9 at random moments while texts come in and go out, restart, and compare with the outside ledgers.

A single-threaded parent forks a warmed child; the child takes texts in, sends texts and hands them over, and writes
to a ledger file what was *acknowledged* and what truly *left*. Those writes outlive the kill. The parent kills the
child at a random moment, again and again on the same database. In the end the desk must tell the ledger's story.

    python kill_harness.py FOLDER --kills 300 --seed 1 [--mutant ack-first | repeat-unknown] [--url postgresql://...]

On PostgreSQL the server may be killed too; then the child lives on (:meth:`Harness.outlive`).

Prints one JSON object: what was counted, and what was violated.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from attrs import define, frozen

import convokit
from convokit.outcomes import Accepted
from convokit.plugins import hookimpl
from convokit.ports.sms import Capabilities, Conversation, InboundText, OutboundText, SmsGatewayOffer, Verified
from convokit.ports.wire import HttpRequest

WORDS = ("acked", "sent", "left")
"""What each exchange writes into the ledger."""

OURS = "+13035550100"
KIM = convokit.Staff(id="u1", name="Dr. Kim")
START = datetime(2026, 3, 2, 15, tzinfo=UTC)


class Ledger:
    """What happened outside: an append-only file, written without buffering."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY)

    def write(self, word: str, what: str) -> None:
        os.write(self._file, f"{word} {what}\n".encode())

    def lines(self) -> Iterator[tuple[str, str]]:
        for line in self.path.read_text().splitlines():
            word, _, what = line.partition(" ")
            yield word, what


@frozen(kw_only=True)
class NoSettings:
    pass


@define
class LedgerGateway:
    """A carrier that takes every text, writes down that it left, and knows no idempotency."""

    ledger: Ledger
    idempotent: bool

    @hookimpl
    def convokit_sms_gateways(self) -> list[SmsGatewayOffer]:
        return [
            SmsGatewayOffer(
                name="ledger",
                settings=NoSettings,
                build=lambda settings: self,
                capabilities=Capabilities(idempotent_send=self.idempotent),
            )
        ]

    def send(self, message: OutboundText) -> Conversation:
        self.ledger.write("left", message.id)
        return Accepted()
        yield  # a generator that asks for nothing

    def read_webhook(self, request: HttpRequest) -> Verified:
        said = [line.partition(" ") for line in request.body.decode().splitlines()]
        return Verified(
            events=tuple(
                InboundText(provider_id=name, sender=number, to=OURS, text=f"text {name}") for name, _, number in said
            )
        )


@define
class Harness:
    """One database, many lives."""

    folder: Path
    mutant: str
    random: random.Random
    exchange_seconds: float = 0.0
    given_url: str | None = None
    ahead: timedelta = timedelta()

    @property
    def aim(self) -> str | None:
        return {"ack-first": "acked", "repeat-unknown": "left"}.get(self.mutant)

    @property
    def url(self) -> str:
        return self.given_url or f"sqlite:///{self.folder}/desk.db"

    def ledger(self) -> Ledger:
        return Ledger(self.folder / "ledger.txt")

    def open(self, life: int) -> convokit.Convokit:
        # Each life begins ten minutes after the one before, so that the leases of the dead have ended.
        born = time.monotonic()
        offset = START + timedelta(minutes=10 * life)

        def clock() -> datetime:
            return offset + self.ahead + timedelta(seconds=time.monotonic() - born)

        gateway = LedgerGateway(ledger=self.ledger(), idempotent=self.mutant == "repeat-unknown")
        return convokit.open(self.url, plugins=[gateway], clock=clock)

    def live(self, life: int) -> None:
        """A child's life: it never ends by itself."""
        kit, ledger = self.open(life), self.ledger()
        desk, token = kit.practice("happy-paws"), kit.webhook_path("happy-paws")
        so_far = ledger.path.stat().st_size
        (self.folder / "ready").write_text(str(so_far))
        (self.folder / "ready").rename(self.folder / f"ready.{life}")
        for number in count(1):
            self.exchange(kit, desk, token, ledger, life, number)

    def outlive(self) -> None:
        """A child's life while the database is killed again and again: it goes on until it is told to end."""
        kit, ledger = self.open(1), self.ledger()
        desk, token = kit.practice("happy-paws"), kit.webhook_path("happy-paws")
        for number in count(1):
            if (self.folder / "enough").exists():
                kit.close()
                return
            try:
                self.exchange(kit, desk, token, ledger, 1, number)
            except convokit.StorageError as error:
                ledger.write("trouble", error.code)
                time.sleep(0.01)

    def exchange(
        self, kit: convokit.Convokit, desk: convokit.PracticeDesk, token: str, ledger: Ledger, life: int, number: int
    ) -> None:
        """A text in, or three of them in one request, and a reply out."""
        name, client = f"P{life}-{number}", f"+130355501{number % 20:02d}"
        names = [name, f"{name}b", f"{name}c"] if number % 2 else [name]
        body = "\n".join(f"{one} {client}" for one in names).encode()
        request = HttpRequest(method="POST", url=f"http://h/{token}", body=body)
        if self.mutant == "ack-first":
            self.acknowledge(ledger, names)
        if kit.webhook(request).status == 200 and self.mutant != "ack-first":
            self.acknowledge(ledger, names)
        row = desk.inbox(limit=1, sort="newest").items[0]
        desk.send(row.id, f"answer {name}", by=KIM, client_ref=name)
        ledger.write("sent", name)
        kit.work()

    def acknowledge(self, ledger: Ledger, names: list[str]) -> None:
        for name in names:
            ledger.write("acked", name)

    def set_up(self) -> None:
        """Make the database, and one exchange: what is imported and compiled now need not be in every life."""
        with self.open(0) as kit:
            kit.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws", region="US", numbers=[OURS]))
            desk, token = kit.practice("happy-paws"), kit.webhook_path("happy-paws")
            self.exchange(kit, desk, token, self.ledger(), 0, 1)
            started = time.monotonic()
            for number in range(2, 7):
                self.exchange(kit, desk, token, self.ledger(), 0, number)
            self.exchange_seconds = (time.monotonic() - started) / 5  # a slow disk gets longer lives

    def kill(self, life: int) -> None:
        child = os.fork()
        if child == 0:
            try:
                self.live(life)
            finally:
                os._exit(3)  # a child that ends by itself is a bug of the harness or of convokit
        ready = self.folder / f"ready.{life}"
        while not ready.exists() and os.waitpid(child, os.WNOHANG) == (0, 0):
            time.sleep(0.001)
        self.wait_for_the_moment(ready)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            raise SystemExit(f"life {life} ended by itself with status {status}")
        ready.unlink()

    def wait_for_the_moment(self, ready: Path) -> None:
        """A random moment within about three exchanges; for a mutant, right after the word that gives it away.

        A life is as long as what it wrote into the ledger, and some of the time to the next word: how far a process
        comes within a given time depends on what else the machine does.
        """
        deadline = time.monotonic() + 30
        if self.aim is not None:
            size = self.words(self.aim)
            while self.words(self.aim) == size and time.monotonic() < deadline:
                time.sleep(0)
            return
        wanted = self.random.randrange(3 * len(WORDS))
        path = self.folder / "ledger.txt"
        before = int(ready.read_text())
        while wanted and time.monotonic() < deadline:
            with path.open("rb") as ledger:
                ledger.seek(before)
                if ledger.read().count(b"\n") >= wanted:
                    break
            time.sleep(0.0005)
        time.sleep(self.random.uniform(0, self.exchange_seconds))

    def words(self, wanted: str) -> int:
        return (self.folder / "ledger.txt").read_bytes().count(f"{wanted} ".encode())

    def judge(self, lives: int) -> dict[str, object]:
        """Let everything settle, then compare the desk's story with the ledger's."""
        with self.open(lives + 1) as kit:
            while kit.store.unsettled():
                kit.work()
                self.ahead += timedelta(minutes=1)  # what is tried again later is due then
            desk = kit.practice("happy-paws")
            stored, refs, deliveries = Counter[str](), Counter[str](), dict[str, convokit.Delivery]()
            for row in all_rows(desk):
                sequence = [e.seq for e in desk.entries(row.id)]
                assert sequence == list(range(1, len(sequence) + 1))
                for entry in desk.entries(row.id):
                    if entry.side == "client":
                        stored[str(entry.provider_id)] += 1
                    elif entry.client_ref is not None and entry.delivery is not None:
                        refs[entry.client_ref] += 1
                        deliveries[entry.id] = entry.delivery
        said = list(self.ledger().lines())
        left = Counter(what.rpartition(".")[0] for word, what in said if word == "left")
        return self.verdict(said, stored, refs, deliveries, left)

    def verdict(
        self,
        said: list[tuple[str, str]],
        stored: Counter[str],
        refs: Counter[str],
        deliveries: dict[str, convokit.Delivery],
        left: Counter[str],
    ) -> dict[str, object]:
        acked = [what for word, what in said if word == "acked"]
        sent = [what for word, what in said if word == "sent"]
        unsure = {entry for entry, delivery in deliveries.items() if delivery is convokit.Delivery.UNSURE}
        return {
            "acknowledged": len(acked),
            "sends": len(sent),
            "left": sum(left.values()),
            "unsure": len(unsure),
            "lost": sum(stored[name] == 0 for name in acked) + sum(refs[name] == 0 for name in sent),
            "doubled": sum(n > 1 for n in (*stored.values(), *refs.values())),
            "unmarked_doubles": sum(n > 1 and entry not in unsure for entry, n in left.items()),
            "said_sent_but_never_left": sum(
                delivery is convokit.Delivery.SENT and left[entry] == 0 for entry, delivery in deliveries.items()
            ),
            "not_settled": sum(delivery is convokit.Delivery.QUEUED for delivery in deliveries.values()),
        }


def all_rows(desk: convokit.PracticeDesk) -> Iterator[convokit.Conversation]:
    after = None
    while True:
        page = desk.inbox(limit=200, after=after)
        yield from page.items
        after = page.next
        if after is None:
            return


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--url")
    parser.add_argument("--mutant", choices=["none", "ack-first", "repeat-unknown"], default="none")
    given = parser.parse_args()
    harness = Harness(folder=given.folder, mutant=given.mutant, random=random.Random(given.seed), given_url=given.url)
    harness.set_up()  # closed again: a connection must not cross a fork
    for life in range(1, given.kills + 1):
        harness.kill(life)
    print(json.dumps({"seed": given.seed, "kills": given.kills, **harness.judge(given.kills)}))


if __name__ == "__main__":
    main()
