"""What staff do to a conversation as a whole: the options menu, and restart."""

from __future__ import annotations

from convokit.domain import urgency as levels
from convokit.domain.conversation import Conversation
from convokit.domain.people import Staff
from convokit.facts import (
    AssigneeSet,
    ConversationRestarted,
    MarkedUnread,
    StaffRead,
    TeamMemberRenamed,
    UrgencySet,
)
from convokit.runtime.checks import check_id, check_label, check_seq, check_staff
from convokit.runtime.desk.base import DeskBase


class DeskActing(DeskBase):
    """Restart, read, unread, rename, urgency."""

    def restart(self, conversation_id: str, *, by: Staff) -> Conversation:
        """Open an ended conversation again.

        Raises:
            Conflict: ``conversation.open``; ``conversation.already_open`` when another one is open at this address.
        """
        return self._after(self._take(ConversationRestarted(**self._stamp(conversation_id, by))))

    def mark_read(self, conversation_id: str, *, by: Staff, upto_seq: int | None = None) -> Conversation:
        """Staff have seen the thread up to ``upto_seq`` (default: all of it); newer messages stay unread."""
        check_staff(by)
        known = self.conversation(conversation_id)
        upto = check_seq(upto_seq, "upto_seq")
        seq = known.last_seq if upto is None else upto
        return self._after(self._take(StaffRead(conversation_id=known.id, at_us=self._world.now_us(), upto_seq=seq)))

    def mark_unread(self, conversation_id: str, *, by: Staff) -> Conversation:
        """Mark a conversation unread; possible in every state, ended included."""
        check_staff(by)
        known_id = check_id(conversation_id, "conversation_id")
        return self._after(self._take(MarkedUnread(conversation_id=known_id, at_us=self._world.now_us())))

    def rename_team_member(self, conversation_id: str, name: str, *, by: Staff) -> Conversation:
        """Edit the name that the client sees. Authors of messages are recorded separately and never change.

        Raises:
            InvalidInput: ``name.empty``, ``name.too_long``.
        """
        shown = check_label(name, "name", empty=False)
        return self._after(self._take(TeamMemberRenamed(**self._stamp(conversation_id, by), name=shown)))

    def set_urgency(self, conversation_id: str, urgency: str, *, by: Staff) -> Conversation:
        """Set the urgency: ``"low"``, ``"normal"``, ``"high"`` or ``"urgent"``.

        Raises:
            InvalidInput: ``urgency.unknown``.
        """
        fact = UrgencySet(**self._stamp(conversation_id, by), urgency=levels.rank(urgency))
        return self._after(self._take(fact))

    def assign(self, conversation_id: str, assignee: Staff | None, *, by: Staff) -> Conversation:
        """Assign a conversation to a member of staff, or to nobody (``None``); possible in every state.

        Raises:
            InvalidInput: ``by.type``, ``assignee.type``, ``staff.id...``, ``staff.name...``.
        """
        whom = None if assignee is None else check_staff(assignee, "assignee")
        fact = AssigneeSet(
            **self._stamp(conversation_id, by),
            assignee_id=None if whom is None else whom.id,
            assignee_name="" if whom is None else whom.name,
        )
        return self._after(self._take(fact))
