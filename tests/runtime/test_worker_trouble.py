"""What a review found: the worker outlives plugins and rows that it cannot do anything with."""

from __future__ import annotations

import logging
import sqlite3
import threading
from pathlib import Path

import pytest
from attrs import evolve
from desks import KIM, world

import convokit
from convokit.domain.delivery import Delivery
from convokit.effects import SendMail
from convokit.facts import PaymentReported
from convokit.stores.sql import open_sqlite
from convokit.testing.builders import Facts, practice
from convokit.testing.store_base import Desk


class Broken:
    """A media store that cannot delete."""

    def __init__(self, real: object) -> None:
        self._real = real

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)

    def delete(self, *_: object, **__: object) -> None:
        raise RuntimeError("the bucket is away")


def test_p11_a_media_store_that_raises_stops_no_work(caplog: pytest.LogCaptureFixture) -> None:
    with world() as made:
        made.desk.upload("a.pdf", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n", by=KIM)
        files = made.kit.files
        files._media = Broken(files._media)  # type: ignore[assignment]  # the plugin's mistake
        made.clock.pass_(hours=25)
        known = made.desk.start(
            client=convokit.Client(id="c1", name="Ana", phone="+13035550123"), channel="sms", by=KIM
        )
        sent = made.desk.send(known.id, "Hello", by=KIM)
        made.kit.work()
        assert made.desk.message(sent.id).delivery is Delivery.SENT
    assert "could not be dropped: RuntimeError" in caplog.text


def test_p11_a_practice_that_nobody_can_read_does_not_make_the_worker_spin(caplog: pytest.LogCaptureFixture) -> None:
    with world() as made:
        known = made.desk.start(
            client=convokit.Client(id="c1", name="Ana", phone="+13035550123"), channel="sms", by=KIM
        )
        made.desk.send(known.id, "Hello", by=KIM)
        looked = threading.Event()

        def unreadable(_: str) -> convokit.Practice:
            looked.set()
            raise RuntimeError("its settings are damaged")

        made.kit.worker._practice = unreadable
        with caplog.at_level(logging.ERROR):
            worker = threading.Thread(target=made.kit.run, kwargs={"idle_seconds": 0.01})
            worker.start()
            assert looked.wait(30)
            worker.join(0.5)  # many rounds
            made.kit.stop()
            worker.join(30)
        assert not worker.is_alive()
    assert caplog.text.count("could not be performed") == 1


def test_p11_a_job_of_a_newer_release_is_left_to_it(tmp_path: Path) -> None:
    store = open_sqlite(f"sqlite:///{tmp_path}/desk.db")
    made = practice()
    store.put_practice(made)
    desk = Desk(store, made, Facts())
    desk.owe_job(SendMail(mail_id="m1", because="end_of_day", to=("a@example.com",)))
    desk.owe_job(SendMail(mail_id="m2", because="end_of_day", to=("a@example.com",)))
    with sqlite3.connect(tmp_path / "desk.db") as raw:
        raw.execute("UPDATE convokit_job SET kind = 'newer_kind' WHERE key = 'm1.1'")
    raw.close()
    now = desk.facts.now_us
    assert [job.key for job in store.due_jobs(now, 10)] == ["m2.1"]
    assert store.begin_job(desk.id, "m1.1", now, 1) is None
    store.close()


def test_a_text_with_files_waits_for_a_worker_that_can_make_links(caplog: pytest.LogCaptureFixture) -> None:
    with world(public_url="https://desk.example/hooks") as made:
        known = made.desk.start(
            client=convokit.Client(id="c1", name="Ana", phone="+13035550123"), channel="sms", by=KIM
        )
        pdf = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
        sent = made.desk.send(known.id, "labs", by=KIM, attachments=[made.desk.upload("labs.pdf", pdf, by=KIM)])
        links = made.kit.files.links
        front, links._front = links._front, None  # as in a worker that was started without a public URL
        made.kit.work()
        assert made.desk.message(sent.id).delivery is Delivery.QUEUED
        assert made.carrier.taken == []
        links._front = front
        made.clock.pass_(minutes=1)
        made.kit.work()
        assert made.desk.message(sent.id).delivery is Delivery.SENT
        assert "https://desk.example/" in made.carrier.taken[0].text or made.carrier.taken[0].files
    assert "no public_url to make links of" in caplog.text


def test_p10_a_narrowed_desk_sees_no_words_of_another_department() -> None:
    with world() as made:
        carrier = made.carrier.phone("+13035550123")
        carrier.text("+13035550100", "stop texting me, this is a secret")
        rules = evolve(made.desk.practice.rules, departments=(convokit.Department(id="skin", name="Dermatology"),))
        made.kit.add_practice(evolve(made.desk.practice, rules=rules))
        narrow = made.kit.practice("happy-paws", departments=["skin"])
        ledger = made.desk.consent_ledger("+13035550123")
        assert ledger
        assert all(line.evidence for line in ledger)
        assert [line.evidence for line in narrow.consent_ledger("+13035550123")] == [""] * len(ledger)
        assert narrow.opt_out("+13035550123", by=KIM, reason="asked").crossed == ()


def test_p08_two_payments_in_one_event_are_two_reports() -> None:
    one = PaymentReported(
        payment_id="p1",
        provider="x",
        event_id="evt",
        status="paid",
        movement_id="ch_1",
        at_us=1,
        entry_id="e1",
        flag_id="f1",
        receipt_id="r1",
    )
    assert one.identity == evolve(one, at_us=2, entry_id="e2").identity
    assert one.identity != evolve(one, movement_id="ch_2").identity
    assert one.identity != evolve(one, status="refunded").identity
