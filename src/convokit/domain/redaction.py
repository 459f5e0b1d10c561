"""Leaving things out of a transcript, so that whoever reads it is told that something was left out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

from attrs import evolve, field, frozen

from convokit.domain.attachment import Attachment
from convokit.domain.conversation import Conversation, Entry
from convokit.domain.folding import bare, replaced

REDACTED: Final = "[redacted]"
"""What stands in the place of what was left out."""

_BETWEEN: Final = r"[\s()./+\-\u00b7\u2022\u2044\u2215]*"
"""What people write between the digits of a number; every dash is a hyphen where this is looked for."""
_NUMBER: Final = re.compile(
    r"(?P<date>(?<!\w)(?:"
    r"(?:19|20)\d\d(?P<iso>[./-])(?:0?[1-9]|1[0-2])(?P=iso)(?:0?[1-9]|[12]\d|3[01])(?![./-]?\d)"
    r"|(?:0?[1-9]|[12]\d|3[01])(?P<apart>[./-])(?:0?[1-9]|[12]\d|3[01])(?P=apart)"
    r"(?:(?:19|20)\d\d(?![./-]?\d)|\d\d(?![\s./-]{0,3}\d(?!\d?:)))"
    r"))"
    rf"|(?<!\w)\+?\(?\d(?:{_BETWEEN}\d)*(?:(?!\w)|(?=x|ext))"
)
"""A date, which stays; else digits with what people write between them, up to an extension."""
_FEWEST_DIGITS: Final = 7
_MOST_DIGITS: Final = 15
"""Of digits without anything between them: E.164 has no longer numbers."""
_COUNTRY_CODES: Final = range(1, 4)
"""Digits of those that there are (E.164)."""
MAIL_ADDRESS: Final = re.compile(r"[^\s@<>()\[\]]+@[^\s@<>()\[\]]+\.[^\s@<>()\[\].,;]+")
_UNSPACED: Final = re.compile(
    "[\u0e00-\u0fff\u1000-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\ua960-\ua97f\ud7b0-\ud7ff\U00020000-\U0003ffff]"
)
"""Letters of scripts without blanks between words, or whose names go on: Thai, Khmer, Chinese, Japanese, Korean."""
_APART: Final = re.compile(r"[\s.\-]+")
"""Between the parts of a name."""
_SHORTEST_NAME: Final = 2
"""Letters of a part of a name that is looked for by itself: an initial would blacken half of a text."""


@frozen(kw_only=True)
class Redaction:
    """What a transcript leaves out.

    Attributes:
        phone_numbers: the numbers of the conversation, and what looks like one in texts.
        client_name: the client's name wherever it stands, in whole or in part, and e-mail addresses.
        messages: ids of messages and notes whose words and files are left out.
    """

    phone_numbers: bool = False
    client_name: bool = False
    messages: frozenset[str] = field(default=frozenset(), converter=frozenset)

    @property
    def nothing(self) -> bool:
        """Whether nothing is left out."""
        return not (self.phone_numbers or self.client_name or self.messages)

    @property
    def kinds(self) -> tuple[str, ...]:
        """What is left out, in words that the transcript's record keeps."""
        asked = (("client_name", self.client_name), ("messages", self.messages), ("phone_numbers", self.phone_numbers))
        return tuple(name for name, given in asked if given)


NOTHING_LEFT_OUT: Final = Redaction()


class Redactor:
    """Leaves out of one conversation what a :class:`Redaction` asks for."""

    def __init__(self, redaction: Redaction, conversation: Conversation) -> None:
        self._redaction = redaction
        self._names = _names_of(conversation) if redaction.client_name else None
        self._own = _numbers_of(conversation)

    def conversation(self, known: Conversation) -> Conversation:
        """The conversation without what is left out."""
        if self._redaction.client_name:
            known = evolve(known, client_name=REDACTED if known.client_name else "")
        if self._redaction.phone_numbers and known.channel == "sms":
            known = evolve(known, sender=REDACTED, address=REDACTED)
        if known.channel == "app" and self._redaction.client_name:
            known = evolve(known, address=REDACTED)  # the host's id of the client
        return evolve(known, title=self._words(known.title), patient_name=self._patient(known.patient_name))

    def entry(self, entry: Entry) -> Entry:
        """The entry without what is left out, flagged if that is something."""
        if entry.id in self._redaction.messages:
            files = tuple(_blank(file) for file in entry.attachments)
            after = evolve(entry, text=REDACTED, attachments=files)
        else:
            files = tuple(evolve(file, name=self._words(file.name)) for file in entry.attachments)
            after = evolve(entry, text=self._words(entry.text), attachments=files)
        if self._redaction.client_name and entry.side == "client" and entry.author_name:
            after = evolve(after, author_name=REDACTED)
        return after if after == entry else evolve(after, flags=(*after.flags, "redacted"))

    def _patient(self, name: str) -> str:
        """A pet keeps its name, but not its owner's."""
        return self._words(name)

    def _words(self, text: str) -> str:
        if self._redaction.client_name:
            text = MAIL_ADDRESS.sub(REDACTED, text)
            text = _without(text, self._names)
        if self._redaction.phone_numbers:
            text = _without(text, self._own)
            text = replaced(text, filter(_is_number, _NUMBER.finditer(bare(text))), REDACTED)
        return text


def _without(text: str, found: re.Pattern[str] | None) -> str:
    return text if found is None else replaced(text, found.finditer(bare(text)), REDACTED)


def unknown_messages(redaction: Redaction, seen: Iterable[str]) -> tuple[str, ...]:
    """Ids of messages that were to be left out and are not in the conversation, sorted."""
    return tuple(sorted(redaction.messages.difference(seen)))


def _blank(file: Attachment) -> Attachment:
    """A file of which only that there was one is told."""
    return evolve(file, name=REDACTED, sha256="", size=0, thumbnail="", width=None, height=None, flags=())


def _is_number(found: re.Match[str]) -> bool:
    """Whether what was found is a phone number: no date, and as long as one."""
    if found["date"] is not None:
        return False
    digits = sum(char.isdecimal() for char in found[0])
    return digits >= _FEWEST_DIGITS and not (found[0].isdecimal() and digits > _MOST_DIGITS)


def _names_of(conversation: Conversation) -> re.Pattern[str] | None:
    """The client's name as a whole and each part of it, as whole words, in any case and with or without accents."""
    whole = bare(conversation.client_name).split()
    parts = {" ".join(whole), *whole, *(piece for part in whole for piece in part.split("-"))}
    return _any_of({part: _name(part) for part in parts if _letters(part) >= _SHORTEST_NAME})


def _letters(part: str) -> int:
    return sum(char.isalpha() for char in unicodedata.normalize("NFC", part))  # a syllable of Korean is one


def _name(part: str) -> str:
    """A name, however its parts are put together: Anne-Marie, Anne Marie, Anne_Marie."""
    pieces = (re.escape(piece).replace("'", "'?") for piece in _APART.split(part))
    before = "" if _UNSPACED.match(part[0]) else r"(?<![^\W\d_])"
    after = "" if _UNSPACED.match(part[-1]) else r"(?![^\W\d_])"
    return before + r"[\s._\-]*".join(pieces) + after


def _numbers_of(conversation: Conversation) -> re.Pattern[str] | None:
    """The numbers of the conversation, which are stored in E.164, in any notation, also as they are dialled at home."""
    known = {conversation.sender, conversation.address, conversation.client_phone}
    digits = {number.removeprefix("+") for number in known if number[:1] == "+"}
    at_home = {one[code:] for one in digits for code in _COUNTRY_CODES if len(one) - code >= _FEWEST_DIGITS}
    return _any_of({number: _dialled(number) for number in digits | at_home})


def _dialled(digits: str) -> str:
    return rf"(?<!\d)\+?(?:0+{_BETWEEN})?\(?{_BETWEEN.join(digits)}(?!\d)"


def _any_of(patterns: Mapping[str, str]) -> re.Pattern[str] | None:
    """A pattern for any of them, the longest first."""
    longest_first = sorted(patterns, key=lambda word: (-len(word), word))
    return re.compile("|".join(patterns[word] for word in longest_first)) if patterns else None
