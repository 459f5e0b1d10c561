"""A desk that knows a person in every place that it has, for tests of erasing; and a process that dies doing it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from attrs import define, evolve, field
from desks import KIM, OURS, Clock

import convokit
from convokit.domain.delivery import Delivery
from convokit.facts import DeliveryReported
from convokit.gateways.payments_simulator import PaymentsSimulator
from convokit.gateways.simulator import Simulator
from convokit.ports.push import PushToken

CANARY = "Quetzalcoatl"
NUMBER = "+13035550177"
WHO = f"c-{CANARY}"
PERSON = convokit.Client(id=WHO, name=f"{CANARY} Ruiz", phone=NUMBER, email=f"{CANARY}@example.com".lower())
PET = convokit.Patient(id=f"p-{CANARY}", name=f"{CANARY} junior")
TRACES = (CANARY.encode(), CANARY.lower().encode(), CANARY.upper().encode(), NUMBER.lstrip("+").encode())
FILE = f"%PDF-1.4\n% {CANARY}\n%%EOF\n".encode()
RULES = convokit.Rules(mail=convokit.MailRules(sender="desk@happy-paws.example", transcript_to=["client"]))


@define
class Known:
    """A kit on a file, with one practice."""

    folder: Path
    kit: convokit.Convokit
    carrier: Simulator
    clock: Clock
    dies_at: Callable[[], None] = field(default=lambda: None)

    @property
    def desk(self) -> convokit.PracticeDesk:
        return self.kit.practice("happy-paws")

    def settle(self, rounds: int = 6) -> None:
        for _ in range(rounds):
            self.kit.work()
            self.clock.pass_(seconds=30)
            self.carrier.step()

    def erase(self, **more: object) -> convokit.ErasureReport:
        return self.desk.erase_client(WHO, by=KIM, reason="request of 2 March", **more)  # type: ignore[arg-type]  # tests pass what they like


@contextmanager
def known_person(
    folder: Path, *, url: str | None = None, fresh_id: Callable[[str], str] | None = None
) -> Iterator[Known]:
    """The kit; :func:`fill` makes the desk know the person."""
    clock, carrier, numbers = Clock(), Simulator(seed=7), count(1)
    stamp = os.urandom(4).hex()
    with convokit.open(
        url or f"sqlite:///{folder}/desk.db",
        plugins=[carrier, PaymentsSimulator(seed=7)],
        clock=clock,
        public_url="https://desk.example.com",
        fresh_id=fresh_id or (lambda prefix: f"{prefix}_{stamp}_{next(numbers):06d}"),
    ) as kit:
        kit.add_practice(
            convokit.Practice(
                id="happy-paws", name="Happy Paws", time_zone="America/Denver", region="US", numbers=[OURS], rules=RULES
            )
        )
        carrier.connect(kit)
        yield Known(folder=folder, kit=kit, carrier=carrier, clock=clock)


def fill(known: Known, *, opted_out: bool = True) -> None:
    """Put the person into every table that can hold one."""
    desk, store = known.desk, known.kit.store
    phone = known.carrier.phone(NUMBER)
    phone.text(OURS, f"An unknown {CANARY} writes")
    desk.end(desk.inbox().items[0].id, by=KIM, mail_to=[])
    talk = desk.start(client=PERSON, patient=PET, channel="sms", title=f"Labs of {CANARY}", by=KIM)
    desk.send(talk.id, f"Dear {CANARY}, see the file", by=KIM, client_ref=f"ref {CANARY}")
    known.settle()
    phone.text(OURS, f"Thanks says {CANARY}")
    app = desk.start(client=evolve(PERSON, has_app=True), patient=PET, channel="app", title=CANARY, by=KIM)
    desk.send(app.id, f"Photo for {CANARY}", by=KIM, attachments=[desk.upload(f"{CANARY}.pdf", FILE, by=KIM)])
    desk.app_message(PERSON, f"Seen, {CANARY.upper()}", client_ref=f"app-{CANARY}")
    desk.upload(f"{CANARY} staged.pdf", FILE + b"%", by=PERSON)
    desk.set_client_note(WHO, f"{CANARY} works nights", by=KIM)
    desk.request_payment(app.id, title=f"Invoice of {CANARY}", invoice="1042", amount="84.50", currency="USD", by=KIM)
    known.settle()
    desk.rename_team_member(talk.id, "Dr. Kim", by=KIM)
    desk.search(CANARY)
    desk.set_urgency(talk.id, "urgent", by=KIM)
    failed = desk.send(talk.id, f"Bounced for {CANARY}", by=KIM)
    report = DeliveryReported(
        entry_id=failed.id, attempt=1, at_us=1, provider="simulator", delivery=Delivery.FAILED, reason="landline",
        raw=f"no such {CANARY}",
    )  # fmt: skip
    known.kit.steps.take(desk.practice, report)
    store.park("happy-paws", f"unknown-{talk.id}", evolve(report, attempt=0, raw="later"))
    store.keep_unreadable("happy-paws", "simulator", f"?? {NUMBER} {CANARY}".encode(), 1)
    desk.send(talk.id, f"Still owed to {CANARY}", by=KIM)
    phone_of_theirs = PushToken(
        id="app-of-theirs", transport="bell", value=f"{CANARY}-token", app=CANARY, keys={"k": CANARY}, registered_us=1
    )
    store.put_push_token("happy-paws", WHO, phone_of_theirs, most=9)
    if opted_out:
        desk.opt_out(NUMBER, by=KIM, reason=f"{CANARY} asked by phone")
    desk.search(CANARY)


def traces_in(folder: Path) -> dict[str, int]:
    """How many traces of the person each file under a folder has; only files that have some."""
    found = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    counted = {str(path.relative_to(folder)): sum(data.count(t) for t in TRACES) for path, data in found.items()}
    return {name: number for name, number in counted.items() if number}


def main() -> None:
    """Erase, and die where the second argument says: ``rows`` in the transaction, ``files`` before the last file."""
    folder, where = Path(sys.argv[1]), sys.argv[2]
    numbers, armed = count(1), [False]
    stamp = os.urandom(4).hex()

    def fresh_id(prefix: str) -> str:
        if armed[0] and where == "rows":
            os._exit(9)
        return f"{prefix}_{stamp}_{next(numbers):06d}"

    with known_person(folder, fresh_id=fresh_id) as known:
        if where == "files":
            known.kit.files.media.delete = lambda *_: os._exit(9)  # type: ignore[method-assign]  # the death that is asked for
        armed[0] = True
        known.erase()


if __name__ == "__main__":
    main()
