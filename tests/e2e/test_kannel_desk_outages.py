"""The desk behind a real Kannel when one of its parts is away: nothing is lost, nothing comes twice."""

from __future__ import annotations

import sqlite3
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from attrs import evolve
from convokit_sms_kannel import inbound_url
from front_desk import KIM, NEAR, OURS, SETTINGS, Office, office, until
from kannel_rig import Kannel


@pytest.fixture(scope="module")
def o(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("desk")) as opened:
        yield opened


@contextmanager
def webhooks_down(o: Office) -> Iterator[None]:
    """Nobody listens where Kannel calls back; then again on the same port."""
    o.server.stop()
    try:
        yield
    finally:
        o.server.start()


@contextmanager
def store_locked(o: Office) -> Iterator[None]:
    """Another program holds the write lock of our SQLite file."""
    other = sqlite3.connect(o.database, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield
    finally:
        other.close()


def kannel_failed(o: Office, words: str) -> bool:
    """Whether Kannel has tried a callback with these words in its URL, and has not got through."""
    log = (o.kannel.folder / "smsbox.log").read_text(errors="replace")
    return any("Couldn't fetch" in line and words in line for line in log.splitlines())


def test_texts_that_come_while_the_webhook_is_down_all_appear_once(o: Office) -> None:
    phones = ["+13035550301", "+13035550302"]
    o.text_in(phones[0], "before")
    with webhooks_down(o):
        for phone in phones:
            o.kannel.fake.say(phone, OURS, "Are you there?")
            o.kannel.fake.say(phone, OURS, "🐶 Bella ate a sock.")
        until(lambda: all(kannel_failed(o, phone[1:]) for phone in phones))
        assert o.said(phones[0]) == ["before"]
    until(lambda: [len(o.said(phone)) for phone in phones] == [3, 2])
    for phone in phones:
        o.text_in(phone, "last")
    assert sorted(o.said(phones[0])) == ["Are you there?", "before", "last", "🐶 Bella ate a sock."]
    assert sorted(o.said(phones[1])) == ["Are you there?", "last", "🐶 Bella ate a sock."]
    row = o.row(phones[1])
    assert row is not None
    assert (row.unread, row.initiated_by) == (3, "client")


def test_reports_that_come_while_the_webhook_is_down_move_the_check_later(o: Office) -> None:
    phone = "+13035550303"
    row = o.text_in(phone, "hello")
    with webhooks_down(o):
        reply = o.desk.send(row.id, "Good morning!", by=KIM)
        o.kit.work()
        o.arrives(phone, "Good morning!")
        until(lambda: kannel_failed(o, f"id={reply.id}"))
        assert o.mark(reply) == "one-check"
    o.wait_for_mark(reply, "two-checks")
    assert o.on_the_phone(phone) == ["Good morning!"]


def test_texts_and_reports_that_cannot_be_stored_are_refused_with_503_and_stored_once_later(o: Office) -> None:
    phone = "+13035550304"
    row = o.text_in(phone, "before")
    o.kannel.disconnect_fake()
    reply = o.desk.send(row.id, "On my way.", by=KIM)
    o.kit.work()
    with store_locked(o):
        o.kannel.connect_fake()
        o.kannel.fake.say(phone, OURS, "while locked")
        until(lambda: o.report_kinds(reply) and any(b"while locked" in one.body for one in o.requests))
        until(lambda: o.statuses.count(503) >= 2)
        assert o.said(phone) == ["before"]
        assert o.mark(reply) == "one-check"
    o.wait_for_mark(reply, "two-checks")
    until(lambda: "while locked" in o.said(phone))
    o.text_in(phone, "after")
    assert o.said(phone) == ["before", "while locked", "after"]


def test_texts_sent_while_kannel_is_down_leave_once_when_it_is_back(o: Office) -> None:
    phone = "+13035550305"
    row = o.text_in(phone, "hello")
    o.kannel.stop_smsbox()
    first = o.desk.send(row.id, "one", by=KIM)
    second = o.desk.send(row.id, "two", by=KIM)
    assert o.kit.work().performed == 1
    assert (o.mark(first), o.mark(second)) == ("clock", "clock")
    assert o.kit.work().performed == 0
    o.clock.jump(seconds=16)
    assert o.kit.work().performed == 1
    assert o.mark(first) == "clock"

    o.kannel.start_smsbox()
    assert o.kit.work().performed == 0
    o.clock.jump(seconds=31)
    assert o.kit.work().performed == 2
    for reply in (first, second):
        o.wait_for_mark(reply, "two-checks")
    assert o.on_the_phone(phone) == ["one", "two"]
    assert o.desk.conversation(row.id).failed == 0


def test_a_text_that_waits_for_kannel_too_long_says_so(o: Office) -> None:
    phone = "+13035550306"
    row = o.text_in(phone, "hello")
    o.kannel.stop_smsbox()
    waiting = o.desk.send(row.id, "too late", by=KIM)
    o.kit.work()
    o.clock.jump(hours=NEAR.rules.give_up_hours, seconds=1)
    o.kit.work()
    shown = o.desk.message(waiting.id).indicator
    assert shown is not None
    assert (shown.mark, shown.reason) == ("info", "expired")
    o.kannel.start_smsbox()
    in_time = o.desk.send(row.id, "in time", by=KIM)
    o.kit.work()
    o.wait_for_mark(in_time, "two-checks")
    assert o.on_the_phone(phone) == ["in time"]


def test_a_kannel_with_the_wrong_password_is_refused_and_nothing_is_stored(tmp_path: Path) -> None:
    stranger = evolve(SETTINGS, webhook_password="a guess that is wrong")
    with office(tmp_path) as quiet:
        hook = quiet.kit.webhook_url(NEAR.id)
        assert hook is not None
        with Kannel(post_url=inbound_url(stranger, hook), http_retry=1) as other:
            other.fake.say("+13035550307", OURS, "let me in")
            until(lambda: len(quiet.statuses) == 2)  # the first try and its one repetition
        for url, status in ((f"{hook}?event=mo&from=1&to=2&id=3", 403), (f"{hook}x?event=mo", 404)):
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(url, data=b"let me in")
            with refused.value as answer:
                assert (answer.code, answer.read()) == (status, b"")
        assert quiet.statuses == [403, 403, 403, 404]
        assert (quiet.desk.inbox().items, quiet.desk.changes()) == ((), ())
