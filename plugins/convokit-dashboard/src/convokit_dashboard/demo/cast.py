"""Who takes part. Every name is made up; every number is one that no telephone has (555-01xx)."""

from __future__ import annotations

from datetime import date
from typing import Final

from convokit.domain.canned import CannedReply
from convokit.domain.departments import Department
from convokit.domain.hours import ConversationHours
from convokit.domain.mail_rules import EndOfDay, MailRules
from convokit.domain.payment_rules import PaymentRules
from convokit.domain.people import Client, Patient, Staff
from convokit.domain.phone import normalise_address
from convokit.domain.rules import Practice, Rules
from convokit.plugins import hookimpl
from convokit.ports.directory import Directory, Match
from convokit.ports.reminders import Every, PatientReminders, Recurring, Reminder, Reminders

NUMBER: Final = "+13035550100"

PRACTICE: Final = Practice(
    id="happy-paws",
    name="Happy Paws",
    time_zone="America/Denver",
    region="US",
    numbers=[NUMBER],
    phone="(303) 555-0100",
    rules=Rules(
        departments=[
            Department(id="", name="Front desk", greeting="Hi! How can we help you and your pet?"),
            Department(id="skin", name="Dermatology"),
            Department(id="dental", name="Dental care"),
            Department(id="lab", name="Lab", in_app=False),
        ],
        hours=ConversationHours(
            week={"mon-fri": "8:00-18:00", "sat": "9:00-12:00"},
            away="{practice} is closed now and answers in the morning. For emergencies call (303) 555-0199.",
        ),
        mail=MailRules(sender="desk@happy-paws.example", transcript_to=["client"]),
        end_of_day=EndOfDay(recipients=["desk@happy-paws.example"], time="17:30"),
        payments=PaymentRules(currencies=["USD"]),
        canned=[
            CannedReply(title="Ready to pick up", text="Hi {client}, {patient}'s medication is ready at our desk."),
            CannedReply(
                title="Fasting before surgery",
                text="Please give {patient} no food after 10 pm the evening before. Water is fine. {practice}",
            ),
            CannedReply(title="Call us", text="Hi {client}, please give us a call at (303) 555-0100. {staff}"),
        ],
    ),
)

KIM: Final = Staff(id="u1", name="Dr. Kim")
SAM: Final = Staff(id="u2", name="Sam")

ANA: Final = Client(id="c11", name="Ana Ruiz", phone="+13035550123", email="ana@example.com", has_app=True)
BEN: Final = Client(id="c12", name="Ben Ortega", phone="+13035550112", email="ben@example.com", has_app=True)
CHLOE: Final = Client(id="c13", name="Chloe Tran", email="chloe@example.com", has_app=True)
DAN: Final = Client(id="c14", name="Dan White", phone="+13035550144", has_app=False)
EVA: Final = Client(id="c15", name="Eva Lind", phone="+13035550155", has_app=False)
FARID: Final = Client(id="c16", name="Farid Aziz", phone="+13035550166", has_app=False)
GRACE: Final = Client(id="c17", name="Grace Lee", phone="+13035550177", email="grace@example.com", has_app=False)
HANNA: Final = Client(id="c18", name="Hanna Berg", phone="+13035550111", has_app=False)
HUGO: Final = Client(id="c19", name="Hugo Berg", phone="+13035550111", has_app=False)
INES: Final = Client(id="c20", name="Ines Costa", email="ines@example.com", has_app=True)
KARL: Final = Client(id="c21", name="Karl Moe", phone="+13035550133", has_app=False)
LENA: Final = Client(id="c22", name="Lena Park", phone="+13035550122", email="lena@example.com", has_app=True)
MILO: Final = Client(id="c23", name="Milo Novak", phone="+13035550134", has_app=True)
NORA: Final = Client(id="c24", name="Nora Quinn", phone="+13035550145", email="nora@example.com", has_app=False)
STRANGER: Final = "+13035550188"

PETS: Final = {
    ANA.id: Patient(id="p1", name="Bella"),
    BEN.id: Patient(id="p2", name="Max"),
    CHLOE.id: Patient(id="p3", name="Mochi"),
    DAN.id: Patient(id="p4", name="Rex"),
    EVA.id: Patient(id="p5", name="Otto"),
    FARID.id: Patient(id="p6", name="Luna"),
    GRACE.id: Patient(id="p7", name="Pepper"),
    HANNA.id: Patient(id="p9", name="Figaro"),
    HUGO.id: Patient(id="p9", name="Figaro"),
    INES.id: Patient(id="p8", name="Nala"),
    KARL.id: Patient(id="p10", name="Bruno"),
    LENA.id: Patient(id="p11", name="Coco"),
    MILO.id: Patient(id="p12", name="Ziggy"),
    NORA.id: Patient(id="p13", name="Biscuit"),
}
CLIENTS: Final = (ANA, BEN, CHLOE, DAN, EVA, FARID, GRACE, HANNA, HUGO, INES, KARL, LENA, MILO, NORA)
PHONES: Final = (ANA, BEN, CHLOE, DAN, EVA, GRACE, LENA)
"""Whose phone a visitor can hold."""


class ClientBook:
    """The host's client directory: who has a number, and whom words fit."""

    name = "client-book"

    @hookimpl
    def convokit_directory(self) -> Directory:
        """The directory is this object itself."""
        return self

    def who_has(self, practice_id: str, address: str) -> tuple[Match, ...]:
        """Clients with this number."""
        return tuple(
            Match(client=one, patient=PETS[one.id])
            for one in CLIENTS
            if one.phone is not None and normalise_address(one.phone, "US") == address
        )

    def find(self, practice_id: str, words: str) -> tuple[Match, ...]:
        """Clients whose name, pet, number or address has all the words."""
        asked = words.casefold().split()
        found = []
        for one in CLIENTS:
            pet = PETS[one.id]
            known = f"{one.name} {pet.name} {one.phone or ''} {one.email or ''}".casefold()
            if all(word in known for word in asked):
                found.append(Match(client=one, patient=pet))
        return tuple(found)


class Records:
    """The host's records, as far as reminders go."""

    name = "records"

    def __init__(self, today: date) -> None:
        self._today = today

    @hookimpl
    def convokit_reminders(self) -> Reminders:
        """The records are this object itself."""
        return self

    def due_for(self, practice_id: str, patient_id: str) -> PatientReminders | None:
        """What is past due: Bella's rabies shot of three years ago, and more."""
        year, month = self._today.year, self._today.month
        last_month = date(year, month - 1, 1) if month > 1 else date(year - 1, 12, 1)
        known: dict[str, tuple[Reminder | Recurring, ...]] = {
            "p1": (
                Recurring(kind="rabies", since=date(last_month.year - 3, last_month.month, 2), every=Every(years=3)),
                Reminder(kind="wellness exam", due=last_month),
            ),
            "p4": (Reminder(kind="dental", due=last_month),),
            "p8": (Reminder(kind="flea tick", due=last_month), Reminder(kind="vaccination", due=last_month)),
            "p11": (Reminder(kind="heartworm test", due=last_month),),
        }
        reminders = known.get(patient_id)
        return None if reminders is None else PatientReminders(patient_id=patient_id, reminders=reminders)
