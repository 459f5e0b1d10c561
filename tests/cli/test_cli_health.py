"""The worker's health page, and the doctor who asks it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import click
import pytest
from click.testing import CliRunner
from odd_gateway import OddGateway, OddPlugin

import convokit
from convokit.cli import cli
from convokit.cli.health_server import Address, serving


def doctor(url: str) -> dict[str, dict[str, Any]]:
    done = CliRunner().invoke(cli, ["doctor", "--health", url, "--json"])
    return {found["about"]: found for found in json.loads(done.output)}


@contextmanager
def served(kit: convokit.Convokit) -> Iterator[str]:
    with serving(kit, ("127.0.0.1", 0)) as url:
        assert url is not None
        yield url


def sick_kit() -> convokit.Convokit:
    kit = convokit.open(
        "memory:",
        plugins=[OddPlugin(OddGateway(outcome=ConnectionError()))],
        plugin_limits=convokit.PluginLimits(failures=1),
    )
    kit.add_practice(convokit.Practice(id="paws", name="Paws", region="US", numbers=["+13035550100"]))
    desk = kit.practice("paws")
    for number in range(2):
        who = convokit.Client(id=f"c{number}", name="A", phone=f"+1303555012{number}")
        desk.send(desk.start(client=who, channel="sms", by=convokit.Staff(id="u1", name="K")).id, "x", by=KIM)
    kit.work()
    return kit


KIM = convokit.Staff(id="u1", name="Dr. Kim")


def test_the_doctor_asks_a_running_worker() -> None:
    with sick_kit() as kit, served(kit) as url:
        found = doctor(url)
        assert (found["health"]["state"], found["queue"]["state"]) == ("warn", "warn")
        assert found["queue"]["words"].startswith("1 texts wait, the oldest for ")
        assert found["queue"]["words"].endswith("no worker runs there")
        one = found["sms of practice paws"]
        assert (one["state"], one["words"].partition(";")[0]) == (
            "warn",
            "odd failed 1 times in a row and is left alone",
        )
        kit.close()
        assert doctor(url)["health"]["state"] == "fail"
        with pytest.raises(HTTPError, match="503"):
            urlopen(url, timeout=5)


def test_what_is_no_health_page(tmp_path: Path) -> None:
    with sick_kit() as kit, serving_something_else(kit) as url:
        assert doctor(url)["health"]["words"] == "what answers there is no health page of convokit"
    assert doctor(url)["health"]["words"].startswith("no health page answers (")
    assert doctor("file:///etc/hostname")["health"]["words"] == "--health is the http or https URL of a health page"


@contextmanager
def serving_something_else(kit: convokit.Convokit) -> Iterator[str]:
    kit.health_page = lambda request: convokit.HttpResponse(status=200, body=b'{"state": "ok"}')  # type: ignore[method-assign]
    with served(kit) as url:
        yield url


@pytest.mark.parametrize("given", ["9464", "h:", ":9464", "h:x", "h:70000", "h:٣"])
def test_an_address_that_is_none(given: str) -> None:
    done = CliRunner().invoke(cli, ["worker", "--db", "memory:", "--health", given])
    assert done.exit_code == 2
    assert "is no address; 127.0.0.1:9464 is one" in done.output


def test_an_address_in_brackets_and_one_that_is_taken() -> None:
    assert Address().convert("[::1]:80", None, None) == ("::1", 80)
    assert Address().convert(("h", 1), None, None) == ("h", 1)
    with sick_kit() as kit, served(kit) as url:
        port = int(url.rstrip("/").rpartition(":")[2])
        with pytest.raises(click.ClickException, match="cannot be served"), serving(kit, ("127.0.0.1", port)):
            raise AssertionError("it is taken")
        with serving(kit, None) as none:
            assert none is None
