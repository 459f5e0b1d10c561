"""A medical record that is a folder: a folder for each practice, in it one for each patient, in it the documents.

A document's place is noted down before anything is written there, so that the same document is found again under
whatever name and patient it comes, and never is in two places. Everything happens under a lock of the practice.
"""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from convokit.errors import ConfigurationError, StorageError
from convokit.outcomes import Accepted, Outcome, TryLater
from convokit.plugins import hookimpl
from convokit.ports.records import RecordDocument, Records
from convokit.transcripts.disk import HALF, lock, sync_folder, whole_file
from convokit.transcripts.file_names import plain, telling

INDEX: Final = ".convokit"
"""Where a practice's folder keeps what it knows of its documents."""

_SUFFIX: Final = re.compile(r"\.[a-z0-9]{1,5}")
_LONGEST: Final = 120

_log = logging.getLogger("convokit")


class FolderRecords:
    """A plugin, and the record itself: ``convokit.open(..., plugins=[FolderRecords("records")])``.

    Attributes:
        root: the folder; it is made when the first document comes.
    """

    name = "records-folder"

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = _root_of(root)
        self._swept: set[Path] = set()

    @hookimpl
    def convokit_records(self) -> Records:
        """The record is this object itself."""
        return self

    def file(self, document: RecordDocument) -> Outcome:
        """See :meth:`convokit.ports.records.Records.file`. The record's own id of it is where it is in the folder."""
        home = self.root / f"{plain(document.practice_id)}_{telling(document.practice_id)}"
        try:
            with _held(home):
                self._sweep(home / INDEX)
                place = _written(home, document)
        except OSError as error:
            # Not the path: it may hold a patient's name.
            _log.error("practice %s: the folder of records cannot be written: %s", document.practice_id, error.strerror)
            return TryLater(raw=f"the folder cannot be written: {error.strerror}")
        return Accepted(provider_id=f"{home.name}/{place}"[-200:])

    def _sweep(self, index: Path) -> None:
        """What a process that was killed was writing there, once for each practice and process."""
        if index not in self._swept:
            self._swept.add(index)
            _clear(index)

    def check(self) -> str:
        """See :meth:`convokit.ports.records.CheckedRecords.check`.

        Raises:
            StorageError: ``records.folder``.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            probe = self.root / HALF.replace("*", secrets.token_hex(8))
            probe.write_bytes(b"convokit")
            probe.unlink()
            count = sum(1 for _ in self.root.glob(f"*/{INDEX}/*.json"))
        except OSError as error:
            why = f"the folder of records cannot be written: {error.strerror}"
            raise StorageError("records.folder", why, field="records") from error
        return f"folder {self.root}, {count} {'document' if count == 1 else 'documents'}"


def _root_of(given: object) -> Path:
    """The folder of a host.

    Raises:
        ConfigurationError: ``records.url``.
    """
    try:
        root = Path(given)  # type: ignore[arg-type]  # whatever a caller without a type checker gives
    except TypeError:
        root = Path()
    if root == Path() or "\0" in str(root):
        raise ConfigurationError("records.url", "a folder of records is a path", field="records", limit="path")
    return root.expanduser().absolute()


def _clear(folder: Path) -> None:
    """Drop what was being written when a process was killed; nobody else is at it."""
    for left in folder.glob(HALF):
        left.unlink(missing_ok=True)


@contextmanager
def _held(home: Path) -> Iterator[None]:
    """Alone in the folder of a practice."""
    index = home / INDEX
    made = [folder for folder in (index, home, home.parent) if not folder.exists()]
    index.mkdir(parents=True, exist_ok=True)
    for folder in made:
        sync_folder(folder.parent)
    with (index / "lock").open("ab") as file:
        lock(file, wait=True)
        yield


def _written(home: Path, document: RecordDocument) -> str:
    """Where the document is now, within the practice's folder; it is nowhere else."""
    note = home / INDEX / f"{telling(document.id)}.json"
    known = _places(note)
    place = _place_of(document)
    if known != [place]:
        _note(note, document, [*(one for one in known if one != place), place])
    target = home / place
    if not target.parent.exists():
        target.parent.mkdir()
        sync_folder(home)
    _clear(target.parent)
    with whole_file(target) as file:
        file.write(document.content)
    for other in (home / one for one in known if one != place):
        other.unlink(missing_ok=True)
        if other.parent.exists():
            sync_folder(other.parent)
    _note(note, document, [place])
    return place


def _places(note: Path) -> list[str]:
    """Where the document was put before, or may have been."""
    try:
        found = json.loads(note.read_bytes())["places"]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return []
    return [place for place in found if isinstance(place, str) and _is_inside(place)] if isinstance(found, list) else []


def _is_inside(place: str) -> bool:
    """Whether a place is a file in a folder beside the note, wherever the note's words lead."""
    folder, slash, name = place.partition("/")
    return bool(slash) and all(part == Path(part).name and part != ".." for part in (folder, name))


def _note(note: Path, document: RecordDocument, places: Sequence[str]) -> None:
    told = {
        "id": document.id,
        "conversation": document.conversation_id,
        "client": document.client_id,
        "patient": document.patient_id,
        "places": list(places),
        "entries": document.count,
        "head": document.head,
    }
    with whole_file(note) as file:
        file.write(json.dumps(told, sort_keys=True, indent=1).encode("ascii") + b"\n")


def _place_of(document: RecordDocument) -> str:
    """Folder and name: letters, digits, ``-`` and ``_`` only; the digests tell two alike apart."""
    if document.patient_id is not None:
        whose = f"patient_{plain(document.patient_id)}_{telling('patient', document.patient_id)}"
    elif document.client_id is not None:
        whose = f"client_{plain(document.client_id)}_{telling('client', document.client_id)}"
    else:
        whose = "nobody"
    name = Path(document.file_name)
    words = "_".join(part for part in map(plain, name.stem.split("_")) if part)[:_LONGEST]
    suffix = name.suffix if _SUFFIX.fullmatch(name.suffix) else ".bin"
    return f"{whose}/{words}_{telling(document.id)}{suffix}"
