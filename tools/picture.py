"""The README's picture: a true screenshot of the demo, the same every time it is made.

python tools/picture.py docs/images/dashboard.png      needs Chromium and playwright (pip install --group e2e)
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "support"))

FLAGS = "--headless=new --no-sandbox --disable-gpu --hide-scrollbars --force-color-profile=srgb".split()
SIZE = {"width": 1440, "height": 810}
TUESDAY = datetime(2026, 5, 12, 12, 0, tzinfo=UTC)


def shot(url: str) -> bytes:
    """The demo with a conversation open, and the phone of its client beside it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
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
        page.wait_for_timeout(900)
        taken = page.screenshot()
        browser.close()
    return taken


def main(target: Path) -> None:
    """Make the picture."""
    from convokit_dashboard.demo.living import open_practice
    from convokit_dashboard.demo.serving import demo_app, free_port
    from convokit_dashboard.demo.week import Week
    from PIL import Image
    from serving_here import serve

    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        living = open_practice(Path(folder, "desk.db"), Path(folder), seed=7, today=TUESDAY, public_url=f"{url}/hooks")
        Week(living).play()  # and never begun: the clock stands still, so the picture is the same tomorrow
        running = serve(demo_app(living), port)
        try:
            taken = shot(url)
        finally:
            running.end()
            living.end()
    # By coverage, not by frequency: the two blue checks are few pixels, and must stay blue.
    full, method = Image.open(io.BytesIO(taken)).convert("RGB"), Image.Quantize.MAXCOVERAGE
    picture = full.quantize(256, method=method, dither=Image.Dither.NONE)
    target.parent.mkdir(parents=True, exist_ok=True)
    picture.save(target, optimize=True)
    print(f"{target}: {target.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
