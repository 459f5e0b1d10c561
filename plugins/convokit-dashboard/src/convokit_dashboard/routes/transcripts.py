"""The conversation as a document: downloaded, or filed in the medical record."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO, Final

from starlette.responses import Response, StreamingResponse

from convokit.domain.conversation import Conversation
from convokit.errors import NotFound
from convokit.runtime.media_front import disposition
from convokit.transcripts import TranscriptDocument
from convokit_dashboard import pages
from convokit_dashboard.call import Call
from convokit_dashboard.routes.acts import answered
from convokit_dashboard.views.transcripts import FORMATS, Format

_IN_MEMORY: Final = 4 * 1024 * 1024
_PIECE: Final = 256 * 1024


def download(call: Call) -> Response:
    """The conversation as a document, to be kept. The thread says who took it: so it is a form, never a link that a
    browser may fetch in advance.
    """
    found = next((one for one in FORMATS if one.suffix == call.form.get("format", "")), None)
    if found is None:
        raise NotFound("transcript.format", "no such format", field="format")
    talk = call.desk.conversation(call.path["id"])
    document = call.desk.transcript(talk.id, by=call.staff, internal_notes=call.form.get("notes") == "1")
    return _kept(document, found, {"Content-Disposition": disposition("attachment", _name(talk, found.suffix))})


def _kept(document: TranscriptDocument, form: Format, headers: dict[str, str]) -> Response:
    content: bytes | str
    match form.suffix:
        case "zip":
            return StreamingResponse(_pieces(_archive(document)), headers=headers, media_type=form.media_type)
        case "pdf":
            content = document.pdf()
        case "html":
            content = document.html()
        case "txt":
            content = document.text()
        case _:
            content = document.json()
    return Response(content, headers=headers, media_type=form.media_type)


def _archive(document: TranscriptDocument) -> IO[bytes]:
    """The archive in a temporary file, whole before the first byte of it leaves: it may hold long videos."""
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - whoever reads it closes it
    try:
        document.zip(file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece


def _name(talk: Conversation, suffix: str) -> str:
    whose = talk.patient_name or talk.client_name or talk.title or "conversation"
    return f"{whose} {talk.started_at:%Y-%m-%d}.{suffix}"


def file(call: Call) -> Response:
    """File it in the medical record, as the conversation now stands. What became of it, the thread says."""
    call.desk.file_transcript(call.path["id"], by=call.staff)
    said = pages.notice(call.words("The transcript is on its way to the medical record."))
    return answered(call, call.path["id"], said)
