"""PROMISES.md C, configuration and plugins: a raising plugin in the middle of five."""

from __future__ import annotations

import pytest
from desks import ANA, HAPPY_PAWS, KIM, Clock

import convokit
from convokit.gateways.simulator import Simulator
from convokit.plugins import hookimpl


class Watcher:
    """Hears of changes; the broken one raises instead."""

    def __init__(self, raises: BaseException | None = None) -> None:
        self.raises = raises
        self.heard: list[int] = []

    @hookimpl
    def convokit_changed(self, practice_id: str, change: int) -> None:
        if self.raises is not None:
            raise self.raises
        self.heard.append(change)


RAISED: list[tuple[int, BaseException]] = [
    (71, SystemExit(3)),
    (71, ValueError("canary-4711")),
    (71, RecursionError()),
    (71, MemoryError()),
    (71, StopIteration()),
]
CASES = RAISED


@pytest.mark.parametrize(("row", "raised"), RAISED, ids=[f"c71-{type(raised).__name__}" for _, raised in RAISED])
def test_p11_a_plugin_that_raises_keeps_nobody_else_from_hearing(
    row: int, raised: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    watchers = [Watcher(), Watcher(), Watcher(raised), Watcher(), Watcher()]
    with convokit.open("memory:", plugins=[Simulator(), *watchers], clock=Clock()) as kit:
        kit.add_practice(HAPPY_PAWS)
        kit.practice("happy-paws").start(client=ANA, channel="sms", by=KIM)
    assert [len(one.heard) for one in watchers] == [1, 1, 0, 1, 1]
    assert type(raised).__name__ in caplog.text
    assert "canary-4711" not in caplog.text
