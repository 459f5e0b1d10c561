"""What a terminal can show, and text laid out in its cells."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Sequence
from typing import Final, Literal

import click
from attrs import frozen

COLUMNS: Final = 100

Tone = Literal["plain", "bold", "dim", "red", "blue", "rule"]

# One character for one, so that columns stay in line. Words beside every mark carry the meaning.
_TO_ASCII: Final = str.maketrans("✓ⓘ◷─·…→’‘“”—–", "vio--~>''\"\"--")
_MARKS: Final = "✓ⓘ◷─·…→"
_STYLES: Final[dict[Tone, dict[str, str | bool]]] = {
    "bold": {"bold": True},
    "dim": {"dim": True},
    "red": {"fg": "red", "bold": True},
    "blue": {"fg": "blue", "bold": True},
    "rule": {"dim": True},
}


@frozen(kw_only=True)
class Screen:
    """Where people read.

    Attributes:
        encoding: of the standard output; what it cannot carry is written in ASCII.
        unicode: whether the marks can be shown as they are.
        color: whether colours may be used; they never carry meaning alone.
    """

    encoding: str = "utf-8"
    unicode: bool = True
    color: bool = False

    def say(self, text: str = "") -> None:
        """Print a line that was laid out with this screen."""
        click.echo(text if self.unicode else self._carried(text), color=self.color)

    def tone(self, text: str, tone: Tone) -> str:
        """``text`` in a colour or weight, where colours may be used."""
        if not self.color or tone == "plain" or not text:
            return text
        style = _STYLES[tone]
        return click.style(
            text, fg=style.get("fg"), bold=True if style.get("bold") else None, dim=True if style.get("dim") else None
        )

    def clean(self, text: str) -> str:
        """What somebody else wrote, on one line and harmless: no control character reaches the terminal."""
        shown = "".join(c if _printable(c) else " " for c in text)
        return self._carried(" ".join(shown.split()))

    def _carried(self, text: str) -> str:
        if self.unicode:
            return text.encode("utf-8", "replace").decode("utf-8")
        return text.translate(_TO_ASCII).encode(self.encoding, "replace").decode(self.encoding)


def this_screen() -> Screen:
    """The screen of this process: Unicode if the encoding has the marks, colour on a terminal without NO_COLOR."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    try:
        carried = _MARKS.encode(encoding).decode(encoding) == _MARKS
    except (UnicodeError, LookupError):
        carried = False
    # Other Unicode encodings exist, but none that a terminal speaks.
    return Screen(encoding=encoding, unicode=carried, color=terminal and not os.environ.get("NO_COLOR"))


def _printable(character: str) -> bool:
    # Cc holds the escape; Cf can turn the direction of the line around, but joins emoji and scripts (ZWJ, ZWNJ).
    kind = unicodedata.category(character)
    return character in "\u200c\u200d" or kind not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def cells(text: str) -> int:
    """How many columns ``text`` takes."""
    return sum(_cell(c) for c in text)


def _cell(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def fit(text: str, width: int, *, right: bool = False) -> str:
    """``text`` in exactly ``width`` columns: cut with an ellipsis, or padded."""
    if cells(text) > width:
        room = width - 1
        kept = 0
        for character in text:
            room -= _cell(character)
            if room < 0:
                break
            kept += 1
        text = text[:kept].rstrip() + "…"
    pad = " " * (width - cells(text))
    return pad + text if right else text + pad


def wrap(text: str, width: int) -> list[str]:
    """``text`` in lines of at most ``width`` columns, broken between words where there are any."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        room = f"{line} {word}" if line else word
        if cells(room) <= width:
            line = room
            continue
        if line:
            lines.append(line)
        *whole, line = _pieces(word, width)
        lines.extend(whole)
    return [*lines, line] if line or not lines else lines


def _pieces(word: str, width: int) -> list[str]:
    pieces = [""]
    for character in word:
        if cells(pieces[-1]) + _cell(character) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces


@frozen(kw_only=True)
class Column:
    """A column of a table."""

    title: str
    width: int
    right: bool = False


def table(
    screen: Screen, columns: Sequence[Column], rows: Sequence[Sequence[tuple[str, Tone]]], *, indent: str = "  "
) -> list[str]:
    """A table with a head and a rule; a row is a text and a tone for each column."""
    head = [(column.title, "dim") for column in columns]
    width = sum(column.width for column in columns) + 2 * (len(columns) - 1)
    lines = [_row(screen, columns, head, indent), indent + screen.tone("─" * width, "rule")]  # type: ignore[arg-type]  # "dim" is a Tone
    return lines + [_row(screen, columns, row, indent) for row in rows]


def _row(screen: Screen, columns: Sequence[Column], row: Sequence[tuple[str, Tone]], indent: str) -> str:
    last = len(columns) - 1
    parts = []
    for i, (column, (text, tone)) in enumerate(zip(columns, row, strict=True)):
        shown = fit(text, column.width, right=column.right)
        parts.append(screen.tone(shown.rstrip() if i == last else shown, tone))
    return indent + "  ".join(parts).rstrip()
