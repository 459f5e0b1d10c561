"""The mailer contract, on a real server with STARTTLS and a login."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from convokit_mail_smtp import SmtpMailer, SmtpSettings, convokit_mailers
from mail_servers import PASSWORD, USER, Certificates, Handler, Server

from convokit.ports.mail import MailerOffer
from convokit.testing import MailerContract, PluginContract
from convokit.testing.mailer_contract import Delivered

GOOD = {"smtp": {"host": "127.0.0.1", "security": "none"}}


class SmtpRig:
    def __init__(self, certificates: Certificates) -> None:
        self.handler = Handler()
        self.server = Server(
            self.handler,
            tls_context=certificates.server,
            require_starttls=True,
            auth_required=True,
            authenticator=self.handler.authenticate,
        )
        self.mailer = SmtpMailer(
            SmtpSettings(
                host="127.0.0.1",
                port=self.server.port,
                username=USER,
                password=PASSWORD,
                ca_file=certificates.ca_file,
                timeout=10,
            )
        )

    def delivered(self) -> Sequence[Delivered]:
        return self.handler.delivered

    def refuse(self, recipient: str, *, later: bool) -> None:
        self.handler.refused[recipient] = "451 4.7.1 Greylisted, come back" if later else "550 5.1.1 No such user"

    def refuse_contents(self, *, later: bool) -> None:
        self.handler.contents = "452 4.3.1 Disk full" if later else "554 5.7.1 This is spam"

    def refuse_login(self) -> None:
        self.handler.login = False

    def refuse_nothing(self) -> None:
        self.handler.refused.clear()
        self.handler.contents = None
        self.handler.login = True

    def lose_answers(self) -> None:
        self.handler.hangs_up = True

    def stop(self) -> None:
        self.server.close()

    def close(self) -> None:
        self.server.close()


class TestSmtp(MailerContract):
    secrets = (PASSWORD,)

    @pytest.fixture(autouse=True)
    def with_certificates(self, certificates: Certificates) -> None:
        self.new_rig: Callable[[], SmtpRig] = functools.partial(SmtpRig, certificates)

    def make_rig(self, tmp_path: Path) -> SmtpRig:
        return self.new_rig()

    def make_offer(self) -> MailerOffer:
        (offer,) = convokit_mailers()
        return offer


def test_the_offer_builds_a_mailer() -> None:
    (offer,) = convokit_mailers()
    assert (offer.name, offer.settings) == ("smtp", SmtpSettings)
    settings = SmtpSettings(host="127.0.0.1", security="none")
    assert offer.build(settings) == SmtpMailer(settings)


class TestDistribution(PluginContract):
    distribution = "convokit-mail-smtp"
    settings = GOOD
