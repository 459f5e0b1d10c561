"""The mailer contract itself: a good mailer passes it, and every kind of bad one is found out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from attrs import evolve, frozen

from convokit.domain.instant import SECOND
from convokit.domain.mail_address import parse_mail_address
from convokit.errors import InvalidInput
from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.ports.mail import MailerOffer, MailMessage, MailOutcome, RecipientRefusal
from convokit.testing import MailerContract
from convokit.testing.mailer_contract import Delivered
from convokit.testing.mailer_values import BEN, INJECTED, KIM, MESSAGE, NO_ADDRESSES, TEXTS


@frozen
class BoxSettings:
    pass


class PostBox:
    """A mailer and its service in one: it keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[Delivered] = []
        self.refused: dict[str, Refused | TryLater] = {}
        self.whole: Outcome | None = None

    @property
    def mailer(self) -> PostBox:
        return self

    def send(self, message: MailMessage) -> MailOutcome:
        if not _is_address(message.sender):
            return MailOutcome(outcome=Refused(reason="sender_invalid"))
        bad = Refused(reason="invalid_number")
        refusals = {to: self.refused.get(to) or bad for to in message.recipients if not self.takes(to)}
        told = tuple(RecipientRefusal(address=to, outcome=outcome) for to, outcome in refusals.items())
        good = frozenset(message.recipients) - refusals.keys()
        if not good:
            later = [outcome for outcome in refusals.values() if isinstance(outcome, TryLater)]
            return MailOutcome(outcome=later[0] if later else bad, refusals=told)
        if self.whole is not None:
            return MailOutcome(outcome=self.whole, refusals=told)
        self.mails.append(self.kept(message, good))
        return MailOutcome(outcome=Accepted(provider_id=self.mails[-1].message_id), refusals=told)

    def takes(self, recipient: str) -> bool:
        return _is_address(recipient) and recipient not in self.refused

    def kept(self, message: MailMessage, recipients: frozenset[str]) -> Delivered:
        return Delivered(
            recipients=recipients,
            headers=frozenset({"subject"}),
            message_id=f"{message.id}@{message.sender}",
            sent_at=message.sent_at // SECOND * SECOND,
            sender=message.sender,
            sender_name=message.sender_name,
            subject=message.subject,
            text=message.text,
            html=message.html,
            attachments=tuple(evolve(file, name=" ".join(file.name.split())) for file in message.attachments),
        )

    def delivered(self) -> Sequence[Delivered]:
        return self.mails

    def refuse(self, recipient: str, *, later: bool) -> None:
        self.refused[recipient] = TryLater() if later else Refused(reason="invalid_number")

    def refuse_contents(self, *, later: bool) -> None:
        self.whole = TryLater() if later else Refused(reason="carrier_filtered")

    def refuse_login(self) -> None:
        self.whole = Refused(reason="account_problem")

    def refuse_nothing(self) -> None:
        self.refused.clear()
        self.whole = None

    def lose_answers(self) -> None:
        self.whole = Unsure(why="lost")

    def stop(self) -> None:
        self.whole = TryLater()

    def close(self) -> None:
        self.mails.clear()


def _is_address(text: str) -> bool:
    try:
        parse_mail_address(text)
    except InvalidInput:
        return False
    return True


class BoxContract(MailerContract):
    make_rig = staticmethod(lambda tmp_path: PostBox())

    def make_offer(self) -> MailerOffer:
        return MailerOffer(name="box", settings=BoxSettings, build=lambda settings: PostBox())


class TestPostBox(BoxContract):
    """A mailer that does everything right."""


# --- broken ones ------------------------------------------------------------------------------------------------------


class Trusting(PostBox):
    """Sends to whatever it is given."""

    def takes(self, recipient: str) -> bool:
        return recipient not in self.refused


class Silent(PostBox):
    """Does not tell who was refused."""

    def send(self, message: MailMessage) -> MailOutcome:
        return evolve(super().send(message), refusals=())


class Hopeful(PostBox):
    """Takes whatever happens for success."""

    def send(self, message: MailMessage) -> MailOutcome:
        return evolve(super().send(message), outcome=Accepted())


class Fearful(PostBox):
    """Tries everything again."""

    def send(self, message: MailMessage) -> MailOutcome:
        return evolve(super().send(message), outcome=TryLater())


class Double(PostBox):
    """Sends one mail per name in the list, repeated or not."""

    def send(self, message: MailMessage) -> MailOutcome:
        for recipient in message.recipients:
            outcome = super().send(evolve(message, recipients=(recipient,)))
        return outcome


class Counting(PostBox):
    """Gives every attempt another Message-ID."""

    def kept(self, message: MailMessage, recipients: frozenset[str]) -> Delivered:
        return evolve(super().kept(message, recipients), message_id=f"{len(self.mails)}@box")


class Trimming(PostBox):
    """Knows better than who wrote the text."""

    def kept(self, message: MailMessage, recipients: frozenset[str]) -> Delivered:
        return evolve(super().kept(message, recipients), text=re.sub(r"\s+", " ", message.text))


class Injectable(PostBox):
    """Pastes the subject into the head."""

    def kept(self, message: MailMessage, recipients: frozenset[str]) -> Delivered:
        found = super().kept(message, recipients)
        names = {line.partition(":")[0].lower() for line in f"Subject: {message.subject}".splitlines()}
        return evolve(found, headers=frozenset(names))


class Chatty(PostBox):
    """Shows its password."""

    def __repr__(self) -> str:
        return "Chatty(password='hunter2')"


@pytest.mark.parametrize(
    ("broken", "name", "values"),
    [
        (Trusting, "test_e31_what_is_no_address_gets_no_mail", (NO_ADDRESSES[2],)),
        (Silent, "test_refused_for_good", ()),
        (Silent, "test_refused_for_one_of_two", (True,)),
        (Silent, "test_refused_for_all_but_for_one_only_for_now", ()),
        (Hopeful, "test_refused_for_good", ()),
        (Hopeful, "test_refused_for_now_then_taken", ()),
        (Hopeful, "test_refused_for_its_contents", (False,)),
        (Hopeful, "test_a_wrong_login_is_the_accounts_problem", ()),
        (Hopeful, "test_nobody_listening_is_for_later", ()),
        (Hopeful, "test_p03_a_lost_answer_is_unsure", ()),
        (Hopeful, "test_nobody_to_send_it_to", ()),
        (Fearful, "test_p03_a_lost_answer_is_unsure", ()),
        (Fearful, "test_any_text_arrives_as_it_was_written", (TEXTS[1],)),
        (Double, "test_a_mail_arrives_whole_and_once", ()),
        (Double, "test_a_recipient_named_twice_gets_one_mail", ()),
        (Counting, "test_a_repeat_is_the_same_mail_and_another_is_another", ()),
        (Trimming, "test_any_text_arrives_as_it_was_written", (TEXTS[2],)),
        (Injectable, "test_case_66_no_text_becomes_a_header_or_a_recipient", (INJECTED[0],)),
        (Chatty, "test_a_wrong_login_is_the_accounts_problem", ()),
    ],
)
def test_a_broken_mailer_is_found_out(broken: type[PostBox], name: str, values: tuple[object, ...]) -> None:
    class Kit(BoxContract):
        secrets = ("hunter2",)

    case = getattr(Kit(), name)
    case(PostBox(), *values)
    with pytest.raises((AssertionError, ValueError)):  # ValueError: another number of mails than was unpacked
        case(broken(), *values)


def test_an_offer_whose_settings_can_be_changed_is_found_out() -> None:
    class Loose(BoxContract):
        def make_offer(self) -> MailerOffer:
            return MailerOffer(name="loose", settings=Path, build=lambda settings: PostBox())

    with pytest.raises(AssertionError):
        Loose().test_the_offer_is_a_recipe_with_frozen_settings()


def test_no_test_of_the_contract_can_be_replaced() -> None:
    with pytest.raises(TypeError, match="test_refused_for_good"):
        type("Easy", (MailerContract,), {"test_refused_for_good": lambda self: None})


def test_a_subclass_must_say_what_is_tested(tmp_path: Path) -> None:
    for call in (lambda: MailerContract().make_rig(tmp_path), MailerContract().make_offer):
        with pytest.raises(NotImplementedError):
            call()


def test_the_people_of_the_contract_are_two() -> None:
    assert MESSAGE.recipients == (KIM, BEN)
