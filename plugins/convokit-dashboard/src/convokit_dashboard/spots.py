"""What an address of the dashboard is: its path, who may use it, and who answers."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from convokit_dashboard.call import Handler

Method = Literal["GET", "POST"]


@frozen(kw_only=True)
class Spot:
    """One address.

    Attributes:
        path: below where the dashboard is mounted, with ``{names}``.
        ids: which of the names are ids of things that belong to somebody.
        manager: only for managers, and only where settings are shown.
    """

    path: str
    method: Method
    handler: Handler
    ids: tuple[str, ...] = ()
    manager: bool = False


def get(path: str, handler: Handler, *, ids: tuple[str, ...] = (), manager: bool = False) -> Spot:
    """An address that only shows."""
    return Spot(path=path, method="GET", handler=handler, ids=ids, manager=manager)


def post(path: str, handler: Handler, *, ids: tuple[str, ...] = (), manager: bool = False) -> Spot:
    """An address that changes something: nothing happens without the proof that the form is ours."""
    return Spot(path=path, method="POST", handler=handler, ids=ids, manager=manager)
