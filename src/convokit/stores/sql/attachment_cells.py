"""Attachments as the JSON of a cell, and back; a message without any has an empty cell."""

from __future__ import annotations

import json
from typing import Any, Final

import attrs

from convokit.domain.attachment import Attachment
from convokit.errors import StorageError

_FIELDS: Final = tuple(cell.name for cell in attrs.fields(Attachment))


def attachments_cell(files: tuple[Attachment, ...]) -> str:
    """What is stored for the files of a message."""
    if not files:
        return ""
    return json.dumps([{name: getattr(one, name) for name in _FIELDS} for one in files], separators=(",", ":"))


def attachments_of(cell: str) -> tuple[Attachment, ...]:
    """The files of :func:`attachments_cell`.

    Raises:
        StorageError: ``storage.newer``: it has fields that this release does not know.
    """
    return tuple(map(_attachment_of, json.loads(cell))) if cell else ()


def _attachment_of(given: dict[str, Any]) -> Attachment:
    try:
        return Attachment(**{**given, "flags": tuple(given["flags"])})
    except (TypeError, KeyError) as error:
        raise StorageError("storage.newer", "a newer release of convokit has written an attachment") from error
