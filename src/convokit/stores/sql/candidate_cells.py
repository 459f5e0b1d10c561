"""The candidates of a conversation as the JSON of a cell, and back; nearly always the cell is empty."""

from __future__ import annotations

import json
from operator import attrgetter
from typing import Final

from convokit.domain.candidates import Candidate

_CELLS: Final = attrgetter("client_id", "client_name", "client_email", "patient_id", "patient_name")


def candidates_cell(candidates: tuple[Candidate, ...]) -> str:
    """What is stored for the candidates of a conversation."""
    return json.dumps([_CELLS(one) for one in candidates], separators=(",", ":")) if candidates else ""


def candidates_of(cell: str) -> tuple[Candidate, ...]:
    """The candidates of :func:`candidates_cell`."""
    return tuple(
        Candidate(client_id=id_, client_name=name, client_email=email, patient_id=pet, patient_name=pet_name)
        for id_, name, email, pet, pet_name in json.loads(cell)
    )
