"""The short way to a folder of records: ``convokit.open(..., records="folder")``."""

from __future__ import annotations

from typing import Final

from convokit.errors import ConfigurationError
from convokit.records.folder import FolderRecords

_FOLDER: Final = "folder:///"
_SQLITE: Final = "sqlite:///"


def folder_records(given: object, store_url: object) -> FolderRecords | None:
    """The folder that is meant; ``None`` for none.

    Args:
        given: ``"folder"``: beside the SQLite file (``desk.db.records``); ``"folder:///name"`` (relative),
            ``"folder:////var/lib/name"`` (absolute).
        store_url: of the store.

    Raises:
        ConfigurationError: ``records.url``.
    """
    if given is None:
        return None
    path = ""
    if given == "folder" and isinstance(store_url, str) and store_url.startswith(_SQLITE):
        path = f"{store_url.removeprefix(_SQLITE)}.records"
    elif isinstance(given, str) and given.startswith(_FOLDER):
        path = given.removeprefix(_FOLDER)
    if not path or "\0" in path:
        why = 'records= is "folder" (beside a SQLite file), folder:///name (relative) or folder:////var/lib/name'
        raise ConfigurationError("records.url", why, field="records", limit=_FOLDER)
    return FolderRecords(path)
