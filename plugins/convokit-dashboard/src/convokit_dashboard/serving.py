"""From a request to a handler and back: log-in, proof, errors in words. One thread hop per request."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, cast

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from convokit.errors import Conflict, ConvokitError, InvalidInput, NotFound
from convokit_dashboard import pages
from convokit_dashboard.bodies import BadBody, read_form
from convokit_dashboard.call import Call
from convokit_dashboard.site import Site, log
from convokit_dashboard.spots import Spot
from convokit_dashboard.visitor import Visitor
from convokit_dashboard.words import choose_language, words_of

Endpoint = Callable[[Request], Awaitable[Response]]

TOKEN_HEADER: Final = "X-Desk-Token"  # noqa: S105 - the name of a header
TOKEN_FIELD: Final = "token"  # noqa: S105 - the name of a field

_OWN: Final = frozenset({"same-origin", "none", ""})


def endpoint(site: Site, spot: Spot) -> Endpoint:
    """The function that Starlette calls for an address."""

    async def serve(request: Request) -> Response:
        fields: tuple[tuple[str, str], ...] = ()
        if spot.method == "POST":
            try:
                fields = await read_form(request)
            except BadBody as bad:
                return Response(bad.code, status_code=bad.status)
        visitor = await visitor_of(site, request)
        return await anyio.to_thread.run_sync(_answer, site, spot, request, visitor, fields)

    return serve


Asked = Visitor | None | Callable[[], Visitor | None]


async def visitor_of(site: Site, request: Request) -> Asked:
    """Who asks; where the host's callable is a plain function, how to ask in the thread."""
    if inspect.iscoroutinefunction(site.identify):
        return await cast("Awaitable[Visitor | None]", site.identify(request))
    return lambda: cast("Visitor | None", site.identify(request))


def known(asked: Asked) -> Visitor | None:
    """The visitor, asked for in this thread where that is how the host does it.

    Raises:
        TypeError: the host's callable returned something else.
    """
    found = asked() if callable(asked) else asked
    if found is not None and not isinstance(found, Visitor):
        raise TypeError("identify= returns a convokit_dashboard.Visitor or None")
    return found


def call_of(site: Site, request: Request, visitor: Visitor, fields: tuple[tuple[str, str], ...] = ()) -> Call:
    """The request as handlers see it."""
    headers = request.headers
    restoring = headers.get("hx-history-restore-request") == "true"
    return Call(
        site=site,
        visitor=visitor,
        words=words_of(choose_language(visitor.language, headers.get("accept-language", ""))),
        base=str(request.scope.get("root_path", "")).rstrip("/"),
        where=request.url.path,
        path={key: str(value) for key, value in request.path_params.items()},
        query=dict(request.query_params.items()),
        all_form=fields,
        partial=headers.get("hx-request") == "true" and not restoring,
        headers=headers,
    )


def _answer(site: Site, spot: Spot, request: Request, asked: Asked, fields: tuple[tuple[str, str], ...]) -> Response:
    visitor = known(asked)
    if visitor is None:
        return stranger(site, request)
    call = call_of(site, request, visitor, fields)
    try:
        if spot.method == "POST":
            check_proof(call, request.headers, call.form.get(TOKEN_FIELD) or "")
        if spot.manager and not (visitor.manager and site.options.settings):
            raise Forbidden
        response = spot.handler(call)
    except Forbidden:
        return pages.trouble(call, 403, call.words("You are not allowed to do this."))
    except ConvokitError as error:
        return refused(call, error)
    if spot.method == "POST":
        site.hub.hurry()
    # Pages that stay open all day keep a proof that holds.
    if call.partial and (fresh := site.renewed(visitor, request.headers.get(TOKEN_HEADER, ""))):
        response.headers[TOKEN_HEADER] = fresh
    return response


class Forbidden(Exception):
    """The visitor may not do this."""


def check_proof(call: Call, headers: Mapping[str, str], token: str) -> None:
    """Refuse a write that does not come from one of our pages.

    Raises:
        Forbidden: from another site, or without the proof.
    """
    foreign = headers.get("sec-fetch-site", "") not in _OWN
    if foreign or not call.site.accepts(call.visitor, headers.get(TOKEN_HEADER.lower(), "") or token):
        raise Forbidden


def stranger(site: Site, request: Request) -> Response:
    """The answer to somebody who is not signed in."""
    if site.options.log_in and request.method == "GET" and "hx-request" not in request.headers:
        return RedirectResponse(site.options.log_in, status_code=303)
    words = words_of(choose_language(None, request.headers.get("accept-language", "")))
    return Response(words("Please sign in."), status_code=403, media_type="text/plain")


_STATUS: Final[tuple[tuple[type[ConvokitError], int], ...]] = ((NotFound, 404), (Conflict, 409), (InvalidInput, 422))


def refused(call: Call, error: ConvokitError) -> Response:
    """An error of the desk's, in words for the front desk."""
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 503)
    if status == 503:
        log.error("practice %s: %s", call.visitor.practice_id, error.code)
    return pages.trouble(call, status, pages.words_of_error(error, call.words))
