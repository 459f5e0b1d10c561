"""What people do and what is not lost by it: words, files, the focus, a click too many, what was filled in wrongly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from convokit_dashboard.demo import cast
from convokit_dashboard.demo.cast import SAM
from made_files import photo
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Stage, Troubles
    from playwright.sync_api import APIResponse, Browser, Page, Route

pytestmark = pytest.mark.browser

PICTURE = {"name": "pill.jpg", "mimeType": "image/jpeg", "buffer": photo()}


def open_talk(page: Page, name: str) -> None:
    page.locator("#row-list > .row", has_text=name).first.locator("a").click()
    expect(page.locator("#thread-head h1")).to_contain_text(name)


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.parentElement?.id"))


def test_a_note_that_is_half_written_never_comes_back_as_a_reply(staff: Page) -> None:
    open_talk(staff, "Chloe Tran")
    staff.locator("#pick").set_input_files(PICTURE)
    expect(staff.locator(".upload[data-done]")).to_be_visible()
    staff.locator('[data-mode="note"]').click()
    staff.keyboard.type("She is always late")
    open_talk(staff, "Ben Ortega")
    expect(staff.locator("#text")).to_have_value("")
    expect(staff.locator("#uploads")).to_be_empty()
    open_talk(staff, "Chloe Tran")
    expect(staff.locator("#text")).to_have_value("She is always late")
    expect(staff.locator('[data-mode="note"]')).to_have_attribute("aria-pressed", "true")
    expect(staff.locator("#save-note")).to_be_visible()
    expect(staff.locator("#send")).to_be_hidden()
    expect(staff.locator(".upload[data-done]")).to_contain_text("pill.jpg")
    staff.keyboard.press("n")
    staff.locator("#text").press("Control+Enter")
    expect(staff.locator("article.note", has_text="She is always late")).to_be_visible()
    expect(staff.locator(".upload[data-done]")).to_contain_text("pill.jpg")  # notes have no files: it waits for a reply


def test_what_is_written_stays_when_the_composer_must_be_drawn_anew(staff: Page, stage: Stage) -> None:
    open_talk(staff, "Lena Park")
    talk = stage.living.of(cast.LENA)
    staff.locator("#text").click()
    staff.keyboard.type("Half a sentence")
    staff.keyboard.press("ArrowLeft")
    stage.desk.end(talk.id, by=SAM)
    expect(staff.locator("#composer")).to_contain_text("This conversation has ended.")
    expect(staff.locator("#text")).to_have_value("Half a sentence")
    stage.desk.restart(talk.id, by=SAM)
    expect(staff.locator('[data-mode="reply"]')).to_have_attribute("aria-pressed", "false")  # it may be a note by now
    expect(staff.locator("#text")).to_have_value("Half a sentence")
    assert focused(staff) == "text"
    staff.keyboard.type("x")
    expect(staff.locator("#text")).to_have_value("Half a sentencxe")


def test_a_click_too_many_asks_for_no_second_payment(staff: Page, stage: Stage) -> None:
    open_talk(staff, "Ben Ortega")
    staff.get_by_role("button", name="Ask for a payment").click()
    staff.locator("#pay-dialog [name=title]").fill("Twice")
    staff.locator("#pay-dialog [name=amount]").fill("12.50")
    staff.locator("#pay-dialog .primary").dblclick()
    expect(staff.locator("#pay-dialog")).to_be_hidden()
    expect(staff.locator("#entries .payment", has_text="Twice")).to_be_visible()
    staff.wait_for_timeout(400)
    asked = [one for one in stage.desk.payments(stage.living.of(cast.BEN).id) if one.title == "Twice"]
    assert len(asked) == 1


def test_what_is_wrong_is_said_inside_the_dialog_that_is_open(staff: Page) -> None:
    open_talk(staff, "Ben Ortega")
    staff.get_by_role("button", name="Ask for a payment").click()
    dialog = staff.locator("#pay-dialog")
    dialog.locator("[name=amount]").fill("0")
    dialog.locator(".primary").click()
    expect(dialog.get_by_role("alert")).to_have_text("Please give an amount like 84.50.")
    dialog.locator(".primary").click()
    expect(dialog.get_by_role("alert")).to_have_count(1)
    staff.keyboard.press("Escape")
    expect(staff.get_by_text("Please give an amount like 84.50.")).to_have_count(0)


def test_the_focus_is_never_lost(staff: Page) -> None:
    open_talk(staff, "Milo Novak")
    menu = staff.locator("#options-menu > summary")
    menu.focus()
    staff.keyboard.press("Enter")
    staff.locator("#options-menu").get_by_role("button", name="Edit team member").press("Enter")
    expect(staff.locator("#rename-dialog")).to_be_visible()
    staff.keyboard.press("Escape")
    assert focused(staff) == "options-menu"
    menu.press("Enter")
    staff.locator("#options-menu").get_by_role("button", name="Mark as unread").press("Enter")
    expect(staff.locator("#notices")).to_contain_text("Marked as unread.")
    expect(staff.locator("#options-menu")).not_to_have_attribute("open", "")
    assert focused(staff) == "options-menu"
    staff.locator("#text").fill("Bye")
    staff.get_by_role("button", name="Send and end").press("Enter")
    expect(staff.locator("#composer")).to_contain_text("This conversation has ended.")
    assert focused(staff) in ("main", "text")
    staff.get_by_role("button", name="Restart conversation").first.press("Enter")
    expect(staff.locator("#send")).to_be_visible()
    assert focused(staff) in ("main", "text")


def test_a_message_does_not_leave_without_the_file_that_is_on_its_way(staff: Page) -> None:
    open_talk(staff, "Ana Ruiz")
    waiting: list[Route] = []
    staff.route("**/upload", lambda route: waiting.append(route))  # noqa: PLW0108 - playwright marks what it is given
    staff.locator("#pick").set_input_files(PICTURE)
    expect(staff.locator(".upload progress")).to_be_visible()
    staff.locator("#text").fill("See the picture")
    staff.keyboard.press("Control+Enter")
    expect(staff.locator("#notices")).to_contain_text("A file is still on its way. Please wait a moment.")
    expect(staff.locator("#text")).to_have_value("See the picture")
    waiting[0].continue_()
    expect(staff.locator(".upload[data-done]")).to_be_visible()
    staff.locator("#text").press("Control+Enter")
    expect(staff.locator("article.out", has_text="See the picture").last.locator("img")).to_be_visible()


def test_the_browser_asks_before_what_is_written_is_lost_and_not_for_a_download(staff: Page) -> None:
    asked: list[str] = []
    staff.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    open_talk(staff, "Grace Lee")
    staff.locator("#text").click()
    staff.keyboard.type("Not sent yet")
    staff.locator("#options-menu > summary").click()
    with staff.expect_download():
        staff.locator(".formats").get_by_role("button", name="Text").click()
    assert asked == []
    staff.wait_for_timeout(1_100)
    staff.goto(staff.url.partition("/desk")[0] + "/desk/history")
    assert asked == ["beforeunload"]


def test_settings_that_are_wrong_stay_as_they_were_filled_in(staff: Page, stage: Stage) -> None:
    staff.goto(f"{stage.url}/desk/settings/hours")
    staff.locator("[name=day-mon]").fill("8 to noon")
    staff.locator("[name=away]").fill("We are away.")
    staff.get_by_role("button", name="Save").click()
    expect(staff.get_by_role("alert")).to_contain_text("These hours cannot be read.")
    assert staff.locator("[name=day-mon]").input_value() == "8 to noon"
    assert staff.locator("[name=away]").input_value() == "We are away."


def test_keys_can_be_switched_off(staff: Page) -> None:
    staff.locator("#me-menu > summary").click()
    toggle = staff.get_by_role("button", name="Shortcuts of a single key")
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "false")
    staff.keyboard.press("Escape")
    staff.keyboard.press("?")
    expect(staff.locator("#keys")).to_be_hidden()
    staff.reload()
    staff.keyboard.press("j")
    assert "row" not in focused(staff)


@pytest.mark.parametrize("size", [(390, 800), (680, 410), (320, 568)])
def test_on_a_small_screen_and_at_200_percent_all_of_the_menu_is_there(
    browser: Browser, stage: Stage, troubles: Troubles, size: tuple[int, int]
) -> None:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    page.set_default_timeout(8_000)
    troubles.watch(page)
    page.goto(f"{stage.url}/desk/active/{stage.living.of(cast.INES).id}")
    page.locator("#options-menu > summary").click()
    box = page.locator("#options-menu .menu-body").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= size[0]
    file = page.locator("#options-menu").get_by_role("button", name="File in the medical record")
    file.scroll_into_view_if_needed()
    expect(file).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    page.keyboard.press("Escape")
    log = page.locator("#log").bounding_box()
    assert log is not None
    assert log["height"] >= 100
    context.close()


def test_a_filter_holds_when_something_changes_and_the_way_back_leads_to_it(
    browser: Browser, stage: Stage, troubles: Troubles
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.set_default_timeout(8_000)
    troubles.watch(page)
    page.goto(f"{stage.url}/desk/active")
    page.locator(".chip", has_text="Failed").click()
    expect(page.locator("#row-list > .row:not(.failed)")).to_have_count(0)
    there = page.locator("#row-list > .row").count()
    with page.expect_response(lambda answer: "/parts/list/active" in answer.url) as told:
        stage.desk.app_message(cast.CHLOE, "Not a failed text")
    assert "failed=1" in told.value.url
    page.wait_for_timeout(300)
    assert page.locator("#row-list > .row").count() == there
    expect(page.locator("#row-list > .row:not(.failed)")).to_have_count(0)
    open_talk(page, "Dan White")
    page.get_by_role("link", name="Back to the list").click()
    expect(page).to_have_url(f"{stage.url}/desk/active?failed=1")
    page.goto(f"{stage.url}/desk/history")
    page.locator("#row-list > .row a").first.click()
    page.get_by_role("link", name="Back to the list").click()
    expect(page).to_have_url(f"{stage.url}/desk/history")
    context.close()


def test_a_list_that_was_asked_for_before_a_filter_was_changed_does_not_come_back_over_it(
    staff: Page, stage: Stage
) -> None:
    """What is refreshed may arrive after what was asked for later: as late as when another list is long there."""
    on_their_way: list[Route] = []
    late = re.compile("/parts/list/active[?]n=")

    def hold(route: Route) -> None:
        on_their_way.append(route)

    staff.route(late, hold)
    stage.desk.app_message(cast.CHLOE, "And what about her teeth?")
    staff.wait_for_timeout(1000)
    assert len(on_their_way) == 1
    staff.locator(".chip", has_text="Failed").click()
    expect(staff.locator("#row-list > .row:not(.failed)")).to_have_count(0)
    with staff.expect_response(late):
        on_their_way[0].continue_()
    staff.unroute(late)
    staff.wait_for_timeout(500)
    assert staff.url == f"{stage.url}/desk/active?failed=1"
    assert staff.locator("#row-list > .row.failed").count() > 0
    assert staff.locator("#row-list > .row:not(.failed)").count() == 0


def ask_for_a_payment(page: Page) -> None:
    page.get_by_role("button", name="Ask for a payment").click()
    page.locator("#pay-dialog [name=title]").fill("Eye drops")
    page.locator("#pay-dialog [name=amount]").fill("9.50")
    page.locator("#pay-dialog .primary").click()


def reply(page: Page) -> None:
    page.locator("#text").fill("She may eat again.")
    page.get_by_role("button", name="Send", exact=True).click()


@pytest.mark.parametrize("act", [reply, ask_for_a_payment])
def test_what_came_while_an_act_was_answered_does_not_vanish_with_its_answer(
    staff: Page, stage: Stage, act: Callable[[Page], None]
) -> None:
    """The answer was drawn before what came, and is put into the page after it."""
    open_talk(staff, "Ben Ortega")
    answers: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        if route.request.method != "POST" or answers:
            route.fallback()
        else:
            answers.append((route, route.fetch()))

    staff.route("**/desk/**", hold)
    act(staff)
    while not answers:
        staff.wait_for_timeout(50)
    words = f"While you {act.__name__}"
    stage.desk.send(stage.living.of(cast.BEN).id, words, by=SAM)
    expect(staff.locator("#entries")).to_contain_text(words)
    (route, answer), *_ = answers
    with staff.expect_response(route.request.url):
        route.fulfill(response=answer)
    staff.wait_for_timeout(1000)
    staff.unroute("**/desk/**")
    expect(staff.locator("#entries")).to_contain_text(words)
