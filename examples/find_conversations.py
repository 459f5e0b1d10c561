"""Finding conversations as a front desk does all day: filters, orders, assignment, and search.

python find_conversations.py
"""

from __future__ import annotations

import convokit
from convokit import Client, Patient, Staff

PRACTICE = convokit.Practice(id="happy-paws", name="Happy Paws", region="US", numbers=["+13035550100"])
KIM = Staff(id="u1", name="Dr. Kim")
LEE = Staff(id="u2", name="Lee")
ANA = Client(id="c17", name="Ana Núñez", phone="(303) 555-0123", email="ana@example.com")
BEN = Client(id="c18", name="Ben O'Hara", phone="(303) 555-0124")
BELLA = Patient(id="p4", name="Bella")


def show(title: str, page: convokit.Page[convokit.Conversation]) -> None:
    """One line for each row of a list."""
    print(f"{title}: {', '.join(row.client_name for row in page.items) or 'nobody'}")


def find(desk: convokit.PracticeDesk, text: str) -> None:
    """One line for each hit of a search."""
    for hit in desk.search(text).items:
        state = "ended" if hit.conversation.ended else "open"
        print(f"{text!r} found {hit.conversation.client_name} ({state}) by {hit.matched}: {hit.snippet}")


def main() -> None:
    with convokit.open("memory:") as kit:
        kit.add_practice(PRACTICE)
        desk = kit.practice("happy-paws")
        results = desk.start(client=ANA, patient=BELLA, channel="sms", title="Blood work", by=KIM)
        desk.send(results.id, "Bella's values are back to normal.", by=KIM)
        desk.assign(results.id, LEE, by=KIM)
        desk.app_message(BEN, "Max limps since this morning.")

        show("Waiting for an answer", desk.inbox(awaiting_reply=True))
        show("Nobody looks after", desk.inbox(assignee=""))
        show("Lee looks after", desk.inbox(assignee="u2", channel="sms"))
        show("Unread first", desk.inbox(sort="unread"))

        desk.end(results.id, by=LEE)
        for text in ("nunez", "ohara", "303.555.0123", "bella norm", "limp"):
            find(desk, text)


if __name__ == "__main__":
    main()
