"""From what a gateway read to what is stored: clients' texts, and reports on ours. Callbacks and polls end here."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from typing import Final

from attrs import evolve

from convokit.decisions.automatic import LATE
from convokit.domain.attachment import waiting
from convokit.domain.delivery import DELIVERY_NAMES
from convokit.domain.phone import MAX_LENGTH, inbound_address
from convokit.domain.rules import Practice
from convokit.effects import entry_of
from convokit.errors import ConvokitError, StorageError
from convokit.facts import DeliveryReported, Fact, TextArrived
from convokit.plugins.catalogue import Catalogue
from convokit.ports.sms import DeliveryReport, Event, InboundText
from convokit.runtime.checks import phone_of, repair
from convokit.runtime.directory import candidates_of, who_has
from convokit.runtime.gateways import PracticeGateway
from convokit.runtime.steps import Steps
from convokit.runtime.within import together
from convokit.runtime.world import World

Take = Callable[[], None]
"""Takes in one event, about which plugins were asked."""

PATIENCE_MS: Final = 1500
"""A carrier must be answered within two seconds."""

_MOST_TOGETHER: Final = 100
"""Events of one request in one transaction: other writers wait for its end."""

_WORD: Final = 60
_MOST_WORDS: Final = 200
"""A carrier that makes up a word for each report fills neither the memory nor the log."""

_log = logging.getLogger("convokit")


class Arriving:
    """Takes in events that were checked. Every thread may use it."""

    def __init__(self, steps: Steps, catalogue: Catalogue, world: World) -> None:
        self._steps = steps
        self._catalogue = catalogue
        self._world = world
        self._alerted: set[tuple[str, str]] = set()

    def several(self, practice: Practice, carrier: PracticeGateway, events: Sequence[Event]) -> None:
        """What one request told, in its order. One event that cannot be stored does not take those before it along."""
        for at in range(0, len(events), _MOST_TOGETHER):
            # Plugins are asked here, before anybody waits for a transaction of ours.
            takes = [self._take_of(practice, carrier, event) for event in events[at : at + _MOST_TOGETHER]]
            if len(takes) == 1 or not self._at_once(practice, takes):
                for take in takes:
                    take()

    def _at_once(self, practice: Practice, takes: Sequence[Take]) -> bool:
        """All in one transaction, synced once. ``False``: not all of them can be stored, so each is to be by itself.

        Raises:
            StorageError: nothing was stored, or nobody knows. The carrier will repeat it, and nothing comes in twice.
        """
        try:
            with together(self._steps.store, practice.id, patience_ms=PATIENCE_MS):
                for take in takes:
                    take()
        except StorageError:
            raise
        except ConvokitError:
            return False
        return True

    def _take_of(self, practice: Practice, carrier: PracticeGateway, event: Event) -> Take:
        if isinstance(event, InboundText):
            arrived = self._arrived(practice, carrier, event)
            return lambda: self._take(practice, arrived)
        reported = self._reported(carrier, event)
        return lambda: self._take_report(practice, event, reported)

    def _take(self, practice: Practice, fact: Fact) -> None:
        self._steps.take(practice, fact, patience_ms=PATIENCE_MS)

    def text(self, practice: Practice, carrier: PracticeGateway, event: InboundText, *, late: bool = False) -> bool:
        """A client's text. ``late``: its callback was lost. Whether it is new."""
        fact = self._arrived(practice, carrier, event)
        if late:
            fact = evolve(fact, flags=(*fact.flags, LATE))
        return self._steps.take(practice, fact, patience_ms=PATIENCE_MS).seen is None

    def knows(self, practice: Practice, carrier: PracticeGateway, provider_id: str) -> bool:
        """Whether a client's text with this id of the carrier is here, whatever it says."""
        return self._steps.store.seen(practice.id, f"in:{carrier.provider}:{provider_id}") is not None

    def report(self, practice: Practice, carrier: PracticeGateway, event: DeliveryReport) -> None:
        """A report. One on a text of which only the carrier's id is told may have to wait until that is known."""
        self._take_report(practice, event, self._reported(carrier, event))

    def _take_report(self, practice: Practice, event: DeliveryReport, fact: DeliveryReported) -> None:
        if fact.attempt == 0 and event.provider_id is not None:
            found = self._steps.store.park(practice.id, event.provider_id, fact, patience_ms=PATIENCE_MS)
            if found is None:
                return
            fact = evolve(fact, entry_id=found[0], attempt=found[1])
        if event.state is None:
            self._unknown_word(fact.provider, event.raw)
        self._take(practice, fact)

    def _unknown_word(self, provider: str, word: str) -> None:
        """Alert once to a word that a carrier has begun to use; it is kept with each report, and moves no check."""
        shown = ascii(word[:_WORD])
        if (provider, shown) not in self._alerted and len(self._alerted) < _MOST_WORDS:
            self._alerted.add((provider, shown))
            _log.error("unknown_status: carrier %s used the unknown status word %s", provider, shown)

    def report_on_known(self, practice: Practice, carrier: PracticeGateway, event: DeliveryReport) -> bool:
        """A report on a text that the carrier took under a known id; on any other nothing happens. Whether it was."""
        found = self._steps.store.attempt_of(practice.id, carrier.provider, event.provider_id or "")
        if found is None:
            return False
        fact = evolve(self._reported(carrier, event), entry_id=found[0], attempt=found[1])
        self._steps.take(practice, fact)
        return True

    def _reported(self, carrier: PracticeGateway, event: DeliveryReport) -> DeliveryReported:
        entry_id, attempt = entry_of(event.attempt_id or "")
        return DeliveryReported(
            entry_id=entry_id,
            attempt=attempt,
            at_us=self._world.now_us(),
            provider=carrier.provider,
            delivery=None if event.state is None else DELIVERY_NAMES[event.state],
            reason=event.reason,
            raw=event.raw,
            event_id=event.event_id,
        )

    def _arrived(self, practice: Practice, carrier: PracticeGateway, event: InboundText) -> TextArrived:
        text, flags = repair(event.text)
        address = inbound_address(event.sender, practice.region) or _escaped(event.sender)
        matches = who_has(self._catalogue, practice, address)
        known = matches[0] if len(matches) == 1 else None
        fresh = self._world.fresh_id
        files = tuple(waiting(fresh("f"), given.name) for given in event.media)
        return TextArrived(
            conversation_id=fresh("c"),
            entry_id=fresh("m"),
            answer_id=fresh("m"),
            event_id=fresh("m"),
            at_us=self._world.now_us(),
            channel="sms",
            sender=inbound_address(event.to, practice.region),
            address=address,
            text=text,
            provider=carrier.provider,
            provider_id=event.provider_id,
            fingerprint=fingerprint(event.sender, event.to, event.text, *("file" for _ in event.media)),
            client_id=None if known is None else known.client.id,
            client_name="" if known is None else known.client.name,
            client_email="" if known is None else known.client.email or "",
            client_phone="" if known is None else phone_of(known.client, practice.region),
            patient_id=None if known is None or known.patient is None else known.patient.id,
            patient_name="" if known is None or known.patient is None else known.patient.name,
            candidates=candidates_of(matches),
            raw=ascii(event.text) if flags else "",
            gateway_answers_stop=carrier.capabilities.answers_stop,
            gateway_answers_help=carrier.capabilities.answers_help,
            flags=flags,
            attachments=files,
            media=tuple((file.id, given.url, given.sha256) for file, given in zip(files, event.media, strict=True)),
        )


def fingerprint(*parts: str) -> str:
    """A digest of a message's content, to tell a repetition from a reused id."""
    joined = "\x00".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(joined).hexdigest()[:32]


def _escaped(sender: str) -> str:
    """A sender of nothing but invisible characters, made visible: two of them must not share a conversation."""
    visible = "".join(f"\\u{ord(sign):04x}" for sign in sender[: 2 * MAX_LENGTH])
    if len(visible) <= MAX_LENGTH:
        return visible
    half = MAX_LENGTH // 2
    return visible[:half] + fingerprint(sender)[:half]
