"""Who looks after a conversation, and whose it is: one decision for each of these facts."""

from __future__ import annotations

from typing import assert_never

from convokit.decisions import departments, desk, shared, whose
from convokit.decisions.base import Before, Decision
from convokit.domain.rules import Practice
from convokit.facts import (
    AssigneeSet,
    ClientChosen,
    ClientSet,
    ConversationMoved,
    PatientSet,
    PeopleFact,
    TeamMemberRenamed,
)


def people(before: Before, fact: PeopleFact, practice: Practice) -> Decision:
    """What follows from ``fact``.

    Raises:
        ConvokitError: when the wish does not fit the state.
    """
    match fact:
        case TeamMemberRenamed():
            return desk.rename(before, fact)
        case AssigneeSet():
            return desk.assign(before, fact)
        case ConversationMoved():
            return departments.move(before, fact, practice)
        case ClientChosen():
            return shared.choose(before, fact)
        case ClientSet():
            return whose.set_client(before, fact)
        case PatientSet():
            return whose.set_patient(before, fact)
        case _:
            assert_never(fact)
