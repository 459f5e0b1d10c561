"""What a caller may ask of a transcript, checked."""

from __future__ import annotations

from convokit.domain.redaction import Redaction
from convokit.errors import InvalidInput


def check_redaction(given: object) -> Redaction:
    """What is left out of a transcript.

    Raises:
        InvalidInput: ``transcript.redact``.
    """
    flags = (given.phone_numbers, given.client_name) if isinstance(given, Redaction) else (None,)
    if (
        not isinstance(given, Redaction)
        or any(type(flag) is not bool for flag in flags)
        or not all(isinstance(one, str) for one in given.messages)
    ):
        why = "redact= is a convokit.Redaction of truth values and ids of messages"
        raise InvalidInput("transcript.redact", why, field="redact", limit="Redaction")
    return given
