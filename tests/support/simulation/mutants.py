"""Libraries with one mistake each, made by a wrapper around their store. The days must find every one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, Final

from attrs import evolve

from convokit.decisions import Decision, DeliveryChange, needs
from convokit.domain.payment import Evidence, Movement
from convokit.effects import FileTranscript
from convokit.facts import (
    DeliveryReported,
    EffectSettled,
    FilingSettled,
    MailSettled,
    PaymentAsked,
    PaymentReported,
    TextArrived,
)
from convokit.outcomes import Unsure
from convokit.ports.store import Begun, Committed, GateClosed


class Wrapped:
    """A store that is right."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class LastCallbackWins(Wrapped):
    """The check shows the last report, whatever was known before."""

    def commit(self, practice_id: str, before: Any, fact: Any, decision: Any, **patience: int) -> Any:
        if isinstance(fact, DeliveryReported) and fact.delivery is not None and before.entry is not None:
            row = before.conversation
            news = DeliveryChange(entry_id=fact.entry_id, attempt=before.entry.attempt, delivery=fact.delivery)
            last = fact.delivery if row.last_message_seq == before.entry.seq else row.last_delivery
            decision = Decision(
                conversation=evolve(row, version=row.version + 1, last_delivery=last), deliveries=(news,)
            )
        return self._inner.commit(practice_id, before, fact, decision, **patience)


class NoGate(Wrapped):
    """Who may be texted is decided when staff write, not when the text leaves."""

    def begin(self, practice_id: str, key: str, *rest: int) -> Any:
        found = self._inner.begin(practice_id, key, *rest)
        if isinstance(found, GateClosed):
            return Begun(effect=found.effect, entry=self._inner.entry(practice_id, found.effect.effect.entry_id))
        return found


class RetryUnsure(Wrapped):
    """A hand-over without an answer is simply made again."""

    def commit(self, practice_id: str, before: Any, fact: Any, decision: Any, **patience: int) -> Any:
        if isinstance(fact, EffectSettled) and isinstance(fact.outcome, Unsure) and decision.settlement is not None:
            decision = Decision(settlement=evolve(decision.settlement, again_us=fact.at_us))
        return self._inner.commit(practice_id, before, fact, decision, **patience)


class NoDedupe(Wrapped):
    """Every request of the carrier is a new text."""

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self._numbers = count(1)

    def commit(self, practice_id: str, before: Any, fact: Any, decision: Any, **patience: int) -> Any:
        if isinstance(fact, TextArrived):
            fact = evolve(fact, provider_id=f"{fact.provider_id}-{id(self)}-{next(self._numbers)}")
        return self._inner.commit(practice_id, before, fact, decision, **patience)


class ThanksTooEarly(Wrapped):
    """The carrier is thanked although the text could not be stored."""

    def commit(self, practice_id: str, before: Any, fact: Any, decision: Any, **patience: int) -> Any:
        if isinstance(fact, TextArrived) and before.conversation is not None and before.conversation.unread > 1:
            return Committed(change=0)
        return self._inner.commit(practice_id, before, fact, decision, **patience)


class OrderByClock(Wrapped):
    """The thread is sorted by the clock."""

    def newest_entries(self, *given: Any, **named: Any) -> Any:
        return tuple(sorted(self._inner.newest_entries(*given, **named), key=lambda entry: entry.at_us))


class OneBigInbox(Wrapped):
    """A look-up forgot the practice."""

    def conversation(self, practice_id: str, *given: Any, **named: Any) -> Any:
        for practice in self._inner.practices():
            found = self._inner.conversation(practice.id, *given, **named)
            if found is not None:
                return found
        return None


class NeverRecovers(Wrapped):
    """What a dead worker held stays held."""

    def abandoned(self, *given: Any, **named: Any) -> tuple[Any, ...]:
        return ()


class WrongBadge(Wrapped):
    """A count that is kept instead of counted, and forgets."""

    def badges(self, *given: Any, **named: Any) -> Any:
        found = self._inner.badges(*given, **named)
        return evolve(found, history=max(0, found.history - 1))


class NoCap(Wrapped):
    """Nobody counts the automatic texts."""

    def load(self, *given: Any, **named: Any) -> Any:
        return evolve(self._inner.load(*given, **named), recent=())

    def commit(self, practice_id: str, before: Any, fact: Any, decision: Any, **patience: int) -> Any:
        if isinstance(fact, TextArrived):  # the store would notice that somebody did not count
            counted = self._inner.load(practice_id, evolve(needs(fact), recent_us=fact.at_us)).recent
            before = evolve(before, recent=counted)
        return self._inner.commit(practice_id, before, fact, decision, **patience)


class MailsAgain(Wrapped):
    """A mail of which nobody knows is simply sent again."""

    def commit(self, practice_id: str, before: Any, fact: Any, decision: Any, **patience: int) -> Any:
        if isinstance(fact, MailSettled) and isinstance(fact.outcome, Unsure) and decision.job_settlement is not None:
            decision = Decision(job_settlement=evolve(decision.job_settlement, again_us=fact.at_us))
        return self._inner.commit(practice_id, before, fact, decision, **patience)


class FilesNoMore(Wrapped):
    """A transcript of which nobody knows whether it was filed is forgotten."""

    def commit(self, practice_id: str, before: Any, fact: Any, decision: Any, **patience: int) -> Any:
        if isinstance(fact, FilingSettled) and isinstance(fact.outcome, Unsure) and decision.job_settlement is not None:
            decision = Decision(job_settlement=evolve(decision.job_settlement, again_us=None))
        return self._inner.commit(practice_id, before, fact, decision, **patience)


class FilesElsewhere(Wrapped):
    """Each attempt is another document."""

    def begin_job(self, practice_id: str, *rest: Any) -> Any:
        begun = self._inner.begin_job(practice_id, *rest)
        if begun is None or not isinstance(begun.job, FileTranscript) or begun.tries == 1:
            return begun
        return evolve(begun, job=evolve(begun.job, document_id=f"{begun.job.document_id}-{begun.tries}"))


class PaysAgain(Wrapped):
    """A payment that is reported again is booked again."""

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self._numbers = count(1)

    def commit(self, practice_id: str, before: Any, fact: Any, decision: Any, **patience: int) -> Any:
        if isinstance(fact, PaymentReported) and fact.status == "paid" and before.payment is not None:
            booked = Movement(id=f"ch-{id(self)}-{next(self._numbers)}", minor=fact.money.minor, currency="USD")
            fact = evolve(fact, event_id=booked.id)
            payment = before.payment.joined(Evidence(charges=(booked,)), fact.at_us)
            decision = evolve(decision, payment=payment)
        return self._inner.commit(practice_id, before, fact, decision, **patience)


class LinkStaysOpen(Wrapped):
    """Nobody has the provider close a link whose time is over."""

    def commit(self, practice_id: str, before: Any, fact: Any, decision: Any, **patience: int) -> Any:
        if isinstance(fact, PaymentAsked) and fact.ask == "open":
            decision = evolve(decision, jobs=())
        return self._inner.commit(practice_id, before, fact, decision, **patience)


class DeliveredIsForgotten(Wrapped):
    """A report that comes before its text is known is dropped."""

    def park(self, *given: Any, **named: Any) -> None:
        return None


MUTANTS: Final[Mapping[str, tuple[Callable[[Any], Any], set[str]]]] = {
    "last-callback-wins": (LastCallbackWins, {"P5"}),
    "no-gate-at-begin": (NoGate, {"P6"}),
    "retry-on-unsure": (RetryUnsure, {"P3"}),
    "no-dedupe": (NoDedupe, {"P2", "P24"}),
    "thanks-too-early": (ThanksTooEarly, {"P1"}),
    "order-by-clock": (OrderByClock, {"P9"}),
    "look-up-without-practice": (OneBigInbox, {"P10"}),
    "never-recovers": (NeverRecovers, {"P4", "P6"}),
    "wrong-badge": (WrongBadge, {"badges"}),
    "no-cap": (NoCap, {"P24", "P6"}),
    "mails-again": (MailsAgain, {"P3"}),
    "paid-again": (PaysAgain, {"P8"}),
    "link-stays-open": (LinkStaysOpen, {"P8"}),
    "filing-forgotten": (FilesNoMore, {"P4"}),
    "filed-elsewhere": (FilesElsewhere, {"P3", "P4"}),
    "early-report-dropped": (DeliveredIsForgotten, {"P5"}),
}
"""Each mistake, and the promises it may break first."""
