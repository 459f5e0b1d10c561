"""Where a desk's things are, so that another process can open them again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

from attrs import field, frozen

from convokit.media.builtin import open_media
from convokit.runtime.documents import Documents, TranscriptSettings
from convokit.stores.builtin import open_store


@frozen(kw_only=True)
class Place:
    """The URLs of the store and of the media store, as they were opened, and how transcripts are made there."""

    store: str = field(repr=False)
    media: str | None = field(repr=False)
    transcripts: TranscriptSettings

    @property
    def is_shared(self) -> bool:
        """Whether another process finds the same there: what is in memory, or a plugin's, only this one has."""
        return self.store.startswith(("sqlite:", "postgres")) and (
            self.media is None or self.media.startswith("folder:")
        )

    @contextmanager
    def opened(self) -> Iterator[Documents]:
        """What makes transcripts there.

        Raises:
            ConfigurationError, StorageError: as :func:`convokit.open`.
        """
        with ExitStack() as open_here:
            store = open_here.enter_context(closing(open_store(self.store, {})))
            media = open_media(self.media, {})
            if media is not None:
                open_here.enter_context(closing(media))
            yield Documents(store, media, self.transcripts)
