"""A text as it leaves: its words, with links to the files that do not go with it, and the files that do."""

from __future__ import annotations

from attrs import frozen

from convokit.domain.attachment import KIND_WORDS, with_links
from convokit.domain.conversation import Entry
from convokit.domain.instant import HOUR, SECOND
from convokit.domain.rules import Practice
from convokit.ports.sms import OutboundFile
from convokit.runtime.files import Files


@frozen
class Composer:
    """Makes links that hold from the hand-over on, so that a text which waited has them fresh."""

    files: Files

    def compose(self, practice: Practice, entry: Entry) -> tuple[str, tuple[OutboundFile, ...]]:
        """The words to send, and the files that go with them.

        Raises:
            NotFound: ``media.unknown``: a file is there no more.
        """
        seconds = practice.rules.link_hours * HOUR // SECOND
        links: list[tuple[str, str]] = []
        media: list[OutboundFile] = []
        for file in entry.attachments:
            url = self.files.link(practice.id, file, seconds=seconds)
            if file.via == "mms":
                kept = {"media_type": file.media_type, "sha256": file.sha256, "name": file.name}
                media.append(OutboundFile(url=url, size=file.size, **kept))
            else:
                links.append((KIND_WORDS[file.kind], url))
        return with_links(entry.text, links), tuple(media)
