"""T12 and T14: every address, for every role, with every kind of foreign id; made from the table itself."""

from __future__ import annotations

import itertools
import re
from typing import Final

import pytest
from convokit_dashboard import Visitor, dashboard
from convokit_dashboard.routes.table import SPOTS
from convokit_dashboard.spots import Spot
from dashboard_site import CANARY, PDF, SAM, Site, token_of
from starlette.responses import Response
from starlette.testclient import TestClient

NAMES: Final = re.compile(r"\{(\w+)\}")
PLAIN: Final = {"list": "active", "section": "urgency"}
INLINE: Final = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|hx-on|javascript:")
UNKNOWN: Final = "x_unknown"

# What a form needs so that it would do something, if it were allowed to.
FORMS: Final[dict[str, dict[str, str]]] = {
    "/start": {"q": "ana", "client": "c17/p4", "title": "T"},
    "/parts/count": {"text": "hello"},
    "/talk/{id}/send": {"text": "hello"},
    "/talk/{id}/send-and-end": {"text": "hello"},
    "/talk/{id}/transcript": {"format": "txt", "notes": "1"},
    "/talk/{id}/note": {"text": "hello"},
    "/talk/{id}/rename": {"name": "Somebody"},
    "/talk/{id}/urgency": {"level": "high"},
    "/talk/{id}/department": {"department": "skin"},
    "/talk/{id}/opt-out": {"reason": "asked"},
    "/talk/{id}/opt-in": {"reason": "asked"},
    "/talk/{id}/client": {"client": "c17"},
    "/talk/{id}/client-note": {"text": "note", "version": "0"},
    "/talk/{id}/pay": {"title": "T", "amount": "1.00", "currency": "USD"},
}
# The addresses beside the table: a stream and an upload.
BESIDE: Final = (("GET", "/live"), ("POST", "/talk/{id}/upload"))


def path_of(spot: Spot, ids: dict[str, str]) -> str:
    return NAMES.sub(lambda found: ids.get(found[1]) or PLAIN.get(found[1], "x"), spot.path)


def ask(web: TestClient, spot: Spot, ids: dict[str, str], token: str):
    path = path_of(spot, ids)
    if spot.method == "GET":
        return web.get(path)
    return web.post(path, data={"token": token, **FORMS.get(spot.path, {})})


def everything(site: Site) -> str:
    desk = site.kit.practice("b")
    rows = (*desk.inbox(limit=200).items, *desk.history(limit=200).items)
    lab = [site.desk.conversation(one) for one in (site.hidden.talk, site.hidden.chat)]
    told = [(row, list(desk.entries(row.id)), desk.payments(row.id)) for row in rows]
    return repr((told, lab, [list(site.desk.entries(one.id)) for one in lab], site.desk.payments(site.hidden.chat)))


WITH_IDS: Final = [spot for spot in SPOTS if spot.ids]


def name_of(spot: Spot) -> str:
    return f"{spot.method} {spot.path}"


@pytest.mark.parametrize("spot", SPOTS, ids=name_of)
def test_p13_a_stranger_gets_nothing_anywhere(site: Site, spot: Spot) -> None:
    web = site.client()
    token = token_of(web)
    site.visitor = None
    answer = ask(web, spot, {name: site.own.of(name) for name in spot.ids}, token)
    assert answer.status_code == 403
    assert answer.text == "Please sign in."


@pytest.mark.parametrize(("method", "path"), BESIDE)
def test_p13_a_stranger_gets_no_stream_and_uploads_nothing(site: Site, method: str, path: str) -> None:
    site.visitor = None
    assert site.client().request(method, path.replace("{id}", site.own.chat)).status_code == 403


@pytest.mark.parametrize("kind", ["foreign", "hidden", "unknown"])
def test_p10_p13_nothing_is_uploaded_beside_a_foreign_conversation(site: Site, kind: str) -> None:
    site.acting(departments=("", "skin"))
    web = site.client()
    proof = {"X-Desk-Token": token_of(web), "X-File-Name": "a.pdf"}
    before, its = everything(site), UNKNOWN if kind == "unknown" else getattr(site, kind).chat
    answer = web.post(f"/talk/{its}/upload", content=PDF, headers=proof)
    assert answer.status_code == 404
    assert CANARY not in answer.text
    assert "hidden-of-lab" not in answer.text
    assert everything(site) == before
    own = f"/talk/{site.own.chat}/upload"
    assert web.post(own, content=PDF, headers=proof).status_code == 200
    assert web.post(own, content=PDF, headers={"X-File-Name": "a.pdf"}).status_code == 403
    check_headers(answer.headers)


@pytest.mark.parametrize("kind", ["foreign", "hidden", "unknown"])
@pytest.mark.parametrize("spot", WITH_IDS, ids=name_of)
def test_p10_p13_foreign_ids_are_as_unknown_as_made_up_ones(site: Site, spot: Spot, kind: str) -> None:
    """One id at a time and all at once: the others are the visitor's own."""
    site.acting(departments=("", "skin"))
    web = site.client()
    token, before = token_of(web), everything(site)
    for which in itertools.product([False, True], repeat=len(spot.ids)):
        if not any(which):
            continue
        ids = {
            name: (UNKNOWN if kind == "unknown" else getattr(site, kind).of(name)) if odd else site.own.of(name)
            for name, odd in zip(spot.ids, which, strict=True)
        }
        answer = ask(web, spot, ids, token)
        assert answer.status_code == 404, (path_of(spot, ids), answer.text[:300])
        assert CANARY not in answer.text
        assert "hidden-of-lab" not in answer.text
    assert everything(site) == before


@pytest.mark.parametrize("spot", SPOTS, ids=name_of)
def test_p10_no_page_of_a_narrowed_visitor_names_what_is_hidden(site: Site, spot: Spot) -> None:
    site.acting(departments=("", "skin"))
    web = site.client()
    answer = ask(web, spot, {name: site.own.of(name) for name in spot.ids}, token_of(web))
    assert answer.status_code < 500, answer.text[:500]
    assert CANARY not in answer.text
    assert "hidden-of-lab" not in answer.text


@pytest.mark.parametrize("spot", [spot for spot in SPOTS if spot.manager], ids=name_of)
def test_p13_settings_are_for_managers(site: Site, spot: Spot) -> None:
    web = site.client()
    token = token_of(web)
    rules = site.desk.practice.rules
    site.acting(manager=False)
    assert ask(web, spot, {}, token).status_code == 403
    site.acting(manager=True)
    assert ask(site.client(settings=False), spot, {}, token).status_code == 403
    assert site.desk.practice.rules == rules


@pytest.mark.parametrize("spot", [spot for spot in SPOTS if spot.method == "POST"], ids=name_of)
@pytest.mark.parametrize("proof", ["none", "rubbish", "of another", "of another practice", "old", "from elsewhere"])
def test_p13_nothing_is_written_without_the_proof(site: Site, spot: Spot, proof: str) -> None:
    web = site.client()
    token, headers = token_of(web), {}
    match proof:
        case "none":
            token = ""
        case "rubbish":
            token = "0.§" + "x" * 30
        case "of another":
            site.acting(staff=SAM)
        case "of another practice":
            site.acting(practice_id="b")
            token = token_of(web)
            site.acting(practice_id="a")
        case "old":
            site.clock.pass_(hours=13)
        case _:
            headers = {"Sec-Fetch-Site": "cross-site"}
    known = [site.desk.conversation(one) for one in (site.own.chat, site.own.talk)]
    ids = {name: site.own.of(name) for name in spot.ids}
    answer = web.post(path_of(spot, ids), data={"token": token, **FORMS.get(spot.path, {})}, headers=headers)
    assert answer.status_code == 403
    assert [site.desk.conversation(one) for one in (site.own.chat, site.own.talk)] == known


@pytest.mark.parametrize("spot", SPOTS, ids=name_of)
@pytest.mark.parametrize("status", ["usual", "stranger", "unknown", "wrong method"])
def test_p13_every_answer_carries_the_headers(site: Site, spot: Spot, status: str) -> None:
    web = site.client()
    token = token_of(web)
    ids = {name: UNKNOWN if status == "unknown" else site.own.of(name) for name in spot.ids}
    if status == "stranger":
        site.visitor = None
    answer = web.delete(path_of(spot, ids)) if status == "wrong method" else ask(web, spot, ids, token)
    assert answer.status_code < 500
    check_headers(answer.headers)


@pytest.mark.parametrize(
    "path",
    ["/static/desk.js", "/static/vendor/htmx.min.js", "/static/nothing.js", "/nowhere/at/all", "/static/theme.css"],
)
def test_p13_our_own_files_carry_them_too(web: TestClient, path: str) -> None:
    check_headers(web.get(path).headers)


def check_headers(headers) -> None:
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    rules = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in rules
    assert "unsafe" not in rules
    assert "default-src 'none'" in rules


def test_p13_framing_is_a_setting(site: Site) -> None:
    answer = site.client(frame_ancestors=["https://host.example"]).get("/active")
    assert "frame-ancestors https://host.example" in answer.headers["content-security-policy"]
    assert "x-frame-options" not in answer.headers


def test_nothing_is_inline_in_any_page(site: Site) -> None:
    web = site.client()
    for spot in SPOTS:
        if spot.method == "GET":
            text = ask(web, spot, {name: site.own.of(name) for name in spot.ids}, "").text
            assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|hx-on|javascript:", text), (
                spot.path
            )


def test_p13_without_a_callable_there_is_no_dashboard(site: Site) -> None:
    from convokit import ConfigurationError

    for wrong in (None, "staff", 5):
        with pytest.raises(ConfigurationError) as caught:
            dashboard(site.kit, identify=wrong)  # type: ignore[arg-type]
        assert caught.value.code == "dashboard.identify"
    with pytest.raises(TypeError):
        dashboard(site.kit)  # type: ignore[call-arg]


def test_what_the_callable_returns_is_looked_at(site: Site) -> None:
    app = dashboard(site.kit, identify=lambda request: "kim")  # type: ignore[arg-type, return-value]
    answer = TestClient(app, raise_server_exceptions=False).get("/active")
    assert answer.status_code == 500
    assert "kim" not in answer.text


def test_a_coroutine_function_may_say_who_asks(site: Site) -> None:
    async def identify(request) -> Visitor | None:
        return site.visitor

    app = dashboard(site.kit, identify=identify)
    web = TestClient(app)
    assert web.get("/active").status_code == 200
    assert web.get("/live/changes").json()["n"] > 0


def test_a_stranger_is_sent_to_the_log_in(site: Site) -> None:
    web = site.client(log_in="/log-in?next=desk")
    site.visitor = None
    answer = web.get("/active")
    assert (answer.status_code, answer.headers["location"]) == (303, "/log-in?next=desk")
    assert web.post("/talk/x/send").status_code == 403
    assert web.get("/active", headers={"HX-Request": "true"}).status_code == 403


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "/\\evil", "/desk\nX: y", "/elsewhere" * 100]
)
def test_a_form_leads_only_to_our_own_pages(site: Site, back: str) -> None:
    web = site.client()
    data = {"token": token_of(web), "back": back}
    answer = web.post(f"/talk/{site.own.chat}/unread", data=data)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/active/{site.own.chat}"


def test_the_matrix_catches_an_address_that_forgets_who_asks(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant of this harness: a page that reads at the whole practice's desk, and one that needs no proof."""

    def leaking(call):
        desk = call.site.kit.practice(call.visitor.practice_id)
        return Response(desk.conversation(call.path["id"]).title)

    spot = Spot(path="/leak/{id}", method="GET", handler=leaking, ids=("id",))
    monkeypatch.setattr("convokit_dashboard.app.SPOTS", (spot, *SPOTS))
    with pytest.raises(AssertionError):
        test_p10_p13_foreign_ids_are_as_unknown_as_made_up_ones(site, spot, "hidden")
    monkeypatch.setattr("convokit_dashboard.serving.check_proof", lambda *given: None)
    rename = next(one for one in SPOTS if one.path.endswith("/rename"))
    with pytest.raises(AssertionError):
        test_p13_nothing_is_written_without_the_proof(site, rename, "none")
