"""Every carrier, payment provider and push transport here keeps all contracts of its kind, and of distributions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from tree import plugins

CARRIERS = [plugin for plugin in plugins() if plugin.name.startswith("convokit-sms-")]
CONTRACTS = {"SmsGatewayContract", "SmsJourneyContract", "PluginContract"}
OF_SESSIONS = {"SmsSessionContract", "PluginContract"}
PUSHES = [plugin for plugin in plugins() if plugin.name.startswith("convokit-push-")]
PROVIDERS = [plugin for plugin in plugins() if plugin.name.startswith("convokit-pay-")]


def contracts(plugin: Path) -> Iterator[str]:
    """The classes that tests of a plugin are derived from."""
    for file in (plugin / "tests").glob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
                yield from (base.id for base in node.bases if isinstance(base, ast.Name))


@pytest.mark.parametrize("plugin", CARRIERS, ids=lambda plugin: plugin.name)
def test_p03_every_carrier_keeps_every_contract(plugin: Path) -> None:
    kept = set(contracts(plugin))
    assert kept >= (OF_SESSIONS if "SmsSessionContract" in kept else CONTRACTS)


@pytest.mark.parametrize("plugin", PROVIDERS, ids=lambda plugin: plugin.name)
def test_p08_every_payment_provider_keeps_every_contract(plugin: Path) -> None:
    assert set(contracts(plugin)) >= {"PaymentProviderContract", "PluginContract"}


@pytest.mark.parametrize("plugin", PUSHES, ids=lambda plugin: plugin.name)
def test_every_push_transport_keeps_every_contract(plugin: Path) -> None:
    assert set(contracts(plugin)) >= {"PushTransportContract", "PluginContract"}


def test_there_are_carriers_payment_providers_and_push_transports() -> None:
    assert len(CARRIERS) >= 2
    assert PROVIDERS
    assert PUSHES
