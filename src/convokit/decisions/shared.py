"""Several clients with one number: whose text it is, as far as that is known, and what staff say."""

from __future__ import annotations

from attrs import evolve

from convokit.decisions.base import NOTHING, Before, Decision
from convokit.decisions.desk import with_event
from convokit.domain.candidates import ClientChoice, named
from convokit.domain.changed import changed
from convokit.errors import InvalidInput
from convokit.facts import ClientChosen, TextArrived


def identified(before: Before, fact: TextArrived) -> TextArrived:
    """The text with the client whom staff chose for the number before, if the host still names them."""
    known = None if before.choice is None else named(fact.candidates, before.choice.client_id)
    if known is None:
        return fact
    return evolve(
        fact,
        client_id=known.client_id,
        client_name=known.client_name,
        client_email=known.client_email,
        patient_id=known.patient_id,
        patient_name=known.patient_name,
    )


def choose(before: Before, fact: ClientChosen) -> Decision:
    """The conversation is with this one of the candidates; remembered for the number. The address never changes.

    Raises:
        InvalidInput: ``client.not_candidate``.
    """
    current = before.found
    chosen = named(current.candidates, fact.client_id)
    if chosen is None:
        known = ", ".join(one.client_id for one in current.candidates)
        raise InvalidInput(
            "client.not_candidate", "not one of the clients who had this number", field="client_id", limit=known or None
        )
    if current.client_id == chosen.client_id:
        return NOTHING
    after = changed(
        current,
        client_id=chosen.client_id,
        client_name=chosen.client_name,
        client_email=chosen.client_email,
        patient_id=chosen.patient_id,
        patient_name=chosen.patient_name,
    )
    choice = ClientChoice(
        address=current.address, client_id=chosen.client_id, by_id=fact.by_id, by_name=fact.by_name, at_us=fact.at_us
    )
    told = with_event(after, fact, "client_chosen", f"{fact.by_name} chose {chosen.client_name} as the client.")
    return evolve(told, choice=choice)
