"""Attachments: the row of each file, from its upload on, and the secrets of this database."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import sqlalchemy as sa

from convokit.decisions.base import FilesChange
from convokit.domain.attachment import Attachment, Upload
from convokit.stores.checks import id_taken, unknown_message, upload_unknown, upload_used
from convokit.stores.sql import schema
from convokit.stores.sql.attachment_cells import attachments_cell, attachments_of
from convokit.stores.sql.database import Run, TakenError
from convokit.stores.sql.part import Part
from convokit.stores.sql.rows import Cells
from convokit.stores.sql.statement import Put, Statement
from convokit.stores.sql.statements import columns, literally, only, param

_P: Final = schema.practice
_E: Final = schema.entry
_M: Final = schema.media
_S: Final = schema.secret
_MEDIA: Final = "attachment owner expires_us entry_id revoked".split()

_found = sa.select(*columns(_M, _MEDIA))
_by_id = (_M.c.practice_pk == param("practice"), _M.c.public_id == param("file"))

ADD: Final = Statement(
    sa.insert(_M), "practice_pk public_id owner entry_id expires_us revoked address thumbnail attachment"
)
ONE: Final = Statement(_found.where(*_by_id), "practice file")
REVOKE: Final = Statement(
    sa.update(_M)
    .where(_M.c.practice_pk == param("practice"), _M.c.entry_id == param("entry"))
    .values(revoked=_M.c.revoked + sa.literal_column("1")),
    "practice entry",
)
CLAIM: Final = Statement(
    sa.update(_M).where(*_by_id, literally(schema.STAGED)).values(entry_id=param("entry")), "entry practice file"
)
EXPIRED: Final = Statement(
    sa.select(*columns(_M, _MEDIA), _P.c.public_id)
    .select_from(_M.join(_P, _P.c.pk == _M.c.practice_pk))
    .where(literally(schema.STAGED), _M.c.expires_us <= param("now"))
    .order_by(_M.c.expires_us, _M.c.pk)
    .limit(param("most"))
    .offset(only("0")),
    "now most",
    across=True,
)
DROP: Final = Statement(
    sa.delete(_M).where(*_by_id, _M.c.entry_id.is_not_distinct_from(param("entry"))), "practice file entry"
)
USES: Final = Statement(
    sa.select(_M.c.pk)
    .where(_M.c.practice_pk == param("practice"), _M.c.address == param("address"))
    .limit(only("1"))
    .offset(only("0")),
    "practice address",
)
SMALL_USES: Final = Statement(
    sa.select(_M.c.pk)
    .where(_M.c.practice_pk == param("practice"), _M.c.thumbnail == param("address"), literally(schema.HAS_THUMBNAIL))
    .limit(only("1"))
    .offset(only("0")),
    "practice address",
)
SET_FILES: Final = Statement(
    sa.update(_E).where(_E.c.practice_pk == param("practice"), _E.c.public_id == param("entry")),
    "attachments practice entry",
)
SECRET: Final = Statement(sa.select(_S.c.value).where(_S.c.name == param("name")), "name")
ADD_SECRET: Final = Statement(Put(table=_S), "name value")


class Media(Part):
    """What the desk and the worker ask about attachments."""

    def add_media(self, practice_id: str, upload: Upload) -> None:
        """See :meth:`convokit.ports.store.Store.add_media`."""
        practice, file = self._key(practice_id), upload.attachment
        cells = (upload.owner, upload.entry_id, upload.expires_us, upload.revoked, file.sha256, file.thumbnail)
        with self._db.writing(practice) as run:
            try:
                run.count(ADD, (practice, file.id, *cells, attachments_cell((file,))))
            except TakenError as error:
                raise id_taken() from error

    def media(self, practice_id: str, attachment_id: str) -> Upload | None:
        """See :meth:`convokit.ports.store.Store.media`."""
        row = self._db.one(ONE, (self._key(practice_id), attachment_id))
        return None if row is None else upload_of(row)

    def revoke_links(self, practice_id: str, entry_id: str) -> int:
        """See :meth:`convokit.ports.store.Store.revoke_links`."""
        practice = self._key(practice_id)
        with self._db.writing(practice) as run:
            return run.count(REVOKE, (practice, entry_id))

    def expired_media(self, now_us: int, limit: int) -> tuple[tuple[str, Upload], ...]:
        """See :meth:`convokit.ports.store.Store.expired_media`."""
        return tuple((row[len(_MEDIA)], upload_of(row)) for row in self._db.all(EXPIRED, (now_us, limit)))

    def drop_media(self, practice_id: str, upload: Upload, forget: Callable[[tuple[str, ...]], None]) -> bool:
        """See :meth:`convokit.ports.store.Store.drop_media`."""
        self._refuse_within("to delete a file")
        practice = self._key(practice_id)
        with self._db.writing(practice) as run:
            if run.count(DROP, (practice, upload.id, upload.entry_id)) != 1:
                return False
            forget(tuple(a for a in upload.attachment.addresses if not _is_used(run, practice, a)))
            return True

    def secret(self, name: str, fresh: bytes) -> bytes:
        """See :meth:`convokit.ports.store.Store.secret`."""
        row = self._db.one(SECRET, (name,))
        if row is None:
            with self._db.writing(None) as run:
                run.write(ADD_SECRET, (name, fresh))
                row = run.one(SECRET, (name,))
        return fresh if row is None else bytes(row[0])


def _is_used(run: Run, practice: int, address: str) -> bool:
    return any(run.one(uses, (practice, address)) is not None for uses in (USES, SMALL_USES))


def upload_of(row: Cells) -> Upload:
    """An upload from its columns."""
    return Upload(
        attachment=attachments_of(row[0])[0], owner=row[1], expires_us=row[2], entry_id=row[3], revoked=row[4]
    )


def claim(run: Run, practice: int, entry_id: str, files: Iterable[Attachment]) -> None:
    """Put uploads into a message; each can be in one only.

    Raises:
        NotFound: ``upload.unknown``.
        Conflict: ``upload.used``.
    """
    for file in files:
        if run.count(CLAIM, (entry_id, practice, file.id)) != 1:
            raise upload_unknown() if run.one(ONE, (practice, file.id)) is None else upload_used()


def change_files(run: Run, practice: int, change: FilesChange) -> None:
    """Replace the files of a message.

    Raises:
        NotFound: ``message.unknown``; ``upload.unknown``.
        Conflict: ``upload.used``.
    """
    claim(run, practice, change.entry_id, change.taken)
    if run.count(SET_FILES, (attachments_cell(change.attachments), practice, change.entry_id)) != 1:
        raise unknown_message()
