"""P10 at the desk: every method of a desk, called at practice A with B's ids and words, on both stores."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import attrs
import pytest
from attrs import define
from desks import KIM, Clock

import convokit
from convokit import Client, ConvokitError, Patient, Practice, PracticeDesk, Rules
from convokit.domain.departments import Department
from convokit.gateways.payments_simulator import PaymentsSimulator
from convokit.gateways.simulator import Simulator

CANARY = "canary-of-b"
B_PHONE = "+13035550188"
B_CLIENT = Client(id="b-client", name=f"Ana {CANARY}", phone=B_PHONE, email=f"{CANARY}@example.com")
B_STAFF = convokit.Staff(id="b-staff", name=f"Kim {CANARY}")
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
SINCE, UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)


@define
class Two:
    """Practices A and B of one kit. ``talk``, ``message``, ... are ids of B's; ``own`` is a conversation of A's."""

    a: PracticeDesk
    b: PracticeDesk
    own: str = ""
    own_message: str = ""
    talk: str = ""
    chat: str = ""
    message: str = ""
    payment: str = ""
    upload: str = ""
    attachment: str = ""

    def of_b(self) -> object:
        """B's upload as a value, as somebody who had got hold of it would give it."""
        return self.b.uploaded(self.upload, by=B_STAFF)


def settle(kit: convokit.Convokit, clock: Clock, *providers: Any) -> None:
    for _ in range(8):
        done = kit.work().performed
        clock.pass_(seconds=30)
        if not done + sum(one.step() for one in providers):
            return


@pytest.fixture
def two(store_url: str, tmp_path: Path) -> Iterator[Two]:
    clock, carrier, till, numbers = Clock(), Simulator(seed=7), PaymentsSimulator(seed=7), count(1)
    with convokit.open(
        store_url,
        plugins=[carrier, till],
        clock=clock,
        fresh_id=lambda prefix: f"{prefix}_{next(numbers):06d}",
        public_url="https://host.example/hooks",
        media=f"folder:///{tmp_path}/files",
    ) as kit:
        rules = Rules(departments=[Department(id="b-dept", name=f"Surgery {CANARY}")])
        kit.add_practice(Practice(id="a", name="A", region="US", numbers=["+13035550100"]))
        kit.add_practice(Practice(id="b", name=f"B {CANARY}", region="US", numbers=["+13035550101"], rules=rules))
        carrier.connect(kit)
        till.connect(kit)
        made = Two(kit.practice("a"), kit.practice("b"))
        fill(made, lambda: settle(kit, clock, carrier, till))
        yield made


def fill(made: Two, settled: Callable[[], None]) -> None:
    a, b = made.a, made.b
    made.own = a.start(client=Client(id="a-client", name="Bob", phone="+13035550177"), channel="sms", by=KIM).id
    made.own_message = a.send(made.own, "of a", by=KIM).id
    pet = Patient(id="b-pet", name=f"Bella {CANARY}")
    talk = b.start(client=B_CLIENT, patient=pet, channel="sms", title=CANARY, by=B_STAFF)
    made.talk, made.message = talk.id, b.send(talk.id, CANARY, by=B_STAFF).id
    chat = b.start(client=B_CLIENT, channel="app", by=B_STAFF)
    made.chat = chat.id
    sent = b.send(chat.id, CANARY, by=B_STAFF, attachments=[PDF])
    made.attachment = sent.attachments[0].id
    made.upload = b.upload("canary-of-b.pdf", PDF, by=B_STAFF).id
    made.payment = b.request_payment(chat.id, title=CANARY, amount="10.00", currency="USD", by=B_STAFF).id
    b.set_client_note(B_CLIENT.id, CANARY, by=B_STAFF)
    settled()
    b.opt_out(B_PHONE, by=B_STAFF, reason=CANARY)


Row = tuple[Callable[[Two], object], str | object]
EMPTY = object()
"""It answers, and the answer holds nothing."""
ANSWERS = object()
"""It answers of A: what it says holds nothing of B."""

BY = {"by": KIM}
TALK, MESSAGE = "conversation.unknown", "message.unknown"
ROWS: dict[str, list[Row]] = {
    "app_conversations": [(lambda t: t.a.app_conversations("b-client"), EMPTY)],
    "app_departments": [(lambda t: t.a.app_departments(), ANSWERS)],
    "app_message": [(lambda t: t.a.app_message(Client(id="b-client", name="Eve"), "hi"), ANSWERS)],
    "app_opened": [(lambda t: t.a.app_opened("b-client"), EMPTY)],
    "app_payment_opened": [(lambda t: t.a.app_payment_opened(t.payment, client_id="b-client"), "payment.unknown")],
    "app_register": [(lambda t: t.a.app_register("b-client", transport="webpush", token="t"), "push.transport")],
    "app_registrations": [(lambda t: t.a.app_registrations("b-client"), EMPTY)],
    "app_unregister": [(lambda t: t.a.app_unregister("b-client", "push_000001"), EMPTY)],
    "app_read": [(lambda t: t.a.app_read(t.chat, client_id="b-client"), TALK)],
    "app_thread": [(lambda t: t.a.app_thread(t.chat, client_id="b-client"), TALK)],
    "assign": [(lambda t: t.a.assign(t.talk, KIM, **BY), TALK)],
    "assignees": [(lambda t: t.a.assignees(), EMPTY)],
    "attachment": [(lambda t: t.a.attachment(t.attachment, **BY), "attachment.unknown")],
    "badges": [(lambda t: t.a.badges(), ANSWERS)],
    "can_request_payment": [(lambda t: t.a.can_request_payment(t.chat), TALK)],
    "cancel_payment": [(lambda t: t.a.cancel_payment(t.payment, **BY), "payment.unknown")],
    "changes": [(lambda t: t.a.changes(0), ANSWERS)],
    "channels": [(lambda t: t.a.channels(Client(id="b-client", name="Eve", phone=B_PHONE)), ANSWERS)],
    "choose_client": [(lambda t: t.a.choose_client(t.talk, "b-client", **BY), TALK)],
    "client_note": [(lambda t: t.a.client_note("b-client").text, EMPTY)],
    "consent": [(lambda t: t.a.consent(B_PHONE).opted_out, EMPTY)],
    "consent_ledger": [(lambda t: t.a.consent_ledger(B_PHONE), EMPTY)],
    "conversation": [(lambda t: t.a.conversation(t.talk), TALK)],
    "departments": [(lambda t: t.a.departments(), ANSWERS)],
    "dismiss_maybe": [(lambda t: t.a.dismiss_maybe(B_PHONE, **BY, reason="x"), ANSWERS)],
    "end": [(lambda t: t.a.end(t.talk, **BY), TALK)],
    "end_of_day": [(lambda t: t.a.end_of_day(), ANSWERS)],
    "entries": [(lambda t: list(t.a.entries(t.talk)), TALK)],
    "erase_client": [
        (lambda t: t.a.erase_client("b-client", **BY, reason="x"), ANSWERS),
        (lambda t: t.a.erase_client("nobody", **BY, reason="x", numbers=[B_PHONE]), ANSWERS),
    ],
    "file_transcript": [(lambda t: t.a.file_transcript(t.talk, **BY), TALK)],
    "file_url": [(lambda t: t.a.file_url(t.attachment, **BY), "attachment.unknown")],
    "find_clients": [(lambda t: t.a.find_clients(CANARY), EMPTY)],
    "history": [(lambda t: t.a.history().items, EMPTY)],
    "inbox": [
        (lambda t: t.a.inbox(channel="app").items, EMPTY),
        (lambda t: t.a.inbox(department="b-dept").items, EMPTY),
    ],
    "leave": [
        (lambda t: t.a.leave(t.talk, t.message, **BY), MESSAGE),
        (lambda t: t.a.leave(t.own, t.message, **BY), MESSAGE),
        (lambda t: t.a.leave(t.talk, t.own_message, **BY), TALK),
    ],
    "mark_read": [(lambda t: t.a.mark_read(t.talk, **BY), TALK)],
    "mark_unread": [(lambda t: t.a.mark_unread(t.talk, **BY), TALK)],
    "message": [(lambda t: t.a.message(t.message), MESSAGE)],
    "move": [
        (lambda t: t.a.move(t.talk, "", **BY), TALK),
        (lambda t: t.a.move(t.own, "b-dept", **BY), "department.unknown"),
    ],
    "number_health": [(lambda t: t.a.number_health(B_PHONE), ANSWERS)],
    "open_file": [(lambda t: list(t.a.open_file(t.attachment, **BY)), "attachment.unknown")],
    "open_now": [(lambda t: t.a.open_now("b-dept"), "department.unknown")],
    "opt_in": [(lambda t: t.a.opt_in(B_PHONE, **BY, reason="x"), ANSWERS)],
    "opt_out": [(lambda t: t.a.opt_out(B_PHONE, **BY, reason="x"), ANSWERS)],
    "past_due": [(lambda t: t.a.past_due(t.talk), TALK)],
    "past_due_for": [(lambda t: t.a.past_due_for([t.b.conversation(t.talk)])[t.talk].items, EMPTY)],
    "payment": [(lambda t: t.a.payment(t.payment), "payment.unknown")],
    "payments": [(lambda t: t.a.payments(t.chat), TALK)],
    "payments_report": [(lambda t: t.a.payments_report(SINCE, UNTIL), ANSWERS)],
    "rename_team_member": [(lambda t: t.a.rename_team_member(t.talk, "Eve", **BY), TALK)],
    "request_payment": [(lambda t: t.a.request_payment(t.chat, amount="1.00", currency="USD", title="x", **BY), TALK)],
    "restart": [(lambda t: t.a.restart(t.talk, **BY), TALK)],
    "revoke_links": [(lambda t: t.a.revoke_links(t.message), MESSAGE)],
    "newest_change": [(lambda t: t.a.newest_change(), ANSWERS)],
    "note": [(lambda t: t.a.note(t.talk, "of a", **BY), TALK)],
    "search": [(lambda t: t.a.search(CANARY).items, EMPTY), (lambda t: t.a.search(B_PHONE).items, EMPTY)],
    "send": [
        (lambda t: t.a.send(t.talk, "hi", **BY), TALK),
        (lambda t: t.a.send(t.own, "hi", by=B_STAFF, attachments=[t.of_b()]), "upload.unknown"),
    ],
    "send_again": [
        (lambda t: t.a.send_again(t.talk, t.message, **BY), MESSAGE),
        (lambda t: t.a.send_again(t.own, t.message, **BY), MESSAGE),
    ],
    "send_and_end": [(lambda t: t.a.send_and_end(t.talk, "hi", **BY), TALK)],
    "set_client": [(lambda t: t.a.set_client(t.talk, Client(id="b-client", name="Eve"), **BY), TALK)],
    "set_patient": [(lambda t: t.a.set_patient(t.talk, Patient(id="b-pet", name="Eve"), **BY), TALK)],
    "set_client_note": [(lambda t: t.a.set_client_note("b-client", "of a", **BY), ANSWERS)],
    "set_urgency": [(lambda t: t.a.set_urgency(t.talk, "urgent", **BY), TALK)],
    "start": [(lambda t: t.a.start(client=Client(id="b-client", name="Eve", phone=B_PHONE), **BY), ANSWERS)],
    "thread": [(lambda t: t.a.thread(t.talk), TALK)],
    "transcript": [(lambda t: t.a.transcript(t.talk), TALK), (lambda t: t.a.transcript(t.talk, **BY), TALK)],
    "transcript_taken": [(lambda t: t.a.transcript_taken(t.b.transcript(t.talk), **BY), TALK)],
    "upload": [(lambda t: t.a.upload("x.pdf", PDF, by=B_STAFF), ANSWERS)],
    "uploaded": [(lambda t: t.a.uploaded(t.upload, by=B_STAFF), "upload.unknown")],
}
"""Every method of a desk: calls at A with what is B's, and the code of the refusal, or what is answered."""

HOW = (
    "Add a line to ROWS of this file: call the method at A (t.a) with B's ids (t.talk, t.message, ...) and say with "
    "which code it refuses, EMPTY or ANSWERS. If it is about something new, let fill() give B one with CANARY in it."
)


def methods() -> set[str]:
    return {name for name, _ in inspect.getmembers(PracticeDesk, inspect.isfunction) if not name.startswith("_")}


def seen(value: object) -> str:
    """Everything in a value as text, hidden fields and errors included."""
    if isinstance(value, ConvokitError):
        return f"{value!r} {value.message} {value.field} {value.limit}"
    if isinstance(value, Mapping):
        return " ".join(f"{seen(key)} {seen(cell)}" for key, cell in value.items())
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes)):
        return " ".join(map(seen, value))
    if attrs.has(type(value)):
        return " ".join(seen(getattr(value, cell.name)) for cell in attrs.fields(type(value)))
    return repr(value)


def everything_of(desk: PracticeDesk, two: Two) -> str:
    """All that B can read of itself."""
    rows = (*desk.inbox(limit=200).items, *desk.history(limit=200).items)
    return seen(
        [
            rows,
            desk.badges(),
            desk.changes(0),
            [list(desk.entries(row.id)) for row in rows],
            [(desk.consent(B_PHONE), desk.consent_ledger(B_PHONE), desk.number_health(B_PHONE))],
            desk.client_note(B_CLIENT.id),
            [desk.payments(row.id) for row in rows],
            desk.payments_report(SINCE, UNTIL),
            (desk.uploaded(two.upload, by=B_STAFF), desk.attachment(two.attachment, by=B_STAFF)),
            desk.search(CANARY).items,
            desk.end_of_day(),
        ]
    )


def test_p10_the_table_names_every_method_of_a_desk() -> None:
    missing, gone = sorted(methods() - ROWS.keys()), sorted(ROWS.keys() - methods())
    assert not missing, f"without a row: {', '.join(missing)}. {HOW}"
    assert not gone, f"rows of methods that are gone: {', '.join(gone)}"


@pytest.mark.parametrize(("name", "number"), [(name, n) for name in sorted(ROWS) for n in range(len(ROWS[name]))])
def test_p10_a_desk_with_the_ids_of_another_practice(two: Two, name: str, number: int) -> None:
    call, expected = ROWS[name][number]
    before = everything_of(two.b, two)
    assert CANARY in before
    answer: object
    try:
        answer = call(two)
    except ConvokitError as error:
        answer = error
    # by= is A's own word, and "hi" or an upload that A makes itself is A's; B's words must not come back.
    said = seen(answer).replace(repr(B_STAFF.name), "")
    assert CANARY not in said, HOW
    if isinstance(answer, ConvokitError):
        assert expected == answer.code, f"{answer!r}. {HOW}"
    elif expected is EMPTY:
        assert not answer, HOW
    else:
        assert expected is ANSWERS, f"it answered: {answer!r}. {HOW}"
    assert everything_of(two.b, two) == before, f"B has changed. {HOW}"


def test_p10_the_table_catches_a_desk_that_forgets_its_practice(two: Two) -> None:
    """The mutant of this harness: a desk of A whose store answers for B."""

    class Leaking:
        def __init__(self, store: Any) -> None:
            self._store = store

        def __getattr__(self, name: str) -> Any:
            method = getattr(self._store, name)
            return lambda practice, *rest, **more: method("b" if practice == "a" else practice, *rest, **more)

    two.a._store = Leaking(two.a._store)  # type: ignore[assignment]
    call, _ = ROWS["conversation"][0]
    assert CANARY in seen(call(two))
