"""A desk in a SQLite file with rows in every table, to be moved; and a move that is killed in its middle."""

from __future__ import annotations

import io
import os
import signal
import sys
from pathlib import Path
from typing import Any

import convokit
from convokit.gateways.simulator import Simulator
from convokit.runtime.moving import MoveProgress, move_desk
from convokit.stores.builtin import open_store
from convokit.stores.sql import move, suppression
from convokit.testing.store_isolation import CALLS, world

PHOTO = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
TALKS = 4


def fill(folder: Path) -> str:
    """Make the desk; its URL."""
    url = f"sqlite:///{folder}/desk.db"
    store: Any = open_store(url, {})
    made = world(store)
    CALLS["search"](made)
    store.keep_unreadable(made.b.id, "carrier", b"of b \x00\xff", 1)
    key = store._key(made.b.id)
    with store._db.writing(key) as run:
        run.write(suppression.SUPPRESS, (key, "digest of b", 1))
    store.secret("links", b"k" * 32)
    store.close()
    carrier = Simulator(seed=7)
    with convokit.open(url, plugins=[carrier]) as kit:
        kit.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws", region="US", numbers=["+13035550199"]))
        carrier.connect(kit)
        desk = kit.practice("happy-paws")
        kim = convokit.Staff(id="u1", name="Dr. Kim")
        for number in range(TALKS):
            client = convokit.Client(id=f"c{number}", name="Zoë 🐕", phone=f"+1303555{2000 + number}")
            talk = desk.start(client=client, channel="sms", title="Results", by=kim)
            desk.send(talk.id, f"Number {number}’s results are in.", by=kim)
            carrier.phone(client.phone or "").text("+13035550199", "Thank you!")
        desk.upload("labs.pdf", io.BytesIO(PHOTO), by=kim)
        desk.end(talk.id, by=kim)
        kit.webhook_path("happy-paws")
    return url


def move_until_killed(source: str, target: str, kills_at: int) -> None:
    """Move in tiny batches, and kill -9 this process after so many of them."""
    left = kills_at

    def look(so_far: MoveProgress) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    # A batch of this release would hold all of the test's rows.
    move.move.__kwdefaults__["batch_rows"] = 2
    move_desk(source, target, progress=look)
    print("moved")


if __name__ == "__main__":
    move_until_killed(sys.argv[1], sys.argv[2], int(sys.argv[3]))
