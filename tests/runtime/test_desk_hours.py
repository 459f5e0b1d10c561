"""Away reply, greeting, cap and the one confirmation, through the front door on both stores."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from desks import ANA, ANA_PHONE, HAPPY_PAWS, KIM, OURS, World, world

import convokit
from convokit import ConversationHours, Delivery, Entry, Rules
from convokit.domain.departments import Department
from convokit.runtime.desk import PracticeDesk

AWAY = "Happy Paws is closed."
HOURS = ConversationHours(week={"mon-fri": "8:00-18:00"}, away="{practice} is closed.", greeting="Welcome!")


def keep(w: World, hours: ConversationHours = HOURS, **rules: Any) -> PracticeDesk:
    """The world's practice with hours; its desk."""
    w.kit.add_practice(evolve(HAPPY_PAWS, rules=Rules(hours=hours, **rules)))
    w.desk = w.kit.practice("happy-paws")
    return w.desk


def at(w: World, local: str) -> None:
    w.clock.moment = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("America/Denver")).astimezone(UTC)


def automatic(desk: PracticeDesk) -> list[Entry]:
    (known,) = desk.inbox().items
    return [entry for entry in desk.thread(known.id).items if entry.kind == "automatic"]


def test_a_client_who_texts_at_night_is_told_once(w: World) -> None:
    desk, phone = keep(w), w.carrier.phone(ANA_PHONE)
    at(w, "2026-03-02T20:00")
    for words in ("Hello?", "Bella is not well", "Please call"):
        phone.text(OURS, words)
        w.settle()
    assert [(entry.text, entry.delivery) for entry in automatic(desk)] == [(AWAY, Delivery.DELIVERED)]
    at(w, "2026-03-03T09:00")
    phone.text(OURS, "Good morning")
    at(w, "2026-03-03T19:00")
    phone.text(OURS, "One more question")
    w.settle()
    assert [taken.text for taken in phone.received] == [AWAY, AWAY]


def test_a_client_who_begins_a_conversation_is_greeted(w: World) -> None:
    desk, phone = keep(w), w.carrier.phone(ANA_PHONE)
    at(w, "2026-03-02T12:00")
    phone.text(OURS, "Hello?")
    phone.text(OURS, "It is about Bella")
    w.settle()
    assert [taken.text for taken in phone.received] == ["Welcome!"]
    (known,) = desk.inbox(awaiting_reply=True).items
    assert (known.unread, known.last_text) == (2, "It is about Bella")


def test_staff_who_begin_greet_nobody(w: World) -> None:
    desk = keep(w)
    at(w, "2026-03-02T12:00")
    started = desk.start(client=ANA, channel="sms", by=KIM)
    w.carrier.phone(ANA_PHONE).text(OURS, "Hello?")
    assert [entry.kind for entry in desk.thread(started.id).items] == ["event", "message"]


def test_in_the_app_the_client_reads_it_there(w: World) -> None:
    desk = keep(w)
    at(w, "2026-03-02T20:00")
    message = desk.app_message(ANA, "Hello?")
    (told,) = automatic(desk)
    assert (told.text, told.channel, told.delivery) == (AWAY, "app", Delivery.SENT)
    assert w.kit.store.unsettled() == 0
    assert desk.app_opened(ANA.id) == 1
    desk.app_read(message.conversation_id, client_id=ANA.id)
    assert automatic(desk)[0].delivery is Delivery.READ


def test_an_away_reply_that_could_not_leave_before_it_opened_is_dropped(w: World) -> None:
    desk = keep(w)
    at(w, "2026-03-03T07:55")
    w.carrier.phone(ANA_PHONE).text(OURS, "Hello?")
    w.clock.pass_(minutes=6)
    w.kit.work()
    (told,) = automatic(desk)
    assert (told.delivery, told.reason, w.carrier.taken) == (Delivery.FAILED, "expired", [])


@pytest.mark.parametrize("number", ["22395", "PAYPAL"])
def test_machines_get_no_automatic_text(w: World, number: str) -> None:
    desk = keep(w)
    w.carrier.inbound(number, OURS, "Your code is 12345")
    assert automatic(desk) == []
    w.settle()
    assert w.carrier.taken == []


def test_p06_an_away_reply_that_is_owed_does_not_leave_after_an_opt_out(w: World) -> None:
    desk = keep(w)
    at(w, "2026-03-02T20:00")
    w.carrier.phone(ANA_PHONE).text(OURS, "Hello?")
    desk.opt_out(ANA_PHONE, by=KIM, reason="by phone")
    w.settle()
    w.carrier.phone(ANA_PHONE).text(OURS, "And now?")
    w.settle()
    assert [(e.delivery, e.reason) for e in automatic(desk)] == [(Delivery.FAILED, "opted_out")]
    assert w.carrier.taken == []


def test_a_maybe_holds_what_is_automatic_until_staff_decide(w: World) -> None:
    desk, phone = keep(w), w.carrier.phone(ANA_PHONE)
    at(w, "2026-03-02T20:00")
    phone.text(OURS, "ST0P")
    phone.text(OURS, "Hello?")
    (known,) = desk.inbox().items
    messages = [entry for entry in desk.thread(known.id).items if entry.kind == "message"]
    assert [entry.flags for entry in messages] == [("maybe_opt_out", "look_alike", "automatic_held"), ()]
    text = desk.transcript(known.id).text()
    assert "No automatic reply was sent" in text
    desk.send(known.id, "Bella is fine.", by=KIM)
    desk.dismiss_maybe(ANA_PHONE, by=KIM, reason="asked her")
    w.settle()
    assert [taken.text for taken in w.carrier.taken] == ["Bella is fine."]
    at(w, "2026-03-03T20:00")
    phone.text(OURS, "Thanks")
    w.settle()
    assert [taken.text for taken in w.carrier.taken] == ["Bella is fine.", AWAY]


# --- the cap ----------------------------------------------------------------------------------------------------------


def test_p24_two_auto_responders_stop_at_the_cap(w: World) -> None:
    desk, phone = keep(w), w.carrier.phone(ANA_PHONE)
    at(w, "2026-03-02T20:00")
    phone.answer = lambda text: "INFO"
    phone.text(OURS, "I am out of the office. HELP")
    for _ in range(20):
        w.settle(rounds=1)
    assert len(phone.received) == 3
    (known,) = desk.inbox().items
    assert "automatic_capped" in desk.thread(known.id).items[-1].flags
    # An hour later they go on, and stop again.
    w.clock.pass_(hours=1)
    phone.text(OURS, "INFO")
    for _ in range(20):
        w.settle(rounds=1)
    assert len(phone.received) == 6


def test_p24_two_practices_that_answer_each_other_stop_at_the_cap(store_url: str) -> None:
    """Both on one desk, each a client of the other, each with an answer that the other takes for a question."""
    theirs = "+13035550200"
    rules = Rules(help_reply="HELP", hours=ConversationHours(week={"mon": ""}, away="HELP", greeting="HELP"))
    with world(store_url) as w:
        for name, number in (("happy-paws", OURS), ("purr-clinic", theirs)):
            w.kit.add_practice(convokit.Practice(id=name, name=name, region="US", numbers=[number], rules=rules))
        w.carrier.connect(w.kit)
        for number, other in ((OURS, theirs), (theirs, OURS)):
            w.carrier.phone(number).answer = lambda text, n=number, o=other: (w.carrier.inbound(o, n, text), None)[1]
        desk = w.kit.practice("happy-paws")
        started = desk.start(client=evolve(ANA, phone=theirs), channel="sms", by=KIM)
        desk.send(started.id, "Hello, colleagues", by=KIM)
        for _ in range(30):
            w.settle(rounds=1, seconds=5)
        assert w.kit.store.unsettled() == 0
        assert len(w.carrier.taken) == 1 + 3 + 3


def test_p24_the_cap_counts_a_number_for_all_of_the_practices_numbers(w: World) -> None:
    other = "+13035550101"
    w.kit.add_practice(evolve(HAPPY_PAWS, numbers=(OURS, other)))
    w.carrier.connect(w.kit)
    for number in (OURS, other, OURS, other):
        w.carrier.inbound(ANA_PHONE, number, "HELP")
    w.settle()
    assert len(w.carrier.taken) == 3


# --- the one confirmation ---------------------------------------------------------------------------------------------


def test_p06_stop_start_stop_within_five_minutes_is_confirmed_once(w: World) -> None:
    phone = w.carrier.phone(ANA_PHONE)
    for words in ("STOP", "START", "STOP", "stop", "START", "STOP"):
        phone.text(OURS, words)
        w.settle(rounds=1, seconds=10)
    assert len(w.carrier.taken) == 1
    assert w.desk.consent(ANA_PHONE).opted_out
    assert [line.action for line in w.desk.consent_ledger(ANA_PHONE)] == ["opt_out", "opt_in"] * 2 + ["opt_out"]
    phone.text(OURS, "START")
    w.clock.pass_(minutes=6)
    phone.text(OURS, "STOP")
    w.settle()
    assert len(w.carrier.taken) == 2


def test_p06_a_confirmation_is_dropped_after_five_minutes(w: World) -> None:
    w.carrier.phone(ANA_PHONE).text(OURS, "STOP")
    w.clock.pass_(minutes=5, seconds=1)
    w.settle()
    assert w.carrier.taken == []
    assert [(e.delivery, e.reason) for e in automatic(w.desk)] == [(Delivery.FAILED, "expired")]


# --- what the app shows -----------------------------------------------------------------------------------------------


def test_whether_somebody_answers_now(w: World) -> None:
    desk = w.desk
    assert desk.open_now() == convokit.OpenNow(is_open=True)
    er = Department(id="er", name="Emergency", hours=ConversationHours(week={"mon-sun": "0:00-24:00"}))
    shut = Department(id="shut", name="Closed for ever", hours=ConversationHours(week={"mon": ""}))
    desk = keep(w, departments=(er, shut, Department(id="lab", name="Laboratory")))
    at(w, "2026-03-06T20:00")
    monday = datetime(2026, 3, 9, 8, 0, tzinfo=ZoneInfo("America/Denver"))
    for department in ("", "lab"):
        shown = desk.open_now(department)
        assert (shown.is_open, shown.opens_at) == (False, monday)
        assert shown.opens_at is not None
        assert str(shown.opens_at.tzinfo) == "America/Denver"
    assert desk.open_now("er").is_open
    assert desk.open_now("shut") == convokit.OpenNow(is_open=False)
    with pytest.raises(convokit.InvalidInput) as caught:
        desk.open_now("nowhere")
    assert caught.value.code == "department.unknown"


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "code"),
    [
        ({"week": {"mon": "8:00-9:00"}, "away": "{practise} is closed"}, "template.field"),
        ({"week": {"mon": "8:00-9:00"}, "away": "x" * 1001}, "hours.away"),
        ({"week": {"mon": "8:00-9:00"}, "away": 5}, "hours.away"),
        ({"greeting": "{0.__class__}"}, "template.field"),
        ({"greeting": "  "}, "hours.greeting"),
        ({"greeting": None}, "hours.greeting"),
        ({"week": {"mon": "8"}}, "hours.times"),
    ],
)
@pytest.mark.parametrize("department", [False, True])
def test_p18_hours_that_do_not_work_are_refused(w: World, hours: dict[str, Any], code: str, department: bool) -> None:
    made = ConversationHours(**hours)
    rules = Rules(departments=(Department(id="er", name="ER", hours=made),)) if department else Rules(hours=made)
    with pytest.raises(convokit.InvalidInput) as caught:
        w.kit.add_practice(evolve(HAPPY_PAWS, rules=rules))
    place = "rules.departments[0].hours" if department else "rules.hours"
    named = "" if code == "hours.times" else f".{next(name for name in ('away', 'greeting') if name in hours)}"
    assert (caught.value.code, caught.value.field) == (code, place + named)
    assert w.kit.practice("happy-paws").practice.rules == Rules()


def test_p18_hours_are_hours_and_a_phone_that_is_named_is_known(w: World) -> None:
    with pytest.raises(convokit.InvalidInput) as caught:
        w.kit.add_practice(evolve(HAPPY_PAWS, rules=Rules(hours={"mon": "8:00-9:00"})))  # type: ignore[arg-type]
    assert caught.value.code == "rules.hours"
    by_app = evolve(HAPPY_PAWS, numbers=(), rules=Rules(hours=ConversationHours(greeting="Call {phone}")))
    with pytest.raises(convokit.InvalidInput) as caught:
        w.kit.add_practice(by_app)
    assert caught.value.code == "hours.greeting"
    w.kit.add_practice(evolve(by_app, phone="303 555 0100"))


def test_hours_are_kept_by_the_store(tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path}/desk.db"
    er = Department(id="er", name="ER", hours=ConversationHours(week={"sat-sun": "0:00-24:00"}, away="Not now."))
    hours = evolve(HOURS, holidays=("12-25",), exceptions={"2026-12-24": "8:00-12:00"})
    rules = Rules(hours=hours, departments=(er,))
    with convokit.open(url) as kit:
        kit.add_practice(evolve(HAPPY_PAWS, rules=rules))
    with convokit.open(url) as kit:
        assert kit.practice("happy-paws").practice.rules == rules
