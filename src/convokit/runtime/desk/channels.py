"""By which channel a client can be reached, and why not by another."""

from __future__ import annotations

from typing import Final

from attrs import evolve

from convokit.domain.audience import ChannelChoice, app_choice
from convokit.domain.delivery import Channel
from convokit.domain.number_health import NumberHealth
from convokit.domain.people import Client
from convokit.domain.reasons import reason
from convokit.domain.search import SEARCH_LIMIT
from convokit.domain.senders import not_ready
from convokit.errors import Conflict, InvalidInput
from convokit.ports.directory import Match
from convokit.runtime.checks import check_client, check_sender, repair
from convokit.runtime.desk.base import DeskBase
from convokit.runtime.directory import can_find, find, who_has

APP: Final = "app"
"""The practice's end of an app conversation, where a sender number stands for texts."""

_PLAIN: Final = {
    "address.landline": reason("landline").advice,
    "client.phone": "No phone number is known of this client.",
    "practice.numbers": "The practice has no number to text from.",
}
"""What an error at the door means to the front desk, where its own words are a developer's."""


class DeskChannels(DeskBase):
    """The channels of a client, and the health of a number."""

    def channels(self, client: Client) -> tuple[ChannelChoice, ...]:
        """The ways to start a conversation with a client: the app first, then text; each with the reason if it is not
        available.

        Where ``client.has_app`` is ``None``, the host's directory is asked by the client's number.

        Raises:
            InvalidInput: ``client.type``, ``client.id...``, ``client.name...``.
        """
        who = check_client(client)
        return self._app_choice(who), self._text_choice(who)

    def find_clients(self, words: str) -> tuple[Match, ...]:
        """Clients of the practice to write to, as the host's directory finds them: a match for each pet, at most 20.

        Nothing where the directory cannot search, fails, or nothing is asked for.

        Raises:
            InvalidInput: ``search.type``, ``search.too_long``.
        """
        if not isinstance(words, str):
            raise InvalidInput("search.type", "what is searched for is text", field="words", limit="str")
        if len(words) > SEARCH_LIMIT:
            limit = f"{SEARCH_LIMIT} characters"
            raise InvalidInput("search.too_long", "what is searched for is too long", field="words", limit=limit)
        clean = " ".join(repair(words)[0].split())
        return find(self._steps.catalogue, self.practice, clean) if clean else ()

    @property
    def can_find_clients(self) -> bool:
        """Whether the host's directory can be searched."""
        return can_find(self._steps.catalogue)

    def number_health(self, number: str) -> NumberHealth:
        """Whether a number can receive texts, by what carriers have said of texts to it.

        Raises:
            InvalidInput: the number.
        """
        return self._store.number_health(self.practice.id, self._any_number(number, "number"))

    def _app_choice(self, client: Client) -> ChannelChoice:
        choice = app_choice(self.practice.rules.app, client)
        if client.has_app is not None or not choice.available or client.phone is None:
            return choice
        try:
            address = self._any_number(client.phone, "client.phone")
        except InvalidInput:
            return choice
        matches = who_has(self._steps.catalogue, self.practice, address)
        told = next((match.client.has_app for match in matches if match.client.id == client.id), None)
        return app_choice(self.practice.rules.app, evolve(client, has_app=told))

    def _text_choice(self, client: Client) -> ChannelChoice:
        try:
            sender, address = self._addresses(client, "sms", None)
        except InvalidInput as error:
            return _no_text(error.code, _PLAIN.get(error.code, error.message))
        stopped = not_ready(self.practice, sender)
        if stopped is not None:
            return _no_text(stopped.code, stopped.reason)
        if self._store.consent(self.practice.id, address).opted_out:
            return _no_text("client.opted_out", reason("opted_out").advice)
        health = self._store.number_health(self.practice.id, address)
        if not health.can_receive:
            return _no_text("number.cannot_receive", health.advice)
        return ChannelChoice(channel="sms")

    def _refuse_unreachable(self, client: Client, channel: Channel, address: str, *, anyway: bool) -> None:
        """Keep a conversation from being started where it would reach nobody.

        Raises:
            Conflict: ``app.disabled``, ``app.not_selected``, ``app.not_installed``; ``number.cannot_receive``.
        """
        if channel == APP:
            choice = self._app_choice(client)
            if not choice.available:
                raise Conflict(choice.code, choice.reason, field="channel", limit="sms")
            return
        if not anyway:
            health = self._store.number_health(self.practice.id, address)
            if not health.can_receive:
                raise Conflict("number.cannot_receive", health.advice, field="client.phone", limit="anyway=True")

    def _addresses(self, client: Client, channel: str, sender: str | None) -> tuple[str, str]:
        """The practice's and the client's end of a new conversation."""
        if channel == APP:
            return APP, client.id
        if channel != "sms":
            raise InvalidInput("conversation.channel", "unknown channel", field="channel", limit="app, sms")
        if client.phone is None:
            raise InvalidInput("client.phone", "a conversation by text needs client.phone", field="client.phone")
        if not self.practice.numbers:
            raise InvalidInput("practice.numbers", "this practice has no number to text from", field="practice.numbers")
        own = self.practice.numbers[0]
        if sender is not None:
            own = check_sender(sender, self.practice.region, "sender")
            if own not in self.practice.numbers:
                raise InvalidInput("sender.unknown", "not a number of this practice", field="sender")
        address = self._textable(client.phone, "client.phone")
        if address in self.practice.numbers:
            raise InvalidInput("address.own", "this is a number of the practice itself", field="client.phone")
        return own, address


def _no_text(code: str, why: str) -> ChannelChoice:
    return ChannelChoice(channel="sms", available=False, code=code, reason=why)
