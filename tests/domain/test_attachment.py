"""Files as values: kinds, limits, labels, and how each reaches the client."""

from __future__ import annotations

from datetime import UTC, datetime
from unicodedata import category

import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from convokit.domain.attachment import (
    LIMITS,
    LONGEST_NAME,
    MEGABYTE,
    SHOWN,
    TYPES,
    Attachment,
    MediaLimits,
    Upload,
    clean_name,
    files_words,
    size_words,
    ways,
    with_links,
)
from convokit.domain.conversation import preview

PHOTO = Attachment(id="f1", name="a.jpg", kind="photo", media_type="image/jpeg", size=1000, sha256="a" * 64)
PDF = evolve(PHOTO, id="f2", kind="pdf", media_type="application/pdf")
MMS = MediaLimits(types=frozenset({"image/jpeg"}), bytes_each=1000, bytes_together=1500, files=2)


@pytest.mark.parametrize(
    ("files", "limits", "chosen"),
    [
        ((), MMS, ()),
        ((PHOTO,), None, ("link",)),
        ((PHOTO,), MMS, ("mms",)),
        ((PDF, PHOTO), MMS, ("link", "mms")),
        ((evolve(PHOTO, size=1001),), MMS, ("link",)),
        ((PHOTO, PHOTO), MMS, ("mms", "link")),
        ((PHOTO, evolve(PHOTO, size=500)), MMS, ("mms", "mms")),
        ((evolve(PHOTO, size=1),) * 3, MMS, ("mms", "mms", "link")),
    ],
)
def test_by_text_a_file_goes_with_it_as_far_as_the_carrier_takes_it(
    files: tuple[Attachment, ...], limits: MediaLimits | None, chosen: tuple[str, ...]
) -> None:
    assert ways(files, channel="sms", limits=limits) == chosen


def test_in_the_app_there_is_one_way() -> None:
    assert ways((PHOTO, PDF), channel="app", limits=MMS) == ("app", "app")


def test_the_limits_are_those_of_the_product() -> None:
    told = {kind: most // MEGABYTE for kind, most in LIMITS.items()}
    assert told == {"photo": 25, "video": 200, "pdf": 25, "file": 25}
    assert {kind for kind, _ in TYPES.values()} == LIMITS.keys()
    assert TYPES.keys() >= SHOWN


@given(st.text(max_size=400), st.sampled_from(["", *sorted(TYPES)]))
@example("x" * 118 + " .pdf", "application/pdf")
@example("a" + "." * 300, "image/png")
def test_p15_a_label_is_one_visible_line_with_the_contents_suffix(name: str, media_type: str) -> None:
    label = clean_name(name, media_type)
    assert 0 < len(label) <= LONGEST_NAME
    assert not set(label) & set('<>:"/\\|?*\n\r\t')
    assert not any(category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") for sign in label)
    assert label == label.strip(" ")
    assert not label.startswith(".")
    assert not media_type or "." in label[1:]
    assert clean_name(label, media_type) == label


@pytest.mark.parametrize(
    ("given_name", "media_type", "label"),
    [
        ("Bella.JPEG", "image/jpeg", "Bella.JPEG"),
        ("Bella.heif", "image/heic", "Bella.heif"),
        ("walk.m4v", "video/mp4", "walk.m4v"),
        ("walk.3gpp", "video/3gpp", "walk.3gpp"),
        ("Bella", "image/png", "Bella.png"),
        ("pdf", "application/pdf", "PDF.pdf"),
        ("...", "image/gif", "Photo.gif"),
        ("walk", "video/webm", "walk.webm"),
        ("", "", "File"),
        ("what is it?", "", "what is it"),
        ("x" * 300, "", "x" * 120),
        ("a." + "x" * 300, "", "a." + "x" * 118),
        ("x" * 119 + " " + "y" * 99, "", "x" * 119),
        ("x" * 300 + ".heic", "", "x" * 115 + ".heic"),
        ("x" * 300 + ".jpeg", "image/jpeg", "x" * 115 + ".jpeg"),
    ],
)
def test_labels(given_name: str, media_type: str, label: str) -> None:
    assert clean_name(given_name, media_type) == label


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1024, "1 KB"), (MEGABYTE - 1, "1023 KB"), (25 * MEGABYTE, "25.0 MB")],
)
def test_sizes_in_words(size: int, words: str) -> None:
    assert size_words(size) == words


def test_a_message_without_words_says_in_the_inbox_what_came() -> None:
    assert preview("", (PHOTO,)) == "[Photo]"
    assert preview(" \n", (PDF, PHOTO, PHOTO)) == "[PDF, 2 photos]"
    assert preview("Look", (PHOTO,)) == "Look"
    assert preview("") == ""
    assert files_words([evolve(PHOTO, kind="video"), evolve(PHOTO, kind="file")]) == "[Video, File]"


def test_links_stand_under_the_words() -> None:
    links = [("PDF", "https://x/1"), ("Video", "https://x/2")]
    assert with_links("Look", links) == "Look\nPDF: https://x/1\nVideo: https://x/2"
    assert with_links("", links[:1]) == "PDF: https://x/1"
    assert with_links("Look", []) == "Look"


def test_what_an_upload_says_of_itself() -> None:
    upload = Upload(attachment=evolve(PHOTO, thumbnail="b" * 64), owner="staff:u1", expires_us=1_000_000)
    assert (upload.id, upload.expires_at) == ("f1", datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    assert upload.attachment.has_thumbnail
    assert upload.attachment.addresses == ("a" * 64, "b" * 64)
    assert PHOTO.addresses == ("a" * 64,)
    assert not PHOTO.has_thumbnail
