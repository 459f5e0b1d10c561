"""Moving a desk to another database, and looking whether its files are still where they were."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Literal

from attrs import frozen

from convokit.errors import ConfigurationError, NotFound
from convokit.media.builtin import media_url, open_media
from convokit.plugins.catalogue import Catalogue
from convokit.ports.media import MediaStore
from convokit.stores.builtin import move_store, moved_files


@frozen(kw_only=True)
class MoveProgress:
    """How far it is: so many rows of a table, or so many files, of all.

    ``doing``: ``"copy"`` and ``"compare"`` are about rows of the table ``what``, ``"files"`` about files.
    """

    doing: Literal["copy", "compare", "files"]
    what: str
    done: int
    of: int


@frozen(kw_only=True)
class MovedRows:
    """A table: its rows, and the SHA-256 of all of them in the target, in the order of their key."""

    table: str
    rows: int
    digest: str


@frozen(kw_only=True)
class MoveReport:
    """What was found when both sides were compared.

    Attributes:
        tables: every table, in the order in which they were copied.
        differs: where the target is not the same as the source; none of it is content. Empty: it is the same.
        files: how many files of messages the desk has; ``None``: no media store was looked into.
        missing: how many of them are not there, or are not what they were. They are where they always were: files are
            not moved.
    """

    tables: tuple[MovedRows, ...]
    differs: tuple[str, ...] = ()
    files: int | None = None
    missing: int = 0


Progress = Callable[[MoveProgress], None]


def move_desk(
    source: str,
    target: str,
    *,
    app_roles: Iterable[str] = (),
    partitions: int = 0,
    verify_only: bool = False,
    media: str | None = None,
    plugins: Iterable[str | object] = (),
    progress: Progress = lambda _: None,
) -> MoveReport:
    """Move a desk out of its SQLite file into PostgreSQL; see "Move to PostgreSQL" in the manual.

    Killed, it goes on where it was when it is called again. Nobody can open the target before both sides are the same.

    Args:
        source, target: ``"sqlite:///desk.db"``, and ``"postgresql://OWNER@HOST/DATABASE"`` as the tables' owner.
        app_roles: roles that may then open the target. partitions: parts of new tables, 0: none.
        verify_only: compare, and copy nothing.
        media: where the desk's files are; default: beside the source. plugins: for media stores that are not built in.
        progress: told after every few thousand rows.

    Raises:
        ConfigurationError: ``move.url``, ``move.not_empty``, ``move.other_source``, ``migrate.*``, ``store.*``,
            ``media.url``.
        InvalidInput: ``move.value``: a text that PostgreSQL does not take.
        StorageError: ``storage.wrong_role``, ``storage.busy``, ``storage.older``, ``storage.away``, ...
    """
    _check_urls(source, target)
    store = open_media(media_url(media, source), Catalogue(plugins).media_stores)
    sides = move_store(
        source,
        target,
        app_roles=app_roles,
        partitions=partitions,
        verify_only=verify_only,
        told=lambda step: progress(MoveProgress(doing=step.doing, what=step.table, done=step.rows, of=step.of)),
    )
    files, missing = _look(source, store, progress)
    return MoveReport(
        tables=tuple(MovedRows(table=side.name, rows=side.rows, digest=side.digest) for side in sides),
        differs=tuple(side.differs for side in sides if side.differs is not None),
        files=files,
        missing=missing,
    )


def _check_urls(source: str, target: str) -> None:
    for field, url, scheme in (("from", source, "sqlite:"), ("to", target, "postgres")):
        if not url.startswith(scheme):
            why = "a desk moves from SQLite (sqlite:///desk.db) to PostgreSQL (postgresql://OWNER@HOST/DATABASE)"
            raise ConfigurationError("move.url", why, field=field)


def _look(source: str, media: MediaStore | None, progress: Progress) -> tuple[int | None, int]:
    """How many files there are, and how many of them are missing. A file's address is its own digest."""
    if media is None:
        return None, 0
    wanted, missing = moved_files(source), 0
    try:
        for at, (practice, address) in enumerate(wanted, 1):
            missing += not _is_whole(media, practice, address)
            progress(MoveProgress(doing="files", what="files", done=at, of=len(wanted)))
    finally:
        media.close()
    return len(wanted), missing


def _is_whole(media: MediaStore, practice: str, address: str) -> bool:
    digest = hashlib.sha256()
    try:
        for chunk in media.open(practice, address):
            digest.update(chunk)
    except NotFound:
        return False
    return digest.hexdigest() == address
