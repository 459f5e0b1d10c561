"""The two URLs that Kannel calls: made here, recognised in :mod:`convokit_sms_kannel.webhook`."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from convokit_sms_kannel.settings import KannelSettings, basic_credentials

EVENT: Final = "event"
INBOUND: Final = "mo"
REPORT: Final = "dlr"
# Kannel replaces these when it calls: user guide, chapter "Setting up SMS services", list of escape codes.
_INBOUND_CODES: Final = "from=%p&to=%P&id=%I&smsc=%i&ts=%T&coding=%c&charset=%C"
_REPORT_CODES: Final = "type=%d&smsc=%i&ts=%T&fid=%F&reply=%A"
_URL_SAFE: Final = "%/:@!$&'()*+,;=~?"


def inbound_url(settings: KannelSettings, callback_url: str) -> str:
    """The ``post-url`` of the ``sms-service`` group, for the practice whose webhook URL is ``callback_url``."""
    return _kannel_url(settings, callback_url, f"{EVENT}={INBOUND}", _INBOUND_CODES)


def report_url(settings: KannelSettings, callback_url: str, attempt_id: str) -> str:
    """The ``dlr-url`` of one text: brings ``attempt_id`` back, because Kannel gives a text no id of its own."""
    return _kannel_url(settings, callback_url, f"{EVENT}={REPORT}&id={quote(attempt_id, safe='')}", _REPORT_CODES)


def _kannel_url(settings: KannelSettings, callback_url: str, ours: str, codes: str) -> str:
    parts = urlsplit(callback_url)
    credentials = basic_credentials(settings.webhook_user, settings.webhook_password.reveal())
    netloc = f"{credentials}@{parts.netloc.rpartition('@')[2]}"
    path = quote(parts.path, safe=_URL_SAFE) or "/"
    query = "&".join(part for part in (quote(parts.query, safe=_URL_SAFE), ours) if part)
    # Kannel takes "%C3" for its code %C followed by a 3; "%%" is its literal percent sign.
    literal = urlunsplit((parts.scheme, netloc, path, query, "")).replace("%", "%%")
    return f"{literal}&{codes}"
