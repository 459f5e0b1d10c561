"""The proof that a form was filled in on one of our own pages: a signed token, bound to a member of staff."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from typing import Final

HOURS: Final = 12
"""How long a token holds; each page brings a new one."""

_PREFIX: Final = b"convokit dashboard form 1\n"
_TOKEN: Final = re.compile(r"([0-9a-f]{1,12})\.([A-Za-z0-9_-]{32})")


def make_token(key: bytes, practice_id: str, staff_id: str, now_s: int) -> str:
    """A token that holds for twelve hours from ``now_s``, in seconds since the epoch."""
    until = f"{now_s + HOURS * 3600:x}"
    return f"{until}.{_sign(key, practice_id, staff_id, until)}"


def token_holds(key: bytes, practice_id: str, staff_id: str, now_s: int, token: str) -> bool:
    """Whether a token is one of ours, for this person, and not too old."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        return False
    genuine = hmac.compare_digest(_sign(key, practice_id, staff_id, found[1]), found[2])
    return genuine and int(found[1], 16) > now_s


def line_name(key: bytes, practice_id: str, staff_id: str, departments: tuple[str, ...] | None) -> str:
    """A name that only the tabs of one visitor share; it tells nothing and proves nothing."""
    return _sign(key, practice_id, staff_id, f"line {departments!r}")


def _sign(key: bytes, practice_id: str, staff_id: str, until: str) -> str:
    # The practice's id has no line break in it, so the parts cannot run into each other.
    said = f"{practice_id}\n{until}\n{staff_id}".encode("utf-8", "replace")
    return urlsafe_b64encode(hmac.new(key, _PREFIX + said, hashlib.sha256).digest()[:24]).decode("ascii")
