"""The contract of a plugin as a distribution: how it is named, packaged, found, described and imported.

Subclass beside the contract of what it offers::

    class TestDistribution(PluginContract):
        distribution = "convokit-sms-pigeon"
        settings = {"pigeon": {"api_key": "pk_0123456789", "signing_secret": "whsec_0123456789"}}
"""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import Distribution, EntryPoint, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar, Final

import attrs
from packaging.requirements import Requirement

from convokit.plugins import PROJECT
from convokit.plugins.catalogue import API, Catalogue, Provider
from convokit.plugins.settings import build_settings
from convokit.ports.secret import Secret
from convokit.testing.contract import Contract

_NAME: Final = re.compile(r"convokit(-[a-z0-9]+)+")
_OFFERED: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_SECRET: Final = re.compile(r"secret|password|passphrase|token|api_?key|private|credential|dsn")
_NOT_SECRET: Final = re.compile(r"_(sid|id|url|user|name)$|public")
_HEAVY: Final = ("httpx", "httpx2", "requests", "aiohttp", "sqlalchemy", "alembic", "fpdf", "PIL", "phonenumbers")
_LOOK: Final = """
import json, sys, threading
before = set(sys.modules)
from convokit.plugins.loading import installed
sys.stdout.flush()
found = {"early": sorted(set(sys.modules) - before)}
__import__(sys.argv[1])
found["modules"], found["threads"] = sorted(sys.modules), threading.active_count()
print("\\x1e" + json.dumps(found))
"""


class PluginContract(Contract):
    """How a plugin's distribution must be.

    Attributes:
        distribution: its name on the package index.
        settings: for everything that it offers, by the offer's name: settings that are good.
    """

    distribution: ClassVar[str]
    settings: ClassVar[Mapping[str, Mapping[str, object]]] = {}

    # --- help ---------------------------------------------------------------------------------------------------------
    def dist(self) -> Distribution:
        """The installed distribution."""
        return distribution(self.distribution)

    def points(self) -> list[EntryPoint]:
        """Its entry points for convokit."""
        return [point for point in self.dist().entry_points if point.group == PROJECT]

    def module(self) -> str:
        """The package that its name promises: ``convokit_sms_pigeon``."""
        return self.distribution.replace("-", "_")

    def offers(self) -> Iterator[Provider]:
        """Everything that it offers and that is built from settings."""
        for point in self.points():
            catalogue = Catalogue([point.name])
            yield from (offer for offers in catalogue.with_settings() for offer in offers.values())

    def readme(self) -> str:
        """What the package index shows."""
        return str(self.dist().metadata.json.get("description", ""))

    def looked(self) -> dict[str, object]:
        """What importing it does, seen from a fresh interpreter."""
        paths = os.pathsep.join(path for path in sys.path if path)
        command = [sys.executable, "-c", _LOOK, self.module()]
        ran = subprocess.run(  # noqa: S603 - this interpreter
            command, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=False, timeout=120
        )
        assert ran.returncode == 0, f"it cannot be imported alone:\n{ran.stderr[-2000:]}"
        said, _, told = ran.stdout.partition("\x1e")
        assert not said.strip(), "importing it prints something"
        assert not ran.stderr.strip(), f"importing it warns:\n{ran.stderr[-2000:]}"
        found: dict[str, object] = json.loads(told)
        return found

    # --- packaging ----------------------------------------------------------------------------------------------------
    def test_it_is_named_by_its_kind_and_by_what_it_is_for(self) -> None:
        assert _NAME.fullmatch(self.distribution), "a plugin's distribution is called convokit-<kind>-<name>"
        assert self.dist().metadata["Name"] == self.distribution
        assert find_spec(self.module()) is not None, f"its package is not called {self.module()}"

    def test_it_says_what_it_is(self) -> None:
        metadata = self.dist().metadata
        for name in ("Summary", "Version", "Requires-Python"):
            assert metadata[name], f"{name} is missing"
        assert metadata["License-Expression"] or metadata["License"], "no licence"

    def test_it_asks_for_a_range_of_convokit(self) -> None:
        asked = [Requirement(one) for one in self.dist().requires or ()]
        # "convokit" alone is somebody else's distribution, with the same import name.
        assert not [one for one in asked if one.name == "convokit"], "convokit is another project: ask for convokit-vet"
        ours = [one for one in asked if one.name == "convokit-vet"]
        assert len(ours) == 1, "it does not ask for convokit-vet, once"
        operators = {one.operator for one in ours[0].specifier}
        assert ">=" in operators, "the oldest convokit-vet that it works with is not said"
        assert not operators & {"==", "===", "~="}, "a pin would hold back every host"

    def test_its_types_are_shipped(self) -> None:
        spec = find_spec(self.module())
        assert spec is not None
        assert spec.submodule_search_locations, f"{self.module()} is no package"
        folder = Path(next(iter(spec.submodule_search_locations)))
        assert (folder / "py.typed").is_file(), "py.typed is missing"

    # --- finding and importing ----------------------------------------------------------------------------------------
    def test_p12_it_is_found_by_the_name_of_an_entry_point(self) -> None:
        points = self.points()
        assert points, f"no entry point in the group {PROJECT!r}"
        for point in points:
            assert point.module.partition(".")[0] == self.module()
            assert _OFFERED.fullmatch(point.name), f"{point.name!r}: small letters, digits and hyphens"
            (loaded,) = Catalogue([point.name]).plugins
            assert loaded.source.startswith(f"{self.distribution} ")

    def test_p12_it_is_imported_when_it_is_enabled_and_not_before(self) -> None:
        early = self.looked()["early"]
        assert isinstance(early, list)
        assert not [name for name in early if name.partition(".")[0] == self.module()]

    def test_importing_it_costs_little_and_starts_nothing(self) -> None:
        found = self.looked()
        assert found["threads"] == 1, "importing it starts a thread"
        modules = found["modules"]
        assert isinstance(modules, list)
        heavy = sorted({name.partition(".")[0] for name in modules} & set(_HEAVY))
        assert not heavy, f"importing it imports {', '.join(heavy)}; import it where it is used"

    # --- what it offers -----------------------------------------------------------------------------------------------
    def test_what_it_offers_has_a_name_and_settings(self) -> None:
        for offer in self.offers():
            assert _OFFERED.fullmatch(offer.name), f"{offer.name!r}: small letters, digits and hyphens"
            assert offer.api <= API
            assert offer.name in self.settings, f"the contract has no settings for {offer.name!r}"
            made = [build_settings(offer.settings, self.settings[offer.name], offer.name) for _ in range(2)]
            assert made[0] == made[1], "the same settings are not equal"

    def test_settings_are_frozen_and_named(self) -> None:
        for offer in self.offers():
            made = build_settings(offer.settings, self.settings[offer.name], offer.name)
            for one in _fields(offer):
                assert one.kw_only, f"{one.name} can be given without its name"
                try:
                    setattr(made, one.name, getattr(made, one.name))
                except attrs.exceptions.FrozenError:
                    continue
                raise AssertionError(f"{one.name} can be changed")

    def test_p19_what_looks_like_a_secret_is_kept_out_of_the_repr(self) -> None:
        for offer in self.offers():
            made = build_settings(offer.settings, self.settings[offer.name], offer.name)
            secrets = [one for one in _fields(offer) if _is_secret(one.name) and getattr(made, one.name) is not None]
            shown = [one.name for one in secrets if one.repr and not isinstance(getattr(made, one.name), Secret)]
            assert not shown, f"no Secret, and repr=False is missing: {', '.join(shown)}"

    def test_every_setting_is_explained(self) -> None:
        readme = self.readme()
        assert readme.strip(), "the distribution has no README"
        for offer in self.offers():
            explained = inspect.getdoc(offer.settings) or ""
            for one in _fields(offer):
                assert f"`{one.name}`" in readme, f"the README does not explain {one.name}"
                assert re.search(rf"\b{one.name}\b", explained), f"the settings' docstring does not explain {one.name}"

    def test_the_readme_says_how_to_install_it(self) -> None:
        assert f"pip install {self.distribution}" in self.readme()


def _fields(offer: Provider) -> tuple[attrs.Attribute[object], ...]:
    found: tuple[attrs.Attribute[object], ...] = attrs.fields(offer.settings)  # type: ignore[arg-type]  # checked when loaded
    return found


def _is_secret(name: str) -> bool:
    return bool(_SECRET.search(name)) and not _NOT_SECRET.search(name)
