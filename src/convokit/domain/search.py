"""What is searched for, and what matches: words without accents and case, and digits of phone numbers.

Pure, so that every store finds the same: one with a full-text index keeps :func:`words` and :func:`phone_keys`, one
without looks at everything with :meth:`Terms.match`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final, Literal

from attrs import field, frozen

from convokit.domain.conversation import PREVIEW, Conversation, preview
from convokit.domain.folding import folded

SEARCH_LIMIT: Final = 200
"""Characters of what is searched for."""
LONGEST_WORD: Final = 64
"""Characters of a word that are compared."""
FEWEST_DIGITS: Final = 4
"""Digits of a phone number that are enough to look for it."""
_SNIPPET_BEFORE: Final = 4

Field = Literal["client_name", "patient_name", "title", "client_email", "phone", "text"]

_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_PHONE: Final = re.compile(r"\+?\(?[0-9](?:[ ()./+\-\u2010-\u2015]*[0-9])+")


def words(text: str) -> Iterator[str]:
    """The words of a text as they are compared: letters and digits, no accents, no case.

    A word with an apostrophe is found with and without it, and by its parts: O'Brien, OBrien, Brien; Bella's, Bella.
    """
    for found in _tokens(folded(text)):
        yield found.replace("'", "")[:LONGEST_WORD]
        if "'" in found:
            yield from (part[:LONGEST_WORD] for part in found.split("'"))


def _tokens(folded: str) -> Iterator[str]:
    return (found[0] for found in _WORD.finditer(folded))


def phone_keys(number: str) -> tuple[str, ...]:
    """Every ending of a number's digits that is long enough: a part of the number is the beginning of one of them."""
    digits = "".join(sign for sign in number if "0" <= sign <= "9") if number[:1] in _NUMBER_STARTS else ""
    return tuple(digits[start:] for start in range(len(digits) - FEWEST_DIGITS + 1))


_NUMBER_STARTS: Final = frozenset("+0123456789")


@frozen(kw_only=True)
class Terms:
    """What is searched for.

    Attributes:
        words: all of them must be in it, the last one perhaps only begun.
        phones: digits of a phone number that is among them, also without the zeros in front that are dialled at home;
            then the number may stand for these words.
        others: the words besides the number, the last one perhaps only begun.
    """

    words: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def match(self, found: Collection[str], phones: Collection[str] = ()) -> bool:
        """Whether this is found in something that has these words and :func:`phone_keys`."""
        if self.words and _all_in(self.words, found):
            return True
        return self.is_part_of(phones) and _all_in(self.others, found)

    def is_part_of(self, keys: Collection[str]) -> bool:
        """Whether the number that is searched for is part of one that has these :func:`phone_keys`."""
        return any(key.startswith(self.phones) for key in keys)


def _all_in(wanted: tuple[str, ...], found: Collection[str]) -> bool:
    if not wanted:
        return True
    *whole, begun = wanted
    return all(word in found for word in whole) and any(word.startswith(begun) for word in found)


def terms(text: str) -> Terms:
    """What a text asks for; with no words in it, nothing is found.

    A phone number may be written in any way: blanks, brackets, dots, dashes, with or without country code or the
    leading zeros that are dialled at home.
    """
    plain = folded(text)
    number = max((found[0] for found in _PHONE.finditer(plain)), key=len, default="")
    digits = "".join(sign for sign in number if sign.isdigit())
    dialled = dict.fromkeys((digits, digits.lstrip("0")))
    return Terms(
        words=_asked(plain),
        phones=tuple(one for one in dialled if len(one) >= FEWEST_DIGITS),
        others=_asked(plain.replace(number, " ", 1)) if number else (),
    )


def _asked(folded: str) -> tuple[str, ...]:
    return tuple(found.replace("'", "")[:LONGEST_WORD] for found in _tokens(folded))


@frozen(kw_only=True)
class SearchHit:
    """A conversation that was found, open or ended.

    Attributes:
        matched: ``"client_name"``, ``"patient_name"``, ``"title"``, ``"client_email"``, ``"phone"``; or ``"text"``,
            for a message.
        entry_id: that message.
        snippet: what matched, or a few words around it.
    """

    conversation: Conversation
    matched: Field
    entry_id: str | None = None
    snippet: str = field(default="", repr=False)


def header_words(conversation: Conversation) -> frozenset[str]:
    """The words that a conversation is found by, besides those of its messages."""
    return frozenset(word for _, text in _headers(conversation) for word in words(text))


def header_phones(conversation: Conversation) -> frozenset[str]:
    """The keys of the client's numbers."""
    return frozenset(key for number in _numbers(conversation) for key in phone_keys(number))


def header_hit(conversation: Conversation, asked: Terms) -> SearchHit:
    """A conversation whose header matches, and by which field: the first that says all of it, else any of it."""
    headers = _headers(conversation)
    for name, text in headers:
        if text and asked.match(set(words(text))):
            return SearchHit(conversation=conversation, matched=name, snippet=text)
    for number in _numbers(conversation):
        if asked.is_part_of(phone_keys(number)):
            return SearchHit(conversation=conversation, matched="phone", snippet=number)
    # Renamed since it was found: then by what stands first.
    name, text = next(((name, text) for name, text in headers if _says_any(text, asked)), headers[0])
    return SearchHit(conversation=conversation, matched=name, snippet=text)


def text_hit(conversation: Conversation, entry_id: str, text: str, asked: Terms) -> SearchHit:
    """A message that matches."""
    return SearchHit(conversation=conversation, matched="text", entry_id=entry_id, snippet=snippet(text, asked))


def snippet(text: str, asked: Terms) -> str:
    """A line of a message around the first word that was searched for."""
    parts = text.split()
    first = next((number for number, part in enumerate(parts) if _says_any(part, asked)), 0)
    start = max(0, first - _SNIPPET_BEFORE)
    return ("… " if start else "") + preview(" ".join(parts[start : start + PREVIEW]))


def _headers(c: Conversation) -> tuple[tuple[Field, str], ...]:
    # A sender that is no number, "ACME", is a name too.
    name = c.address if c.channel == "sms" and not phone_keys(c.address) else ""
    return (
        ("client_name", c.client_name),
        ("patient_name", c.patient_name),
        ("title", c.title),
        ("client_email", c.client_email),
        ("phone", name),
    )


def _numbers(c: Conversation) -> tuple[str, ...]:
    return tuple(dict.fromkeys(n for n in (c.address if c.channel == "sms" else "", c.client_phone) if n))


def _says_any(text: str, asked: Terms) -> bool:
    return any(word in asked.words or word.startswith(asked.words[-1:]) for word in words(text))
