"""One side of the race of transcripts, as a process: ``python transcript_sides.py SIDE RECORD PICTURES OUT``.

Every side draws the same conversation from the same record, with the same pictures and the same fonts: names, local
times, texts, files and what became of each message. The peers do it as one would write it with their libraries.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable
from hashlib import sha256
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any, Final

Line = dict[str, Any]

_FONTS: Final = files("convokit.transcripts") / "fonts"
_REGULAR: Final = str(_FONTS / "DejaVuSans.ttf")
_BOLD: Final = str(_FONTS / "DejaVuSans-Bold.ttf")
_EMOJI: Final = str(_FONTS / "NotoEmoji-Regular.ttf")
_AN_EMOJI: Final = re.compile("[\U0001f300-\U0001faff]+")


def ours(record: Path, pictures: dict[str, Path], out: Path) -> None:
    """convokit: a PDF/A with tags, bookmarks and the record inside."""
    from convokit.domain.transcript_reading import read_transcript
    from convokit.transcripts import TranscriptDocument

    transcript = read_transcript(json.loads(record.read_bytes()))
    kept = {digest: path.read_bytes() for digest, path in pictures.items()}
    TranscriptDocument(transcript, pictures=kept.get).write(out)


def ours_with_photos(record: Path, photos: dict[str, Path], out: Path) -> None:
    """convokit, and before that the work that it does when a photo comes in: encoded anew, and a small picture made."""
    from convokit.media.child import convert

    small: dict[str, Path] = {}
    for photo in photos.values():
        with photo.open("rb") as source, BytesIO() as result:
            told = convert(source, "image/jpeg", result)
            thumbnail = result.getvalue()[told["main"] :]
        kept = out.with_name(f"small-{photo.name}")
        kept.write_bytes(thumbnail)
        small[sha256(thumbnail).hexdigest()] = kept
    ours(record, small, out)


def naive_fpdf2(record: Path, pictures: dict[str, Path], out: Path) -> None:
    """fpdf2 as its tutorial does it."""
    from fpdf import FPDF

    pdf = FPDF(format="letter")
    pdf.add_font("dejavu", fname=_REGULAR)
    pdf.add_font("dejavu", style="B", fname=_BOLD)
    pdf.add_font("emoji", fname=_EMOJI)
    pdf.set_fallback_fonts(["emoji"])
    pdf.add_page()
    for line in json.loads(record.read_bytes())["lines"]:
        pdf.set_font("dejavu", size=8)
        pdf.cell(27, 5, line["at"][11:16])
        pdf.set_font("dejavu", style="B", size=9.5)
        pdf.cell(0, 5, line["name"], new_x="LMARGIN", new_y="NEXT")
        pdf.set_font("dejavu", size=9.5)
        pdf.set_x(37)
        pdf.multi_cell(0, 4.6, line["text"], new_x="LMARGIN", new_y="NEXT")
        pdf.set_font("dejavu", size=8)
        for file in line.get("attachments", ()):
            pdf.image(str(_picture(file, pictures)), x=37, w=47)
            pdf.set_x(37)
            pdf.multi_cell(0, 4, _file(file), new_x="LMARGIN", new_y="NEXT")
        if line["delivery"]:
            pdf.set_x(37)
            pdf.cell(0, 4, f"✓ {line['delivery']}", new_x="LMARGIN", new_y="NEXT")
        pdf.ln(2)
    pdf.output(str(out))


def reportlab(record: Path, pictures: dict[str, Path], out: Path) -> None:
    """reportlab's platypus: paragraphs that flow."""
    from xml.sax.saxutils import escape

    from reportlab.lib.pagesizes import LETTER
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.lib.units import mm
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.platypus import Image, Paragraph, SimpleDocTemplate, Spacer

    lines = json.loads(record.read_bytes())["lines"]
    emoji = [("emoji", _EMOJI)] if any(_AN_EMOJI.search(line["text"]) for line in lines) else []
    for name, file in (("dejavu", _REGULAR), ("bold", _BOLD), *emoji):
        registerFont(TTFont(name, file))
    name_style = ParagraphStyle("name", fontName="bold", fontSize=9.5, leading=13)
    body = ParagraphStyle("body", fontName="dejavu", fontSize=9.5, leading=13, leftIndent=27 * mm)
    small = ParagraphStyle("small", fontName="dejavu", fontSize=8, leading=11, leftIndent=27 * mm)
    story: list[Any] = []
    for line in lines:
        story.append(Paragraph(f"{line['at'][11:16]} {escape(line['name'])}", name_style))
        story.append(Paragraph(_AN_EMOJI.sub(r'<font name="emoji">\g<0></font>', escape(line["text"])), body))
        for file in line.get("attachments", ()):
            story.append(Image(str(_picture(file, pictures)), width=47 * mm, height=35 * mm))
            story.append(Paragraph(escape(_file(file)), small))
        if line["delivery"]:
            story.append(Paragraph(f"✓ {line['delivery']}", small))
        story.append(Spacer(1, 2 * mm))
    SimpleDocTemplate(str(out), pagesize=LETTER).build(story)


def weasyprint(record: Path, pictures: dict[str, Path], out: Path) -> None:
    """WeasyPrint: from HTML."""
    from html import escape

    from weasyprint import HTML

    style = (
        "".join(
            f"@font-face {{ font-family: {family}; src: url(file://{file}) }}"
            for family, file in (("dejavu", _REGULAR), ("emoji", _EMOJI))
        )
        + "@page { size: letter; margin: 20mm } body { font: 9.5pt dejavu, emoji } p { margin: 0 0 0 27mm }"
        + "img { width: 47mm } .s { font-size: 8pt }"
    )
    body = "".join(_html(line, pictures, escape) for line in json.loads(record.read_bytes())["lines"])
    HTML(string=f"<html lang=en><style>{style}</style>{body}</html>").write_pdf(str(out))


def _html(line: Line, pictures: dict[str, Path], escape: Callable[[str], str]) -> str:
    shown = "".join(
        f'<p><img src="file://{_picture(file, pictures)}"></p><p class=s>{escape(_file(file))}</p>'
        for file in line.get("attachments", ())
    )
    status = f"<p class=s>✓ {line['delivery']}</p>" if line["delivery"] else ""
    head = f"<div>{line['at'][11:16]} <b>{escape(line['name'])}</b></div>"
    return f"{head}<p>{escape(line['text'])}</p>{shown}{status}"


def _picture(file: Line, pictures: dict[str, Path]) -> Path:
    """The photo as it came, or the small picture of it, whichever is given."""
    return pictures.get(file["sha256"]) or pictures[file["thumbnail"]]


def _file(file: Line) -> str:
    return f"File: {file['name']} ({file['media_type']}, {file['size']} bytes) SHA-256 {file['sha256']}"


SIDES: Final = {side.__name__: side for side in (ours, ours_with_photos, naive_fpdf2, reportlab, weasyprint)}


def digests(pictures: Iterable[Path]) -> dict[str, Path]:
    """Files by their digest."""
    return {sha256(file.read_bytes()).hexdigest(): file.resolve() for file in pictures}


if __name__ == "__main__":
    _side, _record, _pictures, _out = sys.argv[1:]
    SIDES[_side](Path(_record), digests(Path(_pictures).iterdir()), Path(_out))
