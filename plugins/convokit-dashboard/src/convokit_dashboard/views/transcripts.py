"""The formats of a transcript, as the menu offers them."""

from __future__ import annotations

from typing import Final

from attrs import frozen


@frozen(kw_only=True)
class Format:
    """A format: its suffix, its media type, and what people call it."""

    suffix: str
    media_type: str
    name: str


FORMATS: Final = (
    Format(suffix="pdf", media_type="application/pdf", name="PDF"),
    Format(suffix="html", media_type="text/html; charset=utf-8", name="HTML"),
    Format(suffix="txt", media_type="text/plain; charset=utf-8", name="Text"),
    Format(suffix="json", media_type="application/json", name="JSON"),
    Format(suffix="zip", media_type="application/zip", name="ZIP"),
)
