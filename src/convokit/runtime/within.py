"""Acts of a desk that are committed with the host's own rows, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from convokit.errors import Conflict
from convokit.ports.store import Store
from convokit.ports.store_beside import HostTransaction

_HOST: Final[ContextVar[HostTransaction | None]] = ContextVar("convokit host transaction", default=None)


@contextmanager
def within(store: Store, connection: object) -> Iterator[None]:
    """What is done inside goes through the host's connection; see :meth:`Convokit.within`."""
    with store.within(connection) as host:
        token = _HOST.set(host)
        try:
            yield
        finally:
            _HOST.reset(token)


def is_within() -> bool:
    """Whether a host's transaction carries what is done here and now: it may be rolled back yet."""
    return _HOST.get() is not None


def after_commit(tell: Callable[[], None]) -> None:
    """Call it now, or once the host's transaction is committed."""
    host = _HOST.get()
    if host is None:
        tell()
    else:
        host.after_commit(tell)


def refuse_within(what: str) -> None:
    """Refuse what only a commit can promise.

    Raises:
        Conflict: ``within.not_here``.
    """
    if is_within():
        raise Conflict("within.not_here", f"{what} is not possible in a transaction of the host's; call it outside")
