"""What GIF and HEIC say beside their pictures, a place above all, is gone before they are kept."""

from __future__ import annotations

import io
import random
import struct
import tempfile
from collections.abc import Iterator
from contextlib import suppress

import made_files as made
import pytest
from desks import KIM, World, world
from PIL import Image

import convokit
from convokit.media.gif import GifError, without_words
from convokit.media.heic import LARGEST_META, HeicError, remove_words


@pytest.fixture
def w() -> Iterator[World]:
    with world("memory:") as made_world:
        yield made_world


def cleaned(content: bytes) -> bytes:
    with tempfile.TemporaryFile("w+b") as file:
        file.write(content)
        file.flush()
        remove_words(file)
        file.seek(0)
        return file.read()


# --- GIF --------------------------------------------------------------------------------------------------------------

COMMENT = b"\x21\xfe" + bytes([len(made.PLACE)]) + made.PLACE + b"\x00"
XMP = b"\x21\xff\x0bXMP DataXMP<x:xmpmeta>" + made.PLACE + b"\x01" + bytes(range(255, -1, -1)) + b"\x00"
LOOP = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
WRITING = b"\x21\x01\x0c" + bytes(12) + bytes([len(made.PLACE)]) + made.PLACE + b"\x00"


def animated() -> bytes:
    """Three frames, each with a control block that says how long it is shown."""
    pictures = [Image.new("RGB", (8, 6), color) for color in ("red", "green", "blue")]
    file = io.BytesIO()
    pictures[0].save(file, "GIF", save_all=True, append_images=pictures[1:], duration=80)
    return file.getvalue()


def stripped(content: bytes) -> bytes:
    result = io.BytesIO()
    assert without_words(content, result) == len(result.getvalue())
    return result.getvalue()


def test_p15_a_gif_keeps_its_frames_and_its_loop_and_nothing_else() -> None:
    plain = animated()
    head = plain.index(b"\x21\xf9")  # the first frame's control block
    told = plain[:head] + LOOP + COMMENT + b"\x00" + XMP + WRITING + plain[head:-1] + COMMENT + b";" + made.PLACE
    assert stripped(told) == plain[:head] + LOOP + plain[head:]
    with Image.open(io.BytesIO(stripped(told))) as picture:
        assert (getattr(picture, "n_frames", 0), picture.info["loop"]) == (3, 0)


@pytest.mark.parametrize("end", [b"", COMMENT[:9], b"\x2c\x00", b"\x21", b"\x21\xf9"])
def test_a_gif_that_breaks_off_keeps_its_whole_frames(end: bytes) -> None:
    assert stripped(made.gif()[:-1] + end) == made.gif()


def test_p18_what_is_no_block_of_a_gif_is_refused() -> None:
    with pytest.raises(GifError):
        stripped(made.gif()[:-1] + made.PLACE)


def test_p15_a_gif_is_kept_without_its_place(w: World) -> None:
    plain = made.gif()
    upload = w.desk.upload("x.gif", plain[:-1] + COMMENT + b";", by=KIM)
    assert b"".join(w.desk.open_file(upload.id, by=KIM)) == plain
    assert upload.attachment.size == len(plain)


# --- HEIC -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("version", "method"), [(0, 0), (1, 0), (1, 1), (2, 0), (2, 1)])
def test_p15_a_heic_photo_says_no_place_and_keeps_its_picture_where_it_was(version: int, method: int) -> None:
    content = made.heic(version, method=method)
    left = cleaned(content)
    assert content.count(made.PLACE) == 4
    assert made.PLACE not in left
    assert b"xmpmeta" not in left
    assert len(left) == len(content)
    assert left.index(b"picture " * 100) == content.index(b"picture " * 100)
    assert b"\x00\x00\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00" in left, "an Exif block that says nothing, not rubbish"
    assert cleaned(left) == left


def test_p15_a_heic_photo_is_kept_without_its_place(w: World) -> None:
    upload = w.desk.upload("IMG_2.HEIC", made.heic(), by=KIM)
    assert b"".join(w.desk.open_file(upload.id, by=KIM)) == cleaned(made.heic())
    with pytest.raises(convokit.InvalidInput) as caught:
        w.desk.upload("IMG_3.HEIC", made.heic()[:-900], by=KIM)
    assert (caught.value.code, caught.value.field) == ("file.damaged", "file")


START = made.box(b"ftyp", b"heic")
NO_ITEM = made.box(b"iloc", tail=bytes(8))
INFE = made.box(b"infe", tail=struct.pack(">IHH4s", 2 << 24, 1, 0, b"Exif") + b"\x00")
IINF = made.box(b"iinf", tail=struct.pack(">IH", 0, 1) + INFE)


def meta(*inside: bytes) -> bytes:
    return START + made.box(b"meta", tail=bytes(4) + b"".join(inside))


def iloc(*parts: tuple[int, int], method: int = 0) -> bytes:
    entry = struct.pack(">HHHH", 1, method, 0, len(parts)) + b"".join(struct.pack(">II", *part) for part in parts)
    return made.box(b"iloc", tail=b"\x01\x00\x00\x00\x44\x00\x00\x01" + entry)


ODD = {
    "a box beyond the end": START + b"\x00\x00\xff\xffmeta",
    "a box of three bytes": START + b"\x00\x00\x00\x03free",
    "half a box": START + b"\x00\x00",
    "a thousand boxes": START + b"\x00\x00\x00\x08abcd" * 1_000,
    "a huge list": START + made.box(b"meta", tail=bytes(LARGEST_META + 1)),
    "no places": meta(IINF),
    "half a place": meta(IINF, made.box(b"iloc", tail=bytes(5))),
    "a place beyond the end": meta(IINF, iloc((0, 1 << 30))),
    "a place without an end": meta(IINF, iloc((0, 0))),
    "a place made of items": meta(IINF, iloc((0, 4), method=2)),
    "a place in nothing": meta(IINF, iloc((0, 4), method=1)),
    "places over each other": meta(IINF, iloc(*[(0, 60)] * 50)),
    "65,535 parts of no size": meta(IINF, made.box(b"iloc", tail=bytes(7) + b"\x01\x00\x01\x00\x00\xff\xff")),
}


@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
def test_p18_boxes_that_contradict_each_other_are_refused(content: bytes) -> None:
    with pytest.raises(HeicError):
        cleaned(content)


@pytest.mark.parametrize("content", [START, meta(), meta(NO_ITEM), START + b"\x00\x00\x00\x00mdat" + made.PLACE])
def test_what_has_no_words_stays_as_it_is(content: bytes) -> None:
    assert cleaned(content) == content


def test_a_box_with_a_long_size_is_read() -> None:
    told = START + struct.pack(">I4sQ", 1, b"free", 16 + len(made.PLACE)) + made.PLACE
    assert cleaned(told) == told.replace(made.PLACE, bytes(len(made.PLACE)))


def test_p18_whatever_bytes_are_changed_it_is_cleaned_or_refused() -> None:
    source = random.Random(11)
    for _ in range(300):
        content = bytearray(made.heic(source.randrange(3)))
        for _ in range(source.randint(1, 6)):
            content[source.randrange(600)] = source.randrange(256)
        with suppress(HeicError):
            assert len(cleaned(bytes(content))) == len(content)
