"""Parts of the names of files that every system takes, and that nobody can lead anywhere with."""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256
from typing import Final

_LONGEST: Final = 40
_TELLING: Final = 16
_NOT_PLAIN: Final = re.compile(r"[^A-Za-z0-9]+")


def plain(text: str) -> str:
    """The Latin letters and digits of a name, marks taken off, with ``-`` for what was between them; 40 at most."""
    latin = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return _NOT_PLAIN.sub("-", latin).strip("-")[:_LONGEST].strip("-")


def telling(*ids: str) -> str:
    """Sixteen characters that stand for ids and for no others, whatever is in them, in one case of letters."""
    return sha256("\n".join(ids).encode("utf-8", "backslashreplace")).hexdigest()[:_TELLING]
