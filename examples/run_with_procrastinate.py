"""Two workers share the work through Procrastinate: python run_with_procrastinate.py OWNER_URL APP_URL

Both URLs lead to one empty PostgreSQL database: as the role that owns the tables, and as the one that uses them.
"""

import sys
import threading
import time
from urllib.parse import urlsplit

from convokit_engine_procrastinate.address import conninfo_of
from convokit_engine_procrastinate.schema import make

import convokit
from convokit.gateways.simulator import Simulator
from convokit.stores.sql.postgres import migrate

owner, url = sys.argv[1:]
role = urlsplit(url).username or ""
migrate(owner, app_roles=[role])  # `convokit migrate --db OWNER_URL --app-role ROLE`
make(conninfo_of(owner), [role])  # `convokit --plugin procrastinate procrastinate --db OWNER_URL --app-role ROLE`


def opened() -> convokit.Convokit:
    """A kit, as every process of a host opens it; with a carrier inside the process instead of a real one."""
    settings = {"procrastinate": {"sweep_seconds": 0.5, "mails": 1}}
    return convokit.open(url, plugins=["procrastinate", Simulator(seed=7)], settings=settings)


with opened() as web:  # a web process: it writes names, and performs nothing
    web.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws", region="US", numbers=["+13035550100"]))
    desk = web.practice("happy-paws")
    kim = convokit.Staff(id="u1", name="Dr. Kim")
    sent = []
    for number in range(5):
        client = convokit.Client(id=f"c{number}", name="Ana Ruiz", phone=f"+1303555012{number}")
        talk = desk.start(client=client, channel="sms", by=kim)
        sent.append(desk.send(talk.id, "The results are in.", by=kim))
    print("owed:", web.store.unsettled())
    print(web.dispatcher.health().words.partition(": ")[2])

    with opened() as one, opened() as other:  # two workers; each would be `convokit worker --plugin procrastinate`
        workers = [threading.Thread(target=kit.run, kwargs={"threads": 3}) for kit in (one, other)]
        for worker in workers:
            worker.start()
        while web.store.unsettled():
            time.sleep(0.05)
        for kit in (one, other):
            kit.stop()
        for worker in workers:
            worker.join()

    for message in sent:
        if check := desk.message(message.id).indicator:
            print(check.label)
