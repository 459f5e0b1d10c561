"""Whose turn it is."""

from __future__ import annotations

from attrs import define, evolve, field
from convokit_engine_procrastinate.turns import Turns

from convokit.ports.dispatcher import Notice
from convokit.testing.dispatcher_work import notice


@define
class Hall:
    """Turns, and what each name was answered."""

    turns: Turns
    at_it: list[str] = field(factory=list)
    dropped: list[str] = field(factory=list)

    def ask(self, *notices: Notice) -> None:
        for one in notices:
            self.turns.ask(one, lambda turn, key=one.key: (self.at_it if turn else self.dropped).append(key))  # type: ignore[misc]  # bound in the loop


def hall(threads: int = 3, room: int = 200, mails: int = 1) -> Hall:
    return Hall(Turns(threads, {"sends": threads, "mails": mails, "renders": 1}, room))


def of(practice: str, *keys: str) -> list[Notice]:
    return [notice(key, lane=key, practice=practice) for key in keys]


def test_p11_no_practice_gets_all_threads_and_the_one_with_the_fewest_is_next() -> None:
    h = hall()
    sick, well = of("sick", "s1", "s2", "s3", "s4"), of("well", "w1", "w2")
    h.ask(*sick, *well)
    assert h.at_it == ["s1", "s2", "w1"]
    h.turns.end(sick[0], performed=True)
    assert h.at_it[3:] == ["s3"], "both have one at it; who waits longest is next"
    h.turns.end(well[0], performed=True)
    assert h.at_it[4:] == ["w2"]


def test_one_thread_serves_everybody() -> None:
    h = hall(threads=1)
    one, other = of("a", "a1", "a2")
    h.ask(one, other)
    assert h.at_it == ["a1"]
    h.turns.end(one, performed=True)
    assert h.at_it == ["a1", "a2"]


def test_what_has_the_same_lane_is_not_done_at_once() -> None:
    h = hall()
    first, second = notice("t1"), notice("t2")
    h.ask(first, second)
    assert h.at_it == ["t1"]
    assert not h.turns.end(first, performed=True)
    assert h.at_it == ["t1", "t2"]


def test_what_came_before_its_turn_is_looked_for_when_its_lane_is_free() -> None:
    h = hall()
    third, second, first = notice("t3"), notice("t2"), notice("t1")
    h.ask(third, second, first)
    assert not h.turns.end(third, performed=False)
    assert not h.turns.end(second, performed=False)
    assert h.turns.end(first, performed=True), "a sweep will find t2"
    h.ask(second)
    assert not h.turns.end(second, performed=True), "it is told once"


def test_a_name_that_is_here_already_is_a_double() -> None:
    h = hall(threads=1)
    one, other = of("a", "a1", "a2")
    h.ask(one, one, other, other, evolve(one, kind="job"))
    assert (h.at_it, h.dropped) == (["a1"], ["a1", "a2"])
    assert not h.turns.left


def test_mails_do_not_get_all_threads() -> None:
    h = hall()
    mails = [evolve(one, queue="mails", practice=one.key) for one in of("a", "m1", "m2", "m3")]
    h.ask(*mails, *of("a", "t1"))
    assert h.at_it == ["m1", "t1"]


def test_p11_who_has_most_here_makes_room() -> None:
    h = hall(threads=1, room=3)
    burst = of("burst", "b1", "b2", "b3", "b4", "b5")
    h.ask(*burst)
    assert (h.at_it, h.dropped) == (["b1"], ["b5"])
    h.ask(*of("well", "w1"))
    assert h.dropped == ["b5", "b4"]
    h.ask(*of("well", "w2"))
    assert h.dropped == ["b5", "b4", "w2"], "nobody has more than one more"
    assert h.turns.left
    assert not h.turns.end(burst[0], performed=True)
    assert h.at_it == ["b1", "b2"]


def test_a_sweep_is_asked_for_when_what_was_left_finds_room() -> None:
    h = hall(threads=2, room=1)
    burst = of("burst", "b1", "b2", "b3")
    h.ask(*burst)
    assert h.dropped == ["b3"]
    assert h.turns.end(burst[0], performed=True)
    assert h.turns.busy == 1


def test_at_the_end_what_waits_is_left_to_others() -> None:
    h = hall(threads=1)
    one, other = of("a", "a1", "a2")
    h.ask(one, other)
    h.turns.close()
    assert (h.at_it, h.dropped) == (["a1"], ["a2"])
    h.turns.end(one, performed=True)
    h.ask(other)
    assert (h.at_it, h.dropped) == (["a1"], ["a2", "a2"])
