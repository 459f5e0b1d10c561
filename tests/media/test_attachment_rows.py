"""Bad files, one test a row. The numbers are those of the table of promises (attachments, 39 to 53)."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator

import made_files as made
import pytest
from desks import ANA, KIM, World, world
from PIL import Image

import convokit
from convokit.domain.attachment import LIMITS, MEGABYTE
from convokit.media import pictures

PUBLIC = "https://desk.example/hooks"


@pytest.fixture
def w() -> Iterator[World]:
    with world(public_url=PUBLIC) as made_world:
        yield made_world


def refused(w: World, name: str, source: object) -> convokit.ConvokitError:
    with pytest.raises(convokit.ConvokitError) as caught:
        w.desk.upload(name, source, by=KIM)  # type: ignore[arg-type]
    return caught.value


def stored(w: World, upload: convokit.Upload) -> bytes:
    return b"".join(w.desk.open_file(upload.id, by=KIM))


def fetched(w: World, upload: convokit.Upload) -> convokit.HttpResponse:
    return w.kit.media(convokit.HttpRequest(method="GET", url=w.desk.file_url(upload.id, by=KIM)))


class Endless(io.RawIOBase):
    """A body without an end; counts what was read of it."""

    def __init__(self, head: bytes) -> None:
        self.head, self.given = head, 0

    def read(self, size: int = -1) -> bytes:
        part = self.head if not self.given else bytes(size)
        self.given += len(part)
        return part


REFUSED: list[tuple[str, Callable[[], bytes], str, str]] = [
    ("39: a bomb of 12,000 x 12,000", made.png_bomb, "bomb.png", "file.pixels"),
    ("40: a header of 65,000 x 65,000", lambda: made.png(65_000, 65_000, data=b"x"), "big.png", "file.pixels"),
    ("40: a truncated PNG", lambda: made.photo(kind="PNG")[:-2_000], "cut.png", "file.damaged"),
    ("40: a truncated JPEG", lambda: made.photo()[:5_000], "cut.jpg", "file.damaged"),
    ("40: a truncated GIF", lambda: made.gif()[:40], "cut.gif", "file.damaged"),
    ("40: a text of 200 MB in a chunk", made.png_text_bomb, "text.png", "file.damaged"),
    ("40: a header and nothing else", lambda: b"\x89PNG\r\n\x1a\n", "head.png", "file.damaged"),
    ("40: no pixels at all", lambda: made.png(0, 0), "none.png", "file.damaged"),
    ("41: EPS named .png", lambda: made.EPS, "x.png", "file.kind"),
    ("41: PSD named .jpg", lambda: made.PSD, "x.jpg", "file.kind"),
    ("43: SVG with a script", lambda: made.SVG, "x.svg", "file.kind"),
    ("43: SVG named .png", lambda: made.SVG, "x.png", "file.kind"),
    ("43: HTML", lambda: made.HTML, "x.pdf", "file.kind"),
    ("43: XHTML", lambda: made.XHTML, "x.jpg", "file.kind"),
    ("43: XML with a DTD", lambda: made.XML, "x.jpg", "file.kind"),
    ("43: a program", lambda: b"\x7fELF\x02\x01\x01" + bytes(60), "x.pdf", "file.kind"),
    ("43: a page that speaks of a PDF", lambda: b"<html>%PDF-1.7" + made.pdf(), "x.pdf", "file.kind"),
    ("43: a text", "Bella is well. ü".encode, "x.txt", "file.kind"),
    ("43: an archive", lambda: b"PK\x03\x04" + bytes(60), "x.pdf", "file.kind"),
    ("43: a sound", lambda: made.video(b"M4A "), "x.mp4", "file.kind"),
    ("43: a picture in AVIF", lambda: made.video(b"avif"), "x.jpg", "file.kind"),
    ("47: 0 bytes", lambda: b"", "x.jpg", "file.empty"),
    ("47: a byte over the limit of a PDF", lambda: made.pdf().ljust(25 * MEGABYTE + 1), "x.pdf", "file.too_large"),
    ("47: a byte over the limit of a photo", lambda: made.photo().ljust(25 * MEGABYTE + 1), "x.jpg", "file.too_large"),
    ("47: a byte over the limit of a file", lambda: made.heic().ljust(25 * MEGABYTE + 1), "x.heic", "file.too_large"),
]


@pytest.mark.parametrize(("content", "name", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_p15_a_file_that_is_refused_leaves_nothing(
    w: World, content: Callable[[], bytes], name: str, code: str
) -> None:
    error = refused(w, name, content())
    assert (error.code, error.field) == (code, "file")
    assert "0 files" in w.kit.files.media.check()


@pytest.mark.parametrize(
    ("head", "kind"), [(made.video(), "video"), (made.webm(), "video"), (made.pdf(), "pdf"), (made.photo(), "photo")]
)
def test_p18_row_47_an_endless_body_is_read_to_the_limit_and_no_further(w: World, head: bytes, kind: str) -> None:
    body = Endless(head)
    assert refused(w, "x", body).code == "file.too_large"
    assert body.given <= LIMITS[kind] + MEGABYTE  # type: ignore[index]
    assert "0 files" in w.kit.files.media.check()


def test_p15_row_42_what_hangs_behind_a_picture_is_gone(w: World) -> None:
    upload = w.desk.upload("bella.jpg", made.jpeg_with_page(), by=KIM)
    kept = stored(w, upload)
    assert b"<script>" not in kept
    assert Image.open(io.BytesIO(kept)).size == (640, 480)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_p15_no_place_and_no_camera_leave_with_a_picture(w: World, kind: str) -> None:
    given = made.photo(kind=kind)
    assert made.CANARY in given
    kept = stored(w, w.desk.upload("bella", given, by=KIM))
    assert made.CANARY not in kept
    picture = Image.open(io.BytesIO(kept))
    assert picture.format == kind
    assert not dict(picture.getexif())
    assert not {"comment", "exif", "Comment", "icc_profile", "xmp"} & picture.info.keys()


def test_a_picture_stands_upright_without_its_metadata(w: World) -> None:
    upload = w.desk.upload("bella.jpg", made.photo((600, 400), turned=True), by=KIM)
    file = upload.attachment
    assert (file.width, file.height) == (400, 600)
    small = Image.open(io.BytesIO(b"".join(w.desk.open_file(upload.id, by=KIM, size="small"))))
    assert (small.format, small.size) == ("JPEG", (213, 320))


ACTIVE: list[tuple[str, bytes]] = [
    ("JavaScript", made.pdf(b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>")),
    ("JavaScript in hex", made.pdf(b"/OpenAction<</S/J#61vaScript/J#53(x)>>")),
    ("a launch action", made.pdf(b"/OpenAction<</S/Launch/F(cmd.exe)>>")),
    ("an embedded file", made.pdf(b"/Names<</EmbeddedFiles 3 0 R>>")),
    ("in a compressed object stream", made.pdf(b"", made.pdf_stream(b"/Type/ObjStm", b"<</S/JavaScript/JS(x)>>"))),
    ("behind a stream", made.pdf(b"", made.pdf_stream(b"", b"a page"), b"4 0 obj <</S/Launch>> endobj\n")),
    ("a stream without an end", made.pdf(b"/S/Launch\nstream\nx")),
    ("fifty thousand streams", made.pdf(b"", b"stream\nendstream\n" * 50_001)),
]
QUIET: list[tuple[str, bytes]] = [
    ("nothing", made.pdf()),
    ("words like it on a page", made.pdf(b"", made.pdf_stream(b"", b"(/JavaScript /Launch) Tj"))),
    ("a longer name", made.pdf(b"/JSON 1/Launchpad 2")),
    ("a mark and blank lines before it", b"\xef\xbb\xbf\r\n \n" + made.pdf()),
    ("an object stream that is broken", made.pdf(b"", b"2 0 obj <</Type/ObjStm>>\nstream\nxx\nendstream\n")),
]


@pytest.mark.parametrize(
    ("content", "flags"),
    [*((content, ("active_content",)) for _, content in ACTIVE), *((content, ()) for _, content in QUIET)],
    ids=[name for name, _ in (*ACTIVE, *QUIET)],
)
def test_p15_row_44_a_pdf_is_kept_flagged_and_only_downloaded(w: World, content: bytes, flags: tuple[str, ...]) -> None:
    upload = w.desk.upload("labs.pdf", content, by=KIM)
    assert upload.attachment.flags == flags
    assert stored(w, upload) == content
    response = fetched(w, upload)
    assert (response.header("Content-Disposition") or "").startswith("attachment; ")
    assert response.header("X-Content-Type-Options") == "nosniff"
    assert "sandbox" in (response.header("Content-Security-Policy") or "")


def test_row_45_heic_is_kept_as_a_file_without_a_preview(w: World) -> None:
    upload = w.desk.upload("IMG_1.HEIC", made.heic(), by=KIM)
    file = upload.attachment
    assert (file.kind, file.media_type, file.has_thumbnail, file.name) == ("file", "image/heic", False, "IMG_1.HEIC")
    kept = stored(w, upload)
    assert (len(kept), made.PLACE in kept) == (len(made.heic()), False)
    assert (fetched(w, upload).header("Content-Disposition") or "").startswith("attachment; ")
    with pytest.raises(convokit.NotFound) as caught:
        w.desk.open_file(upload.id, by=KIM, size="small")
    assert caught.value.code == "media.unknown"


NAMES: list[tuple[str, str]] = [
    ("../../x", "x.pdf"),
    ("C:\\x", "x.pdf"),
    ("a/b", "b.pdf"),
    ("CON", "CON.pdf"),
    ("x" * 300, "x" * 116 + ".pdf"),
    ("a\x00b.pdf", "a�b.pdf"),
    ("a\nb\r\n.pdf", "a b .pdf"),
    ("x.png\u200b", "x.png.pdf"),
    (".htaccess", "htaccess.pdf"),
    ("", "PDF.pdf"),
    ("abc\u202efdp.exe", "abcfdp.exe.pdf"),
    ("Bella’s Befund ü 🐶.PDF", "Bella’s Befund ü 🐶.PDF"),
    ("\ud83d", "�.pdf"),
    ('a"; filename="b.exe', "a; filename=b.exe.pdf"),
]


@pytest.mark.parametrize(("given", "label"), NAMES, ids=[ascii(given)[:30] for given, _ in NAMES])
def test_p15_row_48_a_name_is_a_label_only(w: World, given: str, label: str) -> None:
    upload = w.desk.upload(given, made.pdf(), by=KIM)
    assert upload.attachment.name == label
    header = fetched(w, upload).header("Content-Disposition") or ""
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2


def test_row_49_a_gif_of_5000_frames_costs_its_first(w: World) -> None:
    content = made.gif(5_000, (8, 6))
    upload = w.desk.upload("many.gif", content, by=KIM)
    assert (upload.attachment.width, upload.attachment.height, upload.attachment.has_thumbnail) == (8, 6, True)
    assert stored(w, upload) == content
    assert (fetched(w, upload).header("Content-Disposition") or "").startswith("attachment; ")


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (made.video(), "video/mp4"),
        (made.video(b"qt  "), "video/quicktime"),
        (made.video(b"3gp5"), "video/3gpp"),
        (made.webm(), "video/webm"),
    ],
)
def test_row_49_a_video_is_opaque(w: World, content: bytes, media_type: str) -> None:
    upload = w.desk.upload("walk", content, by=KIM)
    assert (upload.attachment.kind, upload.attachment.media_type) == ("video", media_type)
    assert stored(w, upload) == content


def someone(w: World, who: str) -> tuple[convokit.PracticeDesk, object]:
    other = convokit.Practice(id="other", name="Other", region="US")
    return {
        "another member of staff": (w.desk, convokit.Staff(id="u2", name="Lee")),
        "a client": (w.desk, ANA),
        "another practice": (w.kit.practice(w.kit.add_practice(other).id), KIM),
    }[who]


@pytest.mark.parametrize("who", ["another member of staff", "a client", "another practice"])
def test_p10_row_52_an_upload_of_somebody_else_is_unknown(w: World, who: str, caplog: pytest.LogCaptureFixture) -> None:
    upload = w.desk.upload("labs.pdf", made.pdf(), by=KIM)
    desk, by = someone(w, who)
    told = []
    for upload_id in (upload.id, "f_unknown"):
        with caplog.at_level(logging.WARNING), pytest.raises(convokit.NotFound) as caught:
            desk.uploaded(upload_id, by=by)  # type: ignore[arg-type]
        told.append((caught.value.code, caught.value.message))
    assert told == [("upload.unknown", "no such upload; perhaps it has expired")] * 2
    assert caplog.text.count("asked for an upload") == 2
    assert ("somebody else" in caplog.text) == (who != "another practice")
    assert f"{desk.practice.id}: " in caplog.text
    client = convokit.Client(id="c2", name="Rosa")
    with pytest.raises(convokit.NotFound) as caught:
        desk.app_message(client, "mine?", attachments=[upload])
    assert caught.value.code == "upload.unknown"
    with pytest.raises(convokit.NotFound) as caught:
        desk.open_file(upload.id, by=by)  # type: ignore[arg-type]
    assert caught.value.code == "attachment.unknown"


TELL = "from convokit.media.child import tell; tell(open(1, 'wb'),"
CHILDREN = {
    "a signal": "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
    "a quiet end": "raise SystemExit(0)",
    "an exception": "raise MemoryError",
    "no end": "while True: pass",
    "too much memory": "from convokit.media import child; child.limit(); bytearray(400_000_000)",
    "a lie about sizes": f"{TELL} {{'main': 9, 'thumbnail': 9, 'width': 1, 'height': 1}})",
    "a size below nothing": f"{TELL} {{'main': -9, 'thumbnail': 9, 'width': 1, 'height': 1}})",
    "rubbish": "import os; os.write(1, os.urandom(5000))",
    "an unknown code": 'import sys; sys.stdout.write(\'{"error":"x.y"}\\0\\0\\0\\x0f\')',
}


@pytest.mark.parametrize("script", CHILDREN.values(), ids=CHILDREN)
def test_p15_row_53_a_child_that_dies_dies_alone(w: World, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "COMMAND", ("-c", script))
    monkeypatch.setattr(pictures, "WALL_SECONDS", 2.0)
    assert refused(w, "bella.jpg", made.photo()).code == "file.unreadable"
    monkeypatch.undo()
    assert w.desk.upload("bella.jpg", made.photo(), by=KIM).attachment.kind == "photo"


def test_p15_the_child_knows_nothing_of_our_environment(w: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "of the host")
    script = "import os, sys; sys.exit('SECRET' in os.environ or os.write(1, b'{}\\0\\0\\0\\2') and 0)"
    monkeypatch.setattr(pictures, "COMMAND", ("-c", script))
    with pictures.scratch() as source, pictures.scratch() as result:
        source.write(made.photo())
        with pytest.raises(convokit.InvalidInput):
            pictures.convert(source, "image/jpeg", result)
        result.seek(0)
        assert result.read() == b"{}\0\0\0\2"
