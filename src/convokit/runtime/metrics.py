"""Counts for Prometheus: what waits, what was done, and nothing that anybody wrote.

No sample names a practice: a hundred thousand of them would make a hundred thousand series of each metric.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final, Literal

from attrs import frozen

from convokit.errors import StorageError
from convokit.plugins.measuring import Measures
from convokit.ports.store import Store
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.runtime.kit_parts import KitParts
from convokit.runtime.measured import seconds_between

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_EVER: Final = 2**62
_FEW: Final = 1
_READING: Final = ("GET", "HEAD")

_log = logging.getLogger("convokit")


@frozen(kw_only=True)
class Sample:
    """A number, and what it is about: names of labels with their values."""

    value: float
    labels: tuple[tuple[str, str], ...] = ()
    suffix: str = ""


@frozen(kw_only=True)
class Metric:
    """A metric with its samples. ``name`` begins with ``convokit_``; ``help`` is one line."""

    name: str
    kind: Literal["counter", "gauge", "summary"]
    help: str
    samples: tuple[Sample, ...]


def prometheus_text(metrics: Iterable[Metric]) -> str:
    """Metrics in Prometheus' text format, version 0.0.4.

    Source: https://prometheus.io/docs/instrumenting/exposition_formats/
    """
    return "".join(f"{line}\n" for metric in metrics for line in _lines(metric))


def _lines(metric: Metric) -> Iterator[str]:
    yield f"# HELP {metric.name} {_escaped(metric.help, quotes=False)}"
    yield f"# TYPE {metric.name} {metric.kind}"
    for sample in metric.samples:
        labels = ",".join(f'{name}="{_escaped(value)}"' for name, value in sample.labels)
        about = f"{{{labels}}}" if labels else ""
        yield f"{metric.name}{sample.suffix}{about} {_number(sample.value)}"


def _escaped(text: str, *, quotes: bool = True) -> str:
    safe = text.replace("\\", "\\\\").replace("\n", "\\n")
    return safe.replace('"', '\\"') if quotes else safe


def _number(value: float) -> str:
    if math.isinf(value) or math.isnan(value):
        return {math.inf: "+Inf", -math.inf: "-Inf"}.get(value, "NaN")
    return str(int(value)) if value == int(value) else repr(float(value))


def counts(kit: KitParts) -> tuple[Metric, ...]:
    """What is known now. Where the store does not answer, ``convokit_store_up`` is 0 and its counts are left out."""
    try:
        stored = tuple(_stored(kit.store, kit.world.now_us()))
    except StorageError as error:
        _log.warning("metrics: the store does not answer: %s", error.code)
        stored = ()
    up = Metric(
        name="convokit_store_up",
        kind="gauge",
        help="Whether the database answers.",
        samples=(Sample(value=bool(stored)),),
    )
    return (up, *stored, *_done(kit.catalogue.measures))


def _stored(store: Store, now_us: int) -> Iterator[Metric]:
    """Of all processes: the same from each that is asked."""
    owed, begun = store.due(now_us, _FEW), store.abandoned(_EVER, _FEW)
    jobs = store.due_jobs(now_us, _FEW)
    texts = "Texts that wait, or are being handed over, of all practices."
    yield _gauge("convokit_texts_owed", texts, store.unsettled())
    for name, what, rows in (("texts", "text", owed), ("jobs", "job", jobs)):
        oldest = max((seconds_between(max(row.due_us, row.owed_us), now_us) for row in rows), default=0.0)
        help_ = f"How long the {what} that is due longest has been due; 0: none is."
        yield _gauge(f"convokit_{name}_oldest_due_seconds", help_, oldest)
    in_flight = max((seconds_between(row.begun_us, now_us) for row in begun), default=0.0)
    yield _gauge("convokit_hand_over_oldest_seconds", "How long a hand-over has been under way; 0: none is.", in_flight)


def _gauge(name: str, help_: str, value: float) -> Metric:
    return Metric(name=name, kind="gauge", help=help_, samples=(Sample(value=value),))


def _done(measures: Measures) -> Iterator[Metric]:
    """Of this process alone, since it opened the desk."""
    samples = []
    for (what, provider, outcome), total in measures.totals().items():
        labels = (("what", what), ("provider", provider), ("outcome", outcome))
        samples.append(Sample(value=total.seconds, labels=labels, suffix="_sum"))
        samples.append(Sample(value=total.count, labels=labels, suffix="_count"))
    yield Metric(
        name="convokit_done_seconds",
        kind="summary",
        help="What this process did, how often and how long.",
        samples=tuple(samples),
    )
    yield Metric(
        name="convokit_measures_dropped_total",
        kind="counter",
        help="Measurements that observers of this process were too slow for.",
        samples=(Sample(value=measures.dropped),),
    )


def counts_page(kit: KitParts, request: HttpRequest) -> HttpResponse:
    """Answer a request for :func:`counts`.

    200 also when the store does not answer, for what this process did is known all the same; 405 for another method
    than GET and HEAD.
    """
    if request.method not in _READING:
        return HttpResponse(status=405, headers=(("Allow", ", ".join(_READING)),))
    body = prometheus_text(counts(kit)).encode()
    return HttpResponse(
        status=200,
        headers=(("Content-Type", CONTENT_TYPE), ("Cache-Control", "no-store")),
        body=body if request.method == "GET" else b"",
    )


def metrics_front(kit: KitParts) -> Callable[[HttpRequest], HttpResponse]:
    """A handler that answers with the counts; mount it with the adapters of the webhooks, behind your own wall."""
    return partial(counts_page, kit)
