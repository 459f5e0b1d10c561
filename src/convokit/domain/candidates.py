"""Several clients with one number: who a text may be from, and whom staff chose."""

from __future__ import annotations

from typing import Final

from attrs import field, frozen

MOST_CANDIDATES: Final = 20
"""Of more clients with one number no others are shown: it is a shelter's, or a mistake in the host's data."""


@frozen(kw_only=True)
class Candidate:
    """A client who has the number that a text came from, and the pet that is most likely meant."""

    client_id: str
    client_name: str
    client_email: str = field(default="", repr=False)
    patient_id: str | None = None
    patient_name: str = ""


@frozen(kw_only=True)
class ClientChoice:
    """Which client of a shared number staff chose last.

    Attributes:
        address: E.164.
        client_id: of the host.
        by_id, by_name: the member of staff.
        at_us: when.
    """

    address: str
    client_id: str
    by_id: str
    by_name: str
    at_us: int


def named(candidates: tuple[Candidate, ...], client_id: str | None) -> Candidate | None:
    """The candidate with this id, or ``None``."""
    return next((one for one in candidates if one.client_id == client_id), None)
