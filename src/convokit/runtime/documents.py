"""Transcripts with everything they are made of: the timeline, the files, the fonts, the signature."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator
from itertools import takewhile
from typing import TYPE_CHECKING, Final, cast

from attrs import field, frozen

from convokit.domain.conversation import Conversation, Entry
from convokit.domain.redaction import NOTHING_LEFT_OUT, Redaction
from convokit.domain.rules import Practice
from convokit.domain.transcript_building import build_transcript
from convokit.errors import ConfigurationError, NotFound
from convokit.ports.media import MediaStore
from convokit.ports.store import Store
from convokit.transcripts import TranscriptDocument
from convokit.transcripts.font_shelf import SYSTEM, FontShelf
from convokit.transcripts.pictures import LARGEST

if TYPE_CHECKING:
    from convokit.transcripts.sealing import SigningKey

_CHUNK: Final = 200


Fonts = Iterable["str | os.PathLike[str]"] | str | os.PathLike[str]


def _places(given: Fonts) -> tuple[str | os.PathLike[str], ...]:
    # One place may be given as it is; a string taken as a list would be a place per letter.
    try:
        return (given,) if isinstance(given, (str, os.PathLike)) else tuple(given)
    except TypeError:  # refused by name when the kit is opened
        return cast("tuple[str, ...]", given)


@frozen(kw_only=True)
class TranscriptSettings:
    """How the transcripts of a kit are made.

    Attributes:
        fonts: font files and folders for characters that the built-in fonts lack (CJK, the scripts of India);
            ``"system"`` stands for the fonts of the system. They are asked in this order, files of a folder by name.
        key: a PEM file with the Ed25519 key that signs every transcript, or ``None``; needs the extra ``crypto``.
    """

    fonts: tuple[str | os.PathLike[str], ...] = field(default=(), converter=_places)
    key: str | os.PathLike[str] | None = None


class Documents:
    """Makes transcripts. Every thread may use it."""

    def __init__(self, store: Store, media: MediaStore | None, settings: TranscriptSettings) -> None:
        """See :func:`check_settings` for the errors."""
        self._store = store
        self._media = media
        self.settings = settings
        self.fonts: FontShelf = FontShelf(settings.fonts)
        self._sign = None if settings.key is None else _signing_key(settings.key)

    @property
    def public_key(self) -> str | None:
        """Of the key that signs, 32 bytes in hex."""
        return None if self._sign is None else self._sign.public_key

    def of(
        self,
        practice: Practice,
        conversation: Conversation,
        *,
        internal_notes: bool = False,
        redact: Redaction = NOTHING_LEFT_OUT,
        events: bool = True,
        upto_seq: int | None = None,
    ) -> TranscriptDocument:
        """The transcript of a conversation as it stands.

        Args:
            events: with what happened, not the messages alone; the transcript says which.
            upto_seq: only entries up to this sequence number.

        Raises:
            InvalidInput: ``transcript.redact``, ``time.zone``.
        """
        timeline = self._entries(practice, conversation)
        if upto_seq is not None:
            timeline = takewhile(lambda entry: entry.seq <= upto_seq, timeline)
        transcript = build_transcript(
            practice, conversation, timeline, internal_notes=internal_notes, redact=redact, events=events
        )
        return TranscriptDocument(
            transcript,
            pictures=lambda digest: self._picture(practice.id, digest),
            originals=lambda digest: self._original(practice.id, digest),
            fonts=self.fonts,
            seal=None if self._sign is None else self._sign.seal(transcript.head, transcript.count),
        )

    @property
    def store(self) -> Store:
        """Where the conversations are."""
        return self._store

    def _entries(self, practice: Practice, conversation: Conversation) -> Iterator[Entry]:
        seq = 0
        while chunk := self._store.entries(practice.id, conversation.id, after_seq=seq, limit=_CHUNK):
            yield from chunk
            seq = chunk[-1].seq

    def _picture(self, practice_id: str, digest: str) -> bytes | None:
        found = self._original(practice_id, digest, LARGEST + 1)
        return None if found is None else b"".join(found)

    def _original(
        self, practice_id: str, digest: str, length: int | None = None
    ) -> Generator[bytes, None, None] | None:
        if self._media is None:
            return None
        try:
            return self._media.open(practice_id, digest, length=length)
        except NotFound:
            return None


def check_settings(given: object) -> TranscriptSettings:
    """The settings of a kit's transcripts.

    Raises:
        ConfigurationError: ``transcript.settings``, ``transcript.fonts``: a font or folder is not there.
    """
    if given is None:
        return TranscriptSettings()
    places = given.fonts if isinstance(given, TranscriptSettings) else None
    if (
        not isinstance(given, TranscriptSettings)
        or not isinstance(places, tuple)
        or not all(isinstance(one, (str, os.PathLike)) for one in places)
    ):
        why = "transcripts= is a convokit.TranscriptSettings"
        raise ConfigurationError("transcript.settings", why, field="transcripts", limit="TranscriptSettings")
    missing = _first_missing(given.fonts)
    if missing is not None:
        why = f"there is no font or folder {missing!r}"
        raise ConfigurationError("transcript.fonts", why, field="transcripts.fonts")
    return given


def _first_missing(fonts: Iterable[str | os.PathLike[str]]) -> str | None:
    names = (os.path.expanduser(os.fspath(one)) for one in fonts if one != SYSTEM)
    return next((name for name in names if not os.path.exists(name)), None)


def _signing_key(path: str | os.PathLike[str]) -> SigningKey:
    from convokit.transcripts.sealing import read_signing_key

    return read_signing_key(path)
