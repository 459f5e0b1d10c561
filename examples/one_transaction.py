"""An invoice of the host's own and the message about it: both are stored, or neither."""

import sqlalchemy as sa

import convokit
from convokit.gateways.simulator import Simulator

URL = "sqlite:///practice.db"  # the desk's tables and the host's are in one database; PostgreSQL works alike

carrier = Simulator(seed=7)
kit = convokit.open(URL, plugins=[carrier])
kit.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws", region="US", numbers=["+13035550100"]))
carrier.connect(kit)
desk = kit.practice("happy-paws")
kim = convokit.Staff(id="u1", name="Dr. Kim")
ana = convokit.Client(id="c17", name="Ana Ruiz", phone="(303) 555-0123")
talk = desk.start(client=ana, channel="sms", by=kim)

engine = sa.create_engine(URL)
metadata = sa.MetaData()
invoice = sa.Table("invoice", metadata, sa.Column("number", sa.Text, primary_key=True))
metadata.create_all(engine)


def bill(number: str, *, fail: bool = False) -> None:
    """Store an invoice and tell the client, in one transaction."""
    with engine.begin() as connection, kit.within(connection):
        connection.execute(invoice.insert().values(number=number))
        desk.send(talk.id, f"Invoice {number} is ready.", by=kim)
        if fail:
            raise RuntimeError("the printer is on fire")


bill("1042")
try:
    bill("1043", fail=True)
except RuntimeError as error:
    print(f"1043: {error}")

with engine.connect() as connection:
    print("invoices:", *connection.scalars(sa.select(invoice.c.number)))
print("messages:", *(entry.text for entry in desk.entries(talk.id) if entry.kind == "message"))
print("handed over:", kit.work().performed)
kit.close()
engine.dispose()
