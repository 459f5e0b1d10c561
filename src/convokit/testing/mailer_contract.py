"""The contract of a mailer, as tests that its author runs.

Subclass and say how to make a rig: the mailer, and a service on this machine that can be told how to behave::

    class TestMine(MailerContract):
        secrets = ("the password that the rig uses",)

        def make_rig(self, tmp_path):
            return MyRig()
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import compat32, default
from email.utils import parseaddr
from pathlib import Path
from typing import ClassVar, Protocol

import attrs
import pytest
from attrs import evolve, frozen

from convokit.domain.instant import SECOND
from convokit.domain.reasons import REASONS
from convokit.outcomes import Accepted, Refused, TryLater, Unsure
from convokit.ports.mail import MailAttachment, Mailer, MailerOffer, MailOutcome
from convokit.testing.contract import Contract
from convokit.testing.mailer_values import BEN, INJECTED, KIM, MESSAGE, NO_ADDRESSES, TEXTS


@frozen(kw_only=True)
class Delivered:
    """A mail as its recipients see it. ``recipients`` are those of the envelope, whatever the headers say."""

    recipients: frozenset[str]
    headers: frozenset[str]
    message_id: str
    sent_at: int
    sender: str
    sender_name: str
    subject: str
    text: str
    html: str | None
    attachments: tuple[MailAttachment, ...]


class MailRig(Protocol):
    """A service under the control of the tests. Everything takes effect for the next mail."""

    @property
    def mailer(self) -> Mailer:
        """The mailer under test, set up for this service."""
        ...

    def delivered(self) -> Sequence[Delivered]:
        """Every mail that was taken, in order."""
        ...

    def refuse(self, recipient: str, *, later: bool) -> None:
        """Refuse mails to ``recipient``, for now or for good."""
        ...

    def refuse_contents(self, *, later: bool) -> None:
        """Refuse every mail for what it is, for now or for good."""
        ...

    def refuse_login(self) -> None:
        """Know the account no more."""
        ...

    def refuse_nothing(self) -> None:
        """End all refusals."""
        ...

    def lose_answers(self) -> None:
        """Take each mail, and hang up instead of saying so."""
        ...

    def stop(self) -> None:
        """Listen no more."""
        ...

    def close(self) -> None:
        """End everything. Called once."""
        ...


def read_mail(recipients: Sequence[str], data: bytes) -> Delivered:
    """The mail in ``data`` (RFC 5322), for rigs whose service gets it in this form."""
    mail = message_from_bytes(data, policy=default)
    assert isinstance(mail, EmailMessage)
    assert b"\n" not in data.replace(b"\r\n", b""), "a line that does not end with CRLF"
    (sender,) = mail["From"].addresses
    # Not sender.display_name: that leaves the blank in which stands between two encoded words (RFC 2047, 6.2).
    name, _ = parseaddr(message_from_bytes(data, policy=compat32)["From"])
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    return Delivered(
        recipients=frozenset(recipients),
        headers=frozenset(name.lower() for name in mail.keys()),  # noqa: SIM118 - a message is no mapping
        message_id=mail["Message-ID"],
        sent_at=int(mail["Date"].datetime.timestamp()) * SECOND,
        sender=sender.addr_spec,
        sender_name=str(make_header(decode_header(name))),
        subject=mail["Subject"],
        text=plain.get_content(),
        html=None if html is None else html.get_content(),
        attachments=tuple(_attachment(part) for part in mail.iter_attachments()),
    )


def _attachment(part: EmailMessage) -> MailAttachment:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return MailAttachment(name=part.get_filename() or "", content_type=part.get_content_type(), content=content)


class MailerContract(Contract):
    """Every promise of :class:`convokit.ports.mail.Mailer`. Tests may be added, none replaced."""

    secrets: ClassVar[tuple[str, ...]] = ()
    """What must not show: the password or key that the rig gives to the mailer."""

    def make_rig(self, tmp_path: Path) -> MailRig:
        """A new service that has taken nothing, and a mailer for it."""
        raise NotImplementedError(
            "fill in make_rig: return a mail server of this machine, with what it can be made to do"
        )

    def make_offer(self) -> MailerOffer:
        """What the plugin offers."""
        raise NotImplementedError("fill in make_offer: return what the plugin offers")

    @pytest.fixture
    def rig(self, tmp_path: Path) -> Iterator[MailRig]:
        """The rig under test."""
        rig = self.make_rig(tmp_path)
        yield rig
        rig.close()

    def test_the_offer_is_a_recipe_with_frozen_settings(self) -> None:
        offer = self.make_offer()
        assert offer.name
        assert offer.api == 1
        assert attrs.has(offer.settings)
        assert "__setattr__" in vars(offer.settings), "the settings are not frozen"

    def test_a_mail_arrives_whole_and_once(self, rig: MailRig) -> None:
        outcome = rig.mailer.send(MESSAGE)
        (mail,) = rig.delivered()
        assert outcome == MailOutcome(outcome=Accepted(provider_id=mail.message_id))
        assert mail.recipients == frozenset(MESSAGE.recipients)
        assert (mail.sender, mail.sender_name, mail.subject) == (MESSAGE.sender, MESSAGE.sender_name, MESSAGE.subject)
        assert _lines(mail.text) == _lines(MESSAGE.text)
        assert mail.html is not None
        assert _lines(mail.html) == _lines(MESSAGE.html or "")
        assert mail.attachments == MESSAGE.attachments
        assert mail.sent_at == MESSAGE.sent_at // SECOND * SECOND

    @pytest.mark.parametrize("text", TEXTS)
    def test_any_text_arrives_as_it_was_written(self, rig: MailRig, text: str) -> None:
        assert isinstance(rig.mailer.send(evolve(MESSAGE, text=text, html=None)).outcome, Accepted)
        (mail,) = rig.delivered()
        assert _lines(mail.text) == _lines(text)
        assert mail.html is None

    def test_a_repeat_is_the_same_mail_and_another_is_another(self, rig: MailRig) -> None:
        for message in (MESSAGE, MESSAGE, evolve(MESSAGE, id="another"), evolve(MESSAGE, recipients=(KIM,))):
            rig.mailer.send(message)
        first, again, other, fewer = (mail.message_id for mail in rig.delivered())
        assert first == again == fewer != other

    def test_a_recipient_named_twice_gets_one_mail(self, rig: MailRig) -> None:
        rig.mailer.send(evolve(MESSAGE, recipients=(KIM, KIM)))
        assert [mail.recipients for mail in rig.delivered()] == [frozenset({KIM})]

    def test_refused_for_good(self, rig: MailRig) -> None:
        rig.refuse(KIM, later=False)
        result = rig.mailer.send(evolve(MESSAGE, recipients=(KIM,)))
        assert isinstance(result.outcome, Refused)
        assert result.outcome.reason in REASONS
        assert [(refusal.address, type(refusal.outcome)) for refusal in result.refusals] == [(KIM, Refused)]
        assert not rig.delivered()

    def test_refused_for_now_then_taken(self, rig: MailRig) -> None:
        rig.refuse(KIM, later=True)
        result = rig.mailer.send(evolve(MESSAGE, recipients=(KIM,)))
        assert isinstance(result.outcome, TryLater)
        assert not rig.delivered()
        rig.refuse_nothing()
        assert isinstance(rig.mailer.send(evolve(MESSAGE, recipients=(KIM,))).outcome, Accepted)

    @pytest.mark.parametrize("later", [False, True])
    def test_refused_for_one_of_two(self, rig: MailRig, later: bool) -> None:
        rig.refuse(BEN, later=later)
        result = rig.mailer.send(evolve(MESSAGE, recipients=(KIM, BEN)))
        assert isinstance(result.outcome, Accepted)
        assert [(r.address, isinstance(r.outcome, TryLater)) for r in result.refusals] == [(BEN, later)]
        assert [mail.recipients for mail in rig.delivered()] == [frozenset({KIM})]

    def test_refused_for_all_but_for_one_only_for_now(self, rig: MailRig) -> None:
        rig.refuse(KIM, later=False)
        rig.refuse(BEN, later=True)
        result = rig.mailer.send(evolve(MESSAGE, recipients=(KIM, BEN)))
        assert isinstance(result.outcome, TryLater)
        assert {r.address: type(r.outcome) for r in result.refusals} == {KIM: Refused, BEN: TryLater}
        assert not rig.delivered()

    @pytest.mark.parametrize("later", [False, True])
    def test_refused_for_its_contents(self, rig: MailRig, later: bool) -> None:
        rig.refuse_contents(later=later)
        result = rig.mailer.send(MESSAGE)
        assert isinstance(result.outcome, TryLater if later else Refused)
        assert not result.refusals
        assert not rig.delivered()

    def test_a_wrong_login_is_the_accounts_problem(self, rig: MailRig) -> None:
        rig.refuse_login()
        result = rig.mailer.send(MESSAGE)
        assert isinstance(result.outcome, Refused)
        assert result.outcome.reason == "account_problem"
        assert not any(secret in repr((rig.mailer, result)) for secret in self.secrets)
        assert not rig.delivered()

    def test_nobody_listening_is_for_later(self, rig: MailRig) -> None:
        rig.stop()
        assert isinstance(rig.mailer.send(MESSAGE).outcome, TryLater)

    def test_p03_a_lost_answer_is_unsure(self, rig: MailRig) -> None:
        rig.lose_answers()
        assert isinstance(rig.mailer.send(MESSAGE).outcome, Unsure)

    @pytest.mark.parametrize("hostile", INJECTED)
    def test_case_66_no_text_becomes_a_header_or_a_recipient(self, rig: MailRig, hostile: str) -> None:
        rig.mailer.send(MESSAGE)
        attachment = evolve(MESSAGE.attachments[0], name=hostile, content_type=hostile)
        rig.mailer.send(evolve(MESSAGE, id=hostile, subject=hostile, sender_name=hostile, attachments=(attachment,)))
        usual, mail = rig.delivered()
        assert mail.headers == usual.headers
        assert mail.recipients == usual.recipients
        assert mail.sender == MESSAGE.sender
        (kept,) = mail.attachments
        assert kept.content == attachment.content
        assert len(kept.name.splitlines()) == 1
        assert _lines(mail.text) == _lines(MESSAGE.text)

    @pytest.mark.parametrize("wrong", NO_ADDRESSES)
    def test_e31_what_is_no_address_gets_no_mail(self, rig: MailRig, wrong: str) -> None:
        result = rig.mailer.send(evolve(MESSAGE, recipients=(wrong, KIM)))
        assert isinstance(result.outcome, Accepted)
        assert [(r.address, type(r.outcome)) for r in result.refusals] == [(wrong, Refused)]
        for message in (evolve(MESSAGE, sender=wrong), evolve(MESSAGE, recipients=(wrong,))):
            assert isinstance(rig.mailer.send(message).outcome, Refused)
        assert [mail.recipients for mail in rig.delivered()] == [frozenset({KIM})]

    def test_nobody_to_send_it_to(self, rig: MailRig) -> None:
        assert isinstance(rig.mailer.send(evolve(MESSAGE, recipients=())).outcome, Refused)


def _lines(text: str) -> list[str]:
    """Mail knows lines only: how they ended, and whether the last one did, is lost."""
    return text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
