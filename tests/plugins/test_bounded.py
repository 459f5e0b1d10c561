"""Calls of plugins that end by a deadline for the caller, whatever the plugin does."""

from __future__ import annotations

import contextvars
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

from convokit.plugins.bounded import Bounded, PluginFailed

RAISED: list[BaseException] = [
    ValueError("canary-4711"),
    SystemExit(3),
    KeyboardInterrupt(),
    GeneratorExit(),
    StopIteration(7),
    MemoryError(),
]


def raising(error: BaseException) -> Callable[[], int]:
    def raises() -> int:
        raise error

    return raises


@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
def test_p11_whatever_it_raises_is_one_kind_of_failure(error: BaseException) -> None:
    with pytest.raises(PluginFailed) as failed:
        Bounded().call("a plugin", raising(error))
    assert (str(failed.value), failed.value.error, failed.value.is_late) == (type(error).__name__, error, False)


def test_what_it_returns_in_the_context_of_the_caller() -> None:
    whose = contextvars.ContextVar("whose", default="nobody's")
    whose.set("mine")
    calls = Bounded()
    assert [calls.call("a plugin", whose.get) for _ in range(3)] == ["mine"] * 3
    calls.close()
    assert calls.call("a plugin", whose.get) == "mine"


def test_p11_a_plugin_that_hangs_costs_a_deadline_a_few_times_and_then_nothing() -> None:
    calls, free, asked = Bounded(seconds=0.02, most_lost=2), threading.Event(), []

    def hang() -> None:
        asked.append(1)
        free.wait(20)

    for words in ("no answer within 0.02 s",) * 2 + ("no answer to 2 calls before",) * 1000:
        with pytest.raises(PluginFailed, match=words) as failed:
            calls.call("sick", hang)
        assert failed.value.is_late
    assert (len(asked), dict(calls.lost())) == (2, {"sick": 2})
    assert calls.call("well", lambda: 7) == 7
    free.set()
    while calls.lost():
        time.sleep(0.001)
    assert calls.call("sick", lambda: 7) == 7


def words_of(failed: list[PluginFailed | None]) -> list[str]:
    return ["" if one is None else str(one) for one in failed]


def test_several_are_called_in_order_by_one_thread_whatever_some_of_them_raise() -> None:
    calls, threads = Bounded(), []

    def note() -> None:
        threads.append(threading.get_ident())

    def noting(error: BaseException) -> Callable[[], None]:
        def raises() -> None:
            note()
            raise error

        return raises

    asked = [("a", note), *((f"b{n}", noting(error)) for n, error in enumerate(RAISED)), ("c", note)]
    failed = calls.each(asked)
    assert words_of(failed) == ["", *(type(error).__name__ for error in RAISED), ""]
    assert len(threads) == len(asked)
    assert len(set(threads)) == 1
    assert threads[0] != threading.get_ident()
    assert calls.each([]) == []


def test_p11_several_that_hang_keep_no_other_from_being_called() -> None:
    calls, free, asked = Bounded(seconds=0.02, most_lost=2), threading.Event(), []

    def well(name: str) -> tuple[str, Callable[[], None]]:
        return name, lambda: asked.append(name)

    def hang() -> None:
        asked.append("sick")
        free.wait(20)

    round_ = [well("a"), ("sick", hang), well("b"), ("other", hang), well("c"), ("sick", hang)]
    late = "no answer within 0.02 s"
    assert words_of(calls.each(round_)) == ["", late, "", late, "", late]
    assert asked == ["a", "sick", "b", "sick", "c", "sick"]
    assert dict(calls.lost()) == {"sick": 2, "other": 1}
    failed = calls.each(round_)
    assert words_of(failed) == ["", "no answer to 2 calls before", "", late, "", "no answer to 2 calls before"]
    assert [one.asked for one in failed if one is not None] == [False, True, False]
    free.set()
    while calls.lost():
        time.sleep(0.001)
    assert words_of(calls.each(round_)) == [""] * 6


def test_p11_each_of_several_has_its_own_deadline() -> None:
    calls = Bounded(seconds=3.0)
    assert words_of(calls.each([("slow", lambda: time.sleep(0.7))] * 5)) == [""] * 5


def test_in_a_transaction_of_the_hosts_it_stays_in_its_thread() -> None:
    calls = Bounded(seconds=0.001, here=lambda: True)
    assert calls.call("a plugin", threading.get_ident) == threading.get_ident()
    with pytest.raises(PluginFailed):
        calls.call("a plugin", raising(SystemExit(3)))
    with pytest.raises(KeyboardInterrupt):  # in the main thread that is a Ctrl-C
        calls.call("a plugin", raising(KeyboardInterrupt()))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize("raises", ["", "; raise ValueError"])
def test_p11_a_copy_that_comes_back_is_ended(raises: str) -> None:
    program = f"""
import os
from convokit.plugins.bounded import Bounded, PluginFailed

def fork():
    child = os.fork()
    if child == 0:
        pass{raises}
    return child

made = Bounded().call("a plugin", fork)
_, status = os.waitpid(made, 0)
print("one", os.waitstatus_to_exitcode(status))
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("one 70\n", 0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_begins_anew() -> None:
    program = """
import os, threading
from convokit.plugins.bounded import Bounded, PluginFailed

calls = Bounded(seconds=0.01, most_lost=1)
try:
    calls.call("sick", lambda: threading.Event().wait(20))
except PluginFailed:
    pass
child = os.fork()
if child == 0:
    print(calls.call("sick", lambda: 7), flush=True)
    os._exit(0)
os.waitpid(child, 0)
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("7\n", 0)
