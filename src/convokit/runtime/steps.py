"""One step along the path: load what a fact needs, decide, commit; again when somebody else was faster."""

from __future__ import annotations

import logging
from typing import Final

from attrs import evolve, frozen

from convokit.decisions import NOTHING, Before, Decision, decide, needs
from convokit.domain.rules import Practice
from convokit.errors import ConvokitError, StorageError
from convokit.facts import Fact, TextArrived
from convokit.plugins.catalogue import Catalogue
from convokit.ports.store import Committed, SeenBefore, Stale, Store

_MOST_ROUNDS: Final = 200

_log = logging.getLogger("convokit")


@frozen(kw_only=True)
class Done:
    """A fact is stored. ``seen`` is set when it had been stored before, and then nothing was decided now."""

    before: Before
    decision: Decision
    seen: SeenBefore | None = None


class Steps:
    """Takes facts in. Every thread may use it."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self.store = store
        self.catalogue = catalogue

    def take(self, practice: Practice, fact: Fact, *, patience_ms: int = 10_000) -> Done:
        """Store ``fact`` and what follows from it.

        Raises:
            ConvokitError: from the decision, when the caller's wish does not fit the state; nothing was stored.
            StorageError: nothing was stored, and nothing may be acknowledged.
        """
        for _ in range(_MOST_ROUNDS):
            before = self.store.load(practice.id, needs(fact))
            try:
                decision = decide(before, fact, practice)
            except ConvokitError:
                known = self._known(practice, fact)
                if known is None:
                    raise
                return Done(before=before, decision=NOTHING, seen=known)
            result = self.store.commit(practice.id, before, fact, decision, patience_ms=patience_ms)
            match result:
                case Committed():
                    self._tell(practice, decision, result.change)
                    return Done(before=before, decision=decision)
                case SeenBefore():
                    if isinstance(fact, TextArrived) and _reused(fact, result):
                        # Another text under a known id: kept and flagged, not swallowed.
                        fact = evolve(fact, flags=(*fact.flags, "same_id_other_content"))
                        continue
                    return Done(before=before, decision=decision, seen=result)
                case Stale():
                    continue
        # Every round lost means that somebody else's commit went through: this is load, not a deadlock.
        raise StorageError("storage.contended", "too many writers at one conversation; try again", limit="200 rounds")

    def _known(self, practice: Practice, fact: Fact) -> SeenBefore | None:
        """Whether a fact that no longer fits the state was taken in when it did: the caller only asks again."""
        return None if fact.identity is None else self.store.seen(practice.id, fact.identity)

    def _tell(self, practice: Practice, decision: Decision, change: int) -> None:
        if decision.conversation is not None:
            self.catalogue.tell_changed(practice.id, decision.conversation.id, change)


def _reused(fact: TextArrived, seen: SeenBefore) -> bool:
    return fact.fingerprint != seen.fingerprint and "same_id_other_content" not in fact.flags
