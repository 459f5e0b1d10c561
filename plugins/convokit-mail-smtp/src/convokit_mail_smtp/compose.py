"""From a mail as a value to the bytes and the envelope that SMTP wants.

Nothing that a person typed can become a header, a recipient or the end of the mail: addresses are checked one by one,
and what goes into a header is brought onto one line first. The headers are written here rather than by
``email.message``: several releases of it decode an encoded word in a header's text and write the line break that is
hidden in it, and lose blanks between encoded words. The bodies are its work.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, quote
from typing import Final

import idna
from attrs import frozen

from convokit.domain.instant import to_datetime
from convokit.domain.mail_address import MailAddress, parse_mail_address
from convokit.errors import InvalidInput
from convokit.outcomes import Refused, TryLater
from convokit.ports.mail import MailAttachment, MailMessage, RecipientRefusal

NAME_LIMIT: Final = 200
"""Most characters of a name in a header. A longer one might not fit the 998 of a line (RFC 5322, 2.1.1)."""

# Seven bits throughout the body, so that no server must offer 8BITMIME.
_POLICY: Final[EmailPolicy[EmailMessage]] = SMTP.clone(cte_type="7bit")
_CONTENT_TYPE: Final = re.compile(
    r"(application|audio|font|image|text|video)/([A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126})\Z"
)
_ENCODING: Final = "quoted-printable"
_ENCODED_WORD: Final = "=?"
_LONGEST_WORD: Final = 60
"""Characters that stand in a header as they are without a blank between them."""


@frozen(kw_only=True)
class Written:
    """A mail ready for SMTP.

    ``recipients``: pairs of the address as in :attr:`MailMessage.recipients` and as it goes into the envelope.
    ``refusals``: those that are no addresses. ``utf8``: SMTPUTF8 (RFC 6531) is needed.
    """

    sender: str
    recipients: tuple[tuple[str, str], ...]
    refusals: tuple[RecipientRefusal, ...]
    message_id: str
    hello_name: str
    data: bytes
    utf8: bool


def write_mail(message: MailMessage) -> Written | Refused:
    """Write ``message``; refused when the sender is no address or nobody is left to send it to."""
    sender = _address(message.sender)
    if isinstance(sender, Refused):
        return Refused(reason="sender_invalid", raw=sender.raw)
    found = {given: _address(given) for given in message.recipients}
    good = {given: address for given, address in found.items() if isinstance(address, MailAddress)}
    refusals = [RecipientRefusal(address=g, outcome=a) for g, a in found.items() if isinstance(a, Refused)]
    everybody = (sender, *good.values())
    utf8 = not all(address.local_part.isascii() for address in everybody)
    message_id = message_id_of(message, sender)
    return Written(
        sender=str(sender),
        recipients=tuple((given, str(address)) for given, address in good.items()),
        refusals=tuple(refusals),
        message_id=message_id,
        hello_name=sender.domain,
        data=_bytes(message, message_id, sender, tuple(good.values())),
        utf8=utf8,
    )


def message_id_of(message: MailMessage, sender: MailAddress) -> str:
    """The ``Message-ID``: the same for the same id and sender, and telling neither id nor host (RFC 5322, 3.6.4)."""
    digest = hashlib.sha256(f"{sender}\n{message.id}".encode("utf-8", "replace")).hexdigest()
    return f"<{digest[:32]}@{sender.domain}>"


def everybody_refused(refusals: tuple[RecipientRefusal, ...]) -> Refused | TryLater:
    """What the refusals of all recipients mean for the mail."""
    outcomes = [refusal.outcome for refusal in refusals]
    later = (outcome for outcome in outcomes if isinstance(outcome, TryLater))
    return next(later, outcomes[0]) if outcomes else Refused(reason="invalid_number", raw="no recipient")


def _address(given: str) -> MailAddress | Refused:
    """The address with its domain as the DNS has it (``xn--``)."""
    try:
        found = parse_mail_address(given)
        if found.domain.isascii():
            return found
        return MailAddress(local_part=found.local_part, domain=idna.encode(found.domain.lower()).decode("ascii"))
    except InvalidInput as error:
        return Refused(reason="invalid_number", raw=error.code)
    except idna.IDNAError:
        return Refused(reason="invalid_number", raw="not a domain name (IDNA 2008)")


def _bytes(message: MailMessage, message_id: str, sender: MailAddress, recipients: tuple[MailAddress, ...]) -> bytes:
    headers = {
        "Date": format_datetime(to_datetime(message.sent_at)),
        "From": _mailbox(message.sender_name, sender),
        "To": ",\r\n ".join(str(address) for address in recipients),
        "Message-ID": message_id,
        "Subject": _words(_one_line(message.subject), "Subject"),
        "Auto-Submitted": "auto-generated",  # keeps vacation answers away: RFC 3834, 5
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return head.encode("utf-8") + _body(message)


def _mailbox(name: str, address: MailAddress) -> str:
    shown = _one_line(name)[:NAME_LIMIT]
    if not shown:
        return str(address)
    return f'"{quote(shown)}" <{address}>' if _is_plain(shown) else f"{_words(shown, 'From')} <{address}>"


def _words(text: str, header: str) -> str:
    """``text`` as the value of a header, folded; as encoded words (RFC 2047) where it needs them."""
    charset = "us-ascii" if _is_plain(text) else "utf-8"
    return Header(text, charset, header_name=header).encode(linesep="\r\n")


def _is_plain(text: str) -> bool:
    short = all(len(word) < _LONGEST_WORD for word in text.split(" "))
    return text.isascii() and short and _ENCODED_WORD not in text


def _body(message: MailMessage) -> bytes:
    mail = EmailMessage(policy=_POLICY)
    mail.set_content(_storable(message.text), cte=_ENCODING)
    if message.html is not None:
        mail.add_alternative(_storable(message.html), subtype="html", cte=_ENCODING)
    for attachment in message.attachments:
        _attach(mail, attachment)
    return mail.as_bytes()


def _attach(mail: EmailMessage, attachment: MailAttachment) -> None:
    kind = _CONTENT_TYPE.match(attachment.content_type)
    maintype, subtype = (kind[1], kind[2]) if kind else ("application", "octet-stream")
    # The end of a long name is what says how to open it.
    name = re.sub(r'[/\\:"]', "_", _one_line(attachment.name)).replace(_ENCODED_WORD, "= ?")[-NAME_LIMIT:]
    mail.add_attachment(attachment.content, maintype=maintype, subtype=subtype, filename=name or "attachment")


def _one_line(text: str) -> str:
    """``text`` without line breaks, controls and blanks beside blanks."""
    visible = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in _storable(text))
    return " ".join(visible.split())


def _storable(text: str) -> str:
    """``text`` with ``?`` for halves of surrogate pairs, which no encoding can write."""
    return text.encode("utf-8", "replace").decode("utf-8")
