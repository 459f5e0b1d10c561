"""Every hook, with its exact signature and the moment it is called.

pluggy finds, chooses and tells; it never carries a message.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import pluggy

from convokit.domain.payment import Payment
from convokit.effects import Effect
from convokit.outcomes import Outcome
from convokit.plugins import PROJECT
from convokit.ports.directory import Directory
from convokit.ports.dispatcher import DispatcherOffer
from convokit.ports.mail import MailerOffer
from convokit.ports.media import MediaStoreOffer
from convokit.ports.payments import PaymentProviderOffer
from convokit.ports.push import PushTransportOffer
from convokit.ports.records import Records
from convokit.ports.reminders import Reminders
from convokit.ports.sms import SmsGatewayOffer
from convokit.ports.stores import StoreOffer

if TYPE_CHECKING:
    import click

hookspec: pluggy.HookspecMarker = pluggy.HookspecMarker(PROJECT)


class Hooks:
    """The hooks that convokit calls."""

    @hookspec
    def convokit_stores(self) -> Sequence[StoreOffer]:  # type: ignore[empty-body]  # a specification
        """Stores by URL scheme. Called once, at start; all results are collected."""

    @hookspec
    def convokit_media_stores(self) -> Sequence[MediaStoreOffer]:  # type: ignore[empty-body]  # a specification
        """Stores of files by URL scheme. Called once, at start; all results are collected."""

    @hookspec
    def convokit_sms_gateways(self) -> Sequence[SmsGatewayOffer]:  # type: ignore[empty-body]  # a specification
        """Texting carriers. Called once, at start; all results are collected."""

    @hookspec
    def convokit_mailers(self) -> Sequence[MailerOffer]:  # type: ignore[empty-body]  # a specification
        """Mail services. Called once, at start; all results are collected."""

    @hookspec
    def convokit_payment_providers(self) -> Sequence[PaymentProviderOffer]:  # type: ignore[empty-body]  # a specification
        """Payment providers. Called once, at start; all results are collected."""

    @hookspec
    def convokit_dispatchers(self) -> Sequence[DispatcherOffer]:  # type: ignore[empty-body]  # a specification
        """Engines that run work. Called once, at start; all results are collected, and at most one may be there."""

    @hookspec
    def convokit_push_transports(self) -> Sequence[PushTransportOffer]:  # type: ignore[empty-body]  # a specification
        """Push services. Called once, at start; all results are collected."""

    @hookspec(firstresult=True)
    def convokit_choose(self, practice_id: str, kind: str) -> str | None:
        """Name of the provider of ``kind`` (``"sms"``, ``"mail"``, ``"payments"``); ``None``: no opinion.

        Called when a practice first needs that kind. Without any opinion, the only enabled provider is chosen.
        """

    @hookspec(firstresult=True)
    def convokit_settings(self, practice_id: str, kind: str, provider: str) -> Mapping[str, object] | None:
        """Settings of a provider for a practice, from the host's vault. Called right after the choice."""

    @hookspec(firstresult=True)
    def convokit_directory(self) -> Directory | None:
        """The host's client directory. Called once, at start."""

    @hookspec(firstresult=True)
    def convokit_reminders(self) -> Reminders | None:
        """The host's reminders: what is past due for a patient. Called once, at start."""

    @hookspec(firstresult=True)
    def convokit_records(self) -> Records | None:
        """The host's medical records: where transcripts are filed. Called once, at start."""

    @hookspec(firstresult=True)
    def convokit_veto(self, practice_id: str, effect: Effect) -> str | None:
        """A reason, in plain words, not to perform ``effect``; ``None`` lets it pass. Called before each effect."""

    @hookspec
    def convokit_settled(self, practice_id: str, effect: Effect, outcome: Outcome) -> None:
        """An effect has come to an end. Called after the commit, one observer at a time; what it raises is logged."""

    @hookspec
    def convokit_payment_settled(self, practice_id: str, payment: Payment) -> None:
        """Money moved, or what was said of it changed. Called after the commit, one observer at a time."""

    @hookspec
    def convokit_changed(self, practice_id: str, conversation_id: str, change: int) -> None:
        """A conversation changed. Called after the commit, one observer at a time; what it raises is logged."""

    @hookspec
    def convokit_measured(self, practice_id: str, what: str, provider: str, outcome: str, seconds: float) -> None:
        """Something was done, in so many seconds. Called in a thread of its own, one observer at a time."""

    @hookspec
    def convokit_cli(self, commands: click.Group) -> None:
        """Add commands to the ``convokit`` command. Called when it starts."""


HOOKS: Final = tuple(name for name in vars(Hooks) if name.startswith("convokit_"))
"""Their names."""
