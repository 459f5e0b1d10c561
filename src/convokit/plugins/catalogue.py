"""What the enabled plugins offer, and the hooks that ask and tell."""

from __future__ import annotations

import difflib
import inspect
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from functools import partial
from typing import TypeVar, cast

import attrs
import pluggy

from convokit.domain.payment import Payment
from convokit.effects import Effect
from convokit.errors import ConfigurationError
from convokit.outcomes import Outcome
from convokit.plugins import PROJECT
from convokit.plugins.bounded import Bounded, PluginFailed
from convokit.plugins.choosing import chosen
from convokit.plugins.faults import contain, log_fault
from convokit.plugins.hookspecs import HOOKS
from convokit.plugins.loading import LoadedPlugin, add, load
from convokit.plugins.measuring import Measured, Measures
from convokit.plugins.settings import check_given
from convokit.plugins.tracing import trace
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

T = TypeVar("T")
Offer = TypeVar(
    "Offer",
    SmsGatewayOffer,
    MailerOffer,
    StoreOffer,
    MediaStoreOffer,
    PaymentProviderOffer,
    PushTransportOffer,
    DispatcherOffer,
)

Provider = SmsGatewayOffer | MailerOffer | PaymentProviderOffer | PushTransportOffer | DispatcherOffer
"""What is built from settings."""

API = 1
"""Version of the plugin interface that this release speaks."""

_log = logging.getLogger("convokit.plugins")


class Catalogue:
    """The enabled plugins of one kit; there is no module-level manager."""

    def __init__(
        self, enabled: Iterable[str | object], *, records: object | None = None, calls: Bounded | None = None
    ) -> None:
        """Load and check everything that is enabled; see :func:`convokit.plugins.loading.load` for the errors.

        Args:
            records: a plugin with ``convokit_records`` that the host named by other means.
            calls: how plugins are asked from now on; by default with the usual deadlines.

        Raises:
            ConfigurationError: ``records.twice``: an enabled plugin has this hook already.
        """
        self.calls: Bounded = Bounded() if calls is None else calls
        self.manager: pluggy.PluginManager = pluggy.PluginManager(PROJECT)
        self.plugins: tuple[LoadedPlugin, ...] = load(self.manager, enabled)
        self._add_records(records)
        trace(self.manager, HOOKS)
        self.gateways: Mapping[str, SmsGatewayOffer] = self._offers("convokit_sms_gateways", SmsGatewayOffer)
        self.mailers: Mapping[str, MailerOffer] = self._offers("convokit_mailers", MailerOffer)
        self.payment_providers: Mapping[str, PaymentProviderOffer] = self._offers(
            "convokit_payment_providers", PaymentProviderOffer
        )
        self.push_transports: Mapping[str, PushTransportOffer] = self._offers(
            "convokit_push_transports", PushTransportOffer
        )
        self.media_stores: Mapping[str, MediaStoreOffer] = self._offers("convokit_media_stores", MediaStoreOffer)
        self.stores: Mapping[str, StoreOffer] = self._offers("convokit_stores", StoreOffer)
        self.dispatchers: Mapping[str, DispatcherOffer] = self._offers("convokit_dispatchers", DispatcherOffer)
        self.directory: Directory | None = self.manager.hook.convokit_directory()
        self.reminders: Reminders | None = cast("Reminders | None", self._host_gives("convokit_reminders", "due_for"))
        self.records: Records | None = cast("Records | None", self._host_gives("convokit_records", "file"))
        self._changed = self.manager.hook.convokit_changed.get_hookimpls()
        self._settled = self.manager.hook.convokit_settled.get_hookimpls()
        self._payment_settled = self.manager.hook.convokit_payment_settled.get_hookimpls()
        measured = self.manager.hook.convokit_measured.get_hookimpls()
        self.measures: Measures = Measures(partial(self._tell_measured, measured) if measured else None)

    def plugin(self, name: str) -> object:
        """An enabled plugin by name.

        Raises:
            ConfigurationError: ``plugin.not_enabled``.
        """
        found = self.manager.get_plugin(name) if isinstance(name, str) else None
        if found is None:
            why = f"plugin {str(name)[:100]!r} is not enabled"
            raise ConfigurationError("plugin.not_enabled", why, field="plugins")
        return found

    def choose(self, practice_id: str, kind: str, offers: Mapping[str, T]) -> T | None:
        """The provider of a practice among those offered: the host's choice, else the only one, else ``None``.

        Raises:
            ConfigurationError: a code of :data:`convokit.plugins.choosing.KINDS` when the choice is not enabled, or
                several are and nobody chooses; ``plugin.raised``, ``plugin.late``, ``plugin.answer``.
        """
        name = cast("str | None", self._host_says("convokit_choose", str, practice_id=practice_id, kind=kind))
        return chosen(kind, name, offers)

    def check_settings(self, given: Mapping[str, Mapping[str, object]]) -> dict[str, dict[str, object]]:
        """The host's settings by provider, as far as they can be judged before the vault of a practice is asked:
        names and types always, and everything else where they are whole. Without a vault they have to be, and to be
        there for everything that is enabled: it would refuse every text, and its callbacks be anybody's.

        Raises:
            ConfigurationError: ``settings.mapping``, ``settings.provider`` when no enabled plugin offers it,
                ``settings.unknown``, ``settings.missing``, ``settings.type``, ``settings.value``,
                ``settings.secret_weak``.
        """
        has_vault = bool(self.manager.hook.convokit_settings.get_hookimpls())
        if not isinstance(given, Mapping) or not all(isinstance(values, Mapping) for values in given.values()):
            why = 'settings= maps providers to their settings: {"kannel": {"send_url": ...}}'
            raise ConfigurationError("settings.mapping", why, field="settings", limit="Mapping")
        for provider, values in given.items():
            kinds = [found[provider].settings for found in self.with_settings() if provider in found]
            if not kinds:
                raise self._unknown_provider(str(provider))
            if len(kinds) == 1:  # a carrier and a mailer of one name: whose setting it is cannot be told
                check_given(kinds[0], values, provider, may_be_incomplete=has_vault)
        for provider, kind in () if has_vault else self._without(given):
            check_given(kind, {}, provider, may_be_incomplete=False)
        return {provider: dict(values) for provider, values in given.items()}

    def _without(self, given: Mapping[str, object]) -> list[tuple[str, type[object]]]:
        """What is enabled and was given no settings, with what it takes."""
        offered = [(name, one.settings) for found in self.with_settings() for name, one in found.items()]
        return [(name, kind) for name, kind in offered if name not in given]

    def with_settings(self) -> Sequence[Mapping[str, Provider]]:
        """Everything offered that has settings, by kind."""
        return (self.gateways, self.mailers, self.payment_providers, self.push_transports, self.dispatchers)

    def _unknown_provider(self, name: str) -> ConfigurationError:
        offered = sorted({offer for offers in self.with_settings() for offer in offers})
        near = difflib.get_close_matches(name, offered, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"offered: {', '.join(offered) or 'nothing'}"
        why = f"no enabled plugin offers {name[:60]!r}; {hint}"
        return ConfigurationError("settings.provider", why, field="settings")

    def settings(self, practice_id: str, kind: str, provider: str) -> Mapping[str, object]:
        """What the host's vault says for a provider; empty if it says nothing."""
        found = self._host_says("convokit_settings", Mapping, practice_id=practice_id, kind=kind, provider=provider)
        return cast("Mapping[str, object]", found if found is not None else {})

    def _host_says(self, hook: str, wanted: type[object], **values: str) -> object:
        """A hook's answer of the right kind. Whatever goes wrong is this practice's trouble, and nobody else's."""
        asked = getattr(self.manager.hook, hook)
        who = f"{hook} for practice {values['practice_id']}"
        try:
            answer: object = self.calls.call(who, lambda: asked(**values)) if asked.get_hookimpls() else None
        except PluginFailed as failed:  # a vault that is away, a plugin's mistake
            code, words = ("plugin.late", "gave") if failed.is_late else ("plugin.raised", "raised")
            raise ConfigurationError(code, f"{hook} {words} {failed}", field=hook) from None
        if answer is not None and not isinstance(answer, wanted):
            raise ConfigurationError(
                "plugin.answer", f"{hook} gave {type(answer).__name__}, not {wanted.__name__}", field=hook
            )
        return answer

    def veto(self, practice_id: str, effect: Effect) -> str | None:
        """Why an effect must not be performed, or ``None``. A veto that raises is a veto: it can only subtract.

        Raises:
            PluginFailed: it gave no answer in time, so nobody knows, and the effect has to wait.
        """
        asked = self.manager.hook.convokit_veto
        if not asked.get_hookimpls():
            return None
        try:
            # A copy: what leaves is what was decided, whatever a plugin does to what it is shown.
            shown = copy(effect)
            veto: Callable[[], str | None] = partial(asked, practice_id=practice_id, effect=shown)
            return self.calls.call(f"convokit_veto for practice {practice_id}", veto)
        except PluginFailed as failed:
            if failed.is_late:
                raise
            log_fault(_log, f"convokit_veto raised for practice {practice_id}", failed.error)
            return f"the veto hook failed ({failed})"

    def tell_changed(self, practice_id: str, conversation_id: str, change: int) -> None:
        """Tell the observers, one by one."""
        if self._changed:
            self._tell(self._changed, practice_id=practice_id, conversation_id=conversation_id, change=change)

    def tell_settled(self, practice_id: str, effect: Effect, outcome: Outcome) -> None:
        """Tell the observers, one by one."""
        if self._settled:
            self._tell(self._settled, practice_id=practice_id, effect=copy(effect), outcome=copy(outcome))

    def tell_payment_settled(self, practice_id: str, payment: Payment) -> None:
        """Tell the observers, one by one."""
        if self._payment_settled:
            self._tell(self._payment_settled, practice_id=practice_id, payment=payment)

    def _tell_measured(self, observers: list[pluggy.HookImpl], measured: Measured) -> None:
        self._tell(observers, **attrs.asdict(measured))

    def _tell(self, observers: list[pluggy.HookImpl], **values: object) -> None:
        """One that raises or hangs must not stop the others, nor the host."""
        calls = [
            (f"plugin {one.plugin_name}", partial(one.function, *[values[name] for name in one.argnames]))
            for one in observers
        ]
        for observer, failed in zip(observers, self.calls.each(calls), strict=True):
            if failed is not None and failed.asked:
                log_fault(_log, f"an observer of plugin {observer.plugin_name} failed", failed.error)

    def _add_records(self, plugin: object | None) -> None:
        if plugin is None:
            return
        known = self.manager.hook.convokit_records.get_hookimpls()
        if known:
            why = f"plugin {known[0].plugin_name!r} has convokit_records, so records= must not name another place"
            raise ConfigurationError("records.twice", why, field="records", limit="1 place")
        self.plugins = (*self.plugins, add(self.manager, plugin))

    def _host_gives(self, hook: str, method: str) -> object | None:
        """What the host's plugin gives as its own data; the one that is enabled last is asked first, as pluggy asks."""
        for impl in reversed(getattr(self.manager.hook, hook).get_hookimpls()):
            who = f"plugin {impl.plugin_name!r}"
            try:
                found: object = impl.function()
            except BaseException as error:  # whatever a plugin raises
                contain(error)
                why = f"{who}: {hook} raised {type(error).__name__}: {error}"
                raise ConfigurationError("plugin.raised", why, field="plugins") from error
            if found is None:
                continue
            given = getattr(found, method, None)
            if inspect.iscoroutinefunction(given):
                why = f"{who}: {method} of what {hook} returned is async; it is called plainly"
                raise ConfigurationError("plugin.async", why, field="plugins")
            if not callable(given):
                why = f"{who}: what {hook} returned has no {method} method"
                raise ConfigurationError("plugin.offer", why, field="plugins")
            return found
        return None

    def _offers(self, hook: str, kind: type[Offer]) -> dict[str, Offer]:
        offers: dict[str, Offer] = {}
        makers: dict[str, str] = {}
        for found in self.plugins:
            for given in self._asked(found, hook):
                offer = _check_offer(found, given, kind)
                if offer.name in offers:
                    raise ConfigurationError(
                        "plugin.same_offer",
                        f"{makers[offer.name]} and {_named(found)} both offer {offer.name!r}",
                        field="plugins",
                    )
                offers[offer.name], makers[offer.name] = offer, _named(found)
        return offers

    def _asked(self, found: LoadedPlugin, hook: str) -> Iterable[object]:
        # Not pluggy's subset_hook_caller: it wants plugins that can be hashed, and a host's may be an attrs value.
        calls = [
            impl.function for impl in getattr(self.manager.hook, hook).get_hookimpls() if impl.plugin is found.plugin
        ]
        try:
            return [offer for call in calls for offer in call()]
        except BaseException as error:  # whatever a plugin raises
            contain(error)
            raise ConfigurationError(
                "plugin.raised", f"{_named(found)}: {hook} raised {type(error).__name__}: {error}", field="plugins"
            ) from error


def _named(found: LoadedPlugin) -> str:
    return f"plugin {found.name!r} ({found.source})"


def _check_offer(found: LoadedPlugin, offer: object, kind: type[Offer]) -> Offer:
    if not isinstance(offer, kind):
        raise ConfigurationError(
            "plugin.offer", f"{_named(found)} offered {type(offer).__name__}, not {kind.__name__}", field="plugins"
        )
    if offer.api > API:
        raise ConfigurationError(
            "plugin.api",
            f"{_named(found)} was written for plugin interface {offer.api}; this release speaks {API}",
            field="plugins",
            limit=str(API),
        )
    if isinstance(offer, Provider) and not attrs.has(offer.settings):
        raise ConfigurationError(
            "plugin.offer", f"{_named(found)}: the settings of {offer.name!r} are no attrs class", field="plugins"
        )
    return offer
