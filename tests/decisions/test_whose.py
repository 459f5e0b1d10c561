"""Whose conversation it is, and about which pet."""

from __future__ import annotations

import pytest
from attrs import evolve
from made_facts import ANA, NOW, PRACTICE, conversation

from convokit.decisions import NOTHING, Before, Needs, decide, needs
from convokit.domain.candidates import ClientChoice
from convokit.errors import Conflict
from convokit.facts import ClientSet, PatientSet

STAMP = {"conversation_id": "c_1", "entry_id": "m_e", "at_us": NOW, "by_id": "u1", "by_name": "Dr. Kim"}
BEN = ClientSet(**STAMP, client_id="c18", client_name="Ben", client_email="ben@example.com", client_phone="")
REX = PatientSet(**STAMP, patient_id="p5", patient_name="Rex")
UNKNOWN = conversation(client_id=None, client_name="")


@pytest.mark.parametrize("fact", [BEN, REX])
def test_only_the_conversation_is_looked_at(fact: ClientSet | PatientSet) -> None:
    assert needs(fact) == Needs(conversation_id="c_1")


def test_an_unknown_number_gets_a_client_and_is_remembered() -> None:
    decision = decide(Before(conversation=UNKNOWN), BEN, PRACTICE)
    after = decision.conversation
    assert after == evolve(
        UNKNOWN,
        client_id="c18",
        client_name="Ben",
        client_email="ben@example.com",
        version=UNKNOWN.version + 1,
        last_seq=UNKNOWN.last_seq + 1,
    )
    assert [(e.event, e.text, e.author_id) for e in decision.entries] == [
        ("client_set", "Dr. Kim set the client: Ben.", "u1")
    ]
    assert decision.choice == ClientChoice(address=ANA, client_id="c18", by_id="u1", by_name="Dr. Kim", at_us=NOW)
    assert decide(Before(conversation=after), evolve(BEN, entry_id="m_f"), PRACTICE) == NOTHING


def test_another_clients_pet_does_not_stay_and_a_corrected_clients_does() -> None:
    known = conversation(client_id="c18", client_name="Bne", patient_id="p4", patient_name="Bella")
    corrected = decide(Before(conversation=known), BEN, PRACTICE).conversation
    assert corrected is not None
    assert (corrected.client_name, corrected.patient_id, corrected.patient_name) == ("Ben", "p4", "Bella")
    other = decide(Before(conversation=evolve(known, client_id="c17")), BEN, PRACTICE).conversation
    assert other is not None
    assert (other.client_id, other.patient_id, other.patient_name) == ("c18", None, "")


@pytest.mark.parametrize("ended_us", [None, 5])
def test_a_pet_is_selected_and_taken_away_in_every_state(ended_us: int | None) -> None:
    known = conversation(ended=ended_us is not None, ended_us=ended_us)
    decision = decide(Before(conversation=known), REX, PRACTICE)
    after = decision.conversation
    assert after is not None
    assert (after.patient_id, after.patient_name, after.ended_us) == ("p5", "Rex", ended_us)
    assert [(e.event, e.text) for e in decision.entries] == [("patient_set", "Dr. Kim set the patient: Rex.")]
    assert decide(Before(conversation=after), REX, PRACTICE) == NOTHING
    nobody = decide(Before(conversation=after), evolve(REX, patient_id=None, patient_name=""), PRACTICE)
    assert nobody.conversation is not None
    assert (nobody.conversation.patient_id, nobody.entries[0].text) == (None, "Dr. Kim set the patient: nobody.")


def test_without_a_name_the_id_is_told() -> None:
    told = [
        decide(Before(conversation=UNKNOWN), fact, PRACTICE).entries[0].text
        for fact in (evolve(BEN, client_name=""), evolve(REX, patient_name=""))
    ]
    assert told == ["Dr. Kim set the client: c18.", "Dr. Kim set the patient: p5."]


@pytest.mark.parametrize(
    ("fact", "spoiled", "code"),
    [
        (BEN, {"channel": "app", "sender": "app", "address": "c17"}, "conversation.channel"),
        (BEN, {"address": ""}, "conversation.erased"),
        (REX, {"address": ""}, "conversation.erased"),
    ],
)
def test_what_is_refused(fact: ClientSet | PatientSet, spoiled: dict[str, str], code: str) -> None:
    with pytest.raises(Conflict) as caught:
        decide(Before(conversation=conversation(**spoiled)), fact, PRACTICE)
    assert caught.value.code == code
