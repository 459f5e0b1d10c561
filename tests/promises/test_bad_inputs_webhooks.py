"""PROMISES.md C, webhooks and callbacks: repeated ones, and JSON that breaks parsers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

import pytest
from desks import ANA, ANA_PHONE, KIM, OURS, World

import convokit
from convokit import HttpRequest

TEXT = {"kind": "text", "id": "P1", "from": ANA_PHONE, "to": OURS, "text": "hello"}
GOOD = json.dumps(TEXT).encode()


def signed(w: World, body: bytes) -> HttpRequest:
    headers = (("X-Simulator-Signature", w.carrier.sign(body)),)
    url = f"https://host.example/hooks/{w.kit.webhook_path('happy-paws')}"
    return HttpRequest(method="POST", url=url, headers=headers, body=body)


# row, label, a signed body, the answer, the texts that are stored
BODIES: list[tuple[int, str, bytes, int, list[str]]] = [
    (62, "NaN", GOOD.replace(b'"hello"', b"NaN"), 400, []),
    (62, "200,000 deep", b'{"kind": ' + b"[" * 200_000, 400, []),
    (62, "200,000 deep, closed", b'{"a": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", 400, []),
    (62, "a number of 5,000 digits", GOOD.replace(b'"hello"', b"9" * 5_000), 400, []),
    (62, "the same key twice", GOOD[:-1] + b', "text": "second"}', 400, []),
    (62, "Infinity", GOOD.replace(b'"hello"', b"-Infinity"), 400, []),
    (62, "a number for a text", GOOD.replace(b'"hello"', b"5"), 400, []),
    (62, "a BOM", b"\xef\xbb\xbf" + GOOD, 400, []),
    (62, "UTF-8 that is none", GOOD.replace(b"hello", b"\xff\xfe"), 400, []),
    (62, "a list", b"[" + GOOD + b"]", 400, []),
    (61, "parameters nobody knows", GOOD[:-1] + b', "new": {"a": [1]}}', 200, ["hello"]),
    (61, "a missing parameter", json.dumps({"kind": "text", "id": "P1"}).encode(), 400, []),
    (64, "the practice in the body", GOOD[:-1] + b', "practice": "other"}', 200, ["hello"]),
]
CASES = [*BODIES, (57,), (59,), (60,)]


def texts(w: World) -> list[str]:
    return [e.text for row in w.desk.inbox().items for e in w.desk.thread(row.id).items if e.side == "client"]


@pytest.mark.parametrize(
    ("row", "label", "body", "status", "stored"), BODIES, ids=[f"c{row[0]}-{row[1]}" for row in BODIES]
)
def test_p18_a_signed_body_is_taken_or_refused_with_400(
    w: World, row: int, label: str, body: bytes, status: int, stored: list[str]
) -> None:
    w.kit.add_practice(convokit.Practice(id="other", name="Other", region="US", numbers=["+13035550109"]))
    answer = w.kit.webhook(signed(w, body))
    assert answer.status == status
    assert answer.body == (b'{"code": "webhook.unreadable"}' if status == 400 else b"")
    assert texts(w) == stored
    assert w.kit.practice("other").inbox().items == ()


def test_p02_c57_the_same_webhook_eight_times_at_once_and_after_three_days_is_one_message(w: World) -> None:
    request, statuses = signed(w, GOOD), list[int]()
    together = threading.Barrier(8)

    def post() -> None:
        together.wait()
        statuses.append(w.kit.webhook(request).status)

    threads = [threading.Thread(target=post) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    w.clock.pass_(days=3)
    statuses.append(w.kit.webhook(request).status)
    assert statuses == [200] * 9
    assert texts(w) == ["hello"]
    assert w.desk.inbox().items[0].unread == 1


def report(w: World, message: convokit.Entry, word: str) -> int:
    event = {"kind": "report", "attempt": f"{message.id}.1", "id": "sim-1", "word": word, "why": ""}
    return w.kit.webhook(signed(w, json.dumps(event).encode())).status


def sent(w: World) -> convokit.Entry:
    talk = w.desk.start(client=ANA, channel="sms", by=KIM)
    message = w.desk.send(talk.id, "Hello", by=KIM)
    w.kit.work()
    return message


ORDERS: list[tuple[str, ...]] = [
    ("sent", "delivered", "delivered", "queued", "failed"),
    ("failed", "queued", "delivered", "sent"),
    ("delivered", "failed", "sent"),
]


@pytest.mark.parametrize("words", ORDERS, ids=" ".join)
def test_p05_c60_in_any_order_it_is_delivered(w: World, words: tuple[str, ...]) -> None:
    message = sent(w)
    assert [report(w, message, word) for word in words] == [200] * len(words)
    assert w.desk.message(message.id).delivery is convokit.Delivery.DELIVERED


ORPHANS: dict[str, Callable[[convokit.Entry], str]] = {
    "nobody's": lambda message: "m_unknown.1",
    "another attempt": lambda message: f"{message.id}.7",
    "no attempt at all": lambda message: "?",
}


@pytest.mark.parametrize("label", ORPHANS)
def test_p05_c59_a_report_on_what_is_not_this_practices_moves_nothing(w: World, label: str) -> None:
    message = sent(w)
    before = w.desk.changes()
    event = {"kind": "report", "attempt": ORPHANS[label](message), "id": "sim-none", "word": "delivered", "why": ""}
    assert w.kit.webhook(signed(w, json.dumps(event).encode())).status == 200
    assert w.desk.changes() == before
    assert w.desk.message(message.id).delivery is convokit.Delivery.SENT


def test_p10_c59_a_report_on_another_practices_message_is_never_applied(w: World) -> None:
    message = sent(w)
    other = convokit.Practice(id="other", name="Other", region="US", numbers=["+13035550109"])
    w.kit.add_practice(other)
    event = {"kind": "report", "attempt": f"{message.id}.1", "id": "sim-1", "word": "delivered", "why": ""}
    body = json.dumps(event).encode()
    url = f"https://host.example/hooks/{w.kit.webhook_path('other')}"
    request = HttpRequest(method="POST", url=url, headers=(("X-Simulator-Signature", w.carrier.sign(body)),), body=body)
    assert w.kit.webhook(request).status == 200
    assert w.desk.message(message.id).delivery is convokit.Delivery.SENT
    assert w.kit.practice("other").changes() == ()
