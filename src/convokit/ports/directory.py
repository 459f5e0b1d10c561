"""The host's own knowledge of people: who has this number."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from attrs import frozen

from convokit.domain.people import Client, Patient


@frozen(kw_only=True)
class Match:
    """A client that has the number, and the pet that is most likely meant, if the host can tell.

    ``client.has_app`` says whether the client can be written to in the practice's app, if the host knows.
    """

    client: Client
    patient: Patient | None = None


class Directory(Protocol):
    """What ``convokit_directory`` returns."""

    def who_has(self, practice_id: str, address: str) -> tuple[Match, ...]:
        """Clients of this practice with this E.164 number; empty if unknown. Blocking; keep it under a second.

        Several where several share it: staff choose which of them wrote. The first 20 are shown.
        """
        ...


@runtime_checkable
class ClientSearch(Protocol):
    """What the directory may also be: then staff find clients to write to."""

    def find(self, practice_id: str, words: str) -> tuple[Match, ...]:
        """Clients of this practice that the words fit: by name, pet, number or e-mail address, as the host searches.

        One match for each pet of a client. Blocking; keep it under half a second, for it is asked while people type.
        The first 20 are shown.
        """
        ...
