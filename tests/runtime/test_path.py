"""The whole path on both stores: a text in, a reply out, checks that move, and what can go wrong on the way."""

from __future__ import annotations

import pytest
from attrs import evolve
from desks import ANA, ANA_PHONE, BELLA, HAPPY_PAWS, KIM, OURS, World, world

import convokit
from convokit import Delivery
from convokit.gateways.simulator import Weather


def marks(w: World, conversation_id: str) -> list[tuple[str, str]]:
    return [(e.text, e.indicator.mark) for e in w.desk.thread(conversation_id).items if e.indicator is not None]


def test_staff_write_and_the_check_goes_from_clock_to_one_to_two(w: World) -> None:
    c = w.desk.start(client=ANA, patient=BELLA, channel="sms", title="Lab results", by=KIM)
    m = w.desk.send(c.id, "Bella's results are in.", by=KIM)
    assert m.delivery is Delivery.QUEUED
    assert marks(w, c.id) == [("Bella's results are in.", "clock")]
    assert w.kit.work().performed == 1
    assert marks(w, c.id) == [("Bella's results are in.", "one-check")]
    w.settle()
    assert marks(w, c.id) == [("Bella's results are in.", "two-checks")]
    assert w.desk.inbox().items[0].last_delivery is Delivery.DELIVERED
    assert [t.text for t in w.carrier.phone(ANA_PHONE).received] == ["Bella's results are in."]


def test_a_client_writes_first_and_staff_answer(w: World) -> None:
    answer = w.carrier.phone(ANA_PHONE).text(OURS, "Is Bella ok?")
    assert answer.status == 200
    (row,) = w.desk.inbox(unread=True, initiated_by="client").items
    assert (row.last_text, row.unread, row.address, row.sender) == ("Is Bella ok?", 1, ANA_PHONE, OURS)
    assert row.awaiting_reply_since is not None
    w.desk.send(row.id, "She is fine.", by=KIM)
    assert w.desk.inbox(unread=True).items == ()
    assert [e.text for e in w.desk.thread(row.id).items] == ["Is Bella ok?", "She is fine."]


def test_one_open_conversation_per_address_and_the_second_start_names_the_first(w: World) -> None:
    c = w.desk.start(client=ANA, channel="sms", by=KIM)
    w.carrier.phone(ANA_PHONE).text(OURS, "hi")
    assert [row.id for row in w.desk.inbox().items] == [c.id]
    with pytest.raises(convokit.Conflict, match=c.id):
        w.desk.start(client=ANA, channel="sms", by=KIM)


def test_client_ref_makes_a_repeated_send_one_message_and_refuses_another_text(w: World) -> None:
    c = w.desk.start(client=ANA, channel="sms", by=KIM)
    first = w.desk.send(c.id, "Hello", by=KIM, client_ref="tab-1")
    again = w.desk.send(c.id, "Hello", by=KIM, client_ref="tab-1")
    assert again.id == first.id
    w.settle()
    assert len(w.carrier.taken) == 1
    with pytest.raises(convokit.Conflict) as caught:
        w.desk.send(c.id, "Other words", by=KIM, client_ref="tab-1")
    assert caught.value.code == "message.client_ref"


def test_a_repeated_send_is_the_same_message_even_after_the_end(w: World) -> None:
    c = w.desk.start(client=ANA, channel="sms", by=KIM)
    first = w.desk.send(c.id, "Hello", by=KIM, client_ref="tab-1")
    w.desk.end(c.id, by=KIM)
    assert w.desk.send(c.id, "Hello", by=KIM, client_ref="tab-1").id == first.id
    with pytest.raises(convokit.Conflict) as caught:
        w.desk.send(c.id, "Hello", by=KIM, client_ref="tab-2")
    assert caught.value.code == "conversation.ended"


def test_p02_a_repeated_inbound_is_stored_once_and_a_reused_id_is_kept_and_flagged(w: World) -> None:
    def call(text: str) -> int:
        event = {"kind": "text", "id": "P1", "from": ANA_PHONE, "to": OURS, "text": text}
        return w.carrier._call(OURS, event).status

    assert [call("hello"), call("hello"), call("other"), call("other"), call("hello")] == [200] * 5
    (row,) = w.desk.inbox().items
    entries = w.desk.thread(row.id).items
    assert [(e.text, e.flags) for e in entries] == [("hello", ()), ("other", ("same_id_other_content",))]
    assert row.unread == 2


def test_p06_stop_stops_with_one_confirmation_and_start_starts(w: World) -> None:
    phone = w.carrier.phone(ANA_PHONE)
    phone.text(OURS, "Hello")
    (row,) = w.desk.inbox().items
    phone.text(OURS, "STOP")
    phone.text(OURS, "STOP")
    w.settle()
    assert len(phone.received) == 1
    assert "START" in phone.received[0].text
    refused = w.desk.send(row.id, "But...", by=KIM)
    assert (refused.delivery, refused.reason) == (Delivery.FAILED, "opted_out")
    w.settle()
    assert len(phone.received) == 1
    assert w.desk.consent(ANA_PHONE).opted_out
    phone.text(OURS, "START")
    w.desk.send(row.id, "Welcome back.", by=KIM)
    w.settle()
    assert phone.received[-1].text == "Welcome back."
    assert [line.action for line in w.desk.consent_ledger(ANA_PHONE)] == ["opt_out", "opt_in"]


def test_p06_what_was_owed_before_the_opt_out_never_leaves(w: World) -> None:
    c = w.desk.start(client=ANA, channel="sms", by=KIM)
    m = w.desk.send(c.id, "Too late", by=KIM)
    result = w.desk.opt_out("(303) 555-0123", by=KIM, reason="asked by phone")
    assert result.consent.opted_out
    assert result.crossed == ()
    w.settle()
    assert w.carrier.taken == []
    assert w.desk.message(m.id).reason == "opted_out"
    assert [e.event for e in w.desk.thread(c.id).items if e.kind == "event"] == ["started", "opted_out"]
    assert w.desk.opt_in(ANA_PHONE, by=KIM, reason="wrote a letter").opted_out is False


def test_opt_out_of_a_number_without_a_conversation(w: World) -> None:
    assert w.desk.opt_out("303-555-0177", by=KIM, reason="at the desk").consent.opted_out
    assert [line.actor for line in w.desk.consent_ledger("+13035550177")] == ["u1"]


def test_a_failed_text_says_why_and_can_be_sent_again(w: World) -> None:
    phone = w.carrier.phone(ANA_PHONE)
    phone.state = "off"
    c = w.desk.start(client=ANA, channel="sms", by=KIM)
    m = w.desk.send(c.id, "Hello", by=KIM)
    w.settle()
    failed = w.desk.message(m.id)
    assert failed.indicator is not None
    assert (failed.indicator.mark, failed.indicator.reason) == ("info", "unreachable_temporary")
    assert failed.indicator.advice
    assert w.desk.conversation(c.id).failed == 1
    phone.state = "on"
    again = w.desk.send_again(c.id, m.id, by=KIM)
    assert (again.attempt, again.delivery) == (2, Delivery.QUEUED)
    w.settle()
    assert w.desk.message(m.id).delivery is Delivery.DELIVERED
    assert w.desk.conversation(c.id).failed == 0


def test_p03_an_unanswered_hand_over_is_unsure_and_a_late_report_settles_it(store_url: str) -> None:
    with world(store_url, weather=Weather(no_answer=1.0)) as w:
        c = w.desk.start(client=ANA, channel="sms", by=KIM)
        m = w.desk.send(c.id, "Hello", by=KIM)
        w.kit.work()
        assert w.desk.message(m.id).delivery is Delivery.UNSURE
        assert w.desk.leave(c.id, m.id, by=KIM).flags == ("left",)
        w.settle()
        assert w.desk.message(m.id).delivery is Delivery.DELIVERED
        assert len(w.carrier.taken) == 1


def test_a_throttling_carrier_is_tried_again_later_and_in_order(store_url: str) -> None:
    with world(store_url, weather=Weather(throttle=1.0)) as w:
        c = w.desk.start(client=ANA, channel="sms", by=KIM)
        w.desk.send(c.id, "one", by=KIM)
        w.desk.send(c.id, "two", by=KIM)
        assert w.kit.work().performed == 1
        assert w.kit.work().performed == 0
        w.carrier.weather = Weather()
        w.clock.pass_(seconds=31)
        w.settle()
        assert [t.text for t in w.carrier.taken] == ["one", "two"]


def test_a_carrier_that_never_takes_it_ends_as_expired(store_url: str) -> None:
    with world(store_url, weather=Weather(throttle=1.0)) as w:
        c = w.desk.start(client=ANA, channel="sms", by=KIM)
        m = w.desk.send(c.id, "one", by=KIM)
        for _ in range(60):
            w.kit.work()
            w.clock.pass_(minutes=15)
        assert (w.desk.message(m.id).delivery, w.desk.message(m.id).reason) == (Delivery.FAILED, "expired")


def test_p05_reordered_repeated_and_lost_reports_end_in_two_checks(store_url: str) -> None:
    with world(store_url, weather=Weather(reorder=0.5, repeat=0.7)) as w:
        c = w.desk.start(client=ANA, channel="sms", by=KIM)
        for n in range(10):
            w.desk.send(c.id, f"text {n}", by=KIM)
        w.settle(rounds=40)
        assert {m for _, m in marks(w, c.id)} == {"two-checks"}
        assert [t.text for t in w.carrier.taken] == [f"text {n}" for n in range(10)]


def test_app_messages_get_two_gray_when_opened_and_two_blue_when_read(w: World) -> None:
    c = w.desk.start(client=ANA, channel="app", by=KIM)
    w.desk.send(c.id, "In the app", by=KIM)
    assert marks(w, c.id) == [("In the app", "one-check")]
    assert w.desk.app_opened("c17") == 1
    assert w.desk.app_opened("c17") == 0
    (entry,) = [e for e in w.desk.thread(c.id).items if e.kind == "message"]
    assert entry.indicator is not None
    assert (entry.indicator.mark, entry.indicator.color) == ("two-checks", "gray")
    w.desk.app_read(c.id, client_id="c17")
    (entry,) = [e for e in w.desk.thread(c.id).items if e.kind == "message"]
    assert entry.indicator is not None
    assert (entry.indicator.mark, entry.indicator.color) == ("two-checks", "blue")
    w.desk.send(c.id, "And another", by=KIM)
    assert [m for _, m in marks(w, c.id)] == ["two-checks", "one-check"]
    with pytest.raises(convokit.NotFound):
        w.desk.app_read(c.id, client_id="somebody-else")


def test_app_messages_come_in_once(w: World) -> None:
    first = w.desk.app_message(ANA, "Hello from the app", client_ref="a1", patient=BELLA)
    again = w.desk.app_message(ANA, "Hello from the app", client_ref="a1", patient=BELLA)
    assert again.id == first.id
    w.desk.app_message(ANA, "More")
    (row,) = w.desk.inbox(channel="app").items
    assert (row.unread, row.patient_name, row.client_id) == (2, "Bella", "c17")


def test_a_reused_app_reference_is_kept_and_flagged(w: World) -> None:
    w.desk.app_message(ANA, "one", client_ref="a1")
    assert w.desk.app_message(ANA, "two", client_ref="a1").flags == ("same_id_other_content",)


def test_end_history_reopen_restart(w: World) -> None:
    phone = w.carrier.phone(ANA_PHONE)
    c = w.desk.start(client=ANA, channel="sms", by=KIM)
    ended = w.desk.end(c.id, by=KIM)
    assert (ended.started_at, ended.ended_at) == (w.clock(), w.clock())
    assert w.desk.inbox().items == ()
    assert [row.id for row in w.desk.history().items] == [c.id]
    assert w.desk.badges().history == 1
    w.clock.pass_(hours=71)
    phone.text(OURS, "One more thing")
    assert [row.id for row in w.desk.inbox().items] == [c.id]
    w.desk.end(c.id, by=KIM)
    w.clock.pass_(hours=73)
    phone.text(OURS, "Hello again")
    (new,) = w.desk.inbox().items
    assert new.previous_id == c.id
    with pytest.raises(convokit.Conflict) as caught:
        w.desk.restart(c.id, by=KIM)
    assert caught.value.code == "conversation.already_open"
    w.desk.end(new.id, by=KIM)
    assert w.desk.restart(c.id, by=KIM).ended is False


def test_urgency_leads_the_order_and_without_it_time_does(w: World) -> None:
    phones = [w.carrier.phone(f"+1303555012{n}") for n in range(3)]
    for phone in phones:
        phone.text(OURS, f"from {phone.number}")
        w.clock.pass_(minutes=1)
    first = w.desk.inbox().items
    assert [row.address for row in first] == [p.number for p in reversed(phones)]
    w.desk.set_urgency(first[-1].id, "urgent", by=KIM)
    assert w.desk.inbox().items[0].id == first[-1].id
    assert [row.id for row in w.desk.inbox(urgency="urgent").items] == [first[-1].id]
    assert w.desk.badges().by_urgency == (0, 2, 0, 1)
    w.kit.add_practice(evolve(HAPPY_PAWS, rules=convokit.Rules(urgency=False)))
    plain = w.kit.practice("happy-paws")
    assert [row.id for row in plain.inbox().items] == [row.id for row in first]
    page = plain.inbox(limit=2)
    assert [row.id for row in plain.inbox(limit=2, after=page.next).items] == [first[2].id]


def test_pages_of_inbox_history_and_thread_join_up(w: World) -> None:
    for n in range(7):
        w.carrier.phone(f"+1303555012{n}").text(OURS, f"text {n}")
    seen, after = [], None
    while True:
        page = w.desk.inbox(limit=3, after=after)
        seen += [row.id for row in page.items]
        if (after := page.next) is None:
            break
    assert seen == [row.id for row in w.desk.inbox().items]
    assert len(set(seen)) == 7
    for row_id in seen:
        w.desk.end(row_id, by=KIM)
        w.clock.pass_(seconds=1)
    page = w.desk.history(limit=4)
    rest = w.desk.history(limit=4, after=page.next)
    assert [r.id for r in (*page.items, *rest.items)] == list(reversed(seen))
    assert rest.next is None


def test_the_thread_pages_backwards_and_the_whole_can_be_streamed(w: World) -> None:
    c = w.desk.start(client=ANA, channel="app", by=KIM)
    for n in range(9):
        w.desk.send(c.id, f"text {n}", by=KIM)
    newest = w.desk.thread(c.id, limit=4)
    assert [e.seq for e in newest.items] == [7, 8, 9, 10]
    older = w.desk.thread(c.id, limit=100, before=newest.next)
    assert [e.seq for e in older.items] == [1, 2, 3, 4, 5, 6]
    assert older.next is None
    assert [e.seq for e in w.desk.entries(c.id)] == list(range(1, 11))
    with pytest.raises(convokit.InvalidInput) as caught:
        w.desk.inbox(after=newest.next)
    assert caught.value.code == "page.cursor"


def test_unread_follows_reading_and_marking(w: World) -> None:
    w.carrier.phone(ANA_PHONE).text(OURS, "one")
    (row,) = w.desk.inbox().items
    seen = row.last_seq
    w.carrier.phone(ANA_PHONE).text(OURS, "two, while staff read one")
    assert w.desk.mark_read(row.id, by=KIM, upto_seq=seen).unread == 2
    assert w.desk.mark_read(row.id, by=KIM).unread == 0
    assert w.desk.badges().unread == 0
    w.desk.end(row.id, by=KIM)
    assert w.desk.mark_unread(row.id, by=KIM).unread == 1


def test_the_change_feed_resumes(w: World) -> None:
    a = w.desk.start(client=ANA, channel="app", by=KIM)
    b = w.desk.start(client=ANA, channel="sms", by=KIM)
    feed = w.desk.changes(since=0)
    assert [f.conversation_id for f in feed] == [a.id, b.id]
    w.desk.rename_team_member(a.id, "Reception", by=KIM)
    (news,) = w.desk.changes(since=feed[-1].number)
    assert (news.conversation_id, news.number) == (a.id, feed[-1].number + 1)
    assert w.desk.changes(since=news.number) == ()


def test_the_author_cannot_be_edited(w: World) -> None:
    c = w.desk.start(client=ANA, channel="app", by=KIM)
    w.desk.send(c.id, "Hello", by=KIM)
    w.desk.rename_team_member(c.id, "Dr. Kim, cardiology", by=convokit.Staff(id="u2", name="Sam"))
    messages = [e for e in w.desk.thread(c.id).items if e.kind == "message"]
    assert [(e.author_id, e.author_name) for e in messages] == [("u1", "Dr. Kim")]
    assert w.desk.conversation(c.id).team_member == "Dr. Kim, cardiology"


def test_p10_another_practices_ids_are_simply_unknown(w: World) -> None:
    c = w.desk.start(client=ANA, channel="sms", by=KIM)
    m = w.desk.send(c.id, "Hello", by=KIM)
    w.kit.add_practice(convokit.Practice(id="other", name="Other", region="US", numbers=["+13035550199"]))
    other = w.kit.practice("other")
    for call in (
        lambda: other.conversation(c.id),
        lambda: other.message(m.id),
        lambda: other.send(c.id, "x", by=KIM),
        lambda: other.thread(c.id),
        lambda: other.end(c.id, by=KIM),
        lambda: other.restart(c.id, by=KIM),
        lambda: other.mark_unread(c.id, by=KIM),
        lambda: other.set_urgency(c.id, "low", by=KIM),
        lambda: other.rename_team_member(c.id, "x", by=KIM),
        lambda: other.send_again(c.id, m.id, by=KIM),
        lambda: other.app_read(c.id),
    ):
        with pytest.raises(convokit.NotFound):
            call()
    assert other.inbox().items == ()
    assert other.changes() == ()
    w.desk.opt_out(ANA_PHONE, by=KIM, reason="x")
    assert other.consent(ANA_PHONE).opted_out is False


def test_a_landline_number_that_texts_stop_can_be_recorded_and_a_maybe_decided(w: World) -> None:
    w.carrier.phone(ANA_PHONE).text(OURS, "ST0P")
    assert w.desk.consent(ANA_PHONE).maybe
    assert w.desk.dismiss_maybe(ANA_PHONE, by=KIM, reason="asked her").maybe is False


def test_no_carrier_keeps_the_text_owed_and_says_so(store_url: str) -> None:
    with convokit.open(store_url) as kit:
        kit.add_practice(HAPPY_PAWS)
        desk = kit.practice("happy-paws")
        c = desk.start(client=ANA, channel="sms", by=KIM)
        m = desk.send(c.id, "Hello", by=KIM)
        assert kit.work().performed == 0
        assert desk.message(m.id).delivery is Delivery.QUEUED
        with pytest.raises(convokit.ConfigurationError) as caught:
            kit.webhook_path("happy-paws")
        assert caught.value.code == "sms.no_gateway"
