"""Who takes part in the demo. Every name is made up; every number is one that no telephone has (555-01xx)."""

from __future__ import annotations

from typing import Final

from convokit.domain.people import Client, Patient, Staff
from convokit.domain.phone import normalise_address
from convokit.domain.rules import Practice
from convokit.plugins import hookimpl
from convokit.ports.directory import Directory, Match

PRACTICE: Final = Practice(
    id="happy-paws",
    name="Happy Paws",
    time_zone="America/Denver",
    region="US",
    numbers=["+13035550100"],
)
NUMBER: Final = "+13035550100"

SAM: Final = Staff(id="u2", name="Sam")
KIM: Final = Staff(id="u1", name="Dr. Kim")

ANA: Final = Client(id="c11", name="Ana Ruiz", phone="+13035550123", email="ana@example.com")
BEN: Final = Client(id="c12", name="Ben Ortega")
CHLOE: Final = Client(id="c13", name="Chloe Tran")
DAN: Final = Client(id="c14", name="Dan White", phone="+13035550144")
EVA: Final = Client(id="c15", name="Eva Lind", phone="+13035550155")
FARID: Final = Client(id="c16", name="Farid Aziz", phone="+13035550166")
GRACE: Final = Client(id="c17", name="Grace Lee", phone="+13035550177")
STRANGER: Final = "+13035550188"

PETS: Final = {
    ANA.id: Patient(id="p1", name="Bella"),
    BEN.id: Patient(id="p2", name="Max"),
    CHLOE.id: Patient(id="p3", name="Mochi"),
    DAN.id: Patient(id="p4", name="Rex"),
    EVA.id: Patient(id="p5", name="Otto"),
    FARID.id: Patient(id="p6", name="Luna"),
    GRACE.id: Patient(id="p7", name="Pepper"),
}
CLIENTS: Final = (ANA, BEN, CHLOE, DAN, EVA, FARID, GRACE)


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
