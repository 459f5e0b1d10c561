"""Acts of a desk that are committed with the host's own rows, or not at all; and several of our own as one."""

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
    with store.within(connection) as host, _carried_by(host):
        yield


@contextmanager
def together(store: Store, practice_id: str, *, patience_ms: int) -> Iterator[None]:
    """What is done inside is committed at the end, as far as the store can: by then it may be rolled back.

    Raises:
        StorageError: nothing was stored, or nobody knows; either way nothing may be acknowledged.
    """
    with store.together(practice_id, patience_ms=patience_ms) as own, _carried_by(own):
        yield


@contextmanager
def _carried_by(transaction: HostTransaction) -> Iterator[None]:
    token = _HOST.set(transaction)
    try:
        yield
    finally:
        _HOST.reset(token)


def is_within() -> bool:
    """Whether a transaction carries what is done here and now that may be rolled back yet."""
    return _HOST.get() is not None


def after_commit(tell: Callable[[], None]) -> None:
    """Call it now, or once the transaction that carries what is done is committed."""
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
