"""The part of the store in memory that knows the practices."""

from __future__ import annotations

from contextlib import AbstractContextManager

from convokit.domain.planned_work import WorkPlan
from convokit.domain.rules import Practice
from convokit.stores.memory_desk import MemoryDesk


class MemoryPractices:
    """Practices, by id."""

    _desks: dict[str, MemoryDesk]

    def _open(self, patience_ms: int | None = None) -> AbstractContextManager[None]:
        raise NotImplementedError

    def put_practice(self, practice: Practice, *, plan: WorkPlan | None = None) -> None:
        """See :meth:`convokit.ports.store.Store.put_practice`."""
        with self._open():
            desk = self._desks.setdefault(practice.id, MemoryDesk(practice))
            desk.practice = practice
            if plan is not None:
                desk.plan(plan)

    def practices(self) -> tuple[Practice, ...]:
        """See :meth:`convokit.ports.store.Store.practices`."""
        with self._open():
            return tuple(desk.practice for _, desk in sorted(self._desks.items(), key=lambda item: item[0]))

    def practice(self, practice_id: str) -> Practice | None:
        """See :meth:`convokit.ports.store.Store.practice`."""
        with self._open():
            desk = self._desks.get(practice_id)
            return None if desk is None else desk.practice
