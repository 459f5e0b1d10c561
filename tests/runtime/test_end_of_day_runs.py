"""The reminder at the end of the day, run by workers whose clocks and lives are not to be relied on."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import anyio
import attrs
import pytest
from desks import ANA, BELLA, HAPPY_PAWS, KIM, World, world
from hypothesis import given
from hypothesis import strategies as st
from scripted_mailer import FRONT, ScriptedMailer, mailing

import convokit
import convokit.aio
from convokit.domain.instant import to_micros
from convokit.outcomes import Accepted, Refused, TryLater, Unsure
from convokit.ports.mail import MailOutcome, RecipientRefusal

RULES = convokit.EndOfDay(recipients=[FRONT])
REMINDED = mailing(HAPPY_PAWS, end_of_day=RULES)
DENVER = ZoneInfo("America/Denver")


@pytest.fixture
def mailer() -> ScriptedMailer:
    return ScriptedMailer()


@pytest.fixture
def w(store_url: str, mailer: ScriptedMailer) -> Iterator[World]:
    with world(store_url, plugins=(mailer,)) as made:
        made.kit.add_practice(REMINDED)
        made.desk = made.kit.practice("happy-paws")
        yield made


def at(w: World, day: int, hour: int, minute: int = 0, *, month: int = 3, year: int = 2026) -> None:
    """Set the clock to a local time, and let the worker do what is to do."""
    w.clock.moment = datetime(year, month, day, hour, minute, tzinfo=DENVER).astimezone(UTC)
    while w.kit.work().performed:
        pass


def states(w: World) -> dict[date, str]:
    return {report.day: report.state for report in w.desk.end_of_day().days}


def begin(w: World, name: str = "Ana Ruiz", **given: object) -> convokit.Conversation:
    client = attrs.evolve(ANA, id=f"id of {name}", name=name)
    return w.desk.start(client=client, by=KIM, **given)  # type: ignore[arg-type]


def test_one_mail_lists_what_is_open_most_urgent_first(w: World, mailer: ScriptedMailer) -> None:
    begin(w, "Ben", urgency="low")
    begin(w, "Ana <b>", patient=BELLA, title="Lab & results", urgency="urgent")
    w.desk.end(begin(w, "Over").id, by=KIM, mail_to=())
    at(w, 2, 17, 29)
    assert mailer.sent == []
    at(w, 2, 17, 30)
    (mail,) = mailer.sent
    assert (mail.recipients, mail.subject) == ((FRONT,), "Happy Paws: 2 conversations are still open")
    assert mail.attachments == ()
    assert mail.html is not None
    for text in (mail.text, mail.html):
        assert text.index("Ana") < text.index("Ben")
        assert "Over" not in text
    assert "[URGENT] Ana <b>, Bella" in mail.text
    assert "Ana &lt;b&gt;, Bella" in mail.html
    assert "Lab &amp; results" in mail.html
    assert "<b>" not in mail.html
    assert "<script" not in mail.html
    assert "http" not in mail.html  # self-contained
    assert states(w) == {date(2026, 3, 2): "sent"}
    at(w, 2, 23)
    assert len(mailer.sent) == 1


def test_where_urgency_is_off_the_newest_is_first_as_on_the_dashboard(w: World, mailer: ScriptedMailer) -> None:
    w.kit.add_practice(attrs.evolve(REMINDED, rules=attrs.evolve(REMINDED.rules, urgency=False)))
    begin(w, "Ana", urgency="urgent")
    w.clock.pass_(seconds=60)
    begin(w, "Ben", urgency="low")
    at(w, 2, 17, 30)
    (mail,) = mailer.sent
    assert mail.text.index("Ben") < mail.text.index("Ana")
    assert [row.client_name for row in w.kit.practice("happy-paws").inbox().items] == ["Ben", "Ana"]


def test_what_waits_is_unread_or_failed_is_said(w: World, mailer: ScriptedMailer) -> None:
    w.desk.app_message(client=ANA, text="Is Bella well?")
    waiting = w.desk.inbox().items[0]
    w.desk.assign(waiting.id, KIM, by=KIM)
    at(w, 2, 17, 30)
    (mail,) = mailer.sent
    assert "1 conversation is still open" in mail.text
    assert "The client wrote 9 hours ago: Is Bella well?" in mail.text
    assert "waiting for an answer for 9 hours; 1 unread; assigned to Dr. Kim" in mail.text


def test_many_are_counted_and_the_first_fifty_listed(w: World, mailer: ScriptedMailer) -> None:
    for n in range(53):
        begin(w, f"Client {n}")
    at(w, 2, 17, 30)
    (mail,) = mailer.sent
    assert mail.subject == "Happy Paws: 53 conversations are still open"
    assert mail.text.count("Begun") == 50
    assert "\nand 3 more\n" in mail.text
    assert mail.html is not None
    assert "and 3 more" in mail.html
    for n in range(60):
        begin(w, f"Another {n}")
    at(w, 3, 17, 30)
    assert mailer.sent[-1].subject == "Happy Paws: more than 99 conversations are still open"
    assert "and at least 50 more" in mailer.sent[-1].text


def test_none_when_nothing_is_open(w: World, mailer: ScriptedMailer) -> None:
    at(w, 2, 18)
    assert mailer.sent == []
    assert states(w) == {date(2026, 3, 2): "nothing_open"}
    begin(w)
    at(w, 2, 19)
    assert mailer.sent == []
    at(w, 3, 17, 31)
    assert len(mailer.sent) == 1


def test_weekends_and_holidays_are_left_out(w: World, mailer: ScriptedMailer) -> None:
    w.kit.add_practice(mailing(HAPPY_PAWS, end_of_day=attrs.evolve(RULES, holidays=["2026-03-04"])))
    begin(w)
    for day in range(2, 10):
        at(w, day, 17, 30)
    assert [report.day.day for report in w.desk.end_of_day().days] == [9, 6, 5, 3, 2]
    assert len(mailer.sent) == 5


def test_restarts_and_hosts_that_add_their_practices_again_change_nothing(w: World, mailer: ScriptedMailer) -> None:
    begin(w)
    w.clock.moment = datetime(2026, 3, 2, 18, 0, tzinfo=DENVER).astimezone(UTC)
    w.kit.add_practice(REMINDED)  # the host starts half an hour after the time
    at(w, 2, 18)
    assert len(mailer.sent) == 1
    assert "It could not be sent earlier." in " ".join(mailer.sent[0].text.split())
    w.kit.add_practice(REMINDED)
    at(w, 2, 18, 30)
    assert len(mailer.sent) == 1


def test_p21_missed_is_noted_and_the_next_mail_says_so(
    w: World, mailer: ScriptedMailer, caplog: pytest.LogCaptureFixture
) -> None:
    begin(w)
    at(w, 5, 12)  # Thursday; nothing ran since Monday noon
    assert mailer.sent == []
    (report,) = w.desk.end_of_day().days
    assert (report.state, report.day, report.until) == ("missed", date(2026, 3, 2), date(2026, 3, 4))
    assert "was missed" in caplog.text
    at(w, 5, 17, 30)
    (mail,) = mailer.sent
    assert "The mail of Monday, March 2, 2026 to Wednesday, March 4, 2026 was missed" in " ".join(mail.text.split())
    at(w, 6, 17, 30)
    assert "was missed" not in mailer.sent[-1].text


def test_p21_the_late_window_counts_to_the_second(w: World, mailer: ScriptedMailer) -> None:
    begin(w)
    at(w, 2, 19, 30)
    assert len(mailer.sent) == 1
    w.clock.moment = datetime(2026, 3, 3, 19, 30, tzinfo=DENVER).astimezone(UTC) + timedelta(microseconds=1)
    w.kit.work()
    assert len(mailer.sent) == 1
    assert states(w)[date(2026, 3, 3)] == "missed"


@pytest.mark.parametrize("jump", [timedelta(days=365), timedelta(days=-365), timedelta(hours=-1), timedelta(days=40)])
def test_p21_c36_jumps_of_the_clock_give_no_burst_no_double_and_lose_nothing(
    w: World, mailer: ScriptedMailer, jump: timedelta
) -> None:
    begin(w)
    at(w, 2, 17, 30)
    assert len(mailer.sent) == 1
    right = w.clock.moment
    w.clock.moment = right + jump
    for _ in range(3):
        w.kit.work()
    assert len(mailer.sent) <= 1 + (abs(jump) == timedelta(days=365))  # a day of that year may have its own
    w.clock.moment = right + timedelta(minutes=1)
    for _ in range(3):
        w.kit.work()
    before = len(mailer.sent)
    at(w, 2, 23)
    assert len(mailer.sent) == before
    for day in (3, 4):
        at(w, day, 12)
        at(w, day, 17, 30)
    assert len(mailer.sent) == before + 2
    assert [mail.id[-10:] for mail in mailer.sent[-2:]] == ["2026-03-03", "2026-03-04"]
    assert len({mail.id for mail in mailer.sent}) == len(mailer.sent)


def test_p21_a_clock_that_runs_ahead_over_the_time_loses_no_day(w: World, mailer: ScriptedMailer) -> None:
    begin(w)
    at(w, 2, 12, year=2027)  # a year ahead before Monday's time came
    assert states(w)[date(2026, 3, 2)] == "missed"
    at(w, 2, 17, 30)
    (mail,) = mailer.sent
    assert mail.id.endswith("2026-03-02")
    assert states(w)[date(2026, 3, 2)] == "sent"


def test_p21_c29_the_mail_says_that_the_clocks_skipped_its_time(w: World, mailer: ScriptedMailer) -> None:
    rules = attrs.evolve(RULES, time="02:30", weekdays=["sun"])
    w.kit.add_practice(mailing(HAPPY_PAWS, end_of_day=rules))
    begin(w)
    at(w, 8, 3, 29)
    assert mailer.sent == []
    at(w, 8, 3, 30)
    (mail,) = mailer.sent
    assert "The clocks skipped 02:30 today, so this mail was due at 03:30 MDT." in " ".join(mail.text.split())


def test_p21_c30_once_on_the_night_when_the_time_comes_twice(w: World, mailer: ScriptedMailer) -> None:
    rules = attrs.evolve(RULES, time="01:30", weekdays=["sun"])
    w.clock.moment = datetime(2026, 10, 31, 12, tzinfo=UTC)
    w.kit.add_practice(mailing(HAPPY_PAWS, end_of_day=rules))
    begin(w)
    for minutes in range(0, 240, 15):
        w.clock.moment = datetime(2026, 11, 1, 6, tzinfo=UTC) + timedelta(minutes=minutes)
        w.kit.work()
        assert len(mailer.sent) == (minutes >= 90)


def test_rules_may_change_at_any_time(w: World, mailer: ScriptedMailer) -> None:
    begin(w)

    def ruled(**given: object) -> None:
        w.kit.add_practice(mailing(HAPPY_PAWS, end_of_day=attrs.evolve(RULES, **given)))

    ruled(time="18:00")
    at(w, 2, 17, 45)
    assert mailer.sent == []
    at(w, 2, 18)
    assert len(mailer.sent) == 1
    ruled(time="18:30")  # this day had its turn
    at(w, 2, 18, 30)
    assert len(mailer.sent) == 1
    ruled(recipients=[])
    assert w.desk.end_of_day().next_at is None
    at(w, 3, 18, 30)
    assert len(mailer.sent) == 1
    ruled(time="09:00")
    next_at = w.desk.end_of_day().next_at
    assert next_at is not None
    assert (next_at.isoformat(), next_at.tzinfo) == ("2026-03-04T09:00:00-07:00", DENVER)


def test_rules_that_another_process_changed_without_a_plan_are_found(w: World, mailer: ScriptedMailer) -> None:
    begin(w)
    w.kit.store.put_practice(mailing(HAPPY_PAWS, end_of_day=attrs.evolve(RULES, time="19:00")))
    at(w, 2, 17, 30)
    assert mailer.sent == []
    at(w, 2, 19)
    assert len(mailer.sent) == 1
    w.kit.store.put_practice(mailing(HAPPY_PAWS))
    at(w, 3, 19)
    assert len(mailer.sent) == 1
    assert w.desk.end_of_day().next_at is None


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [
        (MailOutcome(outcome=Refused(reason="account_problem", raw="535 no")), "not_sent", "account_problem"),
        (MailOutcome(outcome=Unsure(why="hung up")), "unsure", None),
        (RuntimeError("canary"), "unsure", None),
    ],
)
def test_what_became_of_it_is_shown(
    w: World, mailer: ScriptedMailer, answer: object, state: str, reason: str | None
) -> None:
    mailer.answers = [answer]
    begin(w)
    at(w, 2, 17, 30)
    (report,) = w.desk.end_of_day().days
    assert (report.state, report.reason) == (state, reason)
    assert (report.advice is None) == (reason is None)
    at(w, 3, 17, 30)
    note = "The mail of Monday, March 2, 2026 was not sent. The mail server turned down"
    assert (note in " ".join(mailer.sent[-1].text.split())) == (state == "not_sent")


def test_a_mail_that_had_nothing_to_say_any_more_is_no_loss_to_tell_of(w: World, mailer: ScriptedMailer) -> None:
    mailer.answers.append(MailOutcome(outcome=TryLater(after=600.0)))
    talk = begin(w)
    at(w, 2, 17, 30)
    w.desk.end(talk.id, by=KIM, mail_to=())
    at(w, 2, 17, 50)
    assert [(one.state, one.reason) for one in w.desk.end_of_day().days] == [("not_sent", "cancelled")]
    begin(w)
    at(w, 3, 17, 30)
    assert "was not sent" not in mailer.sent[-1].text


def test_it_is_tried_again_but_not_into_the_night(w: World, mailer: ScriptedMailer) -> None:
    mailer.answers = [MailOutcome(outcome=TryLater())] * 1_000
    begin(w)
    for minutes in range(0, 600, 5):
        w.clock.moment = datetime(2026, 3, 3, 0, 30, tzinfo=UTC) + timedelta(minutes=minutes)
        w.kit.work()
    assert 5 < len(mailer.sent) < 20
    assert len({mail.id for mail in mailer.sent}) == 1
    (report,) = w.desk.end_of_day().days
    assert (report.state, report.reason, report.refused) == ("not_sent", "expired", (FRONT,))


def test_one_recipient_who_does_not_exist_is_named(w: World, mailer: ScriptedMailer) -> None:
    both = (FRONT, "gone@happy-paws.example")
    w.kit.add_practice(mailing(HAPPY_PAWS, end_of_day=attrs.evolve(RULES, recipients=both)))
    refusal = RecipientRefusal(address=both[1], outcome=Refused(reason="number_inactive", raw="550"))
    mailer.answers = [MailOutcome(outcome=Accepted(provider_id="x"), refusals=(refusal,))]
    begin(w)
    at(w, 2, 17, 30)
    (report,) = w.desk.end_of_day().days
    assert (report.state, report.refused, report.reason) == ("sent", (both[1],), "number_inactive")


def test_what_was_closed_in_the_last_moment_is_not_told(w: World, mailer: ScriptedMailer) -> None:
    found = begin(w)
    w.clock.moment = datetime(2026, 3, 2, 17, 30, tzinfo=DENVER).astimezone(UTC)
    assert w.kit.timekeeper.look() == 1
    w.desk.end(found.id, by=KIM, mail_to=())
    w.kit.work()
    assert mailer.sent == []
    (report,) = w.desk.end_of_day().days
    assert (report.state, report.reason) == ("not_sent", "cancelled")


def test_one_practice_whose_settings_cannot_be_read_keeps_no_other_waiting(
    w: World, mailer: ScriptedMailer, caplog: pytest.LogCaptureFixture
) -> None:
    begin(w)
    broken = attrs.evolve(REMINDED, id="broken", numbers=())
    w.kit.add_practice(broken)
    plan = w.kit.store.planned_work("broken", "end_of_day")
    assert plan is not None
    w.kit.store.put_practice(attrs.evolve(broken, time_zone="Nowhere/Land"))
    at(w, 2, 17, 30)
    assert len(mailer.sent) == 1
    assert "practice broken could not be looked at" in caplog.text


def test_an_asyncio_host_is_reminded_too(w: World, mailer: ScriptedMailer) -> None:
    begin(w)

    async def day() -> int:
        async with convokit.aio.AsyncKit(w.kit) as desk_kit:
            return (await desk_kit.work()).performed

    w.clock.moment = datetime(2026, 3, 2, 17, 30, tzinfo=DENVER).astimezone(UTC)
    assert anyio.run(day) == 1
    assert len(mailer.sent) == 1


# --- races ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [2, 8])
def test_many_workers_send_one_mail(w: World, mailer: ScriptedMailer, workers: int) -> None:
    begin(w)
    for day in (2, 3, 4):
        w.clock.moment = datetime(2026, 3, day, 17, 30, tzinfo=DENVER).astimezone(UTC)
        barrier = threading.Barrier(workers)

        def one(barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            w.kit.work()

        threads = [threading.Thread(target=one) for _ in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(mail.id[-10:] for mail in mailer.sent) == ["2026-03-02", "2026-03-03", "2026-03-04"]


PROCESS = """
import sys
from datetime import datetime, timedelta, UTC
import convokit
from scripted_mailer import ScriptedMailer

url = sys.argv[1]
mailer = ScriptedMailer()
start = datetime(2026, 3, 3, 0, 30, tzinfo=UTC)
now = [start]
with convokit.open(url, plugins=[mailer], clock=lambda: now[0]) as kit:
    print("ready", flush=True)
    sys.stdin.readline()
    for day in range(4):
        now[0] = start + timedelta(days=day)
        for _ in range(5):
            kit.work()
print(*[mail.id[-10:] for mail in mailer.sent])
"""


def test_processes_on_one_file_send_one_mail_a_day(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/desk.db"
    with world(url) as w:
        w.kit.add_practice(REMINDED)
        w.desk = w.kit.practice("happy-paws")
        begin(w)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "support")}
    made = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, url],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in made:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    said = [process.communicate("go\n", timeout=60)[0] for process in made]
    assert sorted(" ".join(said).split()) == [f"2026-03-{day:02}" for day in (2, 3, 4, 5)]


# --- any history ------------------------------------------------------------------------------------------------------

STEPS = st.lists(
    st.one_of(
        st.timedeltas(timedelta(0), timedelta(hours=30)),
        st.sampled_from(["add", timedelta(days=-365), timedelta(days=365), timedelta(minutes=-70)]),
    ),
    max_size=25,
)


@given(steps=STEPS, zone=st.sampled_from(["America/Denver", "Australia/Lord_Howe", "America/Santiago", "Asia/Beirut"]))
def test_p21_whatever_the_clock_and_the_host_do_no_day_has_two_mails(steps: list[object], zone: str) -> None:
    mailer = ScriptedMailer()
    practice = attrs.evolve(REMINDED, time_zone=zone)
    with world(plugins=(mailer,)) as w:
        w.kit.add_practice(practice)
        w.desk = w.kit.practice("happy-paws")
        begin(w)
        for step in steps:
            if isinstance(step, timedelta):
                w.clock.moment += step
            elif step == "add":
                w.kit.add_practice(practice)
            before = len(mailer.sent)
            while w.kit.work().performed:
                pass
            assert len(mailer.sent) - before <= 1, "a burst"
        assert len({mail.id for mail in mailer.sent}) == len(mailer.sent)
        plan = w.kit.store.planned_work("happy-paws", "end_of_day")
        assert plan is not None
        ahead = plan.due_us - to_micros(w.clock.moment)
        assert ahead <= timedelta(days=4).total_seconds() * 1_000_000, "a lost reminder"
