"""What every part of a desk stands on: the practice, the store, and taking facts in."""

from __future__ import annotations

import logging
from typing import Final, TypedDict

from attrs import evolve

from convokit.decisions.base import unknown_conversation
from convokit.domain.conversation import Conversation, Entry
from convokit.domain.people import Staff
from convokit.domain.phone import normalise_address, parse_number
from convokit.domain.rules import Practice
from convokit.errors import NotFound
from convokit.facts import Fact
from convokit.runtime.checks import check_id, check_staff
from convokit.runtime.documents import Documents
from convokit.runtime.files import Files
from convokit.runtime.payment_providers import PaymentProviders
from convokit.runtime.push_transports import PushTransports
from convokit.runtime.steps import Done, Steps
from convokit.runtime.world import World

log: Final = logging.getLogger("convokit")


class Stamp(TypedDict):
    """What every act of staff on a conversation carries."""

    conversation_id: str
    entry_id: str
    at_us: int
    by_id: str
    by_name: str


class DeskBase:
    """One practice's view of the store. Safe for every thread.

    ``visible``: ids of the departments whose conversations it sees; ``None`` for all of them.
    """

    def __init__(
        self,
        practice: Practice,
        steps: Steps,
        world: World,
        files: Files,
        providers: PaymentProviders,
        documents: Documents,
        transports: PushTransports,
        *,
        visible: frozenset[str] | None = None,
    ) -> None:
        self.practice = practice
        self.visible = visible
        self._steps = steps
        self._store = steps.store
        self._world = world
        self._files = files
        self._providers = providers
        self._documents = documents
        self._transports = transports

    def conversation(self, conversation_id: str) -> Conversation:
        """One conversation.

        Raises:
            NotFound: ``conversation.unknown``.
        """
        found = self._store.conversation(self.practice.id, check_id(conversation_id, "conversation_id"))
        if found is None or not self._sees(found):
            raise unknown_conversation()
        return found

    def message(self, message_id: str) -> Entry:
        """One entry of a timeline.

        Raises:
            NotFound: ``message.unknown``.
        """
        found = self._store.entry(self.practice.id, check_id(message_id, "message_id"))
        if found is None or not self._sees_id(found.conversation_id):
            raise NotFound("message.unknown", "no such message at this practice", field="message_id")
        return found

    def _sees(self, conversation: Conversation) -> bool:
        """Whether a conversation is of a department that this desk sees."""
        return self.visible is None or conversation.department in self.visible

    @property
    def _visible_ids(self) -> tuple[str, ...] | None:
        """The departments that this desk sees, for the lists of the store."""
        return None if self.visible is None else tuple(sorted(self.visible))

    def _sees_id(self, conversation_id: str) -> bool:
        if self.visible is None:
            return True
        found = self._store.conversation(self.practice.id, conversation_id)
        return found is not None and self._sees(found)

    def _take(self, fact: Fact) -> Done:
        return self._steps.take(self.practice, fact, visible=self.visible)

    def _after(self, done: Done) -> Conversation:
        """The conversation after a fact."""
        after = done.decision.conversation
        return done.before.found if after is None else evolve(after, change=done.change)

    def _stamp(self, conversation_id: str, by: Staff) -> Stamp:
        staff = check_staff(by)
        return Stamp(
            conversation_id=check_id(conversation_id, "conversation_id"),
            entry_id=self._world.fresh_id("m"),
            at_us=self._world.now_us(),
            by_id=staff.id,
            by_name=staff.name,
        )

    def _textable(self, number: object, field: str) -> str:
        """A client's number in E.164, refused with a reason if it cannot be texted."""
        own = frozenset({self.practice.region} if self.practice.region else set())
        countries = self.practice.rules.countries or own or None
        return parse_number(number, region=self.practice.region, countries=countries, field=field).e164

    def _any_number(self, number: object, field: str) -> str:
        """A client's number in E.164 whatever its country or kind of line: an opt-out is recorded for every number."""
        known = normalise_address(number, self.practice.region)
        return known or parse_number(number, region=self.practice.region, field=field).e164
