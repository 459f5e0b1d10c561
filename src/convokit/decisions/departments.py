"""Departments: a conversation moves to another one, and a desk that sees only some is kept from the rest."""

from __future__ import annotations

from convokit.decisions.base import NOTHING, Before, Decision, unknown_conversation, unknown_department
from convokit.decisions.desk import with_event
from convokit.domain.changed import changed
from convokit.domain.department_rules import department
from convokit.domain.rules import Practice
from convokit.errors import Conflict
from convokit.facts import ConsentRecorded, ConversationMoved, ConversationStarted, Fact, TextArrived


def move(before: Before, fact: ConversationMoved, practice: Practice) -> Decision:
    """The conversation belongs to another department; possible in every state.

    Raises:
        InvalidInput: ``department.unknown``.
    """
    current = before.found
    goal = department(practice.rules, fact.department)
    if goal is None:
        raise unknown_department()
    if current.department == goal.id:
        return NOTHING
    after = changed(current, department=goal.id)
    return with_event(after, fact, "moved", f"{fact.by_name} moved the conversation to {goal.name}.")


def refuse_hidden(before: Before, fact: Fact, visible: frozenset[str]) -> None:
    """Keep a desk from conversations of departments that it does not see.

    What staff record about a number is the whole practice's, so it passes. The one thing that cannot be kept secret
    is that an address is taken: at most one conversation may be open there.

    Raises:
        NotFound: ``conversation.unknown``, the same as for a conversation that is not there.
        Conflict: ``conversation.already_open``, without its id.
    """
    if isinstance(fact, ConsentRecorded):
        return
    found = before.conversation
    hidden = found is not None and found.department not in visible
    if found is not None and isinstance(fact, TextArrived) and found.ended:
        return  # a client's own words: that they talked to another department once must not keep them out
    if hidden and not isinstance(fact, ConversationStarted):
        raise unknown_conversation()
    if hidden or (before.open_beside is not None and before.open_beside.department not in visible):
        raise _taken()


def _taken() -> Conflict:
    return Conflict(
        "conversation.already_open",
        "a conversation at this address is open already, in a department that this desk does not see",
        field="client",
        limit="1 open conversation per client address",
    )
