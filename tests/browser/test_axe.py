"""Every page, in light and in dark, wide and on a phone's width: axe finds nothing (WCAG 2.2 A and AA)."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest
from convokit_dashboard.demo import cast
from playwright.sync_api import expect

if TYPE_CHECKING:
    from conftest import Stage, Troubles
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}
SETTINGS = ("urgency", "hours", "reminder", "record", "emojis", "departments", "keywords", "texts", "payments")
PAGES = (
    "active",
    "active?unread=1&sort=failed",
    "history",
    "search?q=bella",
    "search?q=nothing-like-it",
    "start?q=an",
    "active/nothing-here",
    *(f"settings/{section}" for section in SETTINGS),
)
TALKS = (cast.BEN, cast.DAN, cast.EVA, cast.INES, cast.MILO, cast.GRACE, cast.FARID, cast.KARL, cast.HANNA)


def findings(page: Page) -> list[str]:
    """What axe finds, in short."""
    source = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    page.evaluate(source)
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, rules)", RULES)
    nodes = [(one["id"], node) for one in found["violations"] for node in one["nodes"]]
    return [f"{rule}: {node['target']} {node['failureSummary'][:300]}" for rule, node in nodes]


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser, stage: Stage, troubles: Troubles):
    context = browser.new_context(
        viewport={"width": 1360, "height": 820}, color_scheme=request.param, reduced_motion="reduce"
    )
    made = context.new_page()
    troubles.watch(made)
    yield made
    context.close()


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_on_any_page(page: Page, stage: Stage, path: str) -> None:
    page.goto(f"{stage.url}/desk/{path}")
    assert findings(page) == []


def test_axe_finds_nothing_in_any_conversation(page: Page, stage: Stage) -> None:
    for client in TALKS:
        talk = next(
            one
            for one in (*stage.desk.inbox(limit=200).items, *stage.desk.history(limit=200).items)
            if client.id == one.client_id or client.phone == one.address
        )
        page.goto(f"{stage.url}/desk/active/{talk.id}")
        assert findings(page) == [], client.name


def test_axe_finds_nothing_in_menus_and_dialogs(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.url}/desk/active/{stage.living.of(cast.DAN).id}")
    page.locator("#more-filters > summary").click()
    page.locator("#options-menu > summary").click()
    assert findings(page) == []
    page.keyboard.press("Escape")
    for menu in ("me-menu", "canned-menu"):
        page.locator(f"#{menu} > summary").click()
        assert findings(page) == [], menu
        page.keyboard.press("Escape")
    page.fill("#text", "It\u2019s time\u2026")
    expect(page.get_by_role("button", name="Use plain characters")).to_be_visible()
    assert findings(page) == [], "the counter"
    page.get_by_role("button", name="Use plain characters").click()
    expect(page.locator("#text")).to_have_value("It's time...")
    dialogs = ("end-dialog", "rename-dialog", "opt-out-dialog", "pay-dialog", "keys")
    for client, names in ((cast.DAN, dialogs), (cast.EVA, ("opt-in-dialog",))):
        page.locator("#text").fill("") if client is cast.EVA else None
        page.goto(f"{stage.url}/desk/active/{stage.living.of(client).id}")
        for name in names:
            page.evaluate("id => document.getElementById(id).showModal()", name)
            assert findings(page) == [], name
            page.keyboard.press("Escape")


def test_axe_finds_nothing_on_the_phone_and_around_both(page: Page, stage: Stage) -> None:
    chat = f"chat/{stage.living.of(cast.BEN).id}"
    for path in ("", *(f"phone/{cast.BEN.id}/{screen}" for screen in ("home", "messages", "app", "new", chat))):
        page.goto(f"{stage.url}/{path}")
        assert findings(page) == [], path


def test_axe_finds_nothing_on_a_phones_width_and_nothing_is_cut_off(page: Page, stage: Stage) -> None:
    page.set_viewport_size({"width": 320, "height": 640})  # as 1280 pixels at 400 %: WCAG 1.4.10
    for path in ("active", "history", "start?q=an", "settings/hours", f"active/{stage.living.of(cast.INES).id}"):
        page.goto(f"{stage.url}/desk/{path}")
        assert findings(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
