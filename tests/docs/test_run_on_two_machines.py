"""The page on two machines: systemd reads its units, and the commands in them are ours."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from convokit.cli import cli

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "how-to" / "run-on-two-machines.md").read_text(encoding="utf-8")
UNITS = {
    Path(block.splitlines()[0].removeprefix("# ")).name: block
    for block in re.findall(r"^```ini\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
}


def test_which_units_there_are() -> None:
    assert sorted(UNITS) == ["desk-backup.service", "desk-backup.timer", "desk-web.service", "desk-worker.service"]


needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this machine has no systemd")


@needs_systemd
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """Its own check. Only the programs and the users are replaced, for this machine has none of them."""
    for name, unit in UNITS.items():
        here = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", unit, flags=re.MULTILINE)
        (tmp_path / name).write_text(re.sub(r"^User=\w+", "User=root", here, flags=re.MULTILINE), encoding="utf-8")
    command = ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / name) for name in UNITS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    said = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "desk-" in line]
    assert (done.returncode, said) == (0, []), done.stderr


@needs_systemd
def test_systemd_would_not_take_a_wrong_one(tmp_path: Path) -> None:
    unit = tmp_path / "desk-wrong.service"
    unit.write_text("[Service]\nExecStart=nowhere\nRestart=sometimes\n", encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, timeout=60, check=False
    )
    assert "desk-wrong" in done.stderr


def test_the_worker_is_started_as_the_command_can_be() -> None:
    (started,) = re.findall(r"^ExecStart=(.*)$", UNITS["desk-worker.service"], re.MULTILINE)
    program, name, *arguments = shlex.split(started)
    command = cli.get_command(click.Context(cli), name)
    assert program.endswith("/convokit")
    assert command is not None
    given = {word for word in arguments if word.startswith("--")}
    assert given <= {option for parameter in command.params for option in parameter.opts}


@pytest.mark.parametrize("variable", re.findall(r"^(CONVOKIT_\w+)=", PAGE, re.MULTILINE))
def test_the_settings_are_read_by_the_worker(variable: str) -> None:
    command = cli.get_command(click.Context(cli), "worker")
    assert command is not None
    known = {str(parameter.envvar) for parameter in command.params if parameter.envvar} | {"CONVOKIT_PLUGINS"}
    assert variable in known
