"""What the doctor and the worker say of mails."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import attrs
import pytest
from desks import HAPPY_PAWS, KIM
from scripted_mailer import FRONT, SENDER, ScriptedMailer, mailing

import convokit
from convokit.cli.doctor_mail import mail_findings
from convokit.decisions.base import Before, Decision
from convokit.domain.end_of_day import DayReport
from convokit.domain.planned_work import WorkPlan
from convokit.facts import EffectSettled
from convokit.outcomes import Accepted
from convokit.plugins import hookimpl

REMINDED = mailing(HAPPY_PAWS, end_of_day=convokit.EndOfDay(recipients=[FRONT]))


def findings(practice: convokit.Practice, *plugins: object, report: DayReport | None = None) -> list[tuple[str, str]]:
    with convokit.open("memory:", plugins=plugins, clock=lambda: datetime(2026, 3, 2, 15, tzinfo=UTC)) as kit:
        kit.add_practice(practice)
        if report is not None:
            fact = EffectSettled(key="none", tries=1, outcome=Accepted(), provider="x", at_us=1)
            kit.store.commit(practice.id, Before(), fact, Decision(day=report))
        return [(one.state, one.words) for one in mail_findings(kit, practice)]


def test_a_practice_without_mails_is_not_troubled() -> None:
    assert findings(HAPPY_PAWS) == []


def test_everything_is_told() -> None:
    assert findings(REMINDED, ScriptedMailer()) == [
        (
            "ok",
            f"mailer scripted, settings valid; from {SENDER}; transcripts to {FRONT}; reminders to {FRONT}",
        ),
        ("ok", "the next reminder is due on 2026-03-02 17:30 MST"),
    ]


def test_nobody_is_said_too() -> None:
    practice = attrs.evolve(REMINDED, rules=convokit.Rules(mail=convokit.MailRules(sender=SENDER)))
    ((state, words),) = findings(practice, ScriptedMailer())
    assert state == "ok"
    assert words.endswith("transcripts to nobody; reminders to nobody")


class EmptyVault:
    """Without one, what is enabled and has no settings is refused at the start already."""

    @hookimpl
    def convokit_settings(self) -> None:
        """Knows no practice."""


def test_a_mailer_that_is_missing_or_wrong_is_named() -> None:
    assert findings(REMINDED)[0] == ("warn", "no mailer is enabled: mails wait (--plugin)")
    state, words = findings(REMINDED, "smtp", EmptyVault())[0]
    assert state == "fail"
    assert "needs the setting 'host'" in words


@pytest.mark.parametrize(
    ("state", "given", "words"),
    [
        ("missed", {"until": date(2026, 3, 1)}, "missed from 2026-02-27 to 2026-03-01: no worker ran at that time"),
        ("not_sent", {"reason": "account_problem"}, "not sent on 2026-02-27: The mail server turned down"),
        ("sent", {}, None),
    ],
)
def test_the_last_reminder_that_went_wrong_is_told(state: str, given: dict[str, object], words: str | None) -> None:
    day = date(2026, 2, 27)
    report = DayReport(day=day, until=day, state="owed", due_us=1, at_us=1)
    told = findings(REMINDED, ScriptedMailer(), report=attrs.evolve(report, state=state, **given))  # type: ignore[arg-type]
    assert len(told) == (2 if words is None else 3)
    if words is not None:
        assert told[2][0] == "warn"
        assert told[2][1].startswith(words)


def test_mails_that_wait_are_counted() -> None:
    moment = [datetime(2026, 3, 2, 15, tzinfo=UTC)]
    with convokit.open("memory:", clock=lambda: moment[0]) as kit:
        kit.add_practice(mailing(HAPPY_PAWS))
        kit.add_practice(mailing(attrs.evolve(HAPPY_PAWS, id="other", numbers=())))
        said = []
        for name in ("Ana", "Ben"):
            desk = kit.practice("happy-paws")
            begun = desk.start(client=convokit.Client(id=name, name=name), by=KIM)
            desk.end(begun.id, by=KIM)
            said.append([(one.state, one.words) for one in mail_findings(kit, desk.practice)][1])
            kit.work()
            moment[0] += timedelta(hours=1)
        kit.work()
        said.append([(one.state, one.words) for one in mail_findings(kit, desk.practice)][1])
        assert said == [
            ("ok", "1 mail waits to be handed over, not tried yet"),
            ("warn", "2 mails wait to be handed over, tried once in vain"),
            ("warn", "2 mails wait to be handed over, tried 3 times in vain"),
        ]
        assert len(list(mail_findings(kit, attrs.evolve(desk.practice, id="other")))) == 1


def test_a_reminder_for_which_no_day_is_left_is_told() -> None:
    with convokit.open("memory:", plugins=[ScriptedMailer()]) as kit:
        kit.add_practice(REMINDED)
        plan = kit.store.planned_work("happy-paws", "end_of_day")
        assert plan is not None
        kit.store.plan_work(
            "happy-paws", WorkPlan(kind="end_of_day", due_us=None, planned_us=1, instead_of=plan.due_us)
        )
        assert [one.state for one in mail_findings(kit, REMINDED)] == ["ok", "warn"]
