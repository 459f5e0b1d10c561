"""Carriers that keep a connection open: one session for equal settings in each process that works.

An account at such a carrier allows few connections, and what comes in on it may be for any practice that shares it. So
practices with equal settings share a session, and our own number says whose a text or a report is.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from convokit.domain.phone import inbound_address
from convokit.domain.rules import Practice
from convokit.errors import ConvokitError, NotFound
from convokit.outcomes import Outcome, TryLater, Unsure
from convokit.plugins.faults import log_fault
from convokit.ports.sms import Event, InboundText, OutboundText, SmsGatewayOffer
from convokit.ports.sms_session import SessionState, SmsSession
from convokit.ports.store import Store
from convokit.runtime.drivers import checked
from convokit.runtime.plugin_values import event_checked, words

if TYPE_CHECKING:
    from convokit.runtime.arriving import Arriving
    from convokit.runtime.gateways import Gateways, PracticeGateway

_LOOK_SECONDS: Final = 10.0
_CLOSING_SECONDS: Final = 10.0

_log = logging.getLogger("convokit")


class KeptSession:
    """A carrier's session in this process; a forked process gets its own. Every thread may use it."""

    def __init__(
        self,
        provider: str,
        settings: object,
        build: Callable[[], SmsSession],
        arriving: Arriving,
        practice: Callable[[str], Practice],
    ) -> None:
        self.provider = provider
        self.settings = settings
        self._build = build
        self._arriving = arriving
        self._practice = practice
        self._carriers: dict[str, PracticeGateway] = {}
        self._sessions: dict[int, SmsSession] = {os.getpid(): build()}
        self._closed = False

    def attach(self, practice_id: str, carrier: PracticeGateway) -> None:
        """A practice uses it from now on."""
        self._carriers = {**self._carriers, practice_id: carrier}

    def open(self) -> None:
        """Connect, if this process has not begun to."""
        if not self._closed:
            self._mine().open(self.take)

    def hand_over(self, message: OutboundText) -> Outcome:
        """Hand a text over, blocking. Never raises for what a plugin or a carrier does."""
        if self._closed:
            return TryLater(raw="the kit is closed")
        try:
            session = self._mine()
            session.open(self.take)
            return checked(session.hand_over(message))
        except (Exception, SystemExit) as error:  # whatever a plugin raises
            log_fault(_log, f"carrier {self.provider} raised", error)
            return Unsure(why=f"the session raised {type(error).__name__}")

    def state(self) -> SessionState:
        """How it is in this process, for people."""
        try:
            told = self._mine().state()
            return SessionState(is_up=told.is_up is True, words=words(told.words), warning=words(told.warning))
        except (Exception, SystemExit) as error:  # whatever a plugin raises
            log_fault(_log, f"carrier {self.provider} could not say how its session is", error)
            return SessionState(is_up=False, words="its state is not known")

    def close(self, seconds: float) -> None:
        """Take leave."""
        self._closed = True
        mine = self._sessions.pop(os.getpid(), None)
        if mine is None:
            return
        try:
            mine.close(seconds)
        except (Exception, SystemExit) as error:  # whatever a plugin raises
            log_fault(_log, f"carrier {self.provider} could not close its session", error)

    def _mine(self) -> SmsSession:
        """This process's session. One inherited by a fork shares its connection with the parent: it is left alone."""
        # No lock: a fork while another thread held it would lock the child for ever.
        found = self._sessions.get(os.getpid())
        return self._sessions.setdefault(os.getpid(), self._build()) if found is None else found

    # --- what the carrier says by itself -----------------------------------------------------------------------------
    def take(self, number: str, event: Event) -> bool:
        """See :class:`convokit.ports.sms_session.Intake`."""
        try:
            found = self._whose(number)
            if found is None:
                _log.error("%s brought something for a number that no practice has; it is to repeat it", self.provider)
                return False
            self._arrived(*found, event_checked(event))
        except ConvokitError as error:
            _log.error("what %s brought could not be taken in: %s", self.provider, error.code)
            return False
        except (Exception, SystemExit) as error:  # whatever a plugin's value is
            log_fault(_log, f"gateway.contract: carrier {self.provider} brought an unusable event", error)
            return False
        return True

    def _arrived(self, practice: Practice, carrier: PracticeGateway, event: Event) -> None:
        if isinstance(event, InboundText):
            self._arriving.text(practice, carrier, event)
        else:
            self._arriving.report(practice, carrier, event)

    def _whose(self, number: str) -> tuple[Practice, PracticeGateway] | None:
        """The practice with this number; without one, the only practice there is. It is never guessed."""
        known = [(practice, carrier) for name, carrier in self._carriers.items() if (practice := self._still(name))]
        having = [one for one in known if inbound_address(number, one[0].region) in one[0].numbers]
        found = having or known
        return found[0] if len(found) == 1 else None

    def _still(self, practice_id: str) -> Practice | None:
        try:
            return self._practice(practice_id)
        except NotFound:
            return None


class Sessions:
    """All sessions of a kit. Every thread may use it."""

    def __init__(self, arriving: Arriving, practice: Callable[[str], Practice]) -> None:
        self._arriving = arriving
        self._practice = practice
        self._kept: list[KeptSession] = []
        self._lock = threading.Lock()

    def of(self, offer: SmsGatewayOffer, settings: object) -> KeptSession:
        """The session for these settings, built but not opened.

        Raises:
            TypeError: what is built is no session.
        """
        with self._lock:
            for kept in self._kept:
                if kept.provider == offer.name and kept.settings == settings:
                    return kept
            fresh = KeptSession(offer.name, settings, lambda: _session(offer, settings), self._arriving, self._practice)
            self._kept.append(fresh)
            return fresh

    def close(self) -> None:
        """Close all of them, within ten seconds. Twice is fine."""
        with self._lock:
            kept, self._kept = self._kept, []
        until = time.monotonic() + _CLOSING_SECONDS
        for session in kept:
            session.close(max(0.0, until - time.monotonic()))


class SessionKeeper:
    """Opens, where work is done, the sessions of all practices, so that clients' texts arrive before one is sent."""

    def __init__(self, store: Store, gateways: Gateways, offers: Mapping[str, SmsGatewayOffer]) -> None:
        self._store = store
        self._gateways = gateways
        self._is_needed = any(offer.capabilities.keeps_session for offer in offers.values())
        self._next = 0.0

    def look(self) -> None:
        """Look for practices that have come; every ten seconds at most, and never where no carrier keeps a session."""
        if not self._is_needed or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _LOOK_SECONDS
        for practice in self._store.practices():
            try:
                carrier = self._gateways.of(practice.id)
                if carrier is not None and isinstance(carrier.gateway, KeptSession):
                    carrier.gateway.open()
            except ConvokitError as error:
                _log.warning("practice %s has no session with its carrier: %s", practice.id, error)
            except (Exception, SystemExit) as error:  # whatever a plugin raises
                log_fault(_log, f"practice {practice.id} has no session with its carrier", error)


def _session(offer: SmsGatewayOffer, settings: object) -> SmsSession:
    built = offer.build(settings)
    if not isinstance(built, SmsSession):
        raise TypeError(f"{offer.name} declares keeps_session and builds none")
    return built
