"""What is installed, enabled, broken and blocked, and what each plugin declares."""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from command import convokit, install

from convokit.plugins import inspecting
from convokit.plugins.inspecting import inspected
from convokit.plugins.overview import PluginState, plugin_states

OWL = """
from attrs import frozen
from convokit.domain.attachment import MediaLimits
from convokit.plugins import hookimpl
from convokit.ports.sms import Capabilities, SmsGatewayOffer

@frozen
class Settings:
    pass

TAKES = MediaLimits(types=frozenset({"image/png", "image/gif"}), bytes_each=9, bytes_together=9)

@hookimpl
def convokit_sms_gateways():
    able = Capabilities(polls=True, mms=TAKES)
    return [SmsGatewayOffer(name="owl", settings=Settings, build=lambda settings: None, capabilities=able)]

@hookimpl
def convokit_changed(change):
    pass
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder to install into, seen by this process and by those it starts."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]))
    monkeypatch.syspath_prepend(str(folder))
    before = set(sys.modules)
    yield folder
    for name in set(sys.modules) - before:
        if name.startswith("made_"):
            del sys.modules[name]


def put(site: Path, name: str, source: str) -> None:
    install(site, name, source)
    importlib.invalidate_caches()


def of(name: str, *enabled: str) -> PluginState:
    (found,) = [one for one in plugin_states(enabled) if one.name == name]
    return found


def test_an_enabled_plugin_tells_what_it_is(site: Path) -> None:
    put(site, "owl", OWL)
    owl = of("owl", "owl")
    assert (owl.state, owl.distribution, owl.version, owl.source) == ("enabled", "made-owl", "1.0", "made-owl 1.0")
    assert owl.hooks == ("convokit_sms_gateways", "convokit_changed")
    assert (owl.api, owl.offers, owl.problem) == (1, ("carrier owl",), None)
    declared = owl.declares["carrier owl"]
    assert (declared["polls"], declared["looks_up"]) == (True, False)
    assert declared["mms"] == {"types": ["image/gif", "image/png"], "bytes_each": 9, "bytes_together": 9, "files": 10}
    json.dumps(declared)


def test_p12_what_is_only_installed_is_not_imported(site: Path) -> None:
    put(site, "owl", OWL)
    owl = of("owl", "simulator")
    assert (owl.state, owl.version, owl.hooks, owl.api) == ("installed", "1.0", (), None)
    assert "made_owl" not in sys.modules


def test_p12_what_is_looked_into_is_not_imported_either(site: Path) -> None:
    put(site, "owl", OWL)
    enabled, seen = of("owl", "owl"), of("owl")
    del sys.modules["made_owl"]
    looked = inspected(seen)
    assert "made_owl" not in sys.modules
    assert (looked.state, looked.hooks, looked.api, looked.offers) == ("installed", *enabled_parts(enabled))
    assert looked.declares["carrier owl"]["mms"] == enabled.declares["carrier owl"]["mms"]


def enabled_parts(one: PluginState) -> tuple[object, ...]:
    return one.hooks, one.api, one.offers


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("raise RuntimeError('boom')", "RuntimeError: boom"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("import os; os._exit(3)", "exit code 3"),
        ("print('{}')\nx = 1", "it has no hook"),
        (OWL.replace('name="owl"', 'api=99, name="owl"'), "this release speaks 1"),
    ],
)
def test_p11_what_could_not_be_enabled_is_blocked_and_says_why(site: Path, source: str, words: str) -> None:
    put(site, "owl", source)
    looked = inspected(of("owl"))
    assert looked.state == "blocked"
    assert words in (looked.problem or "")


def test_p11_what_hangs_is_blocked(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(site, "owl", "import time; time.sleep(60)")
    monkeypatch.setattr(inspecting, "SECONDS", 1)
    assert inspected(of("owl")).problem == "plugin 'owl': importing it takes more than 1 seconds"


def test_two_with_one_name_are_blocked_and_both_are_named(site: Path) -> None:
    put(site, "owl", OWL)
    put(site, "barn", OWL)
    points = site / "made_barn-1.0.dist-info" / "entry_points.txt"
    points.write_text("[convokit]\nowl = made_barn\n", encoding="utf-8")
    importlib.invalidate_caches()
    owl = of("owl")
    assert (owl.state, owl.distribution, owl.version) == ("blocked", "made-barn, made-owl", "1.0, 1.0")
    assert owl.problem == "several plugins are called 'owl'"
    assert of("owl", "owl").state == "broken"


def test_a_name_of_ours_is_blocked(site: Path) -> None:
    put(site, "simulator", OWL)
    assert of("simulator").state == "blocked"


def test_an_entry_point_that_is_none_is_blocked(site: Path) -> None:
    put(site, "owl", OWL)
    points = site / "made_owl-1.0.dist-info" / "entry_points.txt"
    points.write_text("[convokit]\nowl = not a module\n", encoding="utf-8")
    importlib.invalidate_caches()
    assert of("owl").problem == "plugin 'owl': 'not a module' is not a valid entry point"


def test_what_is_built_in_has_our_version_and_what_is_nowhere_has_none() -> None:
    simulator, nothing = plugin_states(["simulator", "nothing"])[:2]
    assert (simulator.distribution, simulator.version) == ("convokit-vet", version("convokit-vet"))
    assert (simulator.state, simulator.source) == ("enabled", "built in")
    assert (nothing.state, nothing.source) == ("broken", "not installed")


def test_the_command_tells_hooks_and_blocked_ones(site: Path) -> None:
    put(site, "owl", OWL)
    put(site, "cracked", "raise RuntimeError('boom')")
    path = os.environ["PYTHONPATH"]
    done = convokit("plugins", "--plugin", "owl", "--inspect", PYTHONPATH=path)
    assert done.returncode == 0
    assert "  owl: convokit_sms_gateways, convokit_changed" in done.stdout.splitlines()
    told = [line.split()[:4] for line in done.stdout.splitlines()]
    assert [words for words in told if words[:1] in (["owl"], ["cracked"])] == [
        ["owl", "enabled", "made-owl", "1.0"],
        ["cracked", "blocked", "made-cracked", "1.0"],
    ]
    assert "convokit: [plugin.import_failed] plugin 'cracked'" in done.stderr
    (cracked,) = [
        one for one in json.loads(convokit("plugins", "--json", PYTHONPATH=path).stdout) if one["name"] == "cracked"
    ]
    assert (cracked["state"], cracked["hooks"], cracked["problem"]) == ("installed", [], None)
