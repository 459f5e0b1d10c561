"""Conversation hours: a client who texts at night is told once, and one who begins a conversation by day is greeted."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import convokit
from convokit.gateways.simulator import Simulator

DENVER = ZoneInfo("America/Denver")
OURS = "+13035550100"


class Clock:
    """The time of day in this story."""

    def __init__(self, start: str) -> None:
        self.now = datetime.fromisoformat(start).replace(tzinfo=DENVER)

    def __call__(self) -> datetime:
        return self.now

    def set(self, moment: str) -> None:
        """Move to a local time."""
        self.now = datetime.fromisoformat(moment).replace(tzinfo=DENVER)


clock, carrier = Clock("2026-03-06T16:30"), Simulator(seed=7)  # a Friday
hours = convokit.ConversationHours(
    week={"mon-fri": "8:00-18:00", "sat": "9:00-12:00"},
    holidays=["12-25", "4th thu nov"],
    exceptions={"2026-12-24": "8:00-12:00"},
    away="{practice} is closed. For emergencies call {phone}.",
    greeting="Thanks for writing to {practice}. We answer within the hour.",
)
kit = convokit.open("memory:", plugins=[carrier], clock=clock)
kit.add_practice(
    convokit.Practice(
        id="happy-paws",
        name="Happy Paws",
        time_zone="America/Denver",
        region="US",
        numbers=[OURS],
        phone="(303) 555-0199",
        rules=convokit.Rules(hours=hours),
    )
)
carrier.connect(kit)
desk = kit.practice("happy-paws")


def write(name: str, number: str, words: str) -> None:
    """A client writes; what their phone gets within a minute."""
    phone = carrier.phone(number)
    before = len(phone.received)
    phone.text(OURS, words)
    kit.work()
    clock.now += timedelta(minutes=1)
    carrier.step()
    print(f"{clock.now:%a %H:%M}  {name}: {words}")
    for text in phone.received[before:]:
        print(f"           -> {text.text}")


write("Ana", "+13035550123", "Can Bella have her pills with food?")
write("Ana", "+13035550123", "The blue ones")
clock.set("2026-03-06T22:00")
write("Ben", "+13035550124", "Max ate chocolate!")
write("Ben", "+13035550124", "About 20 grams")
print(f"The app would show: we answer from {desk.open_now().opens_at:%A %H:%M}")
chat = desk.inbox().items[0]
robot = convokit.Staff(id="reminders", name="Reminders")
reminder = desk.send(chat.id, "Max's check-up is due.", by=robot, automatic=True)  # a program sends it, at night
check = desk.message(reminder.id).indicator
print(f"Reminder: {check.label if check else 'no mark'}")
clock.set("2026-03-07T13:00")
write("Ben", "+13035550124", "He is fine again")
clock.set("2026-03-09T08:00")
print(f"Monday: {len(desk.inbox(awaiting_reply=True).items)} conversations wait for an answer")
kit.close()
