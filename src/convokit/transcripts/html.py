"""A transcript as one HTML file: no script, nothing fetched, prints like the PDF."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from html import escape
from typing import Final

from convokit.domain.transcript import Transcript, TranscriptDay, TranscriptFile, TranscriptLine
from convokit.transcripts.characters import one_line, visible
from convokit.transcripts.pictures import Pictures, found, no_pictures
from convokit.transcripts.wording import (
    MARKS,
    TITLE,
    clock_words,
    closing,
    day_words,
    facts,
    files,
    parties,
    picture_words,
    said,
    speaker,
    status,
)

# Black on white whatever the reader's theme: this is a document, and what is seen is what is printed. The marks are
# characters with words beside them, so nothing rests on colour.
_STYLE: Final = """\
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 3rem; max-width: 46rem; color: #111; background: #fff;
  font: 16px/1.5 "DejaVu Sans", system-ui, sans-serif; }
header p { margin: 0; }
h1 { margin: .1rem 0 1rem; font-size: 1.6rem; line-height: 1.2; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.25rem; margin: 0 0 1rem;
  padding: .75rem 0; border-top: 2px solid #111; border-bottom: 1px solid #999; }
dt { color: #555; }
dd { margin: 0; overflow-wrap: anywhere; }
nav { margin: 0 0 1rem; font-size: .9rem; }
nav a { margin-right: 1rem; color: #111; }
h2 { margin: 2rem 0 .75rem; padding-bottom: .25rem; border-bottom: 1px solid #999; font-size: 1.05rem; }
ol { margin: 0; padding: 0; list-style: none; }
li { display: grid; grid-template-columns: 6.5rem 1fr; gap: 0 1rem; margin: 0 0 .9rem; }
time { color: #555; font-size: .85rem; line-height: 1.76; white-space: nowrap; font-variant-numeric: tabular-nums; }
li > div { min-width: 0; overflow-wrap: anywhere; }
li p { margin: 0; }
.who b { font-weight: 650; }
.who span, .status, .note, .file { color: #555; font-size: .85rem; }
.said { white-space: pre-wrap; padding-left: .75rem; border-left: 3px solid #bbb; }
.practice .said { border-left-color: #111; }
.automatic .said { border-left-style: dotted; }
.event { font-style: italic; }
.note .said { border-left: 1px dashed #111; }
li img { display: inline-block; max-width: 16rem; max-height: 12rem; margin: .3rem .5rem .1rem 0;
  border: 1px solid #bbb; }
footer { margin-top: 2rem; padding-top: .75rem; border-top: 2px solid #111; font-size: .85rem; }
footer code { overflow-wrap: anywhere; }
@media (max-width: 34rem) { li { grid-template-columns: 1fr; } dl { grid-template-columns: 1fr; gap: 0; } }
@media print {
  @page { margin: 18mm; }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  nav { display: none; }
  h2 { break-after: avoid; }
  li { break-inside: avoid; }
}
"""


def render_html(transcript: Transcript, pictures: Pictures = no_pictures) -> str:
    """The whole document, UTF-8; small pictures stand in it."""
    return "\n".join(_document(transcript, found(pictures, transcript.thumbnails))) + "\n"


def _document(transcript: Transcript, shown: Mapping[str, bytes]) -> Iterator[str]:
    yield "<!DOCTYPE html>"
    yield '<html lang="en-US">'
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    # Opened from a disk or a mail, it must fetch nothing and run nothing, whatever a client wrote.
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="generator" content="convokit">'
    yield f"<title>{escape(TITLE)}: {escape(parties(transcript))}</title>"
    yield f"<style>\n{_STYLE}</style>"
    yield "</head>"
    yield "<body>"
    yield from _top(transcript)
    yield "<main>"
    for number, day in enumerate(transcript.days, 1):
        yield from _day(number, day, shown)
    yield "</main>"
    summary, head = closing(transcript)
    yield f"<footer><p>{escape(summary)}<br><code>{escape(head)}</code></p></footer>"
    yield "</body>"
    yield "</html>"


def _top(transcript: Transcript) -> Iterator[str]:
    yield f"<header><p>{_apart(one_line(transcript.about.practice))}</p>"
    yield f"<h1>{escape(TITLE)}</h1>"
    yield "<dl>"
    for label, value in facts(transcript):
        yield f"<dt>{escape(label)}</dt><dd>{_apart(value)}</dd>"
    yield "</dl></header>"
    if len(transcript.days) > 1:
        links = (
            f'<a href="#day-{number}">{escape(day_words(day.date))}</a>'
            for number, day in enumerate(transcript.days, 1)
        )
        yield f'<nav aria-label="Days">{" ".join(links)}</nav>'


def _day(number: int, day: TranscriptDay, shown: Mapping[str, bytes]) -> Iterator[str]:
    yield f'<section aria-labelledby="day-{number}"><h2 id="day-{number}">{escape(day_words(day.date))}</h2>'
    yield "<ol>"
    for line in day.lines:
        yield from _entry(line, shown)
    yield "</ol></section>"


def _entry(line: TranscriptLine, shown: Mapping[str, bytes]) -> Iterator[str]:
    moment = f"{clock_words(line.local)} {line.zone}"
    stamp = f'<time datetime="{line.local.isoformat(timespec="seconds")}">{escape(moment)}</time>'
    if line.kind == "event":
        yield f'<li>{stamp}<div><p class="event">{_apart(one_line(line.text))}</p></div></li>'
        return
    name, role = speaker(line)
    yield f'<li class="{line.side} {line.kind}">{stamp}<div>'
    yield f'<p class="who"><b>{_apart(name)}</b> <span>({escape(role)})</span></p>'
    if words := said(line):
        yield f'<p class="said">{_apart(words)}</p>'
    yield from (_picture(file, shown[file.thumbnail]) for file in line.files if file.thumbnail in shown)
    for file in files(line):
        yield f'<p class="file">{_apart(visible(file))}</p>'
    if line.indicator is not None:
        # The mark is for the eye: the words beside it say the same.
        mark = f'<span aria-hidden="true">{escape(MARKS[line.indicator.mark])}</span>'
        yield f'<p class="status">{mark} {escape(status(line))}</p>'
    for note in line.notes:
        yield f'<p class="note">Note: {escape(visible(note))}</p>'
    yield "</div></li>"


def _picture(file: TranscriptFile, content: bytes) -> str:
    data = b64encode(content).decode("ascii")
    return f'<img src="data:image/jpeg;base64,{data}" alt="{escape(picture_words(file))}">'


def _apart(text: str) -> str:
    """What people wrote: escaped, and isolated, so that right-to-left letters do not reorder their neighbours."""
    return f'<bdi dir="auto">{escape(text)}</bdi>'
