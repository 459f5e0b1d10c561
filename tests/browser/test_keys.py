"""The whole desk by keyboard alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from conftest import Stage
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def focused(page: Page) -> str:
    row = "document.activeElement.closest('.row')?.querySelector('.row-who').textContent"
    return page.evaluate(f"{row} ?? document.activeElement.id")


def test_j_and_k_move_enter_opens_r_replies_and_escape_leads_back(staff: Page) -> None:
    staff.keyboard.press("j")
    assert "Ben Ortega" in focused(staff)
    staff.keyboard.press("j")
    assert "Lena Park" in focused(staff)
    staff.keyboard.press("k")
    assert "Ben Ortega" in focused(staff)
    staff.keyboard.press("k")
    assert "Ben Ortega" in focused(staff)
    staff.keyboard.press("Enter")
    expect(staff.locator("#thread-head h1")).to_contain_text("Ben Ortega")
    staff.keyboard.press("r")
    assert focused(staff) == "text"
    staff.keyboard.type("jkrneu/?")
    assert staff.locator("#text").input_value() == "jkrneu/?"
    staff.locator("#text").fill("By keyboard")
    staff.keyboard.press("Control+Enter")
    expect(staff.locator("#entries")).to_contain_text("By keyboard")
    assert focused(staff) == "text"
    staff.keyboard.press("Escape")
    assert "Ben Ortega" in focused(staff)
    staff.keyboard.press("j")
    assert "Lena Park" in focused(staff)


def test_n_writes_a_note_that_the_client_never_sees(staff: Page, stage: Stage) -> None:
    staff.keyboard.press("j")
    staff.keyboard.press("Enter")
    expect(staff.locator("#write")).to_be_visible()
    staff.keyboard.press("n")
    staff.keyboard.type("Only for us")
    staff.keyboard.press("Control+Enter")
    note = staff.locator("article.note", has_text="Only for us")
    expect(note).to_be_visible()
    talk = stage.desk.conversation(staff.url.rpartition("/")[2])
    assert stage.desk.thread(talk.id).items[-1].kind == "note"


def test_u_marks_unread_e_ends_and_a_dialog_gives_the_focus_back(staff: Page, stage: Stage) -> None:
    staff.locator(".row", has_text="Milo Novak").locator("a").focus()
    staff.keyboard.press("Enter")
    expect(staff.locator("#thread-head h1")).to_contain_text("Milo Novak")
    staff.keyboard.press("u")
    expect(staff.locator(".row", has_text="Milo Novak").locator(".unread-count")).to_be_visible()
    staff.keyboard.press("e")
    expect(staff.locator("#end-dialog")).to_be_visible()
    staff.keyboard.press("Escape")
    expect(staff.locator("#end-dialog")).to_be_hidden()
    staff.keyboard.press("e")
    staff.keyboard.press("Enter") if focused(staff) == "" else staff.locator("#end-dialog .primary").press("Enter")
    expect(staff.locator("#composer")).to_contain_text("This conversation has ended.")


def test_the_slash_searches_and_the_question_mark_tells_all_keys(staff: Page) -> None:
    staff.keyboard.press("/")
    assert focused(staff) == "find"
    staff.keyboard.type("bella")
    staff.keyboard.press("Enter")
    expect(staff).to_have_url(re.compile(r"search\?q=bella"))
    staff.wait_for_load_state()
    staff.keyboard.press("?")
    expect(staff.locator("#keys")).to_be_visible()
    staff.keyboard.press("Escape")
    expect(staff.locator("#keys")).to_be_hidden()


def test_the_first_tab_skips_to_the_conversation(staff: Page) -> None:
    staff.keyboard.press("Tab")
    assert staff.evaluate("document.activeElement.className") == "skip"
    staff.keyboard.press("Enter")
    assert focused(staff) == "main"


def test_a_menu_opens_with_the_keyboard_and_escape_closes_it(staff: Page) -> None:
    staff.locator("#me-menu > summary").focus()
    staff.keyboard.press("Enter")
    expect(staff.locator("#me-menu")).to_have_attribute("open", "")
    staff.keyboard.press("Escape")
    expect(staff.locator("#me-menu")).not_to_have_attribute("open", "")
