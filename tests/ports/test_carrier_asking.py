"""A question to a carrier: what counts as an answer, and what does not."""

from __future__ import annotations

import pytest

from convokit.outcomes import TryLater
from convokit.ports.carrier_asking import asked, instant_of
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer

WHO = ("Authorization", "Bearer x")


def answered_with(answer: HttpResponse | NoAnswer) -> object:
    question = asked("https://api.example/x?a=1", WHO)
    request = next(question)
    assert request == HttpRequest(
        method="GET", url="https://api.example/x?a=1", headers=(WHO, ("Accept", "application/json"))
    )
    with pytest.raises(StopIteration) as stop:
        question.send(answer)
    return stop.value.value


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (HttpResponse(status=200, body=b'{"a": 1}'), {"a": 1}),
        (HttpResponse(status=200, body=b"[]"), TryLater(raw="200 []")),
        (HttpResponse(status=200, body=b"<html>"), TryLater(raw="200 <html>")),
        (HttpResponse(status=201, body=b"{}"), TryLater(raw="201 {}")),
        (HttpResponse(status=404), None),
        (HttpResponse(status=410), None),
        (HttpResponse(status=429, headers=(("Retry-After", "9"),)), TryLater(raw="429", after=9)),
        (HttpResponse(status=500, body=b"oops"), TryLater(raw="500 oops")),
        (NoAnswer(why="read timeout", request_left=True), TryLater(raw="read timeout")),
        (NoAnswer(why="refused", request_left=False), TryLater(raw="refused")),
    ],
)
def test_p03_only_an_object_is_an_answer_and_only_a_404_an_absence(
    answer: HttpResponse | NoAnswer, told: object
) -> None:
    assert answered_with(answer) == told


@pytest.mark.parametrize("part", [0, 1, 999_999])
def test_moments_are_written_in_utc(part: int) -> None:
    assert instant_of(1_800_000_000_000_000 + part) == "2027-01-15T08:00:00Z"
