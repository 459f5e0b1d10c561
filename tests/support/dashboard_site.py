"""A desk with two practices behind a dashboard, asked over HTTP without a network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from attrs import define, evolve, field
from convokit_dashboard import Visitor, dashboard
from desks import Clock
from scripted_records import ScriptedRecords
from starlette.requests import Request
from starlette.testclient import TestClient

import convokit
from convokit import Client, Department, Patient, Practice, Rules, Staff
from convokit.cli.demo.props import Mailbox
from convokit.gateways.payments_simulator import PaymentsSimulator
from convokit.gateways.simulator import Simulator
from convokit.plugins import hookimpl
from convokit.ports.directory import Directory, Match

CANARY = "canary-of-b"
KIM, SAM = Staff(id="u1", name="Dr. Kim"), Staff(id="u2", name="Sam")
ANA = Client(id="c17", name="Ana Ruiz", phone="+13035550123", email="ana@example.com")
BEN = Client(id="c18", name="Ben Ortega", phone="+13035550124", email="ben@example.com")
BELLA = Patient(id="p4", name="Bella")
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
DEPARTMENTS = [Department(id="skin", name="Dermatology"), Department(id="lab", name="Lab", in_app=False)]


class Book:
    """The host's clients."""

    name = "book"

    @hookimpl
    def convokit_directory(self) -> Directory:
        return self

    def who_has(self, practice_id: str, address: str) -> tuple[Match, ...]:
        return ()

    def find(self, practice_id: str, words: str) -> tuple[Match, ...]:
        if practice_id != "a":
            return (Match(client=Client(id="b-client", name=f"Eve {CANARY}", phone="+13035550188")),)
        known = (Match(client=ANA, patient=BELLA), Match(client=BEN))
        return tuple(one for one in known if words.lower() in one.client.name.lower())


@define
class Made:
    """Ids of things: of practice A, of a department of A that not everybody sees, and of B."""

    talk: str = ""
    chat: str = ""
    message: str = ""
    payment: str = ""
    file: str = ""

    def of(self, name: str) -> str:
        return {"id": self.chat, "message": self.message, "payment": self.payment, "file": self.file}[name]


@define
class Site:
    """The kit, its dashboard, and what is in it."""

    kit: convokit.Convokit
    clock: Clock
    carrier: Simulator
    payments: PaymentsSimulator
    records: ScriptedRecords
    visitor: Visitor | None
    own: Made = field(factory=Made)
    hidden: Made = field(factory=Made)
    foreign: Made = field(factory=Made)
    asked: int = 0

    @property
    def desk(self) -> convokit.PracticeDesk:
        return self.kit.practice("a")

    def settle(self) -> None:
        for _ in range(8):
            done = self.kit.work().performed
            self.clock.pass_(seconds=30)
            if not done + self.carrier.step() + self.payments.step():
                return

    def identify(self, request: Request) -> Visitor | None:
        self.asked += 1
        return self.visitor

    def client(self, **options: object) -> TestClient:
        app = dashboard(self.kit, identify=self.identify, **options)  # type: ignore[arg-type]
        return TestClient(app, follow_redirects=False, raise_server_exceptions=False)

    def acting(self, **changes: object) -> Visitor:
        assert self.visitor is not None
        self.visitor = evolve(self.visitor, **changes)
        return self.visitor


def fill(desk: convokit.PracticeDesk, client: Client, by: Staff, words: str, department: str) -> Made:
    """A conversation by text and one in the app, with a message, a file and a payment."""
    talk = desk.start(client=client, patient=BELLA, channel="sms", title=words, by=by, department=department)
    chat = desk.start(client=client, patient=BELLA, channel="app", title=words, by=by, department=department)
    sent = desk.send(chat.id, words, by=by, attachments=[PDF])
    paid = desk.request_payment(chat.id, title=words, amount="10.00", currency="USD", by=by)
    return Made(talk=talk.id, chat=chat.id, message=sent.id, payment=paid.id, file=sent.attachments[0].id)


@contextmanager
def dashboard_site(*, records: bool = True) -> Iterator[Site]:
    """A kit with two practices, closed afterwards; perhaps without a medical record."""
    cabinet = ScriptedRecords()
    clock, carrier, till, numbers = Clock(), Simulator(seed=7), PaymentsSimulator(seed=7), count(1)
    with convokit.open(
        "memory:",
        plugins=[carrier, till, Book(), Mailbox(Path()), *([cabinet] if records else [])],
        clock=clock,
        fresh_id=lambda prefix: f"{prefix}_{next(numbers):06d}",
        public_url="https://host.example/hooks",
    ) as kit:
        kit.add_practice(
            Practice(
                id="a", name="Happy Paws", region="US", numbers=["+13035550100"], rules=Rules(departments=DEPARTMENTS)
            )
        )
        kit.add_practice(Practice(id="b", name=f"B {CANARY}", region="US", numbers=["+13035550101"]))
        carrier.connect(kit)
        till.connect(kit)
        made = Site(
            kit, clock, carrier, till, cabinet, Visitor(practice_id="a", staff=KIM, manager=True, language="en")
        )
        made.own = fill(made.desk, ANA, KIM, "of A", "")
        made.hidden = fill(made.desk, BEN, SAM, "hidden-of-lab", "lab")
        eve = Client(id="b-client", name=f"Eve {CANARY}", phone="+13035550188")
        made.foreign = fill(kit.practice("b"), eve, Staff(id="b-staff", name=f"Kim {CANARY}"), CANARY, "")
        made.settle()
        yield made


def token_of(web: TestClient) -> str:
    """The proof on a page."""
    found = re.search(r'name="desk-token" content="([^"]+)"', web.get("/active").text)
    assert found is not None
    return found[1]
