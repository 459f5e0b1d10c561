"""The demo without a browser: the same practice every time, and what a pet owner can do on the phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from convokit_dashboard.demo import cast
from convokit_dashboard.demo.clock import DemoClock, late_morning
from convokit_dashboard.demo.living import Living, open_practice
from convokit_dashboard.demo.serving import demo_app, free_port
from convokit_dashboard.demo.week import Week
from made_files import photo
from starlette.testclient import TestClient

TUESDAY = datetime(2026, 5, 12, 12, 0, tzinfo=UTC)
PARTS = {"HX-Request": "true"}


def play(folder: Path) -> Living:
    living = open_practice(folder / "desk.db", folder, seed=7, today=TUESDAY, public_url="http://127.0.0.1:1/hooks")
    Week(living).play()
    return living


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    made = play(tmp_path_factory.mktemp("demo"))
    yield made
    made.end()


@pytest.fixture
def web(living: Living) -> TestClient:
    return TestClient(demo_app(living))


def told(living: Living) -> list[str]:
    desk = living.desk
    return [
        f"{one.id} {one.client_name} {one.last_text} {one.urgency_level} {one.unread} {one.last_us}"
        for one in (*desk.inbox(limit=200).items, *desk.history(limit=200).items)
    ]


def test_the_same_seed_makes_the_same_practice(living: Living, tmp_path: Path) -> None:
    other = play(tmp_path)
    assert told(other) == told(living)
    other.end()


def test_the_practice_is_lively(living: Living) -> None:
    desk = living.desk
    rows = desk.inbox(limit=200).items
    assert len(rows) >= 12
    assert {one.channel for one in rows} == {"app", "sms"}
    assert {one.department for one in rows} >= {"", "skin", "dental"}
    assert sum(one.failed > 0 for one in rows) == 2
    assert any(one.candidates for one in rows)
    assert any(desk.past_due(one.id).items for one in rows)
    assert any(payment.state == "paid" for one in rows for payment in desk.payments(one.id))
    assert desk.consent(cast.EVA.phone or "").opted_out
    assert desk.consent(cast.GRACE.phone or "").maybe
    assert len(desk.history().items) >= 4
    assert living.mailbox.mails


@pytest.mark.parametrize(("day", "back"), [(12, 0), (16, 1), (17, 2)])
def test_it_is_late_morning_of_a_working_day(day: int, back: int) -> None:
    zone = ZoneInfo("America/Denver")
    shown = late_morning(datetime(2026, 5, day, tzinfo=UTC).date(), zone).astimezone(zone)
    assert (shown.day, shown.hour, shown.minute) == (day - back, 10, 42)
    clock = DemoClock(shown)
    clock.move(TUESDAY)
    assert clock() == max(shown, TUESDAY)
    clock.release()
    assert clock() > max(shown, TUESDAY)


def test_the_shell_shows_both_and_frames_only_its_own(web: TestClient) -> None:
    page = web.get("/")
    assert 'src="/desk/active"' in page.text
    assert 'src="/phone"' in page.text
    assert "frame-src 'self'" in page.headers["content-security-policy"]
    assert web.get("/desk/active").status_code == 200
    assert web.get("/phone").status_code == 200
    assert web.get("/demo/phone.js").headers["content-type"].startswith("text/javascript")
    assert web.get("/demo/secrets.txt").status_code == 404
    assert "Dr. Kim" in web.get("/desk/active").text
    assert "Menu of Sam" in web.get("/desk/active", headers={"Cookie": "demo-as=sam"}).text
    assert 1024 < free_port() < 65_536


def test_the_client_texts_says_stop_and_switches_the_phone_off(web: TestClient, living: Living) -> None:
    base = f"/phone/{cast.DAN.id}"
    assert "Switched off" in web.get(f"{base}/home").text
    assert "Switch off" in web.post(f"{base}/power", headers=PARTS).text
    web.post(f"{base}/text", data={"text": "STOP"})
    assert living.desk.consent(cast.DAN.phone or "").opted_out
    assert "STOP" in web.get(f"{base}/messages").text
    web.post(f"{base}/text", data={"text": "START"})
    assert not living.desk.consent(cast.DAN.phone or "").opted_out
    assert web.get(f"{base}/nowhere").status_code == 404
    assert web.get("/phone/nobody/home").status_code == 404
    assert web.post(f"{base}/dance").status_code == 404


def test_the_client_opens_the_app_and_the_chat_and_writes(web: TestClient, living: Living) -> None:
    base, desk = f"/phone/{cast.LENA.id}", living.desk
    talk = living.of(cast.LENA)
    sent = desk.send(talk.id, "See you", by=cast.SAM)
    assert desk.message(sent.id).indicator.label == "Sent, unread"
    assert "Heartworm test" in web.post(f"{base}/open-app", headers=PARTS).text
    assert desk.message(sent.id).indicator.label.startswith("Received")
    assert "See you" in web.get(f"{base}/chat/{talk.id}").text
    assert desk.message(sent.id).indicator.label.startswith("Read")
    web.post(f"{base}/write", data={"talk": talk.id, "text": "Thanks"})
    assert desk.thread(talk.id).items[-1].text == "Thanks"
    assert web.post(f"{base}/write", data={"talk": talk.id, "text": " "}, headers=PARTS).status_code == 200
    assert "Hi! How can we help" in web.get(f"{base}/new").text


def test_the_client_sends_a_photo_and_gets_only_their_own_files(web: TestClient, living: Living) -> None:
    base = f"/phone/{cast.BEN.id}"
    talk = living.of(cast.BEN)
    answer = web.post(f"{base}/photo/{talk.id}", content=photo(), headers={"X-File-Name": "max.jpg"})
    assert answer.text == f"{base}/chat/{talk.id}"
    (file,) = living.desk.thread(talk.id).items[-1].attachments
    assert web.get(f"{base}/file/{file.id}").headers["content-disposition"].startswith("inline")
    assert web.get(f"/phone/{cast.ANA.id}/file/{file.id}").status_code == 404
    assert web.post(f"{base}/photo/{talk.id}", content=b"<html>").status_code == 422


def test_the_client_texts_a_photo_that_waits_at_the_carrier(web: TestClient, living: Living) -> None:
    base = f"/phone/{cast.GRACE.id}"
    content = photo()
    assert web.post(f"{base}/mms", content=content).text == f"{base}/messages"
    assert "[1 photo]" in web.get(f"{base}/messages").text
    (file,) = living.desk.thread(living.of(cast.GRACE).id).items[-1].attachments
    assert (file.state, file.via) == ("waiting", "mms")
    (name,) = living.at_carrier
    assert web.get(f"/carrier/{name}").content == content
    assert web.get("/carrier/nothing").status_code == 404


def test_the_client_pays_the_prompt_once(web: TestClient, living: Living) -> None:
    talk = living.of(cast.BEN)
    asked = living.desk.request_payment(talk.id, title="Max", amount="5", currency="USD", by=cast.SAM)
    living.wait(3)
    page = web.get(f"/phone/{cast.BEN.id}/chat/{talk.id}").text
    assert f'value="{asked.id}"' in page
    assert "Pay 5.00 USD" in page
    for _ in range(2):
        web.post(f"/phone/{cast.BEN.id}/pay", data={"payment": asked.id, "screen": f"chat/{talk.id}"})
    living.wait(5)
    assert living.desk.payment(asked.id).state == "paid"
    assert living.desk.payment(asked.id).flags == ()
    assert "Paid 5.00 USD" in web.get(f"/phone/{cast.BEN.id}/chat/{talk.id}").text


def test_no_page_of_the_phone_has_anything_inline(web: TestClient, living: Living) -> None:
    for screen in ("home", "messages", "app", "new", f"chat/{living.of(cast.ANA).id}"):
        page = web.get(f"/phone/{cast.ANA.id}/{screen}")
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", page.text)
        assert page.headers["cache-control"] == "no-store"
