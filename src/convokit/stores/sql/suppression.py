"""Numbers that stay opted out although the ledger no longer knows them: their person was erased.

Looked at only where the projection has no row for the number; a row, made by whatever happened since, wins.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import sqlalchemy as sa

from convokit.domain.consent_ledger import Consent
from convokit.domain.erasure import suppressed
from convokit.stores.checks import digest_of
from convokit.stores.sql import rows, schema
from convokit.stores.sql.rows import Cells
from convokit.stores.sql.statement import Statement
from convokit.stores.sql.statements import param

_T: Final = schema.suppressed
_of_number = (_T.c.practice_pk == param("practice"), _T.c.digest == param("of_number"))

KEY: Final = Statement(
    sa.text(
        "SELECT value FROM convokit_secret WHERE name ="
        " 'suppression:' || (SELECT public_id FROM convokit_practice WHERE pk = :practice)"
    ),
    "practice",
)
"""The key of a practice's digests. There is none where nobody was ever erased: then nothing else is asked."""
SUPPRESSED: Final = Statement(sa.select(_T.c.since_us).where(*_of_number), "practice of_number")
RELEASE: Final = Statement(sa.delete(_T).where(*_of_number), "practice of_number")
SUPPRESS: Final = Statement(sa.insert(_T), "practice_pk digest since_us")

One = Callable[[Statement, Cells], Cells | None]
"""Runs a statement and returns its only row."""


def known_consent(one: One, practice: int, address: str, cells: Cells | None) -> Consent:
    """The consent of a number, from the columns of :func:`convokit.stores.sql.statements.consent_of`."""
    known = rows.consent_of(address, cells)
    if cells is None or cells[3] is None or known.opted_out or known.since_us or known.maybe:
        return known
    row = one(SUPPRESSED, (practice, digest_of(bytes(cells[3]), address)))
    return suppressed(address, None if row is None else int(row[0]))
