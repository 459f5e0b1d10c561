"""The contract of a push transport, as tests that its author runs.

Subclass, and fill in rows, as for a carrier (:mod:`convokit.testing.sms_contract`)::

    class TestBell(PushTransportContract):
        offer = bell_offer
        settings = {"key": "bk_0123456789"}
        secrets = ("key",)
        token = PushToken(id="t1", transport="bell", value="...", registered_us=0)
        no_tokens = ("", "not a token")
        pushes = (PushRow(label="taken", shows="accepted", answers=[...], outcome=Accepted(provider_id="n1")), ...)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar, Final, cast

from attrs import evolve

from convokit.outcomes import Accepted, Refused, TryLater, Unsure
from convokit.ports.push import PushMessage, PushToken, PushTransport, PushTransportOffer, TokenGone
from convokit.ports.wire import HttpResponse
from convokit.testing.contract import Cases
from convokit.testing.exchange_cases import Exchange, ExchangeCases
from convokit.testing.provider_base import Offer, Shown
from convokit.testing.rows import PUSHED, Answer, PushRow, Row
from convokit.testing.situations import PUSH, Situation

_TEXTS: Final[Mapping[str, str]] = {
    "emoji": "🐶 🐈‍⬛",
    "quotes": "“It’s” \"time\" 'now'",
    "Arabic": "رسالة جديدة",
    "control characters": "a\tb\x00c\u2028d",
    "empty": "",
}


class PushTransportContract(ExchangeCases):
    """Every promise of :class:`convokit.ports.push.PushTransport`.

    Attributes:
        offer: what the plugin offers.
        pushes: what is pushed, and what the service answers.
        token: a token of the service.
        no_tokens: values that are none.
        remembers: how many requests at the beginning of an exchange are only made once (for an access token).
    """

    offer: ClassVar[PushTransportOffer]
    pushes: ClassVar[tuple[PushRow, ...]] = ()
    token: ClassVar[PushToken]
    no_tokens: ClassVar[tuple[str, ...]] = ()
    remembers: ClassVar[int] = 0

    # --- the kind -----------------------------------------------------------------------------------------------------
    def the_offer(self) -> Offer:
        return self.offer

    def rows(self) -> tuple[Row, ...]:
        return self.pushes

    def begin(self, provider: object, row: Row) -> Exchange:
        assert isinstance(row, PushRow)
        return cast("PushTransport", provider).push(row.token or self.token, row.message)

    def private(self, row: Row) -> tuple[str, ...]:
        assert isinstance(row, PushRow)
        return (row.message.title, row.message.text)

    def private_words(self) -> Iterator[str]:
        for row in self.pushes:
            yield from (row.message.title, row.message.text, (row.token or self.token).value)

    def situations(self) -> Mapping[str, Situation]:
        return PUSH

    def shown(self) -> Iterator[Shown]:
        for row in self.pushes:
            yield from (Shown(label=row.label, situation=name, told=(row.outcome,)) for name in row.shows)

    def more_outcomes(self) -> tuple[type[object], ...]:
        return (TokenGone,)

    def if_not_known(self, taken: int, row: Row) -> tuple[type[object], ...]:
        return (Unsure, TryLater)  # two of them wake the phone twice, and show one message

    def needs_no_body(self, status: int) -> bool:
        last = (row.answers[-1] for row in self.accepted_rows())
        return status in {answer.status for answer in last if isinstance(answer, HttpResponse)}

    def again(self, row: Row) -> tuple[Answer, ...]:
        return row.answers[self.remembers :]

    def cases(self) -> Mapping[str, Callable[[], Cases]]:
        return {**super().cases(), "words": lambda: dict(_TEXTS)}

    # --- tests --------------------------------------------------------------------------------------------------------
    def test_what_is_asked_for_is_shown(self) -> None:
        assert any(row.asks for row in self.accepted_rows()), "no accepted row has asks=..."

    def test_p19_a_token_does_not_show(self) -> None:
        for row in self.pushes:
            played = self.play(row)
            value = (row.token or self.token).value
            assert value not in repr(played.outcome)
            assert value not in repr(row.token or self.token)

    def test_any_words_can_be_pushed(self, words: str) -> None:
        row = cast("PushRow", self.an_accepted_row())
        told = self.play(evolve(row, message=evolve(row.message, title=words, text=words)))
        assert isinstance(told.outcome, Accepted)

    def test_what_is_too_large_is_refused_before_it_leaves(self) -> None:
        row = cast("PushRow", self.an_accepted_row())
        most = self.offer.capabilities.bytes_together
        message: PushMessage = evolve(row.message, data={"id": "x" * (most + 1)})
        exchange = self.begin(self.built(row.settings), evolve(row, message=message))
        told = self.ended(exchange, row.answers)
        assert told == Refused(reason="content_rejected", raw=getattr(told, "raw", "")), f"{told!r}"

    def test_what_fits_leaves(self) -> None:
        row = cast("PushRow", self.an_accepted_row())
        room = self.offer.capabilities.bytes_together // 2
        message: PushMessage = evolve(row.message, title="t", text="x", data={"id": "x" * room})
        assert isinstance(self.play(evolve(row, message=message)).outcome, Accepted)

    def test_the_present_moment_is_the_messages(self) -> None:
        row = cast("PushRow", self.an_accepted_row())
        for at_us in (0, PUSHED.at_us, 4_000_000_000_000_000):
            told = self.play(evolve(row, message=evolve(row.message, at_us=at_us)))
            assert isinstance(told.outcome, Accepted)

    def test_the_token_itself_is_one(self) -> None:
        transport = cast("PushTransport", self.built())
        assert transport.why_no_token(self.token) is None

    def test_p18_what_is_no_token_is_refused_at_the_door(self) -> None:
        transport = cast("PushTransport", self.built())
        assert self.no_tokens, "no_tokens is empty: what does the service never give?"
        for value in (*self.no_tokens, "\x00", "x" * 100_000, "é\udcff"):
            why = transport.why_no_token(evolve(self.token, value=value))
            assert why, f"{value[:40]!r} was taken for a token"
            assert value[:40] not in why or not value.strip(), "the reason repeats the token"
