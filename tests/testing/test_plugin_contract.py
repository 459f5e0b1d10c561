"""The contract of distributions itself: a good one passes it, and every kind of bad one is found out."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from contract_runner import failures, variant

from convokit.testing import PluginContract

CODE = '''
"""Texts by owl."""
from attrs import field, frozen
from convokit.outcomes import Accepted
from convokit.plugins import hookimpl
from convokit.ports.sms import SmsGatewayOffer, Unverified


@frozen(kw_only=True)
class OwlSettings:
    """What Owl needs.

    Attributes:
        api_key: the key of the account.
        account_sid: the account.
    """

    api_key: str = field(repr=False)
    account_sid: str


@frozen
class Owl:
    settings: OwlSettings

    def send(self, message):
        return Accepted()
        yield

    def read_webhook(self, request):
        return Unverified(why="never")


@hookimpl
def convokit_sms_gateways():
    return [SmsGatewayOffer(name="owl", settings=OwlSettings, build=Owl)]
'''
METADATA = """Metadata-Version: 2.4
Name: convokit-sms-owl
Version: 0.1.0
Summary: Texting by owl.
License-Expression: MIT
Requires-Python: >=3.11
Requires-Dist: convokit-vet>=0.1
Requires-Dist: attrs>=25.4
Description-Content-Type: text/markdown

# convokit-sms-owl

`pip install convokit-sms-owl`. Settings: `api_key`, `account_sid`.
"""
SETTINGS = {"owl": {"api_key": "k_0123456789", "account_sid": "AC1"}}
POINTS = "[convokit]\nowl = convokit_sms_owl\n"


class OwlContract(PluginContract):
    distribution = "convokit-sms-owl"
    settings = SETTINGS


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with the distribution as pip lays it out."""
    package, info = tmp_path / "convokit_sms_owl", tmp_path / "convokit_sms_owl-0.1.0.dist-info"
    package.mkdir()
    info.mkdir()
    (package / "__init__.py").write_text(CODE)
    (package / "py.typed").touch()
    (info / "METADATA").write_text(METADATA)
    (info / "entry_points.txt").write_text(POINTS)
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    yield tmp_path
    sys.modules.pop("convokit_sms_owl", None)


def test_a_good_distribution_passes(site: Path) -> None:
    assert failures(OwlContract) == {}


CHANGES: list[tuple[str, str, str, str]] = [
    # which file, what is replaced, by what, and the test that finds it out
    ("METADATA", "convokit-vet>=0.1", "convokit>=0.1", "test_it_asks_for_a_range_of_convokit"),
    ("METADATA", "convokit-vet>=0.1", "convokit-vet==0.1.0", "test_it_asks_for_a_range_of_convokit"),
    ("METADATA", "convokit-vet>=0.1", "convokit-vet", "test_it_asks_for_a_range_of_convokit"),
    ("METADATA", "Requires-Dist: convokit-vet>=0.1\n", "", "test_it_asks_for_a_range_of_convokit"),
    ("METADATA", "Summary: Texting by owl.\n", "", "test_it_says_what_it_is"),
    ("METADATA", "License-Expression: MIT\n", "", "test_it_says_what_it_is"),
    ("METADATA", "`account_sid`", "the account", "test_every_setting_is_explained"),
    ("METADATA", "pip install convokit-sms-owl", "install it", "test_the_readme_says_how_to_install_it"),
    ("METADATA", METADATA.partition("\n\n")[2], "", "test_every_setting_is_explained"),
    ("entry_points.txt", "[convokit]", "[other]", "test_p12_it_is_found_by_the_name_of_an_entry_point"),
    ("entry_points.txt", "owl =", "Owl_2 =", "test_p12_it_is_found_by_the_name_of_an_entry_point"),
    (
        "CODE",
        "def convokit_sms_gateways",
        "def convokit_sms_gateway",
        "test_p12_it_is_found_by_the_name_of_an_entry_point",
    ),
    ("CODE", 'name="owl"', 'name="Owl"', "test_what_it_offers_has_a_name_and_settings"),
    ("CODE", 'name="owl"', 'name="barn-owl"', "test_what_it_offers_has_a_name_and_settings"),
    (
        "CODE",
        "@hookimpl",
        "OwlSettings.__eq__ = lambda self, other: False\n@hookimpl",
        "test_what_it_offers_has_a_name_and_settings",
    ),
    ("CODE", "@frozen(kw_only=True)", "@frozen", "test_settings_are_frozen_and_named"),
    (
        "CODE",
        "@frozen(kw_only=True)",
        "from attrs import define\n@define(kw_only=True)",
        "test_settings_are_frozen_and_named",
    ),
    ("CODE", "field(repr=False)", "field()", "test_p19_what_looks_like_a_secret_is_kept_out_of_the_repr"),
    ("CODE", "        account_sid: the account.\n", "", "test_every_setting_is_explained"),
    ("CODE", '"""Texts by owl."""', "print('hello')", "test_importing_it_costs_little_and_starts_nothing"),
    ("CODE", '"""Texts by owl."""', "import sqlalchemy", "test_importing_it_costs_little_and_starts_nothing"),
    (
        "CODE",
        '"""Texts by owl."""',
        "import threading, time; threading.Thread(target=time.sleep, args=(2,), daemon=True).start()",
        "test_importing_it_costs_little_and_starts_nothing",
    ),
    ("CODE", '"""Texts by owl."""', "raise SystemExit(3)", "test_importing_it_costs_little_and_starts_nothing"),
    (
        "CODE",
        '"""Texts by owl."""',
        "import warnings; warnings.warn('old', stacklevel=1)",
        "test_importing_it_costs_little_and_starts_nothing",
    ),
]


@pytest.mark.parametrize(
    ("file", "old", "new", "name"), CHANGES, ids=[f"{n}-{row[3][5:40]}" for n, row in enumerate(CHANGES)]
)
def test_a_broken_distribution_is_found_out(site: Path, file: str, old: str, new: str, name: str) -> None:
    path = site / ("convokit_sms_owl/__init__.py" if file == "CODE" else f"convokit_sms_owl-0.1.0.dist-info/{file}")
    before = path.read_text()
    assert old in before
    path.write_text(before.replace(old, new, 1))
    assert failures(OwlContract, name)


def test_untyped_ones_are_found_out(site: Path) -> None:
    (site / "convokit_sms_owl" / "py.typed").unlink()
    assert failures(OwlContract, "test_its_types_are_shipped")


@pytest.mark.parametrize("name", ["owl", "convokit", "convokit_sms_owl", "convokit-sms-Owl"])
def test_other_names_are_found_out(site: Path, name: str) -> None:
    info = site / "convokit_sms_owl-0.1.0.dist-info"
    (info / "METADATA").write_text(METADATA.replace("Name: convokit-sms-owl", f"Name: {name}"))
    info.rename(site / f"{name.replace('-', '_').lower()}-0.1.0.dist-info")
    importlib.invalidate_caches()
    assert failures(variant(OwlContract, distribution=name), "test_it_is_named_by_its_kind_and_by_what_it_is_for")


def test_one_that_is_imported_before_it_is_enabled_is_found_out(site: Path) -> None:
    class Early(OwlContract):
        def looked(self) -> dict[str, object]:
            return {**super().looked(), "early": ["convokit_sms_owl.settings"]}

    name = "test_p12_it_is_imported_when_it_is_enabled_and_not_before"
    assert failures(Early, name)
    assert not failures(OwlContract, name)
