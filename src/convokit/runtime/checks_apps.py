"""What an app registers with, checked before a transport looks at it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from convokit.errors import InvalidInput
from convokit.runtime.checks import is_storable

TOKEN_LENGTH: Final = 4_096
APP_LENGTH: Final = 255
KEY_LENGTH: Final = 512
MOST_KEYS: Final = 8
_CODE: Final = "push.token"


def check_token(given: object) -> str:
    """What the service gave the app.

    Raises:
        InvalidInput: ``push.token``; the token is not repeated.
    """
    if not isinstance(given, str) or not given or not given.isascii() or not given.isprintable():
        raise InvalidInput(_CODE, "a token is printable ASCII, and not empty", field="token", limit="str")
    if len(given) > TOKEN_LENGTH:
        raise InvalidInput(_CODE, "a token is not so long", field="token", limit=f"{TOKEN_LENGTH} characters")
    return given


def check_app(given: object) -> str:
    """Which app it is for.

    Raises:
        InvalidInput: ``push.app``.
    """
    if not isinstance(given, str) or not is_storable(given) or len(given) > APP_LENGTH:
        limit = f"{APP_LENGTH} characters"
        raise InvalidInput("push.app", f"app is text of at most {limit}", field="app", limit=limit)
    return given


def check_keys(given: object) -> dict[str, str]:
    """What else the service gave, by name.

    Raises:
        InvalidInput: ``push.keys``; no key is repeated.
    """
    if not isinstance(given, Mapping) or len(given) > MOST_KEYS:
        why = f"keys is a mapping of at most {MOST_KEYS} texts"
        raise InvalidInput("push.keys", why, field="keys", limit=f"{MOST_KEYS} keys")
    for one in (text for pair in given.items() for text in pair):
        if not isinstance(one, str) or not is_storable(one) or len(one) > KEY_LENGTH:
            limit = f"{KEY_LENGTH} characters"
            raise InvalidInput("push.keys", f"a key is text of at most {limit}", field="keys", limit=limit)
    return dict(given)
