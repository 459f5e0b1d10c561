"""The host's own knowledge of people: who has this number."""

from __future__ import annotations

from typing import Protocol

from attrs import frozen

from convokit.domain.people import Client, Patient


@frozen(kw_only=True)
class Match:
    """A client that has the number, and the pet that is most likely meant, if the host can tell."""

    client: Client
    patient: Patient | None = None


class Directory(Protocol):
    """What ``convokit_directory`` returns."""

    def who_has(self, practice_id: str, address: str) -> tuple[Match, ...]:
        """Clients of this practice with this E.164 number; empty if unknown. Blocking; keep it under a second."""
        ...
