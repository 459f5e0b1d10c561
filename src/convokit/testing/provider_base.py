"""What the contracts of all sans-I/O providers share: how one is built, watched, and asked to show what it declares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import ClassVar, Protocol

import attrs
import pytest
from attrs import frozen

from convokit.errors import ConvokitError
from convokit.plugins.settings import build_settings
from convokit.testing.contract import Cases, Contract
from convokit.testing.guards import LEAST_SECRET, hold_back, no_input_or_output, nothing_is_logged
from convokit.testing.situations import Situation

LEAST_REASON = 15
"""Characters. A waiver says why the provider has no such thing."""


class Offer(Protocol):
    """What the offers of all kinds of providers have."""

    @property
    def name(self) -> str: ...
    @property
    def settings(self) -> type[object]: ...
    @property
    def build(self) -> Callable[..., object]: ...
    @property
    def api(self) -> int: ...


@frozen(kw_only=True)
class Shown:
    """What one row claims to show, and what it tells."""

    label: str
    situation: str
    told: tuple[object, ...]


class ProviderBase(Contract):
    """A provider that is built from settings and does no input or output itself.

    Attributes:
        settings: the settings of a practice, as a host's vault would give them; with secrets that look like real ones.
        secrets: the names of those settings that are secret.
        waived: required situations that this provider cannot have, each with the reason.
    """

    settings: ClassVar[Mapping[str, object]] = {}
    secrets: ClassVar[tuple[str, ...]] = ()
    waived: ClassVar[Mapping[str, str]] = {}

    # --- what the contracts of the kinds say --------------------------------------------------------------------------
    def the_offer(self) -> Offer:
        """The offer under test."""
        raise NotImplementedError

    def situations(self) -> Mapping[str, Situation]:
        """What must be shown or waived."""
        raise NotImplementedError

    def waivable(self) -> Iterable[str]:
        """What else may be waived."""
        return ()

    def shown(self) -> Iterator[Shown]:
        """What the rows claim to show."""
        raise NotImplementedError

    def capabilities(self) -> Mapping[str, tuple[bool, bool]]:
        """Each capability: whether it is declared, and whether a row shows or uses it."""
        return {}

    # --- help ---------------------------------------------------------------------------------------------------------
    def secret_values(self) -> tuple[str, ...]:
        """The secrets themselves."""
        return tuple(str(self.settings[name]) for name in self.secrets if name in self.settings)

    def built(self, others: Mapping[str, object] | None = None) -> object:
        """A provider with the settings of the contract, some of them replaced."""
        offer = self.the_offer()
        return offer.build(build_settings(offer.settings, {**self.settings, **(others or {})}, offer.name))

    def cases(self) -> Mapping[str, Callable[[], Cases]]:
        return {
            **super().cases(),
            "situation": lambda: {name: name for name in self.situations()},
            "secret": lambda: {name: name for name in self.secrets},
        }

    def private_words(self) -> Iterator[str]:
        """What clients and staff wrote in the rows: it must not be logged either."""
        return iter(())

    def guarded(self) -> tuple[str, ...]:
        """Everything that no log may show: the secrets, and the words that are long enough to be looked for."""
        return (*self.secret_values(), *(text for text in self.private_words() if len(text) >= LEAST_SECRET))

    @pytest.fixture(autouse=True)
    def _nothing_leaks(self, capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
        with nothing_is_logged(self.guarded()):
            yield
        hold_back(self.guarded(), "".join(capsys.readouterr()), "what was printed")

    @pytest.fixture(autouse=True)
    def _no_input_or_output(self) -> Iterator[None]:
        with no_input_or_output():
            yield

    # --- tests --------------------------------------------------------------------------------------------------------
    def test_the_offer_is_a_recipe_with_frozen_settings(self) -> None:
        offer = self.the_offer()
        assert offer.name
        assert offer.name == offer.name.lower()
        assert offer.api == 1
        assert attrs.has(offer.settings)
        made = build_settings(offer.settings, self.settings, offer.name)
        for name, value in self.settings.items():
            with pytest.raises(attrs.exceptions.FrozenError):  # settings are shared by threads
                setattr(made, name, value)

    def test_p19_secrets_are_named_and_do_not_show(self) -> None:
        values = self.secret_values()
        assert len(values) == len(self.secrets), "a secret is named that is no setting of the contract"
        assert all(len(value) >= LEAST_SECRET for value in values), "a secret that is too short to be looked for"
        provider = self.built()
        offer = self.the_offer()
        made = build_settings(offer.settings, self.settings, offer.name)
        hold_back(values, f"{provider!r} {made!r} {made}", "a repr")

    def test_p19_a_secret_that_is_refused_does_not_show(self, secret: str) -> None:
        good = str(self.settings[secret])
        for wrong in (f"{good}\n", f" {good}", f"{good}é\x00", good[: LEAST_SECRET - 1]):
            try:
                self.built({secret: wrong})
            except ConvokitError as error:
                hold_back((wrong.strip(),), f"{error!s} {error!r}", f"the error about {secret}")

    def test_a_required_situation_is_shown_or_waived(self, situation: str) -> None:
        wanted, reason = self.situations()[situation], self.waived.get(situation)
        found = [one for one in self.shown() if one.situation == situation]
        if reason is not None:
            assert wanted.waivable, f"{situation!r} can happen with every provider and cannot be waived"
            assert len(reason) >= LEAST_REASON, f"{situation!r} is waived without a reason"
            assert not found, f"{situation!r} is waived, and shown by {found[0].label!r}"
            return
        if not found:  # the form: one line for each blank, without a traceback
            why = "show it" if not wanted.waivable else "show it, or waive it with a reason"
            pytest.fail(f"no row shows {situation!r} ({wanted.meaning}); {why}", pytrace=False)
        for one in found:
            assert any(map(wanted.fits, one.told)), f"{one.label!r} does not show {situation!r}: {wanted.expects}"

    def test_nothing_unknown_is_shown_or_waived(self) -> None:
        known = {*self.situations(), *self.capabilities(), *self.waivable()}
        claimed = {one.situation for one in self.shown()} | set(self.waived)
        assert claimed <= known, f"the contract knows no {sorted(claimed - known)}"

    def test_what_is_declared_is_shown_and_nothing_else_is_used(self) -> None:
        for capability, (declared, used) in self.capabilities().items():
            assert used or not declared, f"{capability} is declared, and no row shows it"
            assert declared or not used, f"a row uses {capability}, which is not declared"
