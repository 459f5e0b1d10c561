"""The observers. Only OpenTelemetry's API is used: without an SDK every call of it does nothing."""

from __future__ import annotations

import time
from typing import Final

from opentelemetry import metrics, trace
from opentelemetry.trace import SpanKind, Status, StatusCode

from convokit.domain.payment import Payment
from convokit.plugins import hookimpl

_NAME: Final = "convokit"
_BILLION: Final = 1_000_000_000
_UNSURE: Final = "unsure"
_WEBHOOK: Final = "webhook"
_SERVER_ERROR: Final = "5"

# The API's own proxies: an SDK that is set up after this import is used all the same.
_meter: Final = metrics.get_meter(_NAME)
_tracer: Final = trace.get_tracer(_NAME)
_done: Final = _meter.create_histogram("convokit.done", unit="s", description="What was done, and how long it took.")
_changes: Final = _meter.create_counter("convokit.changes", unit="{change}", description="Changes of conversations.")
_payments: Final = _meter.create_counter(
    "convokit.payments", unit="{payment}", description="Payments of which something was said, by their state."
)


@hookimpl
def convokit_measured(practice_id: str, what: str, provider: str, outcome: str, seconds: float) -> None:
    """A value of the histogram, and a span that is over already."""
    attributes = {"convokit.what": what, "convokit.provider": provider, "convokit.outcome": outcome}
    _done.record(seconds, attributes)
    ended = time.time_ns()
    span = _tracer.start_span(
        f"convokit {what}",
        context=trace.set_span_in_context(trace.INVALID_SPAN),
        kind=SpanKind.SERVER if what == _WEBHOOK else SpanKind.CLIENT,
        attributes={**attributes, **({"convokit.practice": practice_id} if practice_id else {})},
        start_time=ended - int(seconds * _BILLION),
    )
    if outcome == _UNSURE or (what == _WEBHOOK and outcome.startswith(_SERVER_ERROR)):
        span.set_status(Status(StatusCode.ERROR, outcome))
    span.end(ended)


@hookimpl
def convokit_changed() -> None:
    """One more."""
    _changes.add(1)


@hookimpl
def convokit_payment_settled(payment: Payment) -> None:
    """One more, by what is known of it now."""
    _payments.add(1, {"convokit.state": payment.state})
