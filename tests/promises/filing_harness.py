"""kill -9 in the middle of filing: workers die at any step on disk, again and again; each transcript is filed once.

A parent forks workers that file what is owed into a folder. Each counts what it opens, renames and deletes, and kills
itself at a step that the seed chooses, or is killed at a moment that the clock chooses. In the end the folder and the
threads must tell the same.

    python filing_harness.py FOLDER --lives 60 --seed 1 [--mutant other-names | forgets]

Prints one JSON object: what was counted.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from attrs import define, evolve

import convokit
from convokit.outcomes import Outcome
from convokit.plugins import hookimpl
from convokit.ports.records import RecordDocument, Records
from convokit.records.folder import INDEX, FolderRecords
from convokit.transcripts.disk import HALF
from convokit.transcripts.record import check_json

KIM = convokit.Staff(id="u1", name="Dr. Kim")
START = datetime(2026, 3, 2, 15, tzinfo=UTC)
STEPS = ("open", "os.rename", "os.remove", "os.mkdir")
MOST_STEPS = 40


class OtherNames(FolderRecords):
    """A record that takes whatever comes for a new document."""

    @hookimpl
    def convokit_records(self) -> Records:
        return self

    def file(self, document: RecordDocument) -> Outcome:
        return super().file(evolve(document, id=f"{document.id}-{os.urandom(4).hex()}"))


def die_at(step: int) -> None:
    """Kill this process at its nth step on disk from now on."""
    left = [step]

    def count(event: str, _: tuple[object, ...]) -> None:
        if event in STEPS:
            left[0] -= 1
            if left[0] <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


@define
class Harness:
    """One database and one folder of records, many lives."""

    folder: Path
    mutant: str
    chance: random.Random

    @property
    def root(self) -> Path:
        return self.folder / "records"

    def open(self, life: int) -> convokit.Convokit:
        # Each life begins ten minutes after the one before, so that the leases of the dead have ended.
        born, offset = time.monotonic(), START + timedelta(minutes=10 * life)

        def clock() -> datetime:
            return offset + timedelta(seconds=time.monotonic() - born)

        records = OtherNames(self.root) if self.mutant == "other-names" else FolderRecords(self.root)
        return convokit.open(f"sqlite:///{self.folder}/desk.db", plugins=[records], clock=clock)

    def set_up(self, count: int) -> None:
        """A practice with conversations that have ended; what is imported now need not be in every life."""
        rules = convokit.Rules(records=convokit.RecordRules(format="json"))
        with self.open(0) as kit:
            kit.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws", region="US", rules=rules))
            desk = kit.practice("happy-paws")
            for number in range(count):
                ana = convokit.Client(id=f"c{number}", name="Ana Ruiz")
                pet = convokit.Patient(id=f"p{number % 5}", name="Bella")
                talk = desk.start(client=ana, patient=pet, by=KIM)
                desk.send(talk.id, f"Message {number}", by=KIM)
                desk.end(talk.id, by=KIM)
            (first,) = kit.jobs.due(1)
            kit.worker.one(first)

    def live(self, life: int, step: int) -> None:
        """A worker's life, to its death or until nothing is owed."""
        with self.open(life) as kit:
            if self.mutant == "forgets":
                kit.store.abandoned_jobs = lambda *_: ()  # type: ignore[method-assign]  # the mistake
            if step:
                die_at(step)
            while kit.work().performed:
                pass

    def forked(self, life: int, step: int) -> bool:
        """Whether the life ended with a kill."""
        child = os.fork()
        if child == 0:
            code = 3  # a child that raises is a bug of the harness or of convokit
            try:
                self.live(life, step)
                code = 0
            finally:
                os._exit(code)
        if not step:  # killed from outside, at any moment
            time.sleep(self.chance.uniform(0.0, 0.08))
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status):
            raise SystemExit(f"life {life} ended by itself with {os.WEXITSTATUS(status)}")
        return os.WIFSIGNALED(status)

    def judge(self, lives: int) -> dict[str, int]:
        """Let everything be filed, then compare folder and threads."""
        for life in range(lives + 1, lives + 4):
            self.forked_to_the_end(life)
        filed: dict[str, list[str]] = {}
        with self.open(lives + 4) as kit:
            left = len(kit.store.due_jobs(2**60, 500)) + len(kit.store.abandoned_jobs(2**60, 500))
            desk = kit.practice("happy-paws")
            rows = [*desk.history(limit=200).items]
            for row in rows:
                events = [entry for entry in desk.entries(row.id) if entry.event == "transcript_filed"]
                filed[row.id] = [entry.text for entry in events]
        return {"ended": len(rows), "owed": left, **self._folder(filed)}

    def forked_to_the_end(self, life: int) -> None:
        if self.forked_calmly(lambda: self.live(life, 10**9)):
            raise SystemExit(f"life {life} was killed by nobody")

    @staticmethod
    def forked_calmly(work: Callable[[], None]) -> bool:
        child = os.fork()
        if child == 0:
            code = 3
            try:
                work()
                code = 0
            finally:
                os._exit(code)
        return os.waitpid(child, 0)[1] != 0

    def _folder(self, filed: dict[str, list[str]]) -> dict[str, int]:
        files = [path for path in self.root.rglob("*.json") if INDEX not in path.parts]
        whole = wrong = 0
        of: dict[str, int] = {}
        for path in files:
            content = path.read_bytes()
            found, told = check_json(content), json.loads(content)
            whole += found.whole
            conversation = told["document"]["conversation"]
            of[conversation] = of.get(conversation, 0) + 1
            wrong += not any(
                f"{found.count} entries, SHA-256 {found.head[:12]}" in text for text in filed[conversation]
            )
        return {
            "files": len(files),
            "whole": whole,
            "twice": sum(number > 1 for number in of.values()),
            "told_twice": sum(len(texts) > 1 for texts in filed.values()),
            "not_told": sum(not texts for texts in filed.values()),
            "told_another": wrong,
            "halves": len(list(self.root.rglob(HALF))),
        }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--lives", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mutant", choices=["none", "other-names", "forgets"], default="none")
    given = parser.parse_args()
    harness = Harness(folder=given.folder, mutant=given.mutant, chance=random.Random(given.seed))
    harness.set_up(2 * given.lives)
    kills = 0
    for life in range(1, given.lives + 1):
        step = 0 if life % 6 == 0 else harness.chance.randint(1, MOST_STEPS)
        kills += harness.forked(life, step)
    print(json.dumps({"seed": given.seed, "kills": kills, **harness.judge(given.lives)}))


if __name__ == "__main__":
    main()
