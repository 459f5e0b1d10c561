"""What the mailer contract sends."""

from __future__ import annotations

from typing import Final

from convokit.ports.mail import MailAttachment, MailMessage

KIM: Final = "kim@happy-paws.example"
BEN: Final = "ben.o'hara+desk@happy-paws.example"

MESSAGE: Final = MailMessage(
    id="mail_7f3a.1",
    sender="desk@happy-paws.example",
    sender_name='Tierärzte "Happy Paws", Denver (CO)',
    recipients=(KIM, BEN),
    subject="Bella’s results — Ana Ruiz \U0001f436",
    text="Ana: Is she well?\n\nDr. Kim: She is fine. \U0001f436\n",
    html="<p>Ana: Is she well?</p>\n<p>Dr. Kim: She is <b>fine</b>. \U0001f436</p>\n",
    sent_at=1_767_225_599_000_000,
    attachments=(
        MailAttachment(
            name="Bella results.pdf", content_type="application/pdf", content=b"%PDF-1.7\n\x00\xff\r\r\n.\r\n"
        ),
        MailAttachment(name="Röntgen Bella.txt", content_type="text/plain", content="naïve\n.\n".encode()),
    ),
)

TEXTS: Final = (
    "",
    ".",
    "one\n.\ntwo\n..\n...three",
    "From the desk\nQUIT\nDATA\n",
    "a\rb\r\nc\nd",
    "tabs\tand blanks at the end  \n\t\n",
    "x" * 5_000,
    "=41 =?utf-8?q?not_encoded?= soft=\nbreak",
    "nul \x00 form feed \x0c next line \x85 separator \u2028 end",
    "ÅÄÖ… \U0001f468\u200d\U0001f469\u200d\U0001f467 שלום",
)
"""Texts of a mail that have been mangled on the way by somebody's program."""

INJECTED: Final = (
    "a\r\nBcc: eve@evil.example",
    "a\nBcc: eve@evil.example\n\nbody",
    "a\rBcc: eve@evil.example",
    "=?utf-8?q?a=0D=0ABcc:_eve@evil.example?=",
    "=\x00?utf-8?b?YQ0KQmNjOiBldmVAZXZpbC5leGFtcGxl?=",
    "a\u2028Bcc: eve@evil.example",
    'a" <eve@evil.example>, "b',
    "a\x00b\ud800",
    "application/pdf; name=x\r\nBcc: eve@evil.example",
)
"""Texts that want to be a header or a second recipient: CVE-2024-6923 and its relatives."""

NO_ADDRESSES: Final = (
    "",
    "kim",
    "kim@happy-paws.example\r\nRCPT TO:<eve@evil.example>",
    "kim@happy-paws.example\n",
    "kim@happy-paws.example, eve@evil.example",
    "kim@happy-paws.example> <eve@evil.example",
    "Kim <kim@happy-paws.example>",
    "kim@happy-paws.example(<eve@evil.example)",
    "=?utf-8?q?a=0Ab?=@happy-paws.example",
)
"""Texts that are not exactly one address: CVE-2023-27043 and its relatives."""
