"""The dashboard's words in the visitor's language: gettext catalogues that are shipped."""

from __future__ import annotations

import gettext
from functools import cache
from pathlib import Path
from typing import Final

from attrs import field, frozen

DOMAIN: Final = "convokit_dashboard"
LOCALES: Final = Path(__file__).with_name("locale")
SOURCE_LANGUAGE: Final = "en"

_LONGEST_HEADER: Final = 200


def N_(text: str) -> str:
    """Mark a sentence of a table for translation; what uses the table says it in the visitor's language."""
    return text


@frozen
class Words:
    """Says things in one language.

    ``words("Hello %(name)s", name=...)`` is a sentence; what is filled in comes from data, never from the sentence.
    """

    language: str
    _found: gettext.NullTranslations = field(repr=False, eq=False)

    def __call__(self, text: str, /, **values: object) -> str:
        """A sentence, with its values filled in."""
        said = self._found.gettext(text) if text else ""
        return said % values if values else said

    def many(self, one: str, several: str, count: int, /, **values: object) -> str:
        """A sentence about a number of things; ``%(n)s`` is the number."""
        return self._found.ngettext(one, several, count) % {"n": count, **values}


@cache
def languages() -> tuple[str, ...]:
    """The languages that the dashboard speaks: English, and every catalogue that is there."""
    found = sorted(path.parent.parent.name for path in LOCALES.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))
    return (SOURCE_LANGUAGE, *(one for one in found if one != SOURCE_LANGUAGE))


@cache
def words_of(language: str) -> Words:
    """The words of a language; English where it is not spoken."""
    if language not in languages():
        language = SOURCE_LANGUAGE
    return Words(language, gettext.translation(DOMAIN, LOCALES, [language], fallback=True))


def choose_language(wanted: str | None, accepted: str) -> str:
    """The language for a visitor: what the host says of them, else what their browser asks for (RFC 9110, 12.5.4)."""
    if wanted is not None:
        return _spoken(wanted) or SOURCE_LANGUAGE
    asked = sorted(map(_weighed, accepted[:_LONGEST_HEADER].split(",")), key=lambda one: -one[0])
    return next((spoken for weight, tag in asked if weight > 0 and (spoken := _spoken(tag))), SOURCE_LANGUAGE)


def _spoken(tag: str) -> str | None:
    base = tag.strip().replace("_", "-").partition("-")[0].lower()
    return base if base in languages() else None


def _weighed(part: str) -> tuple[float, str]:
    tag, _, weight = part.partition(";")
    try:
        return float(weight.strip().removeprefix("q=") or 1), tag
    except ValueError:
        return 0.0, tag
