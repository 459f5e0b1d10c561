"""What OpenTelemetry's own SDK is told of a desk: everything that was done, and nothing that anybody wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

import convokit
from convokit.gateways.payments_simulator import PaymentsSimulator, PaymentWeather
from convokit.gateways.simulator import Simulator

OURS, ANA = "+13035550100", "+13035550123"


@pytest.fixture(scope="module")
def reader() -> InMemoryMetricReader:
    """The SDK is set up once in a process, and after the plugin may have been imported."""
    made = InMemoryMetricReader()
    metrics.set_meter_provider(MeterProvider(metric_readers=[made]))
    return made


@pytest.fixture(scope="module")
def exported() -> InMemorySpanExporter:
    made = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(made))
    trace.set_tracer_provider(provider)
    return made


@pytest.fixture
def spans(reader: InMemoryMetricReader, exported: InMemorySpanExporter) -> Iterator[InMemorySpanExporter]:
    exported.clear()
    yield exported
    exported.clear()


def a_day() -> None:
    carrier = Simulator(seed=7)
    with convokit.open("memory:", plugins=["otel", carrier]) as kit:
        kit.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws", region="US", numbers=[OURS]))
        carrier.connect(kit)
        desk, kim = kit.practice("happy-paws"), convokit.Staff(id="u1", name="Dr. Kim")
        client = convokit.Client(id="c17", name="Ana Ruiz", phone=ANA, email="ana@example.com")
        talk = desk.start(client=client, channel="sms", title="Lab results", by=kim)
        desk.send(talk.id, "The secret word", by=kim)
        kit.work()
        carrier.phone(ANA).text(OURS, "Another secret word")
        kit.webhook(convokit.HttpRequest(method="POST", url="https://desk.example/nowhere"))


def by_name(found: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {f"{span.name} {(span.attributes or {})['convokit.outcome']}": span for span in found.get_finished_spans()}


def test_spans_of_hand_overs_and_webhooks(spans: InMemorySpanExporter) -> None:
    a_day()
    found = by_name(spans)
    text, webhook = found["convokit text accepted"], found["convokit webhook 200"]
    assert dict(text.attributes or {}) == {
        "convokit.what": "text",
        "convokit.provider": "simulator",
        "convokit.outcome": "accepted",
        "convokit.practice": "happy-paws",
    }
    assert (text.kind, webhook.kind, text.parent) == (SpanKind.CLIENT, SpanKind.SERVER, None)
    assert "convokit.practice" not in (webhook.attributes or {})
    assert "convokit webhook 404" in found
    for span in found.values():
        assert 0 <= (span.end_time or 0) - (span.start_time or 0) < 60_000_000_000


def test_metrics(spans: InMemorySpanExporter, reader: InMemoryMetricReader) -> None:
    a_day()
    told = json.loads(reader.get_metrics_data().to_json())  # type: ignore[union-attr]
    (scope,) = [one for one in told["resource_metrics"][0]["scope_metrics"] if one["scope"]["name"] == "convokit"]
    found = {metric["name"]: metric["data"]["data_points"] for metric in scope["metrics"]}
    assert found["convokit.changes"][0]["value"] >= 3
    points = [point["attributes"] for point in found["convokit.done"]]
    assert {"convokit.what": "text", "convokit.provider": "simulator", "convokit.outcome": "accepted"} in points
    assert all("convokit.practice" not in point for point in points)


def test_nothing_that_anybody_wrote_is_told(spans: InMemorySpanExporter, reader: InMemoryMetricReader) -> None:
    a_day()
    told = "".join(span.to_json() for span in spans.get_finished_spans())
    told += reader.get_metrics_data().to_json()  # type: ignore[union-attr]
    for private in ("secret", "Ana", "1303555", "example.com", "Lab results", "Kim"):
        assert private not in told


@pytest.mark.parametrize(
    ("what", "outcome", "status"),
    [
        ("text", "unsure", StatusCode.ERROR),
        ("text", "refused", StatusCode.UNSET),
        ("webhook", "503", StatusCode.ERROR),
        ("webhook", "403", StatusCode.UNSET),
    ],
)
def test_what_counts_as_an_error(spans: InMemorySpanExporter, what: str, outcome: str, status: StatusCode) -> None:
    from convokit_otel import convokit_measured

    convokit_measured("p", what, "", outcome, 0.25)
    (span,) = spans.get_finished_spans()
    assert span.status.status_code is status
    assert (span.end_time or 0) - (span.start_time or 0) == 250_000_000


def test_payments_are_counted_by_their_state(spans: InMemorySpanExporter, reader: InMemoryMetricReader) -> None:
    carrier, provider = Simulator(seed=7), PaymentsSimulator(seed=7, weather=PaymentWeather(delay_seconds=(0, 0)))
    with convokit.open("memory:", plugins=["otel", carrier, provider], public_url="https://d.example") as kit:
        kit.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws", region="US", numbers=[OURS]))
        carrier.connect(kit)
        provider.connect(kit)
        desk, kim = kit.practice("happy-paws"), convokit.Staff(id="u1", name="Dr. Kim")
        talk = desk.start(client=convokit.Client(id="c17", name="Ana", phone=ANA), channel="sms", by=kim)
        asked = desk.request_payment(talk.id, title="Invoice 1042", amount="84.50", currency="USD", by=kim)
        kit.work()
        link = provider.link(asked.id)
        link.open()
        link.pay()
        provider.step()
    told = reader.get_metrics_data().to_json()  # type: ignore[union-attr]
    assert '"convokit.state": "paid"' in told
    assert "Invoice" not in told
