"""Leaving things out of a transcript, so that whoever reads it is told that something was left out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from attrs import evolve, field, frozen

from convokit.domain.attachment import Attachment
from convokit.domain.conversation import Conversation, Entry

REDACTED: Final = "[redacted]"
"""What stands in the place of what was left out."""

_NUMBER: Final = re.compile(
    r"(?<!\w)(?!\d{4}-\d\d?-\d\d?(?!\d))(?!\d\d?[.-]\d\d?[.-]\d{2,4}(?!\d))"
    r"\+?(?:\(\d{1,4}\)|\d)(?:[\s.\-()]{0,2}\d){6,14}(?!\w)"
)
"""7 to 15 digits with what people write between them (E.164 has at most 15), and no date."""
MAIL_ADDRESS: Final = re.compile(r"[^\s@<>()\[\]]+@[^\s@<>()\[\]]+\.[^\s@<>()\[\].,;]+")
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
        if self._names is not None:
            text = self._names.sub(REDACTED, MAIL_ADDRESS.sub(REDACTED, text))
        if self._redaction.phone_numbers:
            text = text if self._own is None else self._own.sub(REDACTED, text)
            text = _NUMBER.sub(REDACTED, text)
        return text


def unknown_messages(redaction: Redaction, seen: Iterable[str]) -> tuple[str, ...]:
    """Ids of messages that were to be left out and are not in the conversation, sorted."""
    return tuple(sorted(redaction.messages.difference(seen)))


def _blank(file: Attachment) -> Attachment:
    """A file of which only that there was one is told."""
    return evolve(file, name=REDACTED, sha256="", size=0, thumbnail="", width=None, height=None, flags=())


def _names_of(conversation: Conversation) -> re.Pattern[str] | None:
    """The client's name as a whole and each part of it, as whole words in any case."""
    whole = conversation.client_name.split()
    parts = {" ".join(whole), *whole}
    return _any_of(part for part in parts if sum(char.isalpha() for char in part) >= _SHORTEST_NAME)


def _numbers_of(conversation: Conversation) -> re.Pattern[str] | None:
    """The numbers of the conversation as they are stored: in E.164, and without the plus."""
    known = {conversation.sender, conversation.address, conversation.client_phone}
    return _any_of(part for number in known if number[:1] == "+" for part in (number, number[1:]))


def _any_of(words: Iterable[str]) -> re.Pattern[str] | None:
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    if not longest_first:
        return None
    joined = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in longest_first)
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)", re.IGNORECASE)
