"""What is measured, and that observers can neither fail nor slow the desk."""

from __future__ import annotations

import os
import threading
from typing import Any

import pytest
from desks import ANA, KIM, OURS, world

from convokit.plugins import hookimpl
from convokit.plugins.measuring import MOST_WAITING, Measured, Measures, Total

ONE = Measured(practice_id="p", what="text", provider="x", outcome="accepted", seconds=0.5)


class Observer:
    """Writes down what it is told."""

    name = "observer"

    def __init__(self) -> None:
        self.told: list[tuple[str, str, str, str]] = []
        self.threads: set[str] = set()

    @hookimpl
    def convokit_measured(self, practice_id: str, what: str, provider: str, outcome: str, seconds: float) -> None:
        assert seconds >= 0
        self.threads.add(threading.current_thread().name)
        self.told.append((practice_id, what, provider, outcome))


class Raising:
    name = "raising"

    @hookimpl
    def convokit_measured(self, what: str) -> None:
        raise RuntimeError("+13035550123")


class Hanging:
    """Does not come back before it is let go."""

    name = "hanging"

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()

    @hookimpl
    def convokit_measured(self, what: str) -> None:
        self.begun.set()
        self.go.wait(60)


def a_text_each_way(plugins: list[Any]) -> None:
    with world(plugins=plugins) as here:
        talk = here.desk.start(client=ANA, channel="sms", by=KIM)
        here.desk.send(talk.id, "Bella is fine.", by=KIM)
        here.settle()
        here.carrier.phone(ANA.phone or "").text(OURS, "Thank you")
        here.settle()


def test_hand_overs_and_webhooks_are_told_in_another_thread(caplog: pytest.LogCaptureFixture) -> None:
    observer = Observer()
    a_text_each_way([Raising(), observer])
    assert ("happy-paws", "text", "simulator", "accepted") in observer.told
    assert ("", "webhook", "", "200") in observer.told
    assert observer.threads == {"convokit-plugin"}
    assert "an observer of plugin raising failed: RuntimeError" in caplog.text
    assert "+1303" not in caplog.text


def test_one_that_hangs_costs_nobody_anything() -> None:
    hanging = Hanging()
    a_text_each_way([hanging])  # closes within a second, too
    assert (hanging.begun.is_set(), hanging.go.is_set()) == (True, False), "both texts went while it hung"
    hanging.go.set()


def test_what_does_not_fit_is_dropped_and_counted() -> None:
    go = threading.Event()
    measures = Measures(lambda _: go.wait(60) and None)
    for _ in range(MOST_WAITING + 3):
        measures.add(ONE)
    assert 2 <= measures.dropped <= 3, "the thread may have taken one"
    assert measures.totals() == {("text", "x", "accepted"): Total(count=MOST_WAITING + 3, seconds=5001.5)}
    go.set()
    measures.close()
    measures.close()


def test_without_observers_there_is_no_thread() -> None:
    before = threading.active_count()
    measures = Measures(None)
    measures.add(ONE)
    assert threading.active_count() == before
    assert measures.totals() == {("text", "x", "accepted"): Total(count=1, seconds=0.5)}
    measures.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_child_tells_by_itself() -> None:
    told: list[Measured] = []
    measures = Measures(told.append)
    measures.add(ONE)
    child = os.fork()
    if child == 0:
        told.clear()
        measures.add(ONE)
        measures.close()
        os._exit(0 if told == [ONE] else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    measures.close()
    assert told == [ONE]
