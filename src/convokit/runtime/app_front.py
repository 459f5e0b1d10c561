"""The front for the practice's app: what it says about its client, as JSON over HTTP. The host says who is signed in.

The contract stands in the manual (docs/reference/app.md); :data:`ACTS` is its table.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import unquote, urlsplit

from attrs import frozen

from convokit.errors import ConfigurationError, Conflict, ConvokitError, InvalidInput, NotFound, StorageError
from convokit.plugins.faults import log_fault
from convokit.ports.strict_json import read_object
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.runtime.checks import check_request

if TYPE_CHECKING:
    from convokit.runtime.desk import PracticeDesk

LARGEST: Final = 16_384
"""Bytes of a request's body. A registration has at most a third of it."""

_HEADERS: Final = (
    ("Content-Type", "application/json"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
)
_STATUSES: Final[Mapping[str, int]] = {
    "app.path": 404,
    "app.method": 405,
    "app.too_large": 413,
    "app.content_type": 415,
}
"""The statuses of what is wrong with a request; of everything else that is, 400."""

_log = logging.getLogger("convokit")


@frozen(kw_only=True)
class AppUser:
    """Who is signed in in the practice's app: a client of a practice, by the ids that the host has given them."""

    practice_id: str
    client_id: str


Identify = Callable[[HttpRequest], AppUser | None]
"""Says who is signed in, from a request's headers; ``None``: nobody."""

Told = Mapping[str, object]
Act = Callable[["PracticeDesk", str, Told], tuple[int, Told | None]]
"""What a request does: the desk, the client's id, what is told -> the status, what is answered."""


def _opened(desk: PracticeDesk, client_id: str, told: Told) -> tuple[int, Told | None]:
    return 200, {"conversations": desk.app_opened(client_id)}


def _read(desk: PracticeDesk, client_id: str, told: Told) -> tuple[int, Told | None]:
    conversation, upto = cast("str", told.get("conversation")), cast("int", told.get("upto"))
    if upto is None:  # "all there is" could be more than was on the screen
        raise InvalidInput("upto_seq.type", "upto is the number of the newest message on the screen", field="upto")
    after = desk.app_read(conversation, upto_seq=upto, client_id=client_id)
    return 200, {"conversation": after.id, "read": after.read_seq}


def _register(desk: PracticeDesk, client_id: str, told: Told) -> tuple[int, Told | None]:
    given = cast("Mapping[str, str]", told)  # the desk checks every type
    keys = cast("Mapping[str, str] | None", told.get("keys"))
    made = desk.app_register(
        client_id,
        transport=given.get("transport", ""),
        token=given.get("token", ""),
        app=given.get("app", ""),
        keys=keys,
    )
    return 201, {"registration": made}


def _unregister(desk: PracticeDesk, client_id: str, told: Told) -> tuple[int, Told | None]:
    if not desk.app_unregister(client_id, cast("str", told["registration"])):
        raise NotFound("app.registration", "no such registration of this client", field="registration")
    return 204, None


ACTS: Final[Mapping[tuple[str, str], tuple[Act, frozenset[str]]]] = {
    ("POST", "opened"): (_opened, frozenset()),
    ("POST", "read"): (_read, frozenset({"conversation", "upto"})),
    ("POST", "registrations"): (_register, frozenset({"transport", "token", "app", "keys"})),
    ("DELETE", "registrations/"): (_unregister, frozenset()),
}
"""By method and the end of the path: what is done, and which fields the body may have."""


class AppFront:
    """Answers the app. Every thread may use it."""

    def __init__(self, desk_of: Callable[[str], PracticeDesk], identify: Identify) -> None:
        self._desk_of = desk_of
        self._identify = identify

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Take in what an app says. A 2xx is returned only after it is committed and synced.

        Raises:
            InvalidInput: ``request.type``: not an :class:`HttpRequest`. Never for what an app sends.
        """
        checked = check_request(request)
        try:
            return self._answer(checked)
        except ConfigurationError as error:
            _log.error("an app could not be answered: %s", error)
            return HttpResponse(status=500, headers=_HEADERS)  # the host's mistake is not the app's to read
        except StorageError as error:
            _log.error("what an app said could not be stored: %s", error)
            return _error(503, error, ("Retry-After", "5"))
        except NotFound as error:
            return _error(404, error)
        except Conflict as error:
            return _error(409, error)
        except ConvokitError as error:
            allow = (("Allow", error.limit or ""),) if error.code == "app.method" else ()
            return _error(_STATUSES.get(error.code, 400), error, *allow)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        act, fields, named = _act_of(request)
        try:
            user = self._identify(request)
        except (Exception, SystemExit) as error:  # whatever the host's code raises: nobody is let in
            log_fault(_log, "the host could not say who is signed in in the app", error)
            return HttpResponse(status=500, headers=_HEADERS)
        if not isinstance(user, AppUser):
            told = {"code": "app.identity", "message": "nobody is signed in"}
            return HttpResponse(status=401, headers=_HEADERS, body=json.dumps(told).encode())
        told_by_app = {**_body(request, fields), **named}
        status, answer = act(self._desk_of(user.practice_id), user.client_id, told_by_app)
        return HttpResponse(
            status=status, headers=_HEADERS, body=b"" if answer is None else json.dumps(answer).encode()
        )


def _act_of(request: HttpRequest) -> tuple[Act, frozenset[str], Told]:
    """What is asked for, which fields it may have, and what the path says.

    Raises:
        InvalidInput: ``app.path``, ``app.method``.
    """
    try:
        *_, before, last = ("", *urlsplit(request.url).path.rstrip("/").split("/"))
    except ValueError:
        before, last = "", ""
    named: Told = {"registration": unquote(last)} if before == "registrations" else {}
    end = "registrations/" if named else last
    methods = [method for method, path in ACTS if path == end]
    if not methods:
        raise InvalidInput("app.path", "there is nothing at this path", field="path")
    if request.method not in methods:
        raise InvalidInput("app.method", "this path takes another method", field="method", limit=", ".join(methods))
    return (*ACTS[request.method, end], named)


def _body(request: HttpRequest, fields: frozenset[str]) -> Told:
    """What the app tells.

    Raises:
        InvalidInput: ``app.too_large``, ``app.content_type``, ``app.body``, ``app.field``.
    """
    if len(request.body) > LARGEST:
        raise InvalidInput("app.too_large", "the body is too large", field="body", limit=f"{LARGEST} bytes")
    if request.method != "POST":
        return {}
    kind = (request.header("Content-Type") or "").partition(";")[0].strip().lower()
    if kind != "application/json":
        # Another site's page cannot send this without asking first (CORS), so it cannot forge an acknowledgement.
        raise InvalidInput("app.content_type", "the body is JSON", field="Content-Type", limit="application/json")
    try:
        told = read_object(request.body or b"{}")
    except ValueError:
        raise InvalidInput("app.body", "the body is one JSON object", field="body", limit="JSON") from None
    unknown = sorted(told.keys() - fields)
    if unknown:
        known = ", ".join(sorted(fields)) or "none"
        raise InvalidInput("app.field", "there is no such field here", field=ascii(unknown[0])[1:61], limit=known)
    return told


def _error(status: int, error: ConvokitError, *more: tuple[str, str]) -> HttpResponse:
    told = {"code": error.code, "message": error.message, "field": error.field, "limit": error.limit}
    given = {name: value for name, value in told.items() if value is not None}
    return HttpResponse(status=status, headers=(*_HEADERS, *more), body=json.dumps(given).encode())
