"""From a text as it arrived to the clauses that the consent rules read.

Order of work: bound the length, NFKC, drop what is not the writer's (quoted replies, signatures), casefold, drop
format characters and loose marks, join spaced letters (``S.T.O.P``), split into clauses, then words without accents.
Every step is linear; nothing looks further than :data:`LOOKED_AT` characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain
from typing import Final, NamedTuple

from convokit.domain import consent_words as table
from convokit.domain.consent_classes import CLASSES

LOOKED_AT: Final = 1000
"""Characters of a text that are read. A longer text is not an opt-out keyword."""

_SPACED: Final = re.compile(r"(?<![^\W_])(?:[^\W\d_][ .\-_*/]{1,3}){2,60}[^\W\d_](?![^\W_])")
_CLAUSE_END: Final = re.compile(r"([.!?;:|()\[\]\n\r\u2028¡¿。！？]+|\s[-–~]+\s|[—,、]+)")
_ELISION: Final = re.compile(r"(?<![^\W_])([cdjlmnst]|qu)'(?=[^\W_])")
_WORD: Final = re.compile(r"[^\W_]+")
_LONG_LETTER: Final = re.compile(r"([a-z])\1{2,}")
_DASH_NAME: Final = re.compile(r"\s[-–—~]+\s?([^\W\d_]+\.?(?: [^\W\d_]+\.?){0,2})\s*\Z")
_REACTION: Final = re.compile(rf"(?:{'|'.join(table.REACTIONS)}) *[\"“«‘']")
_QUOTES: Final = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "ʼ": "'", "…": ".", "&": " and "})
_SIGNS: Final = str.maketrans({**dict.fromkeys(table.STOP_SIGNS, " stop "), "$": "s", "@": "a"})
_ODD: Final = re.compile(r"[^\x00-\x7f]|[$@]|[A-Za-z]['`]*[0-9]|[0-9]['`]*[A-Za-z]")
_LOOK_ALIKES: Final = str.maketrans(table.LOOK_ALIKES)
_SPELLED: Final = table.GLUED | table.STRONG_STOP | table.START_WORDS | table.HELP_WORDS | {"cancel", "end"}


class Clause(NamedTuple):
    """Words between two stops. ``hard``: a full stop, question mark or line end stood before it, not just a comma."""

    words: tuple[str, ...]
    hard: bool


def strip_marks(text: str) -> str:
    """``text`` without accents and other combining marks."""
    return text if text.isascii() else "".join(_base_letters(text))


def _base_letters(text: str) -> Iterable[str]:
    return (letter for letter in unicodedata.normalize("NFD", text) if unicodedata.category(letter)[0] != "M")


def may_hold_look_alikes(text: str) -> bool:
    """False where every letter is what it seems, and no digit (beside letters) or sign could stand for one."""
    return _ODD.search(text, 0, LOOKED_AT) is not None


def is_reaction(text: str) -> bool:
    """Whether a phone wrote this because somebody tapped a heart on a text (``Liked "..."``)."""
    return _REACTION.match(strip_marks(text[:80].casefold())) is not None


def clauses(text: str, *, look_alikes: bool = False) -> tuple[Clause, ...]:
    """The clauses of the first :data:`LOOKED_AT` characters.

    With ``look_alikes``, letters, digits and signs that only look like Latin letters are read as those.
    """
    bounded = unicodedata.normalize("NFKC", text[:LOOKED_AT])[: 2 * LOOKED_AT]
    own = _own_words(bounded.translate(_QUOTES)).casefold()
    if look_alikes:
        own = own.translate(_SIGNS)
    plain = own if own.isascii() else "".join(filter(_is_visible, own))
    joined = _SPACED.sub(_join_spelled, plain.replace("e-mail", "email"))
    if "'" in joined:
        joined = _ELISION.sub(r"\1 ", joined).replace("'", "")
    return tuple(_split(joined, look_alikes))


def _is_visible(character: str) -> bool:
    """False for format characters and for marks that no letter took in (a strike-through, zero-width signs)."""
    return unicodedata.category(character) not in {"Cf", "Mn", "Me"}


def _join_spelled(match: re.Match[str]) -> str:
    joined = "".join(_WORD.findall(match[0]))
    return joined if strip_marks(joined) in _SPELLED else match[0]


def _split(text: str, look_alikes: bool) -> Iterable[Clause]:
    # Most texts are plain, and need no look at each word.
    plain = text.isascii() and not look_alikes
    if plain:
        text = _LONG_LETTER.sub(r"\1", text)
    hard = True
    for index, piece in enumerate(_CLAUSE_END.split(text)):
        if index % 2:
            hard = hard or piece.strip() not in {",", "、"}
        elif found := _WORD.findall(piece):
            yield Clause(_apart(found if plain else [_word(word, look_alikes) for word in found]), hard)
            hard = False


def _apart(words: list[str]) -> tuple[str, ...]:
    """``words``, those that were run together (``STOP2END``) taken apart."""
    if table.COMPOUNDS.keys().isdisjoint(words):
        return tuple(words)
    return tuple(chain.from_iterable(table.COMPOUNDS.get(word, (word,)) for word in words))


def _word(word: str, look_alikes: bool) -> str:
    if look_alikes and not word.isdecimal():
        word = strip_marks(word.translate(_LOOK_ALIKES))
    elif not word.isascii() and (folded := strip_marks(word)) not in table.ENGLISH_KEYWORDS:
        word = folded
    return _LONG_LETTER.sub(r"\1", word)


def _own_words(text: str) -> str:
    """``text`` without quoted replies and signatures; unchanged where nothing else would be left."""
    lines = text.splitlines()
    kept: list[str] = []
    for line in lines:
        start = strip_marks(line.strip().casefold())
        if kept and (start.startswith(table.SIGNATURES) or start.endswith(table.QUOTE_ENDS)):
            break
        if not start.startswith(">"):
            kept.append(line)
    own = "\n".join(kept if any(map(_WORD.search, kept)) else lines)
    return _without_name(_without_inline_signature(own))


def _without_inline_signature(text: str) -> str:
    folded = text.casefold()
    at = folded.find(" sent from my ")
    return text[:at] if at > 0 and len(folded) == len(text) else text


def _without_name(text: str) -> str:
    """Cut ``-Ana Ruiz`` at the end, or a last line that is nothing but a name."""
    if (match := _DASH_NAME.search(text)) and match.start() and _is_name(match[1]):
        return text[: match.start()]
    head, newline, last = text.rstrip().rpartition("\n")
    return head if newline and head.strip() and _is_name(last) else text


def _is_name(text: str) -> bool:
    words = text.replace(".", " ").split()
    known = _known_words()
    return 0 < len(words) <= 3 and all(
        w.istitle() and w.isalpha() and strip_marks(w.casefold()) not in known for w in words
    )


@lru_cache(maxsize=1)
def _known_words() -> frozenset[str]:
    """Every word that the tables speak of: a line with one of them is not a name."""
    sets = (table.STRONG_STOP, table.APPOINTMENT_STOP, table.START_WORDS, table.HELP_WORDS, table.COURTESY, table.CARE)
    known = {word for words in sets for entry in words for word in entry.split()}
    return frozenset(known.union(*(entry.split() for entries in CLASSES.values() for entry in entries)))
