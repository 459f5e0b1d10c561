"""The front that serves files: whoever asks with a link that holds gets that one file, and a browser runs nothing."""

from __future__ import annotations

import logging
import re
from typing import Final
from urllib.parse import quote, urlsplit

from attrs import evolve

from convokit.domain.attachment import SHOWN, Upload
from convokit.domain.instant import SECOND
from convokit.errors import ConvokitError, InvalidInput, NotFound, StorageError
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.runtime.files import Files
from convokit.runtime.media_links import PATH, Link, Links, Size
from convokit.runtime.world import World

_log = logging.getLogger("convokit")

_SAFE: Final = (
    ("Cache-Control", "private, no-store"),
    ("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
)
_RANGE: Final = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")
_DOTS: Final = 5
_GONE: Final = b"This link is no longer valid. Please ask the practice for a new one.\n"


class MediaFront:
    """Answers requests for files. Every thread may use it."""

    def __init__(self, files: Files, links: Links, world: World) -> None:
        self._files = files
        self._links = links
        self._world = world

    def answer(self, request: HttpRequest) -> HttpResponse:
        """404 for what is no link of ours, 410 for one that no longer holds, else the file, or a range of it."""
        if request.method not in ("GET", "HEAD"):
            return _plain(405, b"", ("Allow", "GET, HEAD"))
        try:
            link = self._links.read(urlsplit(request.url).path.rpartition("/")[2])
            response = _plain(404) if link is None else self._serve(link, request)
        except (NotFound, InvalidInput, ValueError):  # rubbish in the URL, or nothing is there any more
            response = _plain(404)
        except StorageError as error:
            _log.error("a file could not be served: %s", error)
            response = _plain(503, b"", ("Retry-After", "5"))
        except ConvokitError as error:
            _log.error("a file could not be served: %s", error.code)
            response = _plain(500)
        return response if request.method == "GET" else evolve(response, body=b"")

    def _serve(self, link: Link, request: HttpRequest) -> HttpResponse:
        upload = self._files.find(link.practice_id, link.file_id)
        if upload is None:
            return _plain(404)
        if link.expires_s <= self._world.now_us() // SECOND or link.revoked != upload.revoked:
            return _plain(410, _GONE)
        whole = self._files.size(link.practice_id, upload, size=link.size)
        part = _range(request.header("Range"), whole)
        if part is None:
            return _plain(416, b"", ("Content-Range", f"bytes */{whole}"))
        start, end = part
        chunks = None  # for HEAD the file is not even opened
        if request.method == "GET":
            chunks = self._files.open(link.practice_id, upload, size=link.size, start=start, length=end - start)
        partial = (("Content-Range", f"bytes {start}-{end - 1}/{whole}"),) if end - start < whole else ()
        headers = (*_SAFE, *_headers(upload, link.size), ("Content-Length", str(end - start)), *partial)
        return HttpResponse(status=206 if partial else 200, headers=headers, chunks=chunks)


def is_for_media(url: str) -> bool:
    """Whether a URL is one of a file: ``.../media/<token>``. A webhook's token has no such dots in it."""
    try:
        *_, before, token = ("", *urlsplit(url).path.rstrip("/").split("/"))
    except ValueError:
        return False
    return before == PATH and token.count(".") >= _DOTS


def _headers(upload: Upload, size: Size) -> tuple[tuple[str, str], ...]:
    file = upload.attachment
    shown = size == "small" or file.media_type in SHOWN
    media_type, name = ("image/jpeg", "Thumbnail.jpg") if size == "small" else (file.media_type, file.name)
    return (
        ("Content-Type", media_type),
        ("Content-Disposition", disposition("inline" if shown else "attachment", name)),
        ("Accept-Ranges", "bytes"),
    )


def disposition(kind: str, name: str) -> str:
    """A ``Content-Disposition`` with any name: plain for old readers, and in full as RFC 5987 and 6266 have it."""
    plain = "".join(sign if sign.isascii() and sign.isprintable() and sign not in '"\\%' else "_" for sign in name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _range(given: str | None, whole: int) -> tuple[int, int] | None:
    """First byte and the one after the last; all of it unless one range is asked for; ``None``: it is outside.

    RFC 9110 14.2: what is not understood is as if it were not there.
    """
    found = None if given is None else _RANGE.fullmatch(given.strip())
    if found is None or not (found[1] or found[2]):
        return 0, whole
    if not found[1]:
        start, end = max(0, whole - int(found[2])), whole
    else:
        start, end = int(found[1]), min(whole, int(found[2]) + 1) if found[2] else whole
    return (start, end) if start < end else None


def _plain(status: int, body: bytes = b"", *more: tuple[str, str]) -> HttpResponse:
    return HttpResponse(
        status=status, headers=(*_SAFE, ("Content-Type", "text/plain; charset=utf-8"), *more), body=body
    )
