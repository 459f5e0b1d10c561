"""Departments: which there are, and handing a conversation to another one."""

from __future__ import annotations

from convokit.decisions.base import unknown_department
from convokit.domain.conversation import Conversation
from convokit.domain.department_rules import all_departments, department
from convokit.domain.departments import DEFAULT, Department
from convokit.domain.people import Staff
from convokit.facts import ConversationMoved
from convokit.runtime.desk.base import DeskBase


class DeskDepartments(DeskBase):
    """The practice's departments."""

    def departments(self) -> tuple[Department, ...]:
        """Every department of the practice, the default one first; also those whose conversations this desk does not
        see, for a conversation can be handed to them.
        """
        return all_departments(self.practice.rules)

    def app_departments(self) -> tuple[Department, ...]:
        """The departments that clients see in the app, and may write to."""
        return tuple(one for one in self.departments() if one.in_app)

    def move(self, conversation_id: str, department: str, *, by: Staff) -> Conversation:
        """Hand a conversation to another department; possible in every state.

        Args:
            department: id of any department of the practice, also of one that this desk does not see: the
                conversation is then gone from it.

        Raises:
            InvalidInput: ``department.unknown``.
            NotFound: ``conversation.unknown``.
        """
        goal = self._known_department(department)
        return self._after(self._take(ConversationMoved(**self._stamp(conversation_id, by), department=goal)))

    def _known_department(self, department_id: object) -> str:
        found = department(self.practice.rules, department_id) if isinstance(department_id, str) else None
        if found is None:
            raise unknown_department()
        return found.id

    def _department_for(self, department_id: str | None) -> str:
        """Where a conversation starts: as asked, else in the default department, or the first that the desk sees.

        Raises:
            InvalidInput: ``department.unknown``; also for one that the desk does not see.
        """
        if department_id is not None:
            asked = self._known_department(department_id)
            if self.visible is not None and asked not in self.visible:
                raise unknown_department()
            return asked
        if self.visible is None:
            return DEFAULT
        return next((one.id for one in self.departments() if one.id in self.visible), DEFAULT)

    def _chosen_in_app(self, department_id: str | None) -> str | None:
        """What the client chose in the app, if anything.

        Raises:
            InvalidInput: ``department.unknown``; also for one that is not in the app.
        """
        if department_id is None:
            return None
        if all(one.id != department_id for one in self.app_departments()):
            raise unknown_department()
        return department_id
