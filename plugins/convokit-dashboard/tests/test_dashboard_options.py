"""What a host can say about its dashboard, checked when it is made."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from convokit_dashboard import Theme, mounted
from convokit_dashboard.options import stylesheet
from dashboard_site import KIM, Site
from PIL import Image

from convokit import ConfigurationError

OWN = re.compile(r'(?:href|src|action|formaction|hx-get|hx-post|data-[a-z]+)="(/[^"]*)"')


def token_of_page(page: str) -> str:
    return page.partition('name="desk-token" content="')[2].partition('"')[0]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"log_in": "javascript:alert(1)"}, "dashboard.log_in"),
        ({"log_in": "log in"}, "dashboard.log_in"),
        ({"frame_ancestors": ["*; script-src *"]}, "dashboard.frame_ancestors"),
        ({"frame_ancestors": 5}, "dashboard.frame_ancestors"),
        ({"live": "sometimes"}, "dashboard.live"),
        ({"theme": "dark"}, "dashboard.theme"),
        ({"theme": Theme(variables={"colour": "red"})}, "dashboard.theme"),
        ({"theme": Theme(variables={"accent": "red;} body{display:none"})}, "dashboard.theme"),
        ({"theme": Theme(dark={"accent": "url(https://x)"})}, "dashboard.theme"),
        ({"theme": Theme(logo=Path("/nothing.png"))}, "dashboard.logo"),
        ({"theme": Theme(logo=Path(__file__))}, "dashboard.logo"),
    ],
)
def test_what_cannot_be_is_refused_when_it_is_made(site: Site, given: dict[str, Any], code: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        site.client(**given)
    assert caught.value.code == code


def test_a_theme_is_a_stylesheet_and_a_logo(site: Site, tmp_path: Path) -> None:
    logo = tmp_path / "logo.png"
    Image.new("RGB", (40, 20), "navy").save(logo)
    theme = Theme(name="Our desk", logo=logo, variables={"accent": "#0a5c8f"}, dark={"accent": "#6bb7ff"})
    web = site.client(theme=theme)
    assert ":root{--desk-accent:#0a5c8f;}" in web.get("/static/theme.css").text
    assert "prefers-color-scheme: dark" in web.get("/static/theme.css").text
    assert web.get("/static/logo").headers["content-type"] == "image/png"
    page = web.get("/active").text
    assert "Our desk" in page
    assert "/static/logo" in page
    logo.unlink()
    assert web.get("/static/logo").status_code == 404
    assert stylesheet(Theme()) == ""
    assert site.client().get("/static/logo").status_code == 404


def test_our_own_files_come_compressed_where_that_is_asked_for(site: Site) -> None:
    web = site.client()
    small = web.get("/static/desk.js", headers={"Accept-Encoding": "gzip"})
    plain = web.get("/static/desk.js", headers={"Accept-Encoding": "identity"})
    assert small.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert small.text == plain.text


def test_the_vendored_files_are_the_released_ones() -> None:
    import hashlib
    from importlib import resources

    vendor = resources.files("convokit_dashboard") / "static" / "vendor"
    told = dict(line.split()[::-1] for line in (vendor / "SHA256SUMS.txt").read_text(encoding="utf-8").splitlines())
    assert told == {name: hashlib.sha256((vendor / name).read_bytes()).hexdigest() for name in told}
    assert {"htmx.min.js", "hx-sse.min.js"} <= told.keys()


def test_a_path_to_mount_at_is_a_path() -> None:
    for wrong in ("desk", "/desk/"):
        with pytest.raises(ValueError, match="'/desk'"):
            mounted(lambda *given: None, lambda *given: None, at=wrong)  # type: ignore[arg-type, return-value]


def test_under_a_prefix_every_address_begins_with_it(site: Site) -> None:
    from convokit_dashboard import dashboard
    from starlette.applications import Starlette
    from starlette.routing import Mount
    from starlette.testclient import TestClient

    app = Starlette(routes=[Mount("/some/desk", dashboard(site.kit, identify=site.identify))])
    web = TestClient(app, root_path="/proxy", follow_redirects=False)
    talk, base = site.own.chat, "/proxy/some/desk"
    for number in range(60):
        site.desk.note(talk, f"line {number}", by=KIM)
    paths = ["active", "active?unread=1", "history", "search?q=ana", "start?q=ana", f"active/{talk}", "active/nothing"]
    parts = ["list/active", "filter/active?unread=1", f"thread/{talk}", "clients?q=ana"]
    sections = ["urgency", "hours", "departments", "texts", "payments"]
    told: set[str] = set()
    for path in (*paths, *(f"parts/{one}" for one in parts), *(f"settings/{one}" for one in sections)):
        own = OWN.findall(web.get(f"{base}/{path}").text)
        assert all(one == base or one.startswith(f"{base}/") for one in own), (path, own)
        told.update(own)
    for named in (
        "parts/older/",
        "parts/thread/",
        f"talk/{talk}/upload",
        f"talk/{talk}/read",
        "static/desk.js",
    ):
        assert any(one.startswith(f"{base}/{named}") for one in told), named
    assert web.get(f"{base}/").headers["location"] == f"{base}/active"
    assert web.get(f"{base}/settings").headers["location"] == f"{base}/settings/urgency"
    form = {"token": token_of_page(web.get(f"{base}/active").text)}
    assert web.post(f"{base}/talk/{talk}/unread", data=form).headers["location"] == f"{base}/active/{talk}"
    filtered = web.get(f"{base}/parts/filter/active?unread=1", headers={"HX-Request": "true"})
    assert filtered.headers["HX-Push-Url"] == f"{base}/active?unread=1"
