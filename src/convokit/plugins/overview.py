"""What is installed and enabled: name, distribution, version, hooks, and what each plugin declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import EntryPoint, version
from typing import Final, Literal, Protocol

import attrs
from attrs import frozen

from convokit.errors import ConfigurationError
from convokit.plugins.catalogue import Catalogue
from convokit.plugins.hookspecs import HOOKS
from convokit.plugins.loading import BUILT_IN, installed
from convokit.ports.payments import PaymentCapabilities
from convokit.ports.push import PushCapabilities
from convokit.ports.sms import Capabilities

CORE: Final = "convokit-vet"


class AnyOffer(Protocol):
    """What all offers have."""

    @property
    def name(self) -> str:
        """What the host calls it."""
        ...

    @property
    def api(self) -> int:
        """The version of the plugin interface that it was written for."""
        ...


@frozen(kw_only=True)
class PluginState:
    """A plugin as this environment has it.

    Attributes:
        name: by which it is enabled.
        state: ``"enabled"``; ``"installed"``: it could be enabled; ``"broken"``: it is enabled and does not work;
            ``"blocked"``: it is not enabled, and could not be. Of the last two ``problem`` says why.
        distribution, version: where it comes from; ``""`` where it is not installed. Several are separated by commas.
        hooks: those that it implements; empty as long as nothing of it was imported.
        api: the version of the plugin interface that its offers were written for; ``None``: it offers nothing, or
            nothing of it was imported.
        offers: in words: ``"carrier kannel"``.
        declares: the capabilities of each of them.
        problem: one line, without a secret.
    """

    name: str
    state: Literal["enabled", "installed", "broken", "blocked"]
    distribution: str = ""
    version: str = ""
    hooks: tuple[str, ...] = ()
    api: int | None = None
    offers: tuple[str, ...] = ()
    declares: Mapping[str, Mapping[str, object]] = {}
    problem: str | None = None

    @property
    def source(self) -> str:
        """Distribution and version, as in ``"convokit-sms-kannel 0.1.0"``."""
        if self.distribution == CORE:
            return "built in"
        return f"{self.distribution} {self.version}" if self.distribution else "not installed"


def plugin_states(enabled: Iterable[str]) -> list[PluginState]:
    """Every enabled plugin, tried one by one, then what else is installed, of which nothing is imported."""
    points = installed()
    names = list(dict.fromkeys(enabled))
    rest = sorted({*points, *BUILT_IN} - set(names))
    return [tried(name, points.get(name, [])) for name in names] + [_seen(name, points.get(name, [])) for name in rest]


def tried(name: str, points: list[EntryPoint] | None = None) -> PluginState:
    """A plugin that is imported and asked what it offers."""
    found = _found(name, installed().get(name, []) if points is None else points)
    try:
        catalogue = Catalogue([name])
    except ConfigurationError as error:
        return attrs.evolve(found, state="broken", problem=" ".join(str(error).split()))
    offers = list(_offers(catalogue))
    words = [f"{word} {offer.name}" for word, offer in offers]
    more = {
        "client directory": catalogue.directory,
        "past-due reminders": catalogue.reminders,
        "medical records": catalogue.records,
    }
    return attrs.evolve(
        found,
        state="enabled",
        hooks=tuple(hook for hook in HOOKS if getattr(catalogue.manager.hook, hook).get_hookimpls()),
        api=max((offer.api for _, offer in offers), default=None),
        offers=(*words, *(word for word, given in more.items() if given is not None)),
        declares={word: _declared(offer) for word, (_, offer) in zip(words, offers, strict=True)},
    )


def _seen(name: str, points: list[EntryPoint]) -> PluginState:
    """A plugin that nobody enabled: only its metadata is looked at."""
    found = _found(name, points)
    if len(points) > 1 or (points and name in BUILT_IN):
        return attrs.evolve(found, state="blocked", problem=f"several plugins are called {name!r}")
    wrong = [point.value for point in points if point.pattern.match(point.value) is None]
    if wrong:
        why = f"plugin {name!r}: {wrong[0][:100]!r} is not a valid entry point"
        return attrs.evolve(found, state="blocked", problem=why)
    return found


def _found(name: str, points: list[EntryPoint]) -> PluginState:
    sources = sorted({(point.dist.name, point.dist.version) for point in points if point.dist is not None})
    if name in BUILT_IN:
        sources = [(CORE, version(CORE)), *sources]
    return PluginState(
        name=name,
        state="installed",
        distribution=", ".join(distribution for distribution, _ in sources),
        version=", ".join(number for _, number in sources),
    )


def _offers(catalogue: Catalogue) -> Iterator[tuple[str, AnyOffer]]:
    kinds: tuple[tuple[str, Mapping[str, AnyOffer]], ...] = (
        ("carrier", catalogue.gateways),
        ("mailer", catalogue.mailers),
        ("payment provider", catalogue.payment_providers),
        ("push transport", catalogue.push_transports),
        ("store", catalogue.stores),
        ("media store", catalogue.media_stores),
        ("engine", catalogue.dispatchers),
    )
    for word, offers in kinds:
        yield from ((word, offer) for offer in offers.values())


def _declared(offer: AnyOffer) -> dict[str, object]:
    """Its capabilities, as plain values; of a store the schemes of its URLs."""
    capabilities = getattr(offer, "capabilities", None)
    if isinstance(capabilities, (Capabilities, PaymentCapabilities, PushCapabilities)):
        return attrs.asdict(capabilities, value_serializer=_plain)
    return {"schemes": list(getattr(offer, "schemes", ()))} if hasattr(offer, "schemes") else {}


def _plain(_: object, __: object, value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else value
