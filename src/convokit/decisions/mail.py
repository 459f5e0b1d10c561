"""How a mail went: told where people see it, tried again, or at its end."""

from __future__ import annotations

from typing import Final, assert_never

from attrs import evolve, frozen

from convokit.decisions.base import NOTHING, Before, Decision, JobSettlement
from convokit.domain.changed import changed
from convokit.domain.conversation import Conversation, Entry, EventKind
from convokit.domain.end_of_day import DayReport, DayState
from convokit.domain.instant import HOUR
from convokit.domain.mail_reasons import mail_advice
from convokit.domain.retry import wait
from convokit.effects import SendMail
from convokit.facts import MailSettled
from convokit.outcomes import Accepted, Refused, TryLater, Unsure

GIVE_UP_AFTER: Final = 24 * HOUR
"""A mail that no server took for so long is given up. RFC 5321 4.5.4.1 lets senders try for days; a transcript that
comes a day late helps nobody at the desk."""

_NEWS: Final[tuple[DayState, ...]] = ("owed", "not_sent", "unsure", "sent")
"""States of a day's reminder, the better one later: what reached one recipient is sent."""


@frozen
class _Result:
    """What became of each recipient: taken, perhaps taken, lost for good, or left for another attempt."""

    went: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    lost: tuple[tuple[str, Refused], ...] = ()
    later: tuple[str, ...] = ()


def settle(before: Before, fact: MailSettled) -> Decision:
    """The attempt is over. An answer that came after somebody else had settled it changes nothing."""
    owed = before.job
    if owed is None or (owed.state, owed.tries) != ("begun", fact.tries) or not isinstance(owed.job, SendMail):
        return NOTHING
    last_us = min(owed.owed_us + GIVE_UP_AFTER, owed.job.not_after_us or owed.owed_us + GIVE_UP_AFTER)
    after = fact.outcome.after if isinstance(fact.outcome, TryLater) else None
    again_us = fact.at_us + wait(owed.tries, after)
    result = _result(owed.job, fact, in_time=again_us <= last_us)
    settlement = JobSettlement(key=fact.key, tries=fact.tries)
    if result.later == owed.job.to:
        return Decision(job_settlement=evolve(settlement, again_us=again_us))
    # The others have it, or never will: those who are left get the same mail, alone.
    jobs = (evolve(owed.job, attempt=owed.job.attempt + 1, to=result.later),) if result.later else ()
    settled = Decision(job_settlement=settlement, jobs=jobs)
    if owed.job.because == "end_of_day":
        return settled if before.day is None else evolve(settled, day=_reported(before.day, result, fact))
    return settled if before.conversation is None else _told(settled, before.conversation, result, fact)


def _result(mail: SendMail, fact: MailSettled, *, in_time: bool) -> _Result:
    said = dict(fact.refusals)
    rest = tuple(address for address in mail.to if address not in said)
    waiting = tuple(address for address in mail.to if isinstance(said.get(address), TryLater))
    lost = tuple((address, no) for address in mail.to if isinstance(no := said.get(address), Refused))
    match fact.outcome:
        case Accepted():
            found = _Result(went=rest, lost=lost, later=waiting)
        case Unsure():
            found = _Result(unsure=rest, lost=lost, later=waiting)
        case Refused() as no:
            named = {address for address, _ in lost}
            found = _Result(lost=(*lost, *((address, no) for address in mail.to if address not in named)))
        case TryLater():
            named = {address for address, _ in lost}
            found = _Result(lost=lost, later=tuple(address for address in mail.to if address not in named))
        case _:
            assert_never(fact.outcome)
    if in_time or not found.later:
        return found
    expired = Refused(reason="expired", raw=fact.outcome.raw if isinstance(fact.outcome, TryLater) else "")
    return evolve(found, lost=(*found.lost, *((address, expired) for address in found.later)), later=())


def _reported(known: DayReport, result: _Result, fact: MailSettled) -> DayReport:
    """The report of the day, after this attempt: one of several may have gone before."""
    now: DayState = "sent" if result.went else "unsure" if result.unsure else "owed" if result.later else "not_sent"
    state = max(now, known.state, key=lambda one: _NEWS.index(one) if one in _NEWS else -1)
    last = result.lost[-1][1] if result.lost else None
    return evolve(
        known,
        state=state,
        at_us=fact.at_us,
        refused=(*known.refused, *(address for address, _ in result.lost)),
        reason=known.reason if last is None else last.reason,
        raw=known.raw if last is None else last.raw[:500],
    )


def _told(settled: Decision, current: Conversation, result: _Result, fact: MailSettled) -> Decision:
    """The conversation after it: an event for those who got it, one for those of whom nobody knows, one a refusal."""
    news: list[tuple[EventKind, str, Refused | None]] = []
    if result.went:
        news.append(("transcript_mailed", f"The transcript was mailed to {', '.join(result.went)}.", None))
    if result.unsure:
        words = f"Nobody can know whether the transcript reached {', '.join(result.unsure)}. It is not sent again."
        news.append(("transcript_unsure", words, None))
    for address, no in result.lost:
        words = f"The transcript could not be mailed to {address}. {mail_advice(no.reason)}"
        news.append(("transcript_not_mailed", words, no))
    entries = tuple(
        Entry(
            id=fact.entry_id if nth == 0 else f"{fact.entry_id}-{nth}",
            conversation_id=current.id,
            seq=current.last_seq + 1 + nth,
            at_us=fact.at_us,
            kind="event",
            side="system",
            channel=current.channel,
            event=event,
            text=words,
            reason=None if no is None else no.reason,
            raw="" if no is None else no.raw[:500],
        )
        for nth, (event, words, no) in enumerate(news)
    )
    after = changed(current, version=current.version + 1, last_seq=current.last_seq + len(entries))
    return evolve(settled, conversation=after, entries=entries)
