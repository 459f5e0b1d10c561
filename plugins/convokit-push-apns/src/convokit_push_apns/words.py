"""What APNs says, as tables. Everything that is not listed here stays raw and is ``unknown``."""

from __future__ import annotations

from typing import Final

GONE: Final = frozenset({"BadDeviceToken", "DeviceTokenNotForTopic", "ExpiredToken", "Unregistered"})
"""Nobody is reached under the token: the app was removed, or it is of another app, or of the other environment."""

STALE_PROOF: Final = "ExpiredProviderToken"
"""Our own signature is older than an hour, by Apple's clock: sign anew, and try again."""

REASONS: Final[dict[str, str]] = {
    "BadCertificate": "account_problem",
    "BadCertificateEnvironment": "account_problem",
    "BadCollapseId": "content_rejected",
    "BadExpirationDate": "content_rejected",
    "BadMessageId": "content_rejected",
    "BadPath": "gateway_error",
    "BadPriority": "content_rejected",
    "BadTopic": "account_problem",
    "DuplicateHeaders": "gateway_error",
    "Forbidden": "account_problem",
    "InvalidProviderToken": "account_problem",
    "InvalidPushType": "content_rejected",
    "MethodNotAllowed": "gateway_error",
    "MissingDeviceToken": "gateway_error",
    "MissingProviderToken": "account_problem",
    "MissingTopic": "account_problem",
    "PayloadEmpty": "content_rejected",
    "PayloadTooLarge": "content_rejected",
    "TopicDisallowed": "account_problem",
    "UnrelatedKeyIdInToken": "account_problem",
    "BadEnvironmentKeyIdInToken": "account_problem",
}
"""Reasons by Apple's word for what is wrong."""

LATER: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""The service cannot do it now (``TooManyRequests``, ``InternalServerError``, ``ServiceUnavailable``, ``Shutdown``). A
push that comes twice shows one notification, so a 5xx is tried again."""

WAITS: Final[dict[str, int]] = {"TooManyProviderTokenUpdates": 1_200}
"""Seconds to wait after a word: Apple wants no more than one new signature in twenty minutes."""

STATUSES: Final[dict[int, str]] = {403: "account_problem", 413: "content_rejected"}
"""Reasons by the status of an answer that names no word that we know."""
