"""The golden set in every format: what was put in comes out, verified, and as archives want it."""

from __future__ import annotations

import json
import subprocess
import zipfile
from io import BytesIO
from pathlib import Path

import pdf_oxide
import pytest
from golden import MAKERS, ORIGINALS, golden
from needs import need
from squeezing import squeezed

from convokit.transcripts.characters import columns
from convokit.transcripts.pdf_layout import TEXT_LIMIT
from convokit.transcripts.verifying import verify
from convokit.transcripts.wording import said

CARRIED = [name for name in MAKERS if name != "every script"]  # what the built-in fonts lack has tests of its own
NAMES = pytest.mark.parametrize("name", MAKERS)


def written(name: str, folder: Path, suffix: str) -> Path:
    return golden(name).write(folder / f"t{suffix}")


@pytest.mark.parametrize("name", CARRIED)
def test_p14_what_was_put_in_is_extracted_from_the_pdf(name: str, tmp_path: Path) -> None:
    (pdftotext,) = need("pdftotext", package="poppler-utils")
    done = subprocess.run([pdftotext, written(name, tmp_path, ".pdf"), "-"], check=True, capture_output=True)
    assert done.stderr == b""
    told = squeezed(done.stdout.decode())
    at = 0
    for line in golden(name).transcript.lines:
        words = squeezed(said(line)[:TEXT_LIMIT] if line.kind != "event" else line.text)
        found = _found(told, words, at)
        assert found >= 0, f"entry {line.seq} is not where it should be: {words[:60]!r}"
        at = found


def _found(told: str, words: str, at: int) -> int:
    """Where the words stand after ``at``; those of a text over several pages are interrupted by what is around."""
    whole = told.find(words, at)
    if whole >= 0 or len(words) < 2_000:
        return whole
    return told.find(words[:1_000], at)


@NAMES
def test_p14_the_text_format_has_every_character(name: str) -> None:
    made = golden(name).text()
    together = squeezed(made)
    assert max((columns(line) for line in made.splitlines()), default=0) <= 80
    assert all(squeezed(said(line)) in together for line in golden(name).transcript.lines if line.kind != "event")


@NAMES
def test_p14_the_json_format_has_every_character_as_it_was_sent(name: str) -> None:
    make, options = MAKERS[name]
    if "redact" in options:
        return
    found = json.loads(golden(name).json())["lines"]
    assert [line["text"] for line in found] == [one.text for one in make()]


@NAMES
def test_p14_each_format_is_verified(name: str, tmp_path: Path) -> None:
    for suffix in (".json", ".pdf", ".zip"):
        with written(name, tmp_path, suffix).open("rb") as file:
            found = verify(file)
        assert (found.whole, found.why, found.head) == (True, "", golden(name).transcript.head)


@NAMES
def test_the_pdf_is_pdf_a_for_a_validator_that_we_did_not_write(name: str, tmp_path: Path) -> None:
    (qpdf,) = need("qpdf", package="qpdf")
    file = written(name, tmp_path, ".pdf")
    for level in ("3b", "3u", "3a"):
        found = pdf_oxide.PdfDocument(str(file)).validate_pdf_a(level)
        assert (found["valid"], found["errors"]) == (True, []), level
    subprocess.run([qpdf, "--check", file], check=True, capture_output=True)


def test_the_validator_catches_what_is_no_pdf_a(tmp_path: Path) -> None:
    """The harness catches its mutant: without the words that claim it, the same file is refused."""
    file = written("ordinary", tmp_path, ".pdf")
    spoiled = file.read_bytes().replace(b"pdfaid:part>3<", b"pdfaid:part>9<").replace(b"/MarkInfo", b"/MarkXnfo")
    file.write_bytes(spoiled)
    assert not pdf_oxide.PdfDocument(str(file)).validate_pdf_a("3a")["valid"]


def test_tags_say_what_is_a_heading_a_paragraph_and_a_picture(tmp_path: Path) -> None:
    (pdfinfo,) = need("pdfinfo", package="poppler-utils")
    file = written("photos", tmp_path, ".pdf")
    told = subprocess.run([pdfinfo, "-struct-text", file], check=True, capture_output=True, text=True).stdout
    assert 'H1 (block)\n    "Conversation transcript"' in told
    assert 'H2 (block)\n    "Saturday, March 8, 2025"' in told
    assert '"Client Ana Ruiz"' in told
    assert told.count("Figure") == 4
    assert "Page 1 of" not in told
    struct = subprocess.run([pdfinfo, "-struct", file], check=True, capture_output=True, text=True).stdout
    assert "Small picture of the file" not in struct or "Figure" in struct
    assert b"/Alt (Small picture of the file Bella after surgery.jpg)" in file.read_bytes()


def test_the_archive_has_every_format_and_the_files_that_were_sent(tmp_path: Path) -> None:
    with zipfile.ZipFile(written("photos", tmp_path, ".zip")) as archive:
        names = archive.namelist()
        assert names == [
            "transcript.pdf",
            "transcript.html",
            "transcript.txt",
            "transcript.json",
            "files/00001-1-Bella-after-surgery.jpg",
            "files/00001-2-Bella-after-surgery.jpg",
            "files/00001-3-Bella-after-surgery.jpg",
            "files/00001-4-Labs-of-March.pdf",
            "files/00002-1-e-vil.jpg",
        ]
        assert archive.read(names[4]) in ORIGINALS.values()
        assert archive.read("transcript.pdf") == golden("photos").pdf()
        assert {info.date_time for info in archive.infolist()} == {(2025, 3, 8, 17, 8, 0)}


def test_an_archive_of_files_that_are_gone_says_so() -> None:
    from attrs import evolve

    kept = BytesIO()
    evolve(golden("photos"), originals=lambda digest: [b"another"]).zip(kept)
    kept.seek(0)
    found = verify(kept)
    assert found.whole
    assert "5 of its files are not in the archive." in found.notes


def test_small_pictures_stand_in_html_and_nothing_is_fetched() -> None:
    page = golden("photos").html()
    assert page.count('<img src="data:image/jpeg;base64,') == 4
    assert 'alt="Small picture of the file Bella after surgery.jpg"' in page
    assert "img-src data:" in page
    assert "http" not in page.replace("http-equiv", "")
