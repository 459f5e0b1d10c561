"""Past-due reminders in `convokit inbox`, where an enabled plugin knows them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from command import convokit, install

import convokit as api
from convokit.cli.screen import Screen
from convokit.cli.views import reminder_lines

PLUGIN = """
import sys
from datetime import date
from convokit.plugins import hookimpl
from convokit.ports.reminders import PatientReminders, Reminder

@hookimpl
def convokit_reminders():
    return sys.modules[__name__]

def due_for(practice_id, patient_id):
    if patient_id == "p5":
        raise LookupError("not today")
    return PatientReminders(patient_id=patient_id, reminders=[
        Reminder(kind="rabies", due=date(2020, 1, 1)), Reminder(kind="dental", due=date(2021, 1, 1)),
    ])
"""
ANA = api.Client(id="c17", name="Ana Ruiz")
BELLA = api.Patient(id="p4", name="Bella \x1b[31m")
KIM = api.Staff(id="u1", name="Dr. Kim")


@pytest.fixture
def desk(tmp_path: Path) -> str:
    """A desk with a conversation about Bella, one about Max and one about nobody; its URL."""
    url = f"sqlite:///{tmp_path.as_posix()}/desk.db"
    with api.open(url) as kit:
        kit.add_practice(api.Practice(id="happy-paws", name="Happy Paws", rules=api.Rules(reminder_months=1200)))
        own = kit.practice("happy-paws")
        own.start(client=ANA, patient=BELLA, by=KIM)
        own.start(client=api.Client(id="c18", name="Ben"), patient=api.Patient(id="p5", name="Max"), by=KIM)
        own.start(client=api.Client(id="c19", name="Eva"), by=KIM)
    return url


def test_inbox_names_what_is_past_due(desk: str, tmp_path: Path) -> None:
    path = install(tmp_path / "site", "books", PLUGIN)
    done = convokit("inbox", "--db", desk, "--plugin", "books", PYTHONPATH=path)
    assert done.returncode == 0
    told = [line.strip() for line in done.stdout.splitlines() if "past due" in line]
    assert told == [
        "2  past due for Max: not known",
        "3  past due for Bella [31m: 🦇 Rabies vaccination · 🦷 Dental care",
    ]
    assert "not today" not in done.stdout + done.stderr
    plain = convokit("inbox", "--db", desk, "--plugin", "books", PYTHONPATH=path, PYTHONUTF8="0", LC_ALL="C",
                     PYTHONIOENCODING="ascii")  # fmt: skip
    assert "3  past due for Bella [31m: Rabies vaccination - Dental care" in plain.stdout


def test_inbox_for_programs_names_it_too(desk: str, tmp_path: Path) -> None:
    path = install(tmp_path / "site", "books", PLUGIN)
    done = convokit("inbox", "--db", desk, "--plugin", "books", "--json", PYTHONPATH=path)
    nobody, failed, bella = json.loads(done.stdout)
    assert (nobody["past_due"], nobody["past_due_complete"]) == ([], True)
    assert (failed["past_due"], failed["past_due_complete"]) == ([], False)
    assert [(one["kind"], one["emoji"], one["due"]) for one in bella["past_due"]] == [
        ("rabies", "🦇", "2020-01-01"),
        ("dental", "🦷", "2021-01-01"),
    ]
    assert bella["past_due"][0]["days_overdue"] > 2000


def test_without_a_plugin_there_is_no_line(desk: str) -> None:
    done = convokit("inbox", "--db", desk)
    assert done.returncode == 0
    assert "past due" not in done.stdout


def test_plugins_says_who_knows_reminders(tmp_path: Path) -> None:
    path = install(tmp_path / "site", "books", PLUGIN)
    assert "past-due reminders" in convokit("plugins", "--plugin", "books", PYTHONPATH=path).stdout


def test_what_was_cut_off_says_so() -> None:
    row = api.Conversation(id="c_1", channel="app", sender="app", address="c17", started_us=0, last_us=0)
    found = api.PastDue(kind="rabies", emoji="🦇", label="Rabies " * 20, due=date(2026, 1, 1), days_overdue=1)
    lines = reminder_lines(Screen(), [row], {"c_1": api.PastDueReminders(items=(found,), complete=False)})
    assert lines[0].startswith("   1  past due for the pet: 🦇 Rabies")
    assert lines[-1].endswith("Rabies · perhaps more")
