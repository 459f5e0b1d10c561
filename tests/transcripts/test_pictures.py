"""Small pictures are what their digest says, and JPEG, or they are told in words."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO

import pytest
from attrs import evolve
from golden import golden, photo, picture
from made_transcripts import document, outbound
from PIL import Image

from convokit.transcripts.pictures import LARGEST, found, size_of


def jpeg(size: tuple[int, int], mode: str = "RGB", **options: object) -> bytes:
    kept = BytesIO()
    Image.new(mode, size).save(kept, "JPEG", **options)
    return kept.getvalue()


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (jpeg((64, 48)), (64, 48)),
        (jpeg((1, 1)), (1, 1)),
        (jpeg((300, 200), "L"), (300, 200)),
        (jpeg((64, 48), progressive=True), (64, 48)),
        (jpeg((64, 48), exif=Image.Exif(), comment=b"x" * 70), (64, 48)),
        (b"\xff\xd8\xff\x01" + jpeg((64, 48))[2:], (64, 48)),
        (jpeg((64, 48), "CMYK"), None),
        (b"", None),
        (b"\xff\xd8", None),
        (b"\xff\xd8" + b"\x00" * 40, None),
        (b"\xff\xd8\xff\xe0\x00\x00" * 9, None),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 50, None),
        (jpeg((64, 48))[:30], None),
    ],
)
def test_the_size_is_in_the_frame_of_a_jpeg(content: bytes, size: tuple[int, int] | None) -> None:
    assert size_of(content) == size


def test_only_what_is_there_and_is_what_it_says_is_shown() -> None:
    good, large = picture(1), picture(2) + b"\x00" * LARGEST
    kept = {sha256(good).hexdigest(): good, "ab" * 32: good, sha256(large).hexdigest(): large}
    assert found(kept.get, [*kept, "cd" * 32]) == {sha256(good).hexdigest(): good}


def test_a_picture_that_is_gone_is_told_in_words() -> None:
    made = document(outbound(1, "A photo", attachments=(photo(0),)))
    assert b"/DCTDecode" not in made.pdf()
    assert "<img" not in made.html()
    assert "Bella after surgery.jpg" in made.html()


def test_a_picture_is_in_the_pdf_as_it_is_kept() -> None:
    assert golden("photos").pdf().count(b"/DCTDecode") == 3
    for number in range(3):
        assert picture(number) in golden("photos").pdf()


def test_other_pictures_make_another_pdf_and_the_same_record() -> None:
    made = golden("photos")
    without = evolve(made, pictures=lambda digest: None)
    assert made.pdf() != without.pdf()
    assert made.record() == without.record()
