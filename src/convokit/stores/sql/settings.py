"""A practice as the JSON that is stored, and back."""

from __future__ import annotations

import json

from attrs import asdict

from convokit.domain.rules import Practice, Rules
from convokit.errors import StorageError


def settings_of(practice: Practice) -> str:
    """The practice as JSON, keys and sets sorted."""
    return json.dumps(asdict(practice), default=sorted, sort_keys=True)


def practice_of(settings: str) -> Practice:
    """The practice of :func:`settings_of`.

    Raises:
        StorageError: ``storage.newer``: it has settings that this release does not know.
    """
    values = json.loads(settings)
    try:
        return Practice(**{**values, "rules": Rules(**values["rules"])})
    except TypeError as error:
        raise StorageError(
            "storage.newer", "a newer release of convokit has written the settings of a practice"
        ) from error
