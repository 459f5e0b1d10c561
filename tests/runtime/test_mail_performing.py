"""Handing a mail over when the store, the set-up or the conversation is not there."""

from __future__ import annotations

from datetime import UTC, date, datetime

import attrs
import pytest
from attrs import evolve
from desks import HAPPY_PAWS
from scripted_mailer import FRONT, ScriptedMailer, mailing

from convokit.domain.circuit import CircuitRules
from convokit.domain.conversation import Conversation
from convokit.domain.end_of_day import DayReport
from convokit.domain.instant import DAY, HOUR, MINUTE
from convokit.domain.mail_rules import EndOfDay
from convokit.domain.rules import Practice
from convokit.effects import OwedJob, SendMail
from convokit.errors import StorageError
from convokit.outcomes import Refused, TryLater
from convokit.plugins import hookimpl
from convokit.plugins.catalogue import Catalogue
from convokit.runtime.circuits import Circuits
from convokit.runtime.documents import Documents, TranscriptSettings
from convokit.runtime.mailers import Mailers
from convokit.runtime.mails.open_list import open_list
from convokit.runtime.mails.performing import MailPerformer
from convokit.runtime.world import World
from convokit.stores.memory import MemoryStore

NOW = datetime(2026, 3, 3, 0, 30, tzinfo=UTC)
US = 1_772_497_800_000_000
MAIL = SendMail(mail_id="m1", because="transcript", to=(FRONT,), conversation_id="c_gone")
OWED = OwedJob(job=MAIL, practice="happy-paws", state="begun", tries=1, owed_us=US, due_us=0)
PRACTICE = mailing(HAPPY_PAWS, end_of_day=EndOfDay(recipients=[FRONT]))


class Away(MemoryStore):
    """A store that does not answer."""

    def conversation(self, practice_id: str, conversation_id: str) -> Conversation | None:
        raise StorageError("storage.busy", "somebody has the lock")


class Chooser:
    name = "chooser"

    @hookimpl
    def convokit_choose(self, practice_id: str, kind: str) -> str | None:
        return "nobody"


def performer(store: MemoryStore | None = None, *plugins: object) -> MailPerformer:
    made = MemoryStore() if store is None else store
    made.put_practice(PRACTICE)
    mailers = Mailers(Catalogue(plugins), settings={})
    documents = Documents(made, None, TranscriptSettings())
    now = World(clock=lambda: NOW)
    return MailPerformer(made, mailers, documents, now, Circuits(CircuitRules(), now.now_us))


def test_a_store_that_is_away_is_no_reason_to_lose_the_mail(caplog: pytest.LogCaptureFixture) -> None:
    mailer = ScriptedMailer()
    fact = performer(Away(), mailer).perform(PRACTICE, OWED)
    assert isinstance(fact.outcome, TryLater)
    assert mailer.sent == []
    assert "could not be put together" in caplog.text


def test_a_wrong_choice_waits_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    fact = performer(None, ScriptedMailer(), Chooser()).perform(PRACTICE, OWED)
    assert isinstance(fact.outcome, TryLater)
    assert "[mail.unknown_mailer]" in caplog.text


@pytest.mark.parametrize(
    "job",
    [
        MAIL,
        evolve(MAIL, conversation_id=None),
        evolve(MAIL, because="end_of_day", conversation_id=None, day=date(2026, 3, 2)),
    ],
)
def test_what_there_is_nothing_to_say_of_is_cancelled(job: SendMail) -> None:
    fact = performer(None, ScriptedMailer()).perform(PRACTICE, evolve(OWED, job=job))
    assert isinstance(fact.outcome, Refused)
    assert fact.outcome.reason == "cancelled"


def test_another_kind_of_job_is_a_mistake() -> None:
    @attrs.frozen
    class Other:
        key: str = "x.1"

    with pytest.raises(TypeError):
        performer().refused(PRACTICE, evolve(OWED, job=Other()), "expired", "")


# --- the words of the reminder ----------------------------------------------------------------------------------------


def said(practice: Practice = PRACTICE, *, late: int = 0, age: int = HOUR, **changes: object) -> list[str]:
    """The words about one conversation, and the notes."""
    found = Conversation(
        id="c_1",
        channel="sms",
        sender="+13035550100",
        address="+13035550123",
        started_us=US - age,
        last_us=US - age,
        **changes,  # type: ignore[arg-type]
    )
    that = date(2026, 3, 2)
    report = DayReport(day=that, until=that, state="owed", due_us=US - late, at_us=US)
    made = open_list(practice, [found], 1, report, [], US, moved=False)
    (row,) = made.rows
    return [row.who, row.last, row.text, *row.needs, *made.notes]


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (-HOUR, "just now"),
        (MINUTE - 1, "just now"),
        (MINUTE, "1 minute ago"),
        (2 * MINUTE, "2 minutes ago"),
        (2 * HOUR - 1, "119 minutes ago"),
        (2 * HOUR, "2 hours ago"),
        (2 * DAY - 1, "47 hours ago"),
        (2 * DAY, "2 days ago"),
    ],
)
def test_ages_are_told_as_people_do(age: int, words: str) -> None:
    assert said(age=age)[1] == f"Begun {words}"


def test_a_row_says_who_wrote_what_and_what_it_needs() -> None:
    assert said() == ["+13035550123", "Begun 60 minutes ago", ""]
    assert said(
        client_name="Ana\nRuiz",
        patient_name="Bella",
        last_side="practice",
        last_text="Bella is well.",
        failed=1,
        unread=2,
        awaiting_us=US - 3 * HOUR,
        assignee_name="Dr. Kim",
    ) == [
        "Ana[U+000A]Ruiz, Bella",
        "We wrote 60 minutes ago",
        "Bella is well.",
        "waiting for an answer for 3 hours",
        "2 unread",
        "1 not delivered",
        "assigned to Dr. Kim",
    ]


def test_only_what_is_late_says_so() -> None:
    assert said(late=10 * MINUTE)[3:] == []
    assert said(late=11 * MINUTE)[3:] == [
        "This mail was due on Monday, March 2, 2026, 17:19 MST. It could not be sent earlier."
    ]
