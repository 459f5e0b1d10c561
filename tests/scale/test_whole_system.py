"""A practice group on many machines, with everything going wrong that does."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from attrs import evolve
from postgres_cluster import OWNER

import convokit
from convokit.stores.sql.schema import REVISIONS
from convokit.testing import Left
from tests.scale.judging import judge
from tests.scale.system import (
    PATIENCE,
    Play,
    System,
    burst,
    later,
    practice_id,
    replies,
    reports,
    system,
    wait_until,
)

pytestmark = pytest.mark.scale

PRACTICES = int(os.environ.get("CONVOKIT_SCALE_PRACTICES", "1000"))

NEXT_SCHEMA = """
SET lock_timeout = '5s';
ALTER TABLE convokit_conversation ADD COLUMN of_the_next_release text NOT NULL DEFAULT '';
ALTER TABLE convokit_entry ADD COLUMN of_the_next_release integer;
CREATE TABLE convokit_of_the_next_release (practice_pk bigint NOT NULL, note text NOT NULL);
UPDATE convokit_version SET version_num = 'the next release';
"""
"""How a release changes tables that are in use: what is added has a default or may be empty (docs: database)."""


@pytest.fixture
def made(tmp_path: Path) -> Iterator[System]:
    with system(tmp_path, PRACTICES) as one:
        yield one


def test_p01_p03_p04_p10_nothing_is_lost_doubled_stuck_or_leaked(
    made: System, capsys: pytest.CaptureFixture[str]
) -> None:
    webs = {name: made.web(name) for name in ("web-1", "web-2")}
    workers = [made.worker() for _ in range(3)]
    wait_until(lambda: _answers(made), "the web processes")
    enough = threading.Event()
    taken: list[int] = []
    with made.open() as kit:
        requests = made.texts_in(kit)
        plays = [Play(lambda: burst(made, requests, taken)), Play(lambda: replies(made, kit))]
        telling = Play(lambda: reports(made, enough))
        for play in (*plays, telling):
            play.start()

        _after(made, 0.15)
        workers[0].kill()
        workers[0] = made.worker()
        workers[0].says("worker started")
        _after(made, 0.35)
        made.cluster.restart()
        _after(made, 0.55)
        _upgrade(made)
        _after(made, 0.7)
        assert webs["web-1"].end() == 0, made.words()
        # This release does not open what a newer one has changed; those that run go on, as in a rolling upgrade.
        _after(made, 0.85)

        for play in plays:
            play.end()
        assert len(taken) == len(requests)
        # Everybody else's texts have left, although one practice's carrier still holds whoever calls it.
        wait_until(lambda: len(_others(made)) >= 2 * (PRACTICES - 1) - 24, "the texts of the other practices")
        assert not made.smsbox.released.is_set()
        assert made.smsbox.hanging > 0
        _look_at_dashboards(made)
        made.smsbox.released.set()
        enough.set()
        telling.end()
    assert [worker.end() for worker in workers] == [0, 0, 0], made.words()
    _downgrade(made)
    with later(made) as kit:
        kit.work()
        verdict = judge(kit, PRACTICES, made.smsbox.ledger.lines())
    with capsys.disabled():
        print(f"\n{len(requests)} texts in, {len(made.smsbox.ledger)} out; {verdict}")
    assert verdict.broken() == dict.fromkeys(("lost", "doubled", "stuck", "leaked", "untrue"), 0), made.words()
    # Only what was under way at a kill may end without anybody knowing: 4 threads a worker, and what hangs.
    assert verdict.marked <= 3 * 4 * 2 + 2


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[System, list[Left]]]:
    """A small group on which everything went well, and what its carrier took."""
    with system(tmp_path_factory.mktemp("calm"), 4) as one, one.open() as kit:
        one.smsbox.released.set()
        one.web("web-1")
        one.worker()
        wait_until(lambda: _answers(one), "the web process")
        enough = threading.Event()
        plays = [
            Play(lambda: burst(one, one.texts_in(kit), [])),
            Play(lambda: replies(one, kit)),
            Play(lambda: reports(one, enough)),
        ]
        for play in plays:
            play.start()
        one.smsbox.ledger.wait_for(8)
        enough.set()
        for play in plays:
            play.end()
        wait_until(lambda: kit.store.unsettled() == 0, "everything settled")
        yield one, one.smsbox.ledger.lines()


def another(ledger: list[Left]) -> str:
    """The number of a practice that did not send the first text of a ledger."""
    return next(one.sender for one in ledger if one.sender != ledger[0].sender)


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        (lambda ledger: ledger, {}),
        (lambda ledger: [*ledger, ledger[0]], {"doubled": 1}),
        (lambda ledger: ledger[1:], {"untrue": 1}),
        (lambda ledger: [*ledger[1:], evolve(ledger[0], sender=another(ledger))], {"leaked": 1, "untrue": 1}),
    ],
)
def test_the_judge_finds_what_is_wrong(calm: tuple[System, list[Left]], fault: Any, named: dict[str, int]) -> None:
    one, ledger = calm
    with one.open() as kit:
        verdict = judge(kit, 4, fault(ledger))
    nothing = dict.fromkeys(("lost", "doubled", "stuck", "leaked", "untrue"), 0)
    assert verdict.broken() == {**nothing, **named}


def test_the_judge_finds_what_a_desk_lacks(calm: tuple[System, list[Left]]) -> None:
    one, ledger = calm
    with one.open() as kit:
        kit.add_practice(convokit.Practice(id=practice_id(4), name="Nobody writes here", region="US"))
        verdict = judge(kit, 5, ledger[:0])
    assert verdict.broken()["untrue"] == 8
    assert verdict.broken()["lost"] == 4


# --- on the way -------------------------------------------------------------------------------------------------------


def _answers(made: System) -> bool:
    try:
        return made.reach("/hooks/nobody")[0] == 404
    except httpx2.HTTPError:
        return False


def _after(made: System, share: float) -> None:
    """Wait until so much of what the others send has left."""
    wait_until(lambda: len(made.smsbox.ledger) >= share * 2 * PRACTICES, f"{share:.0%} of the replies", 5 * PATIENCE)


def _others(made: System) -> list[Left]:
    return [left for left in made.smsbox.ledger.lines() if left.sender != made.smsbox.hangs]


def _upgrade(made: System) -> None:
    """The next release's migration, in small steps that wait for nobody long, while everything of this one runs."""
    with made.cluster.connect(made.place.name, OWNER) as owner:
        for statement in filter(None, map(str.strip, NEXT_SCHEMA.split(";"))):
            owner.execute(statement)


def _downgrade(made: System) -> None:
    """So that this release may open the database once more, to be judged."""
    with made.cluster.connect(made.place.name, OWNER) as owner:
        owner.execute("DROP TABLE convokit_of_the_next_release")
        owner.execute("UPDATE convokit_version SET version_num = %s", (REVISIONS[-1],))


def _look_at_dashboards(made: System) -> None:
    """Each practice's dashboard shows its own two clients, and nobody else's."""
    for number in (0, 1, PRACTICES - 1):
        status, page = made.reach("/desk/active", practice=practice_id(number))
        assert status == 200
        assert f"reply 1 of practice {number}" in page
        assert f"of practice {number + 1}" not in page
