"""The page on PostgreSQL: its commands are run, in their order, on a server; its table is that of the code."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from postgres_cluster import Cluster, new_cluster

from convokit.cli import cli
from convokit.stores.sql.postgres import address

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "how-to" / "connect-postgresql.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def own_cluster() -> Iterator[Cluster]:
    """The page makes roles of its own."""
    cluster = new_cluster()
    for role in ("desk_owner", "desk_app"):
        cluster.admin(f"DROP ROLE {role}")
    yield cluster
    cluster.remove()


def test_the_page_works_from_top_to_bottom(own_cluster: Cluster, tmp_path: Path) -> None:
    for statement in blocks("sql")[0].split(";\n"):
        if statement.strip():
            own_cluster.admin(statement)
    server = f"127.0.0.1:{own_cluster.port}"
    command, printed = blocks("console")[1].removeprefix("$ ").split("\n", 1)
    _, *arguments = shlex.split(command.replace("db.example", server))
    done = CliRunner().invoke(cli, arguments)
    assert (done.exit_code, done.stdout) == (0, printed)
    ran = subprocess.run(
        [sys.executable, "-c", blocks("python")[0]],
        cwd=tmp_path,
        env={**os.environ, "DESK_DB": f"postgresql://desk_app@{server}/desk"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (0, blocks("output")[0]), ran.stderr
    assert own_cluster.admin("SELECT count(*) FROM convokit_conversation", "desk") == [(1,)]
    parts = blocks("console")[2].removeprefix("$ ").strip()
    own_cluster.admin("DROP DATABASE desk")
    own_cluster.admin("CREATE DATABASE desk OWNER desk_owner TEMPLATE template0 ENCODING 'UTF8'")
    assert CliRunner().invoke(cli, shlex.split(parts.replace("db.example", server))[1:]).exit_code == 0


def test_the_settings_in_the_url() -> None:
    cells = [line.strip("|").split("|") for line in PAGE.splitlines() if line.startswith("| `convokit_")]
    told = {name.strip().strip("`"): (default.strip().strip("`"), words) for name, default, words in cells}
    found = address.address_of("postgresql://x@h/d")
    assert told.keys() == address._OURS.keys() | address._SWITCHES.keys()
    assert told["convokit_connections"][0] == str(found.connections)
    assert int(told["convokit_statement_seconds"][0]) * 1000 == found.statement_ms
    assert (told["convokit_prepare"][0], told["convokit_role"][0]) == ("on", "app")
    assert (found.prepare, found.owner) == (True, False)
    for name, (low, high) in address._OURS.items():
        assert f"{low} to {high:,}" in told[name][1]
