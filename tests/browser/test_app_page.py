"""The reference page of the app in Chromium: registered, woken by a push, opened, read.

A browser gets subscriptions from its maker's push service alone, and that is not on this machine. So the page is given
one of the pretended service, and what this decrypts is delivered to the service worker by the browser's own tools.
Everything else is real: the page, its worker, notifications, the front for the app, the push and its encryption.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from attrs import define
from convokit_push_webpush import WebPushSettings
from convokit_push_webpush.testing import Browser as Subscribed
from convokit_push_webpush.testing import Shown, WebPushService
from playwright.sync_api import expect

import convokit

if TYPE_CHECKING:
    from conftest import Troubles
    from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

pytestmark = pytest.mark.browser

SECRET = "Bella's secret results are in."
SUBSCRIBED = """
  Object.defineProperty(PushManager.prototype, "subscribe", {value: async function (asked) {
    if (!asked.userVisibleOnly || asked.applicationServerKey !== KEY) throw new Error("asked in another way");
    return {toJSON: () => (MADE)};
  }});
"""


def example() -> ModuleType:
    path = Path(__file__).resolve().parents[2] / "examples" / "app_page" / "serve.py"
    spec = importlib.util.spec_from_file_location("app_page_serve", path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    return made


@define
class Phone:
    """The page on a client's phone, and the desk at the other end."""

    kit: convokit.Convokit
    desk: convokit.PracticeDesk
    service: WebPushService
    subscribed: Subscribed
    key: str
    url: str
    context: BrowserContext
    page: Page

    def open(self) -> None:
        self.page.goto(self.url)
        self.page.wait_for_function("navigator.serviceWorker.ready.then(() => true)")

    def write(self, text: str) -> convokit.Entry:
        open_one = [one for one in self.desk.app_conversations("c17") if not one.ended]
        kim, ana = convokit.Staff(id="u1", name="Dr. Kim"), convokit.Client(id="c17", name="Ana Ruiz")
        talk = open_one[0].id if open_one else self.desk.start(client=ana, channel="app", title="Bella", by=kim).id
        return self.desk.send(talk, text, by=kim)

    def mark(self, entry: convokit.Entry) -> tuple[str, str]:
        shown = self.desk.message(entry.id).indicator
        assert shown is not None
        return shown.mark, shown.color

    def wait_for(self, entry: convokit.Entry, mark: tuple[str, str]) -> None:
        for _ in range(80):
            if self.mark(entry) == mark:
                return
            self.page.wait_for_timeout(50)
        assert self.mark(entry) == mark

    def deliver(self, cdp: CDPSession, shown: Shown) -> None:
        """What the push service brings to the browser, the browser gives to the worker."""
        versions: list[dict[str, Any]] = []
        cdp.on("ServiceWorker.workerRegistrationUpdated", lambda told: versions.extend(told["registrations"]))
        cdp.send("ServiceWorker.enable")
        for _ in range(80):
            if versions:
                break
            self.page.wait_for_timeout(50)
        told = {
            "origin": self.url.rstrip("/"),
            "registrationId": versions[-1]["registrationId"],
            "data": json.dumps(dict(shown.told)),
        }
        cdp.send("ServiceWorker.deliverPushMessage", told)

    def notifications(self) -> list[dict[str, Any]]:
        asked = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
            .map(({title, body, tag, data}) => ({title, body, tag, data}))"""
        found: list[dict[str, Any]] = self.page.evaluate(asked)
        return found


@pytest.fixture
def phone(browser: Browser, troubles: Troubles) -> Iterator[Phone]:
    module = example()
    with WebPushService() as service:
        settings = service.settings()
        key = WebPushSettings(**settings).application_server_key
        with convokit.open("memory:", plugins=["webpush"], settings={"webpush": settings}) as kit:
            kit.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws 🐾"))
            server = module.serve(module.Site(kit, key))
            url = f"http://127.0.0.1:{server.server_port}/"
            context = browser.new_context(viewport={"width": 390, "height": 800})
            context.set_default_timeout(8_000)
            context.grant_permissions(["notifications"], origin=url.rstrip("/"))
            subscribed = service.subscribe(key)
            made = json.dumps({"endpoint": subscribed.token, "keys": dict(subscribed.keys)})
            context.add_init_script(SUBSCRIBED.replace("KEY", json.dumps(key)).replace("MADE", made))
            page = context.new_page()
            troubles.watch(page)
            yield Phone(kit, kit.practice("happy-paws"), service, subscribed, key, url, context, page)
            context.close()
            server.shutdown()
            server.server_close()


def test_the_page_is_woken_by_a_push_and_says_opened_and_read(phone: Phone) -> None:
    phone.open()
    phone.page.get_by_role("button", name="Tell me when you write").click()
    expect(phone.page.get_by_role("button", name="Do not tell me any more")).to_be_visible()
    (known,) = phone.desk.app_registrations("c17")
    assert known.transport == "webpush"

    phone.page.goto("about:blank")  # the page is closed
    phone.page.wait_for_timeout(500)  # what it asked for last has been answered
    sent = phone.write(SECRET)
    assert phone.mark(sent) == ("one-check", "gray")
    phone.kit.work()
    (shown,) = phone.service.ledger.wait_for(1)
    assert SECRET not in str(shown.told)

    aside = phone.context.new_page()  # only to reach the browser's tools; it is no page of the app
    aside.goto(f"{phone.url}app.css")
    phone.page = aside
    phone.deliver(phone.context.new_cdp_session(aside), shown)
    for _ in range(80):
        if phone.notifications():
            break
        aside.wait_for_timeout(50)
    (notification,) = phone.notifications()
    assert (notification["title"], notification["body"]) == ("Happy Paws 🐾", "You have a new message.")
    assert notification["data"] == {"conversation": sent.conversation_id}
    assert phone.mark(sent) == ("one-check", "gray")  # to be woken is not to be opened

    phone.page = phone.context.new_page()  # the client taps it
    phone.open()
    expect(phone.page.get_by_text(SECRET)).to_be_visible()
    phone.wait_for(sent, ("two-checks", "blue"))


def test_what_comes_while_the_page_is_open_is_shown_and_read(phone: Phone) -> None:
    phone.open()
    phone.page.get_by_role("button", name="Tell me when you write").click()
    expect(phone.page.get_by_role("button", name="Do not tell me any more")).to_be_visible()
    sent = phone.write("Please call us.")
    phone.kit.work()
    (shown,) = phone.service.ledger.wait_for(1)
    phone.deliver(phone.context.new_cdp_session(phone.page), shown)
    expect(phone.page.get_by_text("Please call us.")).to_be_visible()
    phone.wait_for(sent, ("two-checks", "blue"))


def test_a_page_that_is_not_seen_has_received_and_not_read(phone: Phone) -> None:
    sent = phone.write("Please call us.")
    hidden = 'Object.defineProperty(document, "visibilityState", {get: () => window.seen ? "visible" : "hidden"});'
    phone.context.add_init_script(hidden)
    phone.open()
    expect(phone.page.get_by_text("Please call us.")).to_be_visible()
    phone.wait_for(sent, ("two-checks", "gray"))
    phone.page.evaluate("window.seen = true; document.dispatchEvent(new Event('visibilitychange'))")
    phone.wait_for(sent, ("two-checks", "blue"))


def test_who_signs_out_is_not_told_any_more(phone: Phone) -> None:
    phone.open()
    phone.page.get_by_role("button", name="Tell me when you write").click()
    phone.page.get_by_role("button", name="Do not tell me any more").click()
    expect(phone.page.get_by_role("button", name="Tell me when you write")).to_be_visible()
    assert phone.desk.app_registrations("c17") == ()


def test_nobody_else_is_let_in(phone: Phone) -> None:
    phone.open()
    phone.page.context.clear_cookies()
    asked = """async () => (await fetch("app/opened", {method: "POST", headers: {"Content-Type": "application/json"},
        body: "{}"})).status"""
    assert phone.page.evaluate(asked) == 401
