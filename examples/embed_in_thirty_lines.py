"""A conversations desk inside your practice software, in thirty lines."""

import convokit
from convokit.gateways.simulator import Simulator

carrier = Simulator(seed=7)  # a carrier with phones, inside this process; for real texts: plugins=["kannel"]
kit = convokit.open("sqlite:///desk.db", plugins=[carrier])
kit.add_practice(
    convokit.Practice(
        id="happy-paws", name="Happy Paws", time_zone="America/Denver", region="US", numbers=["+13035550100"]
    )
)
carrier.connect(kit)
desk = kit.practice("happy-paws")  # everything below sees this practice only

ana = convokit.Client(id="c17", name="Ana Ruiz", phone="(303) 555-0123")
kim = convokit.Staff(id="u1", name="Dr. Kim")
c = desk.start(client=ana, patient=convokit.Patient(id="p4", name="Bella"), channel="sms", title="Lab results", by=kim)
m = desk.send(c.id, "Bella's results are in. All good!", by=kim)
kit.work()  # hand over what is owed; kit.run() does so until it is stopped

carrier.phone("+13035550123").text("+13035550100", "Great, thank you!")
for row in desk.inbox(unread=True).items:
    print(f"{row.client_name} / {row.patient_name}: {row.last_text}  ({row.unread} unread)")
if check := desk.message(m.id).indicator:  # the mark that the front desk sees beside it
    print(check.label)

desk.end(c.id, by=kim)
desk.transcript(c.id).write("bella.pdf")
kit.close()
