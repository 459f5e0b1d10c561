"""What the cases of the store contract share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from attrs import frozen

from convokit.decisions import needs
from convokit.decisions.base import Before, Decision, Needs
from convokit.domain.conversation import Conversation, Entry
from convokit.domain.end_of_day import DayReport
from convokit.domain.planned_work import WorkPlan
from convokit.domain.rules import Practice
from convokit.effects import Job, OwedEffect, OwedJob
from convokit.facts import Fact
from convokit.ports.store import Begun, CommitResult, Committed, Store
from convokit.testing import builders
from convokit.testing.builders import ANA, LEASE, Facts
from convokit.testing.contract import Contract


@frozen
class Desk:
    """One practice of a store, with a maker of facts."""

    store: Store
    practice: Practice
    facts: Facts

    @property
    def id(self) -> str:
        """The practice's id."""
        return self.practice.id

    def take(self, fact: Fact) -> CommitResult:
        """Load, decide, commit."""
        return builders.take(self.store, self.practice, fact)

    def put(self, fact: Fact) -> int:
        """The same for a fact that must go through; the change number."""
        result = self.take(fact)
        assert isinstance(result, Committed)
        return result.change

    def decided(self, fact: Fact) -> tuple[Before, Decision]:
        """What would be committed now."""
        return builders.decided(self.store, self.practice, fact)

    def commit(self, fact: Fact, decided: tuple[Before, Decision]) -> CommitResult:
        """Commit what was decided earlier."""
        return self.store.commit(self.id, decided[0], fact, decided[1])

    def conversation(self, conversation_id: str) -> Conversation:
        """A conversation that must be there."""
        found = self.store.conversation(self.id, conversation_id)
        assert found is not None
        return found

    def entry(self, entry_id: str) -> Entry:
        """An entry that must be there."""
        found = self.store.entry(self.id, entry_id)
        assert found is not None
        return found

    def open(self, address: str = ANA) -> Conversation:
        """A conversation that a client began."""
        fact = self.facts.arrived(address=address)
        self.put(fact)
        return self.conversation(fact.conversation_id)

    def owe(self, conversation_id: str) -> OwedEffect:
        """A reply that is owed; it is the newest effect."""
        fact = self.facts.replied(conversation_id)
        self.put(fact)
        effect = self.store.load(self.id, needs(self.facts.settled(f"{fact.entry_id}.1"))).effect
        assert effect is not None
        return effect

    def owe_job(self, job: Job) -> OwedJob:
        """A job that is owed, and nothing else that follows from the fact."""
        fact = self.facts.settled("no-such-key")
        assert isinstance(self.store.commit(self.id, Before(), fact, Decision(jobs=(job,))), Committed)
        owed = self.store.load(self.id, Needs(job_key=job.key)).job
        assert owed is not None
        return owed

    def plan(self, plan: WorkPlan, day: DayReport | None = None) -> None:
        """A plan for work, and the report of a day, as a decision makes them."""
        decision = Decision(work=plan, day=day)
        assert isinstance(self.store.commit(self.id, Before(), self.facts.settled("no-such-key"), decision), Committed)

    def begin(self, key: str) -> OwedEffect:
        """A hand-over that is begun."""
        begun = self.store.begin(self.id, key, self.facts.now_us, LEASE)
        assert isinstance(begun, Begun)
        return begun.effect


class StoreCases(Contract):
    """How a subclass says which store is under test."""

    shared_between_processes: ClassVar[bool] = False
    """Whether several processes may use the store at once; then :meth:`opener` is needed too."""

    def make_store(self, tmp_path: Path) -> Store:
        """A new, empty store."""
        raise NotImplementedError("fill in make_store: return a new, empty store")

    def opener(self, tmp_path: Path) -> Callable[[], Store]:
        """Opens, in another process, the store that :meth:`make_store` made. It must be picklable."""
        raise NotImplementedError("fill in opener: return a function that opens the same store again")

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        """The store under test."""
        store = self.make_store(tmp_path)
        yield store
        store.close()

    @pytest.fixture
    def desk(self, store: Store) -> Desk:
        """A practice in it."""
        made = builders.practice()
        store.put_practice(made)
        return Desk(store, made, Facts())
