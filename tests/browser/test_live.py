"""Pages that move by themselves, and what does not move: the cursor, the focus, what is being written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from convokit_dashboard.demo import cast
from convokit_dashboard.demo.cast import SAM
from playwright.sync_api import expect

if TYPE_CHECKING:
    from conftest import Stage, Troubles
    from playwright.sync_api import Browser, BrowserContext, Page, Route

pytestmark = pytest.mark.browser


@pytest.fixture
def sam(browser: Browser, stage: Stage, troubles: Troubles) -> Iterator[Page]:
    """A colleague in a browser of their own."""
    context = browser.new_context(viewport={"width": 1360, "height": 820})
    context.add_cookies([{"name": "demo-as", "value": "sam", "url": stage.url}])
    context.set_default_timeout(8_000)
    page = context.new_page()
    troubles.watch(page)
    yield page
    context.close()


def listening(page: Page) -> None:
    """Wait until the stream is open."""
    page.wait_for_function("performance.getEntriesByType('resource').some(one => one.name.includes('/desk.js'))")
    page.wait_for_timeout(400)


def test_a_message_is_told_and_not_asked_for(staff: Page, stage: Stage) -> None:
    """How soon is measured by ``benchmarks/dashboard.py``: a clock in here would measure the machine."""
    listening(staff)
    asked: list[str] = []
    staff.on("request", lambda one: asked.append(one.url))
    for words in ("the first word", "the second word", "the third word"):
        stage.desk.app_message(cast.CHLOE, words)
        expect(staff.locator(".row", has_text="Chloe Tran")).to_contain_text(words)
    assert [url for url in asked if "/parts/list/active?n=" in url], "asked for because the stream told of a change"
    assert not [url for url in asked if "/live/changes" in url], "nobody polls while there is a stream"


def test_the_open_conversation_the_counts_and_the_title_move(staff: Page, stage: Stage) -> None:
    staff.locator(".row", has_text="Grace Lee").locator("a").click()
    expect(staff.locator("#thread-head h1")).to_contain_text("Grace Lee")
    before = stage.desk.badges().unread
    stage.living.texts(cast.GRACE, "one more question")
    expect(staff.locator("#entries")).to_contain_text("one more question")
    stage.desk.app_message(cast.MILO, "hello there")
    expect(staff.locator(".row", has_text="Milo Novak").locator(".unread-count")).to_be_visible()
    expect(staff).to_have_title(re.compile(r"^\(\d+\) "))
    assert stage.desk.badges().unread >= before


def test_what_is_written_and_where_the_focus_is_stays(staff: Page, stage: Stage) -> None:
    staff.locator(".row", has_text="Grace Lee").locator("a").click()
    staff.locator("#text").click()
    staff.keyboard.type("Half a sen")
    staff.locator("#client-note").fill("half a note")
    staff.locator("#text").click()
    stage.living.texts(cast.GRACE, "are you there?")
    expect(staff.locator("#entries")).to_contain_text("are you there?")
    staff.keyboard.type("tence")
    assert staff.locator("#text").input_value() == "Half a sentence"
    assert staff.locator("#client-note").input_value() == "half a note"
    assert staff.evaluate("document.activeElement.id") == "text"
    staff.locator(".row", has_text="Ana Ruiz").locator("a").click()
    expect(staff.locator("#thread-head h1")).to_contain_text("Ana Ruiz")
    assert staff.locator("#text").input_value() == ""
    staff.locator(".row", has_text="Grace Lee").locator("a").click()
    expect(staff.locator("#text")).to_have_value("Half a sentence")


def test_a_menu_that_is_open_stays_open(staff: Page, stage: Stage) -> None:
    staff.locator(".row", has_text="Ana Ruiz").locator("a").click()
    staff.locator("#options-menu > summary").click()
    stage.living.texts(cast.ANA, "is it raining?")
    expect(staff.locator("#entries")).to_contain_text("is it raining?")
    expect(staff.locator("#options-menu")).to_have_attribute("open", "")


def test_nothing_jumps_under_the_cursor(staff: Page, stage: Stage) -> None:
    listening(staff)
    rows = staff.locator("#row-list > .row")
    rows.nth(3).hover()
    before = [one.get_attribute("id") for one in rows.all()]
    stage.desk.app_message(cast.CHLOE, "moving up")
    expect(staff.locator(".row", has_text="Chloe Tran")).to_contain_text("moving up")
    assert [one.get_attribute("id") for one in rows.all()] == before
    expect(staff.locator("#held")).to_be_visible()
    staff.locator("#thread").hover()
    expect(staff.locator("#held")).to_be_hidden()
    chloe = stage.living.of(cast.CHLOE).id
    assert [one.get_attribute("id") for one in rows.all()].index(f"row-{chloe}") < before.index(f"row-{chloe}")


def test_a_colleagues_reply_warns_before_ones_own_goes_out(staff: Page, sam: Page, stage: Stage) -> None:
    talk = stage.living.of(cast.LENA).id
    for page in (staff, sam):
        page.goto(f"{stage.url}/desk/active/{talk}")
    staff.locator("#text").click()
    staff.keyboard.type("Tuesday at 10")
    sam.fill("#text", "Monday it is")
    sam.keyboard.press("Control+Enter")
    expect(staff.locator("#entries")).to_contain_text("Monday it is")
    staff.keyboard.press("Control+Enter")
    warning = staff.locator("#composer-notice")
    expect(warning).to_contain_text("A colleague has answered meanwhile.")
    expect(warning).to_contain_text("Monday it is")
    assert staff.locator("#text").input_value() == "Tuesday at 10"
    assert stage.desk.thread(talk).items[-1].text == "Monday it is"
    staff.get_by_role("button", name="Send anyway").click()
    expect(staff.locator("#entries")).to_contain_text("Tuesday at 10")
    expect(warning).to_be_empty()


def test_who_reads_older_messages_is_not_thrown_to_the_end(staff: Page, stage: Stage) -> None:
    talk = stage.living.of(cast.BEN)
    for number in range(40):
        stage.desk.note(talk.id, f"line {number}", by=SAM)
    staff.goto(f"{stage.url}/desk/active/{talk.id}")
    expect(staff.locator("#entries")).to_contain_text("line 39")
    log = staff.locator("#log")
    log.evaluate("one => { one.scrollTop = 200; }")
    staff.wait_for_timeout(300)
    stage.desk.app_message(cast.BEN, "the newest of all")
    expect(staff.locator("#to-newest")).to_be_visible()
    assert log.evaluate("one => one.scrollTop") < 600
    staff.locator("#to-newest").click()
    expect(staff.locator("article", has_text="the newest of all")).to_be_in_viewport()


def test_a_stream_that_breaks_comes_back_with_what_was_missed(staff: Page, stage: Stage) -> None:
    listening(staff)
    staff.context.set_offline(True)
    stage.desk.app_message(cast.CHLOE, "while you were away")
    staff.wait_for_timeout(600)
    staff.context.set_offline(False)
    expect(staff.locator(".row", has_text="Chloe Tran")).to_contain_text("while you were away", timeout=20_000)


def streams(context: BrowserContext) -> list[str]:
    """The streams that the pages of a browser ask for from now on."""
    found: list[str] = []
    context.on("request", lambda one: found.append(one.url) if one.url.partition("?")[0].endswith("/live") else None)
    return found


def test_many_tabs_share_one_stream(context: BrowserContext, stage: Stage) -> None:
    opened = streams(context)
    tabs = [context.new_page() for _ in range(7)]  # a browser keeps six connections to a host
    for tab in tabs:
        tab.goto(f"{stage.url}/desk/active")
    stage.desk.app_message(cast.CHLOE, "seen in every tab")
    for tab in tabs:
        expect(tab.locator(".row", has_text="Chloe Tran")).to_contain_text("seen in every tab")
    assert len(opened) == 1
    tabs.pop(0).close()
    stage.desk.app_message(cast.CHLOE, "told by another tab")
    for tab in tabs:
        expect(tab.locator(".row", has_text="Chloe Tran")).to_contain_text("told by another tab")
    assert len(opened) == 2


def test_a_tab_that_cannot_share_opens_one_stream(context: BrowserContext, stage: Stage) -> None:
    context.add_init_script("delete Navigator.prototype.locks")  # as where there is no TLS
    opened = streams(context)
    page = context.new_page()
    page.goto(f"{stage.url}/desk/active")
    for words in ("the first", "the second"):
        stage.desk.app_message(cast.CHLOE, words)
        expect(page.locator(".row", has_text="Chloe Tran")).to_contain_text(words)
    assert len(opened) == 1


@pytest.mark.parametrize(
    ("answer", "again_ms"),
    [
        pytest.param(lambda route: route.abort(), 6_000, id="no connection"),
        pytest.param(lambda route: route.fulfill(status=503), 31_000, id="too many streams"),
    ],
)
def test_a_page_whose_stream_does_not_come_about_asks_and_tries_again(
    context: BrowserContext, stage: Stage, answer: Callable[[Route], None], again_ms: int
) -> None:
    page = context.new_page()
    page.clock.install()
    context.route("**/desk/live?*", answer, times=1)
    page.goto(f"{stage.url}/desk/active")
    page.wait_for_function("() => document.querySelector('#live')")
    stage.desk.app_message(cast.CHLOE, "while there was no stream")
    expect(page.locator(".row", has_text="Chloe Tran")).to_contain_text("while there was no stream")
    with page.expect_request("**/desk/live?*"):
        page.clock.fast_forward(again_ms)


def test_a_page_whose_stream_falls_silent_asks_and_tries_again(context: BrowserContext, stage: Stage) -> None:
    page = context.new_page()
    page.clock.install()
    context.route("**/desk/live?*", lambda route: None, times=1)  # no answer, and no end
    with page.expect_request("**/desk/live?*"):
        page.goto(f"{stage.url}/desk/active")
    stage.desk.app_message(cast.CHLOE, "into the silence")
    with page.expect_request("**/desk/live/changes?*"), page.expect_request("**/desk/live?*"):
        page.clock.fast_forward(60_000)
    expect(page.locator(".row", has_text="Chloe Tran")).to_contain_text("into the silence")


def test_how_a_row_looks_follows_what_it_is(staff: Page, stage: Stage) -> None:
    stage.desk.app_message(cast.CHLOE, "not read yet")
    row = staff.locator(".row", has_text="Chloe Tran")
    expect(row).to_have_class(re.compile(r"\bunread\b"))
    talk = stage.living.of(cast.CHLOE).id
    stage.desk.mark_read(talk, by=SAM)
    stage.desk.set_urgency(talk, "urgent", by=SAM)
    expect(row).not_to_have_class(re.compile(r"\bunread\b"))
    expect(row).to_have_class(re.compile(r"\bis-urgent\b"))
    row.locator("a").click()
    expect(row).to_have_class(re.compile(r"\bcurrent\b"))
    stage.desk.set_urgency(talk, "normal", by=SAM)
    expect(row).not_to_have_class(re.compile(r"\bis-urgent\b"))
    expect(row).to_have_class(re.compile(r"\bcurrent\b"))


def test_a_second_message_of_an_unread_conversation_rings_too(staff: Page, stage: Stage) -> None:
    staff.evaluate("""() => {
      window.tones = 0;
      const start = OscillatorNode.prototype.start;
      OscillatorNode.prototype.start = function (...given) { window.tones += 1; return start.apply(this, given); };
    }""")
    staff.locator("#me-menu > summary").click()
    staff.locator('[data-toggle="sound"]').click()
    row = staff.locator(".row", has_text="Milo Novak")
    for number, words in enumerate(("one of two", "two of two"), start=1):
        stage.desk.app_message(cast.MILO, words)
        expect(row).to_contain_text(words)
        assert staff.evaluate("window.tones") == number
    stage.desk.note(stage.living.of(cast.MILO).id, "between us", by=SAM)
    stage.desk.mark_read(stage.living.of(cast.MILO).id, by=SAM)
    expect(row.locator(".unread-count")).to_have_count(0)
    assert staff.evaluate("window.tones") == 2, "only what a client writes rings"
