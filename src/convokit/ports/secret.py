"""A secret that does not show itself: not in ``repr``, in a log line, in a traceback or in a pickle.

A plugin's settings hold its secrets so::

    api_key: Secret[str] = field(converter=secret, validator=revealed(header_value))
    old_key: Secret[str] | None = field(default=None, converter=optional(secret), validator=optional(revealed(strong)))

The host gives plain text, as ever. What signs or logs in asks for it where it is needed: ``settings.api_key.reveal()``.
"""

from __future__ import annotations

import hmac
from typing import Final, Generic, NoReturn, TypeVar

V = TypeVar("V", str, bytes)

SHOWN: Final = "***"


class Secret(Generic[V]):
    """Text or bytes that only :meth:`reveal` gives. Frozen; equal ones are found out in constant time."""

    __slots__ = ("_value",)

    _value: V

    def __init__(self, value: V) -> None:
        """A secret.

        Raises:
            TypeError: it is neither text nor bytes.
        """
        if not isinstance(value, (str, bytes)):
            raise TypeError(f"a secret is text or bytes, not {type(value).__name__}")
        object.__setattr__(self, "_value", value)

    def reveal(self) -> V:
        """What it is. Say this as late as possible, and keep the answer in no variable that lives on."""
        return self._value

    def __repr__(self) -> str:
        return SHOWN

    def __str__(self) -> str:
        return SHOWN

    def __format__(self, spec: str) -> str:
        return format(SHOWN, spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(_bytes(self._value), _bytes(other._value))

    def __hash__(self) -> int:
        return hash(_bytes(self._value))

    def __bool__(self) -> bool:
        return bool(self._value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a secret does not change")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a secret does not change")

    def __copy__(self) -> Secret[V]:
        return self

    def __deepcopy__(self, memo: object) -> Secret[V]:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")


def _bytes(value: str | bytes) -> bytes:
    """Text and bytes of one content are two secrets."""
    return b"t" + value.encode("utf-8", "surrogatepass") if isinstance(value, str) else b"b" + value


def secret(value: str | Secret[str]) -> Secret[str]:
    """A secret of a setting's text; one that is a secret already stays the same. For ``field(converter=secret)``.

    Raises:
        TypeError: it is no text.
    """
    if isinstance(value, Secret):
        return value
    if not isinstance(value, str):
        raise TypeError(f"a secret setting is text, not {type(value).__name__}")
    return Secret(value)
