"""Being asked: for a text whose answer was lost, and for everything since a moment. Rows by the author, and more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar, Final, cast

from convokit.outcomes import TryLater
from convokit.ports.sms import DeliveryReport, InboundText, SmsGatewayOffer
from convokit.ports.sms_asking import MOST_REQUESTS, FetchesTexts, Found, ListedText, LooksUp, Polled, Polls
from convokit.ports.wire import HttpResponse
from convokit.runtime.asking_values import fetched_checked, looked_up_checked, polled_checked
from convokit.testing.contract import Cases
from convokit.testing.exchange_cases import BODIES, NEVER_LEFT, NO_ANSWER, STATUSES, Exchange, Played, check_asked, play
from convokit.testing.guards import hold_back
from convokit.testing.provider_base import ProviderBase
from convokit.testing.rows import FetchRow, LookUpRow, PollRow
from convokit.testing.webhook_cases import WebhookCases

Questions = LookUpRow | PollRow | FetchRow
_GONE: Final = (404, 410)

_USELESS: Final = tuple((status, rubbish) for status in STATUSES for rubbish in BODIES)


class SmsAskingCases(WebhookCases, ProviderBase):
    """Every promise of :mod:`convokit.ports.sms_asking`.

    Attributes:
        look_ups, polls: what is asked, and what the carrier answers.
        fetches: the same for texts that the polls only list.
    """

    offer: ClassVar[SmsGatewayOffer]
    look_ups: ClassVar[tuple[LookUpRow, ...]] = ()
    polls: ClassVar[tuple[PollRow, ...]] = ()
    fetches: ClassVar[tuple[FetchRow, ...]] = ()

    # --- help ---------------------------------------------------------------------------------------------------------
    def questions(self) -> tuple[Questions, ...]:
        """All of them."""
        return (*self.look_ups, *self.polls, *self.fetches)

    def question_begins(self, row: Questions) -> Exchange:
        """Start the exchange that a row is about."""
        gateway = self.built(row.settings)
        if isinstance(row, LookUpRow):
            return cast("LooksUp", gateway).look_up(row.text)
        if isinstance(row, FetchRow):
            return cast("FetchesTexts", gateway).fetch_text(row.listed)
        return cast("Polls", gateway).poll(row.numbers, row.since_us, row.until_us)

    def asked_and_answered(self, row: Questions) -> Played:
        """Play a row."""
        return play(self.question_begins(row), row.answers)

    def cases(self) -> Mapping[str, Callable[[], Cases]]:
        return {**super().cases(), "useless": lambda: {f"{status}-{name}": (status, name) for status, name in _USELESS}}

    def polled_events(self) -> Iterator[InboundText | ListedText | DeliveryReport]:
        """Everything that the rows of polls find."""
        for row in self.polls:
            if isinstance(row.outcome, Polled):
                yield from row.outcome.events

    def polled_texts(self) -> Iterator[InboundText]:
        """The texts of clients in them, and those that are fetched."""
        told = (*self.polled_events(), *(row.outcome for row in self.fetches))
        return (one for one in told if isinstance(one, InboundText))

    # --- tests --------------------------------------------------------------------------------------------------------
    def test_a_question_is_answered_as_its_row_says(self) -> None:
        for row in self.questions():
            played = self.asked_and_answered(row)
            assert played.outcome == row.outcome, row.label
            assert self.asked_and_answered(row).outcome == row.outcome, f"{row.label}: another answer the second time"
            assert len(played.requests) <= MOST_REQUESTS, row.label
            for request, wanted in zip(played.requests, row.asks or (), strict=row.asks is not None):
                check_asked(request, wanted)

    def test_what_can_be_asked_is_declared_and_shown_in_full(self) -> None:
        gateway, able = self.built(), self.offer.capabilities
        assert isinstance(gateway, LooksUp) == able.looks_up, "looks_up is declared, or the gateway has it: not both"
        assert isinstance(gateway, Polls) == able.polls, "polls is declared, or the gateway has it: not both"
        found = [row.outcome for row in self.look_ups if isinstance(row.outcome, Found)]
        if able.looks_up:
            assert any(one.reports for one in found), "no row of look_ups finds the text"
            assert Found() in found, "no row of look_ups finds nothing"
            assert any(row.asks for row in self.look_ups), "no row of look_ups says what is asked (asks=...)"
        if able.polls:
            kinds = {type(event) for event in self.polled_events()}
            assert kinds & {InboundText, ListedText}, "no row of polls finds a text of a client"
            assert DeliveryReport in kinds, "no row of polls finds a report"
            assert any(row.asks for row in self.polls), "no row of polls says what is asked (asks=...)"

    def test_what_is_only_listed_can_be_fetched(self) -> None:
        lists = any(isinstance(event, ListedText) for event in self.polled_events())
        assert isinstance(self.built(), FetchesTexts) == lists, "polls list texts, or the gateway fetches: not both"
        if lists:
            outcomes = [row.outcome for row in self.fetches]
            assert any(isinstance(one, InboundText) for one in outcomes), "no row of fetches has the text"
            assert None in outcomes, "no row of fetches finds it gone"
            assert any(row.asks for row in self.fetches), "no row of fetches says what is asked (asks=...)"

    def test_p03_no_answer_is_no_absence(self) -> None:
        """A carrier that could not be asked has not said that it has no such text."""
        for row in self.questions():
            for known in range(len(row.answers)):
                for lost in (NEVER_LEFT, NO_ANSWER):
                    told = play(self.question_begins(row), (*row.answers[:known], lost)).outcome
                    assert isinstance(told, TryLater), f"{row.label}: {told!r}"

    def test_p18_a_useless_answer_is_no_absence(self, useless: tuple[int, str]) -> None:
        status, name = useless
        first: tuple[Questions, ...] = (*self.look_ups[:1], *self.polls[:1], *self.fetches[:1])
        for row in first:
            told = self._answered_only(row, HttpResponse(status=status, body=BODIES[name]))
            gone = told is None and isinstance(row, FetchRow) and status in _GONE
            assert gone or isinstance(told, TryLater), f"{row.label}: {told!r}"
            assert len(getattr(told, "raw", "")) <= 500

    def _answered_only(self, row: Questions, answer: HttpResponse) -> object:
        """What comes of one answer to the first request."""
        exchange = self.question_begins(row)
        try:
            next(exchange)
            exchange.send(answer)
        except StopIteration as stop:
            return stop.value
        raise AssertionError(f"{row.label}: it goes on asking")

    def test_p19_neither_secrets_nor_words_stand_in_what_is_asked(self) -> None:
        for row in self.questions():
            words = (row.text.text,) if isinstance(row, LookUpRow) else ()
            for request in self.asked_and_answered(row).requests:
                assert request.method == "GET", f"{row.label}: a question changes nothing"
                for where, text in (("a URL", request.url), ("a repr", repr(request))):
                    hold_back((*self.secret_values(), *words), text, where)

    def test_convokit_can_use_what_was_found(self) -> None:
        for row in self.questions():
            if isinstance(row.outcome, Found):
                assert looked_up_checked(row.outcome) == row.outcome, row.label
                for report in row.outcome.reports:
                    assert report.provider_id, f"{row.label}: a report without the carrier's id"
            elif isinstance(row.outcome, Polled):
                assert polled_checked(row.outcome) == row.outcome, row.label
                assert row.since_us <= row.outcome.until_us <= row.until_us, row.label
            elif isinstance(row.outcome, InboundText):
                assert fetched_checked(row.outcome) == row.outcome, row.label
                assert isinstance(row, FetchRow)
                assert row.outcome.provider_id == row.listed.provider_id, f"{row.label}: it is another text"

    def test_p02_what_is_polled_says_what_a_callback_would_have_said(self) -> None:
        if not self.offer.capabilities.polls:
            return
        called = [e for row in self.callbacks for e in row.reads or () if isinstance(e, InboundText)]
        polled = list(self.polled_texts())
        ids = {event.provider_id for event in called} & {event.provider_id for event in polled}
        assert ids, "no text of a client is in the rows of callbacks and of polls, with one id"
        for event in polled:
            assert event.provider_id not in ids or _what(event) in map(_what, called), f"{event!r}"

    def test_p10_other_peoples_texts_are_left_out(self) -> None:
        for row in self.polls:
            if isinstance(row.outcome, Polled):
                texts = [event for event in row.outcome.events if isinstance(event, (InboundText, ListedText))]
                assert all(text.to in row.numbers for text in texts), row.label


def _what(event: InboundText) -> tuple[object, ...]:
    """What makes two tellings of one text the same."""
    return event.provider_id, event.sender, event.to, event.text, len(event.media)
