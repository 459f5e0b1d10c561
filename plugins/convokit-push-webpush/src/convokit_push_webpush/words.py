"""What push services say, as tables. Everything that is not listed here stays raw and is ``unknown``."""

from __future__ import annotations

from typing import Final

SERVICES: Final = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "*.push.services.mozilla.com",
    "web.push.apple.com",
    "*.push.apple.com",
    "*.notify.windows.com",
)
"""The push services of the browsers in use: Chrome and its relatives, Firefox, Safari, Edge."""

TAKEN: Final = frozenset({201, 202})
"""The push is stored, and shown when the browser is there (RFC 8030, 5)."""

GONE: Final = frozenset({404, 410})
"""The subscription is not there any more (RFC 8030, 7.3)."""

LATER: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""The service cannot do it now. A push that comes twice does no harm, so a 5xx is tried again."""

REASONS: Final[dict[int, str]] = {
    400: "account_problem",
    401: "account_problem",
    403: "account_problem",
    413: "content_rejected",
}
"""400, 401 and 403: the signature, its key or its claims (RFC 8292, 4.2); or the subscription was made with another
key. 413: too large for this service (RFC 8030, 7.2)."""

NAMES: Final = ("reason", "code", "errno", "error")
"""Fields of an answer in which a service names what is wrong; Apple and Mozilla have some."""
