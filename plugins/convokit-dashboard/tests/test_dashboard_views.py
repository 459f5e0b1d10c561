"""Views are pure: values of a desk in, values for a page out. No HTTP here, and no HTML."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from convokit_dashboard.icons import icon
from convokit_dashboard.views.composer import CannedText, composer, count_view, limits_words
from convokit_dashboard.views.files import file_view
from convokit_dashboard.views.filters import Filters, read_filters
from convokit_dashboard.views.marks import mark, mark_of_row
from convokit_dashboard.views.panel import panel
from convokit_dashboard.views.people import client_words, initials, phone_words
from convokit_dashboard.views.rows import Around, row
from convokit_dashboard.views.thread import answers_meanwhile, choices, timeline
from convokit_dashboard.views.times import moment
from convokit_dashboard.views.troubles import TABLE, trouble_words
from convokit_dashboard.words import words_of
from dashboard_site import KIM, Site

from convokit import (
    ClientNote,
    ConfigurationError,
    Consent,
    Delivery,
    InvalidInput,
    NotFound,
    NumberHealth,
    PaymentAvailability,
    StorageError,
    count_segments,
    indicator,
)
from convokit.domain.attachment import Attachment
from convokit.domain.conversation import Conversation, Entry
from convokit.runtime.desk.reminders import PastDueReminders

EN = words_of("en")
NOW = datetime(2026, 5, 12, 16, 42, tzinfo=UTC)
ZONE = ZoneInfo("America/Denver")
AROUND = Around(words=EN, now=NOW, zone=ZONE, departments={})
US = 1_000_000
NOW_US = int(NOW.timestamp()) * US
TALK = Conversation(
    id="c1",
    channel="sms",
    sender="+13035550100",
    address="+13035550123",
    client_id="c17",
    client_name="Ana Maria Ruiz",
    patient_name="Bella",
    started_us=NOW_US - 3600 * US,
    last_us=NOW_US - 300 * US,
    last_text="Hello",
    last_side="practice",
    last_delivery=Delivery.FAILED,
)


def said(seq: int, **more: Any) -> Entry:
    given = {"kind": "message", "side": "practice", "channel": "sms", "author_id": "u1", "author_name": "Dr. Kim"}
    return Entry(id=f"m{seq}", conversation_id="c1", seq=seq, **{"at_us": NOW_US, **given, **more})


@pytest.mark.parametrize(
    ("before", "age"),
    [
        (timedelta(seconds=5), "now"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(hours=2), "08:42"),
        (timedelta(hours=20), "yesterday"),
        (timedelta(days=3), "Sat"),
        (timedelta(days=30), "12 Apr"),
        (timedelta(days=400), "7 Apr 2025"),
    ],
)
def test_how_old_something_is(before: timedelta, age: str) -> None:
    shown = moment(NOW - before, NOW, ZONE, EN)
    assert shown.age == age
    assert shown.full.endswith(shown.clock)


def test_times_are_the_practices_own() -> None:
    assert moment(NOW, NOW, ZONE, EN).clock == "10:42"
    assert moment(NOW, NOW, ZoneInfo("Asia/Kolkata"), EN).clock == "22:12"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+13035550123", "(303) 555-0123"),
        ("+447700900123", "+44 770 090 0123"),
        ("not a number", "not a number"),
    ],
)
def test_a_number_as_people_write_it(number: str, shown: str) -> None:
    assert phone_words(number) == shown


@pytest.mark.parametrize(
    ("name", "letters"), [("Ana Maria Ruiz", "AR"), ("ana", "A"), ("", "#"), ("7 Dwarfs", "D"), ("Émile Zola", "ÉZ")]
)
def test_the_letters_beside_a_name(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_who_a_conversation_is_with() -> None:
    assert client_words(TALK, EN) == "Ana Maria Ruiz"
    assert client_words(evolve(TALK, client_name=""), EN) == "(303) 555-0123"
    assert client_words(evolve(TALK, client_name="", channel="app", address="c17"), EN) == "Unknown client"
    assert client_words(evolve(TALK, address=""), EN) == "Erased client"


def test_a_row_says_what_a_person_must_see() -> None:
    shown = row(evolve(TALK, unread=12, urgency=3, failed=1, department="lab", assignee_name="Sam"), None, AROUND)
    assert (shown.unread, shown.urgency, shown.failed, shown.department) == ("9+", "Urgent", True, "lab")
    assert (shown.speaker, shown.assignee, shown.moment.age) == ("You", "Sam", "5 min")
    plain = row(evolve(TALK, last_text="", last_delivery=None, last_side="system"), PastDueReminders(), AROUND)
    assert (plain.preview, plain.speaker, plain.unread, plain.urgency) == ("No messages yet", "", "", "")
    over = row(evolve(TALK, ended=True, ended_us=NOW_US - 60 * US), None, AROUND)
    assert (over.ended, over.moment.age) == (True, "1 min")


@pytest.mark.parametrize(
    ("channel", "delivery", "icon", "color", "advised"),
    [
        ("sms", "queued", "clock", "gray", False),
        ("sms", "unsure", "unsure", "black", True),
        ("sms", "sent", "check", "gray", False),
        ("sms", "delivered", "checks", "gray", False),
        ("sms", "failed", "info", "black", True),
        ("app", "sent", "check", "gray", False),
        ("app", "delivered", "checks", "gray", False),
        ("app", "read", "read", "blue", False),
    ],
)
def test_the_marks_are_those_of_the_table(channel: str, delivery: str, icon: str, color: str, advised: bool) -> None:
    shown = mark(indicator(channel=channel, delivery=delivery, reason="landline"), EN)
    assert (shown.icon, shown.color, bool(shown.advice)) == (icon, color, advised)
    assert shown.label in shown.text
    assert shown.advice in shown.text


def test_each_mark_of_a_channel_has_a_shape_of_its_own() -> None:
    """So that they differ without colour too."""
    for channel in ("sms", "app"):
        shown = {
            mark(indicator(channel=channel, delivery=one), EN) for one in Delivery if (channel, one) != ("sms", "read")
        }
        labels = {one.label for one in shown}
        assert len({(one.icon, one.label) for one in shown}) == len(labels)
        drawn = [str(icon(name)) for name in {one.icon for one in shown}]
        assert len(set(drawn)) == len(drawn)
    assert str(icon("read")) != str(icon("checks"))


def test_a_rows_mark_tells_no_reason_that_it_does_not_know() -> None:
    assert mark_of_row(TALK, EN) == evolve(mark(indicator(channel="sms", delivery="failed"), EN), advice="")
    assert mark_of_row(evolve(TALK, last_side="client"), EN) is None


def test_days_authors_and_who_stands_together() -> None:
    entries = [
        said(1, at_us=NOW_US - 2 * 86_400 * US),
        said(2, at_us=NOW_US - 600 * US),
        said(3, at_us=NOW_US - 500 * US),
        said(4, at_us=NOW_US - 490 * US, side="client", author_id=None, author_name=""),
        said(5, kind="note"),
        said(6, kind="event", text="Dr. Kim ended the conversation.", event="ended"),
        said(7, kind="automatic", author_id=None),
    ]
    shown = timeline(TALK, entries, {}, AROUND)
    assert [one.day for one in shown] == ["Sunday, 10 May 2026", "Today", "", "", "", "", ""]
    assert [one.first for one in shown] == [True, True, False, True, True, True, True]
    assert [one.side for one in shown] == ["out", "out", "out", "in", "note", "event", "automatic"]
    assert shown[3].author == "Ana Maria Ruiz"
    assert shown[0].by == "staff u1"
    assert shown[6].author == "Automatic"


@pytest.mark.parametrize(
    ("talk", "entry", "offered"),
    [
        (TALK, said(1, delivery=Delivery.FAILED), ("again", "leave")),
        (TALK, said(1, delivery=Delivery.UNSURE), ("again", "leave")),
        (TALK, said(1, delivery=Delivery.SENT), ()),
        (TALK, said(1, delivery=Delivery.FAILED, flags=("left",)), ()),
        (TALK, said(1, delivery=Delivery.FAILED, kind="automatic"), ()),
        (TALK, said(1, delivery=Delivery.FAILED, channel="app"), ()),
        (evolve(TALK, ended=True), said(1, delivery=Delivery.FAILED), ("leave",)),
    ],
)
def test_what_a_person_can_decide_about_a_text(talk: Conversation, entry: Entry, offered: tuple[str, ...]) -> None:
    assert choices(talk, entry) == offered


def test_which_messages_are_a_colleagues_answer() -> None:
    entries = [said(1), said(2, author_id="u2"), said(3, author_id="u2", kind="note"), said(4, side="client")]
    assert [one.seq for one in answers_meanwhile(entries, 1, "u1")] == [2]
    assert answers_meanwhile(entries, 2, "u1") == ()
    assert [one.seq for one in answers_meanwhile(entries, 0, "u2")] == [1]


NO_PAY = PaymentAvailability(available=False, code="payments.no_provider", reason="No payment provider is set up.")


@pytest.mark.parametrize(
    ("talk", "given", "blocked"),
    [
        (TALK, {}, ""),
        (evolve(TALK, ended=True), {}, "ended"),
        (evolve(TALK, address=""), {}, "erased"),
        (TALK, {"consent": Consent(address="+1", opted_out=True)}, "opted_out"),
        (TALK, {"sender_reason": "The carriers are still checking."}, "sender"),
        (TALK, {"health": NumberHealth(address="+1", reason="landline")}, "cannot_receive"),
    ],
)
def test_why_nothing_can_be_written(talk: Conversation, given: dict[str, Any], blocked: str) -> None:
    usual: dict[str, Any] = {"consent": None, "health": None, "sender_reason": "", "pay": NO_PAY, "canned": ()}
    shown = composer(talk, words=EN, **{**usual, **given})
    assert shown.blocked == blocked
    assert bool(shown.reason) == bool(blocked)
    assert shown.pay_reason == NO_PAY.reason


def test_the_composer_says_when_it_must_be_drawn_anew() -> None:
    usual: dict[str, Any] = {"health": None, "sender_reason": "", "pay": NO_PAY, "canned": (), "words": EN}
    keys = {
        composer(TALK, consent=None, **usual).key,
        composer(TALK, consent=Consent(address="+1", maybe=True), **usual).key,
        composer(TALK, consent=Consent(address="+1", opted_out=True), **usual).key,
        composer(TALK, consent=None, **{**usual, "canned": (CannedText(title="a", text="b"),)}).key,
    }
    assert len(keys) == 4
    assert "as a link" in limits_words(TALK, EN)
    assert "as a link" not in limits_words(evolve(TALK, channel="app"), EN)


def test_the_count_says_which_character_costs() -> None:
    assert count_view(count_segments("hello"), 10, EN).said == "1 segment · 155 characters left"
    dear = count_view(count_segments("It’s 😀"), 10, EN)
    assert dear.dear.startswith("’ 😀 makes")
    assert dear.plain == ""
    assert count_view(count_segments("x" * 2_000), 10, EN).too_long


FILE = Attachment(id="f", name="a.jpg", kind="photo", media_type="image/jpeg", size=2_048, sha256="x", via="app")


@pytest.mark.parametrize(
    ("change", "shown_as", "note"),
    [
        ({}, "photo", ""),
        ({"media_type": "image/gif"}, "file", ""),
        ({"media_type": "video/mp4", "kind": "video"}, "video", ""),
        ({"media_type": "application/pdf", "kind": "pdf"}, "pdf", ""),
        ({"media_type": "application/pdf", "kind": "pdf", "via": "link"}, "pdf", "Sent as a link"),
        ({"media_type": "application/pdf", "kind": "pdf", "flags": ("active_content",)}, "pdf", "scripts"),
        ({"state": "waiting"}, "none", "Still being fetched"),
        ({"state": "failed"}, "none", "Could not be fetched"),
    ],
)
def test_a_file_is_shown_only_where_that_is_safe(change: dict[str, Any], shown_as: str, note: str) -> None:
    shown = file_view(evolve(FILE, **change), EN, ours=True)
    assert shown.shown_as == shown_as
    assert note in shown.note


@pytest.mark.parametrize(
    ("consent", "word"),
    [
        (None, ""),
        (Consent(address="+1"), "allowed"),
        (Consent(address="+1", maybe=True), "maybe"),
        (Consent(address="+1", opted_out=True), "out"),
    ],
)
def test_the_panel_says_whether_texts_are_allowed(consent: Consent | None, word: str) -> None:
    note = ClientNote(client_id="c17", text="Shy", version=2, author_name="Sam", at_us=NOW_US)
    shown = panel(TALK, note=note, reminders=PastDueReminders(), consent=consent, payments=(), around=AROUND)
    assert (shown.consent, shown.note, shown.note_version, shown.sender) == (word, "Shy", 2, "(303) 555-0100")


@pytest.mark.parametrize(
    ("query", "filters"),
    [
        ({}, Filters()),
        ({"unread": "1", "from": "client", "by": "sms"}, Filters(unread=True, initiated_by="client", channel="sms")),
        ({"department": "-", "assignee": "u1"}, Filters(department="", assignee="u1")),
        (
            {"urgency": "urgent", "sort": "failed", "waiting": "0"},
            Filters(urgency="urgent", sort="failed", awaiting_reply=False),
        ),
        ({"unread": "yes", "from": "x", "sort": "x", "department": "x" * 200, "urgency": ""}, Filters()),
    ],
)
def test_filters_live_in_the_address(query: dict[str, str], filters: Filters) -> None:
    assert read_filters(query) == filters
    assert read_filters(dict(filters.pairs)) == filters


def test_every_error_of_the_front_desk_is_in_words() -> None:
    for code in TABLE:
        said_ = trouble_words(InvalidInput(code, "for developers", limit="5"), EN)
        assert "for developers" not in said_
        assert said_.endswith((".", "5"))
    assert (
        trouble_words(StorageError("storage.full", "disk full"), EN) == "The desk cannot do this now. Please try again."
    )
    assert trouble_words(InvalidInput("address.landline", "x"), EN) == "This number cannot be texted."
    assert trouble_words(InvalidInput("odd.code", "something odd"), EN) == "Something odd."
    assert trouble_words(NotFound("odd.code", ""), EN) == "This is wrong."
    assert trouble_words(ConfigurationError("payments.no_provider", "No provider."), EN) == "No provider."


def test_a_page_of_the_thread_starts_where_it_is_asked_to(site: Site) -> None:
    for number in range(60):
        site.desk.note(site.own.chat, f"line {number}", by=KIM)
    web = site.client()
    page = web.get(f"/active/{site.own.chat}").text
    assert "line 59" in page
    assert "line 3<" not in page
    assert "/parts/older/" in page
    first = int(page.partition('data-first="')[2].partition('"')[0])
    site.desk.note(site.own.chat, "the newest", by=KIM)
    again = web.get(f"/parts/thread/{site.own.chat}?first={first}", headers={"HX-Request": "true"}).text
    assert f'data-first="{first}"' in again
    assert "the newest" in again
    older = page.partition('data-older="/parts/older/')[2].partition('"')[0].replace("&amp;", "&")
    assert "line 3<" in web.get(f"/parts/older/{older}", headers={"HX-Request": "true"}).text
