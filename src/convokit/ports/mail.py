"""What a mail service must be able to do.

SMTP is not HTTP, so unlike a texting carrier a mailer is *blocking*: ``send`` does its own input and output and
returns when the matter is decided. convokit calls it from worker threads, never from an event loop.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from attrs import field, frozen

from convokit.outcomes import Outcome, Refused, TryLater


@frozen(kw_only=True)
class MailAttachment:
    """A file that goes along: ``name`` as the reader sees it, ``content_type`` (``"application/pdf"``), the bytes."""

    name: str
    content_type: str
    content: bytes = field(repr=False)


@frozen(kw_only=True)
class MailMessage:
    """One mail to hand over.

    Attributes:
        id: our own id of this mail. The mailer derives the ``Message-ID`` from it and from ``sender``, so a repeat is
            recognised as the same mail.
        sender: the practice's address. A plain address, like those of the recipients: no name, no ``<>``.
        recipients: everybody who gets it; all of them see each other.
        subject: any characters; the mailer puts them on one line.
        text: the mail as plain text, any characters; any kind of line end.
        sent_at: the ``Date``, microseconds since the epoch, UTC. A mailer looks at no clock for it.
        sender_name: name shown beside ``sender``; any characters.
        html: the same as HTML, for programs that show it.
        attachments: files that go along.
    """

    id: str
    sender: str
    recipients: tuple[str, ...]
    subject: str = field(repr=False)
    text: str = field(repr=False)
    sent_at: int
    sender_name: str = ""
    html: str | None = field(default=None, repr=False)
    attachments: tuple[MailAttachment, ...] = ()


@frozen(kw_only=True)
class RecipientRefusal:
    """One recipient to whom this mail did not go. ``address`` is written as in :attr:`MailMessage.recipients`."""

    address: str
    outcome: Refused | TryLater


@frozen(kw_only=True)
class MailOutcome:
    """How it went.

    ``outcome`` is about the mail as a whole:

    * ``Accepted``: taken for every recipient who is not in ``refusals``. ``provider_id`` is the ``Message-ID``.
    * ``Refused``: taken for nobody, now or later. Without ``refusals`` the recipients were not the cause.
    * ``TryLater``: certain that nobody got it. Trying again makes sense for all but those who are ``Refused`` in
      ``refusals``.
    * ``Unsure``: it may have been taken for those who are not in ``refusals``.

    With ``Accepted``, a recipient whose refusal is ``TryLater`` may be tried again alone: the same mail, with the
    same id and this recipient only.
    """

    outcome: Outcome
    refusals: tuple[RecipientRefusal, ...] = ()


class Mailer(Protocol):
    """A mail service, built for one practice and one set of settings. Several threads may use it at once."""

    def send(self, message: MailMessage) -> MailOutcome:
        """Hand one mail over. Blocks, for at most 100 seconds; must not raise for anything a service can do."""
        ...


@frozen(kw_only=True)
class MailerOffer:
    """What ``convokit_mailers`` returns: a recipe, not an instance.

    Attributes:
        name: how the host chooses it (``"smtp"``); unique over the mailers of all enabled plugins.
        settings: a frozen attrs class; the practice's mapping is checked against it when the mailer is chosen.
            Secrets in it are a :class:`~convokit.ports.secret.Secret`.
        build: makes the mailer from an instance of ``settings``. It opens no connection.
        api: the plugin interface version this was written for; this release speaks 1.
    """

    name: str
    settings: type[object]
    build: Callable[..., Mailer]
    api: int = 1
