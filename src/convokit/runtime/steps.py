"""One step along the path: load what a fact needs, decide, commit; again when somebody else was faster."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from attrs import evolve, frozen

from convokit.decisions import NOTHING, Before, Decision, decide, needs, needs_more
from convokit.decisions.departments import refuse_hidden
from convokit.domain.erasure import ERASED
from convokit.domain.payment import money_moved
from convokit.domain.rules import Practice
from convokit.errors import ConvokitError, StorageError
from convokit.facts import Fact, TextArrived
from convokit.plugins.catalogue import Catalogue
from convokit.ports.store import Committed, SeenBefore, Store
from convokit.runtime.within import after_commit

_MOST_ROUNDS: Final = 200

_log = logging.getLogger("convokit")


@frozen(kw_only=True)
class Done:
    """A fact is stored. ``seen`` is set when it had been stored before, and then nothing was decided now.

    ``change`` is the practice's change number of it, 0 where nothing changed. ``parked``: reports may have waited for
    the id that it named.
    """

    before: Before
    decision: Decision
    seen: SeenBefore | None = None
    change: int = 0
    parked: bool = True


class Steps:
    """Takes facts in. Every thread may use it."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self.store = store
        self.catalogue = catalogue
        self.owes: Callable[[str, Decision], None] = lambda practice_id, decision: None
        """Called after the commit of a decision that owes something, unless its names were committed with it."""

    def take(
        self, practice: Practice, fact: Fact, *, visible: frozenset[str] | None = None, patience_ms: int = 10_000
    ) -> Done:
        """Store ``fact`` and what follows from it.

        ``visible``: the departments whose conversations it may be about; ``None`` for all.

        Raises:
            ConvokitError: from the decision, when the caller's wish does not fit the state; nothing was stored.
            StorageError: nothing was stored, and nothing may be acknowledged.
        """
        for _ in range(_MOST_ROUNDS):
            before = self._loaded(practice, fact)
            if isinstance(before, SeenBefore):
                if isinstance(fact, TextArrived) and _reused(fact, before):
                    # Another text under a known id: kept and flagged, not swallowed.
                    fact = evolve(fact, flags=(*fact.flags, "same_id_other_content"))
                    continue
                return Done(before=Before(), decision=NOTHING, seen=before)
            try:
                if visible is not None:
                    refuse_hidden(before, fact, visible)
                before, decision = self._decided(before, fact, practice)
            except ConvokitError:
                known = None if fact.identity is None else self.store.seen(practice.id, fact.identity)
                if known is None:
                    raise
                # Taken in between our two looks, when it still fitted.
                return Done(before=before, decision=NOTHING, seen=known)
            result = self.store.commit(practice.id, before, fact, decision, patience_ms=patience_ms, looked=True)
            if isinstance(result, Committed):
                self._tell(practice, before, decision, result)
                return Done(before=before, decision=decision, change=result.change, parked=result.parked)
            # Somebody else was faster, perhaps with this very fact: look again.
        # Every round lost means that somebody else's commit went through: this is load, not a deadlock.
        raise StorageError("storage.contended", "too many writers at one conversation; try again", limit="200 rounds")

    def _loaded(self, practice: Practice, fact: Fact) -> Before | SeenBefore:
        """The state; but of a fact that was taken in before, what it made then: the caller only asks again."""
        if fact.identity is None:
            return self.store.load(practice.id, needs(fact))
        return self.store.load_for(practice.id, needs(fact), fact.identity)

    def _decided(self, before: Before, fact: Fact, practice: Practice) -> tuple[Before, Decision]:
        """What follows, and the state that it follows from: with more loaded, where the decision turns on it."""
        decision = decide(before, fact, practice)
        more = needs_more(fact, before, decision)
        if more is None:
            return before, decision
        before = self.store.load(practice.id, more)
        return before, decide(before, fact, practice)

    def _tell(self, practice: Practice, before: Before, decision: Decision, done: Committed) -> None:
        after_commit(lambda: self._tell_now(practice, before, decision, done))

    def _tell_now(self, practice: Practice, before: Before, decision: Decision, done: Committed) -> None:
        if (decision.effects or decision.jobs) and not done.named:
            self.owes(practice.id, decision)
        if decision.conversation is not None:
            self.catalogue.tell_changed(practice.id, decision.conversation.id, done.change)
        if decision.payment is not None and money_moved(before.payment, decision.payment):
            self.catalogue.tell_payment_settled(practice.id, decision.payment)


def _reused(fact: TextArrived, seen: SeenBefore) -> bool:
    return seen.fingerprint not in (fact.fingerprint, ERASED) and "same_id_other_content" not in fact.flags
