"""The index of words: what each database has of its own for search."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from convokit.domain.search import Terms
from convokit.stores.sql.database import Run
from convokit.stores.sql.rows import Cells

EVERYTHING = 2**63 - 1
"""Larger than every row's number."""


class Words(Protocol):
    """Finds conversations and messages by their words, newest row first. Each is called in a transaction."""

    def headers(
        self, run: Run, practice: int, asked: Terms, below: int, visible: tuple[str, ...] | None, most: int
    ) -> list[Cells]:
        """Conversations whose header matches, with a number below ``below``: the columns of a conversation."""
        ...

    def texts(
        self, run: Run, practice: int, asked: Terms, below: int, visible: tuple[str, ...] | None, most: int
    ) -> list[Cells]:
        """Messages that match: the columns of their conversations, then the entry's number, id and text."""
        ...

    def put_header(
        self, run: Run, practice: int, conversation: int, said: Iterable[str], phones: Iterable[str]
    ) -> None:
        """The words and keys of numbers of a conversation, instead of those there are; the same ones write nothing."""
        ...

    def add_text(self, run: Run, practice: int, entry: int, said: Iterable[str]) -> None:
        """The words of a message."""
        ...

    def forget(self, run: Run, practice: int, conversations: Iterable[int], entries: Iterable[int]) -> None:
        """Drop words of conversations and messages, so that the index holds nothing of them."""
        ...
