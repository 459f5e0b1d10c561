"""Live: one look at the change feed for everybody, and what each visitor is told."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import pytest
from attrs import evolve
from convokit_dashboard import app as app_module
from convokit_dashboard import dashboard
from convokit_dashboard.live.feed import REMEMBERED, Feed, Told
from convokit_dashboard.live.hub import Hub
from convokit_dashboard.live.kept import MOST, Kept
from convokit_dashboard.routes import live
from dashboard_site import ANA, KIM, SAM, Site, token_of
from starlette.types import Message

import convokit

# --- what is told -----------------------------------------------------------------------------------------------------


def test_a_visitor_is_told_of_their_departments_and_of_what_left_them() -> None:
    feed = Feed(10)
    feed.add(11, "c1", "")
    feed.add(12, "c2", "lab")
    assert feed.after(12, None) is None
    assert feed.after(10, None) == Told(number=12, ids=("c1", "c2"))
    assert feed.after(10, ("",)) == Told(number=12, ids=("c1",))
    assert feed.after(11, ("",)) == Told(number=12, ids=())
    feed.add(13, "c1", "lab")
    assert feed.after(12, ("",)) == Told(number=13, ids=("c1",)), "the list has to let go of it"
    feed.add(14, "c1", "lab")
    assert feed.after(13, ("",)) == Told(number=14, ids=())
    assert feed.after(13, ("lab",)) == Told(number=14, ids=("c1",))


def test_who_was_away_for_too_long_looks_at_everything_again() -> None:
    feed = Feed(0)
    for number in range(1, REMEMBERED + 12):
        feed.add(number, f"c{number % 7}", "")
    assert feed.after(3, None) == Told(number=REMEMBERED + 11, ids=None)
    assert feed.after(REMEMBERED + 10, None) == Told(number=REMEMBERED + 11, ids=(f"c{(REMEMBERED + 11) % 7}",))


def test_a_conversation_that_changed_twice_is_named_once() -> None:
    feed = Feed(0)
    for number in (1, 2, 3):
        feed.add(number, "c1", "")
    assert feed.after(0, None) == Told(number=3, ids=("c1",))


# --- lists that were drawn a moment ago -------------------------------------------------------------------------------


def test_a_list_is_drawn_once_for_all_who_ask_for_the_same() -> None:
    kept, drawn = Kept(), []

    def draw() -> str:
        time.sleep(0.05)
        drawn.append(1)
        return f"list {len(drawn)}"

    def ask() -> None:
        assert kept.get("key", needed=5, number=5, minute=1, draw=draw).html == "list 1"

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(drawn) == 1


@pytest.mark.parametrize(
    ("change", "again"),
    [({}, False), ({"needed": 6}, True), ({"number": 6}, True), ({"minute": 2}, True), ({"key": "other"}, True)],
)
def test_a_list_is_drawn_again_when_it_may_differ(change: dict[str, Any], again: bool) -> None:
    kept, count = Kept(), iter("ab")
    asked: dict[str, Any] = {"key": "key", "needed": 5, "number": 5, "minute": 1, "draw": lambda: next(count)}

    def get(given: dict[str, Any]) -> str:
        return kept.get(given["key"], **{name: value for name, value in given.items() if name != "key"}).html

    assert get(asked) == "a"
    assert get({**asked, **change}) == ("b" if again else "a")


def test_lists_are_forgotten_when_there_are_too_many() -> None:
    kept, drawn = Kept(), []
    for number in (*range(MOST + 1), 0):
        kept.get(number, needed=1, number=1, minute=1, draw=lambda number=number: drawn.append(number) or "")
    assert drawn.count(0) == 2


# --- the hub ----------------------------------------------------------------------------------------------------------


async def until(condition: Callable[[], object], seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it does not come"
        await asyncio.sleep(0.01)


def test_one_look_rings_for_everybody_and_ends_when_nobody_watches(site: Site) -> None:
    hub = Hub(site.kit, look_seconds=0.02)

    async def watch() -> None:
        desk = site.desk
        with hub.watching("a", desk.newest_change()) as one, hub.watching("a", desk.newest_change()) as two:
            began = hub.number("a")
            assert began is not None
            await asyncio.to_thread(desk.send, site.own.chat, "hello", by=KIM)
            await asyncio.wait_for(one.rung.wait(), 5)
            await asyncio.wait_for(two.rung.wait(), 5)
            told = hub.after("a", began, None)
            assert told is not None
            assert told.ids == (site.own.chat,)
            assert hub.after("b", 0, None) is None
        assert hub.number("a") is None
        await until(lambda: hub._thread is None)
        with hub.watching("a", desk.newest_change()) as again:
            await asyncio.to_thread(desk.send, site.own.chat, "hello again", by=KIM)
            hub.hurry()
            await asyncio.wait_for(again.rung.wait(), 5)

    asyncio.run(watch())


def test_a_store_that_cannot_be_read_is_looked_at_again(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    hub, real = Hub(site.kit, look_seconds=0.01), site.kit.practice
    failing = [True]

    def practice(practice_id: str) -> convokit.PracticeDesk:
        if failing[0]:
            raise convokit.StorageError("storage.busy", "busy")
        return real(practice_id)

    site.kit.practice = practice  # type: ignore[method-assign, assignment]

    async def watch() -> None:
        with hub.watching("a", 0) as bell:
            await until(lambda: "storage.busy" in caplog.text)
            failing[0] = False
            await asyncio.wait_for(bell.rung.wait(), 5)
            assert bell.rung.is_set()

    asyncio.run(watch())


# --- the stream -------------------------------------------------------------------------------------------------------


class Listener:
    """A client of the stream, by the server's own interface: no network is between."""

    def __init__(self, app: Any, headers: dict[str, str] | None = None, query: str = "") -> None:
        pairs = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
        self.scope = {
            "type": "http",
            "method": "GET",
            "path": "/live",
            "raw_path": b"/live",
            "root_path": "",
            "query_string": query.encode(),
            "headers": pairs,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 2),
            "scheme": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
        }
        self.app, self.status, self.text, self.gone = app, 0, "", asyncio.Event()

    async def receive(self) -> Message:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.text += message.get("body", b"").decode()

    def begin(self) -> asyncio.Task[None]:
        return asyncio.create_task(self.app(self.scope, self.receive, self.send))

    def told(self) -> list[dict[str, Any]]:
        return [json.loads(line[6:]) for line in self.text.splitlines() if line.startswith("data: ")]


async def listening(app: Any, **more: Any) -> AsyncIterator[Listener]:
    one = Listener(app, **more)
    task = one.begin()
    await until(lambda: "hello" in one.text or one.status not in (0, 200))
    yield one
    one.gone.set()
    await asyncio.wait_for(task, 5)


def test_the_stream_tells_what_changed_and_goes_on_where_it_was_left(site: Site) -> None:
    app = dashboard(site.kit, identify=site.identify)

    async def play() -> None:
        async for one in listening(app):
            await asyncio.to_thread(site.desk.send, site.own.chat, "hello", by=KIM)
            await until(one.told)
            assert one.told()[0]["ids"] == [site.own.chat]
            last = one.told()[0]["n"]
            assert f"id: {last}\nevent: desk:changed\n" in one.text
        site.desk.app_message(ANA, "while nobody listened")
        async for two in listening(app, headers={"Last-Event-ID": str(last)}):
            await until(two.told)
            assert two.told()[0]["ids"] == [site.own.chat]
        async for three in listening(app, query="since=0"):
            await until(three.told)
            assert set(three.told()[0]["ids"] or [site.own.chat]) >= {site.own.chat}

    asyncio.run(play())


def test_p10_a_narrowed_visitor_hears_nothing_of_other_departments(site: Site) -> None:
    site.acting(departments=("",))
    app = dashboard(site.kit, identify=site.identify)

    async def play() -> None:
        async for one in listening(app):
            await asyncio.to_thread(site.desk.send, site.hidden.chat, "hidden", by=KIM)
            await asyncio.to_thread(site.kit.practice("b").send, site.foreign.chat, "foreign", by=KIM)
            await asyncio.to_thread(site.desk.send, site.own.chat, "seen", by=KIM)
            await until(one.told)
            assert [told["ids"] for told in one.told()] == [[site.own.chat]]

    asyncio.run(play())


def test_a_stream_ends_after_a_while_and_says_that_it_is_there(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LIFETIME", 0.3)
    monkeypatch.setattr(app_module, "Hub", partial(Hub, quiet_seconds=0.1))
    app = dashboard(site.kit, identify=site.identify)

    async def play() -> None:
        one = Listener(app)
        await asyncio.wait_for(one.begin(), 5)
        assert "event: desk:here\n" in one.text

    asyncio.run(play())


def test_there_are_not_too_many_streams(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_STREAMS", 1)
    app = dashboard(site.kit, identify=site.identify)

    async def play() -> None:
        async for one in listening(app):
            assert one.status == 200
            two = Listener(app)
            await asyncio.wait_for(two.begin(), 5)
            assert two.status == 503

    asyncio.run(play())


class NoReader(Listener):
    """A client that takes the beginning and nothing after it; its connection stays."""

    async def send(self, message: Message) -> None:
        await super().send(message)
        if "hello" in self.text:
            await self.gone.wait()


def _hears(one: Listener) -> bool:
    return "event: desk:here\n" in one.text


def test_who_sees_nothing_of_what_happens_all_the_time_is_told_that_the_line_is_there(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_module, "Hub", partial(Hub, quiet_seconds=0.1))
    # Something has always happened meanwhile, as in a practice that is never at rest.
    monkeypatch.setattr(Hub, "number", lambda hub, practice_id: 10**9)
    site.acting(departments=("skin",))
    app = dashboard(site.kit, identify=site.identify)

    async def play() -> None:
        async for one in listening(app):
            await until(partial(_hears, one))
            assert "desk:changed" not in one.text

    asyncio.run(play())


def test_a_client_that_does_not_read_is_let_go_of(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_STREAMS", 1)
    monkeypatch.setattr(live, "SEND_SECONDS", 0.1)
    app = dashboard(site.kit, identify=site.identify)

    async def play() -> None:
        await asyncio.wait_for(NoReader(app).begin(), 5)
        async for next_one in listening(app):
            assert next_one.status == 200, "the place of the other is free"

    asyncio.run(play())


def test_who_only_asks_is_told_the_same(site: Site) -> None:
    web = site.client(live="poll")
    assert 'data-live="poll"' in web.get("/active").text
    number = site.desk.newest_change()
    assert web.get(f"/live/changes?since={number}").json() == {"n": number, "ids": []}
    site.desk.send(site.own.chat, "hello", by=KIM)
    told = web.get(f"/live/changes?since={number}").json()
    assert told == {"n": site.desk.newest_change(), "ids": [site.own.chat]}
    assert web.get("/live/changes?since=rubbish").status_code == 200


def test_p10_who_asks_and_is_narrowed_looks_again_when_a_conversation_leaves(site: Site) -> None:
    site.acting(departments=("",))
    web = site.client(live="poll")
    number = site.desk.newest_change()
    site.desk.move(site.own.chat, "skin", by=KIM)
    told = web.get(f"/live/changes?since={number}").json()
    assert told == {"n": site.desk.newest_change(), "ids": None}
    assert web.get(f"/live/changes?since={told['n']}").json() == {"n": told["n"], "ids": []}
    site.desk.note(site.own.chat, "between us", by=KIM)
    assert site.own.chat not in web.get(f"/live/changes?since={told['n']}").text


def test_the_parts_of_a_list_are_the_same_for_all_and_hold_no_token(site: Site) -> None:
    web = site.client()

    async def play() -> None:
        async for _ in listening(web.app):
            number = site.desk.newest_change()
            first = await asyncio.to_thread(web.get, f"/parts/list/active?n={number}")
            site.acting(staff=convokit.Staff(id="u9", name="Somebody else"))
            second = await asyncio.to_thread(web.get, f"/parts/list/active?n={number}")
            assert first.text == second.text
            assert "token" not in first.text
            assert "Somebody" not in second.text

    asyncio.run(play())
    assert "Ana Ruiz" in web.get("/parts/list/active").text
    assert web.get("/parts/list/search?q=ana").status_code == 200


def test_rules_that_changed_show_in_the_next_list(site: Site) -> None:
    web = site.client()

    async def play() -> None:
        async for _ in listening(web.app):
            number = site.desk.newest_change()
            before = await asyncio.to_thread(web.get, f"/parts/list/active?n={number}")
            practice = site.desk.practice
            await asyncio.to_thread(
                site.kit.add_practice, evolve(practice, rules=evolve(practice.rules, urgency=False))
            )
            after = await asyncio.to_thread(web.get, f"/parts/list/active?n={number}")
            assert before.text != after.text
            assert after.text == (await asyncio.to_thread(web.get, "/parts/list/active")).text

    site.desk.set_urgency(site.own.chat, "urgent", by=KIM)
    asyncio.run(play())


def test_a_page_that_is_open_for_longer_than_a_proof_holds_gets_a_new_one(site: Site) -> None:
    web = site.client()
    old = token_of(web)
    site.clock.pass_(hours=13)
    path = f"/talk/{site.own.chat}/note"
    assert web.post(path, data={"token": old, "text": "x"}, headers={"HX-Request": "true"}).status_code == 403
    told = web.get("/parts/list/active", headers={"HX-Request": "true", "X-Desk-Token": old})
    fresh = told.headers["x-desk-token"]
    assert fresh not in (old, "")
    answer = web.post(path, data={"text": "x"}, headers={"HX-Request": "true", "X-Desk-Token": fresh})
    assert answer.status_code == 200


@pytest.mark.parametrize("shown", ["", "rubbish", "of another"])
def test_a_page_of_somebody_else_gets_no_new_proof(site: Site, shown: str) -> None:
    web = site.client()
    headers = {"HX-Request": "true", "X-Desk-Token": token_of(web) if shown == "of another" else shown}
    site.acting(staff=SAM)
    assert "x-desk-token" not in web.get("/parts/list/active", headers=headers).headers


def test_a_flood_of_entries_leaves_no_gap_above_the_newest(site: Site) -> None:
    web = site.client()
    first = re.search(r'data-first="(\d+)"', web.get(f"/active/{site.own.chat}").text)
    assert first is not None
    for number in range(210):
        site.desk.note(site.own.chat, f"line {number}", by=KIM)
    told = web.get(f"/parts/thread/{site.own.chat}?first={first[1]}", headers={"HX-Request": "true"}).text
    assert 'hx-target="#thread"' in told
    assert 'id="older"' in told
