"""P20: erasing a person is real, can be resumed, and says what is kept. P7: whom it erased is not texted again."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import erased_person
import pytest
from command import environment
from desks import KIM, OURS
from erased_person import CANARY, NUMBER, PERSON, WHO, Known, fill, known_person, traces_in

import convokit


@pytest.fixture
def known(tmp_path: Path) -> Iterator[Known]:
    with known_person(tmp_path) as made:
        fill(made)
        yield made


def test_p20_no_byte_of_the_person_is_left_in_any_file(known: Known) -> None:
    assert {"desk.db", "desk.db-wal"} & traces_in(known.folder).keys()
    report = known.erase()
    assert traces_in(known.folder) == {}
    assert (report.conversations, report.files, report.payments, report.numbers, report.suppressed) == (3, 2, 1, 1, 1)
    assert report.withdrawn > 0
    assert all(kept.what and kept.why and kept.until for kept in report.kept)


def use_for_long(known: Known, seed: int) -> None:
    """Pages are split, freed and written anew, with the person's rows among those of others."""
    desk, chance = known.desk, random.Random(seed)
    others = [convokit.Client(id=f"o{n}", name=f"Other {n}", phone=f"+1303555{2000 + n}") for n in range(60)]
    talks = [desk.start(client=other, channel="sms", by=KIM).id for other in others]
    mine = ""
    for step in range(1200):
        mine = mine or desk.start(client=PERSON, channel="sms", title=f"{CANARY} {step}", by=KIM).id
        if chance.random() < 0.45:
            desk.send(mine, f"{CANARY} " * chance.choice([1, 3, 20, 70]), by=KIM)
        else:
            desk.send(chance.choice(talks), f"word{chance.randrange(10**6)} " * chance.choice([1, 5, 30, 90]), by=KIM)
        if chance.random() < 0.02:
            desk.set_client_note(WHO, f"{CANARY} " * chance.randrange(1, 300), by=KIM)
        if chance.random() < 0.03:
            desk.search(CANARY)
        if chance.random() < 0.02:
            desk.end(mine, by=KIM, mail_to=[])
            mine = ""


@pytest.mark.parametrize("seed", [2, 3])
def test_p20_nor_after_long_use(tmp_path: Path, seed: int) -> None:
    """With these seeds what SQLite overwrites by itself was not everything: the file has to be written anew."""
    with known_person(tmp_path) as known:
        use_for_long(known, seed)
        assert traces_in(tmp_path)
        known.erase()
        assert traces_in(tmp_path) == {}


@pytest.mark.parametrize("where", ["rows", "files"])
def test_p20_a_process_that_dies_on_the_way_is_finished_by_the_next_call(tmp_path: Path, where: str) -> None:
    with known_person(tmp_path) as known:
        fill(known)
    done = subprocess.run(
        [sys.executable, erased_person.__file__, str(tmp_path), where], env=environment(), check=False, timeout=120
    )
    assert done.returncode == 9
    assert traces_in(tmp_path)
    with known_person(tmp_path) as known:
        report = known.erase()
        assert traces_in(tmp_path) == {}
        assert report.conversations == (3 if where == "rows" else 0)
        assert report.files == 2
        assert known.desk.consent(NUMBER).opted_out


def test_p20_or_by_the_worker(tmp_path: Path) -> None:
    with known_person(tmp_path) as known:
        fill(known)
    subprocess.run([sys.executable, erased_person.__file__, str(tmp_path), "files"], env=environment(), check=False)
    with known_person(tmp_path) as known:
        assert [name for name in traces_in(tmp_path) if "media" in name]
        known.kit.work()
        assert not [name for name in traces_in(tmp_path) if "media" in name]


def test_p20_the_skeleton_stays(known: Known) -> None:
    before = {c.id: c for c in (*known.desk.inbox().items, *known.desk.history().items)}
    order = {id_: [(e.seq, e.at_us, e.kind, e.side) for e in known.desk.entries(id_)] for id_ in before}
    known.erase()
    assert not known.desk.inbox().items
    for after in known.desk.history().items:
        *entries, event = known.desk.entries(after.id)
        assert [(e.seq, e.at_us, e.kind, e.side) for e in entries] == order[after.id]
        assert {e.text for e in entries} == {"[erased]"}
        assert event.event == "erased"
        assert event.text == "Dr. Kim erased what the desk knew of the client: request of 2 March"
        assert after.started_us == before[after.id].started_us
        assert after.client_id is None
        assert after.is_erased


def test_p07_an_erased_number_stays_opted_out_until_its_owner_texts_start(known: Known) -> None:
    since = known.desk.consent(NUMBER).since_us
    known.erase()
    assert known.desk.consent_ledger(NUMBER) == ()
    assert known.desk.consent(NUMBER) == convokit.Consent(address=NUMBER, opted_out=True, since_us=since)
    left = len(known.carrier.phone(NUMBER).received)
    talk = known.desk.start(client=PERSON, channel="sms", by=KIM)
    assert known.desk.send(talk.id, "Hello again", by=KIM).reason == "opted_out"
    known.settle()
    assert len(known.carrier.phone(NUMBER).received) == left
    known.carrier.phone(NUMBER).text(OURS, "START")
    assert not known.desk.consent(NUMBER).opted_out
    known.desk.send(talk.id, "Hello again", by=KIM)
    known.settle()
    assert known.carrier.phone(NUMBER).received[-1].text == "Hello again"
    known.erase()
    assert not known.desk.consent(NUMBER).opted_out


def test_p07_a_text_that_was_owed_before_the_opt_out_is_known_again_does_not_leave(known: Known) -> None:
    """The gate itself looks, not only who writes."""
    known.erase()
    known.carrier.phone(NUMBER).text(OURS, "Hello?")
    (talk,) = known.desk.inbox().items
    assert known.desk.send(talk.id, "We are here", by=KIM).reason == "opted_out"
    assert known.desk.erase_client(WHO, by=KIM, reason="again", numbers=[NUMBER]).suppressed == 1
    assert known.desk.consent(NUMBER).opted_out


def test_p20_a_webhook_that_is_repeated_brings_nothing_back(known: Known) -> None:
    event = known.carrier._inbound_event(NUMBER, OURS, f"{CANARY} again")
    assert known.carrier._call(NUMBER, event).status == 200
    known.erase()
    before = len(known.desk.history().items)
    assert known.carrier._call(NUMBER, event).status == 200
    assert (len(known.desk.history().items), known.desk.inbox().items) == (before, ())
    assert traces_in(known.folder) == {}
