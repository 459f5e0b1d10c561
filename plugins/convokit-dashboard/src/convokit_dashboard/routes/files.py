"""Files, both ways: taken in while they stream, served as the media front serves them."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

import anyio.to_thread
from attrs import frozen
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from convokit.domain.attachment import LIMITS
from convokit.errors import ConvokitError
from convokit.ports.wire import HttpRequest
from convokit_dashboard import pages
from convokit_dashboard.bodies import BadBody, read_file
from convokit_dashboard.call import Call
from convokit_dashboard.pieces import Pieces
from convokit_dashboard.serving import Endpoint, Forbidden, call_of, check_proof, known, refused, stranger, visitor_of
from convokit_dashboard.site import Site
from convokit_dashboard.views.files import file_view

LARGEST: Final = max(LIMITS.values())
MOST_AT_ONCE: Final = 8
"""Uploads that one process takes at a time: each holds a temporary file."""

_LONGEST_NAME: Final = 400
_MINUTES: Final = 5


def file(call: Call) -> Response:
    """A file that the visitor may see: pictures that were made anew are shown, everything else is downloaded."""
    small = call.query.get("size") == "small"
    link = call.desk.file_url(call.path["file"], by=call.staff, size="small" if small else "full", minutes=_MINUTES)
    asked = call.headers.get("range")
    answer = call.site.kit.media(
        HttpRequest(method="GET", url=link, headers=() if asked is None else (("Range", asked),))
    )
    headers = dict(answer.headers)
    if answer.chunks is None:
        return Response(answer.body, status_code=answer.status, headers=headers)
    return Pieces(answer.chunks, status_code=answer.status, headers=headers)


@frozen(eq=False)
class Uploads:
    """Takes uploads in. ``places`` bounds how many at a time."""

    site: Site
    places: anyio.CapacityLimiter

    async def serve(self, request: Request) -> Response:
        """One upload: the body is the file, the header ``X-File-Name`` its name."""
        visitor = await visitor_of(self.site, request)
        call = await anyio.to_thread.run_sync(self._admitted, request, visitor)
        if isinstance(call, Response):
            return call
        try:
            self.places.acquire_nowait()
        except anyio.WouldBlock:
            return _refusal(call, 503, call.words("Too many files at once. Please try again in a moment."))
        try:
            return await self._take(call, request)
        finally:
            self.places.release()

    def _admitted(self, request: Request, asked: object) -> Call | Response:
        visitor = known(asked)  # type: ignore[arg-type]  # what visitor_of returned
        if visitor is None:
            return stranger(self.site, request)
        call = call_of(self.site, request, visitor)
        try:
            check_proof(call, request.headers, "")
            call.desk.conversation(call.path["id"])
        except Forbidden:
            return _refusal(call, 403, call.words("You are not allowed to do this."))
        except ConvokitError as error:
            return refused(call, error)
        return call

    async def _take(self, call: Call, request: Request) -> Response:
        name = unquote(request.headers.get("x-file-name", ""))[:_LONGEST_NAME]
        try:
            body = await read_file(request, LARGEST)
        except BadBody as bad:
            why = {
                413: call.words("The file is too large. At most: %(limit)s.", limit="200 MB"),
                408: call.words("The file came too slowly. Please try again."),
            }
            return _refusal(call, bad.status, why.get(bad.status, call.words("The file did not arrive whole.")))

        def keep() -> Response:
            try:
                made = call.desk.upload(name, body, by=call.staff)
            except ConvokitError as error:
                return _refusal(call, 422, pages.words_of_error(error, call.words))
            view = file_view(made.attachment, call.words, ours=True)
            return HTMLResponse(pages.draw_shared(call, "parts/upload.html", {"file": view, "upload": made.id}))

        try:
            return await anyio.to_thread.run_sync(keep)
        finally:
            body.close()


def _refusal(call: Call, status: int, why: str) -> Response:
    return HTMLResponse(pages.draw_shared(call, "parts/upload_failed.html", {"why": why}), status_code=status)


def uploads(site: Site) -> Endpoint:
    """The address that takes files in."""
    return Uploads(site, anyio.CapacityLimiter(MOST_AT_ONCE)).serve
