"""What PostgreSQL says when it cannot, as convokit's errors.

Only its five-letter codes are looked at and told: its words may quote what was stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from convokit.errors import ConvokitError, InvalidInput, StorageError
from convokit.stores.sql.faults import storage_error

TAKEN: Final = "23505"

_CODES: Final = {
    "22": "storage.value",
    "25006": "storage.read_only",
    "28": "storage.wrong_role",
    "3D000": "storage.missing",
    "40001": "storage.contended",
    "40P01": "storage.contended",
    "42501": "storage.wrong_role",
    "42704": "storage.wrong_role",  # no such role
    "53100": "storage.full",
    "53300": "storage.no_connection",
    "55P03": "storage.busy",
    "57014": "storage.timeout",
    "57P": "storage.away",
    "58030": "storage.io",
    "XX001": "storage.corrupt",
    "XX002": "storage.corrupt",
    "08": "storage.away",
}
"""By the code itself, else by its first letters."""

# libpq tells no code for what goes wrong while it connects. A server that speaks another language is "away".
_CONNECTING: Final = (
    ("too many", "storage.no_connection"),
    ("remaining connection slots", "storage.no_connection"),
    ("authentication failed", "storage.wrong_role"),
    ("no password supplied", "storage.wrong_role"),
    ("pg_hba", "storage.wrong_role"),
    ("not permitted to log in", "storage.wrong_role"),
    ("permission denied", "storage.wrong_role"),
    ('role "', "storage.wrong_role"),
    ('database "', "storage.missing"),
)


class RefusedError(Exception):
    """The server refused a statement, the one ``at`` this place of its batch. The transaction it was in is over.

    ``answers`` are those to what stands before it.
    """

    def __init__(self, code: str, at: int = 0, answers: Sequence[Any] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.at = at
        self.answers = answers


class LostError(Exception):
    """The connection ended. What was asked last may have been done, or not."""


class ConnectError(Exception):
    """No connection could be made."""

    def __init__(self, words: str) -> None:
        super().__init__("could not connect")
        self.words = words


def translated(error: Exception) -> ConvokitError:
    """What went wrong, without anything that the database said."""
    match error:
        case RefusedError(code=code):
            meaning = next((_CODES[code[:n]] for n in (5, 3, 2) if code[:n] in _CODES), "storage.io")
            if meaning == "storage.value":
                return InvalidInput(meaning, f"a value cannot be stored (SQLSTATE {code})")
            found = storage_error(meaning)
            return StorageError(meaning, f"{found.message} (SQLSTATE {code})")
        case ConnectError(words=words):
            return storage_error(next((code for part, code in _CONNECTING if part in words), "storage.away"))
        case UnicodeEncodeError():
            return InvalidInput("storage.value", "a value cannot be stored (UnicodeEncodeError)")
        case _:
            return storage_error("storage.away")


DRIVER: Final = (RefusedError, LostError, ConnectError, UnicodeEncodeError)
"""What :func:`translated` knows."""
