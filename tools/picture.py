"""The pictures of the README and the manual: true screenshots of the demo, the same every time they are made.

python tools/picture.py docs/images      needs Chromium and playwright (pip install --group e2e)
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "support"))

FLAGS = "--headless=new --no-sandbox --disable-gpu --hide-scrollbars --force-color-profile=srgb".split()
SIZE = {"width": 1440, "height": 810}
TUESDAY = datetime(2026, 5, 12, 12, 0, tzinfo=UTC)


def with_the_phone(browser: Browser, url: str) -> bytes:
    """The demo with a conversation open, and the phone of its client beside it."""
    page = browser.new_page(viewport=SIZE, reduced_motion="reduce")
    page.goto(url)
    desk = page.frame_locator("iframe").first
    phone = page.frame_locator("iframe.beside")
    desk.locator(".row", has_text="Ben Ortega").locator("a").click()
    desk.locator("article", has_text="About half of it").wait_for()
    phone.locator("#whose").select_option(label="Ben Ortega · Max")
    phone.get_by_role("button", name="Happy Paws").click()
    phone.locator(".talk").first.click()
    phone.locator(".b", has_text="About half of it").wait_for()
    desk.locator("#thread-head").hover()
    return settled(page)


def failed_in_the_dark(browser: Browser, url: str) -> bytes:
    """A text that could not be delivered, in the dark appearance."""
    page = browser.new_page(viewport={"width": 1240, "height": 640}, color_scheme="dark", reduced_motion="reduce")
    page.goto(f"{url}/desk/active")
    page.locator(".row", has_text="Dan White").locator("a").click()
    page.locator(".advice").first.wait_for()
    page.locator("#thread-head").hover()
    return settled(page)


def on_a_phone(browser: Browser, url: str) -> bytes:
    """A photo, a note of the staff and a PDF, on a phone's width."""
    page = browser.new_page(viewport={"width": 390, "height": 800}, reduced_motion="reduce")
    page.goto(f"{url}/desk/active")
    page.locator(".row", has_text="Ines Costa").locator("a").click()
    page.locator("article.note").wait_for()
    page.locator("#thread-head").hover()
    return settled(page)


def ended_and_filed(browser: Browser, url: str) -> bytes:
    """A conversation of the history, filed in the medical record, and its menu."""
    page = browser.new_page(viewport={"width": 1240, "height": 640}, reduced_motion="reduce")
    page.goto(f"{url}/desk/history")
    page.locator(".row", has_text="Karl Moe").locator("a").click()
    page.locator(".event", has_text="filed in the medical record").wait_for()
    page.locator("#options-menu > summary").click()
    return settled(page)


def settled(page: Page) -> bytes:
    """The page, once its pictures are there and nothing moves any more."""
    page.wait_for_timeout(900)
    return page.screenshot()


PICTURES = {
    "dashboard.png": with_the_phone,
    "dashboard-failed.png": failed_in_the_dark,
    "dashboard-phone.png": on_a_phone,
    "dashboard-filed.png": ended_and_filed,
}


def keep(taken: bytes, target: Path) -> None:
    """A screenshot in 256 colours."""
    from PIL import Image

    # By coverage, not by frequency: the two blue checks are few pixels, and must stay blue.
    full, method = Image.open(io.BytesIO(taken)).convert("RGB"), Image.Quantize.MAXCOVERAGE
    full.quantize(256, method=method, dither=Image.Dither.NONE).save(target, optimize=True)
    print(f"{target}: {target.stat().st_size // 1024} kB")


def take(url: str, folder: Path) -> None:
    """Take every picture, each of a window of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for name, shot in PICTURES.items():
            keep(shot(browser, url), folder / name)
        browser.close()


def main(folder: Path) -> None:
    """Make the pictures."""
    from convokit_dashboard.demo.living import open_practice
    from convokit_dashboard.demo.serving import demo_app, free_port
    from convokit_dashboard.demo.week import Week
    from serving_here import serve

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        living = open_practice(Path(place, "desk.db"), Path(place), seed=7, today=TUESDAY, public_url=f"{url}/hooks")
        Week(living).play()  # and never begun: the clock stands still, so the pictures are the same tomorrow
        running = serve(demo_app(living), port)
        try:
            take(url, folder)
        finally:
            running.end()
            living.end()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
