"""A callback or an answer with one of its fields spoiled: it is missing, or of another kind than it should be."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final, Generic, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import attrs
from attrs import evolve, frozen

from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.testing.wire import FORM, form_of, kind_of

_MISSING: Final = object()
_HUGE: Final = "y" * 120_000
"""Longer than any id, and than any text of a client."""
_KINDS: Final[Mapping[str, object]] = {
    "missing": _MISSING,
    "null": None,
    "true": True,
    "a number": 5,
    "a huge number": 10**40,
    "an object": {},
    "empty": "",
    "huge": _HUGE,
}
"""What a field of JSON may be instead; besides these, a list that holds what it should be."""
_TEXTS: Final[Mapping[str, tuple[str, ...]]] = {
    "missing": (),
    "a number": ("5",),
    "a huge number": ("9" * 40,),
    "empty": ("",),
    "huge": (_HUGE,),
}
"""The same for a parameter of a form or a query, which holds texts and nothing else."""

M = TypeVar("M", HttpRequest, HttpResponse)
_Path = tuple[str | int, ...]


@frozen
class Spoiled(Generic[M]):
    """A message with one spoiled field.

    Attributes:
        what: the field and its kind, as in ``data.id: null``.
        message: the whole, not signed.
        value: what the field is now, where that is no text and no number; else a text that nobody writes.
    """

    what: str
    message: M
    value: object = "\x00"

    @property
    def is_twice(self) -> bool:
        """Whether a form or a query has the field two times."""
        return self.what.endswith(": twice")

    def check_not_made_up(self, event: object) -> None:
        """Fail when something that was read is made of the spoiled value.

        ``"None"`` is the id of nothing; and an id that is cut may be that of another one.
        """
        written = {str(self.value), json.dumps(self.value)}
        for name, found in _fields(event):
            if not isinstance(found, str) or name == "raw":
                continue
            assert found not in written, f"{name} is made of something that is no text: {found}"
            assert name == "text" or not found.startswith(_HUGE[:20]), f"{name} is cut"


def spoiled(message: M) -> Iterator[Spoiled[M]]:
    """The same message with each field of its body missing, or of another kind."""
    if kind_of(message) == FORM:
        for what, pairs in _pairs_spoiled(form_of(message.body)):
            yield Spoiled(what, evolve(message, body=urlencode(pairs).encode()))
    elif (whole := _json_of(message.body)) is not None:
        for path in _paths(whole):
            yield from _spoiled_at(message, whole, path)


def spoiled_callbacks(request: HttpRequest) -> Iterator[Spoiled[HttpRequest]]:
    """The same for a callback, which may have parameters in its URL too."""
    yield from spoiled(request)
    parts = urlsplit(request.url)
    for what, pairs in _pairs_spoiled(parse_qsl(parts.query, keep_blank_values=True)):
        yield Spoiled(f"?{what}", evolve(request, url=urlunsplit((*parts[:3], urlencode(pairs), ""))))


def _fields(event: object) -> Iterator[tuple[str, object]]:
    kind: type[object] = type(event)
    if attrs.has(kind):
        yield from ((field.name, getattr(event, field.name)) for field in attrs.fields(kind))


def _json_of(body: bytes) -> object:
    """The value, if it has fields."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, (dict, list)) else None


# --- forms and queries ------------------------------------------------------------------------------------------------
def _pairs_spoiled(pairs: list[tuple[str, str]]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    for at, (name, value) in enumerate(pairs):
        for kind, values in {**_TEXTS, "twice": (value, value)}.items():
            yield f"{name}: {kind}", [*pairs[:at], *((name, one) for one in values), *pairs[at + 1 :]]


# --- JSON -------------------------------------------------------------------------------------------------------------
def _paths(value: object, above: _Path = ()) -> Iterator[_Path]:
    """Where there is something, from the outside to the inside."""
    if above:
        yield above
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        yield from _paths(one, (*above, name))


def _spoiled_at(message: M, whole: object, path: _Path) -> Iterator[Spoiled[M]]:
    for kind, value in {**_KINDS, "a list": [_at(whole, path)]}.items():
        body = json.dumps(_with(whole, path, value), ensure_ascii=False).encode("utf-8", "surrogatepass")
        told = Spoiled(f"{'.'.join(map(str, path))}: {kind}", evolve(message, body=body))
        yield evolve(told, value=value) if value is None or isinstance(value, (bool, dict, list)) else told


def _at(value: object, path: _Path) -> object:
    for name in path:
        value = value[name]  # type: ignore[index]  # the path was found in it
    return value


def _with(value: object, path: _Path, new: object) -> object:
    """The value with something else in one place."""
    if not path:
        return new
    name, *rest = path
    inner = list(value.items() if isinstance(value, dict) else enumerate(value))  # type: ignore[arg-type]  # as above
    changed = [(key, _with(one, tuple(rest), new) if key == name else one) for key, one in inner]
    kept = [(key, one) for key, one in changed if one is not _MISSING]
    return dict(kept) if isinstance(value, dict) else [one for _, one in kept]
