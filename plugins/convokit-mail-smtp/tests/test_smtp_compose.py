"""Writing: what stands in the bytes, whatever was typed."""

from __future__ import annotations

import pytest
from attrs import evolve
from convokit_mail_smtp.compose import NAME_LIMIT, Written, write_mail
from hypothesis import example, given
from hypothesis import strategies as st

from convokit.outcomes import Refused
from convokit.ports.mail import MailAttachment, MailMessage
from convokit.testing.mailer_contract import Delivered, read_mail

MESSAGE = MailMessage(
    id="mail_1.1",
    sender="desk@happy-paws.example",
    recipients=("kim@happy-paws.example",),
    subject="Hello",
    text="Hi",
    sent_at=1_767_225_599_999_999,
)
HEADERS = {
    "auto-submitted",
    "content-transfer-encoding",
    "content-type",
    "date",
    "from",
    "message-id",
    "mime-version",
    "subject",
    "to",
}


def written(message: MailMessage) -> Written:
    found = write_mail(message)
    assert isinstance(found, Written)
    return found


def read(message: MailMessage) -> Delivered:
    return read_mail((), written(message).data)


def test_the_headers_of_a_mail() -> None:
    lines = written(MESSAGE).data.split(b"\r\n")
    for line in (
        b"Date: Wed, 31 Dec 2025 23:59:59 +0000",
        b"From: desk@happy-paws.example",
        b"To: kim@happy-paws.example",
        b"Auto-Submitted: auto-generated",
        b"Subject: Hello",
    ):
        assert line in lines


def test_the_same_mail_has_the_same_bytes_and_its_id_tells_nothing() -> None:
    assert written(MESSAGE) == written(MESSAGE)
    ids = {written(evolve(MESSAGE, id=i, sender=s)).message_id for i in "ab" for s in ("a@x.example", "b@x.example")}
    assert len(ids) == 4
    assert "mail_1" not in written(MESSAGE).message_id


@given(
    subject=st.text(max_size=300),
    name=st.text(max_size=300),
    text=st.text(max_size=500),
    file=st.text(max_size=300),
    kind=st.text(max_size=20),
    ident=st.text(max_size=40),
)
def test_e31_no_text_changes_the_shape_of_a_mail(
    subject: str, name: str, text: str, file: str, kind: str, ident: str
) -> None:
    attachment = MailAttachment(name=file, content_type=kind, content=text.encode("utf-8", "replace"))
    mail = evolve(MESSAGE, id=ident, subject=subject, sender_name=name, text=text, html=text, attachments=(attachment,))
    data = written(mail).data
    assert data.isascii()
    assert b"\x00" not in data
    assert all(len(line) <= 998 for line in data.split(b"\r\n"))
    found = read_mail((), data)
    assert found.headers == HEADERS - {"content-transfer-encoding"}
    assert found.sender == MESSAGE.sender
    assert found.attachments[0].content == attachment.content
    assert len(found.attachments) == 1


visible = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=60)


@given(st.lists(visible, max_size=8).map(" ".join))
@example("=?utf-8?q?a=0D=0ABcc:_eve@evil.example?=")
@example("0\U00010000 0\U00010000 00¡¡\U00010000 00¡¡\U00010000 00000000 ¡ ¡")
def test_a_subject_and_a_name_arrive_letter_for_letter(text: str) -> None:
    found = read(evolve(MESSAGE, subject=text, sender_name=text[:NAME_LIMIT].strip()))
    assert found.subject == text
    assert found.sender_name == text[:NAME_LIMIT].strip()


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("two\r\nlines", "two lines"),
        ("\ttabs\x0band\x00NUL ", "tabs and NUL"),
        ("=?utf-8?q?hi?=", "=?utf-8?q?hi?="),
        ("half \ud83d of a dog", "half ? of a dog"),
        ("\u2028", ""),
    ],
)
def test_what_is_changed_in_a_header(typed: str, shown: str) -> None:
    assert read(evolve(MESSAGE, subject=typed)).subject == shown


@pytest.mark.parametrize(
    ("name", "kind", "shown"),
    [
        ("bella.pdf", "application/pdf", ("bella.pdf", "application/pdf")),
        ("../../etc/passwd", "text/plain", (".._.._etc_passwd", "text/plain")),
        ("C:\\labs.pdf", "application/pdf", ("C__labs.pdf", "application/pdf")),
        ("", "image/svg+xml", ("attachment", "image/svg+xml")),
        ("Röntgen “links”.png", "image/png", ("Röntgen “links”.png", "image/png")),
        ("=?utf-8?q?a=0Ab?=", "image/png", ("= ?utf-8?q?a=0Ab?=", "image/png")),
        ("x" * 300 + ".pdf", "application/pdf", ("x" * (NAME_LIMIT - 4) + ".pdf", "application/pdf")),
        ('" "', "image/png", ("_ _", "image/png")),  # quotes: some releases of email read such a name as none
        ("mail.eml", "message/rfc822", ("mail.eml", "application/octet-stream")),
        ("x", "multipart/mixed; boundary=x", ("x", "application/octet-stream")),
        ("x", "nonsense", ("x", "application/octet-stream")),
    ],
)
def test_what_is_told_of_a_file(name: str, kind: str, shown: tuple[str, str]) -> None:
    (found,) = read(
        evolve(MESSAGE, attachments=(MailAttachment(name=name, content_type=kind, content=b"\r\n.\r\n\x00"),))
    ).attachments
    assert (found.name, found.content_type) == shown
    assert found.content == b"\r\n.\r\n\x00"


def test_a_domain_that_no_registry_gives_is_refused() -> None:
    found = written(evolve(MESSAGE, recipients=("a@xn--bcher-kva.example", "a@☃.example", "a@\u0640b.example")))
    assert [given for given, _ in found.recipients] == ["a@xn--bcher-kva.example"]
    assert [refusal.outcome.raw for refusal in found.refusals] == ["email.domain", "not a domain name (IDNA 2008)"]


def test_a_sender_that_is_no_address_is_the_senders_fault() -> None:
    assert write_mail(evolve(MESSAGE, sender="desk")) == Refused(reason="sender_invalid", raw="email.domain")


@given(st.lists(visible, min_size=1, max_size=6).map(" ".join))
def test_the_name_of_a_file_arrives_but_for_what_paths_and_headers_read_in_it(text: str) -> None:
    (found,) = read(
        evolve(MESSAGE, attachments=(MailAttachment(name=text, content_type="image/png", content=b""),))
    ).attachments
    shown = "".join("_" if c in '/\\:"' else c for c in text).replace("=?", "= ?")
    assert found.name == shown[-NAME_LIMIT:]
