"""Starting a conversation: by which channel, from which number, in which department, and the reasons why not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from attrs import evolve
from desks import ANA, ANA_PHONE, BELLA, HAPPY_PAWS, KIM, OURS, World, world
from odd_gateway import OddGateway, OddPlugin

import convokit
from convokit import AppAudience, Client, Conflict, Delivery, Department, InvalidInput, Practice, Rules
from convokit.domain.reasons import REASONS
from convokit.outcomes import Accepted, Outcome, Refused
from convokit.plugins import hookimpl
from convokit.ports.directory import Match

LATER = "+13035550199"
SHUT = AppAudience(who="disabled")


def told(desk: convokit.PracticeDesk, client: Client = ANA) -> dict[str, str]:
    """The code by channel, in the order in which they are offered; empty for what can be used."""
    choices = desk.channels(client)
    assert all(
        choice.available is not bool(choice.code) and bool(choice.reason) is bool(choice.code) for choice in choices
    )
    return {choice.channel: choice.code for choice in choices}


def replaced(made: World, **changes: object) -> convokit.PracticeDesk:
    made.kit.add_practice(evolve(HAPPY_PAWS, **changes))
    return made.kit.practice("happy-paws")


# --- the app's audience -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("audience", "has_app", "code"),
    [
        (AppAudience(), None, ""),
        (AppAudience(), True, ""),
        (AppAudience(), False, "app.not_installed"),
        (AppAudience(who="selected", clients={"c17"}), None, ""),
        (AppAudience(who="selected", clients={"c17"}), False, "app.not_installed"),
        (AppAudience(who="selected", clients={"c18"}), True, "app.not_selected"),
        (AppAudience(who="selected"), None, "app.not_selected"),
        (SHUT, True, "app.disabled"),
    ],
)
def test_who_can_be_reached_in_the_app(audience: AppAudience, has_app: bool | None, code: str) -> None:
    with world() as made:
        desk = replaced(made, rules=Rules(app=audience))
        client = evolve(ANA, has_app=has_app)
        assert list(told(desk, client).items()) == [("app", code), ("sms", "")]
        if not code:
            assert desk.start(client=client, by=KIM).channel == "app"
            return
        with pytest.raises(Conflict) as caught:
            desk.start(client=client, by=KIM)
        assert (caught.value.code, caught.value.limit) == (code, "sms")
        assert desk.start(client=client, by=KIM, channel="sms").channel == "sms"


class Host:
    """A directory that may know whether a client has the app."""

    def __init__(self, *matches: object) -> None:
        self.matches = matches
        self.asked: list[str] = []

    @hookimpl
    def convokit_directory(self) -> Host:
        return self

    def who_has(self, practice_id: str, address: str) -> object:
        self.asked.append(address)
        return self.matches


@pytest.mark.parametrize(
    ("match", "client", "code", "asked"),
    [
        (Match(client=Client(id="c17", name="Ana", has_app=False)), ANA, "app.not_installed", 1),
        (Match(client=Client(id="c17", name="Ana", has_app=True)), ANA, "", 1),
        (Match(client=Client(id="c17", name="Ana", has_app="no")), ANA, "", 1),  # type: ignore[arg-type]  # a host's mistake
        (Match(client=Client(id="c99", name="Other", has_app=False)), ANA, "", 1),
        ("rubbish", ANA, "", 1),
        (Match(client=Client(id="c17", name="Ana", has_app=False)), evolve(ANA, has_app=True), "", 0),
        (Match(client=Client(id="c17", name="Ana", has_app=False)), evolve(ANA, phone=None), "", 0),
        (Match(client=Client(id="c17", name="Ana", has_app=False)), evolve(ANA, phone="rubbish"), "", 0),
    ],
)
def test_the_directory_says_who_has_the_app(match: object, client: Client, code: str, asked: int) -> None:
    host = Host(match)
    with world(plugins=(host,)) as made:
        assert told(made.desk, client)["app"] == code
        assert host.asked == [ANA_PHONE] * asked


def test_nobody_is_asked_where_the_app_is_off() -> None:
    host = Host()
    with world(plugins=(host,)) as made:
        assert told(replaced(made, rules=Rules(app=SHUT)))["app"] == "app.disabled"
        assert host.asked == []


# --- texts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phone", "code"),
    [
        (None, "client.phone"),
        ("12", "address.not_mobile"),
        ("+44 20 7946 0018", "address.landline"),
        (OURS, "address.own"),
    ],
)
def test_why_a_client_cannot_be_texted(phone: str | None, code: str) -> None:
    with world() as made:
        desk = replaced(made, rules=Rules(countries={"US", "GB"}))
        assert told(desk, evolve(ANA, phone=phone)) == {"app": "", "sms": code}


def test_a_practice_without_a_number_and_a_client_who_opted_out() -> None:
    with world() as made:
        made.desk.opt_out(ANA_PHONE, by=KIM, reason="by phone")
        assert told(made.desk) == {"app": "", "sms": "client.opted_out"}
        assert told(replaced(made, numbers=())) == {"app": "", "sms": "practice.numbers"}


@pytest.mark.parametrize("wrong", [None, "c17", evolve(ANA, has_app="yes")])
def test_channels_are_those_of_a_client(wrong: object) -> None:
    with world() as made, pytest.raises(InvalidInput) as caught:
        made.desk.channels(wrong)  # type: ignore[arg-type]  # the wrong thing on purpose
    assert caught.value.code in {"client.type", "client.has_app"}


# --- the life of a sender number --------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["requested", "verifying", "suspended"])
def test_a_number_that_is_not_ready_sends_nothing_and_receives(state: str) -> None:
    with world() as made:
        first = made.desk.start(client=ANA, patient=BELLA, by=KIM, channel="sms")
        desk = replaced(made, sender_states={OURS: state})
        assert told(desk) == {"app": "", "sms": f"sender.{state}"}
        for act in (
            lambda: desk.send(first.id, "Hello", by=KIM),
            lambda: desk.start(client=Client(id="c18", name="Ben", phone=LATER), by=KIM, channel="sms"),
        ):
            with pytest.raises(Conflict) as caught:
                act()
            assert caught.value.code == f"sender.{state}"
        made.carrier.phone(ANA_PHONE).text(OURS, "Is anybody there?")
        assert desk.conversation(first.id).last_text == "Is anybody there?"
        ready = replaced(made, sender_states={OURS: "ready"})
        assert told(ready)["sms"] == ""
        assert ready.send(first.id, "Yes!", by=KIM).delivery is Delivery.QUEUED


def test_another_number_of_the_practice_goes_on() -> None:
    with world() as made:
        desk = replaced(made, numbers=[OURS, LATER], sender_states={OURS: "suspended"})
        assert desk.start(client=ANA, by=KIM, channel="sms", sender=LATER).sender == LATER


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("suspended", "sender_invalid"),
        ("requested", "sender_unregistered"),
        ("verifying", "sender_unregistered"),
        ("ready", None),
    ],
)
def test_a_text_that_was_owed_when_the_number_stopped_fails_with_the_reason(state: str, reason: str | None) -> None:
    with world() as made:
        talk = made.desk.start(client=ANA, by=KIM, channel="sms")
        text = made.desk.send(talk.id, "Hello", by=KIM, client_ref="once")
        desk = replaced(made, sender_states={OURS: state})
        made.settle()
        entry = desk.message(text.id)
        assert entry.reason == reason
        if reason is None:
            assert entry.delivery is Delivery.DELIVERED
            return
        assert (entry.delivery, entry.raw) == (Delivery.FAILED, f"sender.{state}")
        assert made.carrier.phone(ANA_PHONE).received == []
        assert desk.number_health(ANA_PHONE).can_receive
        # A repeated call is still the same message: it asks for nothing new.
        assert desk.send(talk.id, "Hello", by=KIM, client_ref="once").id == text.id
        back = replaced(made, sender_states={})
        back.send_again(talk.id, text.id, by=KIM)
        made.settle()
        assert back.message(text.id).delivery is Delivery.DELIVERED


# --- the health of a number -------------------------------------------------------------------------------------------


@contextmanager
def answering(outcomes: list[Outcome]) -> Iterator[tuple[convokit.Convokit, convokit.PracticeDesk, OddGateway]]:
    gateway = OddGateway(outcome=outcomes[0])
    with convokit.open("memory:", plugins=[OddPlugin(gateway)]) as kit:
        kit.add_practice(HAPPY_PAWS)
        yield kit, kit.practice("happy-paws"), gateway


def test_a_number_that_cannot_receive_texts_needs_a_deliberate_act_until_a_delivery() -> None:
    with answering([Refused(reason="landline")]) as (kit, desk, gateway):
        assert desk.number_health(ANA_PHONE) == convokit.NumberHealth(address=ANA_PHONE)
        talk = desk.start(client=ANA, by=KIM, channel="sms")
        failed = desk.send(talk.id, "Hello", by=KIM)
        kit.work()
        health = desk.number_health("(303) 555-0123")
        assert (health.reason, health.entry_id, health.can_receive) == ("landline", failed.id, False)
        assert told(desk) == {"app": "", "sms": "number.cannot_receive"}
        desk.end(talk.id, by=KIM)
        with pytest.raises(Conflict) as caught:
            desk.start(client=ANA, by=KIM, channel="sms")
        assert (caught.value.code, caught.value.limit) == ("number.cannot_receive", "anyway=True")
        assert REASONS["landline"].advice in str(caught.value)
        again = desk.start(client=ANA, by=KIM, channel="sms", anyway=True)
        gateway.outcome = Accepted(delivery="delivered")
        desk.send(again.id, "Once more", by=KIM)
        kit.work()
        assert desk.number_health(ANA_PHONE).can_receive
        assert told(desk) == {"app": "", "sms": ""}


def test_a_passing_trouble_marks_nothing() -> None:
    with answering([Refused(reason="unreachable_temporary")]) as (kit, desk, _):
        talk = desk.start(client=ANA, by=KIM, channel="sms")
        desk.send(talk.id, "Hello", by=KIM)
        kit.work()
        assert desk.number_health(ANA_PHONE).can_receive


# --- departments ------------------------------------------------------------------------------------------------------

SURGERY = Department(id="surgery", name="  Surgery \n ward ", in_app=False, greeting="Hello!")


def test_departments_of_a_desk_and_of_the_app() -> None:
    with world() as made:
        assert [one.id for one in made.desk.departments()] == [""]
        desk = replaced(made, rules=Rules(departments=[SURGERY, Department(id="", name="Reception")]))
        assert [(one.id, one.name) for one in desk.departments()] == [("", "Reception"), ("surgery", "Surgery ward")]
        assert [one.id for one in desk.app_departments()] == [""]


def test_a_client_chooses_among_the_departments_of_the_app() -> None:
    with world() as made:
        desk = replaced(made, rules=Rules(departments=[SURGERY, Department(id="dental", name="Dental")]))
        asked = desk.app_message(ANA, "Her tooth!", department="dental")
        assert desk.conversation(asked.conversation_id).department == "dental"
        for other in ("surgery", "gone"):
            with pytest.raises(InvalidInput) as caught:
                desk.app_message(ANA, "Hello", department=other)
            assert caught.value.code == "department.unknown"
        joined = desk.app_message(ANA, "And her paw", department="")
        assert joined.conversation_id == asked.conversation_id


def test_a_department_with_open_conversations_stays() -> None:
    with world() as made:
        desk = replaced(made, rules=Rules(departments=[SURGERY]))
        talk = desk.start(client=ANA, by=KIM, department="surgery")
        with pytest.raises(Conflict) as caught:
            made.kit.add_practice(HAPPY_PAWS)
        assert (caught.value.code, caught.value.limit) == ("department.in_use", "surgery")
        assert "Surgery ward" in str(caught.value)
        assert [one.id for one in made.kit.practice("happy-paws").departments()] == ["", "surgery"]
        desk.end(talk.id, by=KIM)
        made.kit.add_practice(HAPPY_PAWS)
        back = made.kit.practice("happy-paws").restart(talk.id, by=KIM)
        assert back.department == ""


@pytest.mark.parametrize("goal", [None, 7, "gone"])
def test_a_move_to_no_department_is_refused(goal: object) -> None:
    with world() as made:
        talk = made.desk.start(client=ANA, by=KIM)
        with pytest.raises(InvalidInput) as caught:
            made.desk.move(talk.id, goal, by=KIM)  # type: ignore[arg-type]  # the wrong thing on purpose
        assert caught.value.code == "department.unknown"


# --- what add_practice refuses ----------------------------------------------------------------------------------------

NAMED = Department(id="x", name="X")
WRONG_DEPARTMENTS = [
    7,
    ["surgery"],
    [NAMED] * 2,
    [NAMED, Department(id="y", name="x")],
    [Department(id="a b", name="X")],
    [Department(id=7, name="X")],  # type: ignore[arg-type]  # the wrong thing on purpose
    [Department(id="x" * 65, name="X")],
    [Department(id="x", name=" ")],
    [Department(id="x", name="X" * 201)],
    [Department(id="x", name="\ud800")],
    [Department(id="x", name=None)],  # type: ignore[arg-type]  # the wrong thing on purpose
    [evolve(NAMED, in_app=1)],
    [evolve(NAMED, greeting=None)],
    [evolve(NAMED, greeting="x" * 1001)],
    [Department(id=f"d{n}", name=f"D{n}") for n in range(51)],
]
WRONG_AUDIENCES = [
    None,
    "all",
    AppAudience(who="some"),  # type: ignore[arg-type]  # the wrong thing on purpose
    AppAudience(who="selected", clients="c17"),  # type: ignore[arg-type]  # one text would be an id per letter
    AppAudience(who="selected", clients=7),  # type: ignore[arg-type]  # the wrong thing on purpose
    AppAudience(who="selected", clients={""}),
    AppAudience(who="selected", clients={"x" * 129}),
    AppAudience(who="selected", clients={7}),  # type: ignore[arg-type]  # the wrong thing on purpose
    AppAudience(who="all", clients={"c17"}),
]
WRONG_STATES = [
    7,
    {OURS: "broken"},
    {LATER: "ready"},
    [(OURS, "ready"), ("(303) 555-0100", "suspended")],
    ["abc"],
    [(OURS, "ready", "x")],
]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        *(({"rules": Rules(departments=wrong)}, "rules.departments") for wrong in WRONG_DEPARTMENTS),  # type: ignore[arg-type]
        *(({"rules": Rules(app=wrong)}, "rules.app") for wrong in WRONG_AUDIENCES),  # type: ignore[arg-type]
        *(({"sender_states": wrong}, "practice.sender_states") for wrong in WRONG_STATES),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_name(changes: dict[str, object], code: str) -> None:
    with world() as made, pytest.raises(InvalidInput) as caught:
        made.kit.add_practice(evolve(HAPPY_PAWS, **changes))
    assert (caught.value.code, caught.value.field) == (code, code)


def test_states_are_kept_by_number_in_e164() -> None:
    with world() as made:
        kept = made.kit.add_practice(evolve(HAPPY_PAWS, sender_states={"(303) 555-0100": "verifying"}))
        assert kept.sender_states == ((OURS, "verifying"),)


def test_everything_of_it_comes_back_from_a_file(tmp_path: object) -> None:
    practice = evolve(
        HAPPY_PAWS,
        sender_states={OURS: "verifying"},
        rules=Rules(departments=[SURGERY, NAMED], app=AppAudience(who="selected", clients={"c17", "c18"})),
    )
    url = f"sqlite:///{tmp_path}/desk.db"
    with convokit.open(url) as kit:
        kept = kit.add_practice(practice)
    with convokit.open(url) as kit:
        assert kit.practice("happy-paws").practice == kept
        assert isinstance(kept, Practice)


@pytest.mark.parametrize(("who", "clients"), [("all", frozenset()), ("disabled", ())])
def test_an_audience_needs_no_clients(who: str, clients: object) -> None:
    audience = AppAudience(who=who, clients=clients)  # type: ignore[arg-type]  # both are read as a set
    with world() as made:
        assert made.kit.add_practice(evolve(HAPPY_PAWS, rules=Rules(app=audience))).rules.app.clients == frozenset()
