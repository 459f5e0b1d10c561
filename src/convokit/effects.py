"""What must now be done in the outside world. Committed with the state that owes it, performed afterwards."""

from __future__ import annotations

from typing import Literal

from attrs import frozen


@frozen(kw_only=True)
class SendText:
    """A text is owed to a client.

    Attributes:
        entry_id, attempt: which message and which hand-over of it; together the effect's key.
        sender, to: E.164.
        because: ``"reply"`` of staff; ``"confirmation"`` of an opt-out and ``"help"`` pass the opt-out gate.
        not_after_us: it is dropped when not handed over by then, or ``None``.
    """

    entry_id: str
    conversation_id: str
    attempt: int = 1
    sender: str
    to: str
    because: Literal["reply", "confirmation", "help"] = "reply"
    not_after_us: int | None = None

    @property
    def key(self) -> str:
        """Unique within the practice; travels to the provider and back in the callback URL."""
        return f"{self.entry_id}.{self.attempt}"

    @property
    def passes_opt_out(self) -> bool:
        """Whether it may leave although the client opted out: the one confirmation, and the answer to HELP."""
        return self.because in {"confirmation", "help"}


Effect = SendText
"""Everything that can be owed."""


@frozen(kw_only=True)
class OwedEffect:
    """An effect as the store keeps it.

    Attributes:
        state: ``"owed"``; ``"begun"`` (being handed over, under a lease); ``"done"``.
        tries: how often its hand-over was begun; also the fence: only the holder of the newest may settle it.
        owed_us: when it was committed; ``due_us``: not before; ``lease_us``: the lease's end while begun.
        provider, provider_id: who took it and under which id.
    """

    effect: Effect
    practice: str
    state: Literal["owed", "begun", "done"]
    tries: int
    owed_us: int
    due_us: int
    begun_us: int | None = None
    lease_us: int | None = None
    provider: str | None = None
    provider_id: str | None = None

    @property
    def key(self) -> str:
        """The effect's key."""
        return self.effect.key


def entry_of(key: str) -> tuple[str, int]:
    """Entry id and attempt of a key; attempt 0 for text that is not a key (hostile callbacks)."""
    entry_id, dot, attempt = key.rpartition(".")
    return (
        (entry_id, int(attempt)) if dot and attempt.isascii() and attempt.isdigit() and len(attempt) < 6 else (key, 0)
    )
