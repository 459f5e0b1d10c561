"""A week at the practice, played through the desk's own calls: history, and a morning with something in every state."""

from __future__ import annotations

from typing import Final

from convokit.cli.demo.props import handout, photo
from convokit.domain.delivery import Channel
from convokit.domain.people import Client, Staff
from convokit.gateways.simulator import Weather
from convokit_dashboard.demo import cast
from convokit_dashboard.demo.cast import KIM, PETS, SAM
from convokit_dashboard.demo.living import QUICK, Living

_NEVER: Final = 10_000_000.0
_SILENT: Final = Weather(delay_seconds=(_NEVER, _NEVER), no_answer=1.0)
"""A carrier that takes a text, but whose answer and reports never come."""

_TALKS: Final = (
    (6, "09:05", cast.NORA, SAM, "Biscuit's nails", "Can I bring Biscuit in for a nail trim?", "Sure, 3 pm today?"),
    (
        6,
        "14:20",
        cast.KARL,
        KIM,
        "Bruno's knee",
        "Bruno walks fine again!",
        "Wonderful. Keep the leash short.",
    ),
    (5, "10:11", cast.MILO, SAM, "Ziggy's food", "Do you have the renal food?", "Yes, two bags are set aside for you."),
    (4, "11:40", cast.FARID, KIM, "Luna's blood test", "Any news?", "All values are normal. See you in spring!"),
    (3, "15:02", cast.LENA, SAM, "Coco's passport", "Is her passport ready?", "It is. You can pick it up until 6."),
    (2, "09:30", cast.GRACE, KIM, "Pepper's ears", "His ears smell again", "Please come at 4, we will have a look."),
)
"""Conversations of the days before: client asks, the practice answers, it is ended."""


class Week:
    """Plays the week."""

    def __init__(self, living: Living) -> None:
        self.living = living

    def play(self) -> None:
        """All of it; it ends late in the morning of today."""
        for days_ago, time, client, staff, title, question, answer in _TALKS:
            self._talk(days_ago, time, client, staff, title, question, answer)
        self._yesterday()
        self._failures()
        self._morning()
        self.living.at(0, "10:42")

    # --- small acts --------------------------------------------------------------------------------------------------
    def _asks(self, client: Client, words: str) -> None:
        living = self.living
        if client.has_app:
            living.desk.app_message(client, words, patient=PETS[client.id])
        else:
            living.texts(client, words)

    def _answers(self, client: Client, words: str, staff: Staff) -> None:
        self.living.desk.send(self.living.of(client).id, words, by=staff)
        self.living.wait(20)

    def _sees(self, client: Client) -> None:
        desk = self.living.desk
        desk.app_opened(client.id)
        desk.app_read(self.living.of(client).id, client_id=client.id)

    def _talk(
        self, days_ago: int, time: str, client: Client, staff: Staff, title: str, question: str, answer: str
    ) -> None:
        living = self.living
        living.at(days_ago, time)
        channel: Channel = "app" if client.has_app else "sms"
        talk = living.desk.start(client=client, patient=PETS[client.id], channel=channel, title=title, by=staff)
        living.wait(60)
        self._asks(client, question)
        living.wait(240)
        self._answers(client, answer, staff)
        if client.has_app:
            self._sees(client)
        living.wait(900)
        self._asks(client, "Thank you!")
        living.wait(30)
        living.desk.mark_read(talk.id, by=staff)
        living.desk.end(talk.id, by=staff)
        living.wait(5)

    # --- the days ----------------------------------------------------------------------------------------------------
    def _yesterday(self) -> None:
        """A photo, a department, a PDF, a note; and a payment."""
        living, desk = self.living, self.living.desk
        living.at(1, "15:10")
        ines = cast.INES
        seen = desk.upload("nala-ear.jpg", photo(), by=ines)
        desk.app_message(ines, "This spot on Nala's ear is new", patient=PETS[ines.id], attachments=[seen])
        talk = living.of(ines)
        desk.move(talk.id, "skin", by=SAM)
        desk.assign(talk.id, KIM, by=SAM)
        desk.note(talk.id, "Looks like ringworm. Culture on Thursday; warn the family about the kids.", by=KIM)
        living.wait(400)
        sheet = desk.upload("ear-care.pdf", handout(), by=KIM)
        words = "Please do not touch it. Here is how to clean the ear until we see her."
        desk.send(talk.id, words, by=KIM, attachments=[sheet])
        self._sees(ines)
        living.at(1, "16:30")
        self._pays(cast.MILO, "Ziggy's dental cleaning", "1038", "212.00")

    def _pays(self, client: Client, title: str, invoice: str, amount: str) -> None:
        living, desk = self.living, self.living.desk
        talk = desk.start(
            client=client, patient=PETS[client.id], channel="app", title=title, department="dental", by=SAM
        )
        desk.send(talk.id, "Ziggy did great, his teeth are like new.", by=SAM)
        asked = desk.request_payment(talk.id, title=title, invoice=invoice, amount=amount, currency="USD", by=SAM)
        living.wait(30)
        link = living.payments.link(asked.id)
        link.open()
        living.wait(90)
        link.pay()
        living.wait(20)
        self._sees(client)
        desk.mark_read(talk.id, by=SAM)

    def _failures(self) -> None:
        """A phone that is off, an answer that never came, an opt-out."""
        living, desk = self.living, self.living.desk
        living.at(0, "08:20")
        living.carrier.phone(cast.DAN.phone or "").state = "off"
        dan = desk.start(client=cast.DAN, patient=PETS[cast.DAN.id], channel="sms", title="Stitches", by=SAM)
        desk.send(dan.id, "Reminder: Rex's stitches come out today at 2 pm.", by=SAM)
        living.wait(20)
        farid = desk.start(client=cast.FARID, patient=PETS[cast.FARID.id], channel="sms", title="Vaccination", by=SAM)
        living.carrier.weather = _SILENT
        desk.send(farid.id, "Luna is due for her rabies shot. Thursday at 10?", by=SAM)
        living.wait(20)
        living.carrier.weather = QUICK
        living.at(0, "08:45")
        eva = desk.start(client=cast.EVA, patient=PETS[cast.EVA.id], channel="sms", title="Dental week", by=SAM)
        desk.send(eva.id, "Dental check-ups are 20% off this week. Shall we book Otto in?", by=SAM)
        living.wait(300)
        living.texts(cast.EVA, "STOP")
        living.wait(20)
        desk.mark_read(eva.id, by=SAM)

    def _morning(self) -> None:
        """What waits now."""
        living, desk = self.living, self.living.desk
        living.at(0, "09:02")
        living.texts(cast.GRACE, "Can Pepper have his bath on Friday? And please stop the promo texts")
        living.at(0, "09:15")
        living.texts(cast.HANNA, "Figaro is eating again!")
        living.at(0, "09:48")
        self._asks(cast.CHLOE, "Mochi needs a refill of her thyroid pills, please.")
        living.at(0, "10:06")
        living.texts(cast.ANA, "Hi, are Bella's lab results in yet?")
        living.at(0, "10:18")
        living.texts(cast.STRANGER, "Do you see rabbits too?")
        living.at(0, "10:31")
        self._asks(cast.BEN, "Max ate a bar of dark chocolate and he is shaking")
        desk.set_urgency(living.of(cast.BEN).id, "urgent", by=KIM)
        living.at(0, "10:33")
        self._answers(cast.BEN, "Please bring Max in now, we are ready for him. How much did he eat?", KIM)
        self._sees(cast.BEN)
        living.at(0, "10:36")
        self._asks(cast.BEN, "About half of it. We are in the car, 10 minutes away.")
        living.at(0, "10:38")
        living.texts(cast.ANA, "And can I stop by at 5 to get her food?")
        lena = desk.start(client=cast.LENA, patient=PETS[cast.LENA.id], channel="app", title="Heartworm test", by=SAM)
        desk.set_urgency(lena.id, "high", by=SAM)
        desk.send(lena.id, "Coco's heartworm test is past due. Would Monday at 9 suit you?", by=SAM)
