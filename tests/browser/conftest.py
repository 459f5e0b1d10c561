"""A real browser, the demo's practice, and two people in front of it: staff and a pet owner."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from attrs import define
from needs import need, unavailable
from serving_here import serve

if importlib.util.find_spec("playwright") is None:
    collect_ignore_glob = ["test_*.py"]  # only the environment e2e has it

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
).split()
WIDE = {"width": 1360, "height": 820}
PHONE = {"width": 390, "height": 800}
PATIENCE_MS = 15_000
"""How long a browser waits for what must come; a machine that others use too is slow now and then."""


@define
class Stage:
    """The demo on a port of this machine."""

    living: Any
    url: str
    file: Path

    @property
    def desk(self) -> Any:
        return self.living.desk


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    (chromium,) = need("chromium", package="chromium")
    try:
        from playwright.sync_api import expect, sync_playwright
    except ImportError:
        unavailable("playwright is not installed: run `tox -e e2e`, or pip install --group e2e")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=chromium, args=FLAGS)
        yield found
        found.close()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    from convokit_dashboard.demo.serving import demo_app, free_port, make_living

    folder = tmp_path_factory.mktemp("practice")
    port = free_port()
    living = make_living(folder / "desk.db", folder, seed=7, port=port)
    living.begin()
    running = serve(demo_app(living), port)
    yield Stage(living, f"http://127.0.0.1:{port}", folder / "desk.db")
    running.end()
    living.end()
    shutil.rmtree(folder, ignore_errors=True)


class Troubles(list[str]):
    """What went wrong in a page: errors of scripts, refusals by the policy, failed requests."""

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.append(str(error)))
        page.on("console", lambda said: self._console(said.type, said.text))

    def _console(self, kind: str, text: str) -> None:
        # The browser tells of every answer of 400 and more; tests look at what the page says of it.
        if kind == "error" and "Failed to load resource" not in text:
            self.append(text)


@pytest.fixture
def troubles() -> Iterator[Troubles]:
    found = Troubles()
    yield found
    assert found == []


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport=WIDE, accept_downloads=True)
    made.set_default_timeout(PATIENCE_MS)
    yield made
    made.close()


@pytest.fixture
def staff(context: BrowserContext, stage: Stage, troubles: Troubles) -> Page:
    """The front desk, as Dr. Kim."""
    page = context.new_page()
    troubles.watch(page)
    page.goto(f"{stage.url}/desk/active")
    return page


@pytest.fixture
def owner(browser: Browser, stage: Stage, troubles: Troubles) -> Iterator[Page]:
    """The phone of a pet owner, in a browser of its own."""
    made = browser.new_context(viewport=PHONE)
    made.set_default_timeout(PATIENCE_MS)
    page = made.new_page()
    troubles.watch(page)
    yield page
    made.close()
