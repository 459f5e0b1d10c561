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
MOST_ENTRIES, PAGE = 400, 50
"""How many entries of a thread may be in the page at a time, and how many come together."""


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
    context.set_default_timeout(30_000)
    made = context.new_page()
    troubles.watch(made)
    yield made
    context.close()


@pytest.fixture
def asked(page: Page) -> list[str]:
    """The paths that the page has asked for."""
    found: list[str] = []
    page.on("request", lambda request: found.append(request.url.partition("/parts/")[2].partition("/")[0]))
    return found


WALK = """async by => {
  const log = document.getElementById("log"), frame = () => new Promise(requestAnimationFrame), steps = [];
  const top = one => one.getBoundingClientRect().top, said = () => [...log.querySelectorAll("article.said")];
  for (let done = false; !done && steps.length < 400;) {
    const before = log.scrollTop;
    log.scrollTop += by;
    const one = said().find(one => one.getBoundingClientRect().bottom > top(log)), place = top(one);
    for (let waited = 0; waited < 2 || (log.querySelector("[data-busy]") && waited < 600); waited += 1) await frame();
    const numbers = said().map(one => Number(one.querySelector(".text").textContent.split(" ")[1]));
    const days = log.querySelectorAll(".day:not([hidden])").length;
    steps.push({moved: one.isConnected ? Math.abs(top(one) - place) : 9999, numbers, days});
    done = log.scrollTop === before && !(by < 0 && document.getElementById("older"));
  }
  return steps;
}"""
"""Scrolls to an end of the thread in steps; tells of each how far it moved what was on top, and what is in the page."""


def test_a_thread_of_two_thousand_messages_is_walked_through_in_a_window(
    page: Page, large: tuple[str, str, Path], asked: list[str]
) -> None:
    """From the newest message to the first and back: few are in the page at a time, and none moves under the eyes."""
    url, talk, _ = large
    page.goto(f"{url}/active/{talk}")
    expect(page.locator("#log").get_by_text(f"message {MESSAGES}", exact=True)).to_be_in_viewport()
    assert page.locator("article.said").count() <= 2 * PAGE
    up = page.evaluate(WALK, -900)
    expect(page.locator("#log").get_by_text("message 1", exact=True)).to_be_in_viewport()
    pages = asked.count("older")
    assert pages <= MESSAGES // PAGE + 1, "going up asks for each page once"
    down = page.evaluate(WALK, 900)
    expect(page.locator("#log").get_by_text(f"message {MESSAGES}", exact=True)).to_be_in_viewport()
    assert asked.count("older") <= 2 * pages, "and so does going down"
    for steps in (up, down):
        assert {number for step in steps for number in step["numbers"]} == set(range(1, MESSAGES + 1))
        assert max(len(step["numbers"]) for step in steps) <= MOST_ENTRIES
        assert all(step["numbers"] == sorted(set(step["numbers"])) for step in steps)
        assert max(step["moved"] for step in steps) < 2, "what one reads stays where it is"
        assert max(step["days"] for step in steps) == 1, "one day is told once"


def test_an_inbox_of_ten_thousand_conversations_pages_on(
    page: Page, large: tuple[str, str, Path], asked: list[str]
) -> None:
    url, _, file = large
    page.goto(f"{url}/active")
    rows, deep = page.locator("#row-list > .row"), 30
    assert rows.count() == PAGE
    expect(page.locator("#count-active")).to_have_text("99+")
    for number in range(2, deep + 1):
        page.locator("#more").scroll_into_view_if_needed()
        page.wait_for_function(
            "count => document.querySelectorAll('#row-list > .row').length >= count", arg=number * PAGE
        )
    names = page.locator(".row-who").all_text_contents()
    assert names[1:] == [f"Client {number}" for number in range(1, deep * PAGE)]
    assert asked.count("more") == deep - 1, "each page is asked for once"
    place = page.locator("#rows").evaluate("one => one.scrollTop")
    with convokit.open(f"sqlite:///{file}") as kit:
        desk = kit.practice("p")
        second = next(one for one in desk.inbox(limit=3).items if one.client_name == "Client 2")
        desk.set_urgency(second.id, "high", by=KIM)
    expect(rows.nth(1)).to_contain_text("Client 2")
    assert rows.count() >= deep * PAGE, "a change at the top takes nothing away from who has paged on"
    assert abs(page.locator("#rows").evaluate("one => one.scrollTop") - place) < 2


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


def test_j_goes_on_below_the_last_row_and_more_keeps_the_focus(page: Page, large: tuple[str, str, Path]) -> None:
    url, _, _ = large
    page.goto(f"{url}/active")
    focused = "() => document.activeElement.closest('.row')?.querySelector('.row-who').textContent"
    for _ in range(PAGE + 5):
        was = page.evaluate(focused)
        page.keyboard.press("j")
        page.wait_for_function(f"was => ({focused})() !== was", arg=was)
    assert page.evaluate(focused) == f"Client {PAGE + 4}"
    page.locator("#more-button").focus()
    rows = page.locator("#row-list > .row").count()
    page.keyboard.press("Enter")
    page.wait_for_function("count => document.querySelectorAll('#row-list > .row').length > count", arg=rows)
    assert page.evaluate("document.activeElement.id") == "more-button"
