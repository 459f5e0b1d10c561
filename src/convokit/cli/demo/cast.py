"""Who takes part in the demo. Every name is made up; every number is one that no telephone has (555-01xx)."""

from __future__ import annotations

from typing import Final

from convokit.domain.audience import AppAudience
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

PRACTICE: Final = Practice(
    id="happy-paws",
    name="Happy Paws",
    time_zone="America/Denver",
    region="US",
    numbers=["+13035550100"],
    rules=Rules(
        departments=(
            Department(
                id="skin",
                name="Dermatology",
                greeting="Dr. Kim looks at skin, ears and coat. A photo in good light helps.",
                hours=ConversationHours(
                    week={"mon-fri": "8:00-18:00"},
                    greeting="Thank you for writing to Dermatology of {practice}. Dr. Kim answers before 6 pm.",
                ),
            ),
            Department(id="lab", name="Laboratory", in_app=False),
        ),
        app=AppAudience(who="selected", clients={"c12", "c13", "c18", "c23"}),
        canned=(CannedReply(title="Ready", text="Hello {client}, {patient} is ready to go home. {staff}, {practice}"),),
        hours=ConversationHours(
            week={"mon-fri": "8:00-18:00"},
            holidays=["2026-05-11"],
            away="{practice} is closed until 8 am. For emergencies call (303) 555-0199.",
        ),
        mail=MailRules(sender="desk@happy-paws.example", transcript_to=["client", "records@happy-paws.example"]),
        end_of_day=EndOfDay(recipients=["desk@happy-paws.example"], time="17:30", holidays=["2026-05-11"]),
        payments=PaymentRules(currencies=["USD"], expiry_hours=3),
    ),
)
NUMBER: Final = "+13035550100"
SECOND_NUMBER: Final = "+13035550101"

SAM: Final = Staff(id="u2", name="Sam")
KIM: Final = Staff(id="u1", name="Dr. Kim")

ANA: Final = Client(id="c11", name="Ana Ruiz", phone="+13035550123", email="ana@example.com")
BEN: Final = Client(id="c12", name="Ben Ortega")
CHLOE: Final = Client(id="c13", name="Chloe Tran")
DAN: Final = Client(id="c14", name="Dan White", phone="+13035550144")
EVA: Final = Client(id="c15", name="Eva Lind", phone="+13035550155")
FARID: Final = Client(id="c16", name="Farid Aziz", phone="+13035550166")
GRACE: Final = Client(id="c17", name="Grace Lee", phone="+13035550177")
INES: Final = Client(id="c18", name="Ines Costa")
HANNA: Final = Client(id="c19", name="Hanna Berg", phone="+13035550111")
HUGO: Final = Client(id="c20", name="Hugo Berg", phone="+13035550111")
KARL: Final = Client(id="c21", name="Karl Moe", phone="+13035550133")
LENA: Final = Client(id="c22", name="Lena Park", phone="+13035550122")
OLGA: Final = Client(id="c23", name="Olga Petrov", phone="+13035550124")
OMAR: Final = Client(id="c24", name="Omar Haddad", phone="+13035550125")
PILAR: Final = Client(id="c25", name="Pilar Gomez", phone="+13035550126")
AMELIE: Final = Client(id="c26", name="Amélie Roy", phone="+13035550127")
PAUL: Final = Client(id="c27", name="Paul Nagy", phone="+13035550128")
STRANGER: Final = "+13035550188"

PETS: Final = {
    ANA.id: Patient(id="p1", name="Bella"),
    BEN.id: Patient(id="p2", name="Max"),
    CHLOE.id: Patient(id="p3", name="Mochi"),
    DAN.id: Patient(id="p4", name="Rex"),
    EVA.id: Patient(id="p5", name="Otto"),
    FARID.id: Patient(id="p6", name="Luna"),
    GRACE.id: Patient(id="p7", name="Pepper"),
    INES.id: Patient(id="p8", name="Nala"),
    HANNA.id: Patient(id="p9", name="Figaro"),
    HUGO.id: Patient(id="p9", name="Figaro"),
    KARL.id: Patient(id="p10", name="Bruno"),
    LENA.id: Patient(id="p11", name="Coco"),
    OLGA.id: Patient(id="p12", name="Milo"),
    OMAR.id: Patient(id="p13", name="Zaza"),
    PILAR.id: Patient(id="p14", name="Lola"),
    AMELIE.id: Patient(id="p15", name="Minou"),
    PAUL.id: Patient(id="p16", name="Kiwi"),
}
MISO: Final = Patient(id="p17", name="Miso")
"""Chloe's other cat."""
CLIENTS: Final = (ANA, BEN, CHLOE, DAN, EVA, FARID, GRACE, INES, HANNA, HUGO, KARL, LENA, OLGA, OMAR, PILAR, PAUL)
"""Whose numbers the host's directory has. Amélie has a new phone."""


class ClientBook:
    """The host's client directory, as a plugin of the host."""

    name = "client-book"

    @hookimpl
    def convokit_directory(self) -> Directory:
        """The directory is this object itself."""
        return self

    def who_has(self, practice_id: str, address: str) -> tuple[Match, ...]:
        """Clients of the practice with this number."""
        return tuple(
            Match(client=client, patient=PETS[client.id])
            for client in CLIENTS
            if client.phone is not None and normalise_address(client.phone, "US") == address
        )

    def find(self, practice_id: str, words: str) -> tuple[Match, ...]:
        """Clients whose name has the words in it."""
        found = (client for client in (*CLIENTS, AMELIE) if words.casefold() in client.name.casefold())
        return tuple(Match(client=client, patient=PETS[client.id]) for client in found)
