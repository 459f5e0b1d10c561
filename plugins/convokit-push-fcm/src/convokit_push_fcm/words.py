"""What Firebase Cloud Messaging says, as tables. Everything that is not listed here stays raw and is ``unknown``."""

from __future__ import annotations

from typing import Final

GONE: Final = frozenset({"UNREGISTERED", "SENDER_ID_MISMATCH"})
"""Nobody is reached under the token: the app was removed, or it registered with another project."""

NO_TOKEN: Final = "INVALID_ARGUMENT"  # noqa: S105 - a word of the API
"""The token is none, or the message cannot be read: both have this code, and the details tell which."""

REASONS: Final[dict[str, str]] = {
    "THIRD_PARTY_AUTH_ERROR": "account_problem",
    "PERMISSION_DENIED": "account_problem",
    "NOT_FOUND": "account_problem",
    NO_TOKEN: "content_rejected",
}
"""Reasons by the error's code. The first: the project's own credentials for Apple or for browsers are missing or wrong.
The next two: the service account may not push, or there is no such project."""

LATER: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""The service cannot do it now (``QUOTA_EXCEEDED``, ``INTERNAL``, ``UNAVAILABLE``). A push that comes twice does no
harm, so a 5xx is tried again."""

STATUSES: Final[dict[int, str]] = {403: "account_problem", 404: "account_problem", 413: "content_rejected"}
"""Reasons by the status of an answer that names no code that we know."""
