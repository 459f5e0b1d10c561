"""What a file is, by its first bytes. Its name is never asked, and what is not positively known is refused."""

from __future__ import annotations

from typing import Final

from convokit.domain.attachment import TYPES
from convokit.errors import InvalidInput

HEAD: Final = 4096
"""Bytes from the start that are looked at."""

_BEFORE_PDF: Final = b"\xef\xbb\xbf \t\r\n\0"
"""What some programs write before ``%PDF-``, and every reader passes over (ISO 32000-1, H.3, note 13)."""
_FAMILY: Final = slice(4, 8)
_BRAND: Final = slice(8, 12)


def media_type_of(head: bytes) -> str:
    """The media type of a file that begins with ``head`` (the first :data:`HEAD` bytes, or all of it).

    Raises:
        InvalidInput: ``file.empty``; ``file.kind``: none of the types that are taken.
    """
    from filetype import guess_mime  # type: ignore[import-untyped]  # it ships no types

    if not head:
        raise InvalidInput("file.empty", "the file is empty", field="file")
    is_3gpp = head[_FAMILY] == b"ftyp" and head[_BRAND][:3] in (b"3gp", b"3g2")  # 3GPP TS 26.244, 5.3
    found = "video/3gpp" if is_3gpp else guess_mime(head.lstrip(_BEFORE_PDF) if _is_late_pdf(head) else head)
    if found not in TYPES:
        known = "JPEG, PNG, GIF, WebP, HEIC, MP4, MOV, WebM, 3GP, PDF"
        raise InvalidInput("file.kind", "files of this kind are not taken", field="file", limit=known)
    return str(found)


def _is_late_pdf(head: bytes) -> bool:
    return head.lstrip(_BEFORE_PDF).startswith(b"%PDF-")
