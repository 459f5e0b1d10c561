"""A transcript as PDF. The only importer of fpdf, which takes a second to import: this module is imported when needed.

The bytes depend on the transcript, the fonts and the version of fpdf2, and on nothing else: dates come from the
conversation, the document id from the content.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from fpdf import FPDF, ViewerPreferences
from fpdf.bidi import BidiParagraph

from convokit.domain.transcript import Transcript
from convokit.transcripts.characters import one_line
from convokit.transcripts.pdf_fonts import FONT_FILES, Face, Fonts
from convokit.transcripts.pdf_layout import Disc, Page, Piece, Rule, lay_out, paper
from convokit.transcripts.wording import TITLE, parties

if TYPE_CHECKING:
    from fpdf.fonts import TTFFont

_FONTS: Final = Path(__file__).parent / "fonts"
_RIGHT_TO_LEFT: Final = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_MIRRORED: Final = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")
"""Brackets of a right-to-left run open to the left (UAX 9, rule L4)."""
_POINTS_PER_MM: Final = 72 / 25.4


def render_pdf(transcript: Transcript) -> bytes:
    """The PDF: Letter or A4 by the practice's region, bookmarks by day, title and language set."""
    pdf = FPDF(unit="mm", format=paper(transcript.about.region))
    pdf.set_auto_page_break(False)
    _describe(pdf, transcript)
    fonts = Fonts(lambda face: _load(pdf, face))
    for page in lay_out(transcript, fonts):
        pdf.add_page()
        _draw(pdf, page, fonts)
    return bytes(pdf.output())


def _describe(pdf: FPDF, transcript: Transcript) -> None:
    pdf.set_title(f"{TITLE}: {parties(transcript)}")
    pdf.set_author(one_line(transcript.about.practice))
    pdf.set_creator("convokit")
    pdf.set_keywords(f"sha256:{transcript.head} entries:{transcript.count}")
    pdf.set_lang("en-US")
    pdf.set_creation_date(transcript.until.astimezone(UTC))
    pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)


def _load(pdf: FPDF, face: Face) -> Mapping[int, float]:
    """Add a font to the document; its characters with their widths in thousandths of the size."""
    pdf.add_font(face, fname=_FONTS / FONT_FILES[face])
    font = cast("TTFFont", pdf.fonts[face])
    return {code: font.cw[code] for code in font.cmap}


def _draw(pdf: FPDF, page: Page, fonts: Fonts) -> None:
    for title, y in page.bookmarks:
        pdf.set_y(y)
        pdf.start_section(title)
    for rule in page.rules:
        _rule(pdf, rule)
    for piece in page.pieces:
        _piece(pdf, piece, fonts)
    for disc in page.discs:
        _disc(pdf, disc, fonts)


def _rule(pdf: FPDF, rule: Rule) -> None:
    pdf.set_line_width(rule.width)
    pdf.set_draw_color(round(rule.gray * 255))
    pdf.line(rule.x, rule.y, rule.x2, rule.y2)


def _piece(pdf: FPDF, piece: Piece, fonts: Fonts) -> None:
    style = piece.style
    pdf.set_text_color(round(style.gray * 255))
    x = piece.x
    for face, text in fonts.runs(_visual(piece.text), style.face):
        pdf.set_font(face, size=style.size)
        pdf.text(x, piece.y, text)
        x += fonts.advance(text, face, style.size)


def _disc(pdf: FPDF, disc: Disc, fonts: Fonts) -> None:
    pdf.set_draw_color(0)
    pdf.set_fill_color(0)
    pdf.set_line_width(0.25)
    pdf.circle(disc.x, disc.y, disc.radius, style="DF" if disc.filled else "D")
    pdf.set_font("bold", size=7)
    pdf.set_text_color(255 if disc.filled else 0)
    half = fonts.advance(disc.letter, "bold", 7) / 2
    pdf.text(disc.x - half, disc.y + 2.55 / _POINTS_PER_MM, disc.letter)


def _visual(line: str) -> str:
    """One line in the order of the eye: right-to-left words run from the right (UAX 9)."""
    if _RIGHT_TO_LEFT.search(line) is None:
        return line
    ordered = BidiParagraph(line, preserve_bn_chars=True).get_reordered_characters()
    return "".join(c.character.translate(_MIRRORED) if c.embedding_level % 2 else c.character for c in ordered)
