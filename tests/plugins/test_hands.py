"""Threads that are used again, and end when nobody needs them."""

from __future__ import annotations

import threading
import time

from convokit.plugins.hands import Hands


def of(name: str) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == name]


def test_a_thread_is_used_again_and_ends_after_a_while_of_idleness() -> None:
    hands, did, done = Hands("idle-hands", most_idle=2, idle_seconds=0.05), [], threading.Semaphore(0)

    def work() -> None:
        did.append(threading.get_ident())
        done.release()

    for _ in range(3):
        hands.do(work)
        assert done.acquire(timeout=5)
        while not hands._idle and of("idle-hands"):
            time.sleep(0.001)
    for thread in of("idle-hands"):
        thread.join(5)
    assert (of("idle-hands"), hands._idle) == ([], [])
    hands.do(work)  # and there is one again
    assert done.acquire(timeout=5)
    assert len(did) == 4


def test_work_that_comes_when_a_thread_is_about_to_end_is_done() -> None:
    hands, done = Hands("brief-hands", most_idle=4, idle_seconds=0.0005), threading.Semaphore(0)
    for turn in range(300):
        hands.do(done.release)
        assert done.acquire(timeout=5)
        time.sleep(0.0005 if turn % 2 else 0.0)
    hands.close()


def test_idle_threads_end_when_it_is_closed() -> None:
    hands, done = Hands("closed-hands", most_idle=2), threading.Semaphore(0)
    hands.do(done.release)
    assert done.acquire(timeout=5)
    hands.close()
    for thread in of("closed-hands"):
        thread.join(5)
    assert of("closed-hands") == []
