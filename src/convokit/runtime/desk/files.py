"""Files: uploaded first, then put into a message, and read by those whose message it is."""

from __future__ import annotations

import logging
import os
from collections.abc import Generator, Sequence
from typing import Final

from attrs import evolve

from convokit.domain.attachment import KIND_WORDS, MOST_FILES, Attachment, Upload, ways, with_links
from convokit.domain.conversation import Conversation
from convokit.domain.instant import HOUR, SECOND
from convokit.domain.people import Client, Staff
from convokit.errors import InvalidInput, NotFound
from convokit.runtime.checks import check_client, check_id, check_staff, check_text, repair
from convokit.runtime.desk.base import DeskBase
from convokit.runtime.intake import Source, chunks_of, name_of
from convokit.runtime.media_links import Size

Attachable = Upload | bytes | str | os.PathLike[str]
"""What a message may be given as a file: an upload, bytes, or the path of a file of the host's own."""

LINK_MINUTES: Final = 15
"""How long a link for a page of the host's holds."""

_log = logging.getLogger("convokit")


class DeskFiles(DeskBase):
    """Upload, read, link, revoke."""

    def upload(self, name: str, source: Source, *, by: Staff | Client) -> Upload:
        """Take a file in. It belongs to ``by`` until it is in a message, and is dropped after 24 hours.

        What it is is told from its content. Pictures are encoded anew, without their metadata and place.

        Args:
            name: a label for people; it never names a file on a disk.
            source: its bytes, a path, or a stream that is open for reading bytes.

        Raises:
            InvalidInput: ``file.empty``, ``file.too_large``, ``file.kind``, ``file.pixels``, ``file.damaged``,
                ``file.unreadable``, ``file.type``, ``file.path``, ``file.name``.
            StorageError: ``media.full``, ``media.read_only``, ``media.failed``.
        """
        owner = owner_of(by)
        if not isinstance(name, str):
            raise InvalidInput("file.name", "name= is text", field="name", limit="str")
        return self._files.keep(self.practice.id, owner, repair(name)[0], chunks_of(source))

    def uploaded(self, upload_id: str, *, by: Staff | Client) -> Upload:
        """An upload of ``by`` by its id, as a browser brings it back.

        Raises:
            NotFound: ``upload.unknown``; the same for somebody else's, and for one that has expired.
        """
        return self._own(check_id(upload_id, "upload_id"), owner_of(by))

    def _own(self, upload_id: str, owner: str) -> Upload:
        found = self._files.find(self.practice.id, upload_id)
        if found is not None and found.owner == owner:
            return found
        # One of another practice is looked for here and not found, so what is not found is told as well.
        whose = "that is not in this practice" if found is None else "of somebody else"
        _log.warning("practice %s: %s asked for an upload %s", self.practice.id, owner, whose)
        raise NotFound("upload.unknown", "no such upload; perhaps it has expired", field="attachments")

    def _attached(self, conversation: Conversation | None, given: object, by: Staff | Client) -> tuple[Attachment, ...]:
        """The files for a message: uploads of ``by``, and what is uploaded for them now."""
        if isinstance(given, (str, bytes)) or not isinstance(given, Sequence):
            why = "attachments= is a list of uploads, paths or bytes"
            raise InvalidInput("message.attachments", why, field="attachments", limit="list")
        if len(given) > MOST_FILES:
            raise InvalidInput(
                "message.too_many_files", "too many files", field="attachments", limit=f"{MOST_FILES} files"
            )
        owner = owner_of(by)
        files = [self._one(one, owner) for one in given]
        if len({file.id for file in files}) != len(files):
            raise InvalidInput("message.attachments", "one upload is given twice", field="attachments")
        channel = "app" if conversation is None else conversation.channel
        limits = self._files.limits(self.practice.id) if channel == "sms" else None
        chosen = ways(files, channel=channel, limits=limits)
        return tuple(evolve(file, via=way) for file, way in zip(files, chosen, strict=True))

    def _one(self, given: object, owner: str) -> Attachment:
        if isinstance(given, Upload):
            # Only its id is believed: whose it is and what it is, the store says.
            return self._own(check_id(given.id, "upload_id"), owner).attachment
        chunks = chunks_of(given)
        return self._files.keep(self.practice.id, owner, name_of(given), chunks).attachment

    def _checked_text(self, text: str, channel: str, files: tuple[Attachment, ...]) -> tuple[str, tuple[str, ...]]:
        """The words of a message with files: they may be missing, and links count as what they are, text.

        Raises:
            InvalidInput: as :func:`convokit.runtime.checks.check_text`; ``file.no_link``.
        """
        practice = self.practice
        if not files:
            return check_text(text, channel=channel, practice=practice)
        if channel == "sms" and not self._files.links.are_possible:
            why = "files go by text with the host's public URL, and there is none: open the desk with public_url="
            raise InvalidInput("file.no_link", why, field="attachments")
        wordless = isinstance(text, str) and not text.strip()
        clean, flags = ("", ()) if wordless else check_text(text, channel=channel, practice=practice)
        linked = self._linked(clean, files)
        if linked != clean:
            check_text(linked, channel=channel, practice=practice)
        return clean, flags

    def _linked(self, text: str, files: tuple[Attachment, ...]) -> str:
        seconds = self.practice.rules.link_hours * HOUR // SECOND
        linked = [file for file in files if file.via == "link"]
        return with_links(
            text, [(KIND_WORDS[f.kind], self._files.link(self.practice.id, f, seconds=seconds)) for f in linked]
        )

    def attachment(self, attachment_id: str, *, by: Staff | Client) -> Attachment:
        """A file that ``by`` may see: one of a conversation of theirs, or their own upload. Staff see every message's.

        Raises:
            NotFound: ``attachment.unknown``.
        """
        return self._readable(attachment_id, by).attachment

    def open_file(
        self,
        attachment_id: str,
        *,
        by: Staff | Client,
        size: Size = "full",
        start: int = 0,
        length: int | None = None,
    ) -> Generator[bytes, None, None]:
        """The bytes of a file that ``by`` may see, in pieces.

        Args:
            size: ``"full"``, or ``"small"`` for its thumbnail.
            start, length: a part of it.

        Raises:
            NotFound: ``attachment.unknown``; ``media.unknown`` where there is no thumbnail.
            InvalidInput: ``file.size``, ``file.part``.
        """
        _check_size(size)
        for name, value in (("start", start), ("length", 0 if length is None else length)):
            if type(value) is not int or value < 0:
                raise InvalidInput("file.part", f"{name}= is a whole number, 0 or more", field=name, limit="0..")
        found = self._readable(attachment_id, by)
        return self._files.open(self.practice.id, found, size=size, start=start, length=length)

    def file_url(
        self, attachment_id: str, *, by: Staff | Client, size: Size = "full", minutes: int = LINK_MINUTES
    ) -> str:
        """A signed link to a file that ``by`` may see, for a page that is shown now. See :meth:`Convokit.media`.

        Absolute with a ``public_url``, else a path: ``/media/...``.

        Raises:
            NotFound: ``attachment.unknown``; ``media.unknown`` where there is no thumbnail.
            InvalidInput: ``file_url.minutes``, ``file.size``.
        """
        _check_size(size)
        if type(minutes) is not int or not 1 <= minutes <= 24 * 60:
            raise InvalidInput("file_url.minutes", "minutes= is 1 to 1440", field="minutes", limit="1..1440")
        found = self._readable(attachment_id, by)
        self._files.size(self.practice.id, found, size=size)
        return self._files.links.url(self.practice.id, found, seconds=minutes * 60, size=size)

    def revoke_links(self, message_id: str) -> int:
        """End every link to the files of a message that anybody has. How many files these are.

        Raises:
            NotFound: ``message.unknown``.
        """
        return self._store.revoke_links(self.practice.id, self.message(message_id).id)

    def _readable(self, attachment_id: str, by: Staff | Client) -> Upload:
        owner = owner_of(by)
        found = self._files.find(self.practice.id, check_id(attachment_id, "attachment_id"))
        if found is not None and self._may_read(found, owner, by):
            return found
        whose = "that is not in this practice" if found is None else "of somebody else"
        _log.warning("practice %s: %s asked for a file %s", self.practice.id, owner, whose)
        raise NotFound("attachment.unknown", "no such file", field="attachment_id")

    def _may_read(self, found: Upload, owner: str, by: Staff | Client) -> bool:
        if found.entry_id is None:
            return found.owner == owner
        try:
            talk = self.conversation(self.message(found.entry_id).conversation_id)
        except NotFound:  # of a department that this desk does not see
            return False
        return isinstance(by, Staff) or talk.client_id == by.id


def owner_of(by: object) -> str:
    """Who uploads or reads, as an upload keeps it.

    Raises:
        InvalidInput: ``by.type``, ``staff.id...``, ``client.id...``.
    """
    if isinstance(by, Client):
        return f"client:{check_client(by).id}"
    return f"staff:{check_staff(by).id}"


def _check_size(size: object) -> None:
    if size not in ("full", "small"):
        raise InvalidInput("file.size", "unknown size", field="size", limit="full, small")
