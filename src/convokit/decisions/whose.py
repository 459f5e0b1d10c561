"""Whose conversation it is, and about which pet: what staff say where the host's directory did not know, or erred."""

from __future__ import annotations

from attrs import evolve

from convokit.decisions.base import NOTHING, Before, Decision
from convokit.decisions.desk import with_event
from convokit.domain.candidates import ClientChoice
from convokit.domain.changed import changed
from convokit.domain.conversation import Conversation
from convokit.errors import Conflict
from convokit.facts import ClientSet, PatientSet


def set_client(before: Before, fact: ClientSet) -> Decision:
    """The conversation by text is with this client; remembered for the number. The address never changes.

    Another client's pet does not stay in it.

    Raises:
        Conflict: ``conversation.channel``: in the app a conversation is its client's for life;
            ``conversation.erased``.
    """
    current = before.found
    if current.channel != "sms":
        why = "a conversation in the app stays with the client who has it"
        raise Conflict("conversation.channel", why, field="conversation_id", limit="sms")
    _refuse_erased(current)
    own = changed(
        current,
        client_id=fact.client_id,
        client_name=fact.client_name,
        client_email=fact.client_email,
        client_phone=fact.client_phone,
    )
    if own == current:
        return NOTHING
    if fact.client_id != current.client_id:
        own = changed(own, patient_id=None, patient_name="")
    choice = ClientChoice(
        address=current.address, client_id=fact.client_id, by_id=fact.by_id, by_name=fact.by_name, at_us=fact.at_us
    )
    words = f"{fact.by_name} set the client: {fact.client_name or fact.client_id}."
    return evolve(with_event(own, fact, "client_set", words), choice=choice)


def set_patient(before: Before, fact: PatientSet) -> Decision:
    """The conversation is about this pet, or about none; possible in every state.

    Raises:
        Conflict: ``conversation.erased``.
    """
    current = before.found
    _refuse_erased(current)
    if (current.patient_id, current.patient_name) == (fact.patient_id, fact.patient_name):
        return NOTHING
    after = changed(current, patient_id=fact.patient_id, patient_name=fact.patient_name)
    shown = "nobody" if fact.patient_id is None else fact.patient_name or fact.patient_id
    return with_event(after, fact, "patient_set", f"{fact.by_name} set the patient: {shown}.")


def _refuse_erased(current: Conversation) -> None:
    if current.is_erased:
        raise Conflict("conversation.erased", "the client of this conversation was erased", field="conversation_id")
