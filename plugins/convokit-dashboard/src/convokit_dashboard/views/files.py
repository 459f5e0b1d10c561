"""The files of a message: shown where that is safe, else to be downloaded."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from convokit.domain.attachment import SHOWN, Attachment, size_words
from convokit_dashboard.words import Words


@frozen(kw_only=True)
class FileView:
    """A file as it is shown.

    Attributes:
        shown_as: ``"photo"`` and ``"video"`` in the thread; ``"file"`` as something to download; ``"none"`` while
            there is nothing to fetch.
        kind: what it is, in a word.
        small: whether it has a thumbnail.
        note: what a person should know: that it goes as a link, that it cannot be fetched.
        ratio: width by height, for the room that it takes before it is loaded; 0 where unknown.
    """

    id: str
    name: str
    kind: str
    size: str
    shown_as: Literal["photo", "video", "pdf", "file", "none"]
    small: bool = False
    note: str = ""
    width: int = 0
    height: int = 0


def file_view(file: Attachment, words: Words, *, ours: bool) -> FileView:
    """A file of a message; ``ours``: that the practice sent."""
    if file.state != "ready":
        why = words("Still being fetched") if file.state == "waiting" else words("Could not be fetched")
        return FileView(id=file.id, name=file.name, kind=words("File"), size="", shown_as="none", note=why)
    note = ""
    if "active_content" in file.flags:
        note = words("This PDF contains scripts. Open it only if you expect it.")
    elif ours and file.via == "link":
        note = words("Sent as a link")
    return FileView(
        id=file.id,
        name=file.name,
        kind=kind_words(file.kind, words),
        size=size_words(file.size),
        shown_as=_shown_as(file),
        small=file.has_thumbnail,
        note=note,
        width=file.width or 0,
        height=file.height or 0,
    )


def kind_words(kind: str, words: Words) -> str:
    """What a file is, in a word."""
    named = {"photo": words("Photo"), "video": words("Video"), "pdf": words("PDF"), "file": words("File")}
    return named[kind]


def _shown_as(file: Attachment) -> Literal["photo", "video", "pdf", "file"]:
    if file.media_type in SHOWN:
        return "photo"
    if file.kind == "video":
        return "video"
    return "pdf" if file.kind == "pdf" else "file"
