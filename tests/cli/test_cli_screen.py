"""Laying text out in the cells of a terminal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convokit.cli.screen import Screen, cells, fit, wrap
from convokit.cli.views import age, badge_line, entry_lines, inbox_lines
from convokit.domain.conversation import Conversation, Entry
from convokit.domain.delivery import Delivery
from convokit.domain.inbox import Badges
from convokit.domain.instant import to_micros

NOW = datetime(2026, 5, 12, 12, tzinfo=UTC)
ASCII = Screen(encoding="ascii", unicode=False)


@pytest.mark.parametrize(
    ("text", "width"), [("abc", 3), ("馬場", 4), ("e\u0301", 1), ("😀", 2), ("", 0), ("a\u200db", 2)]
)
def test_cells(text: str, width: int) -> None:
    assert cells(text) == width


@given(st.text(st.characters(codec="utf-8")), st.integers(2, 40), st.booleans())
def test_fit_fits_exactly(text: str, width: int, right: bool) -> None:
    assert cells(fit(Screen().clean(text), width, right=right)) == width


@given(st.text(st.characters(codec="utf-8")), st.integers(2, 40))
def test_wrap_keeps_every_character_within_the_width(text: str, width: int) -> None:
    clean = Screen().clean(text)
    lines = wrap(clean, width)
    assert lines
    assert all(cells(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(clean.split())


@given(st.text())
def test_clean_text_cannot_steer_a_terminal(text: str) -> None:
    shown = Screen().clean(text)
    assert shown.isprintable() or set(shown) & {"\u200c", "\u200d"}
    assert not set(shown) & set("\x1b\x9b\x07\r\n\t\u202e\u2066")
    assert ASCII.clean(text).isascii()


@pytest.mark.parametrize(
    ("passed", "shown"),
    [
        (timedelta(seconds=-30), "now"),
        (timedelta(seconds=59), "now"),
        (timedelta(minutes=1), "1 min"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=23), "23 h"),
        (timedelta(days=1), "1 d"),
        (timedelta(days=6), "6 d"),
        (timedelta(days=7), "5 May"),
        (timedelta(hours=-13), "13 May"),
    ],
)
def test_age(passed: timedelta, shown: str) -> None:
    assert age(to_micros(NOW - passed), NOW, UTC) == shown


def _conversation(**changes: object) -> Conversation:
    values = {"id": "c", "channel": "sms", "sender": "+13035550100", "address": "+13035550123"} | changes
    return Conversation(started_us=0, last_us=to_micros(NOW), **values)  # type: ignore[arg-type]  # data of a table


@pytest.mark.parametrize(
    ("changes", "end"),
    [
        ({"last_side": "practice", "last_delivery": Delivery.QUEUED}, "◷  waiting"),
        ({"last_side": "practice", "last_delivery": Delivery.UNSURE, "failed": 1}, "?  unsure"),
        ({"last_side": "practice", "last_delivery": Delivery.UNSURE}, "?  left"),
        ({"last_side": "practice", "last_delivery": Delivery.SENT}, "✓  sent"),
        ({"last_side": "practice", "last_delivery": Delivery.FAILED, "failed": 1}, "ⓘ  failed"),
        ({"last_side": "practice", "last_delivery": Delivery.FAILED}, "ⓘ  left"),
        ({"last_side": "practice", "last_delivery": Delivery.DELIVERED}, "✓✓ delivered"),
        ({"last_side": "practice", "last_delivery": Delivery.DELIVERED, "channel": "app"}, "✓✓ received"),
        ({"last_side": "practice", "last_delivery": Delivery.READ, "channel": "app"}, "✓✓ read"),
        ({"last_side": "client", "failed": 2}, "ⓘ  2 failed"),
        ({"last_side": "client"}, "now"),
    ],
)
def test_the_list_tells_how_far_the_newest_message_came(changes: dict[str, object], end: str) -> None:
    assert inbox_lines(Screen(), [_conversation(**changes)], NOW, UTC)[2].endswith(end)


def test_badges_are_capped() -> None:
    counts = Badges(active=100, unread=0, history=99, by_urgency=(0, 99, 0, 1))
    assert badge_line(counts) == "Active 99+ · Unread 0 · Urgent 1 · History 99"


def test_a_thread_names_staff_and_clients_even_without_names() -> None:
    entry = Entry(id="m", conversation_id="c", seq=1, at_us=0, kind="message", side="client", channel="sms", text="hi")
    assert entry_lines(Screen(), entry, UTC) == ["  00:00  client            hi"]
