"""Departments, the app's audience and the practice's number, as a front desk meets them in one morning.

python departments.py
"""

from __future__ import annotations

import attrs

import convokit
from convokit import AppAudience, Client, Department, Rules, Staff

OURS = "+13035550100"
PRACTICE = convokit.Practice(
    id="happy-paws",
    name="Happy Paws",
    region="US",
    numbers=[OURS],
    sender_states={OURS: "verifying"},  # ordered yesterday, and the carriers are still checking it
    rules=Rules(
        departments=[
            Department(id="", name="Reception"),
            Department(id="surgery", name="Surgery", greeting="We answer between operations."),
            Department(id="billing", name="Billing", in_app=False),
        ],
        app=AppAudience(who="selected", clients={"c17"}),
    ),
)
KIM = Staff(id="u1", name="Dr. Kim")
ANA = Client(id="c17", name="Ana Ruiz", phone="(303) 555-0123")
BEN = Client(id="c18", name="Ben Diaz", phone="(303) 555-0124")


def show_channels(desk: convokit.PracticeDesk, client: Client) -> None:
    """What the dialog for a new conversation says."""
    for choice in desk.channels(client):
        print(f"  {client.name}, {choice.channel}: {choice.reason or 'available'}")


def main() -> None:
    with convokit.open("memory:") as kit:
        kit.add_practice(PRACTICE)
        desk = kit.practice("happy-paws")
        print("The app shows:", ", ".join(one.name for one in desk.app_departments()))

        print("Before the number is verified:")
        for client in (ANA, BEN):
            show_channels(desk, client)

        kit.add_practice(attrs.evolve(PRACTICE, sender_states={}))
        desk = kit.practice("happy-paws")
        print("Afterwards:")
        show_channels(desk, BEN)

        asked = desk.app_message(ANA, "May Bella eat before the operation?", department="surgery")
        surgery = kit.practice("happy-paws", departments=["surgery"])
        billing = kit.practice("happy-paws", departments=["billing"])
        print(f"Open: surgery sees {surgery.badges().active}, billing sees {billing.badges().active}")

        surgery.move(asked.conversation_id, "billing", by=KIM)
        print(f"Open: surgery sees {surgery.badges().active}, billing sees {billing.badges().active}")
        try:
            surgery.send(asked.conversation_id, "One more thing", by=KIM)
        except convokit.NotFound as error:
            print(f"The surgery writes: {error.code}")

        desk.set_client_note("c17", "Works nights: text, do not call.", by=KIM)
        note = billing.client_note("c17")
        print(f"Billing reads: {note.text} ({note.author_name})")


if __name__ == "__main__":
    main()
