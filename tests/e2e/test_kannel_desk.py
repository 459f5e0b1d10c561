"""The desk end to end: phones, a real Kannel, our webhooks, and what the front desk sees."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from urllib.parse import quote_from_bytes

import pytest
from front_desk import FAR, KIM, OURS, Office, office, until

import convokit

LONG_GSM = "Bella may have water, rice and {a little} chicken [no bones]. " * 7
LONG_UCS2 = "Ж🐶ё " * 100


@pytest.fixture(scope="module")
def o(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("desk")) as opened:
        yield opened


def test_a_text_comes_in_and_the_reply_moves_from_clock_to_two_checks(o: Office) -> None:
    ana = "+13035550201"
    row = o.text_in(ana, "Is Bella ready?")
    assert (row.unread, row.initiated_by, row.channel, row.ended) == (1, "client", "sms", False)
    assert [r.id for r in o.desk.inbox(unread=True, initiated_by="client").items] == [row.id]

    o.kannel.disconnect_fake()
    reply = o.desk.send(row.id, "Yes, come by any time.", by=KIM)
    assert o.mark(reply) == "clock"
    o.kit.work()
    assert o.mark(reply) == "one-check"
    o.kannel.connect_fake()
    o.arrives(ana, "Yes, come by any time.")
    o.wait_for_mark(reply, "two-checks")
    until(lambda: len(o.report_kinds(reply)) == 2)
    assert o.report_kinds(reply) == ["8", "1"]

    (row,) = [r for r in o.desk.inbox(unread=False).items if r.address == ana]
    assert (row.unread, row.last_side, row.last_delivery) == (0, "practice", convokit.Delivery.DELIVERED)
    assert o.desk.message(reply.id).indicator == convokit.indicator(channel="sms", delivery="delivered")


@pytest.mark.parametrize(("phone", "text"), [("+13035550202", LONG_GSM), ("+13035550203", LONG_UCS2)])
def test_of_a_long_text_delivered_comes_before_sent_and_no_check_goes_back(o: Office, phone: str, text: str) -> None:
    row = o.text_in(phone, "Tell me all.")
    reply = o.desk.send(row.id, text, by=KIM)
    marks = o.host.watch(reply)
    worker = threading.Thread(target=o.kit.run, kwargs={"threads": 2, "idle_seconds": 0.02})
    worker.start()
    try:
        o.arrives(phone, text)
        until(lambda: len(o.report_kinds(reply)) == 2)
        o.wait_for_mark(reply, "two-checks")
    finally:
        o.kit.stop()
        worker.join()
    assert o.report_kinds(reply) == ["1", "8"]
    assert marks in (["clock", "one-check", "two-checks"], ["clock", "two-checks"])


@pytest.mark.parametrize(
    ("phone", "text"),
    [
        ("+13035550211", "🐶 Bella says hi 🎉👩‍⚕️"),
        ("+13035550212", "It’s “only” a check-up – don’t worry…"),
        ("+13035550213", "one\ntwo\n\nfour"),
        ("+13035550214", LONG_GSM[:400]),
        ("+13035550215", LONG_UCS2),
    ],
    ids=["emoji", "quotes", "lines", "gsm-400", "ucs2-400"],
)
def test_texts_arrive_whole_both_ways(o: Office, phone: str, text: str) -> None:
    row = o.text_in(phone, text)
    reply = o.desk.send(row.id, text, by=KIM)
    o.kit.work()
    o.arrives(phone, text)
    o.wait_for_mark(reply, "two-checks")
    assert [(e.side, e.text) for e in o.desk.thread(row.id).items] == [("client", text), ("practice", text)]
    assert o.on_the_phone(phone) == [text]


def test_a_long_text_that_a_phone_sends_in_parts_is_one_message(o: Office) -> None:
    phone, parts = "+13035550216", ("Bella ate " * 15, "a whole sofa " * 11, "and looks proud.")
    for number in (3, 1, 2):
        header = f"%05%00%03%2A%03%0{number}"
        payload = quote_from_bytes(parts[number - 1].encode(), safe="")
        o.kannel.fake.say_raw(f"{phone} {OURS} udh-data {header} {payload}".encode())
    until(lambda: o.said(phone))
    assert o.said(phone) == ["".join(parts)]


def test_stop_is_confirmed_once_and_nothing_leaves_until_start(o: Office) -> None:
    phone = "+13035550221"
    row = o.text_in(phone, "STOP")
    assert o.desk.consent(phone).opted_out
    o.kit.work()
    confirmation = o.kannel.fake.wait_for(lambda one: one.to == phone).text
    assert confirmation.startswith("Happy Paws: you are unsubscribed")

    o.text_in(phone, "stop!")
    refused = o.desk.send(row.id, "Bella's results are in.", by=KIM)
    shown = refused.indicator
    assert shown is not None
    assert (shown.mark, shown.reason) == ("info", "opted_out")
    assert "START" in (shown.advice or "")
    assert o.kit.work().performed == 0

    o.text_in(phone, "START")
    assert not o.desk.consent(phone).opted_out
    again = o.desk.send_again(row.id, refused.id, by=KIM)
    o.kit.work()
    o.wait_for_mark(again, "two-checks")
    assert o.on_the_phone(phone) == [confirmation, "Bella's results are in."]
    ledger = [(line.action, line.source, line.evidence) for line in o.desk.consent_ledger(phone)]
    assert ledger == [("opt_out", "text", "STOP"), ("opt_in", "text", "START")]


def written_to(desk: convokit.PracticeDesk, digits: str) -> convokit.Entry:
    """A text to the number whose last digits tell the scripted network what to do with it."""
    who = convokit.Client(id=f"c{digits}", name="Ana Ruiz", phone=f"303 555 {digits}")
    talk = desk.start(client=who, channel="sms", title="Results", by=KIM)
    return desk.send(talk.id, "Bella's results are in.", by=KIM)


@pytest.mark.parametrize(
    ("digits", "reason", "advice", "raw"),
    [
        ("0001", "unknown", "call the client", "stat:UNDELIV err:001"),
        ("0002", "expired", "Send it again", "stat:EXPIRED"),
        ("0003", "unknown", "call the client", "stat:REJECTD"),
        ("0004", "invalid_number", "typing mistake", "NACK/0x0000000b"),
    ],
)
def test_a_failed_text_shows_the_black_i_with_reason_and_advice(
    o: Office, digits: str, reason: str, advice: str, raw: str
) -> None:
    desk = o.kit.practice(FAR.id)
    failed = written_to(desk, digits)
    o.kit.work()
    o.wait_for_mark(failed, "info", desk)
    failed = desk.message(failed.id)
    shown = failed.indicator
    assert shown is not None
    assert (shown.color, shown.label, shown.reason) == ("black", "Could not be delivered", reason)
    assert advice in (shown.advice or "")
    assert raw in failed.raw
    row = desk.conversation(failed.conversation_id)
    assert (row.failed, row.last_delivery) == (1, convokit.Delivery.FAILED)
    assert "Bella" not in failed.raw


def test_a_failed_text_is_sent_again_and_delivered(o: Office) -> None:
    desk = o.kit.practice(FAR.id)
    failed = written_to(desk, "0013")
    o.kit.work()
    o.wait_for_mark(failed, "info", desk)
    again = desk.send_again(failed.conversation_id, failed.id, by=KIM)
    assert (again.id, again.attempt, o.mark(again, desk)) == (failed.id, 2, "clock")
    o.kit.work()
    o.wait_for_mark(again, "two-checks", desk)
    row = desk.conversation(again.conversation_id)
    assert (row.failed, row.last_delivery) == (0, convokit.Delivery.DELIVERED)
