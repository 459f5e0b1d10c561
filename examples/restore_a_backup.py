"""Back a desk up while it is in use, lose it, restore it, and send nothing a second time."""

import sqlite3
from contextlib import closing
from pathlib import Path

import convokit
from convokit.gateways.simulator import Simulator
from convokit.runtime.restoring import hold_back

carrier = Simulator(seed=7)
kim = convokit.Staff(id="u1", name="Dr. Kim")
ana = convokit.Client(id="c17", name="Ana Ruiz", phone="(303) 555-0123")

with convokit.open("sqlite:///desk.db", plugins=[carrier]) as kit:
    kit.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws", region="US", numbers=["+13035550100"]))
    carrier.connect(kit)
    desk = kit.practice("happy-paws")
    talk = desk.start(client=ana, channel="sms", by=kim)
    message = desk.send(talk.id, "Bella may come home.", by=kim)
    with closing(sqlite3.connect("desk.db")) as source, closing(sqlite3.connect("backup.db")) as copy:
        source.backup(copy)
    kit.work()
print("left before the disk died:", len(carrier.taken))

for name in ("desk.db", "desk.db-wal", "desk.db-shm"):
    Path(name).unlink(missing_ok=True)
Path("backup.db").rename("desk.db")

with convokit.open("sqlite:///desk.db", plugins=[carrier]) as kit:
    print("held back:", hold_back(kit).texts)  # before the first worker; or: convokit restored --db desk.db
    kit.work()
    shown = kit.practice("happy-paws").message(message.id).indicator
    print("left since:", len(carrier.taken) - 1)
    if shown is not None:
        print("the front desk sees:", shown.label)
