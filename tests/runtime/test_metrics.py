"""Counts for Prometheus: a pure function, and a handler that any framework can mount."""

from __future__ import annotations

import re

import pytest
from desks import ANA, KIM, world

from convokit.ports.wire import HttpRequest
from convokit.runtime.metrics import CONTENT_TYPE, Metric, Sample, metrics_front, prometheus_text

LINE = re.compile(
    r'# (HELP|TYPE) convokit_\w+ .+|convokit_\w+(\{(\w+="(\\.|[^"\\\n])*",?)*\})? (\d+(\.\d+)?(e-?\d+)?|[+-]Inf|NaN)'
)


def asked(path: str = "/metrics", method: str = "GET") -> HttpRequest:
    return HttpRequest(method=method, url=f"https://desk.example{path}")


@pytest.mark.parametrize(
    ("sample", "line"),
    [
        (Sample(value=3), "convokit_x 3"),
        (Sample(value=0.25, labels=(("a", "b"), ("c", "d"))), 'convokit_x{a="b",c="d"} 0.25'),
        (Sample(value=1, labels=(("a", 'q"\\\n'),)), 'convokit_x{a="q\\"\\\\\\n"} 1'),
        (Sample(value=float("inf"), suffix="_sum"), "convokit_x_sum +Inf"),
        (Sample(value=float("nan")), "convokit_x NaN"),
    ],
)
def test_the_text_format(sample: Sample, line: str) -> None:
    metric = Metric(name="convokit_x", kind="gauge", help="Two\nlines \\ and", samples=(sample,))
    assert prometheus_text([metric]) == (f"# HELP convokit_x Two\\nlines \\\\ and\n# TYPE convokit_x gauge\n{line}\n")


def values(body: bytes) -> dict[str, float]:
    lines = [line for line in body.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_what_waits_and_what_was_done() -> None:
    with world() as here:
        answer = metrics_front(here.kit)
        talk = here.desk.start(client=ANA, channel="sms", by=KIM)
        here.desk.send(talk.id, "The secret word", by=KIM)
        here.clock.pass_(seconds=90)
        before = answer(asked())
        assert (before.status, before.header("Content-Type")) == (200, CONTENT_TYPE)
        waiting = values(before.body)
        assert (waiting["convokit_store_up"], waiting["convokit_texts_owed"]) == (1, 1)
        assert waiting["convokit_texts_oldest_due_seconds"] == 90
        here.settle()
        after = answer(asked())
        done = values(after.body)
        assert (done["convokit_texts_owed"], done["convokit_texts_oldest_due_seconds"]) == (0, 0)
        handed = 'convokit_done_seconds_count{what="text",provider="simulator",outcome="accepted"}'
        assert done[handed] == 1
        for line in after.body.decode().splitlines():
            assert LINE.fullmatch(line), line
        for private in (b"secret", b"+1303", b"Ana", b"happy-paws"):
            assert private not in after.body


def test_a_store_that_does_not_answer_is_told_and_the_rest_is_still_there() -> None:
    with world() as here:
        here.kit.store.close()
        found = values(metrics_front(here.kit)(asked()).body)
    assert found["convokit_store_up"] == 0
    assert "convokit_texts_owed" not in found
    assert found["convokit_measures_dropped_total"] == 0


@pytest.mark.parametrize("path", ["/metrics", "/health/metrics", "/health?format=prometheus"])
def test_the_health_page_answers_prometheus(path: str) -> None:
    with world() as here:
        told = here.kit.health_page(asked(path))
        page = here.kit.health_page(asked("/health"))
    assert (told.status, told.header("Content-Type")) == (200, CONTENT_TYPE)
    assert values(told.body)["convokit_store_up"] == 1
    assert page.body.startswith(b"state: ok\n")


def test_only_reading() -> None:
    with world() as here:
        answer = metrics_front(here.kit)
        assert answer(asked(method="HEAD")).body == b""
        refused = answer(asked(method="POST"))
    assert (refused.status, refused.header("Allow")) == (405, "GET, HEAD")
