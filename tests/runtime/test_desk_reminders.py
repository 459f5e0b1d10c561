"""Past-due reminders at the desk: the host is asked, and whatever it does costs no more than its emojis."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import pytest
from attrs import define, evolve, field
from desks import ANA, BELLA, HAPPY_PAWS, KIM, World, world

import convokit
from convokit import Conversation, PastDueReminders, Patient, Practice, Rules
from convokit.domain.reminders import MOST_REMINDERS
from convokit.plugins import hookimpl
from convokit.ports.reminders import Every, PatientReminders, Recurring, Reminder

RABIES = Reminder(kind="rabies", due=date(2026, 1, 5))
DENTAL = Recurring(kind="dental", since=date(2025, 2, 20), every=Every(years=1))
MAX = Patient(id="p5", name="Max")
UNKNOWN = PastDueReminders(complete=False)


@define
class Host:
    """A host that answers, or does what a test wants. ``asked`` are the practice and the patient of each call."""

    answer: Callable[[str], Any]
    asked: list[tuple[str, str]] = field(factory=list)

    @hookimpl
    def convokit_reminders(self) -> Host:
        return self

    def due_for(self, practice_id: str, patient_id: str) -> Any:
        self.asked.append((practice_id, patient_id))
        return self.answer(patient_id)


def pets(**reminders: list[Reminder | Recurring]) -> Host:
    """A host that knows these patients."""
    known = {name: PatientReminders(patient_id=name, reminders=given) for name, given in reminders.items()}
    return Host(known.get)


@contextmanager
def hosted(url: str, host: object) -> Iterator[World]:
    with world(url, plugins=(host,)) as made:
        yield made


def about(w: World, patient: Patient | None, client: str = "c17") -> Conversation:
    return w.desk.start(client=evolve(ANA, id=client), patient=patient, by=KIM)


def kinds(found: PastDueReminders) -> list[str]:
    return [one.kind for one in found.items]


def test_a_conversation_shows_what_is_past_due_for_its_pet(store_url: str) -> None:
    with hosted(store_url, pets(p4=[RABIES, DENTAL], p5=[DENTAL])) as w:
        bella, fish = about(w, BELLA), about(w, None, "c18")
        found = w.desk.past_due(bella.id)
        assert [(one.emoji, one.label, one.days_overdue) for one in found.items] == [
            ("🦇", "Rabies vaccination", 56),
            ("🦷", "Dental care", 10),
        ]
        assert found.complete
        assert w.desk.past_due(fish.id) == PastDueReminders()
        w.desk.end(bella.id, by=KIM)
        assert w.desk.past_due(bella.id) == found


def test_another_pet_is_selected(store_url: str) -> None:
    with hosted(store_url, pets(p4=[RABIES], p5=[DENTAL])) as w:
        talk = about(w, BELLA)
        assert kinds(w.desk.past_due(talk.id)) == ["rabies"]
        w.desk.set_patient(talk.id, MAX, by=KIM)
        assert kinds(w.desk.past_due(talk.id)) == ["dental"]
        w.desk.set_patient(talk.id, None, by=KIM)
        assert w.desk.past_due(talk.id) == PastDueReminders()


def test_a_list_asks_once_for_each_pet_and_mixes_up_none(store_url: str) -> None:
    host = pets(p4=[RABIES], p5=[DENTAL])
    with hosted(store_url, host) as w:
        rows = [
            about(w, BELLA),
            about(w, MAX, "c18"),
            about(w, BELLA, "c19"),
            about(w, None, "c20"),
            about(w, Patient(id="p9", name="Rex"), "c21"),
        ]
        found = w.desk.past_due_for(iter(rows))
        assert [kinds(found[row.id]) for row in rows] == [["rabies"], ["dental"], ["rabies"], [], []]
        assert all(one.complete for one in found.values())
        assert sorted(host.asked) == [("happy-paws", "p4"), ("happy-paws", "p5"), ("happy-paws", "p9")]
        assert w.desk.past_due_for(()) == {}


def test_without_a_hook_nothing_is_past_due(w: World) -> None:
    assert w.desk.past_due(about(w, BELLA).id) == PastDueReminders()


def test_asking_changes_nothing(store_url: str) -> None:
    with hosted(store_url, pets(p4=[RABIES])) as w:
        bella = w.desk.conversation(about(w, BELLA).id)
        before = w.desk.changes()
        assert w.desk.past_due(bella.id).items
        assert (w.desk.changes(), w.desk.conversation(bella.id)) == (before, bella)


@pytest.mark.parametrize("status", ["inactive", "deceased"])
def test_none_for_inactive_and_deceased_pets(store_url: str, status: Any) -> None:
    gone = PatientReminders(patient_id="p4", reminders=[RABIES], status=status)
    with hosted(store_url, Host(lambda _: gone)) as w:
        assert w.desk.past_due(about(w, BELLA).id) == PastDueReminders()


@pytest.mark.parametrize(("zone", "shown"), [("America/Denver", []), ("UTC", ["rabies"]), ("Asia/Tokyo", ["rabies"])])
def test_today_is_the_day_in_the_practices_zone(store_url: str, zone: str, shown: list[str]) -> None:
    with hosted(store_url, pets(p4=[Reminder(kind="rabies", due=date(2026, 3, 1))])) as w:
        w.clock.moment = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
        w.kit.add_practice(evolve(HAPPY_PAWS, time_zone=zone))
        desk = w.kit.practice("happy-paws")
        assert kinds(desk.past_due(about(w, BELLA).id)) == shown
        w.clock.pass_(days=1)
        assert kinds(desk.past_due_for(desk.inbox().items)[desk.inbox().items[0].id]) == ["rabies"]


def test_a_practice_has_its_own_emojis_and_they_are_kept(store_url: str) -> None:
    host = pets(p4=[RABIES, DENTAL, Reminder(kind="lump", due=date(2025, 6, 1))])
    rules = Rules(reminder_emojis={"Rabies vaccine": "🐺", "dental": "", "other": "📌"}, reminder_months=8)
    with hosted(store_url, host) as w:
        saved = w.kit.add_practice(evolve(HAPPY_PAWS, rules=rules))
        desk = w.kit.practice("happy-paws")
        assert saved.rules == desk.practice.rules == rules
        bella = about(w, BELLA)
        assert [one.emoji for one in desk.past_due(bella.id).items] == ["🐺"]
        w.kit.add_practice(evolve(HAPPY_PAWS, rules=evolve(rules, reminder_months=18)))
        assert [one.emoji for one in w.kit.practice("happy-paws").past_due(bella.id).items] == ["📌", "🐺"]
    if store_url != "memory:":
        with hosted(store_url, host) as w:
            w.kit.add_practice(Practice(id="other", name="Other"))
        with convokit.open(store_url) as kit:
            assert kit.practice("other").practice.rules == Rules()


def test_p10_another_practices_conversation_is_not_known(store_url: str) -> None:
    host = pets(p4=[RABIES])
    with hosted(store_url, host) as w:
        bella = about(w, BELLA)
        w.kit.add_practice(Practice(id="other", name="Other"))
        with pytest.raises(convokit.NotFound) as caught:
            w.kit.practice("other").past_due(bella.id)
        assert caught.value.code == "conversation.unknown"
        assert host.asked == []


# --- hosts that fail --------------------------------------------------------------------------------------------------


def raising(error: BaseException) -> Callable[[str], object]:
    def answer(patient_id: str) -> object:
        raise error

    return answer


class Pretender:
    """Looks like the value, and is not."""

    patient_id = "p4"
    status = "active"
    reminders = (RABIES,)


HOSTILE: list[tuple[str, Callable[[str], object]]] = [
    ("raises", raising(RuntimeError("hunter2"))),
    ("exits", raising(SystemExit(3))),
    ("recurses", raising(RecursionError())),
    ("raises ours", lambda p: PatientReminders(patient_id=p, status="hunter2")),  # type: ignore[arg-type]
    ("a moment", lambda p: Reminder(kind="x", due=datetime(2026, 1, 1, tzinfo=UTC))),
    ("a number", lambda p: 7),
    ("false", lambda p: False),
    ("a list", lambda p: [RABIES]),
    ("another pet's", lambda p: PatientReminders(patient_id="p5", reminders=[RABIES])),
    ("a pretender", lambda p: Pretender()),
    ("a coroutine's name", lambda p: "due_for"),
]


@pytest.mark.parametrize("answer", [row[1] for row in HOSTILE], ids=[row[0] for row in HOSTILE])
def test_p11_a_host_that_fails_costs_its_emojis_only(
    store_url: str, answer: Callable[[str], object], caplog: pytest.LogCaptureFixture
) -> None:
    with hosted(store_url, Host(answer)) as w:
        bella, other = about(w, BELLA), about(w, None, "c18")
        assert w.desk.past_due(bella.id) == UNKNOWN
        assert w.desk.past_due_for(w.desk.inbox().items) == {bella.id: UNKNOWN, other.id: PastDueReminders()}
        assert w.desk.send(bella.id, "All is well.", by=KIM).text == "All is well."
    logged = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert [record.name for record in logged] == ["convokit.reminders"] * 2
    assert all("happy-paws" in record.getMessage() for record in logged)
    assert "hunter2" not in caplog.text


def test_p11_a_host_that_is_down_is_asked_three_times_for_a_list(store_url: str) -> None:
    host = Host(raising(TimeoutError()))
    with hosted(store_url, host) as w:
        rows = [about(w, Patient(id=f"p{n}", name="Pet"), f"c{n}") for n in range(8)]
        assert list(w.desk.past_due_for(rows).values()) == [UNKNOWN] * 8
        assert len(host.asked) == 3
        host.answer = lambda patient_id: PatientReminders(patient_id=patient_id, reminders=[RABIES])
        assert all(kinds(found) == ["rabies"] for found in w.desk.past_due_for(rows).values())


def test_p11_a_failure_costs_the_other_pets_nothing(store_url: str) -> None:
    def answer(patient_id: str) -> object:
        if patient_id == "p4":
            raise LookupError
        return PatientReminders(patient_id=patient_id, reminders=[DENTAL])

    with hosted(store_url, Host(answer)) as w:
        bella, other = about(w, BELLA), about(w, MAX, "c18")
        found = w.desk.past_due_for([bella, other])
        assert found[bella.id] == UNKNOWN
        assert kinds(found[other.id]) == ["dental"]


def test_p18_a_host_that_floods_is_cut_off_and_it_shows(store_url: str) -> None:
    def answer(patient_id: str) -> object:
        flood = (Reminder(kind=f"kind {n}", due=date(2026, 1, 1)) for n in count())
        return PatientReminders(patient_id=patient_id, reminders=flood)  # type: ignore[arg-type]  # any iterable

    with hosted(store_url, Host(answer)) as w:
        found = w.desk.past_due(about(w, BELLA).id)
        assert (len(found.items), found.complete) == (MOST_REMINDERS, False)


# --- at start ---------------------------------------------------------------------------------------------------------


def starting(name: str, result: object) -> object:
    class Starts:
        @hookimpl
        def convokit_reminders(self) -> object:
            if isinstance(result, BaseException):
                raise result
            return result

    made = Starts()
    made.name = name  # type: ignore[attr-defined]
    return made


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (RuntimeError("no"), "plugin.raised"),
        (SystemExit(1), "plugin.raised"),
        (7, "plugin.offer"),
        (Pretender(), "plugin.offer"),
    ],
)
def test_a_broken_hook_ends_the_start_and_is_named(result: object, code: str) -> None:
    with pytest.raises(convokit.ConfigurationError) as caught:
        convokit.open("memory:", plugins=[starting("cracked", result)])
    assert caught.value.code == code
    assert "'cracked'" in caught.value.message
    assert "convokit_reminders" in caught.value.message


def test_the_plugin_that_was_enabled_last_is_asked_first_and_may_pass() -> None:
    first, second = pets(p4=[RABIES]), pets(p4=[DENTAL])
    for plugins, wanted in [
        ([first, second], second),
        ([second, first], first),
        ([first, starting("passes", None)], first),
    ]:
        with convokit.open("memory:", plugins=plugins) as kit:
            assert kit.catalogue.reminders is wanted
    with convokit.open("memory:", plugins=[starting("passes", None)]) as kit:
        assert kit.catalogue.reminders is None


# --- bad input --------------------------------------------------------------------------------------------------------


BAD_QUESTIONS: list[tuple[str, Callable[[Any, Conversation], object], str, str]] = [
    ("unknown", lambda desk, c: desk.past_due("c_0"), "conversation.unknown", "conversation_id"),
    ("none", lambda desk, c: desk.past_due(None), "conversation_id.type", "conversation_id"),
    ("list: none", lambda desk, c: desk.past_due_for(None), "conversations.type", "conversations"),
    ("list: one alone", lambda desk, c: desk.past_due_for(c), "conversations.type", "conversations"),
    ("list: ids", lambda desk, c: desk.past_due_for([c.id]), "conversations.type", "conversations"),
    ("list: text", lambda desk, c: desk.past_due_for("c_1"), "conversations.type", "conversations"),
    ("list: endless", lambda desk, c: desk.past_due_for(c for _ in count()), "conversations.too_many", "conversations"),
]


@pytest.mark.parametrize(
    ("act", "code", "field_name"), [row[1:] for row in BAD_QUESTIONS], ids=[row[0] for row in BAD_QUESTIONS]
)
def test_p18_bad_questions(w: World, act: Callable[[Any, Conversation], object], code: str, field_name: str) -> None:
    known = about(w, BELLA)
    with pytest.raises(convokit.ConvokitError) as caught:
        act(w.desk, known)
    assert (caught.value.code, caught.value.field) == (code, field_name)


def test_a_whole_page_may_be_asked_for(w: World) -> None:
    known = about(w, BELLA)
    assert w.desk.past_due_for([known] * 200) == {known.id: PastDueReminders()}


BAD_RULES: list[tuple[str, object, str]] = [
    ("no rules", None, "practice.rules"),
    ("a mapping", {"reminder_months": 3}, "practice.rules"),
    ("months: text", Rules(reminder_months="18"), "rules.reminder_months"),  # type: ignore[arg-type]
    ("months: none", Rules(reminder_months=None), "rules.reminder_months"),  # type: ignore[arg-type]
    ("months: true", Rules(reminder_months=True), "rules.reminder_months"),
    ("months: half", Rules(reminder_months=1.5), "rules.reminder_months"),  # type: ignore[arg-type]
    ("months: negative", Rules(reminder_months=-1), "rules.reminder_months"),
    ("months: 1,201", Rules(reminder_months=1201), "rules.reminder_months"),
    ("emojis: a word", Rules(reminder_emojis={"rabies": "bat"}), "rules.reminder_emojis"),
    ("emojis: the wrong way round", Rules(reminder_emojis={"🦇": "rabies"}), "rules.reminder_emojis"),
    ("emojis: too long", Rules(reminder_emojis={"rabies": "🦇" * 17}), "rules.reminder_emojis"),
    ("emojis: none", Rules(reminder_emojis={"rabies": None}), "rules.reminder_emojis"),  # type: ignore[dict-item]
    ("emojis: an escape", Rules(reminder_emojis={"rabies": "🦇\x1b"}), "rules.reminder_emojis"),
    ("kind: number", Rules(reminder_emojis={5: "🦇"}), "rules.reminder_emojis"),  # type: ignore[dict-item]
    ("kind: empty", Rules(reminder_emojis={" - ": "🦇"}), "rules.reminder_emojis"),
    ("kind: 65 characters", Rules(reminder_emojis={"x" * 65: "🦇"}), "rules.reminder_emojis"),
    ("kind: NUL", Rules(reminder_emojis={"a\x00": "🦇"}), "rules.reminder_emojis"),
    ("kind: twice", Rules(reminder_emojis={"rabies": "🦇", "Rabies_Vaccine": "🐺"}), "rules.reminder_emojis"),
    ("kinds: 201", Rules(reminder_emojis={f"kind {n}": "🦇" for n in range(201)}), "rules.reminder_emojis"),
]


@pytest.mark.parametrize(("rules", "code"), [row[1:] for row in BAD_RULES], ids=[row[0] for row in BAD_RULES])
def test_p18_bad_rules_are_refused_and_nothing_is_stored(w: World, rules: Any, code: str) -> None:
    with pytest.raises(convokit.InvalidInput) as caught:
        w.kit.add_practice(evolve(HAPPY_PAWS, name="New", rules=rules))
    assert (caught.value.code, caught.value.field) == (code, code)
    assert caught.value.limit
    assert len(str(caught.value)) < 300
    assert w.kit.practice("happy-paws").practice == w.kit.practices()[0] == HAPPY_PAWS


@pytest.mark.parametrize(
    "rules",
    [
        Rules(reminder_months=0),
        Rules(reminder_months=1200),
        Rules(reminder_emojis={f"kind {n}": "🦇" for n in range(200)}),
        Rules(reminder_emojis={"x" * 64: "🦇" * 16, "dental": ""}),
    ],
)
def test_the_largest_rules_are_kept(w: World, rules: Rules) -> None:
    w.kit.add_practice(evolve(HAPPY_PAWS, rules=rules))
    assert w.kit.practice("happy-paws").practice.rules == rules
