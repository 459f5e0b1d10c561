"""Files by drop, paste and picker, the counter, and what moves: small things of the front desk's day."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from convokit_dashboard.demo import cast
from made_files import photo, video
from playwright.sync_api import expect

if TYPE_CHECKING:
    from conftest import Stage
    from playwright.sync_api import Browser, Page

    from convokit.domain.people import Client

pytestmark = pytest.mark.browser

HANDED = """(box, [event, name, type, content]) => {
  const bytes = Uint8Array.from(atob(content), one => one.charCodeAt(0)), data = new DataTransfer();
  data.items.add(new File([bytes], name, {type}));
  const given = {bubbles: true, cancelable: true, dataTransfer: data, clipboardData: data};
  box.dispatchEvent(event === "paste" ? new ClipboardEvent(event, given) : new DragEvent(event, given));
}"""


def hand(page: Page, box: str, event: str, name: str, content: bytes) -> None:
    page.locator(box).evaluate(HANDED, [event, name, "image/jpeg", base64.b64encode(content).decode()])


def open_of(staff: Page, stage: Stage, client: Client) -> None:
    staff.goto(f"{stage.url}/desk/active/{stage.living.of(client).id}")


def test_a_photo_is_dropped_another_pasted_and_both_are_sent(staff: Page, stage: Stage) -> None:
    open_of(staff, stage, cast.CHLOE)
    hand(staff, "#entries", "dragover", "dropped.jpg", photo())
    expect(staff.locator("#write.dragging")).to_be_visible()
    hand(staff, "#entries", "drop", "dropped.jpg", photo())
    expect(staff.locator("#write.dragging")).to_have_count(0)
    hand(staff, "#text", "paste", "pasted.jpg", photo())
    expect(staff.locator(".upload[data-done]")).to_have_count(2)
    staff.get_by_role("button", name="Send", exact=True).click()
    expect(staff.locator("article.out .photo img")).to_have_count(2)
    sent = stage.desk.thread(stage.living.of(cast.CHLOE).id).items[-1]
    assert sorted(one.name for one in sent.attachments) == ["dropped.jpg", "pasted.jpg"]


def test_a_video_plays_in_the_thread(staff: Page, stage: Stage) -> None:
    open_of(staff, stage, cast.LENA)
    staff.locator("#pick").set_input_files({"name": "walk.mp4", "mimeType": "video/mp4", "buffer": video()})
    expect(staff.locator(".upload[data-done]")).to_contain_text("walk.mp4")
    staff.get_by_role("button", name="Send", exact=True).click()
    shown = staff.locator("article.out video")
    expect(shown).to_have_count(1)
    assert shown.get_attribute("controls") is not None
    assert shown.get_attribute("aria-label") == "Video: walk.mp4"


def test_the_counter_says_what_a_text_costs_and_which_character_makes_it_dear(staff: Page, stage: Stage) -> None:
    open_of(staff, stage, cast.GRACE)
    staff.fill("#text", "Friday is fine")
    expect(staff.locator("#count")).to_have_text("1 segment \u00b7 146 characters left")
    staff.fill("#text", "x" * 161)
    expect(staff.locator("#count")).to_contain_text("2 segments")
    staff.fill("#text", "It\u2019s Friday")
    expect(staff.locator("#count .dear")).to_contain_text("\u2019 makes segments shorter")
    staff.get_by_role("button", name="Use plain characters").click()
    expect(staff.locator("#count .dear")).to_have_count(0)
    expect(staff.locator("#text")).to_have_value("It's Friday")
    staff.fill("#text", "")
    open_of(staff, stage, cast.CHLOE)
    staff.fill("#text", "It\u2019s free in the app")
    expect(staff.locator("#count")).to_have_text("")


@pytest.mark.parametrize(("wish", "animated"), [("reduce", "none"), ("no-preference", "rise")])
def test_nothing_moves_for_who_does_not_want_it(browser: Browser, stage: Stage, wish: str, animated: str) -> None:
    context = browser.new_context(reduced_motion=wish)
    page = context.new_page()
    page.goto(f"{stage.url}/desk/active")
    page.evaluate("document.getElementById('notices').innerHTML = '<p class=notice>Saved</p>'")
    assert page.evaluate("getComputedStyle(document.querySelector('.notice')).animationName") == animated
    context.close()


def test_escape_closes_the_panel_of_a_narrow_window(staff: Page, stage: Stage) -> None:
    staff.set_viewport_size({"width": 900, "height": 800})
    open_of(staff, stage, cast.INES)
    staff.get_by_role("button", name="Client and patient").click()
    expect(staff.locator("#panel")).to_be_visible()
    staff.keyboard.press("Escape")
    expect(staff.locator("#panel")).to_be_hidden()
    button = staff.get_by_role("button", name="Client and patient")
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")
