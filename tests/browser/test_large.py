"""A very long conversation, and a very long list: in windows, without a hitch."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from convokit_dashboard import Visitor, dashboard
from convokit_dashboard.demo.serving import free_port
from playwright.sync_api import expect
from serving_here import serve

import convokit

if TYPE_CHECKING:
    from conftest import Troubles
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

KIM = convokit.Staff(id="u1", name="Dr. Kim")
ANA = convokit.Client(id="c17", name="Ana Ruiz")
MESSAGES, CONVERSATIONS = 2_000, 10_000
LONGEST_FRAME_MS = 400
"""For a machine that does other things besides; what is looked for is a page that freezes."""

FRAMES = """() => {
  window.longest = 0;
  let last = performance.now();
  const beat = now => {
    window.longest = Math.max(window.longest, now - last);
    last = now;
    requestAnimationFrame(beat);
  };
  requestAnimationFrame(beat);
}"""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, Path]]:
    """The address of the dashboard, the id of the long conversation, and the file."""
    file = tmp_path_factory.mktemp("large") / "desk.db"
    with convokit.open(f"sqlite:///{file}") as kit:
        kit.add_practice(convokit.Practice(id="p", name="Happy Paws", region="US"))
        desk = kit.practice("p")
        talk = desk.start(client=ANA, by=KIM, title="A long story")
        desk.send(talk.id, "message 1", by=KIM)
        _copies(file)
        port = free_port()
        app = dashboard(kit, identify=lambda request: Visitor(practice_id="p", staff=KIM))
        running = serve(app, port)
        yield f"http://127.0.0.1:{port}", talk.id, file
        running.end()


def _copies(file: Path) -> None:
    """Make the one message two thousand, and the one conversation ten thousand, in the tables themselves."""
    with sqlite3.connect(file) as db:
        columns = [row[1] for row in db.execute("PRAGMA table_info(convokit_entry)") if row[1] != "pk"]
        taken = {"public_id": "'m_' || n", "seq": "n", "text": "'message ' || (n - 1)", "client_ref": "NULL"}
        listed = ", ".join(taken.get(name, name) for name in columns)
        numbers = "WITH RECURSIVE ns(n) AS (SELECT {0} UNION ALL SELECT n + 1 FROM ns WHERE n < {1})"
        db.execute(
            f"{numbers.format(3, MESSAGES + 1)} INSERT INTO convokit_entry ({', '.join(columns)})"  # noqa: S608
            f" SELECT {listed} FROM convokit_entry, ns WHERE seq = 2"
        )
        db.execute(f"UPDATE convokit_conversation SET last_seq = {MESSAGES + 1}, urgency = 3")  # noqa: S608
        columns = [row[1] for row in db.execute("PRAGMA table_info(convokit_conversation)") if row[1] != "pk"]
        taken = {
            "public_id": "'c_' || n",
            "address": "'a' || n",
            "client_name": "'Client ' || n",
            "last_us": "last_us - n",
            "urgency": "1",
            "last_seq": "0",
        }
        listed = ", ".join(taken.get(name, name) for name in columns)
        db.execute(
            f"{numbers.format(1, CONVERSATIONS)} INSERT INTO convokit_conversation ({', '.join(columns)})"  # noqa: S608
            f" SELECT {listed} FROM convokit_conversation, ns"
        )
    db.close()


@pytest.fixture
def page(browser: Browser, large: tuple[str, str, Path], troubles: Troubles) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1360, "height": 820})
    context.set_default_timeout(10_000)
    made = context.new_page()
    troubles.watch(made)
    yield made
    context.close()


def test_a_thread_of_two_thousand_messages_opens_at_its_end_and_goes_back(
    page: Page, large: tuple[str, str, Path]
) -> None:
    url, talk, _ = large
    page.goto(f"{url}/active/{talk}")
    expect(page.locator("article", has_text=f"message {MESSAGES}")).to_be_in_viewport()
    assert page.locator("article.said").count() <= 50
    page.evaluate(FRAMES)
    log = page.locator("#log")
    for wanted in (100, 150, 200, 250, 300):
        log.evaluate("one => { one.scrollTop = 0; }")
        page.wait_for_function("count => document.querySelectorAll('article.said').length >= count", arg=wanted - 1)
    oldest = page.locator("article.said").first
    expect(oldest).to_contain_text(f"message {MESSAGES - 299}")
    shown = page.evaluate("[...document.querySelectorAll('article.said .text')].map(one => one.textContent)")
    assert shown == [f"message {number}" for number in range(MESSAGES - len(shown) + 1, MESSAGES + 1)]
    assert log.evaluate("one => one.scrollTop") > 0, "what one was reading stays where it was"
    assert page.evaluate("window.longest") < LONGEST_FRAME_MS


def test_an_inbox_of_ten_thousand_conversations_pages_on(page: Page, large: tuple[str, str, Path]) -> None:
    url, _, file = large
    page.goto(f"{url}/active")
    rows = page.locator("#row-list > .row")
    assert rows.count() == 50
    expect(page.locator("#count-active")).to_have_text("99+")
    page.evaluate(FRAMES)
    for wanted in (100, 150, 200):
        page.locator("#more").scroll_into_view_if_needed()
        page.wait_for_function("count => document.querySelectorAll('#row-list > .row').length >= count", arg=wanted)
    names = page.locator(".row-who").all_text_contents()
    assert names[1:5] == ["Client 1", "Client 2", "Client 3", "Client 4"]
    assert len(set(names)) == len(names)
    with convokit.open(f"sqlite:///{file}") as kit:
        desk = kit.practice("p")
        second = next(one for one in desk.inbox(limit=3).items if one.client_name == "Client 2")
        desk.set_urgency(second.id, "high", by=KIM)
    expect(rows.nth(1)).to_contain_text("Client 2")
    assert rows.count() >= 200, "a change at the top takes nothing away from who has paged on"
    assert page.evaluate("window.longest") < LONGEST_FRAME_MS


def test_rows_that_one_has_paged_on_to_stay_fresh(page: Page, large: tuple[str, str, Path]) -> None:
    url, _, file = large
    page.goto(f"{url}/active")
    page.locator("#more").scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelectorAll('#row-list > .row').length >= 100")
    names = page.locator(".row-who").all_text_contents()
    gone, low = names[70], names[80]
    with convokit.open(f"sqlite:///{file}") as kit:
        desk = kit.practice("p")
        known = {one.client_name: one.id for one in desk.inbox(limit=150).items}
        desk.end(known[gone], by=KIM)
        desk.assign(known[low], convokit.Staff(id="u2", name="Sam"), by=KIM)
    expect(page.locator(f"#row-{known[low]}")).to_contain_text("Sam")
    expect(page.locator(f"#row-{known[gone]}")).to_have_count(0)
    shown = page.locator(".row-who").all_text_contents()
    assert [name for name in names if name != gone] == shown[: len(names) - 1], "no row is lost, and the order stays"


def test_entries_that_one_has_gone_back_to_stay_fresh(page: Page, large: tuple[str, str, Path]) -> None:
    url, talk, file = large
    page.goto(f"{url}/active/{talk}")
    log = page.locator("#log")
    log.evaluate("one => { one.scrollTop = 0; }")
    page.wait_for_function("() => document.querySelectorAll('#log .past article.said').length >= 49")
    mark = page.locator("#log .past article.said .mark").last
    mark.scroll_into_view_if_needed()
    expect(mark).to_have_class("mark gray")
    with convokit.open(f"sqlite:///{file}") as kit:
        kit.practice("p").app_read(talk, client_id=ANA.id)
    expect(mark).to_have_class("mark blue")
