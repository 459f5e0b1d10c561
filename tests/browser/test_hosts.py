"""The same dashboard inside other people's applications: FastAPI, Django with ASGI and with WSGI, Flask."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from convokit_dashboard.demo.serving import free_port
from made_files import pdf
from playwright.sync_api import expect
from serving_here import serve
from tree import ROOT

import convokit

if TYPE_CHECKING:
    from conftest import Troubles
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

HOSTS = str(ROOT / "examples" / "hosts")


def _asgi(app: Any, port: int) -> Callable[[], None]:
    return serve(app, port).end


def _wsgi(app: Any, port: int) -> Callable[[], None]:
    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def end() -> None:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()

    return end


def _fastapi(kit: Any, port: int) -> Callable[[], None]:
    import fastapi_host

    return _asgi(fastapi_host.make_app(kit), port)


def _django_asgi(kit: Any, port: int) -> Callable[[], None]:
    import django_host

    return _asgi(django_host.make_asgi(kit), port)


def _django_wsgi(kit: Any, port: int) -> Callable[[], None]:
    import django_host

    return _wsgi(django_host.make_wsgi(kit), port)


def _flask(kit: Any, port: int) -> Callable[[], None]:
    import flask_host

    return _wsgi(flask_host.make_app(kit), port)


@pytest.fixture(params=[_fastapi, _django_asgi, _django_wsgi, _flask], ids=lambda one: one.__name__.strip("_"))
def host(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, browser: Browser
) -> Iterator[tuple[str, Any]]:
    monkeypatch.syspath_prepend(HOSTS)
    from practice_of_the_host import open_kit

    kit, port = open_kit(), free_port()
    end = request.param(kit, port)
    yield f"http://127.0.0.1:{port}", kit
    end()
    kit.close()


def _sends_a_file(page: Page, url: str, desk: Any) -> None:
    """Up through the host, and down again, whole."""
    content = pdf()
    chat = desk.start(client=convokit.Client(id="c9", name="Ana Ruiz"), by=convokit.Staff(id="u1", name="Dr. Kim"))
    page.goto(f"{url}/desk/active/{chat.id}")
    page.locator("#pick").set_input_files({"name": "labs.pdf", "mimeType": "application/pdf", "buffer": content})
    expect(page.locator(".upload[data-done]")).to_contain_text("labs.pdf")
    page.get_by_role("button", name="Send", exact=True).click()
    with page.expect_download() as got:
        page.locator("article.out a.file").click()
    assert got.value.suggested_filename == "labs.pdf"
    assert Path(got.value.path()).read_bytes() == content


def test_the_dashboard_works_inside_a_host(host: tuple[str, Any], browser: Browser, troubles: Troubles) -> None:
    """Signing in by the host, reading, writing, live changes, files, and nothing for strangers."""
    url, kit = host
    desk = kit.practice("happy-paws")
    context = browser.new_context(viewport={"width": 1360, "height": 820})
    context.set_default_timeout(10_000)
    page = context.new_page()
    troubles.watch(page)
    assert context.request.get(f"{url}/desk/live/changes", max_redirects=0).status == 303
    page.goto(f"{url}/desk/active")  # not signed in: the host's log-in, which comes back
    expect(page).to_have_url(f"{url}/desk/active")
    page.locator(".row a").first.click()
    expect(page.locator("#entries")).to_contain_text("lab results")
    page.fill("#text", "They are in, and fine.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#entries")).to_contain_text("They are in, and fine.")
    talk = desk.inbox().items[0]
    assert desk.thread(talk.id).items[-1].author_id == "u1"
    kit.work()
    expect(page.locator("article.out .mark").last).to_contain_text("Sent, not yet delivered")
    _sends_a_file(page, url, desk)
    page.goto(f"{url}/desk/settings/urgency")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.goto(f"{url}/desk/active/{talk.id}")
    context.clear_cookies()
    page.fill("#text", "Signed out in another window")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#notices")).to_contain_text("You are signed out. Please load this page again.")
    expect(page.locator("#text")).to_have_value("Signed out in another window")
    assert context.request.post(f"{url}/desk/talk/{talk.id}/end").status == 403
    context.close()
