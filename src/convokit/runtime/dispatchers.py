"""Which engine performs a kit's work: the one that is plugged in, else threads of this process."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from convokit.decisions import Decision
from convokit.domain.instant import SECOND
from convokit.errors import ConfigurationError
from convokit.plugins.faults import contain, log_fault
from convokit.plugins.settings import build_settings
from convokit.ports.dispatcher import Dispatcher, DispatcherOffer, NameWrite, Work
from convokit.runtime.embedded import EmbeddedDispatcher
from convokit.runtime.perform import LEASE
from convokit.runtime.steps import Steps
from convokit.runtime.worker import notices_of

LONGEST_END_SECONDS: Final = LEASE / SECOND
"""A hand-over that is under way has ended by then."""

_log = logging.getLogger("convokit")


def connected(steps: Steps, work: Work, settings: Mapping[str, Mapping[str, object]], url: str) -> Dispatcher:
    """The engine of a kit, which from now on hears of everything that is owed.

    Args:
        url: the store's.

    Raises:
        ConfigurationError: ``dispatcher.several``; its settings are wrong; ``plugin.build_failed``; the engine's own.
    """
    offers, store = steps.catalogue.dispatchers, steps.store
    if not offers:
        dispatcher: Dispatcher = EmbeddedDispatcher(work, lambda heard: store.listen(heard))  # noqa: PLW0108 - of the store as it is then
    else:
        dispatcher = _built(offers, work, settings, url)
        store.carry(partial(_names, dispatcher))
    steps.owes = partial(_tell, dispatcher)
    return dispatcher


def _built(
    offers: Mapping[str, DispatcherOffer], work: Work, settings: Mapping[str, Mapping[str, object]], url: str
) -> Dispatcher:
    if len(offers) > 1:
        why = f"several engines are enabled ({', '.join(sorted(offers))}); enable one"
        raise ConfigurationError("dispatcher.several", why, field="plugins", limit="1 engine")
    (offer,) = offers.values()
    given = build_settings(offer.settings, settings.get(offer.name, {}), offer.name)
    try:
        return offer.build(given, work, url)
    except ConfigurationError:
        raise
    except BaseException as error:  # whatever a plugin raises
        contain(error)
        why = f"engine {offer.name!r} cannot be built ({type(error).__name__})"
        raise ConfigurationError("plugin.build_failed", why, field="plugins") from error


def _names(dispatcher: Dispatcher, practice_id: str, decision: Decision) -> Sequence[NameWrite]:
    """What an engine wants written of what a decision owes. An engine that fails costs a delay."""
    try:
        return dispatcher.writes(notices_of(practice_id, decision))
    except (Exception, SystemExit) as error:  # whatever a plugin raises
        log_fault(_log, "the engine has no name for what is owed; it is told after the commit", error)
        return ()


def _tell(dispatcher: Dispatcher, practice_id: str, decision: Decision) -> None:
    """Tell an engine what a decision owes. It is committed already: an engine that fails costs a delay."""
    try:
        dispatcher.notify(notices_of(practice_id, decision))
    except BaseException as error:  # whatever a plugin raises
        contain(error)
        log_fault(_log, "the engine could not be told what is owed; the next sweep tells it", error)
