"""A mailer that keeps what it is given, and answers as it is told."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

import attrs
from attrs import define, field

import convokit
from convokit.outcomes import Accepted
from convokit.plugins import hookimpl
from convokit.ports.mail import MailerOffer, MailMessage, MailOutcome

SENDER = "desk@happy-paws.example"
FRONT = "front@happy-paws.example"


@attrs.frozen
class NoSettings:
    """Nothing to set."""


@define(eq=False)
class ScriptedMailer:
    """A plugin. ``answers`` are used up first; then every mail is taken. An exception among them is raised."""

    name = "scripted"
    answers: list[object] = field(factory=list)
    sent: list[MailMessage] = field(factory=list)
    _lock: Lock = field(factory=Lock)

    @hookimpl
    def convokit_mailers(self) -> Sequence[MailerOffer]:
        return [MailerOffer(name="scripted", settings=NoSettings, build=lambda settings: self)]

    def send(self, message: MailMessage) -> MailOutcome:
        with self._lock:
            self.sent.append(message)
            answer = self.answers.pop(0) if self.answers else MailOutcome(outcome=Accepted(provider_id="x"))
        if isinstance(answer, BaseException):
            raise answer
        return answer  # type: ignore[return-value]  # also what is no outcome


def mailing(practice: convokit.Practice, **rules: object) -> convokit.Practice:
    """The practice with a sender, transcripts to the front desk, and whatever else the rules shall say."""
    mail = convokit.MailRules(sender=SENDER, transcript_to=[FRONT])
    return attrs.evolve(practice, rules=attrs.evolve(practice.rules, mail=mail, **rules))
