"""Handing mails over: put together now, given to the practice's mailer, and how it went."""

from __future__ import annotations

import logging

from convokit.decisions.delivery import OURSELVES
from convokit.domain.rules import Practice
from convokit.effects import OwedJob, SendMail
from convokit.errors import ConfigurationError
from convokit.facts import MailSettled
from convokit.outcomes import Outcome, Refused, TryLater, Unsure
from convokit.plugins.faults import contain, log_fault
from convokit.ports.mail import MailMessage, MailOutcome, RecipientRefusal
from convokit.ports.store import Store
from convokit.runtime.circuits import LEFT_ALONE, Circuits, Use
from convokit.runtime.documents import Documents
from convokit.runtime.last_text import ON_ITS_WAY, is_too_early
from convokit.runtime.mailers import Mailers, PracticeMailer
from convokit.runtime.mails.end_of_day import end_of_day_mail
from convokit.runtime.mails.transcript import transcript_mail
from convokit.runtime.plugin_values import outcome_checked
from convokit.runtime.world import World

_log = logging.getLogger("convokit")


class MailPerformer:
    """Performs :class:`~convokit.effects.SendMail`."""

    def __init__(self, store: Store, mailers: Mailers, documents: Documents, world: World, circuits: Circuits) -> None:
        self._store = store
        self._circuits = circuits
        self._mailers = mailers
        self._documents = documents
        self._world = world

    def perform(self, practice: Practice, owed: OwedJob) -> MailSettled:
        """See :class:`convokit.runtime.jobs.JobPerformer`."""
        mail = _mail_of(owed)
        mailer = self._mailer(practice)
        if mailer is None:
            return self._settled(owed, TryLater(raw="no mailer is set up for this practice"))
        if not practice.rules.mail.sender:
            return self._settled(owed, Refused(reason="sender_invalid", raw="the practice has no sender address"))
        try:
            if is_too_early(self._store, owed, mail.conversation_id, self._world.now_us()):
                return self._settled(owed, TryLater(raw=ON_ITS_WAY))
            message = self._composed(practice, mail, owed.owed_us)
        except Exception as error:  # the store is away, or a mistake of ours: nothing has left yet
            log_fault(_log, f"mail {owed.key} of practice {practice.id} could not be put together", error)
            return self._settled(owed, TryLater(raw="the mail could not be put together"))
        if message is None:
            return self._settled(owed, Refused(reason="cancelled", raw="there is nothing to say any more"))
        return self._handed_over(practice, owed, mailer, message)

    def _handed_over(
        self, practice: Practice, owed: OwedJob, mailer: PracticeMailer, message: MailMessage
    ) -> MailSettled:
        use = Use("mail", mailer.provider, practice.id)
        if not self._circuits.begin(use):
            return self._settled(owed, TryLater(raw=LEFT_ALONE), mailer.provider)
        settled = self._told(practice, owed, mailer, message)
        self._circuits.tell(use, settled.outcome)
        return settled

    def _told(self, practice: Practice, owed: OwedJob, mailer: PracticeMailer, message: MailMessage) -> MailSettled:
        try:
            told: object = mailer.mailer.send(message)
        except BaseException as error:  # whatever a plugin raises
            contain(error)
            log_fault(_log, f"mailer {mailer.provider} raised", error)
            return self._settled(owed, Unsure(why=f"the mailer raised {type(error).__name__}"), mailer.provider)
        if not isinstance(told, MailOutcome):
            why = f"mailer.contract: returned {type(told).__name__[:100]}"
            return self._settled(owed, Unsure(why=why), mailer.provider)
        outcome = outcome_checked(told.outcome)
        if isinstance(outcome, Refused):
            # Not the server's own words: they may quote an address.
            _log.error("practice %s: %s refused a mail (%s)", practice.id, mailer.provider, outcome.reason)
        return self._settled(owed, outcome, mailer.provider, _refusals(told, message))

    def _composed(self, practice: Practice, mail: SendMail, sent_at: int) -> MailMessage | None:
        if mail.because == "transcript":
            return transcript_mail(self._documents, practice, mail, sent_at)
        return end_of_day_mail(self._store, practice, mail, sent_at, self._world.now_us())

    def _mailer(self, practice: Practice) -> PracticeMailer | None:
        try:
            return self._mailers.of(practice.id)
        except ConfigurationError as error:
            _log.error("practice %s cannot send mails: %s", practice.id, error)
            return None

    def refused(self, practice: Practice, owed: OwedJob, reason: str, raw: str) -> MailSettled:
        """See :class:`convokit.runtime.jobs.JobPerformer`."""
        return self._settled(owed, Refused(reason=reason, raw=raw))

    def abandoned(self, practice: Practice, owed: OwedJob) -> MailSettled:
        """See :class:`convokit.runtime.jobs.JobPerformer`."""
        return self._settled(owed, Unsure(why="the hand-over was interrupted"))

    def _settled(
        self,
        owed: OwedJob,
        outcome: Outcome,
        provider: str = OURSELVES,
        refusals: tuple[tuple[str, Refused | TryLater], ...] = (),
    ) -> MailSettled:
        mail = _mail_of(owed)
        return MailSettled(
            key=owed.key,
            tries=owed.tries,
            outcome=outcome,
            refusals=refusals,
            provider=provider,
            at_us=self._world.now_us(),
            conversation_id=mail.conversation_id,
            day=mail.day,
            entry_id=self._world.fresh_id("m"),
        )


def _mail_of(owed: OwedJob) -> SendMail:
    if not isinstance(owed.job, SendMail):
        raise TypeError(f"not a mail: {type(owed.job).__name__}")
    return owed.job


def outcome_reason(outcome: Outcome) -> str:
    """The category of a refusal."""
    return outcome.reason if isinstance(outcome, Refused) else "unknown"


def _refusals(told: MailOutcome, message: MailMessage) -> tuple[tuple[str, Refused | TryLater], ...]:
    """What the mailer says of recipients, as far as it is about recipients of this mail."""
    found: dict[str, Refused | TryLater] = {}
    for refusal in told.refusals if isinstance(told.refusals, tuple) else ():
        if isinstance(refusal, RecipientRefusal) and refusal.address in message.recipients:
            outcome = outcome_checked(refusal.outcome)
            if isinstance(outcome, (Refused, TryLater)):
                found[refusal.address] = outcome
    return tuple(found.items())
