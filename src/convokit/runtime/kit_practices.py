"""The practices of a kit: added, checked against each other, and each with a desk of its own."""

from __future__ import annotations

from collections.abc import Iterable

from convokit.domain.rules import Practice
from convokit.runtime.app_front import AppFront, Identify
from convokit.runtime.checks_departments import check_visible
from convokit.runtime.checks_kit import check_callable, refuse_in_use, refuse_taken
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
        refuse_taken(self.store, checked)
        refuse_in_use(self.store, checked)
        self.store.put_practice(checked, plan=self.timekeeper.plan_for(checked))
        self._remember(checked)
        return checked

    def app_front(self, identify: Identify) -> AppFront:
        """What answers the practice's app over HTTP: it was opened, a conversation was read, it wants to be told.

        Serve it with :func:`convokit.wsgi_app` or :func:`convokit.asgi_app`, under any prefix.

        Args:
            identify: says which client is signed in, from the request's headers, as the host knows its sessions or
                tokens; ``None``: nobody, and the app gets a 401.

        Raises:
            ConfigurationError: ``identify.type``.
        """
        check_callable(identify, "identify", "identify.type")
        return AppFront(self.practice, identify)

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
            practice,
            self.steps,
            self.world,
            self.files,
            self.payment_providers,
            self.documents,
            self.push_transports,
            visible=visible,
        )
