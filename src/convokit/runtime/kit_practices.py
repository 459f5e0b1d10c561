"""The practices of a kit: added, checked against each other, and each with a desk of its own."""

from __future__ import annotations

import time
from collections.abc import Iterable

from convokit.domain.department_rules import dropped
from convokit.domain.inbox import Badges
from convokit.domain.rules import Practice
from convokit.errors import Conflict
from convokit.runtime.checks_departments import check_visible
from convokit.runtime.checks_practice import check_practice
from convokit.runtime.desk import PracticeDesk
from convokit.runtime.kit_parts import KitParts


class KitPractices(KitParts):
    """Adds practices, and hands out their desks."""

    def add_practice(self, practice: Practice) -> Practice:
        """Add a practice, or replace its settings. Returns it with its numbers in E.164.

        Raises:
            InvalidInput: a field of the practice or of its rules; ``field`` names it, ``limit`` says what fits.
            ConfigurationError: ``time.zone``.
            Conflict: ``practice.number_taken``: another practice has one of the numbers. ``department.in_use``: a
                department that is no longer there has open conversations.
        """
        checked = check_practice(practice)
        self._refuse_taken(checked)
        self._refuse_in_use(checked)
        self.store.put_practice(checked, plan=self.timekeeper.plan_for(checked))
        self._practices[checked.id] = checked, time.monotonic()
        return checked

    def _refuse_taken(self, practice: Practice) -> None:
        """A number belongs to one practice: nobody could tell whom a client's text to it is for."""
        known = self.store.practice(practice.id)
        fresh = {*practice.numbers} - {*(() if known is None else known.numbers)}
        # A host adds all its practices at each start: only numbers that are new cost a look at the others.
        others = (other for other in self.store.practices() if other.id != practice.id) if fresh else ()
        taken = fresh.intersection(number for other in others for number in other.numbers)
        if taken:
            raise Conflict(
                "practice.number_taken",
                f"another practice has this number: {', '.join(sorted(taken))}",
                field="practice.numbers",
                limit="1 practice per number",
            )

    def _refuse_in_use(self, practice: Practice) -> None:
        """A department with open conversations stays, or nobody would look after them."""
        known = self.store.practice(practice.id)
        gone = () if known is None else dropped(known.rules, practice.rules)
        for one in gone:
            count = self.store.open_in_department(practice.id, one.id)
            if count:
                raise Conflict(
                    "department.in_use",
                    f"department {one.name!r} has open conversations ({Badges.shown(count)}); move or end them first",
                    field="rules.departments",
                    limit=one.id,
                )

    def practices(self) -> tuple[Practice, ...]:
        """All practices, by id."""
        return self.store.practices()

    def practice(self, practice_id: str, *, departments: Iterable[str] | None = None) -> PracticeDesk:
        """The desk of one practice; everything it returns is that practice's own.

        Args:
            departments: ids of the departments whose conversations this desk sees (``""`` is the default one): to it,
                those of others are not there. ``None``: all of them, also of departments that are gone.

        Raises:
            NotFound: ``practice.unknown``.
            InvalidInput: ``departments.type``, ``department.unknown``.
        """
        practice = self._find(practice_id)
        visible = None if departments is None else check_visible(departments, practice.rules)
        return PracticeDesk(
            practice, self.steps, self.world, self.files, self.payment_providers, self.documents, visible=visible
        )
