"""Forget a client: their words, names and files go, the number stays opted out, and a report says what is left."""

import convokit
from convokit.gateways.simulator import Simulator

OURS, ANA = "+13035550100", "+13035550123"

carrier = Simulator(seed=7)
kit = convokit.open("sqlite:///desk.db", plugins=[carrier], public_url="https://desk.example.com")
kit.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws", region="US", numbers=[OURS]))
carrier.connect(kit)
desk = kit.practice("happy-paws")
kim = convokit.Staff(id="u1", name="Dr. Kim")

client = convokit.Client(id="c17", name="Ana Ruiz", phone=ANA, email="ana@example.com")
talk = desk.start(client=client, channel="sms", title="Lab results", by=kim)
desk.send(talk.id, "Bella's results are in.", by=kim, attachments=[b"%PDF-1.4\n%%EOF\n"])
carrier.phone(ANA).text(OURS, "Please stop texting me")

report = desk.erase_client("c17", by=kim, reason="request of 2 March")
print(
    f"{report.conversations} conversation, {report.entries} entries, {report.files} file; {report.withdrawn} not sent"
)
for kept in report.kept:
    print(f"kept {kept.until}: {kept.what}")

again = desk.start(client=client, channel="sms", by=kim)
print("a text to her:", desk.send(again.id, "Hello", by=kim).reason)
kit.close()
