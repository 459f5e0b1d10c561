"""What the doctor says of a practice's mails: the mailer, the sender, the next reminder and the last one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from convokit.cli.exits import one_line
from convokit.cli.findings import Finding
from convokit.effects import SendMail
from convokit.errors import ConvokitError

if TYPE_CHECKING:
    from convokit.domain.end_of_day import EndOfDayState
    from convokit.domain.rules import Practice
    from convokit.runtime.kit import Convokit

_EVER: Final = 2**62
_MOST: Final = 1000


def mail_findings(kit: Convokit, practice: Practice) -> Iterator[Finding]:
    """Nothing for a practice that sends no mails."""
    rules = practice.rules
    if not rules.mail.sender:
        return
    yield _mailer(kit, practice)
    yield from _waiting(kit, practice)
    if rules.end_of_day.on:
        yield from _end_of_day(f"end of day {practice.id}", kit.practice(practice.id).end_of_day(limit=1))


def _mailer(kit: Convokit, practice: Practice) -> Finding:
    about = f"mail {practice.id}"
    try:
        mailer = kit.mailers.of(practice.id)
    except ConvokitError as error:
        return Finding(about=about, state="fail", words=one_line(error))
    if mailer is None:
        return Finding(about=about, state="warn", words="no mailer is enabled: mails wait (--plugin)")
    rules = practice.rules
    transcripts = ", ".join(rules.mail.transcript_to) or "nobody"
    reminded = ", ".join(rules.end_of_day.recipients) or "nobody"
    words = (
        f"mailer {mailer.provider}, settings valid; from {rules.mail.sender}; transcripts to {transcripts}; "
        f"reminders to {reminded}"
    )
    return Finding(about=about, state="ok", words=words)


def _waiting(kit: Convokit, practice: Practice) -> Iterator[Finding]:
    due = kit.store.due_jobs(_EVER, _MOST)
    waiting = [owed for owed in due if owed.practice == practice.id and isinstance(owed.job, SendMail)]
    if waiting:
        tries = max(owed.tries for owed in waiting)
        mails = "1 mail waits" if len(waiting) == 1 else f"{len(waiting)} mails wait"
        tried = f"tried {tries} times in vain" if tries > 1 else "tried once in vain" if tries else "not tried yet"
        words = f"{mails} to be handed over, {tried}"
        yield Finding(about=f"mail {practice.id}", state="warn" if tries else "ok", words=words)


def _end_of_day(about: str, state: EndOfDayState) -> Iterator[Finding]:
    if state.next_at is None:
        yield Finding(about=about, state="warn", words="no reminder is planned: no day is left for it")
    else:
        yield Finding(about=about, state="ok", words=f"the next reminder is due on {state.next_at:%Y-%m-%d %H:%M %Z}")
    for last in state.days:
        if last.state == "missed":
            words = f"missed from {last.day} to {last.until}: no worker ran at that time"
            yield Finding(about=about, state="warn", words=words)
        elif last.state == "not_sent":
            yield Finding(about=about, state="warn", words=f"not sent on {last.day}: {last.advice}")
