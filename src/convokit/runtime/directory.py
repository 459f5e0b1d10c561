"""Asking the host who has a number. A directory that fails is one that knows nothing."""

from __future__ import annotations

import logging

from convokit.domain.candidates import Candidate
from convokit.domain.rules import Practice
from convokit.plugins.bounded import PluginFailed
from convokit.plugins.catalogue import Catalogue
from convokit.plugins.faults import log_fault
from convokit.ports.directory import ClientSearch, Match
from convokit.runtime.plugin_values import found_checked, matches_checked

_log = logging.getLogger("convokit")


def who_has(catalogue: Catalogue, practice: Practice, address: str) -> tuple[Match, ...]:
    """The clients with this number; none where the directory fails: no text is lost because of it."""
    if catalogue.directory is None:
        return ()
    asked = catalogue.directory.who_has
    try:
        return catalogue.calls.call(_who(practice), lambda: matches_checked(asked(practice.id, address)))
    except PluginFailed as failed:
        log_fault(_log, f"the directory of practice {practice.id} gave no usable answer", failed.error)
        return ()


def can_find(catalogue: Catalogue) -> bool:
    """Whether the host lets its clients be searched."""
    return isinstance(catalogue.directory, ClientSearch)


def find(catalogue: Catalogue, practice: Practice, words: str) -> tuple[Match, ...]:
    """The clients that the words fit, a match for each pet; none where the directory fails or does not search."""
    directory = catalogue.directory
    if not isinstance(directory, ClientSearch):
        return ()
    try:
        return catalogue.calls.call(_who(practice), lambda: found_checked(directory.find(practice.id, words)))
    except PluginFailed as failed:
        log_fault(_log, f"the directory of practice {practice.id} found nothing usable", failed.error)
        return ()


def candidates_of(matches: tuple[Match, ...]) -> tuple[Candidate, ...]:
    """Whom staff may choose among, where several clients have one number; else nobody."""
    if len(matches) < len(("one", "another")):
        return ()
    return tuple(
        Candidate(
            client_id=match.client.id,
            client_name=match.client.name,
            client_email=match.client.email or "",
            patient_id=None if match.patient is None else match.patient.id,
            patient_name="" if match.patient is None else match.patient.name,
        )
        for match in matches
    )


def _who(practice: Practice) -> str:
    return f"the directory for practice {practice.id}"
