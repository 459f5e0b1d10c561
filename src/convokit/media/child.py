"""The child process that decodes a picture: ``python -m convokit.media.child image/jpeg < picture > result``.

A decoder works on a stranger's bytes, so it works here, with little memory and time, and its end is nobody else's.
The result is the picture encoded anew, without any of its metadata, a thumbnail, and what there is to say of both as
JSON, whose length is in the last four bytes.
"""

from __future__ import annotations

import json
import struct
import sys
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from convokit.media.gif import without_words

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

MEMORY: Final = 256 * 1024 * 1024
"""Bytes of address space; a decoder that wants more fails alone."""
CPU_SECONDS: Final = 10
LARGEST_RESULT: Final = 64 * 1024 * 1024

PIXELS: Final = {"JPEG": 50_000_000, "PNG": 16_000_000, "GIF": 16_000_000, "WEBP": 8_000_000}
"""Most pixels of a picture: what its decoder can do within :data:`MEMORY`."""
WHOLE_JPEG: Final = 20_000_000
"""A JPEG with more pixels is decoded at half its width and height."""
THUMBNAIL: Final = 320
"""Pixels of the longer side of a thumbnail."""

_FORMATS: Final = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WEBP"}
_QUALITY: Final = {"JPEG": {"quality": 90}, "WEBP": {"quality": 90, "method": 0}, "PNG": {"compress_level": 3}}
_MODES: Final = {"JPEG": ("L", "RGB"), "WEBP": ("RGB", "RGBA"), "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")}


class PictureError(Exception):
    """The picture is refused; the text is the error's code."""


def convert(source: BinaryIO, media_type: str, result: BinaryIO) -> dict[str, int]:
    """Decode the picture in ``source`` and write it anew, then its thumbnail. A GIF is not encoded anew, for it may be
    animated: its frames are copied, and what stands beside them is not.

    Returns the sizes of both, and the picture's width and height.

    Raises:
        PictureError: ``file.pixels`` from the header, before anything is decoded; ``file.damaged``.
    """
    from PIL import Image, ImageOps

    kind = _FORMATS[media_type]
    Image.MAX_IMAGE_PIXELS = None  # it would warn only; the check is below
    try:
        with Image.open(source, formats=[kind]) as picture:
            _check_pixels(picture.width * picture.height, kind)
            if picture.width * picture.height > WHOLE_JPEG:
                picture.draft(None, ((picture.width + 1) // 2, (picture.height + 1) // 2))
            picture.load()
            ImageOps.exif_transpose(picture, in_place=True)
            # Some encoders write what a decoder found: comments, profiles, positions.
            picture.info = {k: v for k, v in picture.info.items() if k == "transparency"}
            main = _copy_frames(source, result) if kind == "GIF" else _encode(picture, kind, result)
            width, height = picture.size
            small = _encode_thumbnail(picture, result)
    except (OSError, SyntaxError, ValueError, struct.error, EOFError) as error:
        raise PictureError("file.damaged") from error
    return {"main": main, "thumbnail": small, "width": width, "height": height}


def _copy_frames(source: BinaryIO, result: BinaryIO) -> int:
    source.seek(0)
    return without_words(source.read(), result)


def _check_pixels(pixels: int, kind: str) -> None:
    if pixels > PIXELS[kind]:
        raise PictureError("file.pixels")


def _encode(picture: Picture, kind: str, result: BinaryIO) -> int:
    modes = _MODES[kind]
    fit = picture if picture.mode in modes else picture.convert("RGBA" if "RGBA" in modes else "RGB")
    start = result.tell()
    fit.save(result, kind, **_QUALITY[kind])
    result.seek(0, 2)
    return result.tell() - start


def _encode_thumbnail(picture: Picture, result: BinaryIO) -> int:
    from PIL import Image

    small = picture if picture.mode in ("L", "RGB") else picture.convert("RGBA")
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    if small.mode == "RGBA":
        white = Image.new("RGB", small.size, "white")
        white.paste(small, mask=small.getchannel("A"))
        small = white
    start = result.tell()
    small.save(result, "JPEG", quality=80)
    result.seek(0, 2)
    return result.tell() - start


def tell(result: BinaryIO, told: dict[str, object]) -> None:
    """What there is to say of the result, at its end."""
    words = json.dumps(told).encode()
    result.seek(0, 2)
    result.write(words + struct.pack(">I", len(words)))


def limit() -> None:
    """Bound this process, where the system can."""
    try:
        import resource
    except ImportError:  # Windows: the parent's clock is the only bound
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_RESULT, LARGEST_RESULT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> int:
    """Convert standard input to standard output; both are files."""
    limit()
    told: dict[str, object]
    with open(0, "rb", closefd=False) as source, open(1, "wb", buffering=0, closefd=False) as result:
        try:
            told = dict(convert(source, sys.argv[1], cast(BinaryIO, result)))
        except PictureError as error:
            told = {"error": str(error)}
        tell(cast(BinaryIO, result), told)
    return 0


if __name__ == "__main__":
    sys.exit(main())
