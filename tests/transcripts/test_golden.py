"""The golden set in every format: what was put in comes out, verified, and as archives want it."""

from __future__ import annotations

import json
import subprocess
import zipfile
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pdf_oxide
import pytest
from golden import MAKERS, ORIGINALS, golden
from made_transcripts import document, entry
from needs import need
from squeezing import spaced, squeezed
from told_whole import as_text, in_html, on_paper

from convokit.domain.redaction import REDACTED
from convokit.transcripts.characters import columns
from convokit.transcripts.verifying import verify
from convokit.transcripts.wording import TITLE, facts, running_head

BROKEN = ["emoji families", "no blank for 100,000 characters"]
"""Those with a word that is longer than a line."""
NAMES = pytest.mark.parametrize("name", MAKERS)


def written(name: str, folder: Path, suffix: str) -> Path:
    return golden(name).write(folder / f"t{suffix}")


@NAMES
def test_p14_the_words_of_a_pdf_are_those_of_the_record_and_no_others(name: str, tmp_path: Path) -> None:
    """From the first to the last, blank for blank; only a word that is longer than a line is told in pieces."""
    (pdftotext,) = need("pdftotext", package="poppler-utils")
    done = subprocess.run([pdftotext, written(name, tmp_path, ".pdf"), "-"], check=True, capture_output=True)
    assert done.stderr == b""
    transcript = golden(name).transcript
    told = _without_edges(done.stdout.decode(), running_head(transcript))
    wanted = on_paper(transcript)
    assert squeezed(told) == squeezed(wanted)
    assert (told == spaced(wanted)) is (name not in BROKEN)


@pytest.mark.parametrize(
    "text",
    ["Bella ate היום שתי כפות and then ישנה all night", "قط Bella اكل 2 today", "مُحَمَّد", "بِسْمِ"],
    ids=["mixed: Hebrew", "mixed: Arabic", "vowel signs", "more vowel signs"],
)
def test_p14_mixed_directions_and_arabic_vowel_signs_may_be_told_in_another_order_but_whole(
    text: str, tmp_path: Path
) -> None:
    """The two exceptions of the manual, and no third: every character is told as often as it was put in."""
    (pdftotext,) = need("pdftotext", package="poppler-utils")
    made = document(entry(1, text))
    file = made.write(tmp_path / "t.pdf")
    done = subprocess.run([pdftotext, file, "-"], check=True, capture_output=True)
    told = squeezed(_without_edges(done.stdout.decode(), running_head(made.transcript)))
    assert sorted(told) == sorted(squeezed(on_paper(made.transcript)))


def _without_edges(pages: str, head: str) -> str:
    """The words between what stands above and below each page, which are there too."""
    told, listed = [], pages.split("\f")[:-1]
    for number, page in enumerate(map(spaced, listed), 1):
        foot = f"{TITLE} c1 Page {number} of {len(listed)}"
        assert page.startswith(head)
        assert page.endswith(foot)
        told.append(page.removeprefix(head).removesuffix(foot))
    return spaced(" ".join(told))


@NAMES
def test_p14_the_text_format_has_every_word_and_no_others(name: str) -> None:
    made = golden(name).text()
    assert max((columns(line) for line in made.splitlines()), default=0) <= 80
    wanted = as_text(golden(name).transcript)
    assert squeezed(made) == squeezed(wanted)
    assert (spaced(made) == spaced(wanted)) is (name not in BROKEN)


@NAMES
def test_p14_html_has_every_text_to_the_blank(name: str) -> None:
    told = Paragraphs(golden(name).html())
    assert told.found == list(in_html(golden(name).transcript))
    assert list(zip(told.terms, told.values, strict=True)) == facts(golden(name).transcript)


class Paragraphs(HTMLParser):
    """The paragraphs of the entries, and the facts above them, as a reader of the page sees them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str]] = []
        self.terms: list[str] = []
        self.values: list[str] = []
        self._told: list[str] | None = None
        self._kind = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("dt", "dd") or (tag == "p" and "class" in dict(attrs)):
            self._told, self._kind = [], dict(attrs).get("class") or tag

    def handle_data(self, data: str) -> None:
        if self._told is not None:
            self._told.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("dt", "dd", "p") or self._told is None:
            return
        words, self._told = "".join(self._told), None
        if self._kind in ("dt", "dd"):
            (self.terms if self._kind == "dt" else self.values).append(words)
        else:
            self.found.append((self._kind, words))


@NAMES
def test_p14_the_json_format_has_every_character_as_it_was_sent(name: str) -> None:
    make, options = MAKERS[name]
    left_out = options["redact"].messages if "redact" in options else ()
    found = json.loads(golden(name).json())["lines"]
    assert [line["text"] for line in found] == [REDACTED if one.id in left_out else one.text for one in make()]


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
