"""The phrase notation of :mod:`convokit.domain.consent_phrase_table`, compiled and searched.

A phrase is tried only when a word that it cannot do without stands in the text, so an ordinary text costs a few
dictionary look-ups. Repetitions are bounded and texts are short (see ``LOOKED_AT``): no input makes a search slow.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from convokit.domain.consent_classes import CLASSES

_COMMON: Final = frozenset(
    """a i you me us no to the this that is are it of on do not dont de la m ne d je y o el en des my all can have had
    own be who with if how what will""".split()
)


def _entries(element: str) -> tuple[str, ...]:
    """What an element without its suffix stands for, longest first; ``<any>`` has no entries."""
    name = element.strip("<>")
    entries = CLASSES.get(name, ()) if element.startswith("<") else tuple(element.split("|"))
    return tuple(sorted(entries, key=len, reverse=True))


def _pattern(element: str) -> str:
    if element in ("^", "$"):
        return {"^": r"\A", "$": r"\Z"}[element]
    base, times = (element[:-1], element[-1]) if element[-1] in "?*" else (element, "")
    words = "|".join(map(re.escape, _entries(base))) or "[^ ]+"
    return rf"(?:(?:{words}) ){ {'?': '?', '*': '{0,6}', '': ''}[times] }"


@lru_cache(maxsize=1024)
def compiled(phrase: str) -> re.Pattern[str]:
    """The phrase as a regular expression over words that are each followed by one blank."""
    return re.compile(r"(?<![^ ])" + "".join(map(_pattern, phrase.split())))


@lru_cache(maxsize=2048)
def _demands(phrase: str) -> tuple[frozenset[str], ...]:
    """For every element that must be there, the words with which it can begin."""
    elements = [element for element in phrase.split() if element[-1] not in "?*$^" and element != "<any>"]
    return tuple(frozenset(entry.split()[0] for entry in _entries(element)) for element in elements)


def _rarest(phrase: str) -> frozenset[str]:
    """Words of which a text must hold at least one for the phrase to be possible: of its least common element."""
    return min(_demands(phrase), key=lambda words: (len(words & _COMMON), len(words)))


def index_of(phrases: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """The phrases by the words that call for a closer look."""
    index: dict[str, tuple[str, ...]] = {}
    for phrase in phrases:
        for word in _rarest(phrase):
            index[word] = (*index.get(word, ()), phrase)
    return index


_index = lru_cache(maxsize=32)(index_of)


def candidates(words: Collection[str], index: Mapping[str, tuple[str, ...]]) -> Collection[str]:
    """The phrases of which every element that must be there could be: no other can stand in a text of these words."""
    if index.keys().isdisjoint(words):
        return ()
    there = frozenset(words)
    near = dict.fromkeys(phrase for word in words for phrase in index.get(word, ()))
    return [phrase for phrase in near if not any(demand.isdisjoint(there) for demand in _demands(phrase))]


def found(
    words: Sequence[str], phrases: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]]:
    """Every place where one of ``phrases`` stands: the words before it, its own, the words after it."""
    text = "".join(f"{word} " for word in words)
    for phrase in candidates(words, _index(phrases)):
        for match in compiled(phrase).finditer(text):
            yield tuple(text[: match.start()].split()), tuple(match[0].split()), tuple(text[match.end() :].split())


def has(words: Sequence[str], phrases: tuple[str, ...]) -> bool:
    """Whether one of ``phrases`` stands anywhere in ``words``."""
    return next(found(words, phrases), None) is not None


def is_whole(words: Sequence[str], phrases: tuple[str, ...]) -> bool:
    """Whether ``words`` are one of ``phrases`` and nothing else."""
    text = "".join(f"{word} " for word in words)
    return any(compiled(phrase).fullmatch(text) for phrase in candidates(words, _index(phrases)))


def without(words: Sequence[str], phrases: tuple[str, ...]) -> tuple[str, ...]:
    """``words`` with every one of ``phrases`` cut out."""
    text = "".join(f"{word} " for word in words)
    for phrase in sorted(candidates(words, _index(phrases)), key=len, reverse=True):
        text = compiled(phrase).sub("", text)
    return tuple(text.split())


@lru_cache(maxsize=64)
def _group_sizes(entries: frozenset[str]) -> Mapping[str, tuple[int, ...]]:
    """For each first word of an entry, the lengths of the entries that begin with it, longest first."""
    sizes: dict[str, set[int]] = {}
    for entry in entries:
        words = entry.split()
        sizes.setdefault(words[0], set()).add(len(words))
    return {word: tuple(sorted(lengths, reverse=True)) for word, lengths in sizes.items()}


def drop(words: Sequence[str], entries: frozenset[str]) -> tuple[str, ...]:
    """``words`` without the single words and word groups listed in ``entries``; the longest group goes first."""
    sizes = _group_sizes(entries)
    if sizes.keys().isdisjoint(words):
        return tuple(words)
    kept: list[str] = []
    at = 0
    while at < len(words):
        for size in sizes.get(words[at], ()):
            if " ".join(words[at : at + size]) in entries:
                at += size
                break
        else:
            kept.append(words[at])
            at += 1
    return tuple(kept)
