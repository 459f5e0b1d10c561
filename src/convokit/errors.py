"""Every error that crosses the front door.

One tree. Each error has a stable ``code`` (``"address.too_long"``), the ``field`` that was wrong and, where one
exists, the ``limit`` that was broken. The message is safe to log: never a secret, never the text of a message.

What *providers* do wrong is never an exception; it is a value of :mod:`convokit.outcomes`.
"""

from __future__ import annotations


class ConvokitError(Exception):
    """Base of every error that convokit raises on purpose.

    Args:
        code: stable dotted code, ``<family>.<what>``.
        message: plain English for a developer or an administrator; no secrets, no message text.
        field: name of the argument or setting at fault, or ``None``.
        limit: the limit that was broken, as text, or ``None``.
    """

    def __init__(self, code: str, message: str, *, field: str | None = None, limit: str | None = None) -> None:
        super().__init__(f"[{code}] {message}")
        self.code = code
        self.message = message
        self.field = field
        self.limit = limit

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by the keyword fields, so that errors cross process pools unchanged."""
        return (_rebuild, (type(self), self.code, self.message, self.field, self.limit))


def _rebuild(kind: type[ConvokitError], code: str, message: str, field: str | None, limit: str | None) -> ConvokitError:
    return kind(code, message, field=field, limit=limit)


class InvalidInput(ConvokitError):
    """An argument is not usable: nothing was stored and nothing was sent."""


class NotFound(ConvokitError):
    """No such conversation, message or practice *here*; the same answer for unknown and for somebody else's."""


class Conflict(ConvokitError):
    """The request does not fit the present state (the conversation has ended, one is open already, ...)."""


class ConfigurationError(ConvokitError):
    """A setting or a plugin is wrong; raised at start, never at the first message."""


class StorageError(ConvokitError):
    """The store cannot do it now (``storage.busy``, ``storage.full``, ``storage.newer``, ...)."""
