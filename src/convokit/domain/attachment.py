"""A file in a conversation: what it is, how large it may be, what it is called, and how it reaches the client."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal
from unicodedata import category

from attrs import field, frozen

from convokit.domain.delivery import Channel
from convokit.domain.instant import HOUR, to_datetime

Kind = Literal["photo", "video", "pdf", "file"]
State = Literal["ready", "waiting", "failed"]
Way = Literal["app", "mms", "link"]

MEGABYTE: Final = 1024 * 1024
LIMITS: Final[Mapping[Kind, int]] = {
    "photo": 25 * MEGABYTE,
    "video": 200 * MEGABYTE,
    "pdf": 25 * MEGABYTE,
    "file": 25 * MEGABYTE,
}
"""Bytes of one file by its kind; a carrier's own limits decide only between MMS and a link."""

MOST_FILES: Final = 10
"""Files of one message."""

STAGED_FOR: Final = 24 * HOUR
"""An upload that is in no message after so long is dropped. Microseconds."""

LONGEST_NAME: Final = 120
"""Characters of a file's name; the end with the suffix is kept."""

TYPES: Final[Mapping[str, tuple[Kind, str]]] = {
    "image/jpeg": ("photo", "jpg"),
    "image/png": ("photo", "png"),
    "image/gif": ("photo", "gif"),
    "image/webp": ("photo", "webp"),
    "image/heic": ("file", "heic"),
    "video/mp4": ("video", "mp4"),
    "video/quicktime": ("video", "mov"),
    "video/webm": ("video", "webm"),
    "video/3gpp": ("video", "3gp"),
    "application/pdf": ("pdf", "pdf"),
}
"""Every type that is taken, with its kind and suffix. The kind of HEIC is "file": nothing here can show it."""

KIND_WORDS: Final[Mapping[Kind, str]] = {"photo": "Photo", "video": "Video", "pdf": "PDF", "file": "File"}

SHOWN: Final = frozenset({"image/jpeg", "image/png", "image/webp"})
"""Types that are re-encoded on arrival, and so may be shown by a browser. Everything else is only downloaded."""

_LONGEST_SUFFIX: Final = 5
_BAD_IN_NAMES: Final = frozenset('<>:"/\\|?*')
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_SPACES: Final = re.compile(r"\s+")


@frozen(kw_only=True)
class Attachment:
    """A file of a message, or an upload that is to become one.

    Attributes:
        id: random, unguessable; always looked up together with the practice.
        name: a label for people, cleaned; no folder or database is ever asked with it.
        media_type: from the content, one of :data:`TYPES`; empty while it is ``"waiting"`` or when it ``"failed"``.
        size, sha256: bytes and digest (hex) of the file as it is kept, after re-encoding.
        width, height: pixels, of what was re-encoded or looked at.
        thumbnail: digest of its small JPEG, or empty.
        state: ``"waiting"`` for a carrier's file that is still to be fetched, ``"failed"`` when it could not be.
        reason: the error's code, for ``"failed"``.
        via: how it reaches the client: in the app, with the text (MMS), or as a link in the text.
        flags: ``"active_content"``: a PDF that has scripts, starts programs or carries files.
    """

    id: str
    name: str = field(repr=False)
    kind: Kind
    media_type: str
    size: int
    sha256: str
    width: int | None = None
    height: int | None = None
    thumbnail: str = ""
    state: State = "ready"
    reason: str | None = None
    via: Way = "app"
    flags: tuple[str, ...] = ()

    @property
    def has_thumbnail(self) -> bool:
        """Whether a small picture of it can be shown."""
        return bool(self.thumbnail)

    @property
    def addresses(self) -> tuple[str, ...]:
        """What the media store keeps for it."""
        return tuple(address for address in (self.sha256, self.thumbnail) if address)


@frozen(kw_only=True)
class Upload:
    """A file that was uploaded. It belongs to who uploaded it until it is in a message.

    Attributes:
        owner: ``"staff:<id>"``, ``"client:<id>"``, or ``"carrier"`` for what came with a text.
        entry_id: the message that it is in, or ``None``.
        expires_us: when it is dropped, unless it is in a message by then.
        revoked: how often its links were revoked; a link names the number it was made under.
    """

    attachment: Attachment
    owner: str
    expires_us: int
    entry_id: str | None = None
    revoked: int = 0

    @property
    def id(self) -> str:
        """The attachment's id."""
        return self.attachment.id

    @property
    def expires_at(self) -> datetime:
        """When it is dropped, UTC, unless it is in a message by then."""
        return to_datetime(self.expires_us)


@frozen(kw_only=True)
class MediaLimits:
    """What a carrier takes with one text.

    Attributes:
        types: media types.
        bytes_each, bytes_together: of one file, and of all files of a text.
        files: how many.
    """

    types: frozenset[str]
    bytes_each: int
    bytes_together: int
    files: int = MOST_FILES


def waiting(file_id: str, name: str) -> Attachment:
    """A file that came with a text and is still to be fetched: nobody knows yet what it is."""
    return Attachment(
        id=file_id, name=clean_name(name, ""), kind="file", media_type="", size=0, sha256="", state="waiting", via="mms"
    )


def ways(files: Sequence[Attachment], *, channel: Channel, limits: MediaLimits | None) -> tuple[Way, ...]:
    """How each file reaches the client. By text: with it as far as the carrier takes them, the others as links."""
    chosen: list[Way] = []
    if channel == "app":
        chosen = ["app"] * len(files)
        return tuple(chosen)
    together = count = 0
    for one in files:
        if limits is not None and _fits(one, limits, together, count):
            chosen.append("mms")
            together, count = together + one.size, count + 1
        else:
            chosen.append("link")
    return tuple(chosen)


def _fits(one: Attachment, limits: MediaLimits, together: int, count: int) -> bool:
    return (
        one.media_type in limits.types
        and one.size <= limits.bytes_each
        and together + one.size <= limits.bytes_together
        and count < limits.files
    )


def clean_name(given: str, media_type: str) -> str:
    """A file's name as a label: one line, nothing invisible, no folders, never empty, and of a bounded length.

    Characters that Windows refuses or that turn the direction of writing are left out; the suffix is the content's
    own where the name has none of it.
    """
    last = given.replace("\\", "/").rpartition("/")[2]
    visible = "".join(" " if sign in "\t\r\n" else sign for sign in last if sign in "\t\r\n" or _is_fit(sign))
    name = _SPACES.sub(" ", visible).strip(" .")
    kind, suffix = TYPES.get(media_type, ("file", ""))
    if not name or name.lower() == suffix:
        name = KIND_WORDS[kind]
    if suffix and not _has_suffix(name, media_type):
        name = f"{name}.{suffix}"
    return name if len(name) <= LONGEST_NAME else _shortened(name)


def _is_fit(sign: str) -> bool:
    return sign not in _BAD_IN_NAMES and category(sign) not in _INVISIBLE


def _has_suffix(name: str, media_type: str) -> bool:
    also = {"image/jpeg": ("jpeg",), "image/heic": ("heif",), "video/mp4": ("m4v",), "video/3gpp": ("3gpp", "3g2")}
    return name.lower().endswith(tuple(f".{word}" for word in (TYPES[media_type][1], *also.get(media_type, ()))))


def _shortened(name: str) -> str:
    stem, _, suffix = name.rpartition(".")
    if not 0 < len(suffix) <= _LONGEST_SUFFIX or not stem:
        return name[:LONGEST_NAME].rstrip(" .")
    return f"{stem[: LONGEST_NAME - len(suffix) - 1].rstrip(' .')}.{suffix}"


def with_links(text: str, links: Iterable[tuple[str, str]]) -> str:
    """A text with a line for each link: what it is (``"PDF"``) and the URL."""
    return "\n".join((*((text,) if text else ()), *(f"{what}: {url}" for what, url in links)))


def size_words(size: int) -> str:
    """``"840 bytes"``, ``"12 KB"``, ``"3.4 MB"``; a kilobyte is 1,024 bytes."""
    if size < 1024:
        return f"{size} bytes"
    if size < MEGABYTE:
        return f"{size // 1024} KB"
    tenths = size * 10 // MEGABYTE
    return f"{tenths // 10}.{tenths % 10} MB"


def files_words(files: Iterable[Attachment]) -> str:
    """``"[Photo]"``, ``"[PDF, 2 photos]"``: what the inbox shows of a message without words."""
    counts: dict[Kind, int] = {}
    for one in files:
        counts[one.kind] = counts.get(one.kind, 0) + 1
    plural = {"photo": "photos", "video": "videos", "pdf": "PDFs", "file": "files"}
    return f"[{', '.join(KIND_WORDS[kind] if n == 1 else f'{n} {plural[kind]}' for kind, n in counts.items())}]"
