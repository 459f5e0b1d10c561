"""The exchange with a provider: rows by the author, and what no row can leave out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Final, TypeGuard
from urllib.parse import urlsplit

from attrs import evolve, frozen

from convokit.outcomes import Accepted, Refused, TryLater, Unsure
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit.testing.contract import Cases
from convokit.testing.guards import hold_back
from convokit.testing.provider_base import ProviderBase
from convokit.testing.rows import Answer, Asked, Row
from convokit.testing.spoiling import spoiled
from convokit.testing.wire import FORM, JSON, form_of, kind_of, pairs_of

Exchange = Generator[HttpRequest, HttpResponse | NoAnswer, object]

LONGEST_RAW: Final = 500
MOST_REQUESTS: Final = 3
"""As many as the drivers exchange for one hand-over."""
NEVER_LEFT: Final = NoAnswer(why="connection refused", request_left=False)
NO_ANSWER: Final = NoAnswer(why="read timeout", request_left=True)

_HTML: Final = b"<!doctype html><title>Sign in</title>"
BODIES: Final[Mapping[str, bytes]] = {
    "nothing": b"",
    "HTML": _HTML,
    "null": b"null",
    "a list": b"[[]]",
    "an empty object": b"{}",
    "a word": b'"ok"',
    "half an object": b'{"id": "x',
    "deep": b"[" * 100_000,
    "digits": b'{"id": ' + b"9" * 5_000 + b"}",
    "no UTF-8": b'{"id": "\xff\xfe"}',
    "other types": b'{"id": 5, "sid": [], "data": "x", "errors": {}, "code": {}, "status": null}',
    "other types inside": b'{"data": {"id": null, "to": 5}, "errors": [5, null, []], "error": [{"code": []}]}',
    "large": b'{"message": "' + b"y" * 900_000 + b'"}',
}
STATUSES: Final = (200, 201, 202, 204, 301, 302, 400, 401, 403, 404, 408, 409, 413, 422, 425, 429, 500, 502, 503, 504)
_WAITS: Final = ("7", "0", "-1", "1.5", "999999999999", "٣", "soon", "", "Wed, 21 Oct 2026 07:28:00 GMT", "nan", "1e3")
_LONGEST_COMPLAINT: Final = 500
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@frozen
class Played:
    """What came of an exchange, and the requests that were made for it."""

    outcome: object
    requests: tuple[HttpRequest, ...]


def play(exchange: Exchange, answers: tuple[Answer, ...]) -> Played:
    """Give a provider's answers to an exchange, one after the other.

    Raises:
        AssertionError: it asks for more than is answered, or for less.
    """
    requests: list[HttpRequest] = []
    waiting = list(answers)
    try:
        request = next(exchange)
        while True:
            assert isinstance(request, HttpRequest), f"it yields a {type(request).__name__}, not a request"
            requests.append(request)
            assert waiting, f"it asks for more than the {len(answers)} canned answers: {request!r}"
            request = exchange.send(waiting.pop(0))
    except StopIteration as stop:
        assert not waiting, f"{len(waiting)} of {len(answers)} canned answers were not asked for"
        return Played(stop.value, tuple(requests))


def check_asked(request: HttpRequest, wanted: Asked) -> None:
    """A request is as it must be."""
    assert (request.method, request.url) == (wanted.method, wanted.url)
    for name, value in wanted.headers.items():
        assert request.header(name) == value, f"the header {name}"
    if wanted.form is not None:
        assert kind_of(request) == FORM
        assert sorted(form_of(request.body)) == sorted(pairs_of(wanted.form))
    if wanted.json is not None:
        assert kind_of(request) == JSON
        assert json.loads(request.body) == wanted.json
    if wanted.body is not None:
        assert request.body == wanted.body


class ExchangeCases(ProviderBase):
    """What a provider is asked, and what comes of its answers."""

    # --- what the contracts of the kinds say --------------------------------------------------------------------------
    def rows(self) -> tuple[Row, ...]:
        """All rows of the kind."""
        raise NotImplementedError

    def begin(self, provider: object, row: Row) -> Exchange:
        """Start the exchange that a row is about."""
        raise NotImplementedError

    def private(self, row: Row) -> tuple[str, ...]:
        """What must not stand in a URL or a ``repr``, besides the secrets: the client's words."""
        raise NotImplementedError

    # --- help ---------------------------------------------------------------------------------------------------------
    def cases(self) -> Mapping[str, Callable[[], Cases]]:
        return {
            **super().cases(),
            "row": lambda: {row.label: row for row in self.rows()},
            "accepted": lambda: {row.label: row for row in self.accepted_rows()},
            "status": lambda: {str(status): status for status in STATUSES},
            "rubbish": lambda: dict(BODIES),
            "wait": lambda: {repr(wait): wait for wait in _WAITS},
        }

    def accepted_rows(self) -> Iterator[Row]:
        """Rows in which the provider takes it."""
        return (row for row in self.rows() if isinstance(row.outcome, Accepted))

    def play(self, row: Row, answers: tuple[Answer, ...] | None = None) -> Played:
        """Play a row, perhaps with other answers."""
        exchange = self.begin(self.built(row.settings), row)
        return play(exchange, row.answers if answers is None else answers)

    def an_accepted_row(self) -> Row:
        """The first of them."""
        return next(self.accepted_rows())

    # --- tests --------------------------------------------------------------------------------------------------------
    def test_the_answers_of_a_row_lead_to_its_outcome(self, row: Row) -> None:
        played = self.play(row)
        assert played.outcome == row.outcome
        assert self.play(row).outcome == row.outcome, "the same answers lead to another outcome the second time"
        for request, wanted in zip(played.requests, row.asks or (), strict=row.asks is not None):
            check_asked(request, wanted)

    def test_p18_what_is_kept_of_the_providers_words_is_bounded(self, row: Row) -> None:
        told = self.ended(self.begin(self.built(row.settings), row), tuple(map(_padded, row.answers)))
        assert all(len(getattr(told, name, "")) <= LONGEST_RAW for name in ("raw", "why"))

    def test_p19_neither_secrets_nor_the_clients_words_stand_in_a_url_or_a_repr(self, row: Row) -> None:
        played = self.play(row)
        for request in played.requests:
            for where, text in (("a URL", request.url), ("a repr", repr(request))):
                hold_back((*self.secret_values(), *self.private(row)), text, where)
        hold_back(self.secret_values(), repr(played.outcome), "the outcome")

    def test_requests_can_be_sent(self, accepted: Row) -> None:
        for request in self.play(accepted).requests:
            parts = urlsplit(request.url)
            assert parts.scheme in ("http", "https")
            assert parts.hostname
            assert parts.username is None, "a user in the URL"
            assert request.url.isascii()
            assert isinstance(request.body, bytes)
            for name, value in request.headers:
                assert _TOKEN.fullmatch(name), f"the name of a header: {name!r}"
                assert value.isascii(), f"the header {name}"
                assert value.isprintable(), f"the header {name}"

    def test_p03_a_request_that_never_left_is_tried_later(self, accepted: Row) -> None:
        for taken in range(len(accepted.answers)):
            told = self.play(accepted, (*accepted.answers[:taken], NEVER_LEFT)).outcome
            assert isinstance(told, TryLater), f"nothing left, so it can be tried again: {told!r}"

    def test_p03_a_request_without_an_answer_is_unsure(self, accepted: Row) -> None:
        for taken in range(len(accepted.answers)):
            lost = self.play(accepted, (*accepted.answers[:taken], NO_ANSWER)).outcome
            assert isinstance(lost, self.if_not_known(taken, accepted)), f"nobody can know: {lost!r}"

    def if_not_known(self, taken: int, row: Row) -> tuple[type[object], ...]:
        """What may come of a lost answer. A request before the last one (for a token) does nothing yet."""
        return (Unsure,) if taken == len(row.answers) - 1 else (Unsure, TryLater)

    def test_p18_no_answer_makes_it_raise_and_rubbish_is_no_success(self, status: int, rubbish: bytes) -> None:
        row = self.an_accepted_row()
        answers = (*row.answers[:-1], HttpResponse(status=status, body=rubbish))
        told = self.ended(self.begin(self.built(row.settings), row), answers)
        assert isinstance(told, (Accepted, Refused, TryLater, Unsure, *self.more_outcomes())), f"{told!r}"
        if not self.needs_no_body(status):
            self._check_rubbish(status, told)

    def more_outcomes(self) -> tuple[type[object], ...]:
        """Other things that may come of an exchange of the kind."""
        return ()

    def needs_no_body(self, status: int) -> bool:
        """Whether a status alone says that it was taken."""
        return False

    def if_broken(self, status: int) -> tuple[type[object], ...]:
        """What may come of a 5xx. In most kinds, asking twice does no harm."""
        return (Unsure, TryLater, *self.more_outcomes())

    def is_as_good(self, told: object, row: Row) -> bool:
        """Whether an outcome says what the row says: what was spoiled does not matter."""
        return told == row.outcome

    def test_p18_an_accepted_answer_with_a_spoiled_field_is_no_success(self, accepted: Row) -> None:
        *before, last = accepted.answers
        for one in spoiled(last) if _is_success(last) else ():
            told = self.ended(self.begin(self.built(accepted.settings), accepted), (*before, one.message))
            unknown = self.if_not_known(len(before), accepted)
            good = isinstance(told, unknown) or self.is_as_good(told, accepted)
            assert good, f"{one.what}: {told!r}"[:_LONGEST_COMPLAINT]

    def test_p18_an_accepted_answer_with_another_status_is_no_success(self, accepted: Row) -> None:
        *before, last = accepted.answers
        if not _is_success(last):
            return
        for status in (status for status in STATUSES if status >= 300):
            answers = (*before, evolve(last, status=status))
            told = self.ended(self.begin(self.built(accepted.settings), accepted), answers)
            assert not isinstance(told, Accepted), f"{status}: {told!r}"
            if status < 400:
                assert isinstance(told, self.if_not_known(len(before), accepted)), f"{status}: {told!r}"
            if status >= 500:
                assert isinstance(told, self.if_broken(status)), f"{status}: it may have been taken: {told!r}"

    def ended(self, exchange: Exchange, answers: tuple[Answer, ...]) -> object:
        """The outcome; a provider that goes on asking gets the last answer again, some times."""
        try:
            next(exchange)
            for answer in (*answers, *answers[-1:] * MOST_REQUESTS):
                exchange.send(answer)
        except StopIteration as stop:
            return stop.value
        raise AssertionError(f"it asks for more than {MOST_REQUESTS} answers")

    def _check_rubbish(self, status: int, told: object) -> None:
        assert not isinstance(told, Accepted), "rubbish was taken for success"
        if 200 <= status < 400:
            assert isinstance(told, Unsure), f"it may have been taken: {told!r}"
        if status >= 500:
            assert isinstance(told, self.if_broken(status)), f"it may have been taken before it failed: {told!r}"
        if isinstance(told, (Refused, TryLater)):
            assert len(told.raw) <= LONGEST_RAW

    def test_any_retry_after_is_understood_or_left(self, wait: str) -> None:
        throttled = [row for row in self.rows() if "throttled, with Retry-After" in row.shows]
        for row in throttled:
            *before, last = row.answers
            assert isinstance(last, HttpResponse)
            others = tuple((name, value) for name, value in last.headers if name.lower() != "retry-after")
            told = self.play(row, (*before, evolve(last, headers=(*others, ("Retry-After", wait))))).outcome
            assert isinstance(told, TryLater)
            assert told.after is None or 0 <= told.after <= 24 * 3600
            assert wait != "7" or told.after == 7

    def again(self, row: Row) -> tuple[Answer, ...]:
        """The answers of a row when the same provider is asked a second time."""
        return row.answers

    def test_several_exchanges_do_not_disturb_one_another(self) -> None:
        row = self.an_accepted_row()
        provider = self.built(row.settings)
        one, other = self.begin(provider, row), self.begin(provider, row)
        first = play(self.begin(provider, row), row.answers)
        next(one)
        next(other)
        one.close()
        other.close()
        assert play(self.begin(provider, row), self.again(row)).outcome == first.outcome


def _is_success(answer: Answer) -> TypeGuard[HttpResponse]:
    """Whether it says so by its status. Some say by an error that it was taken before."""
    return isinstance(answer, HttpResponse) and 200 <= answer.status < 300


def _padded(answer: Answer) -> Answer:
    """The same answer, with very many words."""
    if isinstance(answer, NoAnswer):
        return NoAnswer(why="y" * 10_000, request_left=answer.request_left)
    return evolve(answer, body=answer.body + b" " * 100_000 + b"y" * 100_000)
