"""The conversation as a document: downloaded, or filed in the medical record."""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from typing import IO, Final

from starlette.responses import Response

from convokit.domain.redaction import REDACTED, Redaction
from convokit.domain.transcript import Transcript
from convokit.errors import NotFound
from convokit.runtime.media_front import disposition
from convokit.transcripts import TranscriptDocument
from convokit_dashboard import pages
from convokit_dashboard.call import Call
from convokit_dashboard.pieces import Pieces
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
    asked = {name for name in ("notes", "no_numbers", "no_client") if call.form.get(name) == "1"}
    redact = Redaction(phone_numbers="no_numbers" in asked, client_name="no_client" in asked)
    document = call.desk.transcript(talk.id, by=call.staff, internal_notes="notes" in asked, redact=redact)
    name = _name(document.transcript, found.suffix)
    return _kept(document, found, {"Content-Disposition": disposition("attachment", name)})


def _kept(document: TranscriptDocument, form: Format, headers: dict[str, str]) -> Response:
    content: bytes | str
    match form.suffix:
        case "zip":
            return Pieces(_pieces(_archive(document)), headers=headers, media_type=form.media_type)
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


def _pieces(file: IO[bytes]) -> Generator[bytes, None, None]:
    with file:
        while piece := file.read(_PIECE):
            yield piece


def _name(said: Transcript, suffix: str) -> str:
    """What the file is called; what was left out of it does not stand there either."""
    about = said.about
    whose = about.patient or about.client.replace(REDACTED, "") or about.title or "conversation"
    return f"{whose} {about.began:%Y-%m-%d}.{suffix}"


def file(call: Call) -> Response:
    """File it in the medical record, as the conversation now stands. What became of it, the thread says."""
    call.desk.file_transcript(call.path["id"], by=call.staff)
    said = pages.notice(call.words("The transcript is on its way to the medical record."))
    return answered(call, call.path["id"], said)
