"""Texts that a program sends by itself wait for the end of the quiet hours, through the front door on both stores."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from desks import ANA, ANA_PHONE, HAPPY_PAWS, KIM, OURS, World, world

import convokit
from convokit import Conflict, Delivery, Entry, InvalidInput, QuietHours, Rules
from convokit.plugins import hookimpl
from convokit.runtime.checks_practice import check_practice
from convokit.runtime.restoring import HeldBack, hold_back

DENVER = ZoneInfo("America/Denver")
REMINDER = "Bella's vaccination is due."


def at(w: World, local: str, zone: ZoneInfo = DENVER) -> None:
    w.clock.moment = datetime.fromisoformat(local).replace(tzinfo=zone).astimezone(UTC)


def begun(w: World, local: str, zone: ZoneInfo = DENVER) -> str:
    """An open conversation by text with Ana, at a local time."""
    at(w, local, zone)
    return w.desk.start(client=ANA, channel="sms", by=KIM).id


def remind(w: World, chat: str, client_zone: str | None = None) -> Entry:
    return w.desk.send(chat, REMINDER, by=KIM, automatic=True, client_zone=client_zone)


def received(w: World) -> list[str]:
    """What Ana's phone has, after the worker had its turn at this very moment."""
    w.kit.work()
    w.carrier.step()
    return [text.text for text in w.carrier.phone(ANA_PHONE).received]


@pytest.mark.parametrize(
    ("written", "hours"), [("2026-03-02T23:10", 9), ("2026-03-07T23:10", 8), ("2026-10-31T23:10", 10)]
)
def test_p21_c38_it_leaves_at_eight_and_not_before(w: World, written: str, hours: int) -> None:
    chat = begun(w, written)
    sent = remind(w, chat)
    assert (sent.delivery, sent.flags) == (Delivery.QUEUED, ("quiet_hours",))
    assert sent.indicator is not None
    assert (sent.indicator.mark, sent.indicator.label) == ("clock", "Waits for the end of the quiet hours")
    w.clock.pass_(minutes=1)
    assert received(w) == []
    eight = w.clock.moment - timedelta(minutes=11) + timedelta(hours=hours)
    assert f"{eight.astimezone(DENVER):%H:%M}" == "08:00"
    while w.clock.moment < eight - timedelta(hours=1):
        w.clock.pass_(hours=1)
        assert received(w) == []
    w.clock.moment = eight - timedelta(seconds=1)
    assert received(w) == []
    w.clock.moment = eight
    assert received(w) == [REMINDER]
    w.settle()
    assert (w.desk.message(sent.id).delivery, w.desk.message(sent.id).flags) == (Delivery.DELIVERED, ())


def test_p21_c38_the_zone_of_the_client_counts_where_it_is_known(w: World) -> None:
    chat = begun(w, "2026-03-02T20:10")  # in Denver; in New York it is 22:10
    assert remind(w, chat, "America/New_York").flags == ("quiet_hours",)
    assert remind(w, chat).flags == ()
    assert len(received(w)) == 1
    at(w, "2026-03-03T05:59")
    assert len(received(w)) == 1
    at(w, "2026-03-03T06:00")
    assert len(received(w)) == 2


def test_what_staff_write_meanwhile_does_not_wait_for_it(w: World) -> None:
    chat = begun(w, "2026-03-02T23:10")
    remind(w, chat)
    w.carrier.phone(ANA_PHONE).text(OURS, "Bella ate chocolate!")
    w.desk.send(chat, "Come at once.", by=KIM)
    assert received(w) == ["Come at once."]
    at(w, "2026-03-03T08:00")
    assert received(w) == ["Come at once.", REMINDER]


def test_it_answers_nothing_and_names_nobody(w: World) -> None:
    chat = begun(w, "2026-03-02T12:00")
    w.carrier.phone(ANA_PHONE).text(OURS, "When can I come?")
    robot = convokit.Staff(id="reminders", name="Reminders")
    w.desk.rename_team_member(chat, "Dr. Kim", by=KIM)
    w.desk.send(chat, REMINDER, by=robot, automatic=True)
    known = w.desk.conversation(chat)
    assert (known.unread, known.awaiting_us is None, known.team_member) == (1, False, "Dr. Kim")


def test_by_day_it_leaves_at_once(w: World) -> None:
    sent = remind(w, begun(w, "2026-03-02T12:00"))
    assert (sent.flags, sent.indicator and sent.indicator.label) == ((), "Waiting to be sent")
    assert received(w) == [REMINDER]


def test_a_worker_that_comes_too_late_keeps_it_until_the_morning(w: World) -> None:
    chat = begun(w, "2026-03-02T20:59")
    sent = remind(w, chat)
    at(w, "2026-03-02T21:00")
    assert received(w) == []
    assert w.desk.message(sent.id).flags == ("quiet_hours",)
    at(w, "2026-03-03T08:00")
    assert received(w) == [REMINDER]


def test_the_practice_says_when_it_is_quiet_or_that_it_never_is(w: World) -> None:
    chat = begun(w, "2026-03-02T20:30")
    w.kit.add_practice(evolve(HAPPY_PAWS, rules=Rules(quiet_hours=QuietHours(begin="20:00", end="09:30"))))
    w.desk = w.kit.practice("happy-paws")
    remind(w, chat)
    at(w, "2026-03-03T09:29")
    assert received(w) == []
    w.kit.add_practice(evolve(HAPPY_PAWS, rules=Rules(quiet_hours=QuietHours(on=False))))
    w.clock.pass_(minutes=1)
    assert received(w) == [REMINDER]


def test_in_the_app_nothing_waits(w: World) -> None:
    at(w, "2026-03-02T23:10")
    chat = w.desk.start(client=ANA, by=KIM).id
    sent = remind(w, chat)
    assert (sent.delivery, sent.flags) == (Delivery.SENT, ())


def test_a_client_who_opts_out_while_it_waits_gets_nothing(w: World) -> None:
    chat = begun(w, "2026-03-02T23:10")
    sent = remind(w, chat)
    w.desk.opt_out(ANA_PHONE, by=KIM, reason="asked")
    at(w, "2026-03-03T08:00")
    assert received(w) == []
    after = w.desk.message(sent.id)
    assert (after.delivery, after.reason, after.flags) == (Delivery.FAILED, "opted_out", ())
    assert remind(w, chat).reason == "opted_out"
    assert w.kit.store.due_jobs(2**60, 9) == ()


def test_a_client_who_may_have_opted_out_is_sent_nothing_by_a_program(w: World) -> None:
    chat = begun(w, "2026-03-02T12:00")
    w.carrier.phone(ANA_PHONE).text(OURS, "ST0P")
    with pytest.raises(Conflict) as refused:
        remind(w, chat)
    assert refused.value.code == "client.maybe_opt_out"
    assert w.desk.send(chat, "Do you mean our texts?", by=KIM).delivery is Delivery.QUEUED


def test_p18_what_has_no_meaning_is_refused() -> None:
    given: list[tuple[dict[str, Any], str, str]] = [
        ({"automatic": 1}, "automatic.type", "automatic"),
        ({"client_zone": "America/Denver"}, "time.zone", "client_zone"),
        ({"automatic": True, "client_zone": "Mars/Olympus"}, "time.zone", "client_zone"),
        ({"automatic": True, "client_zone": "../../etc/passwd"}, "time.zone", "client_zone"),
        ({"automatic": True, "client_zone": 5}, "time.zone", "client_zone"),
    ]
    with world() as w:
        chat = begun(w, "2026-03-02T12:00")
        for wrong, code, field in given:
            with pytest.raises(InvalidInput) as refused:
                w.desk.send(chat, REMINDER, by=KIM, **wrong)
            assert (refused.value.code, refused.value.field) == (code, field)
        assert [entry.kind for entry in w.desk.thread(chat).items] == ["event"]


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (QuietHours(begin="9pm"), "rules.quiet_hours.begin"),
        (QuietHours(end="24:00"), "rules.quiet_hours.end"),
        (QuietHours(end=8), "rules.quiet_hours.end"),  # type: ignore[arg-type]
        (QuietHours(begin="08:00"), "rules.quiet_hours.end"),
        (QuietHours(on="yes"), "rules.quiet_hours.on"),  # type: ignore[arg-type]
        ("21:00-08:00", "rules.quiet_hours"),
    ],
    ids=str,
)
def test_p18_hours_that_cannot_be_are_refused(rule: QuietHours, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_practice(evolve(HAPPY_PAWS, rules=Rules(quiet_hours=rule)))
    assert (refused.value.code, refused.value.field) == ("rules.quiet_hours", field)


def test_after_a_backup_is_restored_a_person_decides(w: World) -> None:
    chat = begun(w, "2026-03-02T23:10")
    sent = remind(w, chat)
    assert hold_back(w.kit) == HeldBack(texts=1)
    at(w, "2026-03-03T08:00")
    assert received(w) == []
    assert (w.desk.message(sent.id).delivery, w.desk.conversation(chat).failed) == (Delivery.UNSURE, 1)
    w.desk.send_again(chat, sent.id, by=KIM)
    assert received(w) == [REMINDER]


def test_a_worker_that_died_over_it_costs_nothing(w: World) -> None:
    sent = remind(w, begun(w, "2026-03-02T23:10"))
    key = f"{sent.id}.release"
    assert w.kit.store.begin_job("happy-paws", key, w.kit.world.now_us(), 1_000_000) is not None
    at(w, "2026-03-03T08:00")
    assert received(w) == [REMINDER]


class _Veto:
    @hookimpl
    def convokit_veto(self, practice_id: str, effect: object) -> str | None:
        return "cancelled by the host" if getattr(effect, "kind", "") == "release_text" else None


def test_one_that_the_host_vetoes_is_shown_as_failed() -> None:
    with world(plugins=(_Veto(),)) as w:
        chat = begun(w, "2026-03-02T23:10")
        sent = remind(w, chat)
        assert received(w) == []
        after = w.desk.message(sent.id)
        assert (after.delivery, after.reason, after.flags) == (Delivery.FAILED, "cancelled", ())
        assert w.desk.conversation(chat).failed == 1


def test_what_may_mean_an_opt_out_holds_a_text_that_waits_until_a_person_decided(w: World) -> None:
    chat = begun(w, "2026-03-02T23:10")
    sent = remind(w, chat)
    w.carrier.phone(ANA_PHONE).text(OURS, "ST0P")
    assert w.desk.consent(ANA_PHONE).maybe
    at(w, "2026-03-03T08:00")
    assert received(w) == []
    held = w.desk.message(sent.id)
    assert held.indicator is not None
    assert (held.delivery, held.indicator.label) == (Delivery.QUEUED, "Waiting to be sent")
    at(w, "2026-03-03T09:30")
    assert received(w) == []
    w.desk.dismiss_maybe(ANA_PHONE, by=KIM, reason="she meant the photos")
    at(w, "2026-03-03T10:30")
    assert received(w) == [REMINDER]
