"""Texts without what a PDF does not keep."""

from __future__ import annotations

import re

DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")
"""pdftotext marks right-to-left runs with these; the PDF has none of them."""


def squeezed(text: str) -> str:
    """Without blanks, breaks and directions."""
    return "".join(DIRECTIONS.sub("", text).split())


def spaced(text: str) -> str:
    """With one blank for any number of them, breaks and pages; without directions."""
    return " ".join(DIRECTIONS.sub("", text).split())
