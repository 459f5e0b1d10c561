"""Sending: every answer at every stage, and the connection breaking between any two."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import evolve
from convokit_mail_smtp import SmtpMailer, SmtpSettings
from mail_servers import DRIP, FLOOD, HANG_UP, PASSWORD, SILENCE, SLOWLY, USER, Certificates, Handler, Script, Server

from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.ports.mail import MailAttachment, MailMessage, MailOutcome, RecipientRefusal

KIM, BEN = "kim@happy-paws.example", "ben@happy-paws.example"
MESSAGE = MailMessage(
    id="mail_1.1", sender="desk@happy-paws.example", recipients=(KIM,), subject="Hello", text=".\nx\n", sent_at=0
)
LARGE = evolve(
    MESSAGE,
    attachments=(MailAttachment(name="x.bin", content_type="application/x-any", content=bytes(8_000_000)),),
)
Scripts = Callable[..., Script]
Servers = Callable[..., Server]


def settings(port: int, **more: object) -> SmtpSettings:
    return SmtpSettings(**{"host": "127.0.0.1", "port": port, "security": "none", "timeout": 10, **more})


def send(port: int, message: MailMessage = MESSAGE, **more: object) -> MailOutcome:
    return SmtpMailer(settings(port, **more)).send(message)


def kind(result: MailOutcome) -> tuple[type[Outcome], str | None]:
    return type(result.outcome), result.outcome.reason if isinstance(result.outcome, Refused) else None


LOGIN = {"username": USER, "password": PASSWORD}


# --- a whole exchange -------------------------------------------------------------------------------------------------


def test_what_is_said_to_a_server(script: Scripts) -> None:
    server = script()
    assert kind(send(server.port, **LOGIN)) == (Accepted, None)
    hello, auth, sender, recipient, data, goodbye = server.said
    assert (hello, recipient, data, goodbye) == ("EHLO happy-paws.example", f"RCPT TO:<{KIM}>", "DATA", "QUIT")
    assert auth.startswith("AUTH PLAIN ")
    size = len(server.contents.replace(b"\r\n..", b"\r\n."))
    assert sender == f"MAIL FROM:<desk@happy-paws.example> SIZE={size}"
    assert b"\r\n\r\n..\r\nx\r\n" in server.contents


def test_a_name_of_ones_own_and_a_server_without_extensions(script: Scripts) -> None:
    server = script(EHLO=b"502 what?\r\n", HELO=b"250 here\r\n", RCPT=b"251 user not local; will forward\r\n")
    assert kind(send(server.port, hello_name="desk.example")) == (Accepted, None)
    assert server.said[:3] == ["EHLO desk.example", "HELO desk.example", "MAIL FROM:<desk@happy-paws.example>"]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"GREETING": b"421 4.3.2 shutting down\r\n"}, (TryLater, None)),
        ({"GREETING": b"554 5.7.1 your address is blocked\r\n"}, (Refused, "account_problem")),
        ({"GREETING": b"SSH-2.0-OpenSSH\r\n"}, (TryLater, None)),
        ({"GREETING": b"x" * 9_000 + b"\r\n"}, (Refused, "account_problem")),
        ({"EHLO": b"550 bad name\r\n", "HELO": b"550 bad name\r\n"}, (Refused, "account_problem")),
        ({"EHLO": b"421 busy\r\n", "HELO": b"421 busy\r\n"}, (TryLater, None)),
        ({"AUTH": b"535 5.7.8 wrong\r\n"}, (Refused, "account_problem")),
        ({"AUTH": b"454 4.7.0 try again\r\n"}, (TryLater, None)),
        ({"EHLO": b"250 here\r\n"}, (Refused, "account_problem")),
        ({"EHLO": b"250-here\r\n250 AUTH GSSAPI\r\n"}, (Refused, "account_problem")),
        ({"EHLO": b"250-here\r\n250 AUTH CRAM-MD5\r\n", "AUTH": b"334 a\r\n"}, (Refused, "account_problem")),
        ({"MAIL": b"451 4.3.0 later\r\n"}, (TryLater, None)),
        ({"MAIL": b"552 5.3.4 too large\r\n"}, (Refused, "media_problem")),
        ({"MAIL": b"553 not your address\r\n"}, (Refused, "sender_invalid")),
        ({"MAIL": b"530 log in first\r\n"}, (Refused, "account_problem")),
        ({"RCPT": b"450 4.2.0 greylisted\r\n"}, (TryLater, None)),
        ({"RCPT": b"550 5.1.1 unknown\r\n"}, (Refused, "invalid_number")),
        ({"RCPT": b"554 5.7.1 Relay access denied\r\n"}, (Refused, "account_problem")),
        ({"DATA": b"451 4.3.0 later\r\n"}, (TryLater, None)),
        ({"DATA": b"554 5.5.1 no valid recipients\r\n"}, (Refused, "gateway_error")),
        ({"DATA": b"250 what?\r\n"}, (TryLater, None)),
        ({"END": b"421 4.3.2 shutting down\r\n"}, (TryLater, None)),
        ({"END": b"554 5.7.1 spam\r\n"}, (Refused, "carrier_filtered")),
        ({"END": b"354 go on\r\n"}, (Unsure, None)),
        ({"END": b"hello\r\n"}, (Unsure, None)),
        ({"END": b"x" * 9_000 + b"\r\n"}, (Unsure, None)),
        ({"QUIT": b"500 no\r\n"}, (Accepted, None)),
    ],
)
def test_every_answer_at_every_stage(
    script: Scripts, answers: dict[str, bytes], expected: tuple[type[Outcome], str | None]
) -> None:
    result = send(script(**answers).port, **LOGIN)
    assert kind(result) == expected
    assert PASSWORD not in repr(result)


@pytest.mark.parametrize("stage", ["GREETING", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"])
def test_a_server_that_hangs_up_before_the_mail_is_complete_has_not_taken_it(script: Scripts, stage: str) -> None:
    assert kind(send(script(**{stage: HANG_UP}).port, **LOGIN)) == (TryLater, None)


def test_a_server_that_hangs_up_within_the_mail_has_not_taken_it(script: Scripts) -> None:
    server = script(BODY=HANG_UP)
    assert kind(send(server.port, LARGE)) == (TryLater, None)
    assert "QUIT" not in server.said


def test_p03_a_server_that_hangs_up_after_the_mail_may_have_taken_it(script: Scripts) -> None:
    server = script(END=HANG_UP)
    assert kind(send(server.port)) == (Unsure, None)
    assert server.contents


def test_a_server_that_hangs_up_after_its_answer_has_taken_it(script: Scripts) -> None:
    assert kind(send(script(QUIT=HANG_UP).port)) == (Accepted, None)


# --- slow servers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["GREETING", "EHLO", "RCPT"])
def test_a_server_that_does_not_answer_in_time_is_given_up(script: Scripts, stage: str) -> None:
    assert kind(send(script(**{stage: SILENCE}).port, timeout=1)) == (TryLater, None)


def test_p03_a_server_that_does_not_answer_to_the_mail_in_time_may_have_taken_it(script: Scripts) -> None:
    assert kind(send(script(END=SILENCE).port, timeout=1, deadline=2)) == (Unsure, None)


@pytest.mark.parametrize(
    ("stage", "expected"), [("GREETING", TryLater), ("EHLO", TryLater), ("DATA", TryLater), ("END", Unsure)]
)
def test_an_answer_that_drips_is_given_up(script: Scripts, stage: str, expected: type[Outcome]) -> None:
    # Every byte comes in time. Without an end for the whole answer this would go on until the server closes.
    assert kind(send(script(**{stage: DRIP}).port, timeout=1, deadline=3)) == (expected, None)


def test_an_answer_without_an_end_is_given_up(script: Scripts) -> None:
    assert kind(send(script(EHLO=FLOOD).port, timeout=1)) == (TryLater, None)


def test_a_server_that_is_slow_in_little_steps_is_stopped_before_the_mail(script: Scripts) -> None:
    server = script()
    # Nothing is left for the answer to the mail once the time for one answer is all there is.
    assert kind(send(server.port, timeout=1, deadline=1)) == (TryLater, None)
    assert "DATA" not in server.said


def test_a_deadline_that_ends_within_the_mail_ends_the_connection(script: Scripts) -> None:
    server = script(BODY=SLOWLY)
    assert kind(send(server.port, LARGE, timeout=1, deadline=2)) == (TryLater, None)
    server.close()
    assert server.said[-1] == "DATA"


# --- several recipients -----------------------------------------------------------------------------------------------


def test_refused_recipients_are_told_and_the_others_get_it(serve: Servers) -> None:
    handler = Handler(refused={BEN: "550 5.2.1 mailbox disabled"})
    result = send(serve(handler).port, evolve(MESSAGE, recipients=(BEN, KIM, "nonsense")))
    assert isinstance(result.outcome, Accepted)
    assert result.refusals == (
        RecipientRefusal(address="nonsense", outcome=Refused(reason="invalid_number", raw="email.domain")),
        RecipientRefusal(address=BEN, outcome=Refused(reason="number_inactive", raw="550 5.2.1 mailbox disabled")),
    )
    assert handler.delivered[0].recipients == {KIM}
    assert result.outcome.provider_id == handler.delivered[0].message_id


def test_refusals_are_told_even_when_the_mail_itself_fails(serve: Servers) -> None:
    handler = Handler(refused={BEN: "450 later"}, contents="554 5.6.0 broken")
    result = send(serve(handler).port, evolve(MESSAGE, recipients=(KIM, BEN)))
    assert kind(result) == (Refused, "content_rejected")
    assert [refusal.address for refusal in result.refusals] == [BEN]


def test_too_many_recipients_are_for_later(script: Scripts) -> None:
    assert kind(send(script(RCPT=b"552 too many recipients\r\n").port)) == (TryLater, None)


# --- encryption -------------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # the server does not see implicit TLS
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_encrypted_and_logged_in(serve: Servers, certificates: Certificates, security: str) -> None:
    handler = Handler()
    how = {"tls_context": certificates.server, "require_starttls": True, "auth_required": True}
    if security == "tls":
        how = {"ssl_context": certificates.server, "auth_required": True, "auth_require_tls": False}
    server = serve(handler, authenticator=handler.authenticate, **how)
    result = send(server.port, security=security, ca_file=certificates.ca_file, **LOGIN)
    assert kind(result) == (Accepted, None)
    assert handler.sessions[0].ssl is not None or security == "tls"
    wrong = send(server.port, security=security, ca_file=certificates.ca_file, username=USER, password="wrong")
    assert kind(wrong) == (Refused, "account_problem")
    assert len(handler.delivered) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_certificate_that_does_not_fit_gets_neither_password_nor_mail(
    serve: Servers, certificates: Certificates, security: str, host: str
) -> None:
    handler = Handler()
    kind_of = "ssl_context" if security == "tls" else "tls_context"
    server = serve(handler, **{kind_of: certificates.server})
    # By address the authority is a stranger; by name it is known, but the certificate carries the address only.
    trusted = certificates.other_ca_file if host == "127.0.0.1" else certificates.ca_file
    result = send(server.port, host=host, security=security, ca_file=trusted, **LOGIN)
    assert isinstance(result.outcome, TryLater)
    assert "CertificateVerif" in result.outcome.raw or "SSLCertVerificationError" in result.outcome.raw
    assert not handler.sessions


def test_the_authorities_of_the_system_do_not_know_ours(serve: Servers, certificates: Certificates) -> None:
    server = serve(Handler(), tls_context=certificates.server)
    assert kind(send(server.port, security="starttls")) == (TryLater, None)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, (Refused, "account_problem")),
        ({"EHLO": b"250-here\r\n250 STARTTLS\r\n", "STARTTLS": b"454 4.7.0 not now\r\n"}, (TryLater, None)),
        ({"EHLO": b"250-here\r\n250 STARTTLS\r\n", "STARTTLS": HANG_UP}, (TryLater, None)),
        ({"EHLO": b"250-here\r\n250 STARTTLS\r\n", "STARTTLS": b"220 no TLS follows\r\n"}, (TryLater, None)),
    ],
)
def test_without_encryption_nothing_more_is_said(
    script: Scripts, answers: dict[str, bytes], expected: tuple[type[Outcome], str | None]
) -> None:
    server = script(**answers)
    assert kind(send(server.port, security="starttls", timeout=1, **LOGIN)) == expected
    server.close()
    assert not any(line.startswith(("AUTH", "MAIL")) for line in server.said)


# --- beyond ASCII -----------------------------------------------------------------------------------------------------


def test_an_international_domain_goes_as_the_dns_has_it(serve: Servers) -> None:
    handler = Handler()
    message = evolve(MESSAGE, sender="desk@tierärzte.example", recipients=("ana@Bücher.example",))
    assert kind(send(serve(handler).port, message)) == (Accepted, None)
    (mail,) = handler.delivered
    assert mail.recipients == {"ana@xn--bcher-kva.example"}
    assert mail.sender == "desk@xn--tierrzte-3za.example"
    assert mail.message_id.endswith("@xn--tierrzte-3za.example>")
    assert handler.raw[0].isascii()


def test_a_name_beyond_ascii_goes_to_servers_that_take_it(serve: Servers) -> None:
    handler = Handler()
    message = evolve(MESSAGE, recipients=("josé@happy-paws.example",))
    assert kind(send(serve(handler, enable_SMTPUTF8=True).port, message)) == (Accepted, None)
    assert handler.delivered[0].recipients == {"josé@happy-paws.example"}
    assert "SMTPUTF8" in handler.mail_options[0]
    assert "To: josé@happy-paws.example\r\n".encode() in handler.raw[0]
    assert kind(send(serve(Handler(), enable_SMTPUTF8=False).port, message)) == (Refused, "invalid_number")
