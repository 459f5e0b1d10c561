"""A transcript as PDF/A-3: tagged, with its canonical form inside. Imported when needed, for fpdf takes a second.

The bytes depend on the transcript, its pictures, the fonts and what the document says it was drawn with, and on nothing
else: dates come from the conversation, the document's id from its content.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, cast

from attrs import evolve
from fpdf import FPDF, ViewerPreferences

from convokit.domain.transcript import Transcript
from convokit.transcripts.characters import one_line
from convokit.transcripts.font_shelf import FontFile, FontShelf
from convokit.transcripts.pdf_fonts import FONT_FILES, Face, Fonts
from convokit.transcripts.pdf_layout import frame, lay_out
from convokit.transcripts.pdf_metadata import NO_ID, sealed, xmp
from convokit.transcripts.pdf_shared_fonts import SharedFont, digest_of, shared
from convokit.transcripts.pdf_sheet import Block, Disc, Page, Photo, Piece, Rule, Style, paper
from convokit.transcripts.pdf_tags import Tags
from convokit.transcripts.pdf_text import Writer
from convokit.transcripts.pictures import Pictures, found, no_pictures, size_of
from convokit.transcripts.versions import drawn_with
from convokit.transcripts.wording import TITLE, parties

if TYPE_CHECKING:
    from fpdf.fonts import TTFFont

    from convokit.transcripts import TranscriptDocument

RECORD: Final = "transcript.json"
"""What the canonical form is called inside the PDF."""

_FONTS: Final = Path(__file__).parent / "fonts"
_POINTS_PER_MM: Final = 72 / 25.4
_BUILT_IN: Final = FontShelf()


def render_pdf(
    transcript: Transcript, record: bytes, pictures: Pictures = no_pictures, shelf: FontShelf = _BUILT_IN
) -> bytes:
    """The PDF: Letter or A4 by the practice's region, bookmarks by day, title and language set.

    Args:
        record: the canonical form, which is embedded.
        pictures: the small pictures of photos; one that is not there is told in words.
        shelf: fonts for characters that the built-in ones lack.
    """
    return bytes(_Document(transcript, pictures, shelf).render(lambda: record))


def write_pdf(document: TranscriptDocument, file: IO[bytes]) -> None:
    """:func:`render_pdf` into a file, without holding a second copy."""
    file.write(_Document(document.transcript, document.pictures, document.fonts).render(document.record))


class _Pdf(FPDF):
    """A PDF whose id is set when all of its bytes are known."""

    def file_id(self) -> str:
        """See :func:`convokit.transcripts.pdf_metadata.sealed`."""
        return NO_ID


class _Document:
    """One PDF while it is made."""

    def __init__(self, transcript: Transcript, pictures: Pictures, shelf: FontShelf) -> None:
        self._transcript = transcript
        self._pictures = found(pictures, transcript.thumbnails)
        self._shelf = shelf
        self._further: dict[Face, FontFile] = {}
        self._loaded: dict[Face, SharedFont] = {}
        self._pdf = _Pdf(unit="mm", format=paper(transcript.about.region), enforce_compliance="PDF/A-3U")
        self._pdf.set_auto_page_break(False)
        self._tags = Tags(self._pdf)
        self._fonts = Fonts(self._load, self._one_more)
        self._writer = Writer(self._pdf, self._fonts, self._tags)

    def render(self, record: Callable[[], bytes]) -> bytearray:
        self._embed(record())  # first: packed it is small, and the whole of it is not needed any more
        sizes = {digest: size_of(content) or (1, 1) for digest, content in self._pictures.items()}
        lay_out(self._transcript, self._fonts, sizes, self._one_page)
        total = self._pdf.page
        for number in range(1, total + 1):
            self._pdf.page = number
            self._draw(frame(self._transcript, self._fonts, number, total))
        self._describe()
        for face, font in self._loaded.items():
            font.make_ready(cast("TTFFont", self._pdf.fonts[face.lower()]))
        return sealed(self._pdf.output())

    def _one_page(self, page: Page) -> None:
        self._pdf.add_page()
        self._draw(page)

    # --- fonts -----------------------------------------------------------------------------------------------------

    def _load(self, face: Face) -> Mapping[int, float]:
        """Add a font to the document; its characters with their widths in thousandths of the size."""
        further = self._further.get(face)
        font = shared(FontFile(_FONTS / FONT_FILES[face]) if further is None else further)
        font.add_to(self._pdf, face)
        self._loaded[face] = font
        return font.widths

    def _one_more(self, code: int) -> Face | None:
        font = self._shelf.having(code)
        if font is None:
            return None
        self._further[font.face] = font
        return font.face

    # --- what is on the pages --------------------------------------------------------------------------------------

    def _draw(self, page: Page) -> None:
        self._writer.start_page()
        for title, y in page.bookmarks:
            self._pdf.set_y(y)
            self._pdf.start_section(title)
        with self._tags.block("Artifact"):
            for rule in page.rules:
                self._rule(rule)
        for block in page.blocks:
            if not block.empty:
                self._block(block)

    def _block(self, block: Block) -> None:
        with self._tags.block(block.tag, block.photos[0].words if block.photos else None):
            for photo in block.photos:
                self._photo(photo)
            for disc in block.discs:
                self._disc(disc)
            for nth, piece in enumerate(block.pieces, 1):
                # A blank between two, for programs that read the block as one text.
                apart = nth < len(block.pieces) and piece.until is None
                self._writer.write(evolve(piece, text=f"{piece.text} ") if apart else piece)

    def _rule(self, rule: Rule) -> None:
        self._pdf.set_line_width(rule.width)
        self._pdf.set_draw_color(round(rule.gray * 255))
        self._pdf.line(rule.x, rule.y, rule.x2, rule.y2)

    def _photo(self, photo: Photo) -> None:
        content = BytesIO(self._pictures[photo.digest])
        self._pdf.image(content, photo.x, photo.y, photo.width, photo.height)

    def _disc(self, disc: Disc) -> None:
        self._pdf.set_draw_color(0)
        self._pdf.set_fill_color(0)
        self._pdf.set_line_width(0.25)
        self._pdf.circle(disc.x, disc.y, disc.radius, style="DF" if disc.filled else "D")
        letter = Style("bold", 7, 1.0 if disc.filled else 0.0)
        half = self._fonts.advance(disc.letter, letter.face, letter.size) / 2
        self._writer.start_page()  # the circle has set its own colour
        self._writer.write(Piece(disc.x - half, disc.y + 2.55 / _POINTS_PER_MM, disc.letter, letter))

    # --- what is said of the document ------------------------------------------------------------------------------

    def _describe(self) -> None:
        told = self._transcript
        made_at = told.until.astimezone(UTC)
        self._pdf.set_title(f"{TITLE}: {parties(told)}")
        self._pdf.set_lang("en-US")
        self._pdf.set_creation_date(made_at)
        self._pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
        fonts = [f"{font.path.name} {digest_of(font.path)[:16]}" for font in self._further.values()]
        self._pdf.set_xmp_metadata(
            xmp(
                title=f"{TITLE}: {parties(told)}",
                author=one_line(told.about.practice),
                keywords=f"sha256:{told.head} entries:{told.count}",
                producer=drawn_with(told.about.time_zone, fonts, shaped=self._writer.shaped),
                made_at=made_at,
            )
        )

    def _embed(self, record: bytes) -> None:
        self._pdf.embed_file(
            bytes=record,
            basename=RECORD,
            mime_type="application/json",
            associated_file_relationship="Data",
            desc="The record that these pages show, for programs",
            creation_date=self._transcript.until.astimezone(UTC),
            modification_date=self._transcript.until.astimezone(UTC),
            compress=True,
        )
