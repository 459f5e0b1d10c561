"""Mail through an SMTP submission server."""

from __future__ import annotations

import ssl

from attrs import field, frozen

from convokit.plugins import hookimpl
from convokit.ports.mail import MailerOffer, MailMessage, MailOutcome
from convokit_mail_smtp.send import send_mail
from convokit_mail_smtp.settings import SmtpSettings

__all__ = ["SmtpMailer", "SmtpSettings", "convokit_mailers"]


@frozen
class SmtpMailer:
    """A :class:`~convokit.ports.mail.Mailer` that speaks to one SMTP server, with one connection per mail."""

    settings: SmtpSettings
    _tls: ssl.SSLContext = field(init=False, repr=False, eq=False)

    @_tls.default
    def _make_tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.settings.ca_file)

    def send(self, message: MailMessage) -> MailOutcome:
        """Hand one mail over. Blocks, at most ``settings.deadline`` seconds and little more."""
        return send_mail(self.settings, self._tls, message)


@hookimpl
def convokit_mailers() -> list[MailerOffer]:
    """Offer ``smtp``."""
    return [MailerOffer(name="smtp", settings=SmtpSettings, build=SmtpMailer)]
