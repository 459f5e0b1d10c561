"""The plugin of the page "Write a carrier", packaged as the page says, is found and carries texts."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from command import convokit, environment

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "write-a-carrier.md"
SETTINGS = {"pigeon": {"api_key": "k", "signing_secret": "s"}}
OPEN = f"""
import convokit
with convokit.open("memory:", plugins=["pigeon"], settings={SETTINGS!r}) as kit:
    kit.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws", region="US", numbers=["+13035550100"]))
    print([(plugin.name, plugin.source) for plugin in kit.catalogue.plugins], bool(kit.webhook_path("happy-paws")))
"""


def _blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def _installed(site: Path) -> str:
    """Lay the page's distribution into a folder as pip would; returns what PYTHONPATH must be."""
    text = PAGE.read_text(encoding="utf-8")
    (project,) = map(tomllib.loads, _blocks(text, "toml"))
    about = project["project"]
    module = about["name"].replace("-", "_")
    code = "\n\n".join(_blocks(text.partition("## Test it")[0], "python"))
    (site / f"{module}.py").write_text(code, encoding="utf-8")
    info = site / f"{module}-{about['version']}.dist-info"
    info.mkdir()
    metadata = f"Metadata-Version: 2.1\nName: {about['name']}\nVersion: {about['version']}\n"
    (info / "METADATA").write_text(metadata, encoding="utf-8")
    points = "".join(f"{name} = {value}\n" for name, value in about["entry-points"]["convokit"].items())
    (info / "entry_points.txt").write_text(f"[convokit]\n{points}", encoding="utf-8")
    return str(site)


def test_the_pages_plugin_is_found_by_its_name(tmp_path: Path) -> None:
    path = _installed(tmp_path)
    command = [sys.executable, "-c", OPEN]
    done = subprocess.run(command, env=environment(PYTHONPATH=path), capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[('pigeon', 'convokit-sms-pigeon 0.1.0')] True\n", "")


def test_the_command_sees_it_too(tmp_path: Path) -> None:
    done = convokit("plugins", "--plugin", "pigeon", PYTHONPATH=_installed(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert "pigeon              enabled    convokit-sms-pigeon 0.1.0   1    carrier pigeon" in done.stdout
