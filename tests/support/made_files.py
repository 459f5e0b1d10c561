"""Files for tests, good and hostile, made on the spot: nothing here is a file of anybody's."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image
from PIL.PngImagePlugin import PngInfo

GPS = {1: "N", 2: (39.0, 44.0, 21.0), 3: "W", 4: (104.0, 59.0, 5.0), 29: "2026:03:02"}
CANARY = b"canary-of-a-camera"


def photo(size: tuple[int, int] = (640, 480), *, kind: str = "JPEG", turned: bool = False, **more: object) -> bytes:
    """A picture with a place, a camera's name and a comment in it; ``turned``: the camera lay on its side."""
    picture = Image.effect_noise(size, 40).convert("RGB")
    exif = Image.Exif()
    exif[0x010F] = CANARY.decode()
    exif[0x8825] = GPS
    if turned:
        exif[0x0112] = 6
    file = io.BytesIO()
    extra: dict[str, object] = {"exif": exif, **more}
    if kind == "JPEG":
        extra["comment"] = CANARY
    if kind == "PNG":
        info = PngInfo()
        info.add_text("Comment", CANARY.decode())
        extra["pnginfo"] = info
    picture.save(file, kind, **extra)
    return file.getvalue()


def gif(frames: int = 3, size: tuple[int, int] = (40, 30)) -> bytes:
    pictures = [Image.new("P", size, n % 256) for n in range(frames)]
    file = io.BytesIO()
    pictures[0].save(file, "GIF", save_all=True, append_images=pictures[1:], disposal=0, optimize=False)
    return file.getvalue()


def png(width: int, height: int, *chunks: bytes, data: bytes = b"") -> bytes:
    """A PNG that says what it likes about itself."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_bomb() -> bytes:
    """12,000 x 12,000 pixels in 140 kB or so."""
    packer = zlib.compressobj(9)
    line = bytes(1 + 3 * 12_000)
    return png(12_000, 12_000, data=b"".join(packer.compress(line) for _ in range(12_000)) + packer.flush())


def png_text_bomb() -> bytes:
    """200 MB of text in a small chunk."""
    packer = zlib.compressobj(9)
    megabyte = bytes(1024 * 1024)
    text = b"".join(packer.compress(megabyte) for _ in range(200)) + packer.flush()
    return png(8, 8, chunk(b"zTXt", b"Comment\x00\x00" + text), data=zlib.compress(bytes(8 * 25)))


def jpeg_with_page() -> bytes:
    """A picture to one program, a page with a script to another."""
    return photo() + b"<html><script>alert(1)</script></html>"


def box(kind: bytes, brand: bytes = b"", tail: bytes = b"") -> bytes:
    body = kind + (brand + b"\x00\x00\x02\x00" + brand if brand else b"") + tail
    return struct.pack(">I", 4 + len(body)) + body


def video(brand: bytes = b"isom", size: int = 4_096) -> bytes:
    return box(b"ftyp", brand) + box(b"mdat", tail=bytes(size))


PLACE = b"GPS 52.5163N 13.3777E"
"""What stands in a HEIC photo where its place is told."""


def _items(*kinds: bytes) -> bytes:
    entries = (
        box(
            b"infe",
            tail=struct.pack(">IHH4s", 2 << 24, nth, 0, kind) + b"\0" + (b"application/rdf+xml\0" * (kind == b"mime")),
        )
        for nth, kind in enumerate(kinds, 1)
    )
    return box(b"iinf", tail=struct.pack(">IH", 0, len(kinds)) + b"".join(entries))


def _places(version: int, *places: tuple[int, int, int]) -> bytes:
    """``iloc`` of items, each with how it is placed, where, and its length."""
    wide = ">I" if version == 2 else ">H"
    head = struct.pack(">I", version << 24) + b"\x44\x00" + struct.pack(wide, len(places))
    entries = (
        struct.pack(wide, nth)
        + (struct.pack(">H", method) if version else b"")
        + struct.pack(">HHII", 0, 1, start, size)
        for nth, (method, start, size) in enumerate(places, 1)
    )
    return box(b"iloc", tail=head + b"".join(entries))


def heic(version: int = 1, *, method: int = 0) -> bytes:
    """As a telephone makes it: a picture, its Exif and its XMP; ``method`` 1 has the words beside the items."""
    exif = struct.pack(">I", 0) + b"MM\0*\0\0\0\x08" + PLACE + b"." * 20
    xmp = b"<x:xmpmeta>" + PLACE + b"</x:xmpmeta>"
    picture = b"picture " * 100
    start, moved = box(b"ftyp", b"heic"), box(b"moov", tail=box(b"trak", tail=box(b"udta", tail=PLACE)))

    def meta(begin: int) -> bytes:
        words_at = 0 if method else begin + len(picture)
        places = ((0, begin, len(picture)), (method, words_at, len(exif)), (method, words_at + len(exif), len(xmp)))
        inside = _items(b"hvc1", b"Exif", b"mime") + _places(version, *places)
        return box(b"meta", tail=bytes(4) + inside + (box(b"idat", tail=exif + xmp) if method else b""))

    before = start + box(b"uuid", tail=bytes(16) + PLACE) + moved
    begin = len(before) + len(meta(0)) + 8
    return before + meta(begin) + box(b"mdat", tail=picture + (b"" if method else exif + xmp))


def webm() -> bytes:
    return b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webmB\x87\x81\x04" + bytes(
        300
    )


def pdf(catalog: bytes = b"", *more: bytes) -> bytes:
    return b"%PDF-1.7\n1 0 obj\n<</Type/Catalog" + catalog + b">>\nendobj\n" + b"".join(more) + b"trailer <<>>\n%%EOF\n"


def pdf_stream(dictionary: bytes, content: bytes) -> bytes:
    packed = zlib.compress(content)
    head = b"2 0 obj\n<<" + dictionary + b"/Filter/FlateDecode/Length %d>>\nstream\n" % len(packed)
    return head + packed + b"\nendstream\nendobj\n"


EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n"
PSD = b"8BPS\x00\x01" + bytes(6) + struct.pack(">HIIHH", 3, 9, 9, 8, 3) + bytes(64)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
XHTML = b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>'
XML = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
