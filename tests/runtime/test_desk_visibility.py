"""A desk that sees only some departments: to it, conversations of the others are not there, whatever is called."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from attrs import evolve, frozen
from desks import ANA, BELLA, HAPPY_PAWS, KIM, OURS, World, world

import convokit
from convokit import Client, ConvokitError, Department, NotFound, PracticeDesk, Rules
from convokit.domain.attachment import Attachment
from convokit.domain.transcript_building import build_transcript
from convokit.gateways.payments_simulator import PaymentsSimulator
from convokit.transcripts import TranscriptDocument

LONG_AGO: Final = datetime(2020, 1, 1, tzinfo=UTC)
PDF: Final = b"%PDF-1.4\n%canary\n%%EOF\n"
CANARY: Final = "canary-of-surgery"
BEN: Final = Client(id="c18", name="Ben", phone="(303) 555-0124")
DEPARTMENTS: Final = (Department(id="surgery", name="Surgery"), Department(id="dental", name="Dental"))
PRACTICE: Final = evolve(HAPPY_PAWS, rules=Rules(departments=DEPARTMENTS))


@frozen
class Stage:
    """The desk of the dental department, and a conversation of the surgery that it must not see."""

    world: World
    desk: PracticeDesk
    whole: PracticeDesk
    hidden: convokit.Conversation
    app: convokit.Conversation
    message: convokit.Entry
    file: convokit.Entry
    payment: str


@pytest.fixture(params=["memory:", "sqlite"])
def stage(request: pytest.FixtureRequest, tmp_path: object) -> Iterator[Stage]:
    url = request.param if request.param == "memory:" else f"sqlite:///{tmp_path}/desk.db"
    with world(url, plugins=(PaymentsSimulator(),)) as made:
        made.kit.add_practice(PRACTICE)
        whole = made.kit.practice("happy-paws")
        hidden = whole.start(
            client=ANA, patient=BELLA, by=KIM, channel="sms", title=CANARY, department="surgery", urgency="urgent"
        )
        message = whole.send(hidden.id, f"{CANARY} one", by=KIM)
        whole.assign(hidden.id, KIM, by=KIM)
        app = whole.start(client=ANA, by=KIM, title=CANARY, department="surgery")
        file = whole.send(app.id, CANARY, by=KIM, attachments=[PDF])
        payment = whole.request_payment(app.id, amount="84.50", currency="USD", by=KIM, title=CANARY)
        whole.start(client=BEN, by=KIM, title="seen", department="dental")
        ended = whole.start(client=BEN, by=KIM, channel="sms", title=CANARY, department="surgery")
        whole.end(ended.id, by=KIM)
        desk = made.kit.practice("happy-paws", departments=["dental"])
        yield Stage(
            made, desk, whole, whole.conversation(hidden.id), whole.conversation(app.id), message, file, payment.id
        )


# What stands for an argument, by its name; the id of a conversation is always the hidden one's.
VALUES: Final[dict[str, Callable[[Stage], object]]] = {
    "conversation_id": lambda s: s.hidden.id,
    "message_id": lambda s: s.message.id,
    "attachment_id": lambda s: s.file.attachments[0].id,
    "payment_id": lambda s: s.payment,
    "amount": lambda s: "10",
    "currency": lambda s: "USD",
    "conversations": lambda s: [s.hidden],
    "document": lambda s: TranscriptDocument(build_transcript(s.whole.practice, s.hidden, ())),
    "by": lambda s: KIM,
    "text": lambda s: "hello",
    "words": lambda s: "Ana",
    "name": lambda s: "Dr. Kim, surgery",
    "urgency": lambda s: "low",
    "department": lambda s: "dental",
    "assignee": lambda s: KIM,
    "client_id": lambda s: ANA.id,
    "client": lambda s: BEN,
    "patient": lambda s: BELLA,
    "transport": lambda s: "webpush",
    "token": lambda s: "a-token",
    "registration_id": lambda s: "push_000001",
}

# What a method needs although its signature does not say so.
MORE: Final[dict[str, dict[str, object]]] = {"request_payment": {"title": "Invoice 7"}}

# Methods that say nothing of a hidden conversation, and why they are asked for no refusal.
PRACTICE_WIDE: Final = {
    "opt_out": "consent is the whole practice's, by number",
    "opt_in": "consent is the whole practice's, by number",
    "dismiss_maybe": "consent is the whole practice's, by number",
    "consent": "consent is the whole practice's, by number",
    "consent_ledger": "consent is the whole practice's, by number",
    "client_note": "a note is about a client of the whole practice",
    "set_client_note": "a note is about a client of the whole practice",
    "erase_client": "about a client of the whole practice; a desk that is narrowed is refused",
    "find_clients": "the host's own directory",
    "newest_change": "a number that says only that something changed",
    "channels": "about a client, not about a conversation",
    "number_health": "about a number, not about a conversation",
    "app_register": "about an app of a client, not about a conversation",
    "app_registrations": "about the apps of a client, not about a conversation",
    "app_unregister": "about an app of a client, not about a conversation",
    "upload": "a file is its uploader's own until it is in a message",
    "uploaded": "the same; and afterwards what its uploader knows anyway",
    "end_of_day": "the practice's own plan; it names no conversation",
    "open_now": "hours are no secret",
    "departments": "names of departments are no secret",
    "app_departments": "names of departments are no secret",
}

# Lists of this desk: what they give must not hold anything of the hidden conversations.
LISTS: Final[dict[str, Callable[[Stage], object]]] = {
    "inbox": lambda s: [
        s.desk.inbox(),
        s.desk.inbox(department="surgery"),
        s.desk.inbox(urgency="urgent"),
        s.desk.inbox(assignee=KIM.id),
    ],
    "history": lambda s: s.desk.history(),
    "badges": lambda s: (s.desk.badges().active == 1 and s.desk.badges().history == 0) or CANARY,
    "assignees": lambda s: s.desk.assignees() == () or CANARY,
    "changes": lambda s: [s.desk.conversation(change.conversation_id) for change in s.desk.changes(since=0)],
    "search": lambda s: [s.desk.search(text) for text in ("canary", "Ana", "3035550123", "Ruiz")],
    "payments_report": lambda s: s.desk.payments_report(LONG_AGO, s.world.clock.moment + timedelta(days=1)),
    "app_opened": lambda s: s.desk.app_opened(ANA.id) == 0 or CANARY,
    "app_conversations": lambda s: s.desk.app_conversations(ANA.id),
}

# Methods that would land in a hidden conversation without naming it.
LANDING: Final[dict[str, Callable[[Stage], object]]] = {
    "start": lambda s: s.desk.start(client=ANA, by=KIM, channel="sms"),
    "app_message": lambda s: s.desk.app_message(ANA, "hello"),
}


UNKNOWN_CODES: Final = {"conversation.unknown", "message.unknown", "attachment.unknown", "payment.unknown"}


def methods() -> dict[str, inspect.Signature]:
    members = inspect.getmembers(PracticeDesk, inspect.isfunction)
    return {name: inspect.signature(member) for name, member in members if not name.startswith("_")}


ABOUT_ONE: Final = sorted(
    name
    for name, shape in methods().items()
    if {"conversation_id", "message_id", "conversations", "document", "attachment_id", "payment_id"}
    & {*shape.parameters}
)


def needed(shape: inspect.Signature) -> list[str]:
    return [p.name for p in shape.parameters.values() if p.default is p.empty and p.name != "self"]


def call(stage: Stage, method: str, desk: PracticeDesk) -> object:
    given = {name: VALUES[name](stage) for name in needed(methods()[method])} | MORE.get(method, {})
    answer = getattr(desk, method)(**given)
    return list(answer) if inspect.isgenerator(answer) else answer


def everything(stage: Stage) -> list[object]:
    desk = stage.whole
    talks = [*desk.inbox().items, *desk.history().items]
    return [(talk, list(desk.entries(talk.id))) for talk in talks]


def test_p10_every_method_of_a_desk_is_in_a_table() -> None:
    assert set(methods()) == {*ABOUT_ONE, *PRACTICE_WIDE, *LISTS, *LANDING}


@pytest.mark.parametrize("method", ABOUT_ONE)
def test_p10_every_argument_that_a_method_needs_has_a_value(method: str) -> None:
    assert set(needed(methods()[method])) <= VALUES.keys(), "say in VALUES what stands for the new argument"


@pytest.mark.parametrize("method", ABOUT_ONE)
def test_p10_a_hidden_conversation_is_as_unknown_as_one_that_is_not_there(stage: Stage, method: str) -> None:
    before = everything(stage)
    with pytest.raises(NotFound) as caught:
        call(stage, method, stage.desk)
    assert caught.value.code in UNKNOWN_CODES
    assert everything(stage) == before
    nowhere = evolve(
        stage,
        hidden=evolve(stage.hidden, id="c_nowhere", department="gone"),
        message=UNKNOWN,
        file=UNKNOWN,
        payment="pay_nowhere",
    )
    with pytest.raises(NotFound) as unknown:
        call(nowhere, method, stage.desk)
    assert (unknown.value.code, str(unknown.value)) == (caught.value.code, str(caught.value))


UNKNOWN: Final = convokit.Entry(
    id="m_nowhere",
    conversation_id="c_nowhere",
    seq=1,
    at_us=0,
    kind="message",
    side="client",
    channel="sms",
    attachments=(
        Attachment(id="a_nowhere", name="x.pdf", kind="pdf", media_type="application/pdf", size=1, sha256="0"),
    ),
)


@pytest.mark.parametrize("method", ABOUT_ONE)
def test_p10_the_whole_practices_desk_is_not_told_that_it_is_unknown(stage: Stage, method: str) -> None:
    """Otherwise the test above would prove nothing."""
    code = ""
    try:
        call(stage, method, stage.whole)
    except ConvokitError as error:
        code = error.code
    assert code not in UNKNOWN_CODES


@pytest.mark.parametrize("method", sorted(LISTS))
def test_p10_lists_hold_nothing_of_a_hidden_department(stage: Stage, method: str) -> None:
    before = everything(stage)
    assert CANARY in repr(before)
    assert CANARY not in repr(LISTS[method](stage))
    assert everything(stage) == before


@pytest.mark.parametrize("method", sorted(LANDING))
def test_p10_what_would_land_in_a_hidden_conversation_is_refused_without_naming_it(stage: Stage, method: str) -> None:
    before = everything(stage)
    with pytest.raises(ConvokitError) as caught:
        LANDING[method](stage)
    assert caught.value.code in {"conversation.unknown", "conversation.already_open"}
    assert not any(secret in str(caught.value) for secret in (stage.hidden.id, stage.app.id, CANARY))
    assert everything(stage) == before


def test_p10_an_opt_out_reaches_the_whole_practice(stage: Stage) -> None:
    stage.desk.opt_out(ANA.phone or "", by=KIM, reason="asked at the desk")
    assert stage.whole.consent(ANA.phone or "").opted_out
    assert [e.event for e in stage.whole.entries(stage.hidden.id)][-1] == "opted_out"


def test_what_a_desk_sees_changes_with_a_move(stage: Stage) -> None:
    stage.whole.move(stage.hidden.id, "dental", by=KIM)
    assert stage.desk.conversation(stage.hidden.id).title == CANARY
    gone = stage.desk.move(stage.hidden.id, "surgery", by=KIM)
    assert gone.department == "surgery"
    with pytest.raises(NotFound):
        stage.desk.conversation(stage.hidden.id)


def test_a_repeated_send_into_a_conversation_that_moved_away_is_unknown_too(stage: Stage) -> None:
    (seen,) = stage.desk.inbox().items
    sent = stage.desk.send(seen.id, "Hello", by=KIM, client_ref="once")
    assert stage.desk.send(seen.id, "Hello", by=KIM, client_ref="once").id == sent.id
    stage.whole.move(seen.id, "surgery", by=KIM)
    with pytest.raises(NotFound):
        stage.desk.send(seen.id, "Hello", by=KIM, client_ref="once")


def test_a_conversation_starts_where_the_desk_sees(stage: Stage) -> None:
    cleo = Client(id="c19", name="Cleo", phone="(303) 555-0125")
    assert stage.desk.start(client=cleo, by=KIM).department == "dental"
    assert stage.desk.start(client=cleo, by=KIM, channel="sms", department="dental").department == "dental"
    for other in ("surgery", "", "gone"):
        with pytest.raises(convokit.InvalidInput) as caught:
            stage.desk.start(client=Client(id="c20", name="Dan"), by=KIM, department=other)
        assert caught.value.code == "department.unknown"


def test_a_desk_of_the_default_department_gets_the_texts_of_clients_who_write_first(stage: Stage) -> None:
    stage.world.carrier.phone("+13035550177").text(OURS, "Is Bella ready?")
    front = stage.world.kit.practice("happy-paws", departments=[""])
    assert [talk.last_text for talk in front.inbox().items] == ["Is Bella ready?"]
    assert front.start(client=Client(id="c21", name="Eve"), by=KIM).department == ""
    assert "Is Bella ready?" not in repr(stage.desk.inbox())


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("surgery", "departments.type"),
        (b"dental", "departments.type"),
        (7, "departments.type"),
        ([], "departments.type"),
        ([7], "departments.type"),
        (["gone"], "department.unknown"),
    ],
)
def test_which_departments_a_desk_may_see_is_checked(given: object, code: str) -> None:
    with world() as made, pytest.raises(convokit.InvalidInput) as caught:
        made.kit.practice("happy-paws", departments=given)  # type: ignore[arg-type]  # the wrong thing on purpose
    assert caught.value.code == code


def test_p10_ids_of_hidden_conversations_are_not_in_any_error(stage: Stage) -> None:
    with suppress(ConvokitError):
        stage.desk.restart(stage.whole.history().items[0].id, by=KIM)
    told: list[str] = []
    for method in ABOUT_ONE:
        with pytest.raises(ConvokitError) as caught:
            call(stage, method, stage.desk)
        told.append(f"{caught.value!r} {caught.value.limit}")
    assert not [text for text in told if CANARY in text or stage.hidden.id in text]


# --- another practice -------------------------------------------------------------------------------------------------

OTHER: Final = evolve(PRACTICE, id="other", name="Other", numbers=("+13035550900",))
THEIRS: Final[dict[str, object]] = {
    "client": evolve(ANA, phone="(303) 555-0123"),
    "number": "+13035550123",
    "reason": "asked by phone",
    "upload_id": "f_nowhere",
}


# ``past_due_for`` is given rows, not ids, and asks the host about the patients of its own practice.
@pytest.mark.parametrize("method", sorted({*ABOUT_ONE} - {"past_due_for"}))
def test_p10_a_desk_of_another_practice_gets_the_same_answer(stage: Stage, method: str) -> None:
    before = everything(stage)
    stage.world.kit.add_practice(OTHER)
    with pytest.raises(NotFound) as hidden:
        call(stage, method, stage.desk)
    with pytest.raises(NotFound) as theirs:
        call(stage, method, stage.world.kit.practice("other"))
    assert (theirs.value.code, str(theirs.value)) == (hidden.value.code, str(hidden.value))
    assert everything(stage) == before


@pytest.mark.parametrize("method", sorted({*PRACTICE_WIDE} - {"upload"}))
def test_p10_what_is_the_whole_practices_is_no_other_practices(stage: Stage, method: str) -> None:
    stage.whole.set_client_note(ANA.id, CANARY, by=KIM)
    stage.whole.opt_out(ANA.phone or "", by=KIM, reason=CANARY)
    before = everything(stage)
    stage.world.kit.add_practice(OTHER)
    desk = stage.world.kit.practice("other")
    given = {name: THEIRS[name] if name in THEIRS else VALUES[name](stage) for name in needed(methods()[method])}
    try:
        answer = repr(getattr(desk, method)(**given))
    except ConvokitError as error:
        answer = str(error)
    assert CANARY not in answer
    assert everything(stage) == before
    assert stage.whole.consent(ANA.phone or "").opted_out
    assert stage.whole.client_note(ANA.id).text == CANARY


@pytest.mark.parametrize("method", sorted(LISTS))
def test_p10_lists_of_another_practice_hold_nothing_of_this_one(stage: Stage, method: str) -> None:
    stage.world.kit.add_practice(OTHER)
    theirs = evolve(stage, desk=stage.world.kit.practice("other"))
    assert stage.hidden.id not in repr(LISTS[method](theirs))
    if method != "badges":
        assert CANARY not in repr(LISTS[method](theirs))
