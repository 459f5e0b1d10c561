"""Texts that are ready to be used, with the names filled in."""

from __future__ import annotations

from convokit.domain.canned import filled_reply
from convokit.domain.conversation import Conversation
from convokit_dashboard.call import Call
from convokit_dashboard.views.composer import CannedText


def canned_for(call: Call, known: Conversation) -> tuple[CannedText, ...]:
    """The practice's ready texts for a conversation: those of its department, and those for all."""
    practice = call.desk.practice
    return tuple(
        CannedText(
            title=one.title,
            text=filled_reply(
                one.text,
                client=known.client_name,
                patient=known.patient_name,
                practice=practice.name,
                staff=call.staff,
            ),
        )
        for one in practice.rules.canned
        if one.department is None or one.department == known.department
    )
